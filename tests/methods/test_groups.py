"""Means of groups, Welch's tests and Games-Howell, against R and on awkward input."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods.groups import (
    games_howell,
    group_means,
    mean,
    sample,
    slug,
    split,
    welch_anova,
    welch_difference,
)
from crmresearch.validation.references import golden_number, golden_table

SCORES = st.lists(st.integers(1, 7), min_size=3, max_size=12)


@pytest.fixture(scope="module")
def loyalty():
    survey = golden_table("survey")
    return survey["loyalty"], survey["segment"].astype("category")


def test_welch_anova_matches_r(loyalty):
    found = welch_anova(*loyalty, key="f", name="loyalty")
    for value, path in ((found.value, "welch_F"), (found.p, "welch_p")):
        expected, tolerance = golden_number(f"anova_oneway.{path}")
        assert value == pytest.approx(expected, abs=tolerance)
    assert found.method == "Welch's F(2, 197.4)"
    assert found.n == 360


def test_games_howell_matches_r(loyalty):
    found = games_howell(*loyalty, key="pairs")
    assert [item.name for item in found] == ["plus − basic", "premium − basic", "premium − plus"]
    for row, item in enumerate(found):
        for column, value in ((0, item.value), (3, item.p), (4, item.low), (5, item.high)):
            expected, tolerance = golden_number(f"games_howell.rows.{row}.{column}")
            assert value == pytest.approx(expected, abs=tolerance)


def test_welch_difference_matches_r(loyalty):
    values, segment = loyalty
    found = welch_difference(
        values[segment == "premium"], values[segment == "basic"], key="d", name="d", level=0.9
    )
    expected = [golden_number(f"tost.{path}")[0] for path in ("ci90.0", "ci90.1", "welch_p")]
    assert_allclose([found.low, found.high, found.p], expected, atol=1e-6)


def test_a_mean_has_the_t_interval_of_r():
    # R 4.2.2
    # > t.test(c(4, 5, 7, 6, 2))$conf.int   2.4116116119 7.1883883881
    found = mean([4, 5, None, 7, 6, 2], key="m", name="m")
    assert_allclose(
        [found.value, found.low, found.high], [4.8, 2.4116116119, 7.1883883881], rtol=1e-10
    )
    assert (found.n, found.n_dropped) == (5, 1)


def test_group_means_keep_the_order_of_a_categorical_and_count_what_they_drop():
    groups = pd.Series(pd.Categorical(["b", "a", "b", None, "a", "a"], categories=["b", "a", "c"]))
    found = group_means([1.0, 2.0, 3.0, 9.0, np.nan, 4.0], groups, key="m", name="score", by="path")
    assert [item.group for item in found] == ["path: b", "path: a"]
    assert [item.value for item in found] == [2.0, 3.0]
    assert [(item.n, item.n_dropped) for item in found] == [(2, 2), (2, 2)]


@pytest.mark.parametrize("values", [[3.0], [3.0, 3.0, 3.0], [0.1] * 7])
def test_one_person_or_equal_answers_have_a_mean_and_no_interval(values):
    found = mean(values, key="m", name="m")
    assert found.value == pytest.approx(values[0])
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_nothing_known_is_not_a_number():
    found = mean([np.nan, np.nan], key="m", name="m")
    assert math.isnan(found.value)
    assert (found.n, found.n_dropped) == (0, 2)
    assert group_means([np.nan], ["a"], key="m", name="m") == []


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        ([], []),
        ([1.0, 2.0, 3.0], ["a", "a", "a"]),
        ([1.0, 2.0], ["a", "b"]),
        ([2.0, 2.0, 5.0, 5.0], ["a", "a", "b", "b"]),
    ],
)
def test_tests_without_two_varying_groups_are_not_made(values, groups):
    found = welch_anova(np.array(values), np.array(groups, dtype=object), key="f", name="f")
    assert math.isnan(found.value)
    assert math.isnan(found.p)
    assert "not computed" in found.method


def test_a_group_without_spread_still_has_pairs_but_is_left_out_of_the_test():
    values = [1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 2.0, 6.0, 7.0]
    groups = ["a"] * 3 + ["b"] * 3 + ["c"] * 3
    tested = welch_anova(values, groups, key="f", name="f")
    assert (tested.n, tested.n_dropped) == (6, 3)
    assert all(item.low < item.value < item.high for item in games_howell(values, groups, key="p"))


def test_two_groups_give_the_welch_t_test():
    first, second = np.array([4.0, 5, 6, 2]), np.array([6.0, 7, 5, 7, 7])
    reference = stats.ttest_ind(second, first, equal_var=False)
    [pair] = games_howell(
        np.concatenate([first, second]), ["a"] * 4 + ["b"] * 5, key="p", level=0.9
    )
    interval = reference.confidence_interval(0.9)
    assert_allclose([pair.p, pair.low, pair.high], [reference.pvalue, *interval], rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(first=SCORES, second=SCORES, shift=st.integers(-5, 5), factor=st.integers(1, 5))
def test_difference_is_antisymmetric_and_follows_the_scale(first, second, shift, factor):
    first, second = np.array(first, float), np.array(second, float)
    there = welch_difference(first, second, key="d", name="d")
    back = welch_difference(second, first, key="d", name="d")
    moved = welch_difference(factor * first + shift, factor * second + shift, key="d", name="d")
    assert_allclose([there.value, there.low], [-back.value, -back.high], atol=1e-9)
    assert_allclose([moved.value, moved.low], [factor * there.value, factor * there.low], atol=1e-8)
    assert np.isnan(there.p) or there.p == pytest.approx(back.p)


@settings(max_examples=25, deadline=None)
@given(groups=st.lists(SCORES, min_size=2, max_size=4), shift=st.integers(-3, 3))
def test_welch_f_does_not_depend_on_origin_or_order(groups, shift):
    values = np.concatenate([np.array(part, float) for part in groups])
    names = np.repeat([f"g{i}" for i in range(len(groups))], [len(part) for part in groups])
    one = welch_anova(values, names, key="f", name="f")
    other = welch_anova(values[::-1] + shift, names[::-1], key="f", name="f")
    assert_allclose(one.value, other.value, rtol=1e-7, atol=1e-9)


def covered_together(samples):
    """Share of samples of very unequal groups whose three intervals cover at once."""
    rng = np.random.default_rng(7)
    sizes, spreads = (10, 20, 60), (3.0, 1.0, 2.0)
    names = np.repeat(["a", "b", "c"], sizes)
    held = 0
    for _ in range(samples):
        values = rng.normal(0, np.repeat(spreads, sizes))
        held += all(item.low <= 0 <= item.high for item in games_howell(values, names, key="p"))
    return held / samples


def test_intervals_of_all_pairs_hold_together():
    assert 0.89 <= covered_together(120) <= 0.99


@pytest.mark.slow
def test_intervals_of_all_pairs_hold_together_closely():
    assert 0.935 <= covered_together(2000) <= 0.965


def test_split_and_sample_and_slug():
    parts, dropped = split([1.0, np.nan, 3.0], pd.Series(["x", "x", None]))
    assert {name: part.tolist() for name, part in parts.items()} == {"x": [1.0]}
    assert dropped == 2
    assert sample([2.0, 4.0, np.nan]).dropped == 1
    assert slug("Human-like agent, empathic") == "human_like_agent_empathic"
    assert slug("—") == "group"
