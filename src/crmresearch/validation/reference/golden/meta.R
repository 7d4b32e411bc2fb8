# Random-effects synthesis of data/meta.csv (synthetic) and of the trials of the BCG vaccine.
# The numbers that it prints stand in cases_recovery_synthesis.toml: Rscript meta.R
suppressPackageStartupMessages(library(metafor))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
studies <- read.csv(file.path(here, "data", "meta.csv"))
exact <- list(threshold = 1e-12, maxiter = 1000, tol = 1e-12)
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) formatC(as.numeric(x), digits = 7, format = "f")

trials <- dat.bcg
trials <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = trials)
report <- function(name, yi, vi) {
  show("##", name)
  for (method in c("REML", "DL", "PM", "FE")) {
    for (test in if (method == "FE") "z" else c("z", "knha")) {
      fit <- rma(yi, vi, method = method, test = test, control = exact)
      show(method, test, number(c(fit$beta, fit$se, fit$ci.lb, fit$ci.ub, fit$tau2, fit$I2, fit$pval)))
    }
  }
  show("Q, p", number(c(fit$QE, fit$QEp)))
  fit <- rma(yi, vi, method = "REML", test = "knha", control = exact)
  show("Q profile of tau2", number(confint(fit, control = list(tol = 1e-12))$random["tau^2", 2:3]))
  show("Q profile of I2", number(confint(fit, control = list(tol = 1e-12))$random["I^2(%)", 2:3]))
  show("prediction, t with k - 1", number(c(predict(fit)$pi.lb, predict(fit)$pi.ub)))
  half <- qt(.975, fit$k - 2) * sqrt(fit$tau2 + fit$se^2)
  show("prediction, t with k - 2", number(c(fit$beta - half, fit$beta + half)))
  left <- leave1out(fit)
  show("leave one out, mean", number(left$estimate))
  show("leave one out, low", number(left$ci.lb))
  show("leave one out, tau2", number(left$tau2))
}
report("synthetic", studies$yi, studies$vi)
report("BCG", trials$yi, trials$vi)

show("## Meta-regression, Knapp and Hartung")
fit <- rma(yi, vi, mods = ~year, data = studies, method = "REML", control = exact)
show("synthetic on year", number(c(fit$beta, fit$se, fit$tau2, fit$QM)))
fit <- rma(yi, vi, mods = ~ablat, data = trials, method = "REML", test = "knha", control = exact)
show("BCG on latitude", number(c(fit$beta, fit$se, fit$tau2, fit$QE)))

show("## Three studies that agree: the variant whose factor is at least 1")
yi <- c(.21, .24, .22); vi <- c(.01, .02, .015)
show("knha", number(unlist(rma(yi, vi, test = "knha")[c("beta", "se", "ci.lb", "ci.ub")])))
show("adhoc", number(unlist(rma(yi, vi, test = "adhoc")[c("beta", "se", "ci.lb", "ci.ub")])))
