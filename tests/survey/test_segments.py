"""Segments compared: the right intervals for each design, and nothing of groups too small."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.methods.groups import games_howell
from crmresearch.report.estimates import find
from crmresearch.survey.segments import clearest, compare


def test_a_simple_sample_gets_games_howell(make):
    survey = make(90, keep="sat1 size")
    found = compare(survey, "satisfaction")
    expected = games_howell(
        survey.answers["sat1"], survey.answers["size"], key="segment.satisfaction.size"
    )
    assert [item.key for item in found] == [
        "segment.satisfaction.size.test",
        *(item.key for item in expected),
        "segment.satisfaction.widest",
    ]
    for item in expected:
        same = find(found, item.key)
        assert (same.value, same.low, same.p) == (item.value, item.low, item.p)


def test_clusters_and_weights_get_linearised_differences(make):
    found = compare(make(90, keep="sat1 size weight account"), "satisfaction")
    assert "segment.satisfaction.size.test" not in [item.key for item in found]
    assert all("linearised" in item.method for item in found[:-1])
    assert all("Bonferroni intervals for 3 pairs, Holm p" in item.method for item in found[:-1])


def shifted(make, shift, n=300):
    frame = make(n).answers.copy()
    rng = np.random.default_rng(13)
    frame["sat1"] = rng.normal(4, 1, n) + shift * (frame["size"] == "Large")
    return make(frame=frame, keep="sat1 size")


def test_the_widest_difference_is_bounded_by_all_pairs(make):
    found = compare(shifted(make, 1.0), "satisfaction")
    pairs = [item for item in found if item.unit == "scale difference"]
    widest = found[-1]
    sd = np.std(shifted(make, 1.0).answers["sat1"], ddof=1)
    assert widest.value == pytest.approx(max(abs(item.value) for item in pairs) / sd)
    assert widest.low == pytest.approx(max(max(item.low, -item.high) for item in pairs) / sd)
    assert widest.high == pytest.approx(max(max(item.high, -item.low) for item in pairs) / sd)
    assert clearest(found).name.startswith("Large")


def test_equal_segments_have_no_clear_difference(make):
    found = compare(shifted(make, 0.0), "satisfaction")
    assert clearest(found) is None
    assert found[-1].low == 0


def test_groups_that_may_not_be_shown_are_not_compared(make):
    frame = make().answers.copy()
    sizes = ["Small"] * 4 + ["Medium"] * 20 + ["Large"] * 36
    frame["size"] = pd.Categorical(sizes, categories=["Small", "Medium", "Large"])
    assert compare(make(frame=frame, keep="sat1 size"), "satisfaction", min_cell=10) == []
    assert compare(make(frame=frame, keep="sat1 size"), "satisfaction", min_cell=2)


@pytest.mark.parametrize("keep", ["sat1", "size", "recommend size"])
def test_without_both_roles_there_is_nothing(make, keep):
    assert compare(make(keep=keep), "satisfaction") == []


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("keep", ["sat1 size", "sat1 size account weight"])
def test_few_rows_are_no_accident(make, n, keep):
    for item in compare(make(n, keep=keep), "satisfaction"):
        assert not item.low > item.high


def test_all_missing_in_a_group_leaves_the_others(make):
    frame = make().answers.copy()
    frame.loc[frame["size"] == "Small", "sat1"] = np.nan
    found = compare(make(frame=frame, keep="sat1 size"), "satisfaction")
    pairs = [item.name for item in found if item.unit == "scale difference"]
    assert pairs == ["Large − Medium"]


def test_keys_are_unique_with_several_segments(make):
    found = compare(make(), "satisfaction")
    keys = [item.key for item in found]
    assert len(keys) == len(set(keys))
