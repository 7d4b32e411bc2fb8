# Correspondence analysis, of counts and of shares under a design: Rscript maps.R
# From data/survey.csv: groups are the regions, types the answers to sa1.
suppressPackageStartupMessages({library(survey); library(MASS)})
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
options(digits = 10)
# Axes have no sign: here the group furthest out lies on the positive side
oriented <- function(x) sweep(x, 2, sign(apply(x, 2, function(one) one[which.max(abs(one))])), "*")
answers$type <- factor(answers$sa1)
answers$region <- factor(answers$region)

# Counts: canonical correlations, scores (of variance one) and the test of independence
counts <- unclass(table(answers$region, answers$type))
found <- corresp(counts, nf = 3)
print(found$cor^2)
print(oriented(found$rscore %*% diag(found$cor)))
print(oriented(found$cscore %*% diag(found$cor)))
print(suppressWarnings(chisq.test(counts, correct = FALSE))[c("statistic", "p.value")])

# Shares under weights and clusters, with their joint covariance
design <- svydesign(~psu, weights = ~w, data = answers)
shares <- svyby(~type, ~region, design, svymean, covmat = TRUE)
size <- c(nlevels(answers$region), nlevels(answers$type))
profiles <- matrix(coef(shares), size[1])        # regions vary fastest
masses <- as.numeric(coef(svytotal(~region, design)))
masses <- masses / sum(masses)
centre <- as.numeric(masses %*% profiles)
apart <- sweep(profiles, 2, centre)
standard <- sqrt(masses) * sweep(apart, 2, sqrt(centre), "/")
parts <- svd(standard)
kept <- 1:3
print(parts$d[kept]^2)
onto <- parts$v[, kept] / sqrt(centre)
places <- apart %*% onto
print(oriented(places))

# Inertia against chance: moments of the quadratic form, F of Rao and Scott
covariance <- vcov(shares)
from <- diag(size[1]) - outer(rep(1, size[1]), masses)
moved <- kronecker(diag(size[2]), from) %*% covariance %*% t(kronecker(diag(size[2]), from))
scale <- as.vector(outer(sqrt(masses), 1 / sqrt(centre)))
form <- diag(scale) %*% moved %*% diag(scale)
chance <- sum(diag(form))
above <- chance^2 / sum(form^2)
below <- above * degf(design)
value <- sum(parts$d[kept]^2) / chance
print(c(chance = chance, value = value, above = above, below = below,
        p = pf(value, above, below, lower.tail = FALSE)))
errors <- sapply(1:size[1], function(g) {
  rows <- g + size[1] * (0:(size[2] - 1))
  sqrt(diag(t(onto) %*% moved[rows, rows] %*% onto))
})
print(t(errors))
