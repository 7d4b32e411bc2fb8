"""Robust regression against R, on awkward designs, and by simulation where answers cluster."""

import math

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.regression import (
    INTERCEPT,
    adjusted_mean,
    contrast,
    joint_test,
    ordinary_least_squares,
    simultaneous,
)
from crmresearch.validation.references import golden_number, golden_table


@pytest.fixture(scope="module")
def recovery():
    return golden_table("recovery")


def numbers(path, size):
    return [golden_number(f"{path}.{position}")[0] for position in range(size)]


@pytest.mark.parametrize(("errors", "path"), [("HC3", "hc3_se"), ("classical", "se")])
def test_ancova_matches_r(recovery, errors, path):
    fit = ordinary_least_squares(
        recovery["loyalty"], recovery[["recovered", "prior", "severity"]], errors=errors
    )
    assert fit.terms == (INTERCEPT, "recovered", "prior", "severity")
    assert_allclose(fit.coefficients, numbers("ancova.coef", 4), atol=1e-6)
    assert_allclose(np.sqrt(np.diag(fit.covariance)), numbers(f"ancova.{path}", 4), atol=1e-6)


def test_adjusted_means_match_emmeans(recovery):
    fit = ordinary_least_squares(
        recovery["loyalty"], recovery[["recovered", "prior", "severity"]], errors="classical"
    )
    found = [adjusted_mean(fit, {"recovered": x}, key="m", name="m") for x in (0, 1)]
    assert_allclose([item.value for item in found], numbers("ancova.adj_means", 2), atol=1e-6)
    t = (found[1].high - found[1].value) / golden_number("ancova.adj_se.1")[0]
    assert t == pytest.approx(1.965, abs=0.01)


def test_f_of_one_term_matches_type_two_anova(recovery):
    fit = ordinary_least_squares(
        recovery["loyalty"], recovery[["recovered", "prior", "severity"]], errors="classical"
    )
    for position, term in enumerate(("recovered", "prior", "severity")):
        found = joint_test(fit, [term], key="f", name="f")
        assert found.value == pytest.approx(golden_number(f"ancova.F.{position}")[0], abs=1e-6)


def test_contrasts_match_emmeans():
    survey = golden_table("survey")
    fit = ordinary_least_squares(survey["loyalty"], survey[["segment"]], errors="classical")
    assert fit.terms == (INTERCEPT, "segment: plus", "segment: premium")
    pairs = {
        0: {"segment: plus": 0.5, "segment: premium": 0.5},
        1: {"segment: plus": -1.0, "segment: premium": 1.0},
    }
    for position, weights in pairs.items():
        found = contrast(fit, weights, key="c", name="c")
        assert found.value == pytest.approx(golden_number(f"contrasts.est.{position}")[0], abs=1e-6)
        assert found.p == pytest.approx(golden_number(f"contrasts.p.{position}")[0], abs=1e-6)


def test_cluster_robust_errors_match_sandwich():
    # R 4.2.2, sandwich
    # > x <- c(1,1,1,2,2,2,3,3,3,4,4,4,5,5,5,6,6,6,7,7,7,8,8,8,9,9,9,10,10,10)
    # > d <- rep(c(0,1,1), 10); y <- ((1:30 * 7) %% 11) + x / 2
    # > m <- lm(y ~ d); sqrt(diag(vcovCL(m, cluster = x, type = "HC1")))
    # 1.20523412071 1.39622506941
    account = np.repeat(np.arange(1, 11), 3)
    member = np.tile([0.0, 1.0, 1.0], 10)
    values = (np.arange(1, 31) * 7) % 11 + account / 2
    fit = ordinary_least_squares(values, pd.DataFrame({"member": member}), cluster=account)
    assert_allclose(np.sqrt(np.diag(fit.covariance)), [1.20523412071, 1.39622506941], rtol=1e-11)
    assert fit.df == 9
    assert fit.errors == "cluster-robust (10 clusters)"


def test_survey_weights_match_sandwich_and_come_near_svyglm():
    # R 4.2.2, sandwich and survey, with x, d and y as above
    # > w <- 0.5 + ((1:30 * 3) %% 7) / 4; m <- lm(y ~ d, weights = w); coef(m)
    # > sqrt(diag(vcovHC(m, "HC3"))); sqrt(diag(vcovCL(m, cluster = x, type = "HC1")))
    # > SE(svyglm(y ~ d, svydesign(~x, weights = ~w, data = data.frame(x, d, y, w))))
    account = np.repeat(np.arange(1, 11), 3)
    frame = pd.DataFrame({"member": np.tile([0.0, 1.0, 1.0], 10)})
    values = (np.arange(1, 31) * 7) % 11 + account / 2
    weights = 0.5 + (np.arange(1, 31) * 3) % 7 / 4
    fit = ordinary_least_squares(values, frame, weights=3 * weights)
    assert_allclose(fit.coefficients, [7.336734693878, 0.437303767661], rtol=1e-11)
    assert_allclose(np.sqrt(np.diag(fit.covariance)), [1.40577129806, 1.62216247364], rtol=1e-11)
    assert fit.errors == "survey-weighted, HC3"
    fit = ordinary_least_squares(values, frame, weights=weights, cluster=account)
    error = np.sqrt(np.diag(fit.covariance))
    assert_allclose(error, [1.30463752425, 1.57263956617], rtol=1e-11)
    assert_allclose(error * np.sqrt(28 / 29), [1.28194644505, 1.54528722631], rtol=1e-11)
    assert fit.errors == "survey-weighted, cluster-robust (10 clusters)"
    assert fit.means["member"] == pytest.approx(weights[frame["member"] == 1].sum() / weights.sum())


def test_rows_without_a_weight_are_dropped_and_counted():
    frame = pd.DataFrame({"x": np.arange(12.0)})
    values, weights = np.arange(12.0) ** 2, np.repeat([1.0, 2.0, 0.5], 4)
    weights[[0, 5, 9]] = 0.0, np.nan, -1.0
    fit = ordinary_least_squares(values, frame, weights=weights)
    kept = [row for row in range(12) if row not in (0, 5, 9)]
    alone = ordinary_least_squares(values[kept], frame.iloc[kept], weights=weights[kept])
    assert (fit.n, fit.n_dropped) == (9, 3)
    assert_allclose(fit.covariance, alone.covariance)
    nothing = ordinary_least_squares(values, frame, weights=np.zeros(12))
    assert nothing.n == 0
    assert np.isnan(nothing.coefficients).all()


def test_few_clusters_are_not_used_and_missing_labels_are_alone():
    values, x = np.arange(12.0) ** 2, pd.DataFrame({"x": np.arange(12.0)})
    few = ordinary_least_squares(values, x, cluster=np.repeat(["a", "b"], 6))
    assert few.errors == "HC3"
    labels = pd.Series([f"a{i // 2}" for i in range(10)] + [None, None])
    assert ordinary_least_squares(values, x, cluster=labels).errors == "HC3"  # 7 clusters
    alone = pd.Series([None] * 12, dtype=object)
    assert ordinary_least_squares(values, x, cluster=alone).df == 11


def test_columns_that_add_nothing_are_left_out_and_named():
    rng = np.random.default_rng(2)
    x = rng.normal(size=40)
    frame = pd.DataFrame({"x": x, "twice": 2 * x, "constant": 3.0, "text": "same"})
    fit = ordinary_least_squares(x + rng.normal(size=40), frame)
    assert fit.terms == (INTERCEPT, "x")
    assert fit.aliased == ("twice", "constant", "text")
    assert math.isnan(contrast(fit, {"twice": 1.0}, key="c", name="c").value)


def test_missing_values_drop_rows_and_are_counted():
    frame = pd.DataFrame(
        {"x": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0], "g": list("aab") + [None, "b", "a"]}
    )
    fit = ordinary_least_squares([1.0, 2.5, 3.0, 4.0, 5.5, np.nan], frame)
    assert (fit.n, fit.n_dropped) == (3, 3)


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0, 2.0, 2.0]])
def test_nothing_to_fit_has_no_numbers(values):
    frame = pd.DataFrame({"x": np.arange(float(len(values)))})
    found = contrast(ordinary_least_squares(values, frame), {"x": 1.0}, key="c", name="c")
    assert math.isnan(found.low)
    assert math.isnan(found.p)


def test_simultaneous_pairs_widen_the_intervals():
    rng = np.random.default_rng(8)
    group = np.repeat(["a", "b", "c"], 20)
    frame = pd.DataFrame({name: (group == name).astype(float) for name in "bc"})
    fit = ordinary_least_squares(rng.normal(size=60), frame, errors="classical")
    pairs = [
        contrast(fit, weights, key=str(number), name="pair")
        for number, weights in enumerate(({"b": 1.0}, {"c": 1.0}, {"c": 1.0, "b": -1.0}))
    ]
    together = simultaneous(fit, pairs, groups=3)
    for alone, joint in zip(pairs, together, strict=True):
        assert joint.low < alone.low < alone.high < joint.high
        assert joint.p > alone.p
    assert simultaneous(fit, [], groups=3) == []


def test_cluster_robust_intervals_cover_where_plain_ones_do_not():
    """Membership and mood are shared within accounts: HC3 is far too sure, CR1 is not."""
    rng = np.random.default_rng(11)
    account = np.repeat(np.arange(40), 10)
    held = {"cluster": 0, "plain": 0}
    for _ in range(200):
        member = np.repeat(rng.integers(0, 2, 40), 10).astype(float)
        values = np.repeat(rng.normal(size=40), 10) + rng.normal(size=400)
        frame = pd.DataFrame({"member": member})
        for name, cluster in (("cluster", account), ("plain", None)):
            fit = ordinary_least_squares(values, frame, cluster=cluster)
            found = contrast(fit, {"member": 1.0}, key="c", name="c")
            held[name] += found.low <= 0 <= found.high
    assert held["cluster"] / 200 >= 0.9
    assert held["plain"] / 200 <= 0.75
