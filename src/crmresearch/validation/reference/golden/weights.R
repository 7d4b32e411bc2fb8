# Raked weights, calibrated errors and design effects, from data/survey.csv: Rscript weights.R
# The numbers that it prints stand in cases_survey_weights.toml.
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
answers$promoter <- as.numeric(answers$nps >= 9)
ages <- data.frame(age = c("18-34", "35-54", "55+"), Freq = c(300, 380, 320))
regions <- data.frame(region = c("E", "N", "S", "W"), Freq = c(210, 290, 260, 240))
totals <- c(`(Intercept)` = 1000, `age35-54` = 380, `age55+` = 320,
            regionN = 290, regionS = 260, regionW = 240)
show <- function(...) cat(..., "\n", sep = " ")
number <- function(x) formatC(as.numeric(x), digits = 7, format = "f")
raked <- function(design) rake(design, list(~age, ~region), list(ages, regions),
                               control = list(maxit = 200, epsilon = 1e-13))
calibrated <- function(design) calibrate(design, ~age + region, totals, calfun = "raking",
                                         maxit = 200, epsilon = 1e-13)
report <- function(name, design) {
  show("##", name)
  mean <- svymean(~loyalty, design, deff = "replace")
  show("mean", number(coef(mean)), "se", number(SE(mean)), "deff", number(deff(mean)))
  parts <- svyby(~loyalty, ~segment, design, svymean)
  show("segments", number(parts$loyalty), "se", number(parts$se))
  share <- svyciprop(~promoter, design, method = "logit", df = degf(design))
  show("promoters", number(share), "ci", number(attr(share, "ci")))
  for (outcome in c(loyalty ~ wave, promoter ~ wave)) {  # svyby has no covariances once raked
    change <- svyglm(outcome, design)
    show("change", number(coef(change)[2]), "se", number(SE(change)[2]))
  }
}
plain <- svydesign(~1, weights = rep(1, nrow(answers)), data = answers)
weighted <- svydesign(~1, weights = ~w, data = answers)
complex <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
equal <- svydesign(~psu, strata = ~stratum, weights = rep(1, nrow(answers)), data = answers,
                   nest = TRUE)
report("weights, strata and clusters", complex)
report("equal weights, rake", raked(plain))
report("equal weights, strata and clusters, rake", raked(equal))
report("weights, rake", raked(weighted))
report("weights, strata and clusters, rake", raked(complex))
report("weights, strata and clusters, calibrate", calibrated(complex))

show("## missing answers and weights of (almost, for calibrate divides by them) zero")
some <- answers
some$loyalty[seq(7, 360, 11)] <- NA
some$w[seq(5, 360, 13)] <- 1e-12
gaps <- calibrated(svydesign(~psu, strata = ~stratum, weights = ~w, data = some, nest = TRUE))
mean <- svymean(~loyalty, gaps, na.rm = TRUE)
show("mean", number(coef(mean)), "se", number(SE(mean)))
gaps <- svydesign(~psu, strata = ~stratum, weights = ~w, data = some, nest = TRUE)
mean <- svymean(~loyalty, gaps, na.rm = TRUE)
show("mean", number(coef(mean)), "se", number(SE(mean)))

show("## a stratum with one cluster")
options(survey.lonely.psu = "adjust")
lonely <- answers[!(answers$stratum == 3 & answers$psu != min(answers$psu[answers$stratum == 3])), ]
alone <- svydesign(~psu, strata = ~stratum, weights = ~w, data = lonely, nest = TRUE)
mean <- svymean(~loyalty, alone)
show("n", nrow(lonely), "mean", number(coef(mean)), "se", number(SE(mean)))

show("## weighted less unweighted: each row twice in its cluster, once with weight 1")
for (clustered in c(FALSE, TRUE)) {
  twice <- rbind(cbind(answers, copy = 1, v = answers$w), cbind(answers, copy = 2, v = 1))
  both <- if (clustered) svydesign(~psu, strata = ~stratum, weights = ~v, data = twice, nest = TRUE)
          else svydesign(~id, weights = ~v, data = twice)
  for (outcome in c(~loyalty, ~promoter)) {
    shift <- svycontrast(svyby(outcome, ~copy, both, svymean, covmat = TRUE), c(1, -1))
    show("shift", number(coef(shift)), "se", number(SE(shift)))
  }
}

show("## raked less unweighted: residuals of the raked mean's contributions by lm")
final <- weights(calibrated(weighted))
centred <- answers$loyalty - weighted.mean(answers$loyalty, final)
left <- residuals(lm(centred ~ age + region, answers, weights = w)) * final / sum(final)
each <- left - (answers$loyalty - mean(answers$loyalty)) / nrow(answers)
total <- svytotal(~each, svydesign(~psu, strata = ~stratum, weights = ~1, nest = TRUE,
                                   data = cbind(answers, each)))
show("shift", number(weighted.mean(answers$loyalty, final) - mean(answers$loyalty)),
     "se", number(SE(total)))

show("## equal shares in all groups: Wald F, its degrees of freedom and p")
answers$high <- as.numeric(answers$loyalty > 55)
complex <- svydesign(~psu, strata = ~stratum, weights = ~w, data = answers, nest = TRUE)
for (groups in c("segment", "region")) {
  test <- regTermTest(svyglm(reformulate(groups, "high"), complex), groups)
  show(groups, number(test$Ftest), test$df, test$ddf, number(test$p))
}
