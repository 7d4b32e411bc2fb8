"""Titles at their edges: ties, overlapping intervals, sizes that round to zero."""

import pytest

from crmresearch.recovery import headlines
from crmresearch.report.estimates import Estimate


def mean(group, value, reach):
    return Estimate(
        key="paths.loyalty",
        name="loyalty",
        group=f"path: {group}",
        value=value,
        low=value - reach,
        high=value + reach,
        unit="scale points",
        n=50,
        method="mean",
    )


def test_equal_means_have_no_highest_and_lowest():
    assert headlines.paths.means([mean("silent", 5.001, 0.1), mean("resolved", 4.999, 0.1)]) == (
        "Loyalty is 5.00 in each of 2 groups."
    )


@pytest.mark.parametrize(("reach", "doubtful"), [(0.1, False), (0.6, True)])
def test_extremes_that_chance_may_have_picked_are_told(reach, doubtful):
    title = headlines.paths.means([mean("silent", 4.0, reach), mean("resolved", 5.0, reach)])
    assert title.startswith("Loyalty is highest on “resolved” (5.00) and lowest on “silent” (4.00)")
    assert title.endswith(", though their intervals overlap.") is doubtful


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.26, "rose by 0.26"), (-0.26, "fell by 0.26"), (-0.002, "neither rose nor fell,")],
)
def test_a_rise_that_rounds_to_zero_is_none(value, words):
    common = {"low": -1.0, "high": 1.0, "unit": "scale difference", "n": 50, "method": "mean"}
    naive = Estimate(key="rise.complainers.naive", name="rise", value=value, **common)
    expected = Estimate(key="rise.complainers.expected", name="expected", value=0.1, **common)
    assert headlines.rebound.rises([naive, expected]).startswith(f"Complainers {words}")
