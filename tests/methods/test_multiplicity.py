"""Adjusted p values, against R's p.adjust, and the widest of several differences."""

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.multiplicity import adjust, widest
from crmresearch.methods.ranges import all_pairs
from crmresearch.validation.references import golden_number


@pytest.mark.parametrize(("method", "name"), [("holm", "holm"), ("bh", "BH")])
def test_adjusted_values_match_r(method, name):
    given, expected = (
        [golden_number(f"p_adjust.{field}.{place}")[0] for place in range(12)]
        for field in ("p", name)
    )
    assert_allclose(adjust(np.array(given), method=method), expected, atol=1e-12)


def test_what_was_not_tested_is_no_member_of_the_family():
    assert_allclose(adjust([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])
    assert adjust([]).size == 0
    assert np.isnan(adjust([np.nan])).all()


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="'fdr' is not one of"):
        adjust([0.1], method="fdr")


def test_the_widest_difference_may_be_that_of_another_pair():
    clear_but_tiny, large_but_vague = (0.02, 0.08), (-1.1, 0.1)
    assert widest([clear_but_tiny, large_but_vague]) == (0.02, 1.1)
    assert widest([(-0.1, 0.2), (-0.3, 0.1)]) == (0.0, 0.3)
    assert widest([(-0.5, -0.2)]) == (0.2, 0.5)


@pytest.mark.parametrize("means", [(0, 0, 0, 0), (0, 0, 3, 3), (0, 1, 2, 3)])
def test_bounds_of_the_widest_hold_however_it_was_picked(means):
    rng, truth, held = np.random.default_rng(3), max(means) - min(means), 0
    half, _ = all_pairs(np.zeros(6), np.full(6, 2**0.5), np.full(6, 1e6), groups=4, level=0.95)
    for drawn in rng.normal(means, 1.0, (2000, 4)):
        value = np.array([b - a for a, b in combinations(drawn, 2)])
        low, high = widest(zip(value - half, value + half, strict=True))
        held += low <= truth <= high
    assert held >= 0.94 * 2000
