"""Contrasts within groups, and ratios of totals."""

import numpy as np
import pytest

from crmresearch.methods.ratios import ratio
from crmresearch.methods.within import within_contrasts
from crmresearch.validation.cases_survey_accounts import (
    promoters_per_respondent,
    within_accounts,
)


def test_contrasts_and_errors_agree_with_r():
    found = within_accounts(True)
    assert found["plus_basic"] == pytest.approx(3.6272886, abs=5e-8)
    assert found["plus_basic_error"] == pytest.approx(1.3622392, abs=5e-8)


def test_what_groups_have_in_common_is_taken_out():
    values = np.array([10.0, 11.0, 0.0, 1.0, 50.0])
    kinds, codes = np.array([0, 1, 0, 1, 1]), np.array([0, 0, 1, 1, 2])
    [found] = within_contrasts(values, kinds, codes, [(0, 1)])
    assert found.value == pytest.approx(1.0)
    assert (found.n, found.clusters) == (4, 2)
    assert np.isnan(found.low)  # both accounts differ by just as much


def test_kinds_that_never_meet_are_not_compared():
    values = np.arange(8.0) ** 2
    kinds, codes = np.array([0, 1, 0, 1, 2, 3, 2, 3]), np.repeat(np.arange(4), 2)
    first, second = within_contrasts(values, kinds, codes, [(0, 1), (0, 2)])
    assert np.isfinite(first.value)
    assert np.isnan(second.value)


def test_a_kind_that_nobody_used_has_is_not_compared():
    values, codes = np.array([1.0, 2.0, 5.0, 3.0]), np.array([0, 0, 1, 2])
    kinds = np.array([0, 1, 2, 3])
    met, alone, both = within_contrasts(values, kinds, codes, [(0, 1), (0, 2), (2, 3)])
    assert met.value == pytest.approx(1.0)
    assert np.isnan(alone.value)
    assert np.isnan(both.value)


def test_the_interval_holds_with_few_unequal_accounts():
    rng = np.random.default_rng(21)
    inside = []
    for _ in range(400):
        codes = np.repeat(np.arange(40), rng.choice([1, 2, 3, 6], 40))
        kinds = rng.integers(0, 3, len(codes))
        values = 2 * rng.normal(size=40)[codes] + 0.5 * (kinds == 2) + rng.normal(size=len(codes))
        found = within_contrasts(values, kinds, codes, [(0, 1), (0, 2)])
        inside.append([found[0].low <= 0 <= found[0].high, found[1].low <= 0.5 <= found[1].high])
    held = np.mean(inside, axis=0)
    assert (held > 0.915).all()
    assert (held < 0.98).all()


@pytest.mark.parametrize(
    ("values", "kinds", "codes"),
    [
        ([], [], []),
        ([1.0], [0], [0]),
        ([1.0, 2.0], [0, 1], [0, 1]),
        ([1.0, 2.0], [0, -1], [0, 0]),
        ([np.nan, 2.0], [0, 1], [0, 0]),
        ([1.0, 2.0], [0, 1], [-1, -1]),
    ],
)
def test_without_an_account_of_both_there_is_nothing(values, kinds, codes):
    arrays = np.array(values), np.array(kinds, dtype=int), np.array(codes, dtype=int)
    [found] = within_contrasts(*arrays, [(0, 1)])
    assert np.isnan(found.value)
    assert found.n == 0


def test_a_row_of_weight_zero_is_nobody():
    values = np.array([1.0, 2.0, 5.0, 3.0, 9.0])
    kinds, codes = np.array([0, 1, 0, 1, 1]), np.array([0, 0, 1, 1, 1])
    weights = np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    weighted = within_contrasts(values, kinds, codes, [(0, 1)], weights=weights)
    assert weighted == within_contrasts(values[:4], kinds[:4], codes[:4], [(0, 1)])


def test_a_ratio_agrees_with_r():
    found = promoters_per_respondent()
    assert found["ratio"] == pytest.approx(0.3860465, abs=5e-8)
    assert found["error"] == pytest.approx(0.0410889, abs=5e-8)


def test_the_interval_of_a_ratio_holds():
    rng = np.random.default_rng(22)
    inside = []
    for _ in range(400):
        below = rng.integers(1, 30, 80)
        above = rng.binomial(below, rng.beta(4, 6, 80))
        found = ratio(above, below, key="r", name="R")
        inside.append(found.low <= 0.4 <= found.high)
    assert 0.915 <= np.mean(inside) <= 0.98


def test_a_ratio_of_nothing_or_of_all_alike_has_no_interval():
    assert np.isnan(ratio(np.zeros(0), np.zeros(0), key="r", name="R").value)
    alike = ratio(np.array([1.0, 2.0]), np.array([2.0, 4.0]), key="r", name="R")
    assert alike.value == 0.5
    assert np.isnan(alike.low)
    whole = ratio(np.array([2.0, np.nan]), np.array([2.0, 3.0]), key="r", name="R")
    assert (whole.value, whole.n, whole.n_dropped) == (1.0, 1, 1)
