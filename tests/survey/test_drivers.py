"""The drivers of satisfaction, from a survey to shares and ranks."""

import numpy as np
import pytest

from crmresearch.report.estimates import find
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
