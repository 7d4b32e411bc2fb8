"""E-values against the published formula and at the null."""

import math

import pytest

from crmresearch.methods.sensitivity import e_value, e_values
from crmresearch.report.estimates import Estimate

GOLDEN = {  # R 4.2.2, formulas of VanderWeele & Ding 2017: ratio -> E-value
    1.8: 3.0,
    1.2: 1.68989794856,
    math.exp(0.91 * 0.35): 2.09321147582,
    math.exp(0.91 * 0.35 - 0.178): 1.56750784207,
    0.62: 2.60716354887,
}


@pytest.mark.parametrize(("ratio", "expected"), GOLDEN.items())
def test_e_value_matches_the_formula(ratio, expected):
    assert e_value(ratio) == pytest.approx(expected, rel=1e-10)
    assert e_value(1 / ratio) == pytest.approx(expected, rel=1e-10)


def test_no_ratio_needs_no_cause():
    assert e_value(1.0) == 1.0
    assert math.isnan(e_value(0.0))
    assert math.isnan(e_value(math.nan))


def difference(value, low, high):
    return Estimate(key="k", name="n", value=value, low=low, high=high, unit="SD", n=10, method="m")


def test_the_nearer_end_is_the_weaker_one_on_either_side():
    for sign in (1, -1):
        ends = sorted((sign * 0.154, sign * 0.546))
        found, limit = e_values(difference(sign * 0.35, *ends))
        assert found.value == pytest.approx(2.09321147582, rel=1e-10)
        assert limit.value == pytest.approx(e_value(math.exp(0.91 * 0.154)))
    assert e_values(difference(0.1, -0.1, 0.3))[1].value == 1.0
    assert e_values(difference(math.nan, math.nan, math.nan)) == []
