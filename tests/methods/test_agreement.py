"""Agreement within groups: printed and R numbers, and answers that allow no number."""

import numpy as np
import pytest

from crmresearch.methods.agreement import median_interval, null_variance, rwg, within_variance
from crmresearch.validation.references import golden, golden_table


def test_teams_agree_with_r():
    teams = golden_table("teams")
    codes, out = teams["team"].to_numpy() - 1, golden()["rwg"]["out"]
    items = teams[["i1", "i2", "i3", "i4"]].to_numpy(float)
    assert rwg(items, codes, null=2.0) == pytest.approx(out["rwgj"], abs=1e-10)
    assert rwg(items[:, 0], codes, null=2.0) == pytest.approx(out["rwg"], abs=1e-10)


def test_null_variances_are_those_of_their_distributions():
    assert null_variance(5) == pytest.approx(np.var(np.arange(5)))
    skewed = np.array([0.05, 0.15, 0.20, 0.35, 0.25])  # James, Demaree & Wolf's five points
    points = np.arange(1, 6)
    assert null_variance(5, skewed=True) == pytest.approx(
        skewed @ points**2 - (skewed @ points) ** 2
    )
    assert np.isnan(null_variance(1))
    assert np.isnan(null_variance(4, skewed=True))


def test_agreement_runs_from_none_to_all():
    codes = np.array([0, 0, 1, 1, 2])
    answers = np.array([3.0, 3.0, 1.0, 7.0, 4.0])
    assert rwg(answers, codes, null=4.0) == pytest.approx([1.0, 0.0, np.nan], nan_ok=True)


def test_an_item_that_one_person_answered_is_left_out_of_the_group():
    codes = np.zeros(3, dtype=int)
    items = np.array([[1.0, 2.0], [3.0, np.nan], [2.0, np.nan]])
    alone = rwg(items[:, :1], codes, null=2.0)
    spread = 0.5
    assert alone == pytest.approx([1 - spread])
    assert rwg(items, codes, null=2.0) == pytest.approx(
        [2 * (1 - spread) / (2 * (1 - spread) + spread)]
    )


def test_rows_without_group_or_answer_do_not_count():
    values = np.array([1.0, 3.0, 100.0, np.nan])
    assert within_variance(values, np.array([0, 0, -1, 0]), 1) == pytest.approx([2.0])
    assert rwg(np.full(3, np.nan), np.zeros(3, dtype=int), null=2.0) == pytest.approx(
        [np.nan], nan_ok=True
    )
    assert rwg(np.zeros(0), np.zeros(0, dtype=int), null=2.0).size == 0


def test_the_interval_of_a_median_holds():
    rng = np.random.default_rng(5)
    inside = []
    for _ in range(400):
        _, low, high = median_interval(rng.exponential(size=31), level=0.9)
        inside.append(low <= np.log(2) <= high)
    assert 0.88 <= np.mean(inside) <= 0.98


def test_few_values_have_a_median_without_an_interval():
    assert median_interval(np.array([1.0, np.nan, 3.0])) == pytest.approx(
        (2.0, np.nan, np.nan), nan_ok=True
    )
    assert np.isnan(median_interval(np.array([]))).all()
