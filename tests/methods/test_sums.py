"""Fits from sums against the regression that copies its rows."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import sums
from crmresearch.methods.regression import ordinary_least_squares
from crmresearch.methods.student import t_quantile


def world(seed, n=400):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "prior": rng.normal(5, 1, n),
            "tenure": 1e5 + rng.gamma(2, 300, n),
            "segment": pd.Categorical(rng.choice(["a", "b", "c"], n)),
            "twice": 0.0,
        }
    )
    frame["twice"] = 2 * frame["prior"]
    frame.loc[:6, "tenure"] = np.nan
    outcome = frame["prior"].to_numpy() + rng.normal(size=n)
    outcome[20:40] = np.nan
    group = rng.random(n) < 0.3
    within = group | (rng.random(n) < 0.7)
    return frame, outcome, group, within, rng


def fitted(made, outcome, within, group):
    used = within & made.complete & np.isfinite(outcome)
    return sums.fit(made, sums.group(made, used, group, "group"), outcome, int(within.sum()))


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_sums_give_the_regression(clustered, weighted):
    frame, outcome, group, within, rng = world(3)
    clusters = rng.integers(0, 60, len(frame)) if clustered else None
    weights = rng.random(len(frame)) if weighted else None
    if weighted:
        weights[50:60] = 0.0
    made = sums.rows(frame, clusters=clusters, weights=weights)
    at = made.order
    found = fitted(made, outcome[at], within[at], group[at])
    expected = ordinary_least_squares(
        outcome[within],
        pd.DataFrame({"group": group * 1.0}).join(frame)[within],
        cluster=None if clusters is None else clusters[within],
        weights=None if weights is None else weights[within],
    )
    assert found.terms == expected.terms
    assert found.aliased == expected.aliased == ("twice",)
    assert (found.n, found.n_dropped) == (expected.n, expected.n_dropped)
    used = within & np.isfinite(outcome) & frame["tenure"].notna().to_numpy()
    used &= True if weights is None else weights > 0
    units = np.arange(len(frame)) if clusters is None else clusters
    sides = [len(np.unique(units[used & side])) - 1 for side in (group, ~group)]
    assert found.df == min(expected.df, *sides)
    assert found.errors == expected.errors
    assert_allclose(found.coefficients, expected.coefficients, rtol=1e-8)
    assert_allclose(found.covariance, expected.covariance, rtol=1e-7, atol=1e-15)
    assert_allclose(list(found.means.values()), list(expected.means.values()), rtol=1e-10)


@pytest.mark.parametrize("n", [0, 1, 2, 30])
def test_nothing_to_fit_gives_nothing(n):
    made = sums.rows(pd.DataFrame({"x": np.arange(n, dtype=float)}))
    constant = fitted(made, np.ones(n), np.ones(n, bool), np.arange(n) % 2 == 0)
    assert np.isnan(constant.coefficients).all()
    missing = fitted(made, np.full(n, np.nan), np.ones(n, bool), np.zeros(n, bool))
    assert (missing.n, missing.n_dropped) == (0, n)
    assert np.isnan(missing.coefficients).all()


def test_a_group_of_one_has_no_hc3_error():
    rng = np.random.default_rng(1)
    made = sums.rows(pd.DataFrame(index=range(30)))
    group = np.arange(30) == 4
    found = fitted(made, rng.normal(size=30), np.ones(30, bool), group)
    assert np.isnan(found.covariance).all()
    assert np.isfinite(found.coefficients).all()


@pytest.mark.parametrize(("clustered", "least"), [(False, 0.945), (True, 0.93)])
def test_intervals_of_a_small_group_hold(clustered, least):
    """12 of the group beside 400: with residual degrees of freedom 94%, and 91% in clusters."""
    rng = np.random.default_rng(2)
    few, n, hit, tries = 12, 412, 0, 1200
    group = np.arange(n) < few
    for _ in range(tries):
        clusters = rng.integers(0, n // 3, n) if clustered else None
        shared = 0.5 * rng.normal(size=n)[clusters] if clustered else 0.0
        prior = rng.normal(size=n) + 0.5 * group
        made = sums.rows(pd.DataFrame({"prior": prior}), clusters=clusters)
        outcome = 0.7 * prior + shared + rng.normal(size=n)
        fit = fitted(made, outcome[made.order], np.ones(n, bool), group[made.order])
        error = fit.covariance[1, 1] ** 0.5
        hit += abs(fit.coefficients[1]) <= t_quantile(0.975, fit.df) * error
    assert least <= hit / tries <= 0.97
