# Factor models with robust tests, clusters and weights, from data/survey.csv: Rscript structure.R
suppressPackageStartupMessages(library(lavaan))
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
options(digits = 9)
model <- "
  trust =~ tr1 + tr2 + tr3 + tr4
  satisfaction =~ sa1 + sa2 + sa3 + sa4
  commitment =~ co1 + co2 + co3 + co4"
wrong <- "
  one =~ tr1 + tr2 + sa1 + sa2 + sa3 + sa4
  two =~ tr3 + tr4 + co1 + co2 + co3 + co4"
wanted <- c("chisq", "df", "chisq.scaled", "chisq.scaling.factor", "cfi", "tli", "rmsea",
  "rmsea.ci.lower", "rmsea.ci.upper", "cfi.robust", "tli.robust", "rmsea.robust",
  "rmsea.ci.lower.robust", "rmsea.ci.upper.robust", "srmr")
told <- function(fit) {
  print(c(unclass(fitMeasures(fit, wanted))))
  print(parameterEstimates(fit)$se[1:12])
}

# Answers clustered by psu, then weighted too
told(cfa(model, answers, estimator = "MLR", cluster = "psu"))
told(cfa(model, answers, estimator = "MLR", cluster = "psu", sampling.weights = "w"))

# A model that does not fit, so that no index is at its bound
fit <- cfa(wrong, answers, estimator = "MLR")
told(fit)
standardised <- standardizedSolution(fit)
print(as.data.frame(standardised)[standardised$op == "=~", c("rhs", "est.std", "se")])

# Steps of invariance across segments, by scaled differences
steps <- list(NULL, "loadings", c("loadings", "intercepts"))
fits <- lapply(steps, function(equal) cfa(wrong, answers, estimator = "MLR", group = "segment",
  group.equal = if (is.null(equal)) "" else equal))
for (fit in fits) print(c(unclass(fitMeasures(fit, wanted))))
print(as.data.frame(lavTestLRT(fits[[1]], fits[[2]], fits[[3]], method = "satorra.bentler.2001")))
