# Number of classes and one dimension: Rscript number.R [samples]. The likelihood ratios that it
# prints stand in golden.json under lca_bootstrap; the p values vary with the samples drawn.
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
samples <- as.integer(c(commandArgs(TRUE), 500)[1])
set.seed(20260101)
show <- function(name, x) cat(name, formatC(as.numeric(x), digits = 10, format = "f"), "\n")

# Answers 1, 2, ... of rows as indicators, one column a category
opened <- function(y) do.call(cbind, lapply(seq_len(ncol(y)), function(j)
  outer(y[, j], seq_len(max(y[, j])), "==") * 1))
counted <- function(file) {
  table <- read.csv(file.path(here, "..", "tables", file), colClasses = c("character", "integer"))
  y <- do.call(rbind, strsplit(table$pattern, ""))
  list(y = apply(y, 2, as.integer), w = table$count)
}
lca <- list(y = as.matrix(read.csv(file.path(here, "data", "lca.csv"))[, paste0("y", 1:8)]))
lca$w <- rep(1, nrow(lca$y))

# Latent classes by EM: the best of several random starts, or from given values
em <- function(Y, w, item, k, starts, from = NULL, most = 3000) {
  one <- function(pi, P) {
    old <- -Inf
    for (step in seq_len(most)) {
      joint <- exp(Y %*% t(log(pmax(P, 1e-300)))) * rep(pi, each = nrow(Y))
      total <- rowSums(joint)
      ll <- sum(w * log(total))
      if (ll - old < 1e-8) break
      old <- ll
      post <- joint / total * w
      pi <- colSums(post) / sum(w)
      P <- t(post) %*% Y
      P <- P / t(rowsum(t(P), item))[, item]
    }
    list(ll = ll, pi = pi, P = P)
  }
  tried <- lapply(seq_len(starts), function(s) {
    P <- matrix(rexp(k * ncol(Y)), k)
    one(rep(1 / k, k), P / t(rowsum(t(P), item))[, item])
  })
  if (!is.null(from)) tried <- c(tried, list(one(from$pi, from$P)))
  tried[[which.max(sapply(tried, `[[`, "ll"))]]
}

# Likelihood-ratio statistic of k against k - 1 classes, and its p by parametric bootstrap
test <- function(name, data, k, B) {
  size <- apply(data$y, 2, max)
  item <- rep(seq_along(size), size)
  Y <- opened(data$y)
  null <- em(Y, data$w, item, k - 1, 40)
  other <- em(Y, data$w, item, k, 80)
  statistic <- 2 * (other$ll - null$ll)
  show(paste(name, k, "statistic"), statistic)
  if (!B) return(invisible())
  drawn <- replicate(B, {
    class <- sample(k - 1, sum(data$w), TRUE, null$pi)
    y <- sapply(seq_along(size), function(j) {
      P <- null$P[, item == j, drop = FALSE]
      1 + rowSums(runif(length(class)) > t(apply(P, 1, cumsum))[class, -size[j], drop = FALSE])
    })
    key <- table(apply(y, 1, paste, collapse = ""))
    y <- apply(do.call(rbind, strsplit(names(key), "")), 2, as.integer)
    Z <- do.call(cbind, lapply(seq_along(size), function(j) outer(y[, j], seq_len(size[j]), "==") * 1))
    w <- as.numeric(key)
    2 * (em(Z, w, item, k, 15, most = 500)$ll - em(Z, w, item, k - 1, 3, null, most = 500)$ll)
  })
  show(paste(name, k, "p"), (1 + sum(drawn >= statistic)) / (B + 1))
}
carcinoma <- counted("carcinoma.csv")
values <- counted("values.csv")
test("values", values, 2, 0)
test("values", values, 3, samples)
test("carcinoma", carcinoma, 2, 0)
test("carcinoma", carcinoma, 3, 0)
test("carcinoma", carcinoma, 4, samples)
test("lca", lca, 3, 0)
test("lca", lca, 4, 0)

# One dimension: log p(m) / p(m - 1) = tau_m + b * place, places normal (quadrature with 21 points
# from the eigenvalues of the Jacobi matrix) or located at k estimated points
jacobi <- matrix(0, 21, 21)
jacobi[cbind(1:20, 2:21)] <- jacobi[cbind(2:21, 1:20)] <- sqrt(1:20)
decomposed <- eigen(jacobi, symmetric = TRUE)
nodes <- list(x = decomposed$values, w = decomposed$vectors[1, ]^2)
line <- function(name, y, k, starts = 10) {
  size <- apply(y, 2, max)
  item <- rep(seq_along(size), size)
  step <- unlist(lapply(size, function(m) seq_len(m) - 1))
  Y <- opened(y)
  free <- step > 0
  minus <- function(v) {
    a <- numeric(length(item))
    a[free] <- v[seq_len(sum(free))]
    b <- v[sum(free) + seq_along(size)]
    if (k) {
      rest <- v[-seq_len(sum(free) + length(size))]
      odds <- c(0, rest[seq_len(k - 1)])
      share <- exp(odds - max(odds)) / sum(exp(odds - max(odds)))
      place <- c(-1, rest[-seq_len(k - 1)], 1)
    } else {
      share <- nodes$w
      place <- nodes$x
    }
    eta <- outer(place, b[item] * step) + rep(a, each = length(place))
    log_p <- eta - log(t(rowsum(t(exp(eta)), item)))[, item]
    joint <- Y %*% t(log_p) + rep(log(share), each = nrow(Y))
    peak <- apply(joint, 1, max)
    -sum(peak + log(rowSums(exp(joint - peak))))
  }
  number <- sum(free) + length(size) + if (k) 2 * k - 3 else 0
  found <- Inf
  for (start in seq_len(starts)) {
    v <- c(rnorm(sum(free), 0, .3), abs(rnorm(length(size), 1, .3)))
    if (k) v <- c(v, rnorm(k - 1, 0, .2), sort(runif(k - 2, -.8, .8)))
    got <- optim(v, minus, method = "BFGS", control = list(maxit = 2000, reltol = 1e-13))
    if (got$value < found) {
      found <- got$value
      best <- got$par
    }
  }
  show(paste(name, "log-likelihood"), -found)
  show(paste(name, "parameters"), number)
  show(paste(name, "slopes"), abs(best[sum(free) + seq_along(size)]))
}
line("ordered, normal", lca$y, 0)
line("ordered, 3 places", lca$y, 3)
line("yes or no, 4 places", (lca$y > 1) + 1, 4)
