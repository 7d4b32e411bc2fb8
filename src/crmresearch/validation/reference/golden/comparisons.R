# Contrasts, tests and ranks of several reports, from data/meta.csv and data/survey.csv (synthetic),
# from R's sleep and from the trials of the BCG vaccine. The numbers that it prints stand in
# cases_comparisons.toml: Rscript comparisons.R
suppressPackageStartupMessages({ library(metafor); library(multcomp) })
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) formatC(as.numeric(x), digits = 6, format = "f")

show("## Welch's t test of sleep, as R prints it")
print(t.test(extra ~ group, data = sleep))

show("## Two correlations: Zou's interval of the difference")
ends <- function(r, n) tanh(atanh(r) + c(-1, 1) * qnorm(.975) / sqrt(n - 3))
a <- ends(.657, 62); b <- ends(.430, 143); d <- .657 - .430
show(number(c(d - sqrt((.657 - a[1])^2 + (b[2] - .430)^2), d + sqrt((a[2] - .657)^2 + (.430 - b[1])^2))))

show("## Quantiles of the studentised range over the square root of two")
show(number(c(qtukey(.95, 3, Inf), qtukey(.95, 6, 9), qtukey(.95, 12, 18), qtukey(.9, 12, 44)) / sqrt(2)))

show("## Four means with one error: Tukey's p and multcomp's, which are the same but for simulation")
set.seed(1)
means <- c(a = 1.0, b = 1.5, c = 2.1, d = 1.2); error <- .3
tests <- summary(glht(parm(means, diag(4) * error^2), contrMat(c(a = 1, b = 1, c = 1, d = 1), "Tukey")))
show("multcomp", number(tests$test$pvalues))
pairs <- combn(4, 2)
show("tukey", number(ptukey(abs(means[pairs[2, ]] - means[pairs[1, ]]) / error, 4, Inf, lower.tail = FALSE)))

studies <- read.csv(file.path(here, "data", "meta.csv"))
y <- studies$yi; v <- studies$vi; k <- length(y)
show("## Each less the mean of the others: by a contrast matrix, Sidak")
L <- diag(k) - (1 - diag(k)) / (k - 1)
value <- as.numeric(L %*% y); se <- sqrt(diag(L %*% diag(v) %*% t(L)))
reach <- qnorm((1 + .95^(1 / k)) / 2)
for (i in c(1, 7, 12)) show(i, number(c(value[i], value[i] - reach * se[i], value[i] + reach * se[i])))
df <- 5:16
shares <- sweep(L^2, 2, v, "*")
show("df", number(rowSums(shares)^2 / rowSums(sweep(shares^2, 2, df, "/")))[c(1, 7, 12)])

show("## The same test that all are alike: Welch's F with df of 5 to 16")
w <- 1 / v; g <- sum(w * y) / sum(w); l <- sum((1 - w / sum(w))^2 / df)
f <- sum(w * (y - g)^2) / (k - 1) / (1 + 2 * (k - 2) / (k^2 - 1) * l); d2 <- (k^2 - 1) / (3 * l)
show(number(c(f, d2, pf(f, k - 1, d2, lower.tail = FALSE))))

show("## BCG: risk ratios, pooled on the log scale with Knapp and Hartung, as a ratio")
trials <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
fit <- rma(yi, vi, data = trials, method = "REML", test = "knha", control = list(threshold = 1e-12, maxiter = 1000))
show("mean", number(exp(c(fit$beta, fit$ci.lb, fit$ci.ub))))
half <- qt(.975, fit$k - 2) * sqrt(fit$tau2 + fit$se^2)
show("prediction, t with k - 2", number(exp(c(fit$beta - half, fit$beta + half))))

show("## BCG: the first and last rank that each trial's log risk ratio may have, all pairs by Tukey")
y <- trials$yi; v <- trials$vi; k <- length(y)
apart <- outer(y, y, "-") / sqrt(outer(v, v, "+")) > qtukey(.95, k, Inf) / sqrt(2)
show("first", 1 + colSums(apart)); show("last", k - rowSums(apart))
