"""LMG, against R's numbers, a plain average over all orders, and its own sampling."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods import lmg
from crmresearch.validation.references import golden_number, golden_table, table


def matrix(p: int, seed: int = 1, n: int = 60) -> np.ndarray:
    rng = np.random.default_rng(seed)
    drivers = rng.normal(size=(n, p)) + rng.normal(size=(n, 1))
    outcome = drivers @ np.linspace(1, 0, p) + 2 * rng.normal(size=n)
    return np.corrcoef(np.column_stack([drivers, outcome]), rowvar=False)


def r2(full: np.ndarray, chosen: list[int]) -> float:
    if not chosen:
        return 0.0
    slopes = np.linalg.lstsq(full[np.ix_(chosen, chosen)], full[chosen, -1], rcond=1e-9)[0]
    return float(slopes @ full[chosen, -1])


def test_swiss_equals_relaimpo():
    # relaimpo::calc.relimp(lm(Fertility ~ ., swiss), type = "lmg")
    data = table("swiss")[
        ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality", "Fertility"]
    ]
    found = lmg.exact(data.corr().to_numpy())
    expected = [0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592]
    assert_allclose(found, expected, atol=5e-9)


def test_golden_parts_equal_r():
    columns = [*(f"x{place}" for place in range(1, 7)), "overall"]
    found = lmg.exact(golden_table("survey")[columns].corr().to_numpy())
    expected = [golden_number(f"key_drivers.lmg.{place}")[0] for place in range(6)]
    assert_allclose(found, expected, atol=1e-10)


def test_parts_are_gains_averaged_over_all_orders():
    full = matrix(4)
    gains = np.zeros(4)
    for order in permutations(range(4)):
        for place, one in enumerate(order):
            gains[one] += r2(full, list(order[: place + 1])) - r2(full, list(order[:place]))
    assert_allclose(lmg.exact(full), gains / 24, atol=1e-12)


def test_every_subset_is_numbered_by_its_bits():
    full = matrix(5)
    found = lmg.explained(full[None])[:, 0]
    for subset in range(32):
        chosen = [place for place in range(5) if subset >> place & 1]
        assert found[subset] == pytest.approx(r2(full, chosen), abs=1e-12)


@given(st.integers(1, 9), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_parts_add_up_and_are_not_negative(p, seed):
    stack = np.stack([matrix(p, seed), matrix(p, seed + 1)])
    found = lmg.exact(stack)
    assert found.shape == (2, p)
    assert (found > -1e-12).all()
    assert_allclose(found.sum(axis=1), [r2(one, list(range(p))) for one in stack], atol=1e-9)


def test_drivers_that_repeat_each_other_share():
    full = matrix(3)
    at = [0, 1, 2, 0, 3]
    found = lmg.exact(full[np.ix_(at, at)])
    assert found[0] == pytest.approx(found[3], abs=1e-9)
    assert found.sum() == pytest.approx(r2(full, [0, 1, 2]))
    parts, _ = lmg.averaged(full[np.ix_(at, at)], lmg.orderings(4, 500, np.random.default_rng(1)))
    assert_allclose(parts, found, atol=0.02)


def test_sampled_orders_agree_within_their_error():
    full = matrix(10)
    parts, error = lmg.averaged(full, lmg.orderings(10, 4000, np.random.default_rng(2)))
    exact = lmg.exact(full)
    assert parts.sum() == pytest.approx(exact.sum(), abs=1e-7)
    assert (np.abs(parts - exact) < 4 * error).all()
    assert (error < 0.01 * exact.sum()).all()


def test_the_error_of_sampling_is_the_spread_of_repeated_samples():
    full = matrix(8)
    runs = [lmg.averaged(full, lmg.orderings(8, 50, np.random.default_rng(s))) for s in range(200)]
    spread = np.std([parts for parts, _ in runs], axis=0)
    assert_allclose(np.mean([error for _, error in runs], axis=0), spread, rtol=0.2)


def test_orders_come_with_their_reverse():
    orders = lmg.orderings(6, 3, np.random.default_rng(1))
    assert (orders[::2] == orders[1::2, ::-1]).all()
    assert (np.sort(orders, axis=1) == np.arange(6)).all()


def test_too_many_predictors_are_refused():
    with pytest.raises(ValueError, match="take `sampled` beyond 16"):
        lmg.exact(np.eye(18))
