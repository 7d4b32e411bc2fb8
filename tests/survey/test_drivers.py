"""The drivers of satisfaction, from a survey to shares and ranks."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.report import style
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.exhibits import show
from crmresearch.survey import caveats, figures, headlines
from crmresearch.survey import drivers as study
from crmresearch.survey.distributions import answers, points, recommend
from crmresearch.survey.drivers import explain, importance, outcome, rank_table


def test_shares_come_strongest_first_and_sum_to_one(make):
    survey = make(200, keep="sat1 sat2 drv1 drv2 drv3")
    explained = explain(survey, seed=1, resamples=100)
    found = importance(survey, explained)
    drivers = [item for item in found if item.key.startswith("lmg.")]
    assert (found[0].key, found[-1].key) == ("driver.r2", "driver.lead")
    assert sum(item.value for item in drivers) == pytest.approx(1)
    assert [item.value for item in drivers] == sorted((x.value for x in drivers), reverse=True)
    table = rank_table(survey, explained)
    assert table["Driver"].tolist() == [item.name for item in drivers]
    assert np.allclose(table.iloc[:, 1:-1].sum(axis=1), 1)


def test_the_seed_decides_the_resamples(make):
    survey = make(keep="sat1 drv1 drv2")
    one, same, other = (
        find(importance(survey, explain(survey, seed=seed, resamples=60)), "driver.lead")
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_the_outcome_is_satisfaction_or_the_next_best(make):
    assert outcome(make()) == "satisfaction"
    assert outcome(make(keep="recommend loy1")) == "recommend"
    assert outcome(make(keep="effort")) == ""


@pytest.mark.parametrize("keep", ["sat1", "drv1 drv2", "effort drv1"])
def test_without_the_roles_there_is_nothing(make, keep):
    survey = make(keep=keep)
    explained = explain(survey, seed=1)
    assert explained is None
    assert importance(survey, explained) == []
    assert rank_table(survey, explained).empty
    assert study.checks(survey, explained, seed=1) == []
    assert study.penalty_reward(survey, seed=1) == []
    assert study.priorities(survey, explained).empty
    assert study.sharing(explained, []) == []


def test_those_who_rated_all_stand_beside(make):
    frame = make(200).answers.copy()
    frame.loc[:59, "drv2"] = np.nan
    survey = make(frame=frame, keep="sat1 drv1 drv2 drv3")
    found = importance(survey, explain(survey, seed=1, resamples=60))
    only = [item for item in found if item.key.startswith("complete.")]
    assert {item.n for item in only} == {140}


def test_what_a_driver_explains_only_with_others_is_named(make):
    rng = np.random.default_rng(2)
    frame = make(400).answers.copy()
    frame["drv1"] = np.clip(np.rint(4 + rng.normal(size=400)), 1, 7)
    frame["drv2"] = np.clip(frame["drv1"] + rng.integers(-1, 2, 400), 1, 7)
    frame["drv3"] = np.clip(np.rint(4 + rng.normal(size=400)), 1, 7)
    frame["sat1"] = np.clip(frame["drv1"] + rng.integers(-1, 2, 400), 1, 7)
    survey = make(frame=frame, keep="sat1 drv1 drv2 drv3")
    explained = explain(survey, seed=1, resamples=100)
    checked = study.checks(survey, explained, seed=1)
    assert [item.key for item in study.sharing(explained, checked)] == ["check.beta.drv2"]
    [caveat] = caveats.drivers(explained, checked)
    assert caveat.key == "drivers.sharing"
    assert "drv2" in caveat.text


def test_few_respondents_for_many_drivers_are_a_caveat(make):
    explained = explain(make(60, keep="sat1 drv1 drv2 drv3"), seed=1, resamples=30)
    assert [item.key for item in caveats.drivers(explained)] == ["drivers.few"]


def test_every_driver_lies_in_one_quadrant(make):
    survey = make(200, keep="sat1 drv1 drv2 drv3")
    found = study.priorities(survey, explain(survey, seed=1, resamples=60), level=0.9)
    assert np.allclose(found.iloc[:, -4:].sum(axis=1), 1)
    assert found["Rating"].between(0, 1).all()
    assert "Importance, 90% CI from" in found.columns


def test_a_driver_needs_enough_low_middling_and_high_ratings(make):
    survey = make(400, keep="sat1 drv1 drv2")
    found = study.penalty_reward(survey, seed=1)
    assert len(found) == 8
    assert study.penalty_reward(survey, seed=1, min_cell=200) == []


@pytest.mark.parametrize("figure", ["importance", "checks", "penalty_reward", "priorities"])
def test_figures_draw_a_row_for_each_driver(make, figure):
    survey = make(400, keep="sat1 drv1 drv2 drv3")
    explained = explain(survey, seed=1, resamples=60)
    data = {
        "importance": importance(survey, explained),
        "checks": study.checks(survey, explained, seed=1),
        "penalty_reward": study.penalty_reward(survey, seed=1),
        "priorities": study.priorities(survey, explained),
    }[figure]
    with style.canvas() as canvas:
        caption = getattr(figures.drivers, figure)(data, canvas)
        canvas.draw_without_rendering()
        labels = [text.get_text().split()[0] for text in canvas.axes[0].get_yticklabels()]
    assert sorted(labels) == ["drv1", "drv2", "drv3"]
    title = getattr(headlines.drivers, figure)(data)
    assert "nan" not in f"{caption} {title}"


@pytest.mark.parametrize("keep", ["sat1 drv1", "sat1 drv1 drv2 drv3"])
@pytest.mark.parametrize("n", [4, 12])
def test_small_surveys_have_exhibits_too(make, keep, n):
    survey = make(n, keep=keep)
    explained = explain(survey, seed=1, resamples=30)
    for name, data in (
        ("importance", importance(survey, explained)),
        ("ranks", rank_table(survey, explained)),
        ("checks", study.checks(survey, explained, seed=1)),
        ("penalty_reward", study.penalty_reward(survey, seed=1)),
        ("priorities", study.priorities(survey, explained)),
    ):
        title = getattr(headlines.drivers, name)
        shown = show(name, data, title=title, draw=getattr(figures.drivers, name), min_cell=1)
        assert "nan" not in shown.markdown


def test_titles_name_bends_and_what_cannot_be_told_apart():
    def one(key, low, high):
        return Estimate(
            key=key, name=f"{key[-1].upper()}, x", value=(low + high) / 2, low=low, high=high,
            unit="scale difference", n=90, method="",
        )  # fmt: skip

    bends = [one("contrast.bend.a", -2, -1), one("contrast.bend.b", -1, 1)]
    assert headlines.drivers.penalty_reward(bends) == (
        "A goes with more in the lower half of the scale"
    )
    assert headlines.drivers.penalty_reward(bends[1:]).startswith("No driver is shown to go")
    assert headlines.drivers.penalty_reward([]).startswith("Not in these data: ")
    assert headlines.drivers.checks([]).startswith("Not in these data: ")
    assert headlines.drivers.priorities(pd.DataFrame()).startswith("Not in these data: ")


def test_distributions_are_shares_of_those_who_answered(make):
    frame = make().answers.copy()
    frame.loc[:9, "sat1"] = np.nan
    found = answers(make(frame=frame, keep="sat1 effort recommend"))
    assert points(found) == [str(point) for point in range(1, 8)]
    assert np.allclose(found[points(found)].sum(axis=1), 1)
    assert found.set_index("Question")["n"].to_dict() == {"sat1": 50, "Effort": 60}
    assert found["Mean"].is_monotonic_decreasing


def test_small_samples_show_no_distribution(make):
    assert answers(make(9), min_cell=10).empty
    assert recommend(make(9), min_cell=10).empty
    assert recommend(make(keep="sat1")).empty


def test_recommendation_counts_every_point_once(make):
    found = recommend(make())
    assert found["Share"].sum() == pytest.approx(1)
    assert found["Kind"].value_counts().to_dict() == {"Detractor": 7, "Passive": 2, "Promoter": 2}
