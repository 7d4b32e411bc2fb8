# Three-step analysis of latent classes with errors through all steps: Rscript threestep.R
#
# Step 1 is a latent class model of yes-or-no answers by EM, polished by optim; the table of
# classification errors is averaged from the posteriors; step 3 is maximised by optim. Errors are
# those of the stacked estimating equations of all three steps, whose slopes are taken numerically;
# likeliest classes are held. Nothing is shared with the Python code but the answers.
suppressPackageStartupMessages(library(jsonlite))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "lca.csv"))
table <- read.csv(file.path(here, "..", "tables", "cheating_gpa.csv"), colClasses = c(pattern = "character"))

softmax <- function(e) { e <- exp(e - apply(e, 1, max)); e / rowSums(e) }

# parameters: K - 1 logits of the shares, then K x J logits of a yes
joint <- function(theta, Y, K) {
  J <- ncol(Y)
  share <- softmax(matrix(c(0, theta[seq_len(K - 1)]), 1))
  yes <- plogis(matrix(theta[-seq_len(K - 1)], K, J))
  logs <- Y %*% t(log(yes)) + (1 - Y) %*% t(log(1 - yes))
  sweep(exp(logs), 2, share, "*")
}
posterior <- function(theta, Y, K) { p <- joint(theta, Y, K); p / rowSums(p) }
score1 <- function(theta, Y, K) {
  r <- posterior(theta, Y, K)
  share <- softmax(matrix(c(0, theta[seq_len(K - 1)]), 1))
  yes <- plogis(matrix(theta[-seq_len(K - 1)], K, ncol(Y)))
  own <- lapply(seq_len(ncol(Y)), function(j) r * outer(Y[, j], yes[, j], "-"))
  cbind(sweep(r, 2, share)[, -1, drop = FALSE], do.call(cbind, own))
}
step1 <- function(Y, K, starts = 20) {
  set.seed(1); best <- NULL
  for (s in seq_len(starts)) {
    r <- matrix(rexp(nrow(Y) * K), nrow(Y)); r <- r / rowSums(r)
    for (it in seq_len(800)) {
      share <- pmax(colMeans(r), 1e-6); yes <- pmin(pmax(crossprod(r, Y) / colSums(r), 1e-6), 1 - 1e-6)
      theta <- c(log(share[-1] / share[1]), qlogis(yes))
      r <- posterior(theta, Y, K)
    }
    value <- sum(log(rowSums(joint(theta, Y, K))))
    if (is.null(best) || value > best$value + 1e-8) best <- list(value = value, theta = theta)
  }
  order_ <- order(-c(1, exp(best$theta[seq_len(K - 1)])))
  yes <- matrix(best$theta[-seq_len(K - 1)], K)[order_, ]
  share <- c(0, best$theta[seq_len(K - 1)])[order_]
  theta <- c((share - share[1])[-1], yes)
  for (it in seq_len(10)) {  # to the zero of the score
    slope <- jacobian(function(t) colSums(score1(t, Y, K)), theta)
    theta <- theta - solve(slope, colSums(score1(theta, Y, K)))
  }
  theta
}
jacobian <- function(f, x, h = 1e-5) {
  sapply(seq_along(x), function(j) { e <- replace(numeric(length(x)), j, h); (f(x + e) - f(x - e)) / (2 * h) })
}
tabled <- function(theta, Y, K, put) {
  r <- posterior(theta, Y, K); crossprod(r, put) / colSums(r)
}
# stacked errors of the last parameters; psi3(beta, table) is (n, q), zero where not used
stacked <- function(theta, beta, Y, K, put, psi3) {
  D <- tabled(theta, Y, K, put)
  free <- function(D) D[, -K]
  whole <- function(v) { D <- matrix(v, K); cbind(D, 1 - rowSums(D)) }
  a <- length(theta); b <- length(free(D))
  psi <- function(v) {
    t <- v[seq_len(a)]; D <- whole(v[a + seq_len(b)]); r <- posterior(t, Y, K)
    moments <- do.call(cbind, lapply(seq_len(K - 1), function(s) r * outer(put[, s], D[, s], "-")))
    cbind(score1(t, Y, K), moments, psi3(v[-seq_len(a + b)], D))
  }
  v <- c(theta, free(D), beta)
  A <- jacobian(function(x) colSums(psi(x)), v)
  p <- psi(v)
  V <- solve(A, crossprod(p)) %*% t(solve(A))
  V <- V * nrow(Y) / (nrow(Y) - 1)  # deviations from the mean, as survey designs have it
  at <- seq(length(v) - length(beta) + 1, length(v))
  V[at, at, drop = FALSE]
}
logit3 <- function(x, put, method, K) {
  used <- !is.na(x); X <- cbind(1, ifelse(used, x, 0))
  psi3 <- function(beta, D) {
    if (method == "modal") D <- diag(K)
    P <- softmax(cbind(0, X %*% matrix(beta, 2)))
    w <- if (method == "bch") put %*% solve(D) else { r <- P * (put %*% t(D)); r / rowSums(r) }
    e <- (w - P)[, -1, drop = FALSE] * used
    do.call(cbind, lapply(seq_len(K - 1), function(k) e[, k] * X))
  }
  loss <- function(beta, D) {
    P <- softmax(cbind(0, X %*% matrix(beta, 2)))
    if (method == "bch") return(-sum(used * rowSums((put %*% solve(D)) * log(P))))
    if (method == "modal") D <- diag(K)
    -sum(used * log(rowSums((P %*% D) * put)))
  }
  list(psi3 = psi3, loss = loss, start = numeric(2 * (K - 1)))
}
bch_means <- function(y, put) {
  psi3 <- function(mu, D) (put %*% solve(D)) * outer(y, mu, "-")
  list(psi3 = psi3)
}
normal_means <- function(y, put, K) {
  parts <- function(v) list(share = softmax(matrix(c(0, v[seq_len(K - 1)]), 1)), mu = v[K - 1 + seq_len(K)], s = exp(v[2 * K - 1 + seq_len(K)]))
  like <- function(v, D) { p <- parts(v); sapply(seq_len(K), function(k) p$share[k] * dnorm(y, p$mu[k], p$s[k])) * (put %*% t(D)) }
  psi3 <- function(v, D) {
    p <- parts(v); r <- like(v, D); r <- r / rowSums(r); z <- outer(y, p$mu, "-")
    cbind(sweep(r, 2, p$share)[, -1], r * sweep(z, 2, p$s^2, "/"), r * (sweep(z^2, 2, p$s^2, "/") - 1))
  }
  loss <- function(v, D) -sum(log(rowSums(like(v, D))))
  list(psi3 = psi3, loss = loss)
}
maximise <- function(problem, start, D) {
  found <- optim(start, function(v) problem$loss(v, D) / 1000, method = "BFGS", control = list(reltol = 1e-14, maxit = 2000))$par
  for (it in 1:10) found <- found - solve(jacobian(function(b) colSums(problem$psi3(b, D)), found), colSums(problem$psi3(found, D)))
  found
}
three <- function(Y, x, K, y = NULL) {
  theta <- step1(Y, K); put <- diag(K)[max.col(posterior(theta, Y, K)), ]
  D <- tabled(theta, Y, K, put); out <- list(table = as.numeric(t(D)))
  for (method in c("ml", "bch", "modal")) {
    problem <- logit3(x, put, method, K); beta <- maximise(problem, problem$start, D)
    V <- if (method == "modal") {
      s <- problem$psi3(beta, D); A <- jacobian(function(b) colSums(problem$psi3(b, D)), beta)
      n <- sum(!is.na(x)); solve(A, crossprod(s)) %*% t(solve(A)) * n / (n - 1)
    } else stacked(theta, beta, Y, K, put, problem$psi3)
    at <- 2 * seq_len(K - 1)
    out[[method]] <- list(slope = beta[at], se = sqrt(diag(V))[at])
  }
  if (!is.null(y)) {
    W <- put %*% solve(D); mu <- colSums(W * y) / colSums(W)
    out$bch_means <- list(mean = mu, se = sqrt(diag(stacked(theta, mu, Y, K, put, bch_means(y, put)$psi3))))
    problem <- normal_means(y, put, K); v <- maximise(problem, c(numeric(K - 1), mu, rep(log(sd(y)), K)), D)
    V <- stacked(theta, v, Y, K, put, problem$psi3); at <- K - 1 + seq_len(K)
    out$ml_means <- list(mean = v[at], se = sqrt(diag(V))[at])
  }
  out
}
one_step <- function(Y, x, K, start) {  # classes and covariate at once, of those whose covariate is known
  used <- !is.na(x); Y <- Y[used, ]; X <- cbind(1, x[used]); q <- 2 * (K - 1)
  like <- function(v) {
    P <- softmax(cbind(0, X %*% matrix(v[seq_len(q)], 2)))
    yes <- plogis(matrix(v[-seq_len(q)], K))
    log(rowSums(exp(Y %*% t(log(yes)) + (1 - Y) %*% t(log(1 - yes))) * P))
  }
  v <- optim(start, function(v) -sum(like(v)) / 100, method = "BFGS", control = list(reltol = 1e-15, maxit = 5000))$par
  gradient <- function(v, h = 1e-5) sapply(seq_along(v), function(j) {
    e <- replace(numeric(length(v)), j, h); (like(v + e) - like(v - e)) / (2 * h) })
  for (it in 1:5) v <- v - solve(jacobian(function(u) colSums(gradient(u)), v, 1e-4), colSums(gradient(v)))
  H <- jacobian(function(u) colSums(gradient(u)), v, 1e-4); s <- gradient(v); n <- nrow(Y)
  V <- solve(H, crossprod(s)) %*% t(solve(H)) * n / (n - 1); at <- 2 * seq_len(K - 1)
  list(log_likelihood = sum(like(v)), slope = v[at], se = sqrt(diag(V))[at])
}
G <- list()
Y <- 1 * (as.matrix(answers[, 1:8]) >= 2)
G$lca_three_step <- list(
  data = "lca: y1..y8 >= 2, x, distal; 3 classes", r = "threestep.R: optim, stacked estimating equations",
  tol = 1e-5, out = three(Y, answers$x, 3, answers$distal))
rows <- table[rep(seq_len(nrow(table)), table$count), ]
Y <- sapply(1:4, function(j) as.numeric(substr(rows$pattern, j, j)) - 1)
G$cheating_three_step <- list(
  data = "cheating with the grade as covariate, 2 classes", r = "threestep.R: optim, stacked estimating equations",
  tol = 1e-5, out = three(Y, rows$gpa, 2))
G$cheating_three_step$out$one_step <- one_step(
  Y, rows$gpa, 2, c(0, -0.7, qlogis(c(.02, .57, .03, .59, .04, .22, .18, .38))))
cat(toJSON(G, digits = I(12), auto_unbox = TRUE, pretty = TRUE), "\n")
