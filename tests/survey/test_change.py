"""Change between waves, with what could have been found."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.report.estimates import find
from crmresearch.survey.change import between_waves
from crmresearch.survey.metrics import net_promoter


def test_a_change_is_the_later_less_the_earlier(make):
    survey = make(keep="recommend wave")
    waves = {item.group: item.value for item in net_promoter(survey)}
    found = between_waves(survey)
    keys = ["change.nps", "change.nps.detectable", "change.nps.power"]
    assert [item.key for item in found] == keys
    assert found[0].value == pytest.approx(waves["Wave: 2026"] - waves["Wave: 2025"])
    error = (found[0].high - found[0].low) / 2 / 1.959964
    assert found[1].value == pytest.approx((1.959964 + 0.841621) * error, rel=1e-5)
    assert found[1].unit == "points"
    shift = 5 / error  # the smallest change that the claim takes an interest in
    power = stats.norm.sf(1.959964 - shift) + stats.norm.cdf(-1.959964 - shift)
    assert found[2].value == pytest.approx(power, rel=1e-4)


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


def test_p_is_adjusted_over_the_measures_of_the_last_change(make):
    found = between_waves(make(), correction="fdr_bh")
    latest = [item for item in found if item.key.count(".") == 1 and not item.group]
    assert len(latest) == 5
    assert all("p adjusted for 5 tests (Benjamini-Hochberg)" in item.method for item in latest)
    plain = between_waves(make(keep="recommend wave weight account"))
    assert latest[0].p >= find(plain, "change.nps").p
    assert (latest[0].low, latest[0].high) == (plain[0].low, plain[0].high)


def test_three_waves_have_a_trend_and_a_test_of_it(make):
    frame = make(120).answers.copy()
    names = ["2024", "2025", "2027"]
    frame["wave"] = pd.Categorical([names[row % 3] for row in range(120)], categories=names)
    frame["sat1"] = frame["wave"].map({"2024": 1.0, "2025": 3.0, "2027": 7.0}).astype(float)
    frame["sat1"] += np.tile([-0.5, 0.5], 60)
    found = between_waves(make(frame=frame, keep="sat1 wave"))
    slope = find(found, "trend.satisfaction")
    assert slope.value == pytest.approx(2.0)  # the years count as they are
    assert "change per 1 in the number of the wave, 2024 to 2027" in slope.name
    assert find(found, "trend.satisfaction.bend").p > 0.9
    frame["wave"] = frame["wave"].cat.rename_categories(["First", "Second", "Third"])
    slope = find(between_waves(make(frame=frame, keep="sat1 wave")), "trend.satisfaction")
    assert slope.value == pytest.approx(3.0)
    assert "change per wave" in slope.name
    assert find(between_waves(make(keep="sat1 wave")), "trend.satisfaction") is None
