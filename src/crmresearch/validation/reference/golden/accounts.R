# Unequal groups from data/teams.csv, accounts (a psu) from data/survey.csv: Rscript accounts.R
# The numbers that it prints stand in cases_survey_accounts.toml.
suppressPackageStartupMessages({library(lme4); library(multilevel); library(sandwich); library(survey)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
teams <- read.csv(file.path(here, "data", "teams.csv"))
teams$place <- ave(teams$team, teams$team, FUN = seq_along)
teams$score <- rowMeans(teams[, c("i1", "i2", "i3", "i4")])
teams$kind <- teams$place %% 3
teams <- teams[teams$place <= 1 + teams$team %% 6, ]  # teams of one to six
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) formatC(as.numeric(x), digits = 7, format = "f")

show("## Analysis of variance with unequal groups")
fit <- aov(score ~ factor(team), teams)
squares <- summary(fit)[[1]][["Mean Sq"]]
sizes <- table(teams$team)
usual <- (sum(sizes) - sum(sizes^2) / sum(sizes)) / (length(sizes) - 1)
show("icc1", number((squares[1] - squares[2]) / (squares[1] + (usual - 1) * squares[2])))
show("icc2 of multilevel", number(ICC2(fit)))

# Wald's exact interval: F of the weighted means if the variance ratio were theta
means <- tapply(teams$score, teams$team, mean)
wald <- function(theta) {
  w <- sizes / (1 + sizes * theta)
  sum(w * (means - sum(w * means) / sum(w))^2) / (length(sizes) - 1) / squares[2]
}
freedom <- c(length(sizes) - 1, sum(sizes) - length(sizes))
ends <- sapply(c(0.975, 0.025), function(p) {
  uniroot(function(theta) wald(theta) - qf(p, freedom[1], freedom[2]),
          c(-1 / max(sizes) + 1e-9, 1e3), tol = 1e-14)$root
})
show("Wald", number(ends / (1 + ends)))

show("## Random intercepts")
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12))
for (formula in c(score ~ 1 + (1 | team), score ~ factor(kind) + (1 | team))) {
  fit <- lmer(formula, teams, control = control)
  parts <- as.data.frame(VarCorr(fit))$vcov
  shifts <- ranef(fit, condVar = TRUE)$team
  show("between", number(parts[1]), "within", number(parts[2]), "rho", number(parts[1] / sum(parts)))
  show("effects", number(fixef(fit)), "errors", number(sqrt(diag(as.matrix(vcov(fit))))))
  show("first, last shift", number(shifts[c(1, nrow(shifts)), 1]),
       "variances", number(attr(shifts, "postVar")[c(1, nrow(shifts))]))
}

show("## Segments within accounts")
answers <- read.csv(file.path(here, "data", "survey.csv"))
answers <- answers[answers$wave == 2 | answers$segment == "premium", ]  # accounts of unequal size
answers$segment <- factor(answers$segment)
dummies <- model.matrix(~ segment, answers)[, -1]
several <- ave(as.numeric(answers$segment), answers$psu, FUN = function(x) length(unique(x))) > 1
for (weights in list(rep(1, nrow(answers)), answers$w)) {
  kept <- data.frame(answers, weights = weights)[several, ]
  centre <- function(x) {
    x - ave(x * kept$weights, kept$psu, FUN = sum) / ave(kept$weights, kept$psu, FUN = sum)
  }
  y <- centre(kept$loyalty)
  x <- apply(dummies[several, ], 2, centre)
  fit <- lm(y ~ x - 1, weights = kept$weights)
  covariance <- vcovCL(fit, kept$psu, type = "HC0", cadjust = TRUE)
  show("differences", number(coef(fit)), number(coef(fit)[2] - coef(fit)[1]),
       "errors", number(sqrt(diag(covariance))),
       number(sqrt(c(-1, 1) %*% covariance %*% c(-1, 1))), "accounts", length(unique(kept$psu)))
}

show("## Ratio of totals over accounts: promoters per respondent")
accounts <- aggregate(cbind(yes = nps >= 9, n = 1) ~ psu, answers, sum)
ratio <- svyratio(~yes, ~n, svydesign(~1, data = accounts, weights = ~1))
show("ratio", number(coef(ratio)), "error", number(SE(ratio)))
