"""Speeders, straight-liners, duplicates, and what leaving them out changes."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.survey import Survey
from crmresearch.methods.proportions import nps
from crmresearch.report.estimates import find
from crmresearch.survey import caveats, headlines
from crmresearch.survey.answering import as_answered, longest_run, lower_fence, variability
from crmresearch.survey.missingness import missing
from crmresearch.survey.quality import checks, ends, suspicious
from crmresearch.survey.robustness import sensitivity


def test_nothing_is_said_to_move_where_everybody_is_suspicious(make):
    unknown = [
        dataclasses.replace(item, value=np.nan, low=np.nan, high=np.nan)
        for item in sensitivity(make(keep="recommend seconds"))
    ]
    assert headlines.quality.sensitivity(unknown).startswith(headlines.wording.ABSENT)


def test_the_longest_run_skips_what_is_missing():
    battery = pd.DataFrame(
        [
            [3, 3, 3, 3, 3],
            [1, 2, 2, 2, 1],
            [4, np.nan, 4, 4, 1],
            [np.nan] * 5,
            [1, 2, 3, 4, 5],
        ]
    ).astype(float)
    assert longest_run(battery).tolist() == [5, 3, 3, 0, 1]
    assert variability(battery)[0] == 0
    assert variability(battery)[4] == pytest.approx(np.std([1, 2, 3, 4, 5]))


def test_reversed_items_are_read_as_they_were_answered(make):
    survey = make(keep="sat1 sat2 sat3 loy1 loy2 loy3")
    book = dict(survey.codebook)
    book["loy3"] = dataclasses.replace(book["loy3"], reverse=True)
    frame = survey.answers.copy()
    frame.iloc[0] = 6.0
    frame.loc[0, "loy3"] = 2.0  # was answered 6, read as 1 + 7 - 6
    turned = Survey(answers=frame, codebook=book, about=survey.about)
    assert as_answered(turned).iloc[0].tolist() == [6.0] * 6
    assert suspicious(turned)["straight_liners"][1][0]


def careless(make):
    frame = make().answers.copy()
    frame.loc[:5, "seconds"] = 20
    ratings = [name for name in frame if name[:3] in ("sat", "loy", "drv", "eff")]
    frame.loc[6:9, ratings] = 7.0
    frame.loc[6:9, "recommend"] = 10.0
    frame.loc[11, frame.columns.drop(["weight", "account", "seconds"])] = frame.loc[
        10, frame.columns.drop(["weight", "account", "seconds"])
    ]
    return make(frame=frame, keep=" ".join(frame.columns.drop(["weight", "account"])))


def test_the_careless_are_found(make):
    found = {
        key: np.flatnonzero(rows).tolist() for key, (_, rows) in suspicious(careless(make)).items()
    }
    assert found["speeders"] == [0, 1, 2, 3, 4, 5]
    assert set(found["straight_liners"]) >= {6, 7, 8, 9}
    assert found["duplicates"] == [10, 11]
    assert set(found["low_variability"]) >= {6, 7, 8, 9}
    shares = checks(careless(make))
    assert find(shares, "quality.speeders").value == pytest.approx(0.1)


def test_the_shift_is_the_difference_of_the_two_figures(make):
    survey = careless(make)
    rows = suspicious(survey)["straight_liners"][1]
    scores = survey.answers["recommend"].to_numpy()
    found = find(sensitivity(survey), "sensitivity.straight_liners.nps")
    assert found.value == pytest.approx(nps(scores[~rows]).value - nps(scores).value)
    assert found.low < found.value < found.high


def test_the_interval_of_a_shift_covers_and_is_narrow():
    from crmresearch.methods.weighting import Design, mean_contrast

    rng = np.random.default_rng(12)
    hits, widths = 0, []
    for _ in range(400):
        flat = rng.random(300) < 0.1
        values = rng.normal(0, 1, 300) + flat
        everyone = np.ones(300, bool)
        found = mean_contrast(values, Design(300), [(1.0, ~flat), (-1.0, everyone)])
        reach = 1.97 * found[1]
        hits += abs(found[0] + 0.1) <= reach
        widths.append(reach)
    assert 0.91 <= hits / 400 <= 0.98
    assert np.mean(widths) < 1.97 * np.sqrt(2 / 300) / 2


def test_nobody_suspicious_shifts_nothing(make):
    found = sensitivity(make(keep="recommend seconds"))
    assert [item.key for item in found] == ["sensitivity.all.nps"]
    assert (found[0].value, found[0].low, found[0].high) == (0, 0, 0)


def test_missing_answers_are_counted_worst_first(make):
    frame = make().answers.copy()
    frame.loc[:14, "drv2"] = np.nan
    found = missing(make(frame=frame))
    assert (found[0].key, found[0].value, found[0].n) == ("missing.drv2", 0.25, 60)
    assert "missing.account" not in [item.key for item in found]


def test_data_without_times_or_ratings_have_no_checks(make):
    assert checks(make(keep="recommend")) == []
    assert sensitivity(make(keep="recommend")) == []


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_are_no_accident(make, n):
    assert all(0 <= item.value <= 1 for item in checks(make(n)))
    assert isinstance(sensitivity(make(n)), list)
    assert all(item.n == n for item in missing(make(n)))


def test_a_shift_does_not_give_away_the_few_left_out(make):
    """The score with and without six people, and how many they are, is the score of the six."""
    survey = careless(make)
    every = [item.key for item in sensitivity(survey)]
    assert "sensitivity.speeders.nps" in every
    kept = [item.key for item in sensitivity(survey, min_cell=7)]
    assert kept
    assert set(kept) < set(every)
    assert "sensitivity.speeders.nps" not in kept
    assert sensitivity(survey, min_cell=60) == []


def test_shares_allow_for_answers_of_one_account_being_alike(make):
    survey = make(keep="recommend sat1 sat2 sat3 account seconds")
    account = survey.answers["account"].str[1:].astype(int)
    survey.answers["seconds"] = np.where(account % 10 == 0, 10.0, 300.0)  # whole accounts rush
    survey.answers.loc[account % 10 == 1, "recommend"] = np.nan
    alone = dataclasses.replace(survey, answers=survey.answers.assign(account=survey.answers.index))
    for figures, key in ((checks, "quality.speeders"), (missing, "missing.recommend")):
        clustered, single = (find(figures(each), key) for each in (survey, alone))
        assert clustered.value == pytest.approx(single.value)
        assert clustered.high - clustered.low > 1.4 * (single.high - single.low)
        assert "clustered by account" in clustered.method


def test_the_fence_is_tukeys_and_never_below_zero():
    assert lower_fence(np.array([1.0, 2, 3, 4, 5])) == 0
    assert lower_fence(np.array([10.0, 11, 12, 13, np.nan])) == pytest.approx(10.75 - 1.5 * 1.5)
    assert lower_fence(np.array([np.nan])) == 0
    assert lower_fence(np.array([])) == 0


def test_answers_that_hardly_vary_are_found_without_one_run(make):
    frame = make(300).answers.copy()
    ratings = [name for name in frame if name[:3] in ("sat", "loy", "drv", "eff")]
    rng = np.random.default_rng(5)
    frame[ratings] = 4.0 + rng.permuted(
        np.tile([-2, -1, -1, 0, 0, 0, 0, 1, 1, 2], (300, 1)), axis=1
    )
    frame.loc[0, ratings] = [4.0, 4, 4, 4, 5, 4, 4, 4, 4, 5]
    found = suspicious(make(frame=frame))
    assert np.flatnonzero(found["low_variability"][1]).tolist() == [0]
    assert "SD of 10 ratings 0 or below" in found["low_variability"][0]
    assert not found["straight_liners"][1].any()


def test_the_commoner_end_of_every_rating_is_counted(make):
    frame = make().answers.copy()
    frame["drv1"] = [7.0] * 45 + [1.0] * 10 + [np.nan] * 5
    frame["drv2"] = [1.0] * 40 + [7.0] * 20
    found = ends(make(frame=frame, keep="sat1 sat2 sat3 drv1 drv2"))
    assert find(found, "ceiling.drv1").value == pytest.approx(45 / 55)
    assert find(found, "floor.drv2").value == pytest.approx(40 / 60)
    assert [item.value for item in found] == sorted((x.value for x in found), reverse=True)
    all_high = (frame[["sat1", "sat2", "sat3"]] == 7).all(axis=1).mean()
    all_low = (frame[["sat1", "sat2", "sat3"]] == 1).all(axis=1).mean()
    scale = next(item for item in found if ".scale." in item.key)
    assert scale.value == pytest.approx(max(all_high, all_low))
    assert ends(make(0)) == []


def test_a_scale_at_its_end_is_a_caveat(make):
    frame = make().answers.copy()
    frame.loc[:19, ["sat1", "sat2", "sat3"]] = 7.0
    found = caveats.answers([], [], (), ends(make(frame=frame, keep="sat1 sat2 sat3")))
    assert [item.key for item in found] == ["answers.scale-end"]
    assert "more than 15%" in found[0].text


def test_answers_all_alike_are_called_so(make):
    frame = make(40).answers.copy()
    frame[["sat1", "sat2", "sat3"]] = 4.0
    text = headlines.quality.ends(ends(make(frame=frame, keep="sat1 sat2")))
    assert text == "Nobody gave the highest or the lowest answer to any rating"
    frame[["sat1", "sat2", "sat3"]] = 7.0
    text = headlines.quality.ends(ends(make(frame=frame, keep="sat1 sat2 sat3")))
    assert text == "Everybody gave one and the same answer, at an end, to each of 3 ratings"
