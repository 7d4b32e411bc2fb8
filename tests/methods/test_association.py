"""Correlation under a design, against R and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmresearch.methods.association import correlation
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_number, golden_table

NAMES = {"key": "r", "name": "r"}


def test_correlation_matches_r():
    recovery = golden_table("recovery")
    found = correlation(recovery["prior"], recovery["loyalty"], **NAMES)
    assert found.value == pytest.approx(golden_number("correlations.r")[0], abs=1e-6)
    low, high = (golden_number(f"correlations.ci.{end}")[0] for end in (0, 1))
    assert found.low == pytest.approx(low, abs=0.02)  # R's interval assumes normal answers
    assert found.high == pytest.approx(high, abs=0.02)


def test_weights_count_rows():
    x, y = np.array([1.0, 2, 3, 4, 9]), np.array([2.0, 1, 4, 3, 0])
    weights = np.array([1.0, 2, 1, 1, 0])
    repeated = np.repeat(np.arange(4), [1, 2, 1, 1])
    found = correlation(x, y, design=design(5, weights), **NAMES)
    assert found.value == pytest.approx(np.corrcoef(x[repeated], y[repeated])[0, 1])
    assert (found.n, found.n_dropped) == (4, 1)


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=25))
@settings(max_examples=60, deadline=None)
def test_intervals_stay_inside_and_are_symmetric_in_the_two(pairs):
    x, y = np.array(pairs, dtype=float).T
    found, swapped, mirrored = (correlation(a, b, **NAMES) for a, b in ((x, y), (y, x), (x, -y)))
    assert found.value == pytest.approx(swapped.value, nan_ok=True)
    assert found.value == pytest.approx(-mirrored.value, nan_ok=True)
    assert found.high == pytest.approx(-mirrored.low, nan_ok=True)
    assert not found.low < -1
    assert not found.high > 1


def test_intervals_cover_with_clusters():
    rng = np.random.default_rng(11)
    accounts = np.repeat(np.arange(80), 4)
    basis, hits = design(320, clusters=accounts), 0
    for _ in range(120):
        shared = rng.normal(size=(80, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
        x, y = shared[accounts].T
        found = correlation(x, y, design=basis, **NAMES)
        hits += found.low <= 0.5 <= found.high
    assert 0.89 <= hits / 120 <= 0.99


@pytest.mark.parametrize("values", [[], [1.0], [3.0, 3.0, 3.0], [np.nan, np.nan]])
def test_without_spread_there_is_none(values):
    found = correlation(values, values, **NAMES)
    assert np.isnan([found.value, found.low, found.high]).all()
