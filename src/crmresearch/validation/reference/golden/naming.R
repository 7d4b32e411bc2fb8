# Agreement and association of categories, from data/survey.csv: Rscript naming.R
# Prints the entry `nominal` of golden.json.
suppressPackageStartupMessages({library(survey); library(psych); library(jsonlite)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
answers$one <- factor(answers$sa1, levels = 1:5)
answers$two <- factor(answers$sa2, levels = 1:5)
plain <- svydesign(~1, weights = ~1, data = answers)
complex <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)

cramer <- function(p, rows) {
  p <- matrix(p, nrow = rows)
  expected <- outer(rowSums(p), colSums(p))
  sqrt(sum((p - expected)^2 / expected) / (min(dim(p)) - 1))
}
slopes <- function(p, rows, step = 1e-6) sapply(seq_along(p), function(at) {
  moved <- function(by) { q <- p; q[at] <- q[at] + by; cramer(q, rows) }
  # the shares are taken as free: what they add up to cancels in the variance
  (moved(step) - moved(-step)) / (2 * step)
})
v <- function(design) {
  shares <- svymean(~interaction(one, region), design)
  p <- as.numeric(coef(shares))
  slope <- slopes(p, nlevels(answers$one))
  c(value = cramer(p, nlevels(answers$one)),
    se = as.numeric(sqrt(t(slope) %*% vcov(shares) %*% slope)))
}
k <- function(design) {
  found <- svykappa(~one + two, design)
  c(value = as.numeric(coef(found)), se = as.numeric(SE(found)))
}
answers$region <- factor(answers$region)
found <- cohen.kappa(answers[c("sa1", "sa2")])
out <- list(kappa = as.list(k(plain)), kappa_complex = as.list(k(complex)),
            kappa_psych = list(value = found$kappa, variance = found$var.kappa),
            v = as.list(v(plain)), v_complex = as.list(v(complex)))
cat(toJSON(out, digits = I(12), auto_unbox = TRUE, pretty = TRUE), "\n")
