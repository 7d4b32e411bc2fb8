"""AVE, composite reliability and HTMT; R's numbers are in the cases."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import cfa
from crmresearch.methods.cfa_robust import robust
from crmresearch.methods.cfa_rows import complete_rows
from crmresearch.methods.cfa_saturated import saturated
from crmresearch.methods.validity import htmt, htmt_of, interval, standardised
from crmresearch.methods.weighting import design

FACTOR = np.repeat([0, 1, 2], [4, 3, 2])
LOADINGS = np.array([0.8, 0.7, 0.6, 0.7, 0.75, 0.65, 0.8, 0.7, 0.6])
BETWEEN = np.array([[1, 0.5, 0.3], [0.5, 1, 0.7], [0.3, 0.7, 1]])


def population() -> np.ndarray:
    found = np.outer(LOADINGS, LOADINGS) * BETWEEN[np.ix_(FACTOR, FACTOR)]
    np.fill_diagonal(found, 1.0)
    return found


def test_a_known_solution_gives_its_ave_and_reliability():
    n = 1_000.0
    moments = cfa.Moments(np.array([n]), np.zeros((1, 9)), population()[None])
    solution = cfa.fit(cfa.model(FACTOR, marker=True), moments)
    covariance = np.linalg.inv(solution.information())
    found = standardised(solution, covariance)
    assert_allclose(found.loadings.values, LOADINGS, atol=1e-6)
    assert_allclose(found.correlations.values, [0.5, 0.3, 0.7], atol=1e-6)
    for k in range(3):
        own = LOADINGS[k == FACTOR]
        assert found.extracted.values[k] == pytest.approx((own**2).mean(), abs=1e-6)
        common = own.sum() ** 2
        reliability = common / (common + (1 - own**2).sum())
        assert found.reliability.values[k] == pytest.approx(reliability, abs=1e-6)
    unit = cfa.fit(cfa.model(FACTOR), moments)
    other = standardised(unit, np.linalg.inv(unit.information()))
    for one, same in zip(
        (found.loadings, found.correlations, found.extracted, found.reliability),
        (other.loadings, other.correlations, other.extracted, other.reliability),
        strict=True,
    ):  # errors do not depend on how the model is identified
        assert_allclose(one.errors, same.errors, rtol=1e-5)


def test_equal_loadings_make_htmt_the_correlation_of_the_factors():
    factor = np.repeat([0, 1], 3)
    covariance = 0.49 * BETWEEN[:2, :2][np.ix_(factor, factor)]
    np.fill_diagonal(covariance, 1.0)
    assert htmt_of(covariance, factor)[0] == pytest.approx([0.5])
    assert htmt_of(covariance, factor, geometric=True)[0] == pytest.approx([0.5])


@pytest.mark.parametrize("geometric", [False, True])
def test_the_slope_of_htmt_is_its_derivative(geometric):
    rng = np.random.default_rng(4)
    signs = np.outer(*[rng.choice([-1.0, 1.0], 9)] * 2)
    correlations = population() * signs
    values, slopes = htmt_of(correlations, FACTOR, geometric=geometric)
    for row, column in [(0, 1), (0, 4), (2, 8), (5, 7), (7, 8)]:
        step = np.zeros((9, 9))
        step[row, column] = step[column, row] = 1e-6
        ends = [htmt_of(correlations + s * step, FACTOR, geometric=geometric)[0] for s in (1, -1)]
        assert_allclose((ends[0] - ends[1]) / 2e-6, 2 * slopes[:, row, column], atol=1e-7)
    assert_allclose(htmt_of(population(), FACTOR, geometric=geometric)[0], values)


def test_htmt_of_clusters_is_that_of_its_rows_with_wider_errors():
    rng = np.random.default_rng(1)
    values = np.repeat(rng.normal(size=(100, 9)) @ np.linalg.cholesky(population()).T, 4, axis=0)
    frame = pd.DataFrame(values + 1e-3 * rng.normal(size=values.shape))
    plain = htmt(complete_rows(frame, design(400)), FACTOR)
    clustered = htmt(
        complete_rows(frame, design(400, clusters=np.repeat(np.arange(100), 4))), FACTOR
    )
    assert_allclose(clustered.values, plain.values)
    assert_allclose(clustered.errors / plain.errors, 2 * np.sqrt(100 / 99), rtol=1e-3)


def test_one_scale_has_no_pairs():
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(50, 3)))
    assert len(htmt(complete_rows(frame, design(50)), np.zeros(3, dtype=int)).values) == 0


def test_intervals_stay_where_the_number_can_be():
    low, high = interval(0.97, 0.05, 100, 0.95, "correlation")
    assert 0.3 < low < 0.97 < high < 1
    low, high = interval(0.98, 0.05, 100, 0.95, "share")
    assert 0.2 < low < 0.98 < high < 1
    low, high = interval(0.05, 0.1, 100, 0.95, "ratio")
    assert 0 < low < 0.05 < high
    for value, scale in ((1.12, "correlation"), (np.nan, "ratio"), (-0.1, "share")):
        assert all(np.isnan(interval(value, 0.1, 100, 0.95, scale)))
    assert all(np.isnan(interval(0.5, np.nan, 100, 0.95, "share")))


def covered(n: int, times: int, clusters: int = 0) -> dict[str, float]:
    """How often 95% intervals hold the truth, over all numbers of a kind."""
    rng = np.random.default_rng(11)
    covariance = population()
    root = np.linalg.cholesky(covariance).T
    members = np.arange(3)[:, None] == FACTOR
    shared = (members * LOADINGS**2).sum(axis=1) / members.sum(axis=1)
    common = (members * LOADINGS).sum(axis=1) ** 2
    rest = (members * (1 - LOADINGS**2)).sum(axis=1)
    truth = {
        "loadings": (LOADINGS, "correlation"),
        "correlations": (np.array([0.5, 0.3, 0.7]), "correlation"),
        "extracted": (shared, "share"),
        "reliability": (common / (common + rest), "share"),
        "htmt": (htmt_of(covariance, FACTOR)[0], "ratio"),
    }
    held = {kind: [] for kind in truth}
    for _ in range(times):
        codes = np.repeat(np.arange(n // clusters), clusters) if clusters else None
        values = rng.normal(size=(n, 9)) @ root
        if clusters:
            common_part = rng.normal(size=(n // clusters, 9)) @ root
            values = np.sqrt(0.3) * common_part[codes] + np.sqrt(0.7) * values
        rows = complete_rows(pd.DataFrame(values), design(n, clusters=codes))
        solution = cfa.fit(cfa.model(FACTOR), rows.moments)
        found = standardised(solution, robust(solution, rows, saturated(rows)).covariance)
        for kind, (true, scale) in truth.items():
            made = htmt(rows, FACTOR) if kind == "htmt" else getattr(found, kind)
            for value, error, one in zip(made.values, made.errors, true, strict=True):
                low, high = interval(value, error, rows.freedom, 0.95, scale)
                held[kind].append(low <= one <= high)
    return {kind: float(np.mean(some)) for kind, some in held.items()}


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    found = covered(250, 80)
    assert all(0.88 < share < 0.99 for share in found.values()), found


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [0, 4])
def test_intervals_hold_the_truth_as_often_as_they_say(clusters):
    found = covered(400, 1_000, clusters)
    assert all(0.925 < share < 0.965 for share in found.values()), found
