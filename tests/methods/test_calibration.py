"""Errors of raked estimates: what the margins fix is no error, and intervals cover."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.data.weighting import TOLERANCE, crossed, rake
from crmresearch.methods.calibration import calibration
from crmresearch.methods.means import mean
from crmresearch.methods.weighting import design, weighted_mean

POPULATION = np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.4])


@dataclasses.dataclass
class Made:
    """What `calibration` needs of a raking."""

    weights: np.ndarray
    cells: np.ndarray
    table: np.ndarray
    base: np.ndarray


def make(codes, base, shares=POPULATION):
    cells, table = crossed(codes)
    factors, _, gap = rake(np.bincount(cells, weights=base), table, shares)
    assert gap <= TOLERANCE
    return Made(base * factors[cells], cells, table, base)


def sampled(rng, n, *, accounts=0):
    """A sample with unequal chances from a population whose answers go with the margins."""
    first = rng.choice(3, 4 * n, p=POPULATION[0])
    second = rng.choice(2, 4 * n, p=POPULATION[1])
    values = 2.0 * first - 1.5 * second + rng.normal(0, 1, 4 * n)
    cluster = None
    if accounts:
        cluster = rng.integers(0, accounts, 4 * n)
        values = values + rng.normal(0, 0.5, accounts)[cluster]
    chance = np.where(values > 0, 0.3, 0.1) * rng.uniform(0.5, 1, 4 * n)
    taken = rng.random(4 * n) < chance
    codes = first[taken], second[taken]
    return codes, 1 / chance[taken], values[taken], None if cluster is None else cluster[taken]


TRUE = 2.0 * 0.7 - 1.5 * 0.4


def test_what_the_margins_fix_has_no_error():
    codes, base, _, _ = sampled(np.random.default_rng(1), 300)
    made = make(codes, base)
    basis = design(len(base), made.weights, calibration=calibration(made))
    for code, shares in zip(codes, POPULATION, strict=True):
        value, error, *_ = weighted_mean((code == 1).astype(float), basis)
        assert value == pytest.approx(shares[1], abs=1e-9)
        assert error < 1e-9


def test_raking_narrows_what_goes_with_the_margins_and_nothing_else():
    rng = np.random.default_rng(2)
    codes, base, values, _ = sampled(rng, 2000)
    made = make(codes, base)
    raked = design(len(base), made.weights, calibration=calibration(made))
    alone = dataclasses.replace(raked, calibration=None)
    assert weighted_mean(values, raked)[1] < 0.85 * weighted_mean(values, alone)[1]
    noise = rng.normal(size=len(base))
    ratio = weighted_mean(noise, raked)[1] / weighted_mean(noise, alone)[1]
    assert ratio == pytest.approx(1, abs=0.01)


def test_residuals_are_those_of_a_weighted_regression():
    codes, base, values, _ = sampled(np.random.default_rng(3), 200)
    made = make(codes, base)
    share = made.weights / made.weights.sum()
    centred = values - share @ values
    found = calibration(made).residuals(share * centred, made.weights)
    dummies = np.column_stack([codes[0] == 0, codes[0] == 1, codes[0] == 2, codes[1] == 0])
    root = np.sqrt(base)[:, None]
    slopes = np.linalg.lstsq(dummies * root, centred * root[:, 0], rcond=None)[0]
    assert_allclose(found, share * (centred - dummies @ slopes), atol=1e-12)


def test_nothing_raked_is_no_calibration():
    assert calibration(None) is None
    assert design(3, [1, 2, 3]).words == "weighted"


def test_margins_count_where_raking_left_the_weights_alike():
    codes = [np.repeat([0, 1], 50)]
    made = make(codes, np.ones(100), [np.array([0.5, 0.5])])
    basis = design(100, made.weights, calibration=calibration(made))
    assert not basis.plain
    assert basis.words == "weighted, raked to 1 margin"
    assert basis.unweighted().plain
    values = codes[0] + np.tile([0.0, 0.1], 50)
    assert weighted_mean(values, basis)[1] < 0.2 * weighted_mean(values, design(100))[1]


def test_one_row_and_rows_without_weight():
    made = make([np.array([0, 0, 0])], np.array([1.0, 0.0, 0.0]), [np.array([1.0])])
    basis = design(3, made.weights, calibration=calibration(made))
    value, error, freedom, n = weighted_mean(np.array([2.0, 5.0, np.nan]), basis)
    assert (value, freedom, n) == (2.0, 0, 1)
    assert np.isnan(error)


def coverage(seed, times, *, accounts=0, n=300):
    rng = np.random.default_rng(seed)
    hits = {"base": 0, "equal": 0, "none": 0}
    widths = {name: [] for name in hits}
    estimates = []
    for _ in range(times):
        codes, base, values, cluster = sampled(rng, n, accounts=accounts)
        made = make(codes, base)
        kinds = {
            "base": calibration(made),
            "equal": calibration(dataclasses.replace(made, base=np.ones(len(base)))),
            "none": None,
        }
        for name, margins in kinds.items():
            basis = design(len(base), made.weights, clusters=cluster, calibration=margins)
            found = mean(values, key="m", name="m", design=basis)
            hits[name] += found.low <= TRUE <= found.high
            widths[name].append(found.high - found.low)
        estimates.append(found.value)
    shares = {name: number / times for name, number in hits.items()}
    spread = 2 * 1.96 * np.std(estimates)
    return shares, {name: np.mean(wide) / spread for name, wide in widths.items()}


@pytest.mark.parametrize("accounts", [0, 60])
def test_intervals_of_raked_means_cover_and_are_no_wider_than_need_be(accounts):
    hits, widths = coverage(4, 300, accounts=accounts)
    assert 0.915 <= hits["base"] <= 0.98
    assert 0.9 < widths["base"] < 1.1
    assert widths["none"] > 1.15  # without the margins intervals are too wide


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [0, 60])
def test_base_weights_in_the_regression_are_nearer_to_the_truth_than_equal_ones(accounts):
    hits, widths = coverage(5, 1500, accounts=accounts, n=1200)
    assert 0.935 <= hits["base"] <= 0.965
    assert abs(widths["base"] - 1) < 0.05
    assert abs(widths["base"] - 1) < abs(widths["equal"] - 1)
