"""What selection on a rating adds, in worlds where the answer is known."""

import math

import numpy as np
import pytest

from crmresearch.methods.selection import (
    correlation_to_reach,
    intensity,
    selection,
)
from crmresearch.methods.weighting import design


def rated(rng, n, r, share=0.25):
    rating = rng.normal(size=n)
    error = r * rating + math.sqrt(1 - r**2) * rng.normal(size=n)
    return rating, error, rating > np.quantile(rating, 1 - share)


def test_the_chosen_are_flattered_by_r_s_lambda():
    rating, error, chosen = rated(np.random.default_rng(1), 400_000, 0.4)
    found = selection(rating, 3 * error, chosen)
    assert found.chosen_by == pytest.approx(intensity(0.25), abs=0.01)
    assert found.spread == pytest.approx(3, abs=0.02)
    expected = 0.4 * found.spread * found.chosen_by
    assert 3 * (error[chosen].mean() - error.mean()) == pytest.approx(expected, abs=0.03)


def test_ratings_need_not_be_normal():
    rng = np.random.default_rng(2)
    rating = rng.integers(1, 8, 400_000).astype(float) ** 2
    error = 0.05 * rating + rng.normal(size=len(rating))
    chosen = rating >= 36
    found = selection(rating, error, chosen)
    r = np.corrcoef(rating, error)[0, 1]
    assert error[chosen].mean() - error.mean() == pytest.approx(r * found.most, abs=0.01)


def test_weights_and_clusters_are_in_it():
    rng = np.random.default_rng(3)
    rating, error, chosen = rated(rng, 4000, 0.3)
    weights = 1 + chosen * 2.0
    plain, heavy = (
        selection(rating, error, chosen, design=design(4000, w)) for w in (None, weights)
    )
    assert heavy.chosen_by < plain.chosen_by
    account = np.repeat(np.arange(1000), 4)
    alike = np.repeat(rng.normal(size=1000), 4)
    one, many = (
        selection(alike, alike + error, alike > 0.7, design=design(4000, None, None, account))
        if clustered
        else selection(alike, alike + error, alike > 0.7)
        for clustered in (False, True)
    )
    assert many.log_error > 1.5 * one.log_error


@pytest.mark.parametrize(
    ("rating", "outcome", "chosen"),
    [
        ([], [], []),
        ([1.0], [2.0], [True]),
        ([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], [False, False, True]),
        ([1.0, 1.0, 1.0], [2.0, 3.0, 1.0], [False, False, True]),
        ([1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [False, False, False]),
        ([math.nan] * 3, [2.0, 3.0, 1.0], [False, False, True]),
    ],
)
def test_nothing_chosen_or_no_spread_tells_nothing(rating, outcome, chosen):
    found = selection(np.array(rating), np.array(outcome), np.array(chosen, dtype=bool))
    assert math.isnan(found.most)
    assert math.isnan(correlation_to_reach(0.2, 0.1, 0.0, found)[0])


def test_intensity_at_its_ends():
    assert intensity(1.0) == 0.0
    assert math.isnan(intensity(0.0))
    assert intensity(0.5) == pytest.approx(math.sqrt(2 / math.pi))


def coverage(worlds, n=400):
    """Share of intervals of the needed correlation that hold it, where all lead is selection."""
    held, r = 0, 0.35
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        rating, error, chosen = rated(rng, n, r)
        base = rng.normal(size=2 * n)
        found = selection(rating, error, chosen)
        lead = error[chosen].mean() - base.mean()
        spread = math.sqrt(error[chosen].var(ddof=1) / chosen.sum() + base.var(ddof=1) / (2 * n))
        needed, wide = correlation_to_reach(lead, spread, 0.0, found)
        held += abs(needed - r) <= 1.96 * wide
    return held / worlds


def test_interval_of_the_needed_correlation_covers():
    assert coverage(120) >= 0.88


@pytest.mark.slow
def test_interval_of_the_needed_correlation_covers_closely():
    assert 0.93 <= coverage(2000) <= 0.97
