"""The studentized range against scipy's slower integration, and at its edges."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods.ranges import all_pairs, quantile, upper_tail


@pytest.mark.parametrize("groups", [2, 3, 6])
@pytest.mark.parametrize(("df", "tolerance"), [(1.4, 1e-6), (4.0, 1e-9), (90.5, 1e-9)])
def test_tail_agrees_with_scipy(groups, df, tolerance):
    q = np.array([0.4, 2.5, 6.0])
    expected = stats.studentized_range.sf(q, groups, df)
    assert_allclose(upper_tail(q, groups, np.full(3, df)), expected, atol=tolerance)


def test_quantile_agrees_with_printed_tables():
    # Tukey's q at .05, as printed in tables of the studentized range: k = 3, df = 10, 20, 120
    assert_allclose(quantile(0.95, 3, [10.0, 20.0, 120.0]), [3.877, 3.578, 3.356], atol=5e-4)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.999])
def test_quantile_inverts_the_tail(level):
    df = np.array([2.0, 7.5, 400.0])
    assert_allclose(upper_tail(quantile(level, 5, df), 5, df), 1 - level, rtol=1e-6)


def test_unknown_errors_stay_unknown():
    half, p = all_pairs(
        np.array([1.0, 2.0, 0.0]),
        np.array([0.5, np.nan, 0.0]),
        np.array([20.0, 20.0, 20.0]),
        groups=3,
        level=0.95,
    )
    assert np.isfinite([half[0], p[0]]).all()
    assert np.isnan([half[1], p[1], half[2], p[2]]).all()


def test_no_pair_gives_nothing():
    half, p = all_pairs(np.array([]), np.array([]), np.array([]), groups=1, level=0.95)
    assert half.size == p.size == 0
