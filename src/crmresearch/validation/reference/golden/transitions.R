# Types of people asked twice, from data/lca.csv (y1..y8 >= 2): Rscript transitions.R
# The first half of the rows is one wave, the second half the next; people are paired within `true`.
# The numbers that it prints stand in cases_archetypes_waves.toml. Base R only.
arguments <- commandArgs(FALSE)
here <- dirname(normalizePath(sub("--file=", "", arguments[grep("--file=", arguments)])))
lca <- read.csv(file.path(here, "data", "lca.csv"))
lca <- lca[seq_len(2 * (nrow(lca) %/% 2)), ]
wave <- rep(1:2, each = nrow(lca) / 2)
lca <- lca[order(wave, lca$true, seq_len(nrow(lca))), ]
x <- (as.matrix(lca[, 1:8]) >= 2) * 1
show <- function(name, values) cat(name, "=", paste(formatC(values, digits = 7, format = "f"), collapse = " "), "\n")

density <- function(x, p) exp(x %*% t(log(p)) + (1 - x) %*% t(log(1 - p)))
em <- function(x, s, p, fixed = FALSE) {
  old <- -Inf
  repeat {
    joint <- sweep(density(x, p), 2, s, "*")
    total <- rowSums(joint)
    post <- joint / total
    s <- colMeans(post)
    if (!fixed) p <- pmin(pmax(t(post) %*% x / colSums(post), 1e-12), 1 - 1e-12)
    if (sum(log(total)) - old < 1e-13) break
    old <- sum(log(total))
  }
  list(s = s, p = p, post = post, ll = sum(log(total)))
}
start <- function(x, k) {
  s <- tabulate(k) / length(k)
  p <- t(sapply(seq_along(s), function(c) colMeans(x[k == c, ])))
  found <- em(x, s, pmin(pmax(p, 0.02), 0.98))
  by_size <- order(-found$s)
  em(x, found$s[by_size], found$p[by_size, ])
}

cat("## The table of changes, three classes\n")
fit <- start(x, lca$true)
show("log_likelihood", fit$ll)
show("shares", fit$s)
modal <- max.col(fit$post, "first")
placed <- t(fit$post) %*% diag(3)[modal, ] / colSums(fit$post)
show("placed", diag(placed))
half <- nrow(x) / 2
first <- modal[1:half]; second <- modal[half + 1:half]
naive <- table(factor(first, 1:3), factor(second, 1:3)) / half
joint <- solve(t(placed)) %*% naive %*% solve(placed)
show("naive stay", sum(diag(naive)))
show("stay", sum(diag(joint)))
show("joint", as.vector(t(joint)))
show("net", colSums(joint) - rowSums(joint))

# the same by maximum likelihood of pairs, the classes held: a latent Markov model of two waves
f <- density(x[1:half, ], fit$p); g <- density(x[half + 1:half, ], fit$p)
q <- outer(fit$s, fit$s)
for (step in 1:20000) q <- q * (t(f / rowSums((f %*% q) * g)) %*% g) / half
show("latent Markov", as.vector(t(q)))

cat("## The second wave with the profiles of the first held\n")
before <- start(x[1:half, ], lca$true[1:half])
after <- em(x[half + 1:half, ], before$s, before$p, fixed = TRUE)
show("before", before$s)
show("after", after$s)
show("log_likelihood", after$ll)
show("scored", colMeans({j <- sweep(density(x[half + 1:half, ], before$p), 2, before$s, "*"); j / rowSums(j)}))
anew <- start(x[half + 1:half, ], lca$true[half + 1:half])
apart <- function(a, b) sqrt(mean(1 - sqrt(a * b) - sqrt((1 - a) * (1 - b))))
distance <- outer(1:3, 1:3, Vectorize(function(i, j) apart(before$p[i, ], anew$p[j, ])))
show("new", sort(anew$s, decreasing = TRUE))
show("distance", apply(distance, 1, min))
