"""Estimates: checked when made, and the same after a round trip through JSON."""

import dataclasses
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.report.estimates import (
    FIELDS,
    Estimate,
    as_frame,
    as_records,
    find,
    from_records,
)
from crmresearch.report.numbers import UNITS

from .examples import estimate

numbers = st.one_of(st.floats(allow_infinity=False), st.just(math.nan))


@st.composite
def estimates(draw):
    low, high = sorted(draw(st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300))))
    if draw(st.booleans()):
        low = high = math.nan
    return Estimate(
        key=draw(st.text(min_size=1)),
        name=draw(st.text()),
        value=draw(numbers),
        low=low,
        high=high,
        level=draw(st.floats(0.01, 0.999)),
        unit=draw(st.sampled_from(sorted(UNITS))),
        n=draw(st.integers(0, 10**9)),
        n_dropped=draw(st.integers(0, 10**9)),
        method=draw(st.text()),
        group=draw(st.text()),
        p=draw(st.one_of(st.floats(0, 1), st.just(math.nan))),
        randomised=draw(st.booleans()),
        study=draw(st.text()),
    )


@given(st.lists(estimates(), max_size=3))
def test_a_round_trip_through_json_changes_nothing(items):
    text = json.dumps(as_records(items), allow_nan=False)
    back = from_records(json.loads(text))
    assert [repr(item) for item in back] == [repr(item) for item in items]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "furlongs"}, "unit 'furlongs' of 'nps' is not one of"),
        ({"level": 95}, "level of 'nps' is a fraction, 0.95 not 95"),
        ({"low": 12.0}, "interval of 'nps' is reversed: 12.0 to 11.6"),
    ],
)
def test_a_wrong_estimate_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(estimate(), **change)


def test_it_reads_as_a_sentence_part():
    assert str(estimate()) == "8.0 points (95% CI 4.4 to 11.6)"


def test_find_takes_key_and_group():
    overall, part = estimate(), estimate(value=21.0, low=15.0, high=27.0, group="brand: Aster")
    assert find([part, overall], "nps") is overall
    assert find([part, overall], "nps", "brand: Aster") is part
    assert find([part, overall], "csat") is None


def test_a_frame_has_a_column_a_field_even_without_rows():
    assert list(as_frame([]).columns) == list(FIELDS)
    assert as_frame([estimate()])["value"].tolist() == [8.0]


def test_missing_numbers_are_alike_on_every_python():
    one, other = (estimate(p=float("nan"), low=float("nan"), high=float("nan")) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != estimate(p=0.04)
    assert one != "nps"
