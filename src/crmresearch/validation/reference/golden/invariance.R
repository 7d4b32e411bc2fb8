# Two latent classes in three groups, data/lca_groups.csv: Rscript invariance.R
# Log-likelihoods are maximised directly (optim, several starts, no EM), scores are numerical
# derivatives of each row's log-likelihood, and the score tests are put together from these: expected
# information with every row standing for each group by how likely it is there, Satterthwaite's
# approximation with sums over families. Prints its entry of golden.json.
suppressPackageStartupMessages(library(jsonlite))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
d <- read.csv(file.path(here, "data", "lca_groups.csv"))
y <- as.matrix(d[paste0("y", 1:5)]); g <- match(d$group, c("a", "b", "c")); n <- nrow(y)

# One group's parameters: logit of the first class, logits of the items in class 1, then class 2
rows <- function(share, items, y) {
  p <- plogis(matrix(items, 2, byrow = TRUE))
  density <- sapply(1:2, function(k) exp(y %*% log(p[k, ]) + (1 - y) %*% log(1 - p[k, ])))
  log(density %*% c(plogis(share), 1 - plogis(share)))
}
# theta: 3 share logits, 10 common item logits, and 2 x 2 changes for each freed item (groups b, c)
items_of <- function(theta, h, freed) {
  items <- theta[4:13]
  for (i in seq_along(freed)) if (h > 1)
    items[c(freed[i], 5 + freed[i])] <- items[c(freed[i], 5 + freed[i])] +
      theta[13 + 4 * (i - 1) + 2 * (h - 2) + 1:2]
  items
}
loglik <- function(theta, freed) sum(sapply(1:3, function(h)
  sum(rows(theta[h], items_of(theta, h, freed), y[g == h, , drop = FALSE]))))
fit <- function(freed) {
  set.seed(1)
  best <- list(value = -Inf)
  for (start in 1:6) {
    theta <- c(rnorm(3, 0, .3), rep(1, 5), rep(-1, 5), rep(0, 4 * length(freed))) + rnorm(13 + 4 * length(freed), 0, .2)
    for (round in 1:4) {
      one <- optim(theta, loglik, freed = freed, method = "BFGS",
                   control = list(fnscale = -1, maxit = 2000, reltol = 1e-15))
      theta <- one$par
    }
    if (one$value > best$value) best <- one
  }
  if (sum(plogis(best$par[4:8])) < sum(plogis(best$par[9:13]))) stop("classes in another order")
  best
}
same <- fit(integer(0)); third <- fit(3); own <- fit(1:5)
share_error <- function(found, freed) {
  H <- optimHess(found$par, loglik, freed = freed, control = list(ndeps = rep(1e-4, length(found$par))))
  p <- plogis(found$par[1:3])
  sqrt(diag(solve(-H)))[1:3] * p * (1 - p)
}

# Scores of every row as if it were of group h: share, then the ten items
slope <- function(h) {
  at <- c(same$par[h], same$par[4:13])
  sapply(seq_along(at), function(i) {
    move <- replace(numeric(length(at)), i, 1e-5)
    up <- at + move; down <- at - move
    (rows(up[1], up[-1], y) - rows(down[1], down[-1], y)) / 2e-5
  })
}
size <- as.vector(table(g))
density <- sapply(1:3, function(h) size[h] * exp(rows(same$par[h], same$par[4:13], y)))
likely <- density / rowSums(density)
S <- lapply(1:3, slope)
C <- list(); U <- list()
for (h in 1:3) {
  I <- t(S[[h]] * likely[, h]) %*% S[[h]]
  C[[h]] <- I[-1, -1] - I[-1, 1] %*% t(I[1, -1]) / I[1, 1]
  U[[h]] <- (S[[h]][, -1] - S[[h]][, 1] %*% t(I[-1, 1]) / I[1, 1]) * (g == h)
}
total <- solve(C[[1]] + C[[2]] + C[[3]])
# Efficient scores of the changes of groups b and c for some items, a row a respondent
efficient <- function(columns) {
  E <- do.call(cbind, lapply(2:3, function(h) {
    e <- -(U[[1]] + U[[2]] + U[[3]]) %*% total %*% C[[h]] + U[[h]]
    e[, columns, drop = FALSE]
  }))
  I <- matrix(0, 2 * length(columns), 2 * length(columns))
  for (a in 1:2) for (b in 1:2) {
    block <- -C[[a + 1]] %*% total %*% C[[b + 1]] + (a == b) * C[[a + 1]]
    at <- (a - 1) * length(columns) + seq_along(columns); to <- (b - 1) * length(columns) + seq_along(columns)
    I[at, to] <- block[columns, columns]
  }
  list(E = E, I = I)
}
test <- function(columns) {
  found <- efficient(columns); e <- colSums(found$E); Q <- solve(found$I)
  X <- drop(t(e) %*% Q %*% e); m <- length(unique(d$family))
  V <- crossprod(rowsum(found$E, d$family)) * m / (m - 1)
  A <- Q %*% V; df <- sum(diag(A))^2 / sum(A * t(A)); Fs <- X / sum(diag(A))
  list(chi2 = X, df = length(e), p = pchisq(X, length(e), lower.tail = FALSE), F = Fs, df_F = df,
       p_F = pf(Fs, df, df * (m - 1), lower.tail = FALSE))
}
changes <- function(j) {
  found <- efficient(c(j, 5 + j)); delta <- solve(found$I, colSums(found$E))
  p <- plogis(same$par[c(3 + j, 8 + j)])
  delta * rep(p * (1 - p), 2)
}
out <- list(
  ll_same = same$value, ll_third = third$value, ll_own = own$value,
  shares = plogis(same$par[1:3]), shares_third = plogis(third$par[1:3]),
  share_errors = share_error(same, integer(0)), share_errors_third = share_error(third, 3),
  items = lapply(1:5, function(j) test(c(j, 5 + j))), all = test(1:10),
  change_third = changes(3))
entry <- list(data = "lca_groups", r = "invariance.R: optim BFGS from six starts, numerical scores",
              tol = 1e-5, out = out)
cat(toJSON(entry, auto_unbox = TRUE, digits = I(12), pretty = TRUE))
