"""A scale that fails is marked on what uses it, and only there."""

import numpy as np
import pytest

from crmresearch.report.estimates import Estimate
from crmresearch.survey.flags import Flag, blurred, failing, marked


def estimate(key, name="x", value=0.5, low=np.nan, high=np.nan, unit="coefficient"):
    return Estimate(key=key, name=name, value=value, low=low, high=high, unit=unit, n=90, method="")


POOR = estimate("omega.loyalty", "loyalty, omega", 0.47, 0.34, 0.58)
UNSURE = estimate("alpha.effort", "effort, alpha", 0.65, 0.55, 0.75)
MIXED = estimate("dimensions.loyalty", "Dimensions of loyalty", 2, 2, 3, "count")
MAYBE = estimate("dimensions.trust", "Dimensions of trust", 2, 1, 2, "count")
LOYALTY = Flag("loyalty", "loyalty", "is unreliable (omega 0.47)")


def test_a_scale_fails_only_where_the_whole_interval_does():
    assert failing([POOR, UNSURE], [MIXED, MAYBE]) == [
        LOYALTY,
        Flag("loyalty", "loyalty", "mixes 2 dimensions"),
    ]
    assert failing([UNSURE], [MAYBE]) == []


@pytest.mark.parametrize(
    ("key", "uses"),
    [
        ("loyalty", True),
        ("loyalty.unweighted", True),
        ("change.loyalty.detectable", True),
        ("correlation.satisfaction.loyalty", True),
        ("index.path.image.loyalty", True),
        ("change.disloyalty", False),
        ("loyalty_card.share", False),
        ("nps", False),
    ],
)
def test_an_estimate_rests_on_the_scales_that_its_key_names(key, uses):
    [item] = marked([estimate(key, "Mean")], [LOYALTY])
    assert item.name == ("Mean†" if uses else "Mean")
    assert (blurred([item], [LOYALTY]) != "") is uses
    assert item.key == key


def test_a_single_scale_marks_the_whole_exhibit_once():
    rows = [estimate("driver.r2", "R²"), estimate("driver.price", "Price")]
    once = marked(rows, [LOYALTY], "loyalty")
    assert [item.name for item in once] == ["R²†", "Price†"]
    assert marked(once, [LOYALTY], "loyalty") == once
    assert marked(rows, [LOYALTY], "satisfaction") == rows
    assert marked(rows, [LOYALTY], "") == rows


def test_the_note_gives_every_reason_of_every_scale():
    flags = [*failing([POOR], [MIXED]), Flag("image", "image", "is unreliable (alpha 0.50)")]
    rows = [estimate("index.path.image.loyalty")]
    assert blurred(rows, flags) == (
        "† The scale “loyalty” is unreliable (omega 0.47) and mixes 2 dimensions; the scale "
        "“image” is unreliable (alpha 0.50): read this with the caveats."
    )
    assert blurred(rows, []) == ""
    assert blurred([], flags) == ""
