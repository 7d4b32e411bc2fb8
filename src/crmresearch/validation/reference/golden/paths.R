# Groups compared under the design, and what an effect is worth, from data/survey.csv:
# Rscript paths.R
suppressPackageStartupMessages({library(survey); library(emmeans)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
answers$segment <- factor(answers$segment, c("basic", "plus", "premium"))
answers$promoter <- as.numeric(answers$nps >= 9)
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
options(digits = 12)
say <- function(name, ...) cat(name, sapply(c(...), format, digits = 12), "\n")

# Every pair of segments, Tukey's interval on the linearised error; the test of all
for (outcome in c("loyalty", "promoter")) {
  means <- svyby(as.formula(paste0("~", outcome)), ~segment, design, svymean, covmat = TRUE)
  say(paste(outcome, "means"), coef(means), SE(means))
  for (pair in list(c(1, 2), c(1, 3), c(2, 3))) {
    signs <- numeric(3); signs[pair] <- c(-1, 1)
    gap <- svycontrast(means, signs)
    rows <- answers$segment %in% levels(answers$segment)[pair]
    df <- length(unique(answers$psu[rows])) - length(unique(answers$stratum[rows]))
    t <- as.numeric(coef(gap)) / as.numeric(SE(gap))
    half <- qtukey(.95, 3, df) / sqrt(2) * as.numeric(SE(gap))
    say(paste(outcome, "pair", pair[2], "-", pair[1]), coef(gap), SE(gap), df, coef(gap) - half,
        coef(gap) + half, ptukey(abs(t) * sqrt(2), 3, df, lower.tail = FALSE))
    # the difference in weighted standard deviations within the two, noncentral t
    part <- answers[rows, ]
    centre <- ave(part$w * part[[outcome]], part$segment, FUN = sum) /
      ave(part$w, part$segment, FUN = sum)
    n <- nrow(part)
    sd <- sqrt(sum(part$w * (part[[outcome]] - centre)^2) / sum(part$w) * n / (n - 2))
    j <- exp(lgamma((n - 2) / 2) - log((n - 2) / 2) / 2 - lgamma((n - 3) / 2))
    ends <- sapply(c(.975, .025), function(p)
      uniroot(function(ncp) pt(t, df, ncp) - p, c(t - 12, t + 12), tol = 1e-12)$root)
    say("  g", coef(gap) / sd * j, ends * as.numeric(SE(gap)) / sd * j)
  }
  test <- regTermTest(svyglm(as.formula(paste(outcome, "~ segment")), design), ~segment)
  say(paste(outcome, "test"), test$Ftest, test$df, test$ddf, test$p)
}

# A planned contrast: one segment against the two others together
design <- update(design, others = as.numeric(segment != "basic"))
found <- svyttest(loyalty ~ others, design)
say("planned", found$estimate, found$statistic)

# Main effect of two crossed factors, cells equally weighted
answers$second <- factor(answers$wave); answers$high <- factor(answers$x1 > median(answers$x1))
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
fit <- svyglm(loyalty ~ second * high, design)
for (factor in c("second", "high")) {
  effect <- as.data.frame(contrast(emmeans(fit, factor), list(effect = c(-1, 1))))
  say(paste("main effect", factor), effect$estimate, effect$SE)
}

# The same test of shares where rows are a simple random sample
found <- chisq.test(table(answers$promoter, answers$segment), correct = FALSE)
say("shares", found$statistic, found$p.value)

# An effect of .09 (standard error .05, 280 df) worth 3000 within 20%, less 200 within 20%
below <- function(x) integrate(Vectorize(function(m) integrate(function(c)
  pt(((x + c) / m - .09) / .05, 280), 160, 240, rel.tol = 1e-11)$value / 80), 2400, 3600,
  rel.tol = 1e-11)$value / 1200
say("worth", sapply(c(.025, .975), function(p)
  uniroot(function(x) below(x) - p, c(-2000, 2000), tol = 1e-9)$root))
# The same worth an estimate of 3000 (standard error 400)
below <- function(x) integrate(function(z)
  dnorm(z) * pt((x / (3000 + 400 * z) - .09) / .05, 280), -7, 7, rel.tol = 1e-12)$value
say("worth estimated", sapply(c(.025, .975), function(p)
  uniroot(function(x) below(x) - p, c(-2000, 2000), tol = 1e-9)$root))
