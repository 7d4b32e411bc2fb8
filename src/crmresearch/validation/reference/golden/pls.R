# A path model by partial least squares on the respondents' scores, from data/survey.csv:
# Rscript pls.R. Base R; regressions by lm, weights of respondents where asked.
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
answers <- read.csv(file.path(here, "data", "survey.csv"))
blocks <- list(offer = paste0("x", 1:3), trust = paste0("tr", 1:4), satisfaction = paste0("sa", 1:4),
  commitment = paste0("co", 1:4), recommend = "nps")
leads <- list(trust = "offer", satisfaction = c("offer", "trust"), commitment = c("trust", "satisfaction"),
  recommend = c("satisfaction", "commitment"))
told <- function(name, x) cat(name, format(x, digits = 10), "\n")

pls <- function(scheme, scaled = TRUE, formative = character(), w = rep(1, nrow(answers))) {
  w <- w / sum(w)
  moment <- function(a, b) sum(w * a * b)
  centred <- function(x) x - sum(w * x)
  unit <- function(x) x / sqrt(moment(x, x))
  items <- lapply(blocks, function(b) apply(answers[b], 2, function(x) if (scaled) unit(centred(x)) else centred(x)))
  scores <- sapply(items, function(x) unit(rowSums(x)))
  part <- function(y, x) coef(lm(y ~ x - 1, weights = w))
  repeat {
    proxies <- sapply(names(blocks), function(one) {
      before <- leads[[one]]; after <- names(leads)[sapply(leads, function(l) one %in% l)]
      near <- c(before, after); r <- sapply(near, function(other) moment(scores[, one], scores[, other]))
      e <- switch(scheme, centroid = sign(r), factorial = r,
        path = c(if (length(before)) part(scores[, one], scores[, before, drop = FALSE]), r[after]))
      drop(scores[, near, drop = FALSE] %*% e) })
    weights <- sapply(names(blocks), function(one) if (one %in% formative) part(proxies[, one], items[[one]])
      else apply(items[[one]], 2, moment, proxies[, one]), simplify = FALSE)
    new <- sapply(names(blocks), function(one) unit(drop(items[[one]] %*% weights[[one]])))
    gap <- max(abs(new - scores)); scores <- new
    if (gap < 1e-13) break
  }
  outer <- lapply(names(blocks), function(one) weights[[one]] / sqrt(moment(items[[one]] %*% weights[[one]], items[[one]] %*% weights[[one]])))
  names(outer) <- names(blocks)
  paths <- lapply(names(leads), function(one) part(scores[, one], scores[, leads[[one]], drop = FALSE]))
  names(paths) <- names(leads)
  r2 <- sapply(names(leads), function(one) 1 - moment(scores[, one] - scores[, leads[[one]], drop = FALSE] %*% paths[[one]],
    scores[, one] - scores[, leads[[one]], drop = FALSE] %*% paths[[one]]))
  loadings <- lapply(names(blocks), function(one) apply(items[[one]], 2, function(x) moment(unit(x), scores[, one])))
  names(loadings) <- names(blocks)
  list(paths = paths, r2 = r2, weights = outer, loadings = loadings, scores = scores, items = items, w = w)
}

for (scheme in c("centroid", "factorial", "path")) for (scaled in c(TRUE, FALSE)) {
  found <- pls(scheme, scaled)
  told(paste(scheme, if (scaled) "standardised" else "raw", "paths"), unlist(found$paths))
  told(paste(scheme, if (scaled) "standardised" else "raw", "r2"), found$r2)
}
found <- pls("path")
told("weights", unlist(found$weights)); told("loadings", unlist(found$loadings))
told("ave", sapply(found$loadings, function(l) mean(l^2)))
rho <- sapply(names(blocks), function(one) { w <- found$weights[[one]]; if (length(w) < 2) return(1)
  s <- cor(answers[blocks[[one]]]); diag(s) <- 0; ww <- w %o% w; diag(ww) <- 0
  sum(w^2)^2 * sum(s * (w %o% w)) / sum(ww * (w %o% w)) })
told("rho_A", rho)
r <- cor(found$scores) / sqrt(rho %o% rho); diag(r) <- 1
told("consistent", unlist(lapply(names(leads), function(one) solve(r[leads[[one]], leads[[one]]], r[leads[[one]], one]))))
# Total effects, from regressions taken step by step
direct <- matrix(0, 5, 5, dimnames = list(names(blocks), names(blocks)))
for (one in names(leads)) direct[leads[[one]], one] <- found$paths[[one]]
total <- solve(diag(5) - direct) - diag(5)
told("total offer", total["offer", ]); told("total trust", total["trust", ])
# SRMR of the composite model: constructs go together through the paths alone
implied <- diag(5); dimnames(implied) <- dimnames(direct)
for (one in names(leads)) { done <- names(blocks)[seq_len(match(one, names(blocks)) - 1)]
  implied[one, done] <- implied[done, one] <- found$paths[[one]] %*% implied[leads[[one]], done, drop = FALSE] }
owner <- rep(names(blocks), lengths(blocks)); l <- unlist(found$loadings)
s <- cor(answers[unlist(blocks)]); fitted <- (l %o% l) * implied[owner, owner]
same <- outer(owner, owner, "=="); fitted[same] <- s[same]
told("srmr", sqrt(mean((s - fitted)[lower.tri(s, diag = TRUE)]^2)))
# Formative offer; weighted respondents
found <- pls("path", formative = "offer")
told("formative paths", unlist(found$paths)); told("formative weights", found$weights$offer)
found <- pls("path", w = answers$w)
told("weighted paths", unlist(found$paths)); told("weighted r2", found$r2)
# Index from 0 to 100 of satisfaction, items from 1 to 5, weights for the answers themselves
found <- pls("path"); u <- found$weights$satisfaction / apply(answers[blocks$satisfaction], 2, function(x) sqrt(mean((x - mean(x))^2)))
told("index", 100 * sum(u * (colMeans(answers[blocks$satisfaction]) - 1)) / sum(u * 4))
