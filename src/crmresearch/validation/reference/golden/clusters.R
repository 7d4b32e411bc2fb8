# Errors under clustering, from data/survey.csv: Rscript clusters.R
suppressPackageStartupMessages({library(sandwich); library(survey)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
options(digits = 12)

# Regression with errors clustered by psu (CR1: G/(G-1) * (n-1)/(n-k))
fit <- lm(overall ~ x1 + x2 + x3, answers)
print(coef(fit))
print(sqrt(diag(vcovCL(fit, answers$psu, type = "HC1", cadjust = TRUE))))

# Mean of the second wave less the first, the same clusters in both
answers$promoter <- as.numeric(answers$nps >= 9)
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
for (outcome in c(~loyalty, ~promoter)) {
  change <- svycontrast(svyby(outcome, ~wave, design, svymean, covmat = TRUE), c(-1, 1))
  print(c(change = as.numeric(coef(change)), error = as.numeric(SE(change))))
}
