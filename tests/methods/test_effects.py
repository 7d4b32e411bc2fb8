"""Hedges' g and equivalence tests, against R and a published example."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.methods.effects import hedges_g, small_sample_factor, tost, tost_from_summary
from crmresearch.validation.references import golden_number, golden_table

SCORES = st.lists(st.integers(1, 7), min_size=3, max_size=15)


def test_g_and_its_noncentral_interval_match_r():
    survey = golden_table("survey")
    first, second = (survey["loyalty"][survey["segment"] == x] for x in ("premium", "basic"))
    found = hedges_g(first, second, key="g", name="g")
    expected = [golden_number(f"hedges_g.{path}")[0] for path in ("g_exact", "g_ci.0", "g_ci.1")]
    assert_allclose([found.value, found.low, found.high], expected, atol=1e-6)
    assert small_sample_factor(238) == pytest.approx(golden_number("hedges_g.J")[0], abs=1e-11)


def test_g_matches_a_textbook():
    # Borenstein et al. 2009, chapter 4: means 103 and 100, SD 5.5 and 4.5, n 50 and 50
    rng = np.random.default_rng(1)

    def with_moments(mean, sd):
        values = rng.normal(size=50)
        return mean + sd * (values - values.mean()) / values.std(ddof=1)

    found = hedges_g(with_moments(103, 5.5), with_moments(100, 4.5), key="g", name="g")
    assert found.value == pytest.approx(0.5924, abs=5e-5)


@pytest.mark.parametrize(
    ("pooled", "paths"),
    [(False, ("p_lower", "p_upper")), (True, ("p_lower_pooled", "p_upper_pooled"))],
)
def test_equivalence_matches_r(pooled, paths):
    survey = golden_table("survey")
    first, second = (survey["loyalty"][survey["segment"] == x] for x in ("premium", "basic"))
    difference, lower, upper = tost(first, second, bound=3, key="t", name="t", pooled=pooled)
    expected = [golden_number(f"tost.{path}")[0] for path in paths]
    assert_allclose([lower.p, upper.p], expected, atol=1e-6)
    assert difference.p == max(lower.p, upper.p)
    assert difference.level == pytest.approx(0.9)
    if not pooled:
        ends = [golden_number(f"tost.ci90.{end}")[0] for end in (0, 1)]
        assert_allclose([difference.low, difference.high], ends, atol=1e-6)


def test_equivalence_from_published_summary_statistics():
    """Means 5.25 and 5.22, SD .95 and .83, n 95 and 89, bounds of .43 SD."""
    difference, lower, upper = tost_from_summary(
        5.25, 0.95, 95, 5.22, 0.83, 89, bound=0.3835687, key="t", name="t"
    )
    assert_allclose([lower.value, upper.value], [3.14973, -2.692771], rtol=5e-7)
    assert_allclose([lower.p, upper.p], [0.00095601, 0.00387552], rtol=5e-6)
    assert_allclose([difference.low, difference.high], [-0.1870843, 0.2470843], atol=5e-8)
    assert "181.1" in lower.method


@settings(max_examples=60, deadline=None)
@given(first=SCORES, second=SCORES, bound=st.floats(0.1, 4))
def test_p_and_interval_give_one_verdict(first, second, bound):
    difference, *_ = tost(np.array(first), np.array(second), bound=bound, key="t", name="t")
    if math.isnan(difference.low):
        return
    inside = -bound < difference.low and difference.high < bound
    assert inside == (difference.p < 0.05) or abs(difference.p - 0.05) < 1e-6


@settings(max_examples=60, deadline=None)
@given(first=SCORES, second=SCORES, shift=st.integers(-9, 9), factor=st.integers(1, 9))
def test_g_is_antisymmetric_and_free_of_the_scale(first, second, shift, factor):
    first, second = np.array(first, float), np.array(second, float)
    one = hedges_g(first, second, key="g", name="g")
    back = hedges_g(second, first, key="g", name="g")
    moved = hedges_g(shift + factor * first, shift + factor * second, key="g", name="g")
    assert_allclose([one.value, one.low], [-back.value, -back.high], atol=1e-6)
    assert_allclose([moved.value, moved.high], [one.value, one.high], atol=1e-6)
    assert math.isnan(one.value) or np.sign(one.value) == np.sign(first.mean() - second.mean())


@pytest.mark.parametrize(
    ("first", "second"),
    [([], []), ([1.0], [2.0, 3.0]), ([4.0, 4.0], [4.0, 4.0]), ([np.nan] * 3, [1.0, 2.0])],
)
def test_too_little_to_tell_has_no_number(first, second):
    found = hedges_g(np.array(first), np.array(second), key="g", name="g")
    assert math.isnan(found.value)
    difference, *_ = tost(np.array(first), np.array(second), bound=1, key="t", name="t")
    assert math.isnan(difference.low)


def test_a_bound_of_zero_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        tost([1.0, 2.0], [1.0, 2.0], bound=0, key="t", name="t")


def test_interval_of_g_covers_in_small_groups():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(600):
        found = hedges_g(rng.normal(0.8, 1, 12), rng.normal(0, 1, 9), key="g", name="g")
        held += found.low <= 0.8 <= found.high
    assert 0.93 <= held / 600 <= 0.97
