# Waves, groups and decomposition under a design, from data/survey.csv: Rscript waves.R
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
options(digits = 12)
answers$row <- seq_len(nrow(answers)) - 1
answers$points <- 100 * (answers$nps >= 9) - 100 * (answers$nps <= 6)
answers$top <- as.numeric(answers$nps >= 9)
answers$later <- answers$wave == 2
say <- function(name, ...) cat(name, ":", format(c(...), digits = 12), "\n")

# Change between waves: weighted, stratified, clusters in both waves
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
for (outcome in c("points", "top", "loyalty")) {
  means <- svyby(as.formula(paste0("~", outcome)), ~wave, design, svymean, covmat = TRUE)
  change <- svycontrast(means, c(-1, 1))
  test <- svyttest(as.formula(paste0(outcome, " ~ later")), design)
  say(paste("change", outcome), coef(change), SE(change), test$statistic)
}

# Partial overlap: 150 people, most of them in both waves and some in one, weighted
answers$person <- answers$row %% 150
people <- svydesign(~person, weights = ~w, data = answers)
change <- svycontrast(svyby(~loyalty, ~wave, people, svymean, covmat = TRUE), c(-1, 1))
say("partial", coef(change), SE(change), svyttest(loyalty ~ later, people)$statistic)

# A full panel: the same 150 people once in each wave
first <- answers$loyalty[answers$wave == 1][1:150]
second <- answers$loyalty[answers$wave == 2][1:150]
paired <- t.test(second, first, paired = TRUE)
say("panel", paired$estimate, paired$conf.int, paired$p.value)

# Trend over four waves: contrast of their means, and the Wald test of departure from the line
answers$time <- answers$row %% 4
design <- update(design, time = answers$time)
means <- svyby(~loyalty, ~time, design, svymean, covmat = TRUE)
slope <- svycontrast(means, c(-3, -1, 1, 3) / 10)
curved <- svycontrast(means, list(a = c(1, -1, -1, 1), b = c(-1, 3, -3, 1)))
wald <- as.numeric(t(coef(curved)) %*% solve(vcov(curved)) %*% coef(curved))
fit <- svyglm(loyalty ~ time + factor(time == 1) + factor(time == 2), design)
again <- regTermTest(fit, ~ factor(time == 1) + factor(time == 2), df = Inf)
say("trend", coef(slope), SE(slope), wald, again$chisq)

# Kitagawa's decomposition by segment: totals of every cell, the parts by the delta method
cell <- paste0(ifelse(answers$later, "b", "a"), as.integer(factor(answers$segment)))
for (name in sort(unique(cell))) {
  answers[[paste0("n", name)]] <- as.numeric(cell == name)
  answers[[paste0("y", name)]] <- answers$loyalty * (cell == name)
}
design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
names <- sort(unique(cell))
totals <- svytotal(as.formula(paste("~", paste0("n", names, " + y", names, collapse = " + "))), design)
share <- function(w, g) sprintf("(n%s%d / (n%s1 + n%s2 + n%s3))", w, g, w, w, w)
mean_of <- function(w, g) sprintf("(y%s%d / n%s%d)", w, g, w, g)
all_of <- function(w) sprintf("((y%s1 + y%s2 + y%s3) / (n%s1 + n%s2 + n%s3))", w, w, w, w, w, w)
part <- list()
for (g in 1:3) {
  part[[paste0("mix", g)]] <- sprintf("(%s - %s) * ((%s + %s) / 2 - (%s + %s) / 2)", share("b", g),
    share("a", g), mean_of("a", g), mean_of("b", g), all_of("a"), all_of("b"))
  part[[paste0("within", g)]] <- sprintf("(%s - %s) * (%s + %s) / 2", mean_of("b", g), mean_of("a", g),
    share("a", g), share("b", g))
}
part$mix <- paste(part[c("mix1", "mix2", "mix3")], collapse = " + ")
part$within <- paste(part[c("within1", "within2", "within3")], collapse = " + ")
part$total <- paste(part$mix, "+", part$within)
for (name in names(part)) {
  found <- svycontrast(totals, str2lang(part[[name]]))
  say(name, coef(found), SE(found))
}

# Pairs of segments: differences, errors, Holm and Benjamini-Hochberg over measures and pairs
p <- c()
for (outcome in c("points", "loyalty")) {
  means <- svyby(as.formula(paste0("~", outcome)), ~segment, design, svymean, covmat = TRUE)
  for (pair in list(c(1, 2), c(1, 3), c(2, 3))) {
    sides <- rep(0, 3)
    sides[pair] <- c(-1, 1)
    found <- svycontrast(means, sides)
    inside <- as.integer(factor(answers$segment)) %in% pair
    freedom <- length(unique(paste(answers$stratum, answers$psu)[inside])) -
      length(unique(answers$stratum[inside]))
    p <- c(p, 2 * pt(-abs(coef(found) / SE(found)), freedom))
    say(paste(outcome, paste(pair, collapse = "-")), coef(found), SE(found), freedom)
  }
}
say("holm", p.adjust(p, "holm"))
say("bh", p.adjust(p, "BH"))

# Two shares: Pearson's chi-squared without correction
counts <- sapply(c(FALSE, TRUE), function(later) sum(answers$top[answers$later == later]))
say("shares", prop.test(counts, as.numeric(table(answers$later)), correct = FALSE)$p.value)
