"""Change between waves, with what could have been found."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.report.estimates import find
from crmresearch.survey.change import between_waves
from crmresearch.survey.metrics import net_promoter


def test_a_change_is_the_later_less_the_earlier(make):
    survey = make(keep="recommend wave")
    waves = {item.group: item.value for item in net_promoter(survey)}
    found = between_waves(survey)
    assert [item.key for item in found] == ["change.nps", "change.nps.detectable"]
    assert found[0].value == pytest.approx(waves["Wave: 2026"] - waves["Wave: 2025"])
    error = (found[0].high - found[0].low) / 2 / 1.959964
    assert found[1].value == pytest.approx((1.959964 + 0.841621) * error, rel=1e-5)
    assert found[1].unit == "points"


def test_every_measure_has_its_unit(make):
    found = {item.key: item.unit for item in between_waves(make())}
    assert found["change.satisfied"] == "share difference"
    assert found["change.loyalty"] == "scale difference"
    assert found["change.loyalty.detectable"] == "scale points"


def test_three_waves_give_the_latest_change_without_a_group(make):
    frame = make().answers.copy()
    names = ["2024", "2025", "2026"]
    frame["wave"] = pd.Categorical([names[row % 3] for row in range(60)], categories=names)
    found = between_waves(make(frame=frame, keep="sat1 wave"))
    latest = find(found, "change.satisfaction")
    earlier = find(found, "change.satisfaction", "waves: 2024 to 2025")
    assert latest.name.endswith("2025 to 2026")
    assert earlier is not None


def test_one_wave_or_a_wave_too_small_to_show_has_no_change(make):
    assert between_waves(make(keep="recommend")) == []
    frame = make().answers.copy()
    frame["wave"] = pd.Categorical(["2025"] * 60, categories=["2025", "2026"])
    assert between_waves(make(frame=frame, keep="recommend wave")) == []
    frame.loc[:4, "wave"] = "2026"
    survey = make(frame=frame, keep="recommend wave")
    assert between_waves(survey, min_cell=10) == []
    assert between_waves(survey, min_cell=5)


def test_constant_and_missing_answers_have_no_interval(make):
    frame = make().answers.copy()
    frame["sat1"] = 5.0
    found = find(between_waves(make(frame=frame, keep="sat1 wave")), "change.satisfaction")
    assert found.value == 0
    assert np.isnan(found.low)
    frame["sat1"] = np.nan
    assert between_waves(make(frame=frame, keep="sat1 wave")) == []
    frame = make().answers.copy()
    frame.loc[frame["wave"] == "2025", "sat1"] = np.nan
    assert between_waves(make(frame=frame, keep="sat1 wave")) == []


def test_one_side_constant_still_has_a_change(make):
    frame = make(5).answers.copy()
    frame["sat1"] = [3.0, 5.0, 3.0, 5.0, 4.0]
    assert np.isfinite(between_waves(make(frame=frame, keep="sat1 wave"))[0].value)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_rows_are_no_accident(make, n):
    for item in between_waves(make(n)):
        assert not item.low > item.high


def test_a_wave_that_few_gave_this_answer_in_has_no_change(make):
    """Two waves' means follow from their difference and the mean of all."""
    frame = make().answers.copy()
    frame.loc[(frame["wave"] == "2026") & (frame.index > 12), "sat1"] = np.nan
    survey = make(frame=frame, keep="recommend sat1 wave")
    made = between_waves(survey, min_cell=10)
    assert find(made, "change.nps")
    assert not [item for item in made if item.key.startswith("change.satisf")]
    assert find(between_waves(survey, min_cell=3), "change.satisfaction")
