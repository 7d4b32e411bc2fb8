"""Student's t at single values: scipy's own distribution gives the same numbers."""

import math

import pytest
from scipy import stats

from crmresearch.methods.student import chance_beyond, t_quantile, two_sided_p

DFS = (0.4, 1, 2, 7.3, 59, 1e6, math.inf)


@pytest.mark.parametrize("df", DFS)
def test_the_numbers_are_those_of_scipys_distribution(df):
    for chance in (1e-9, 0.025, 0.5, 0.95, 1 - 1e-12, 1.0):
        assert t_quantile(chance, df) == stats.t.ppf(chance, df)
    for t in (0.0, 1e-9, 1.96, -1.96, 40.0, -1e10, math.inf):
        assert two_sided_p(t, df) == 2 * stats.t.sf(abs(t), df)


@pytest.mark.parametrize("df", [1, 12, 298, 9_999])
@pytest.mark.parametrize("shift", [0.0, 0.4, 2.8, -3.0])
def test_the_noncentral_t_keeps_both_of_its_tails(df, shift):
    for t in (0.5, 1.98, 4.0):
        assert chance_beyond(t, df, shift) == pytest.approx(stats.nct.sf(t, df, shift), rel=1e-12)


@pytest.mark.parametrize("df", [0, -3, math.nan])
def test_without_degrees_of_freedom_there_is_nothing(df):
    assert math.isnan(t_quantile(0.975, df))
    assert math.isnan(two_sided_p(2.0, df))


def test_a_missing_value_has_no_p():
    assert math.isnan(two_sided_p(math.nan, 10))
    assert math.isnan(t_quantile(math.nan, 10))
