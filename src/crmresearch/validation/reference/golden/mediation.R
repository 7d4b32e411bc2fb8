# Mediation with correlated errors, and under weights and clusters, from data/recovery.csv and
# data/survey.csv. The numbers that it prints stand in cases_recovery_mediation.toml.
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
number <- function(x) formatC(as.numeric(x), digits = 9, format = "f")

# Recovered -> justice -> loyalty, prior and severity held: the slope of justice at which the errors
# of loyalty and justice correlate by rho, by search; and the rho at which that slope is zero
customers <- read.csv(file.path(here, "data", "recovery.csv"))
before <- lm(justice ~ recovered + prior + severity, customers)
slope_at <- function(rho) {
  gap <- function(b) {
    left <- resid(lm(I(loyalty - b * justice) ~ recovered + prior + severity, customers))
    cor(left, resid(before)) - rho
  }
  uniroot(gap, c(-40, 40), tol = 1e-13)$root
}
a <- coef(before)["recovered"]
cat("indirect at rho -0.2, 0, 0.1, 0.3, 0.5:",
    number(a * sapply(c(-0.2, 0, 0.1, 0.3, 0.5), slope_at)), "\n")
zero <- uniroot(function(rho) slope_at(rho), c(-0.9, 0.9), tol = 1e-13)$root
cat("rho at zero:", number(zero), "\n")
cat("indirect by lm:", number(a * coef(lm(loyalty ~ justice + recovered + prior + severity,
                                          customers))["justice"]), "\n")

# x1 -> x2 -> overall, x3 held, weighted; left out one primary sampling unit after the other
answers <- read.csv(file.path(here, "data", "survey.csv"))
product <- function(data) {
  coef(lm(x2 ~ x1 + x3, data, weights = w))["x1"] *
    coef(lm(overall ~ x2 + x1 + x3, data, weights = w))["x2"]
}
units <- unique(answers$psu)
without <- sapply(units, function(unit) product(answers[answers$psu != unit, ]))
pull <- mean(without) - without
count <- length(units)
cat("weighted product:", number(product(answers)), "units:", count, "\n")
cat("jackknife error:", number(sqrt((count - 1) / count * sum(pull^2))), "\n")
cat("acceleration:", number(sum(pull^3) / (6 * sum(pull^2)^1.5)), "\n")

# The same unweighted: Sobel's error, and the same divided by standard deviations
first <- summary(lm(x2 ~ x1 + x3, answers))$coefficients["x1", 1:2]
second <- summary(lm(overall ~ x2 + x1 + x3, answers))$coefficients["x2", 1:2]
sobel <- sqrt(first[1]^2 * second[2]^2 + second[1]^2 * first[2]^2)
ratio <- sd(answers$x1) / sd(answers$overall)
cat("plain product, Sobel, standardised:", number(c(first[1] * second[1], sobel,
    first[1] * second[1] * ratio)), "\n")
