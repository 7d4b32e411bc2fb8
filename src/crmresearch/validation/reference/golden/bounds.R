# What explains a difference away, from data/recovery.csv: Rscript bounds.R
# The numbers that it prints stand in cases_recovery_bounds.toml. Base R only: a confounder of the
# strength asked for is made and held, rather than a formula for its bias computed.
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
data <- read.csv(file.path(here, "data", "recovery.csv"))
data$weight <- 0.5 + data$justice / 5
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) formatC(as.numeric(x), digits = 8, format = "f")
left <- function(model) deviance(model)  # the (weighted) squares that a model leaves
share <- function(small, large) 1 - left(large) / left(small)

for (weights in list(rep(1, nrow(data)), data$weight)) {
  data$w <- weights
  fit <- function(formula) lm(formula, data, weights = w)
  full <- fit(loyalty ~ recovered + prior + severity + tenure)
  show("##", if (all(weights == 1)) "unweighted" else "weighted")
  show("partial R2", number(share(fit(loyalty ~ prior + severity + tenure), full)))
  show("prior and group", number(share(fit(recovered ~ severity + tenure), fit(recovered ~ prior + severity + tenure))))
  show("prior and outcome", number(share(fit(loyalty ~ recovered + severity + tenure), full)))

  # a confounder that explains a tenth of the group and a fifth of the outcome
  set.seed(1)
  root <- sqrt(weights)
  unit <- function(x) x / sqrt(sum(x^2))
  group <- unit(residuals(fit(recovered ~ prior + severity + tenure)) * root)
  outcome <- unit(residuals(full) * root)
  data$noise <- rnorm(nrow(data))
  other <- residuals(fit(noise ~ recovered + loyalty + prior + severity + tenure)) * root
  a <- sqrt(0.1); b <- sqrt(0.2 * 0.9); c <- sqrt(1 - a^2 - b^2)
  data$z <- (a * group + b * outcome + c * unit(other)) / root
  held <- summary(fit(loyalty ~ recovered + prior + severity + tenure + z))$coefficients
  show("held", number(held["recovered", 1]), number(held["recovered", 2]))

  # the robustness value: of equal strength with both, found by trial
  remaining <- function(r, significance) {
    a <- sqrt(r); b <- sqrt(r * (1 - r)); c <- sqrt(1 - a^2 - b^2)
    data$z <<- (a * group + b * outcome + c * unit(other)) / root
    model <- summary(fit(loyalty ~ recovered + prior + severity + tenure + z))
    at <- model$coefficients["recovered", ]
    if (significance) at[3] - qt(0.975, model$df[2]) else at[1]
  }
  search <- function(significance) {
    uniroot(function(r) remaining(r, significance), c(0.001, 0.6), tol = 1e-13)$root
  }
  show("robustness", number(search(FALSE)), number(search(TRUE)))
}

show("## signed ranks of the pairs i and i + 1 by prior, loyalty of the recovered less the other")
ordered <- data[order(data$prior), ]
first <- which(head(ordered$recovered, -1) == 1 & tail(ordered$recovered, -1) == 0)
d <- ordered$loyalty[first] - ordered$loyalty[first + 1]
r <- rank(abs(d)); k <- d != 0
p <- function(gamma) {
  most <- gamma / (1 + gamma)
  1 - pnorm((sum(r[d > 0]) - most * sum(r[k])) / sqrt(most * (1 - most) * sum(r[k]^2)))
}
show("pairs", length(d), "p", number(p(1)), number(p(1.5)))
show("gamma", number(uniroot(function(g) p(g) - 0.025, c(1, 20), tol = 1e-13)$root))

show("## selection")
for (chosen in c(0.1, 0.25, 0.5)) show(chosen, number(dnorm(qnorm(1 - chosen)) / chosen))
show("## power with a design effect of 1.6, 90 and 700 people")
f <- function(g) {
  shift <- g / sqrt(1.6 * (1 / 90 + 1 / 700)); at <- qt(0.975, 788)
  pt(at, 788, shift, lower.tail = FALSE) + pt(-at, 788, shift) - 0.8
}
show("detectable", number(uniroot(f, c(0.01, 2), tol = 1e-13)$root))
