"""Degrees of freedom as the words of published methods tell them, and what they are for."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.compare import freedom
from crmresearch.compare.analysis import compare, overall
from crmresearch.compare.matching import match
from crmresearch.compare.naming import line_up
from crmresearch.compare.reports import read
from crmresearch.methods import means, proportions
from crmresearch.methods.regression import described
from crmresearch.methods.weighting import design

from .conftest import estimate


@pytest.mark.parametrize(
    ("method", "df", "student"),
    [
        ("mean, t interval, 1,233 df", 1233, True),
        ("mean, t interval", 29, True),
        ("share, Wilson interval", math.inf, False),
        ("share, clustered by branch, Wilson interval on the effective n of 30", 9, False),
        ("difference of means, cluster-robust (7 clusters) errors", 6, True),
        ("linear regression, HC3 errors", 29, True),
        ("loading, clustered by account; 1,000 resamples of accounts", 9, False),
        ("of the correlations, jackknife over 20 random groups of accounts", 19, False),
        ("something that nobody knows, with a comma, accounts", 29, False),
        ("random effects, REML, k = 6, Hartung-Knapp t(5) interval", 5, True),
        ("BCH share, clustered by store, linearised variance, 12 df", 12, True),
        (
            "share, stratified, clustered by branch, 1,240 branchs, linearised variance, "
            "t interval, 1,231 df of the logit",
            1231,
            True,
        ),
        ("path; percentile interval; clustered by account; 100 resamples of accounts", 9, False),
        ("of the correlations, jackknife over 12 accounts", 11, False),
        ("Kaplan-Meier, log-log interval, infinitesimal jackknife between clusters", 9, False),
        ("Cox regression, adjusted for tenure, cluster-robust errors (1,012 clusters)", 1011, True),
        (
            "differences, 12 people to whom it happened, linearised errors, 24 clusters",
            23,
            True,
        ),
        (
            "difference within stores, 23 stores with several parts as clusters; Bonferroni",
            22,
            True,
        ),
        ("one-way analysis of variance, 25 groups of usual size 1.90; unweighted", 24, False),
        ("6 accounts by shrunken mean; the interval is the mean of the accounts' own", 5, False),
        ("ratio of totals over 15 stores, linearised t interval of its logit", 14, True),
        (
            "linear regression adjusted for Has 2 accounts, cluster-robust (7 clusters) errors",
            6,
            True,
        ),
        ("linear regression adjusted for Has 2 accounts, HC3 errors", 29, True),
    ],
)
def test_what_methods_say(method, df, student):
    assert freedom.of(estimate("a", 1, 1, n=30, method=method), 9) == (df, student)


def test_the_words_are_those_of_the_methods():
    rng = np.random.default_rng(1)
    values, stores = rng.normal(0, 1, 200), np.repeat(np.arange(10), 20)
    for name in ("account", "branch", "person"):
        made = design(200, None, None, pd.Series(stores), cluster_name=name)
        found = means.mean(values, key="a", name="A", design=made)
        assert freedom.of(found, math.inf) == (9, True)
        yes = proportions.share(values > 0, key="b", name="B", design=made)
        assert freedom.of_clusters([found, yes]) == 9
    assert freedom.of(means.mean(values, key="a", name="A"), math.inf) == (199, True)
    robust = estimate("a", 1, 1, method=f"difference, {described(10, 'HC3', False)} errors")
    assert freedom.of(robust, math.inf) == (9, True)


def of_few_stores(publish, values, errors, df=9):
    half = stats.t.ppf(0.975, df) * np.asarray(errors)
    method = (
        f"mean, clustered by branch, {df + 1} branchs, linearised variance, t interval, {df} df"
    )
    return [
        publish(f"B{row:02}", [estimate("a", float(v), float(h), method=method)])
        for row, (v, h) in enumerate(zip(values, half, strict=True))
    ]


def test_errors_are_recovered_with_t(publish, site):
    keys = of_few_stores(publish, [1.0, 2.0], [0.2, 0.4])
    lineup = line_up(read(site, keys))
    [quantity] = match(lineup)
    np.testing.assert_allclose(quantity.recovered.errors, [0.2, 0.4])
    [pair] = compare(quantity, lineup.labels).pairs
    df = (0.04 + 0.16) ** 2 / ((0.04**2 + 0.16**2) / 9)
    error = math.hypot(0.2, 0.4)
    np.testing.assert_allclose(pair.high - pair.value, stats.t.ppf(0.975, df) * error, rtol=1e-5)
    np.testing.assert_allclose(pair.p, 2 * stats.t.sf(1 / error, df), rtol=1e-8)
    assert pair.method.endswith("of two independent, 13 df")
    [test] = overall([quantity])  # of two, Welch's F is the square of his t
    np.testing.assert_allclose([test.value, test.p], [1 / error**2, pair.p], rtol=1e-8)
