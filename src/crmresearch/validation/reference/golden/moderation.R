# Moderated contrasts from data/recovery.csv: Rscript moderation.R
# The numbers that it prints stand in cases_recovery_moderation.toml.
suppressPackageStartupMessages({library(car); library(emmeans); library(sandwich); library(survey)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
people <- read.csv(file.path(here, "data", "recovery.csv"))
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) paste(formatC(as.numeric(x), digits = 8, format = "f"), collapse = " ")

# Ends of the region in which the contrast is clear of zero, from any covariance
bounds <- function(fit, V, critical, contrast = "recovered", product = "recovered:severity") {
  b <- coef(fit)[c(contrast, product)]
  V <- V[c(contrast, product), c(contrast, product)] * critical^2
  sort(Re(polyroot(c(b[1]^2 - V[1, 1], 2 * (b[1] * b[2] - V[1, 2]), b[2]^2 - V[2, 2]))))
}

show("## HC3: simple slopes at mean -1, 0, +1 SD, interaction, bounds")
fit <- lm(loyalty ~ recovered * severity + prior, people)
V <- vcovHC(fit, "HC3")
centre <- mean(people$severity); spread <- sd(people$severity)
slopes <- emmeans(fit, pairwise ~ recovered | severity, vcov. = V, infer = TRUE,
                  at = list(severity = centre + c(-1, 0, 1) * spread))$contrasts
found <- as.data.frame(summary(slopes, infer = TRUE))
show("slopes", number(-found$estimate)); show("errors", number(found$SE))
show("low", number(-found$upper.CL)); show("high", number(-found$lower.CL))
show("interaction", number(coef(fit)["recovered:severity"]),
     number(sqrt(V["recovered:severity", "recovered:severity"])))
show("bounds", number(bounds(fit, V, qt(0.975, fit$df.residual))))
show("Potthoff bounds", number(bounds(fit, V, sqrt(2 * qf(0.95, 2, fit$df.residual)))))

show("## Clusters of four neighbours, CR1")
people$team <- (people$id - 1) %/% 4
V <- vcovCL(fit, people$team, type = "HC1", cadjust = TRUE)
teams <- length(unique(people$team))
show("interaction", number(coef(fit)["recovered:severity"]),
     number(sqrt(V["recovered:severity", "recovered:severity"])))
show("bounds", number(bounds(fit, V, qt(0.975, teams - 1))))

show("## Survey weights, HC3")
people$w <- 0.5 + people$tenure / 4
fit <- lm(loyalty ~ recovered * severity + prior, people, weights = w)
V <- vcovHC(fit, "HC3")
show("interaction", number(coef(fit)["recovered:severity"]),
     number(sqrt(V["recovered:severity", "recovered:severity"])))
show("bounds", number(bounds(fit, V, qt(0.975, fit$df.residual))))

show("## A moderator of categories: Wald's F, HC3, and the contrast in each")
people$kind <- factor(c("one", "two", "three")[1 + people$id %% 3], c("one", "two", "three"))
fit <- lm(loyalty ~ recovered * kind + prior, people)
V <- vcovHC(fit, "HC3")
joint <- linearHypothesis(fit, c("recovered:kindtwo = 0", "recovered:kindthree = 0"), vcov. = V,
                          test = "F")
show("F", number(joint$F[2]), "p", number(joint$`Pr(>F)`[2]))
found <- as.data.frame(summary(emmeans(fit, pairwise ~ recovered | kind, vcov. = V)$contrasts))
show("contrasts", number(-found$estimate)); show("errors", number(found$SE))

show("## Bins of tenure by terciles against one line, HC3")
cuts <- quantile(people$tenure, 1:2 / 3)
people$bin <- factor(findInterval(people$tenure, cuts, left.open = TRUE))
medians <- tapply(people$tenure, people$bin, median)
people$away <- people$tenure - medians[people$bin]
show("medians", number(medians))
fit <- lm(loyalty ~ 0 + bin + bin:recovered + bin:away + bin:away:recovered + prior, people)
V <- vcovHC(fit, "HC3")
names <- c(paste0("bin", 0:2, ":recovered"), paste0("bin", 0:2, ":recovered:away"))
names <- sapply(names, function(x) {
  parts <- sort(strsplit(x, ":")[[1]])
  names(coef(fit))[sapply(strsplit(names(coef(fit)), ":"), function(y) identical(sort(y), parts))]
})
show("contrasts", number(coef(fit)[names[1:3]]))
show("errors", number(sqrt(diag(V[names[1:3], names[1:3]]))))
# effect_j = a + s m_j and slope_j = s: four restrictions on six coefficients
rows <- rbind(c(-1, 1, 0, -(medians[2] - medians[1]), 0, 0),
              c(-1, 0, 1, -(medians[3] - medians[1]), 0, 0),
              c(0, 0, 0, -1, 1, 0), c(0, 0, 0, -1, 0, 1))
full <- matrix(0, 4, length(coef(fit)), dimnames = list(NULL, names(coef(fit))))
full[, names] <- rows
joint <- linearHypothesis(fit, full, vcov. = V, test = "F")
show("F", number(joint$F[2]), "p", number(joint$`Pr(>F)`[2]))

show("## Two complaints in their order: four cells by premium and recovered, HC3")
people$cell <- factor(paste(people$premium, people$recovered), c("0 0", "0 1", "1 0", "1 1"))
fit <- lm(loyalty ~ cell + prior, people)
V <- vcovHC(fit, "HC3")
means <- emmeans(fit, ~ cell, vcov. = V)
show("means", number(as.data.frame(means)$emmean))
found <- as.data.frame(contrast(means, list(
  order = c(0, 1, -1, 0), twice = c(1, -0.5, -0.5, 0), beyond = c(1, -1, -1, 1)),
  adjust = "none"))
show("contrasts", number(found$estimate)); show("errors", number(found$SE))
show("holm", number(p.adjust(found$p.value, "holm")))
reach <- qt(1 - 0.05 / 2 / 3, fit$df.residual)
show("low", number(found$estimate - reach * found$SE))
show("high", number(found$estimate + reach * found$SE))
