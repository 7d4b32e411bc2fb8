"""Control charts by week, month, quarter or wave, with nothing of few people."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.errors import RequestError
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.suppression import is_hidden, suppress
from crmresearch.survey import figures, headlines
from crmresearch.survey.periods import charts, joined

from .waves import answers, categorical, survey


def months(sizes, start="2025-01", seed=0, shift=()):
    """So many answers in each month from `start`, some months shifted."""
    rng = np.random.default_rng(seed)
    at = np.repeat(np.arange(len(sizes)), sizes)
    first = np.datetime64(start) + at
    days = first.astype("datetime64[D]") + rng.integers(0, 28, len(at))
    moved = np.isin(at, shift)
    return pd.DataFrame(
        {
            "sat1": rng.normal(4, 1, len(at)) + 1.5 * moved,
            "day": pd.to_datetime(days),
            "wave": categorical((at >= len(sizes) // 2).astype(int), ["2025", "2026"]),
            "person": [f"P{row}" for row in range(len(at))],
        }
    )


def points(found):
    return [item for item in found if item.group and not item.key.endswith(".limits")]


def test_every_month_has_its_mean_and_limits():
    frame = months([30] * 6)
    found = charts(survey(frame, "sat1 day"))
    assert [item.group for item in points(found)] == [f"Month: 2025-0{at}" for at in range(1, 7)]
    means = frame["sat1"].groupby(frame["day"].dt.month).mean()
    assert [item.value for item in points(found)] == pytest.approx(means.tolist())
    limits = find(found, "period.satisfaction.limits", "Month: 2025-03")
    assert limits.value == pytest.approx(frame["sat1"].mean())
    assert limits.level == pytest.approx(0.9973002)
    assert find(found, "period.satisfaction.false_alarm").value == pytest.approx(
        1 - 0.9973002039**6
    )


def test_a_month_that_stands_out_is_named():
    found = charts(survey(months([40] * 8, shift=[4]), "sat1 day"))
    outside = find(found, "period.satisfaction.outside")
    assert outside.value == 1
    assert outside.name.endswith("months beyond their limits: 2025-05")
    text = headlines.waves.periods(found)
    assert text.startswith("2025-05 (")
    assert "of 8 months lies beyond the control limits of the mean satisfaction" in text
    with style.canvas() as figure:
        caption = figures.waves.periods(found, figure)
    assert "Beyond it: 2025-05 at" in caption
    marked = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert [line.get_xdata()[0] for line in marked] == [4]


def test_none_beyond_is_not_called_unchanged():
    text = headlines.waves.periods(charts(survey(months([40] * 8, seed=2), "sat1 day")))
    assert text.startswith("None of 8 months lies beyond the control limits")
    assert "chance alone would put at least one beyond them 2.1% of the time" in text


@pytest.mark.parametrize(
    ("period", "first", "number"),
    [("week", "2024-12-30", 26), ("month", "2025-01", 6), ("quarter", "2025 Q1", 4)],
)
def test_periods_are_those_of_the_calendar(period, first, number):
    sizes = [60] * (6 if period != "quarter" else 12)
    found = points(charts(survey(months(sizes), "sat1 day"), period=period))
    assert found[0].group == f"{period.capitalize()}: {first}"
    assert abs(len(found) - number) <= 1
    assert sum(item.n for item in found) == sum(sizes)


def test_small_periods_join_their_nearer_neighbour():
    found = points(charts(survey(months([30, 4, 30, 30, 3]), "sat1 day"), min_cell=10))
    names = [item.group.partition(": ")[2] for item in found]
    assert names[0] in ("2025-01 to 2025-02", "2025-01")
    assert names[-1] == "2025-04 to 2025-05"
    assert min(item.n for item in found) >= 10
    assert not any(is_hidden(item) for item in suppress(found, 10)[0])
    assert joined(np.array([0, 1, 9, 10]), np.array([20, 3, 20, 20]), 5) == [[0, 1], [2], [3]]
    assert joined(np.array([0, 8, 9]), np.array([20, 3, 20]), 5) == [[0], [1, 2]]
    assert joined(np.array([4]), np.array([1]), 5) == [[0]]


def test_periods_that_give_few_people_away_are_made_coarser():
    """Three answers of the second wave fall into the first wave's last month."""
    frame = months([40] * 6)
    frame["wave"] = categorical((frame["day"] >= "2025-04-01").astype(int), ["2025", "2026"])
    early = frame.index[frame["day"].dt.month == 3][:3]
    frame.loc[early, "wave"] = "2026"
    told = points(charts(survey(frame, "sat1 day"), min_cell=10))
    assert len(told) == 6
    assert charts(survey(frame, "sat1 day wave"), min_cell=10) == []  # two quarters, two waves
    assert len(points(charts(survey(frame, "sat1 day wave"), min_cell=3))) == 6


def test_a_hidden_wave_hides_its_months():
    frame = months([30] * 6)
    frame["wave"] = categorical((np.arange(180) >= 175).astype(int), ["2025", "2026"])
    assert charts(survey(frame, "sat1 day wave"), min_cell=10) == []


def test_without_days_the_waves_are_charted():
    frame = months([30] * 6)
    names = ["2022", "2023", "2024", "2025"]
    frame["wave"] = categorical(np.arange(180) % 4, names)
    found = points(charts(survey(frame, "sat1 wave")))
    assert [item.group for item in found] == [f"Wave: {name}" for name in names]
    assert charts(survey(months([30] * 6), "sat1 wave")) == []  # two waves are no chart


def test_the_score_comes_first_where_it_was_asked():
    frame = answers(400, stay=0)
    found = charts(survey(frame, "recommend sat1 weight day"))
    assert found[0].key == "period.nps"
    assert found[0].unit == "points"
    frame.loc[frame["wave"] == "2025", "recommend"] = np.nan
    frame["day"] = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(400) // 4, unit="D")
    frame.loc[frame["day"].dt.month < 4, "recommend"] = np.nan
    assert charts(survey(frame, "recommend sat1 day"))[0].key == "period.satisfaction"


def test_days_that_are_missing_do_not_count():
    frame = months([30] * 4)
    frame.loc[:9, "day"] = pd.NaT
    found = charts(survey(frame, "sat1 day"))
    assert find(found, "period.satisfaction.outside").n == 110


@pytest.mark.parametrize("keep", ["sat1", "day", "sat1 person"])
def test_without_its_roles_there_is_nothing(keep):
    assert charts(survey(months([30] * 4), keep)) == []
    assert headlines.waves.periods([]).startswith("Not in these data: fewer than three periods")


@pytest.mark.parametrize("n", [0, 2, 6])
def test_few_rows_are_no_accident(n):
    for item in charts(survey(answers(n, stay=0), "recommend sat1 day wave")):
        assert not item.low > item.high


def test_constant_answers_have_no_chart():
    frame = months([30] * 4)
    frame["sat1"] = 4.0
    assert charts(survey(frame, "sat1 day")) == []


def test_an_unknown_period_is_an_error():
    with pytest.raises(RequestError) as error:
        charts(survey(months([30] * 4), "sat1 day"), period="year")
    assert str(error.value) == (
        "period: found 'year'. Name one of week, month, quarter, wave, the unit of the chart."
    )
