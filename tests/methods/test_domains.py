"""Joint means of groups: those of each pair by itself, with the covariance that R has."""

import numpy as np
import pytest
from scipy import stats

from crmresearch.methods.calibration import calibration
from crmresearch.methods.domains import domain_means
from crmresearch.methods.groups import welch_difference
from crmresearch.methods.trend import trend
from crmresearch.methods.weighting import Design, design, linearised_variance, mean_contrast


def sample(seed=0, n=400):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=n)
    values[rng.random(n) < 0.1] = np.nan
    weights = rng.uniform(0.2, 3, n)
    weights[:5] = 0
    codes, strata, clusters = (
        rng.integers(low, high, n) for low, high in ((-1, 4), (0, 3), (0, 70))
    )
    return values, codes, weights, strata, clusters


def designs():
    _, _, weights, strata, clusters = sample()
    alone = np.r_[7, strata[1:]]  # a stratum of one
    return {
        "weights": design(400, weights),
        "strata": design(400, weights, strata),
        "all": design(400, weights, strata, clusters),
        "clusters": design(400, None, None, clusters),
        "alone": design(400, weights, alone, clusters),
    }


@pytest.mark.parametrize("name", designs())
@pytest.mark.parametrize("sides", [[1, -1, 0, 0], [0, 0.5, 0.5, -1], [0.25, 0.25, 0.25, 0.25]])
def test_a_contrast_is_that_of_its_groups_alone(name, sides):
    values, codes, *_ = sample()
    basis = designs()[name]
    parts = [(side, codes == at) for at, side in enumerate(sides) if side]
    expected = mean_contrast(values, basis, parts)
    found = domain_means(values, codes, 4, basis).contrast(sides)
    assert found == pytest.approx(expected[:3], rel=1e-10)


class Margins:
    """What raking to one margin leaves behind."""

    def __init__(self, cells, base):
        self.cells, self.base = cells, base
        self.table = np.arange(int(cells.max()) + 1)[:, None]


def test_what_margins_explain_is_no_error():
    values, codes, weights, strata, clusters = sample()
    cells = np.random.default_rng(5).integers(0, 3, 400)
    weights[:5] = 1.0
    shares = np.array([0.5, 0.3, 0.2])
    raked = weights * (shares / np.bincount(cells, weights=weights))[cells]
    known = calibration(Margins(cells, weights))
    basis = design(400, raked, strata, clusters, calibration=known)
    sides = [(1.0, codes == 0), (-1.0, codes == 2)]
    found = domain_means(values, codes, 4, basis).contrast([1, 0, -1, 0])
    assert found == pytest.approx(mean_contrast(values, basis, sides)[:3], rel=1e-9)
    plain = domain_means(values, codes, 4, basis.without_margins()).contrast([1, 0, -1, 0])
    assert found[1] != pytest.approx(plain[1], rel=1e-3)


def test_a_simple_sample_has_welchs_error_and_freedom():
    values, codes, *_ = sample()
    value, error, freedom = domain_means(values, codes, 4, Design(400)).contrast([0, 1, 0, -1])
    found = welch_difference(values[codes == 1], values[codes == 3], key="d", name="d")
    assert value == pytest.approx(found.value)
    assert error > 0
    assert freedom > 2

    reach = stats.t.ppf(0.975, freedom) * error
    assert (value - reach, value + reach) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize("basis", [Design(4), design(4, clusters=[0, 0, 1, 1])])
def test_groups_without_answers_or_spread_have_no_error(basis):
    values, codes = np.array([1.0, 1.0, np.nan, 3.0]), np.array([0, 0, 1, 2])
    found = domain_means(values, codes, 4, basis)
    assert np.isnan(found.means[[1, 3]]).all()
    assert found.means[[0, 2]].tolist() == [1.0, 3.0]
    assert found.n.tolist() == [2, 0, 1, 0]
    assert found.dropped.tolist() == [0, 1, 0, 0]
    assert np.isnan(found.contrast([1, -1, 0, 0])[:2]).all()
    assert np.isnan(found.contrast([1, 0, 0, 0])[1])


def test_no_rows_are_no_accident():
    found = domain_means(np.array([]), np.array([], dtype=int), 2, Design(0))
    assert np.isnan(found.means).all()
    assert np.isnan(found.contrast([1, -1])[0])


def test_a_straight_line_has_no_departure():
    rng = np.random.default_rng(1)
    codes = np.repeat(np.arange(4), 50)
    values = 2.0 * codes + np.tile(rng.normal(size=50), 4)
    found = trend(domain_means(values, codes, 4, Design(200)), np.arange(4))
    assert found.slope == pytest.approx(2.0)
    assert found.wald == pytest.approx(0.0, abs=1e-18)
    assert found.p == pytest.approx(1.0)


def slopes(clustered: bool, runs: int, seed: int) -> tuple[float, float]:
    """How often the slope's interval covers it, and departure is found where there is none."""

    rng = np.random.default_rng(seed)
    covered = found = 0
    codes = np.tile(np.arange(4), 60)
    accounts = np.repeat(np.arange(60), 4)
    for _ in range(runs):
        values = 0.2 * codes + rng.normal(size=240)
        weights = rng.uniform(0.5, 2, 240)
        if clustered:
            values += rng.normal(size=60)[accounts]
        basis = design(240, weights, clusters=accounts if clustered else None)
        line = trend(domain_means(values, codes, 4, basis), np.arange(4))
        covered += abs(line.slope - 0.2) < stats.t.ppf(0.975, line.freedom) * line.error
        found += line.p < 0.05
    return covered / runs, found / runs


@pytest.mark.parametrize("clustered", [False, True])
def test_slopes_are_covered_and_lines_held_for_straight(clustered):
    covered, found = slopes(clustered, runs=600, seed=3)
    assert 0.93 < covered < 0.97
    assert 0.03 < found < 0.075


@pytest.mark.slow
@pytest.mark.parametrize("clustered", [False, True])
def test_slopes_are_covered_in_many_samples(clustered):
    covered, found = slopes(clustered, runs=6000, seed=4)
    assert 0.942 < covered < 0.958
    assert 0.042 < found < 0.06


def test_constant_answers_have_no_trend_error():
    codes = np.repeat(np.arange(3), 5)
    found = trend(domain_means(np.ones(15), codes, 3, Design(15)), np.arange(3))
    assert found.slope == pytest.approx(0.0)
    assert np.isnan(found.error)
    assert np.isnan(found.p)


def test_linearised_variance_agrees_on_single_columns():
    values, codes, weights, strata, clusters = sample()
    basis = design(400, weights, strata, clusters)
    used = np.isfinite(values) & (weights > 0) & (codes == 2)
    share = np.where(used, weights, 0) / weights[used].sum()
    centre = np.nansum(share * np.where(used, values, 0))
    influence = share * np.where(used, values - centre, 0)
    expected = linearised_variance(influence, basis, used)[0]
    assert domain_means(values, codes, 4, basis).covariance[2, 2] == pytest.approx(expected)
