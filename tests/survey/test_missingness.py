"""What is left out together, and whether it goes with anything."""

import numpy as np
import pytest

from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.survey import caveats, figures, headlines
from crmresearch.survey.missingness import missing, patterns, related


def gappy(make, n=300):
    frame = make(n).answers.copy()
    large = (frame["size"] == "Large").to_numpy()
    frame.loc[large & (np.arange(n) % 2 == 0), "drv2"] = np.nan  # only the large leave it out
    frame.loc[np.arange(n) % 16 == 0, ["drv1", "drv3"]] = np.nan
    return make(frame=frame)


def test_patterns_are_counted_together(make):
    survey = gappy(make)
    found = patterns(survey, min_cell=1)
    assert sum(item.value for item in found) == pytest.approx(1)
    gaps = survey.answers[["drv1", "drv2", "drv3"]].isna()
    assert find(found, "pattern.complete").value == pytest.approx((~gaps.any(axis=1)).mean())
    named = {item.name: item.value for item in found}
    only = gaps["drv2"] & ~gaps["drv1"]
    assert named["Only drv2"] == pytest.approx(only.mean())
    assert "drv1, drv3" in named


def test_rare_patterns_are_not_named(make):
    frame = make(300).answers.copy()
    frame.loc[:29, "drv1"] = np.nan
    frame.loc[30:32, "drv2"] = np.nan  # three people
    survey = make(frame=frame)
    keys = [item.key for item in patterns(survey, min_cell=10)]
    assert keys == ["pattern.complete", "pattern.other"]  # or the others would be the three
    assert len(patterns(survey, min_cell=3)) == 3


def test_leaving_out_by_group_is_found_and_by_chance_is_not(make):
    found = related(gappy(make))
    assert find(found, "missing.drv2.by.segment").p < 0.001
    assert find(found, "missing.drv1.by.segment").p > 0.05
    assert find(found, "missing.drv2.satisfaction") is not None
    [caveat] = caveats.answers([], [], found)
    assert caveat.key == "answers.not-random"


def test_the_difference_is_between_those_who_left_out_and_the_others(make):
    survey = gappy(make)
    found = find(related(survey), "missing.drv2.satisfaction")
    gone = survey.answers["drv2"].isna().to_numpy()
    score, weights = survey.score("satisfaction").to_numpy(), survey.weights()
    means = [np.average(score[rows], weights=weights[rows]) for rows in (gone, ~gone)]
    assert found.value == pytest.approx(means[0] - means[1])


def test_answers_of_few_are_not_given_away(make):
    frame = make(300).answers.copy()
    frame.loc[:5, "drv1"] = np.nan  # six people, 2%
    assert related(make(frame=frame), min_cell=10) == []
    assert related(make(frame=frame), min_cell=6) != []
    frame.loc[:29, "drv1"] = np.nan
    frame.loc[:33, "drv2"] = np.nan  # the same and four more
    keys = {item.key for item in related(make(frame=frame), min_cell=10)}
    assert "missing.drv2.satisfaction" in keys
    assert "missing.drv1.satisfaction" not in keys


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_are_no_accident(make, n):
    survey = make(n)
    assert patterns(survey) == []
    assert related(survey) == []
    assert all(item.n == n for item in missing(survey))


def test_complete_answers_and_single_questions_have_no_pattern(make):
    assert patterns(make()) == []
    assert patterns(make(keep="recommend")) == []
    frame = make().answers.copy()
    frame["drv1"] = np.nan
    assert [item.value for item in patterns(make(frame=frame), min_cell=1)] == [0, 1]


def test_only_what_is_missing_is_drawn(make):
    frame = make(60).answers.copy()
    whole = missing(make(frame=frame, keep="sat1 sat2"))
    shown = show("missing", whole, title=headlines.quality.missing, draw=figures.quality.missing)
    assert shown.record["title"] == "All 2 questions were answered by everybody"
    assert "<img" not in shown.html
    assert shown.record["caption"] == ""
    frame.loc[frame.index[:20], "sat1"] = np.nan
    some = missing(make(frame=frame, keep="sat1 sat2"))
    with style.canvas() as figure:
        caption = figures.quality.missing(some, figure)
        assert len(figure.axes[0].get_yticklabels()) == 1
    assert "1 question was answered by everybody" in caption
