"""Robust errors and scaled tests, against sums written out and by simulation."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import cfa, cfa_rows, cfa_sums
from crmresearch.methods.cfa_algebra import parts
from crmresearch.methods.cfa_fit import chi_squared, fit_measures
from crmresearch.methods.cfa_robust import robust, summed_slopes
from crmresearch.methods.cfa_rows import complete_rows
from crmresearch.methods.cfa_saturated import saturated
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_table

ITEMS = [f"{start}{place}" for start in ("tr", "sa") for place in (1, 2, 3, 4)]
FACTOR = [0] * 4 + [1] * 4
WEIGHTS = {"weights": "w"}
DESIGNS = {
    "plain": {},
    "weights": WEIGHTS,
    "clusters": {"clusters": "psu"},
    "strata": {"strata": "stratum"},
    "everything": WEIGHTS | {"strata": "stratum", "clusters": "psu"},
}


def golden_rows(given: dict, groups: bool = False):
    data = golden_table("survey")
    columns = {key: data[name] for key, name in given.items()}
    codes = data["wave"] - 1 if groups else None
    return data, complete_rows(data[ITEMS], design(len(data), **columns), codes)


def by_hand(contributions: np.ndarray, data: pd.DataFrame, given: dict) -> np.ndarray:
    """Variance of a sum between units within strata, row by row."""
    units = data[given["clusters"]] if "clusters" in given else pd.Series(range(len(data)))
    strata = data[given["strata"]] if "strata" in given else pd.Series(0, index=data.index)
    found = 0.0
    for stratum in strata.unique():
        own = strata == stratum
        totals = pd.DataFrame(contributions[own]).groupby(units[own].to_numpy()).sum().to_numpy()
        if "strata" in given:
            totals = totals - totals.mean(axis=0)
        factor = len(totals) / (len(totals) - 1) if given.keys() & {"strata", "clusters"} else 1.0
        found = found + factor * totals.T @ totals
    return found


def contributions_of(data: pd.DataFrame, given: dict, moments, group: np.ndarray) -> np.ndarray:
    """Slopes of the free means and covariances in units of their normal errors, a row each."""
    weights = data[given["weights"]].to_numpy() if "weights" in given else np.ones(len(data))
    weights = weights / weights.mean()
    found = []
    for g in range(len(moments.sizes)):
        root = np.linalg.inv(np.linalg.cholesky(moments.covariances[g]))
        white = (data[ITEMS].to_numpy(float) - moments.means[g]) @ root.T
        products = np.einsum("ni,nj->nij", white, white) - np.eye(len(ITEMS))
        every = np.hstack([white, products.reshape(len(data), -1) / np.sqrt(2)])
        found.append(every * (weights * (group == g))[:, None] / np.sqrt(moments.sizes[g]))
    return np.hstack(found)


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("given", DESIGNS.values(), ids=DESIGNS)
def test_the_free_moments_trace_is_that_of_the_sums_written_out(given, groups):
    data, rows = golden_rows(given, groups)
    group = data["wave"].to_numpy() - 1 if groups else np.zeros(len(data))
    every = contributions_of(data, given, rows.moments, group)
    assert saturated(rows).moments == pytest.approx(np.trace(by_hand(every, data, given)), rel=1e-9)


@pytest.mark.parametrize("groups", [False, True])
@pytest.mark.parametrize("given", DESIGNS.values(), ids=DESIGNS)
def test_the_slopes_variance_is_that_of_the_sums_written_out(given, groups):
    data, rows = golden_rows(given, groups)
    model = cfa.model(FACTOR, groups=2 if groups else 1, step="scalar" if groups else "configural")
    solution = cfa.fit(model, rows.moments)
    group = data["wave"].to_numpy() - 1 if groups else np.zeros(len(data))
    weights = data[given["weights"]].to_numpy() if "weights" in given else np.ones(len(data))
    weights = weights / weights.mean()
    values, step = data[ITEMS].to_numpy(float), 1e-6

    def likelihood(at: np.ndarray, g: int) -> np.ndarray:
        part = parts(at, model.slots)
        gap = values - part.mean
        reach = np.einsum("ni,ij,nj->n", gap, np.linalg.inv(part.covariance), gap)
        return -0.5 * (np.linalg.slogdet(part.covariance)[1] + reach)

    columns = []
    for g in range(model.groups):
        for place in range(model.slots.size):
            moved = np.eye(model.slots.size)[place] * step
            own = solution.values[g]
            slope = (likelihood(own + moved, g) - likelihood(own - moved, g)) / (2 * step)
            columns.append(slope * weights * (group == g))
    expected = by_hand(np.column_stack(columns), data, given)
    assert_allclose(
        summed_slopes(solution, rows), expected, rtol=1e-5, atol=1e-6 * np.abs(expected).max()
    )


def test_clusters_of_one_row_change_nothing_but_the_correction():
    data, rows = golden_rows({})
    one = cfa.fit(cfa.model(FACTOR), rows.moments)
    plain = summed_slopes(one, rows)
    strata = complete_rows(data[ITEMS], design(360, None, data["stratum"], np.arange(360)))
    assert strata.units is None
    assert strata.strata is not None
    assert rows.freedom == 359
    assert strata.freedom == 356
    assert np.trace(summed_slopes(one, strata)) == pytest.approx(np.trace(plain), rel=0.05)


@pytest.mark.parametrize("given", DESIGNS.values(), ids=DESIGNS)
def test_many_rows_are_thinned_out_by_units_within_strata(given, monkeypatch):
    rng = np.random.default_rng(2)
    n = 20_000
    raw = 4 + 1.2 * (rng.normal(size=(n, 1)) + rng.normal(size=(n, 4)))
    frame = pd.DataFrame(np.clip(np.rint(raw), 1, 7))
    made = {
        "weights": rng.uniform(0.5, 2, n),
        "clusters": rng.integers(6_000, size=n),
        "strata": np.arange(n) % 3,
    }
    basis = design(n, **{key: made[key] for key in given})
    whole = complete_rows(frame, basis)
    monkeypatch.setattr(cfa_rows, "MOST_ROWS", 5_000)
    some = complete_rows(frame, basis)
    assert not whole.thinned
    assert some.thinned
    assert 4_500 < len(some.values) < 5_500
    assert_allclose(some.moments.covariances, whole.moments.covariances)
    assert (some.n, some.freedom) == (whole.n, whole.freedom)
    solution = cfa.fit(cfa.model([0, 0, 0, 0]), whole.moments)
    free = [saturated(rows) for rows in (whole, some)]
    assert free[1].moments == pytest.approx(free[0].moments, rel=0.06)
    traces = [robust(solution, rows, part) for rows, part in zip((whole, some), free, strict=True)]
    errors = [np.sqrt(np.diag(part.covariance)) for part in traces]
    assert_allclose(errors[1], errors[0], rtol=0.1)


def test_small_strata_are_not_thinned_out(monkeypatch):
    monkeypatch.setattr(cfa_rows, "MOST_ROWS", 100)
    strata = np.repeat([0, 1, 2], [990, 8, 2])
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(1000, 3)))
    rows = complete_rows(frame, design(1000, None, strata))
    assert np.bincount(rows.strata).tolist() == [99, 8, 2]
    assert rows.inflation.tolist() == [10.0, 1.0, 1.0]


def test_a_sum_of_nothing_has_no_variance():
    rows = complete_rows(pd.DataFrame({"a": [np.nan], "b": [1.0]}), design(1))
    assert rows.n == 0
    assert cfa_sums.variance_of_sum(rows, lambda chunk: [], 3).tolist() == np.zeros((3, 3)).tolist()


def rejections(kind: str, n: int, times: int) -> tuple[float, float]:
    """How often the plain and the scaled test reject a true model at 5%."""
    rng = np.random.default_rng(5)
    factor = [0] * 3 + [1] * 3
    loadings = np.array([0.8, 0.7, 0.6, 0.8, 0.6, 0.7])
    spread = np.array([[1, 0.5], [0.5, 1]])[np.ix_(factor, factor)]
    covariance = np.outer(loadings, loadings) * spread
    np.fill_diagonal(covariance, 1.0)
    root = np.linalg.cholesky(covariance).T
    plain = scaled = 0
    for _ in range(times):
        clusters = None
        if kind == "clusters":
            clusters = np.repeat(np.arange(n // 5), 5)
            shared = np.repeat(rng.normal(size=(n // 5, 6)), 5, axis=0)
            values = (np.sqrt(0.4) * shared + np.sqrt(0.6) * rng.normal(size=(n, 6))) @ root
        else:
            values = rng.normal(size=(n, 6)) @ root
            values *= np.where(rng.random(n) < 0.15, 2.0, 0.7)[:, None]  # heavy tails
        rows = complete_rows(pd.DataFrame(values), design(n, clusters=clusters))
        solution = cfa.fit(cfa.model(factor), rows.moments)
        free = saturated(rows)
        trace = robust(solution, rows, free).trace
        fit = fit_measures(solution, trace=trace, independence=free.independence)
        scaled += fit.p < 0.05
        plain += fit_measures(solution).p < 0.05
        assert fit.chi2 == pytest.approx(chi_squared(solution) / fit.scaling)
    return plain / times, scaled / times


@pytest.mark.parametrize("kind", ["tails", "clusters"])
def test_the_scaled_test_rejects_true_models_about_as_often_as_it_says(kind):
    plain, scaled = rejections(kind, 600, 200)
    assert plain > 0.15
    assert scaled < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tails", "clusters"])
def test_the_scaled_test_rejects_true_models_as_often_as_it_says(kind):
    plain, scaled = rejections(kind, 1000, 1000)
    assert plain > 0.2
    assert 0.03 < scaled < 0.075
