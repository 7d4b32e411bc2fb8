"""Numbers are written in one way: unit, sign, decimals, interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.report.numbers import (
    MISSING,
    UNITS,
    count,
    format_interval,
    format_level,
    format_number,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.361, "share", "36.1%"),
        (-0.0212, "share difference", "−2.1"),
        (0.0212, "share difference", "+2.1"),
        (39.84, "points", "39.8"),
        (-12.0, "points", "−12.0"),
        (0.206, "SD", "+0.21"),
        (5.394, "scale points", "5.39"),
        (0.0004, "p", "< .001"),
        (0.0123, "p", ".012"),
        (2406, "count", "2,406"),
        (-2801.22, "log-likelihood", "−2,801.220"),
        (math.nan, "SD", MISSING),
        (math.inf, "ratio", MISSING),
        (None, "share", MISSING),
    ],
)
def test_a_number_is_written_in_its_unit(value, unit, text):
    assert format_number(value, unit) == text


FIXED = sorted(unit for unit, kind in UNITS.items() if unit != "p" and not kind.digits)


@pytest.mark.parametrize("unit", FIXED)
def test_what_rounds_to_zero_has_no_sign(unit):
    tiny = 10.0 ** -(UNITS[unit].decimals + 3) / UNITS[unit].factor
    assert format_number(-tiny, unit) == format_number(0.0, unit) == format_number(tiny, unit)
    assert not set(format_number(-tiny, unit)) & set("+−-")


@given(value=st.floats(-1e6, 1e6), unit=st.sampled_from(FIXED))
def test_the_text_reads_back_as_the_number(value, unit):
    kind = UNITS[unit]
    text = format_number(value, unit).removesuffix(kind.suffix)
    back = float(text.replace(",", "").replace("−", "-")) / kind.factor
    assert back == pytest.approx(value, abs=0.500001 * 10.0**-kind.decimals / kind.factor)


def test_an_interval_names_its_level_and_unit():
    text = format_interval(39.84, 37.12, 42.51, 0.95, "points")
    assert text == "39.8 points (95% CI 37.1 to 42.5)"
    assert format_interval(0.5, math.nan, math.nan, 0.9, "share") == "50.0%"
    assert format_interval(0.5, 0.4, 0.6, 0.999, "share") == "50.0% (99.9% CI 40.0% to 60.0%)"
    assert format_interval(-0.2, -0.3, -0.1, 0.9, "SD", word=False) == (
        "−0.20 (90% CI −0.30 to −0.10)"
    )


def test_levels_and_counts():
    assert [format_level(x) for x in (0.9, 0.95, 0.999, 0.5)] == ["90%", "95%", "99.9%", "50%"]
    assert count(1, "person", "people") == "1 person"
    assert count(2400, "customer") == "2,400 customers"
    assert count(0, "customer") == "0 customers"


def test_reference_numbers_keep_significant_digits_at_any_size():
    assert format_number(-4217.480415347, "reference") == "−4,217.4804"
    assert format_number(0.2552885198, "reference") == "0.25528852"
    assert format_number(-1.148e-05, "reference difference") == "−1.1e−05"


def test_an_interval_without_width_is_not_written():
    assert format_interval(1.0, 1.0, 1.0, 0.95, "share") == "100.0%"
