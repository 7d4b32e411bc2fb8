"""What an effect is worth: exact where figures are known, integrated where they are not."""

import numpy as np
import pytest
from scipy import stats

from crmresearch.methods.products import Amount, worth


def test_known_figures_multiply_and_move_the_t_interval():
    value, low, high = worth(0.1, 0.04, 50, factor=Amount(200.0), less=Amount(5.0))
    half = stats.t.ppf(0.975, 50) * 0.04
    assert (value, low, high) == pytest.approx(
        (15.0, 200 * (0.1 - half) - 5, 200 * (0.1 + half) - 5)
    )


def test_a_negative_factor_turns_the_interval_round():
    _, low, high = worth(0.1, 0.04, 50, factor=Amount(-200.0))
    _, other_low, other_high = worth(0.1, 0.04, 50, factor=Amount(200.0))
    assert (low, high) == pytest.approx((-other_high, -other_low))


@pytest.mark.parametrize(
    ("factor", "less"),
    [
        (Amount(3000.0, off=600.0), Amount(200.0, off=40.0)),
        (Amount(3000.0, error=700.0), None),
        (Amount(1.0, off=1.0), Amount(0.05, off=0.05)),
        (Amount(0.5, off=1.0), None),  # the factor may be of either sign
    ],
)
def test_the_distribution_is_that_of_independent_draws(factor, less):
    rng = np.random.default_rng(1)
    draws = 2_000_000
    effect = 0.09 + 0.05 * rng.standard_t(30, draws)
    factors = factor.value + factor.off * rng.uniform(-1, 1, draws)
    factors += factor.error * rng.standard_normal(draws)
    costs = 0.0
    if less is not None:
        costs = less.value + less.off * rng.uniform(-1, 1, draws)
    drawn = np.quantile(effect * factors - costs, [0.025, 0.975])
    value, low, high = worth(0.09, 0.05, 30, factor=factor, less=less)
    assert (low, high) == pytest.approx(drawn, abs=0.006 * (high - low))
    assert value == pytest.approx(0.09 * factor.value - (less.value if less else 0))


def test_ranges_widen_the_interval():
    exact = worth(0.1, 0.02, 100, factor=Amount(100.0))
    wide = worth(0.1, 0.02, 100, factor=Amount(100.0, off=50.0))
    assert wide[0] == exact[0]
    assert wide[2] - wide[1] > 1.2 * (exact[2] - exact[1])


@pytest.mark.parametrize(
    ("effect", "error", "freedom", "factor"),
    [
        (np.nan, 0.1, 10, Amount(5.0)),
        (0.1, np.nan, 10, Amount(5.0)),
        (0.1, 0.0, 10, Amount(5.0)),
        (0.1, 0.1, 0, Amount(5.0)),
        (0.1, 0.1, 10, Amount(np.nan)),
    ],
)
def test_without_an_error_there_is_no_interval(effect, error, freedom, factor):
    value, low, high = worth(effect, error, freedom, factor=factor)
    assert np.isnan([low, high]).all()
    assert np.isnan(value) or value == pytest.approx(0.5)


def test_a_factor_of_nothing_is_worth_nothing():
    value, low, high = worth(0.1, 0.1, 10, factor=Amount(0.0))
    assert (value, low, high) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


def test_a_huge_amount_and_one_degree_of_freedom_are_integrated_too():
    value, low, high = worth(1e-4, 3e-4, 1, factor=Amount(1e9, off=1e9), less=Amount(1e6, off=1e5))
    assert low < value < high


def coverage(replicates: int) -> float:
    """How often the interval holds the true worth when the margin lies in its range."""
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(replicates):
        margin = 1000 * rng.uniform(0.7, 1.3)
        effect = 0.1 + 0.04 * rng.standard_t(60)
        _, low, high = worth(effect, 0.04, 60, factor=Amount(1000, off=300), less=Amount(80))
        held += low <= 0.1 * margin - 80 <= high
    return held / replicates


def test_the_interval_holds_the_truth():
    assert coverage(300) > 0.91


@pytest.mark.slow
def test_the_interval_keeps_its_level():
    assert 0.93 <= coverage(3000) <= 0.97
