"""Weighted regression on a design in blocks, and intervals for several estimates at once."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods import linear
from crmresearch.methods.linear import at_once, regress
from crmresearch.methods.weighting import Design, design


def rng():
    return np.random.default_rng(8)


def data(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    noise = rng()
    x = np.column_stack([np.ones(n), noise.normal(size=(n, 3))])
    return x, x @ [1, 0.5, 0, -0.2] + noise.normal(size=n) * (1 + np.abs(x[:, 1]))


def fitted(x: np.ndarray, y: np.ndarray, basis: Design, models=None):
    return regress(
        lambda at: x[at], y, np.arange(len(y)), models=models or [[0, 1, 2, 3]],
        design=basis, rng=rng(),
    )  # fmt: skip


def test_blocks_give_what_holding_all_rows_gives(monkeypatch):
    x, y = data()
    basis = design(300, rng().uniform(0.5, 2, 300), None, np.arange(300) // 4)
    [held] = fitted(x, y, basis)
    monkeypatch.setattr(linear, "CELLS", 40)
    monkeypatch.setattr(linear, "ROWS", 37)
    [blocks] = fitted(x, y, basis)
    assert_allclose(blocks.values, held.values, rtol=1e-10)
    assert_allclose(blocks.covariance, held.covariance, rtol=1e-9)


def test_models_share_one_reading():
    x, y = data()
    both = fitted(x, y, Design(300), [[0, 1], [0, 1, 2, 3]])
    assert_allclose(both[0].values, np.linalg.lstsq(x[:, :2], y, rcond=None)[0])
    assert_allclose(both[1].values, np.linalg.lstsq(x, y, rcond=None)[0])
    assert (both[0].df, both[1].df) == (298, 296)


def test_errors_cover_where_variances_differ():
    noise, hits = np.random.default_rng(2), 0
    for _ in range(200):
        x = np.column_stack([np.ones(120), noise.normal(size=120)])
        y = 0.5 * x[:, 1] + noise.normal(size=120) * (0.5 + np.abs(x[:, 1]))
        [made] = fitted(x, y, Design(120), [[0, 1]])
        reach = stats.t.ppf(0.975, made.df) * np.sqrt(made.covariance[1, 1])
        hits += abs(made.values[1] - 0.5) < reach
    assert hits >= 176  # 95% of 200 is 190, three standard errors are 9, small samples a little


def test_repeated_terms_have_no_coefficient():
    x, y = data()
    [made] = fitted(np.column_stack([x, x[:, 1]]), y, Design(300), [[0, 1, 2, 3, 4]])
    assert np.isnan(made.values[[1, 4]]).all()
    assert np.isfinite(made.values[[0, 2, 3]]).all()
    assert made.df == 296


@pytest.mark.parametrize("n", [1, 3, 4])
def test_too_few_rows_have_no_error(n):
    x, y = data()
    [made] = fitted(x[:n], y[:n], Design(n))
    assert np.isnan(made.covariance).all()


def test_one_estimate_has_its_t_interval():
    low, high, p = at_once(np.array([2.0]), np.array([[1.0]]), 10, level=0.95, rng=rng())
    assert high[0] - 2 == pytest.approx(stats.t.ppf(0.975, 10))
    assert low[0] == pytest.approx(4 - high[0])
    assert p[0] == pytest.approx(2 * stats.t.sf(2, 10), abs=0.01)


def test_independent_estimates_are_sidak_wide():
    _, high, p = at_once(np.zeros(10), np.eye(10), 1e9, level=0.95, rng=rng())
    assert_allclose(high, stats.norm.ppf(0.5 + 0.95**0.1 / 2), atol=0.03)
    assert (p > 0.99).all()


def test_the_same_estimate_twice_costs_nothing():
    _, high, _ = at_once(np.zeros(2), np.ones((2, 2)), 1e9, level=0.9, rng=rng())
    assert_allclose(high, stats.norm.ppf(0.95), atol=0.03)


def test_what_is_unknown_is_left_out():
    covariance = np.diag([1.0, np.nan, 1.0])
    low, _, p = at_once(np.array([1.0, 1.0, np.nan]), covariance, 30, level=0.9, rng=rng())
    assert np.isfinite(low).tolist() == np.isfinite(p).tolist() == [True, False, False]
    assert np.isnan(at_once(np.ones(1), np.eye(1), 0, level=0.9, rng=rng())[0]).all()
