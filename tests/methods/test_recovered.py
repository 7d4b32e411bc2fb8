"""Standard errors behind published intervals, and differences made of two of them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from crmresearch.methods import ranks, recovered, welch
from crmresearch.methods.clearance import clearance
from crmresearch.methods.proportions import wilson

Z = stats.norm.ppf(0.975)


def of(values, lows, highs, unit="SD", level=0.95):
    return recovered.recover(values, lows, highs, [level] * len(values), unit=unit)


def test_two_wilson_intervals_give_newcombes_interval_of_their_difference():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10, contrast (a):
    # 56/70 - 48/80: 0.0524 to 0.3339
    ends = [wilson(56, 70), wilson(48, 80)]
    item = of([56 / 70, 48 / 80], [x[0] for x in ends], [x[1] for x in ends], unit="share")
    value, low, high = recovered.pairs(item, [0], [1], Z)
    assert_allclose(value, 0.2)
    assert_allclose([low[0], high[0]], [0.0524, 0.3339], atol=5e-5)
    assert item.scale is recovered.LOGIT
    assert_allclose(item.below, item.above)  # Newcombe (2001): exactly symmetric there


def test_two_correlations_give_zous_interval_of_their_difference():
    # R 4.2.2, as in Zou (2007): square the distances of the ends on Fisher's z, back-transformed
    # > ci <- function(r, n) tanh(atanh(r) + c(-1, 1) * qnorm(.975) / sqrt(n - 3))
    # > a <- ci(.657, 62); b <- ci(.430, 143); d <- .657 - .430
    # > d - sqrt((.657 - a[1])^2 + (b[2] - .430)^2); d + sqrt((a[2] - .657)^2 + (.430 - b[1])^2)
    # 0.0161466537008 0.4156655858725
    r, n = np.array([0.657, 0.430]), np.array([62, 143])
    half = Z / np.sqrt(n - 3)
    low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
    item = of(r, low, high, unit="correlation")
    assert item.scale is recovered.FISHER
    assert_allclose(item.errors, 1 / np.sqrt(n - 3))
    _, from_, to = recovered.pairs(item, [0], [1], Z)
    assert_allclose([from_[0], to[0]], [0.0161466537008, 0.4156655858725], rtol=1e-11)


def test_on_a_scale_of_its_own_the_difference_is_the_usual_one():
    values, errors = np.array([1.0, 2.5, -0.3]), np.array([0.2, 0.4, 0.1])
    item = of(values, values - Z * errors, values + Z * errors)
    assert item.scale is recovered.PLAIN
    _, low, high = recovered.pairs(item, [0, 1], [2, 0], Z)
    half = Z * np.hypot(errors[[0, 1]], errors[[2, 0]])
    assert_allclose([low, high], [[1.3, 1.5] - half, [1.3, 1.5] + half])
    found = clearance(lambda q: recovered.pairs(item, [0, 1], [2, 0], q), 2)
    assert_allclose(found, np.array([1.3, 1.5]) / (half / Z))


def test_of_shares_it_is_where_the_interval_touches_zero():
    ends = [wilson(3, 40), wilson(11, 40), wilson(0, 40), wilson(40, 40)]
    item = of([3 / 40, 11 / 40, 0.0, 1.0], *zip(*ends, strict=True), unit="share")
    first, second = [1, 0, 3, 0], [0, 1, 2, 0]
    found = clearance(lambda q: recovered.pairs(item, first, second, q), 4)
    _, low, high = recovered.pairs(item, first, second, found)
    assert_allclose([low[0], high[1]], 0, atol=1e-12)
    assert found[0] == pytest.approx(found[1])
    assert 5 < found[2] < 40
    assert found[3] == 0


def test_against_the_others_is_a_contrast_of_independent_estimates():
    values, errors = np.array([1.0, 2.0, 4.0]), np.array([0.1, 0.2, 0.3])
    item = of(values, values - Z * errors, values + Z * errors)
    value, low, high = recovered.against_others(item, 2.0)
    assert_allclose(value, [1 - 3, 2 - 2.5, 4 - 1.5])
    own = np.sqrt(errors**2 + np.array([0.13, 0.10, 0.05]) / 4)
    assert_allclose(high - low, 4 * own)


def test_levels_are_of_the_reports_own():
    item = recovered.recover([0.0, 0.0], [-1, -1], [1, 1], [0.95, 0.99], unit="SD")
    assert_allclose(item.errors, 1 / stats.norm.ppf([0.975, 0.995]))


def test_a_share_of_none_has_a_difference_and_an_error_on_the_safe_side():
    ends = [wilson(0, 50), wilson(25, 50)]
    item = of([0.0, 0.5], [x[0] for x in ends], [x[1] for x in ends], unit="share")
    assert item.scale is recovered.ARCSINE  # no logit of zero
    assert_array_equal(item.even, [False, True])
    assert np.isfinite(item.errors).all()
    assert item.errors[0] > 0.5 / np.sqrt(50)
    value, low, high = recovered.pairs(item, [1], [0], Z)
    assert low[0] > 0.3
    assert high[0] < 0.7
    assert value[0] == 0.5


def test_an_interval_that_fits_no_scale_keeps_its_sides():
    item = of([1.0, 1.0], [0.9, 0.0], [2.0, 2.0])
    assert_array_equal(item.even, [False, True])
    assert item.errors[0] == item.above[0] > item.below[0]
    low, high = item.limits(Z)
    assert_allclose([low[0], high[0]], [0.9, 2.0])


def test_alpha_is_symmetric_where_it_was_made():
    # Bonett (2002): the interval of alpha is that of the logarithm of 1 less it
    alpha, half = np.array([0.7, 0.85]), 0.3
    low, high = 1 - (1 - alpha) * np.exp(half), 1 - (1 - alpha) * np.exp(-half)
    item = of(alpha, low, high, unit="coefficient")
    assert item.scale is recovered.COMPLEMENT
    assert_allclose(item.errors, half / Z)


def test_reversed_or_empty_intervals_are_refused():
    for low, high in [(0.2, 0.4), (0.1, 0.1)]:
        with pytest.raises(ValueError, match="holds its value and has a width"):
            of([0.1], [low], [high])


def test_differences_of_shares_hold_as_often_as_they_say():
    rng, truth, n = np.random.default_rng(3), np.array([0.06, 0.15]), np.array([120, 200])
    held = 0
    for yes in rng.binomial(n, truth, size=(300, 2)):
        ends = [wilson(int(y), int(m)) for y, m in zip(yes, n, strict=True)]
        item = of(yes / n, [x[0] for x in ends], [x[1] for x in ends], unit="share")
        _, low, high = recovered.pairs(item, [1], [0], Z)
        held += bool(low[0] <= truth[1] - truth[0] <= high[0])
    assert 0.915 < held / 300 < 0.985


def test_ratios_and_fits_are_symmetric_where_they_were_made():
    # Ratios of correlations (HTMT) have intervals on the log scale, R2 of folds on that of 1 - R2
    values, half = np.array([0.8, 1.1]), 0.4
    ends = values * np.exp(-half), values * np.exp(half)
    item = of(values, *ends, unit="coefficient")
    assert item.scale is recovered.LOG
    assert_allclose(item.errors, half / Z)
    fits = np.array([0.5, 0.6])
    item = of(fits, 1 - (1 - fits) * np.exp(half), 1 - (1 - fits) * np.exp(-half), unit="R2")
    assert item.scale is recovered.COMPLEMENT
    assert_allclose(item.errors, half / Z)


def of_few_clusters(rng, k, df):
    """Alike means with t intervals, as of few shops each."""
    values, errors = rng.normal(0, 1, k), np.sqrt(rng.chisquare(df, k) / df)
    half = stats.t.ppf(0.975, df) * errors
    levels = [0.95] * k
    return recovered.recover(values, values - half, values + half, levels, unit="SD", freedom=df)


def test_errors_and_their_freedom_are_those_of_the_t_interval():
    half = stats.t.ppf(0.975, 9) * np.array([0.2, 0.4])
    ends = [1.0 - half[0], 2.0 - half[1]], [1.0 + half[0], 2.0 + half[1]]
    item = recovered.recover([1.0, 2.0], *ends, [0.95] * 2, unit="SD", freedom=9)
    assert_allclose(item.errors, [0.2, 0.4])
    # R 4.2.2: Welch's df of two means, (a + b)^2 / (a^2 / 9 + b^2 / 9) with a = .04, b = .16
    assert_allclose(recovered.freedom_of_pairs(item, [0], [1]), 13.2352941176471)
    normal = recovered.recover(
        [1.0, 2.0], *ends, [0.95] * 2, unit="SD", freedom=9, student=[False, True]
    )
    assert_allclose(normal.errors, [half[0] / Z, 0.4])
    assert_array_equal(normal.freedom, [9, 9])
    assert_array_equal(recovered.freedom_of_pairs(of([1, 2], [0, 1], [2, 3]), [0], [1]), [np.inf])


def test_welchs_test_matches_r():
    # R 4.2.2
    # > m <- c(5.1, 4.2, 4.9, 6.0); e <- c(.3, .5, .4, .6); n <- c(10, 8, 12, 6); w <- 1 / e^2
    # > l <- sum((1 - w / sum(w))^2 / (n - 1)); g <- sum(w * m) / sum(w)
    # > f <- sum(w * (m - g)^2) / 3 / (1 + 2 * 2 * l / 15); d <- 15 / (3 * l)
    # > c(f, d, pf(f, 3, d, lower.tail = FALSE), pchisq(sum(w * (m - g)^2), 3, lower.tail = FALSE))
    values, weights = [5.1, 4.2, 4.9, 6.0], 1 / np.array([0.3, 0.5, 0.4, 0.6]) ** 2
    found = welch.alike(values, weights, np.array([9, 7, 11, 5]))
    assert_allclose(
        [found.f, found.within, found.p],
        [1.68504001431935, 14.77782011204158, 0.21341806506287],
        rtol=1e-10,
    )
    known = welch.alike(values, weights, np.full(4, np.inf))
    assert_allclose(known.p, 0.13796908749552, rtol=1e-10)


def test_pairs_of_reports_of_few_clusters_hold_as_often_as_they_say():
    rng, pairs, all_alike, others, runs = np.random.default_rng(8), 0, 0, 0, 1200
    k, df, least = 12, 9, 0.93
    first, second = np.triu_indices(k, 1)
    for _ in range(runs):
        item = of_few_clusters(rng, k, df)
        reach = ranks.tukey(0.95, k, recovered.freedom_of_pairs(item, first, second))
        _, low, high = recovered.pairs(item, first, second, reach)
        pairs += bool(((low <= 0) & (high >= 0)).all())
        reach = recovered.reaches(0.95 ** (1 / k), recovered.freedom_against_others(item))
        _, low, high = recovered.against_others(item, reach)
        others += bool(((low <= 0) & (high >= 0)).all())
        all_alike += welch.alike(item.values, item.errors**-2.0, item.freedom).p >= 0.05
    slack = 2.5 * (0.05 * 0.95 / runs) ** 0.5
    assert pairs / runs >= least - slack
    assert others / runs >= least - slack
    assert all_alike / runs >= least - slack
