# Response surfaces and stakes of mismatched types from data/survey.csv: Rscript expected.R
# The numbers that it prints stand in cases_archetypes_expected.toml.
suppressPackageStartupMessages({library(car); library(sandwich); library(survey)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) paste(formatC(as.numeric(x), digits = 8, format = "f"), collapse = " ")

# Expected and experienced: two items each, from 1 to 5, about their middle
answers$x <- (answers$tr1 + answers$tr2) / 2 - 3
answers$y <- (answers$sa1 + answers$sa2) / 2 - 3
# A ridge is put into the outcome, so that axes and stationary point are determined
answers$z <- with(answers, overall - 0.9 * (x - y)^2 - 0.3 * (x + y)^2 + 0.3 * x)
model <- z ~ x + y + I(x^2) + I(x * y) + I(y^2)
names <- c("b0", "b1", "b2", "b3", "b4", "b5")

# Principal axes and stationary point as they are usually written
forms <- c(
  a1 = "b1 + b2", a2 = "b3 + b4 + b5", a3 = "b1 - b2", a4 = "b3 - b4 + b5",
  x0 = "(b2 * b4 - 2 * b1 * b5) / (4 * b3 * b5 - b4^2)",
  y0 = "(b1 * b4 - 2 * b2 * b3) / (4 * b3 * b5 - b4^2)",
  p11 = "(b5 - b3 + sqrt((b3 - b5)^2 + b4^2)) / b4",
  p21 = "(b5 - b3 - sqrt((b3 - b5)^2 + b4^2)) / b4")
forms["p10"] <- paste0("(", forms["y0"], ") - (", forms["p11"], ") * (", forms["x0"], ")")
forms["p20"] <- paste0("(", forms["y0"], ") - (", forms["p21"], ") * (", forms["x0"], ")")

report <- function(fit, V, df) {
  b <- setNames(coef(fit), names)
  dimnames(V) <- list(names, names)
  for (form in base::names(forms)) {
    found <- deltaMethod(b, forms[[form]], vcov. = V)
    show(form, number(found$Estimate), number(found$SE))
  }
  # slopes half a point from agreement, outwards, at the levels -0.5 and 0.75
  slopes <- NULL
  for (level in c(-0.5, 0.75)) for (side in c(1, -1)) {
    u <- level - side * 0.25; v <- level + side * 0.25
    row <- side / 2 * c(0, -1, 1, -2 * u, u - v, 2 * v)
    slopes <- rbind(slopes, c(sum(row * b), sqrt(row %*% V %*% row)))
  }
  show("slopes", number(slopes[, 1])); show("errors", number(slopes[, 2]))
  show("largest", number(max(slopes[, 1])),
       "low", number(max(slopes[, 1] - qt(1 - 0.025 / 4, df) * slopes[, 2])),
       "high", number(max(slopes[, 1] + qt(0.975, df) * slopes[, 2])))
  test <- function(rows) {
    rows <- cbind(0, rows)
    value <- drop(t(rows %*% b) %*% solve(rows %*% V %*% t(rows)) %*% (rows %*% b)) / nrow(rows)
    c(value, pf(value, nrow(rows), df, lower.tail = FALSE))
  }
  show("axis", number(test(rbind(c(1, -1, 0, 0, 0), c(0, 0, 1, 0, -1)))))
  show("difference", number(test(rbind(c(1, 1, 0, 0, 0), diag(5)[3:5, ]))))
  show("squared", number(test(rbind(diag(5)[1:2, ], c(0, 0, 1, 0, -1), c(0, 0, 1, 1, 1)))))
}

show("## HC3")
fit <- lm(model, answers)
V <- vcovHC(fit, "HC3")
show("coef", number(coef(fit))); show("errors", number(sqrt(diag(V))))
report(fit, V, fit$df.residual)
F <- linearHypothesis(fit, c("x - y = 0", "I(x^2) - I(y^2) = 0"), vcov. = V, test = "F")
show("axis by car", number(F$F[2]), number(F$`Pr(>F)`[2]))

show("## Survey weights, clusters of psu (CR1)")
fit <- lm(model, answers, weights = w)
V <- vcovCL(fit, answers$psu, type = "HC1", cadjust = TRUE)
report(fit, V, length(unique(answers$psu)) - 1)

show("## Types wanted (sa1) by types had (tr1): stakes in loyalty over 100 customers")
stakes <- function(design) {
  for (wanted in c(3, 4)) {
    for (had in setdiff(2:5, wanted)) {
      design <- update(design, cell = as.numeric(sa1 == wanted & tr1 == had),
                       match = as.numeric(sa1 == wanted & tr1 == wanted), all = 1)
      design <- update(design, yc = loyalty * cell, ym = loyalty * match)
      sums <- svytotal(~cell + match + all + yc + ym, design)
      gap <- svycontrast(sums, quote(yc / cell - ym / match))
      stake <- svycontrast(sums, quote(100 * cell / all * (ym / match - yc / cell)))
      show("change", wanted, had, number(coef(stake)), number(SE(stake)),
           number(coef(gap)), number(SE(gap)))
    }
    design <- update(design, match = as.numeric(sa1 == wanted & tr1 == wanted),
                     rest = as.numeric(sa1 == wanted & tr1 != wanted), all = 1)
    design <- update(design, ym = loyalty * match, yr = loyalty * rest)
    sums <- svytotal(~match + rest + all + ym + yr, design)
    gap <- svycontrast(sums, quote(ym / match - yr / rest))
    stake <- svycontrast(sums, quote(100 * match / all * (ym / match - yr / rest)))
    show("reinforce", wanted, number(coef(stake)), number(SE(stake)),
         number(coef(gap)), number(SE(gap)))
  }
}
print(table(answers$sa1, answers$tr1))
stakes(svydesign(~psu, weights = ~w, data = answers))

show("## The same: loyalty of those who have what they want, the type wanted held (CR1)")
answers$met <- as.numeric(answers$sa1 == answers$tr1)
fit <- lm(loyalty ~ met + factor(sa1), answers, weights = w)
V <- vcovCL(fit, answers$psu, type = "HC1", cadjust = TRUE)
show("met", number(coef(fit)["met"]), number(sqrt(V["met", "met"])))

show("## Mean gap of two dimensions, clusters of psu and weights")
design <- svydesign(~psu, weights = ~w, data = answers)
found <- svymean(~I(y - x) + I((sa3 + sa4) / 2 - (tr3 + tr4) / 2), design)
show("gaps", number(coef(found)), "errors", number(SE(found)))
