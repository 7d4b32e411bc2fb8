# Reliability under a sampling design, from data/survey.csv: Rscript reliability.R
suppressPackageStartupMessages({library(survey); library(lavaan); library(psych)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
options(digits = 12)
items <- c("sa1", "sa2", "sa3", "sa4")
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)

# Alpha, alpha of standardised items and correlations as functions of the weighted covariances
moments <- svyvar(as.formula(paste("~", paste(items, collapse = "+"))), design)
covariance <- as.matrix(moments)[1:4, 1:4]
errors <- vcov(moments)
gradient <- function(f, x) sapply(seq_along(x), function(i) {
  step <- replace(numeric(length(x)), i, 1e-5); (f(x + step) - f(x - step)) / 2e-5 })
told <- function(name, f) {
  x <- as.vector(covariance); slope <- gradient(f, x)
  cat(name, f(x), sqrt(drop(slope %*% errors %*% slope)), "\n") }
alpha <- function(x) { s <- matrix(x, 4); 4 / 3 * (1 - sum(diag(s)) / sum(s)) }
told("alpha", alpha)
told("standardised", function(x) alpha(cov2cor(matrix(x, 4))))
told("r12", function(x) x[5] / sqrt(x[1] * x[6]))
told("item_rest_1", function(x) { s <- matrix(x, 4); a <- c(1, 0, 0, 0); b <- 1 - a
  drop(a %*% s %*% b) / sqrt(drop(a %*% s %*% a) * drop(b %*% s %*% b)) })
pair <- function(x) { s <- matrix(x, 4)[1:2, 1:2]; r <- s[2] / sqrt(s[1] * s[4]); 2 * r / (1 + r) }
told("spearman_brown_12", pair)

# Omega total of a one-factor model, errors of pseudo maximum likelihood
model <- "f =~ NA*sa1 + a*sa1 + b*sa2 + c*sa3 + d*sa4
f ~~ 1*f
sa1 ~~ e*sa1
sa2 ~~ g*sa2
sa3 ~~ h*sa3
sa4 ~~ i*sa4
omega := (a+b+c+d)^2 / ((a+b+c+d)^2 + e + g + h + i)"
omega <- function(...) {
  fit <- cfa(model, answers, estimator = "MLR", optim.gradient = "analytic", control = list(rel.tol = 1e-10, x.tol = 1e-12), optim.dx.tol = 1e-4, ...)
  found <- parameterEstimates(fit)
  with(found[found$label == "omega", ], c(est, se)) }
cat("omega", omega(), "\n")
cat("omega_weighted", omega(sampling.weights = "w"), "\n")
cat("omega_weighted_clustered", omega(sampling.weights = "w", cluster = "psu"), "\n")

# Standardised alpha and its companions of independent respondents
cat("psych", psych::alpha(answers[items])$total$std.alpha, "\n")

# Ordered categories: reliability of polychoric correlations; a table of two by two
ordered <- matrix(as.numeric(lavCor(answers[items], ordered = items)), 4)
loadings <- as.numeric(factanal(covmat = ordered, factors = 1, n.obs = 360,
                                control = list(opt = list(factr = 10)))$loadings)
cat("ordinal_alpha", psych::alpha(ordered)$total$std.alpha, "\n")
cat("ordinal_omega", sum(loadings)^2 / (sum(loadings)^2 + sum(1 - loadings^2)), "\n")
above <- data.frame(a = as.integer(answers$sa1 > 3), b = as.integer(answers$sa2 > 3))
cat("tetrachoric", unclass(lavCor(above, ordered = c("a", "b")))[2], "\n")

# Parallel analysis: with squared multiple correlations on the diagonal for common factors
pdf(NULL)
set.seed(1)
parallel <- fa.parallel(answers[2:13], fa = "both", n.iter = 500, quant = .95, SMC = TRUE)
cat("components", parallel$ncomp, "factors", parallel$nfact, "\n")
cat("reduced", parallel$fa.values[1:4], "\n")
