# Time to leave and break-even curves from data/recovery.csv, of which every five rows stand for an
# account: Rscript survival.R
# The numbers that it prints stand in cases_recovery_leaving.toml and cases_recovery_breakeven.toml.
suppressPackageStartupMessages({library(survival); library(survey); library(splines); library(sandwich)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
R <- read.csv(file.path(here, "data", "recovery.csv"))
R$account <- (seq_len(nrow(R)) - 1) %/% 5
R$w <- 1 + (seq_len(nrow(R)) - 1) %% 3
R$whole <- ceiling(R$time)  # whole units, as days are: many departures at one time
R$entry <- pmin(R$whole / 2, R$account %% 7)
R$band <- cut(R$prior, quantile(R$prior, c(0, 1/3, 2/3, 1)), include.lowest = TRUE, labels = FALSE)
`%||%` <- function(a, b) if (is.null(a)) b else a
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) formatC(as.numeric(x), digits = 8, format = "f")

show("## Kaplan-Meier: customers in accounts")
km <- survfit(Surv(whole, churn) ~ 1, R, cluster = account, conf.type = "log-log")
at <- summary(km, times = c(3, 9, 15))
show("survival", number(at$surv), "error between accounts", number(at$std.err))
area <- residuals(survfit(Surv(whole, churn) ~ 1, R), times = 15, type = "auc")
show("error of the mean up to 15 between accounts", number(sqrt(sum(rowsum(c(area), R$account)^2))))
show("median", quantile(survfit(Surv(whole, churn) ~ recovered, R, conf.type = "log-log"), 0.5, conf.int = FALSE))
middle <- quantile(survfit(Surv(time, churn) ~ recovered, R, conf.type = "log-log"), 0.5)
show("median", middle$quantile, "lower", middle$lower, "upper", middle$upper)

show("## Delayed entry")
km <- survfit(Surv(entry, whole, churn) ~ recovered, R, conf.type = "log-log")
at <- summary(km, times = c(6, 12))
show("survival", number(at$surv), "error", number(at$std.err), "lower", number(at$lower), "upper", number(at$upper))

show("## Log-rank of three groups")
show(number(survdiff(Surv(whole, churn) ~ band, R)$chisq))

show("## Cox, many ties")
for (formula in c(Surv(whole, churn) ~ recovered + severity + prior, Surv(entry, whole, churn) ~ recovered + severity + prior)) {
  fit <- coxph(formula, R, ties = "efron")
  design <- svydesign(~account, data = R, weights = ~1)
  robust <- svycoxph(formula, design)
  rows <- coxph(formula, R, ties = "efron", cluster = id)
  show("coefficients", number(coef(fit)), "errors", number(sqrt(diag(vcov(fit)))))
  show("between accounts", number(sqrt(diag(vcov(robust)))), "between rows", number(sqrt(diag(vcov(rows)))))
  show("loglik", number(fit$loglik), "zph", number(cox.zph(fit)$table[, "p"]))
}

show("## Chances of having left by the end, standardised")
R$band <- factor(R$band)
fit <- glm(churn ~ band + severity + prior, binomial, R, epsilon = 1e-14)
risks <- sapply(1:3, function(b) predict(fit, transform(R, band = factor(b, 1:3)), type = "response"))
added <- sapply(1:3, function(b) {
  x <- model.matrix(delete.response(terms(fit)), transform(R, band = factor(b, 1:3)))
  slope <- colMeans(risks[, b] * (1 - risks[, b]) * x)
  estfun(fit) %*% vcov(fit) %*% slope + (risks[, b] - mean(risks[, b])) / nrow(R)
})
units <- rowsum(added, R$account)
covariance <- crossprod(units) * nrow(units) / (nrow(units) - 1)
log_ratio <- c(-1 / mean(risks[, 1]), 0, 1 / mean(risks[, 3]))
show("chances", number(colMeans(risks)), "errors between accounts", number(sqrt(diag(covariance))))
show("third less first", number(sqrt(c(-1, 0, 1) %*% covariance %*% c(-1, 0, 1))), "of the log ratio", number(sqrt(log_ratio %*% covariance %*% log_ratio)))

show("## Break-even: loyalty over justice among the recovered, beside the others")
S <- R[R$recovered == 1, ]; O <- R[R$recovered == 0, ]
knots <- quantile(S$justice, c(0.05, 0.35, 0.65, 0.95))
formula <- loyalty ~ ns(justice, knots = knots[2:3], Boundary.knots = knots[c(1, 4)]) + severity + prior
grid <- c(2, 3, 4, 5)
for (weighted in c(FALSE, TRUE)) {
  S$v <- if (weighted) S$w else 1; O$v <- if (weighted) O$w else 1
  curve <- lm(formula, S, weights = v); level <- lm(loyalty ~ severity + prior, O, weights = v)
  z <- as.matrix(S[, c("severity", "prior")]); mean_z <- colSums(S$v * z) / sum(S$v)
  at <- cbind(model.matrix(delete.response(terms(curve)), data.frame(justice = grid, t(mean_z))))
  value <- c(at %*% coef(curve), c(1, mean_z) %*% coef(level))
  # what each row adds: through the coefficients, and through the mean covariates
  step <- function(fit, n) estfun(fit) %*% solve(crossprod(model.matrix(fit) * sqrt(fit$weights %||% 1))) * sqrt((n - 1) / (n - length(coef(fit))))
  moved <- S$v * sweep(z, 2, mean_z) / sum(S$v)
  of_curve <- step(curve, nrow(S)) %*% t(at) + c(moved %*% coef(curve)[5:6])
  of_level <- rbind(moved %*% coef(level)[2:3], step(level, nrow(O)) %*% c(1, mean_z))
  influence <- cbind(rbind(of_curve, matrix(0, nrow(O), length(grid))), of_level)
  account <- c(S$account, O$account)
  units <- if (weighted) rowsum(influence, account) else influence
  m <- nrow(units)
  covariance <- crossprod(sweep(units, 2, colMeans(units))) * m / (m - 1)
  less <- cbind(diag(length(grid)), -1)
  show("curve and level", number(value), "errors", number(sqrt(diag(covariance))))
  show("errors of the gap", number(sqrt(diag(less %*% covariance %*% t(less)))))
  gap <- function(x) sum(c(1, ns(x, knots = knots[2:3], Boundary.knots = knots[c(1, 4)]), mean_z) * coef(curve)) - value[5]
  show("crossing of a curve six points lower", number(uniroot(function(x) gap(x) - 6, c(3, 5), tol = 1e-12)$root))
  bends <- rbind(c(1, -2, 1, 0, 0), c(0, 1, -2, 1, 0))  # none where the curve is a straight line
  apart <- bends %*% value
  show("straight", number(t(apart) %*% solve(bends %*% covariance %*% t(bends), apart) / 2))
}
show("knots", number(knots))
