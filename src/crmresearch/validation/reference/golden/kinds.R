# Latent classes of ordinal, continuous and mixed indicators in data/lca_kinds*.csv: Rscript kinds.R
# The observed log-likelihood is maximised directly (optim and nlm from random starts, no EM), and
# mclust confirms the normal classes (EEI equal variances, VVI own). Prints its entry of golden.json
# and complains where the best solution was found from one start only.
suppressPackageStartupMessages({library(jsonlite); library(mclust)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
complete <- read.csv(file.path(here, "data", "lca_kinds.csv"))
missing <- read.csv(file.path(here, "data", "lca_kinds_missing.csv"))
kind <- c(b1 = "nominal", b2 = "nominal", o1 = "ordinal", o2 = "ordinal", o3 = "ordinal",
          q1 = "continuous", q2 = "continuous")

softmax <- function(x) exp(x - max(x)) / sum(exp(x - max(x)))

# Parameters of one indicator: (K x categories) probabilities, or means and standard deviations
parts <- function(name, K, spread) {
  if (kind[name] == "nominal") return(K)
  if (kind[name] == "ordinal") return(4 + K - 1)
  K + (if (spread == "own") K else 1)
}
probabilities <- function(name, theta, K) {
  if (kind[name] == "nominal") return(cbind(1 - plogis(theta), plogis(theta)))
  slope <- c(0, theta[-(1:4)])
  t(sapply(slope, function(beta) softmax(c(0, cumsum(theta[1:4] + beta)))))
}
density_of <- function(name, y, theta, K, spread) {  # n x K log densities, 0 where missing
  if (kind[name] != "continuous") {
    found <- log(t(probabilities(name, theta, K)))[ifelse(is.na(y), 1, y), , drop = FALSE]
  } else {
    deviation <- exp(rep(theta[-(1:K)], length.out = K))
    found <- sapply(1:K, function(k) dnorm(y, theta[k], deviation[k], log = TRUE))
  }
  found[is.na(y), ] <- 0
  found
}
minus <- function(theta, data, K, spread) {
  logs <- matrix(log(softmax(c(0, theta[seq_len(K - 1)]))), nrow(data), K, byrow = TRUE)
  at <- K - 1
  for (name in names(data)) {
    size <- parts(name, K, spread)
    logs <- logs + density_of(name, data[[name]], theta[at + seq_len(size)], K, spread)
    at <- at + size
  }
  peak <- do.call(pmax, as.data.frame(logs))
  -sum(peak + log(rowSums(exp(logs - peak))))
}
start <- function(data, K, spread) {
  theta <- rnorm(K - 1, 0, 0.3)
  for (name in names(data)) {
    y <- data[[name]]
    theta <- c(theta, switch(kind[name],
      nominal = qlogis(runif(K, 0.15, 0.85)),
      ordinal = c(rnorm(4, 0, 0.3), rnorm(K - 1, 0, 0.8)),
      continuous = c(rnorm(K, mean(y, na.rm = TRUE), sd(y, na.rm = TRUE)),
                     rep(log(sd(y, na.rm = TRUE) * 0.8), if (spread == "own") K else 1))))
  }
  theta
}
classes <- function(data, K, spread = "equal", starts = 16, seed = 1, items = K == 3) {
  set.seed(seed)
  found <- lapply(seq_len(if (K == 1) 2 else starts), function(i) {
    tryCatch(optim(start(data, K, spread), minus, data = data, K = K, spread = spread,
                   method = "BFGS", control = list(maxit = 300, reltol = 1e-9)),
             error = function(e) list(value = Inf))
  })
  found <- found[order(sapply(found, `[[`, "value"))]
  polished <- lapply(found[1:2], function(one) {
    for (round in 1:3) {
      one <- optim(one$par, minus, data = data, K = K, spread = spread, method = "BFGS",
                   control = list(maxit = 500, reltol = 1e-15))
      size <- pmax(abs(one$par), 1)
      better <- tryCatch(suppressWarnings(nlm(
        minus, one$par, data = data, K = K, spread = spread, typsize = size, gradtol = 1e-9,
        steptol = 1e-12, stepmax = 0.1, iterlim = 300)), error = function(e) list(minimum = Inf))
      if (better$minimum < one$value) one <- list(par = better$estimate, value = better$minimum)
    }
    one
  })
  value <- sapply(polished, `[[`, "value")
  if (abs(diff(value)) > 1e-5) message("best found once only: ", paste(value, collapse = " "))
  theta <- polished[[which.min(value)]]$par
  shares <- softmax(c(0, theta[seq_len(K - 1)]))
  order_ <- order(-shares)
  out <- list(K = K, ll = -min(value), npar = length(theta),
              bic = 2 * min(value) + log(nrow(data)) * length(theta), shares = shares[order_])
  at <- K - 1
  for (name in names(data)[items]) {
    size <- parts(name, K, spread)
    own <- theta[at + seq_len(size)]
    out[[name]] <- if (kind[name] == "continuous") {
      list(mean = own[1:K][order_], variance = exp(2 * rep(own[-(1:K)], length.out = K))[order_])
    } else {
      unname(asplit(probabilities(name, own, K)[order_, , drop = FALSE], 1))
    }
    at <- at + size
  }
  out
}

q <- c("q1", "q2")
o <- c("o1", "o2", "o3")
EM <- emControl(tol = c(1e-15, 1e-15), itmax = 1e5)
normal <- function(K, name) as.numeric(Mclust(complete[q], K, name, control = EM, verbose = FALSE)$loglik)
out <- list(
  ordinal = lapply(1:3, function(K) classes(complete[o], K)),
  continuous = lapply(1:3, function(K) classes(complete[q], K)),
  own = lapply(1:2, function(K) classes(complete[q], K, "own", items = K == 2)),
  mixed = lapply(1:3, function(K) classes(complete, K)),
  missing = lapply(1:3, function(K) classes(missing, K)),
  mclust = list(equal = normal(3, "EEI"), own = normal(2, "VVI"))
)
entry <- list(
  data = "lca_kinds: b1, b2 nominal, o1..o3 ordinal, q1, q2 continuous; lca_kinds_missing",
  r = "kinds.R: observed log-likelihood by optim BFGS and nlm, 16 starts; mclust EEI and VVI",
  tol = 1e-5, out = out)
cat(toJSON(entry, auto_unbox = TRUE, digits = I(12), pretty = TRUE))
