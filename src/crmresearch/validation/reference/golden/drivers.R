# Drivers: overlap, held-out R2, errors of penalty-reward under the design. Rscript drivers.R
suppressPackageStartupMessages({library(car); library(survey)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
options(digits = 12)

ratings <- paste0("x", 1:6)
fit <- lm(reformulate(ratings, "overall"), answers)
print(vif(fit))
print(coef(lm(reformulate(ratings, "overall"), as.data.frame(scale(answers[c(ratings, "overall")])))))
print(max(eigen(cor(answers[c(ratings, "overall")]))$values) / 7)

# Correlation with the outcome, the mean of the other standardised ratings held
z <- scale(answers[ratings])
print(sapply(1:6, function(j) {
  rest <- rowMeans(z[, -j])
  cor(resid(lm(z[, j] ~ rest)), resid(lm(answers$overall ~ rest)))
}))

# Leave-one-out R2 by the hat matrix
held <- resid(fit) / (1 - hatvalues(fit))
print(1 - sum(held^2) / sum((answers$overall - mean(answers$overall))^2))

# LMG of mtcars from the R2 of all subsets
lmg <- function(data, outcome, names) {
  p <- length(names)
  r2 <- function(chosen) {
    if (!length(chosen)) return(0)
    summary(lm(reformulate(chosen, outcome), data))$r.squared
  }
  sapply(names, function(one) {
    others <- setdiff(names, one)
    sum(sapply(0:(p - 1), function(k) {
      sets <- if (k == 0) list(character()) else combn(others, k, simplify = FALSE)
      gains <- sapply(sets, function(set) r2(c(set, one)) - r2(set))
      sum(gains) * factorial(k) * factorial(p - k - 1) / factorial(p)
    }))
  })
}
print(lmg(mtcars, "mpg", c("cyl", "disp", "hp", "gear")))

# Penalty and reward with weights, strata and clusters, times sqrt((n - 1) / (n - 5))
answers <- transform(answers,
  low_sa1 = sa1 <= 2, low_tr1 = tr1 <= 2, high_sa1 = sa1 >= 4, high_tr1 = tr1 >= 4)
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
plain <- svydesign(~1, weights = ~1, data = answers)
factor <- sqrt((nrow(answers) - 1) / (nrow(answers) - 5))
for (one in list(design, plain)) {
  found <- svyglm(nps ~ low_sa1 + low_tr1 + high_sa1 + high_tr1, one)
  print(coef(found))
  print(SE(found) * factor)
}
