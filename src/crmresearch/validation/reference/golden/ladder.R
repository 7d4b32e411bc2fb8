# Weighted and doubly robust differences from data/recovery.csv and data/survey.csv, a difference in
# differences: Rscript ladder.R. The numbers that it prints stand in cases_recovery_ladder.toml.
suppressPackageStartupMessages(library(plm))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
recovery <- read.csv(file.path(here, "data", "recovery.csv"))
survey <- read.csv(file.path(here, "data", "survey.csv"))
show <- function(name, x) cat(name, formatC(as.numeric(x), digits = 9, format = "f"), "\n")

# Covariance of stacked estimating equations U(theta), by numerical derivatives; sums over clusters
stacked <- function(U, theta, cluster) {
  size <- length(theta)
  A <- sapply(seq_len(size), function(j) {
    h <- 1e-6 * max(1, abs(theta[j]))
    up <- down <- theta
    up[j] <- up[j] + h
    down[j] <- down[j] - h
    (colSums(U(up)) - colSums(U(down))) / (2 * h)
  })
  B <- crossprod(rowsum(U(theta), cluster))
  solve(A) %*% B %*% t(solve(A))
}
# of two means, the last two parameters
error_of <- function(V) {
  at <- nrow(V) - 1:0
  sqrt(sum(c(1, -1) * (V[at, at] %*% c(1, -1))))
}

weighted <- function(T, Y, X, s, cluster, target) {
  score <- suppressWarnings(glm(T ~ X - 1, quasibinomial, weights = s,
                                control = glm.control(1e-14, 100)))
  k <- ncol(X)
  w <- function(e, T) switch(target,
    att = ifelse(T == 1, 1, e / (1 - e)), ato = ifelse(T == 1, 1 - e, e))
  e <- fitted(score)
  U <- function(theta) {
    e <- plogis(drop(X %*% theta[1:k]))
    b <- s * w(e, T)
    cbind(s * X * (T - e), b * T * (Y - theta[k + 1]), b * (1 - T) * (Y - theta[k + 2]))
  }
  b <- s * w(e, T)
  means <- c(sum(b * T * Y) / sum(b * T), sum(b * (1 - T) * Y) / sum(b * (1 - T)))
  c(means[1] - means[2], error_of(stacked(U, c(coef(score), means), cluster)))
}

doubly_att <- function(T, Y, X, s, cluster) {
  score <- suppressWarnings(glm(T ~ X - 1, quasibinomial, weights = s,
                                control = glm.control(1e-14, 100)))
  line <- lm(Y ~ X - 1, weights = s, subset = T == 0)
  k <- ncol(X)
  means <- function(g, b) {
    e <- plogis(drop(X %*% g))
    left <- Y - drop(X %*% b)
    odds <- s * (1 - T) * e / (1 - e)
    list(left = left, odds = odds)
  }
  at <- means(coef(score), coef(line))
  theta <- c(coef(score), coef(line), sum(s * T * at$left) / sum(s * T),
             sum(at$odds * at$left) / sum(at$odds))
  U <- function(theta) {
    e <- plogis(drop(X %*% theta[1:k]))
    m <- means(theta[1:k], theta[k + 1:k])
    cbind(s * X * (T - e), s * (1 - T) * X * m$left, s * T * (m$left - theta[2 * k + 1]),
          m$odds * (m$left - theta[2 * k + 2]))
  }
  c(theta[2 * k + 1] - theta[2 * k + 2], error_of(stacked(U, theta, cluster)))
}

doubly_ate <- function(T, Y, X) {
  score <- glm(T ~ X - 1, binomial, control = glm.control(1e-14, 100))
  lines <- lapply(0:1, function(t) lm(Y ~ X - 1, subset = T == t))
  k <- ncol(X)
  psi <- function(theta) {
    e <- plogis(drop(X %*% theta[1:k]))
    none <- drop(X %*% theta[k + 1:k])
    one <- drop(X %*% theta[2 * k + 1:k])
    one - none + T * (Y - one) / e - (1 - T) * (Y - none) / (1 - e)
  }
  theta <- c(coef(score), coef(lines[[1]]), coef(lines[[2]]))
  theta <- c(theta, mean(psi(theta)))
  U <- function(theta) {
    e <- plogis(drop(X %*% theta[1:k]))
    cbind(X * (T - e), (1 - T) * X * (Y - drop(X %*% theta[k + 1:k])),
          T * X * (Y - drop(X %*% theta[2 * k + 1:k])), psi(theta) - theta[3 * k + 1])
  }
  V <- stacked(U, theta, seq_along(T))
  c(theta[3 * k + 1], sqrt(V[3 * k + 1, 3 * k + 1]))
}

X <- cbind(1, as.matrix(recovery[, c("severity", "prior", "premium", "tenure")]))
T <- recovery$recovered
Y <- recovery$loyalty
one <- rep(1, nrow(recovery))
show("att", weighted(T, Y, X, one, seq_along(T), "att"))
show("ato", weighted(T, Y, X, one, seq_along(T), "ato"))
show("aipw att", doubly_att(T, Y, X, one, seq_along(T)))
show("aipw ate", doubly_ate(T, Y, X))

# Survey weights and clusters: premium customers with the others
X <- cbind(1, as.matrix(survey[, c("x1", "x2", "x3")]))
T <- as.numeric(survey$segment == "premium")
for (target in c("att", "ato")) {
  show(paste("weighted", target), weighted(T, survey$loyalty, X, survey$w, survey$psu, target))
}
show("weighted aipw", doubly_att(T, survey$loyalty, X, survey$w, survey$psu))

# Two waves: loyalty as it was before and as it is; something happened to the recovered
long <- data.frame(id = rep(recovery$id, 2), wave = rep(0:1, each = nrow(recovery)),
                   score = c(recovery$prior, recovery$loyalty))
long$happened <- rep(recovery$recovered, 2) * long$wave
fit <- plm(score ~ happened, long, index = c("id", "wave"), effect = "twoways", model = "within")
show("two-way", c(coef(fit), sqrt(vcovHC(fit, method = "arellano", type = "HC0"))))
