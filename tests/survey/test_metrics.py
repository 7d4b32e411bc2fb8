"""The headline measures by group, weighted and unweighted, from a hand-made survey."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import Variable
from crmresearch.methods.proportions import nps, wilson
from crmresearch.report.estimates import find
from crmresearch.survey import headlines
from crmresearch.survey.metrics import (
    direction,
    headline_measures,
    mean_score,
    net_promoter,
    satisfied,
)


def test_the_score_is_that_of_the_answers(make):
    survey = make(keep="recommend")
    scores = survey.answers["recommend"]
    found = net_promoter(survey)
    assert [item.key for item in found] == ["nps"]
    assert found[0].value == pytest.approx(100 * ((scores >= 9).mean() - (scores <= 6).mean()))
    assert (found[0].low, found[0].high) == (nps(scores).low, nps(scores).high)


def test_weights_come_with_the_unweighted_figure_beside(make):
    survey = make(keep="recommend weight")
    found = net_promoter(survey)
    assert [item.key for item in found] == ["nps", "nps.unweighted"]
    assert "weighted" in found[0].method
    assert found[1].value == net_promoter(make(keep="recommend"))[0].value


def test_accounts_make_clusters(make):
    found = net_promoter(make(keep="recommend account"))[0]
    assert "clustered by account, 20 accounts" in found.method


def test_groups_are_named_in_the_codebooks_order(make):
    found = net_promoter(make(keep="recommend size wave"))
    assert [item.group for item in found] == [
        "",
        "Size: Small",
        "Size: Medium",
        "Size: Large",
        "Wave: 2025",
        "Wave: 2026",
    ]
    assert sum(item.n for item in found if item.group.startswith("Size")) == found[0].n


def test_a_group_without_an_answer_is_left_out(make):
    frame = make().answers.copy()
    frame.loc[frame["size"] == "Small", "recommend"] = np.nan
    found = net_promoter(make(keep="recommend size", frame=frame))
    assert [item.group for item in found] == ["", "Size: Medium", "Size: Large"]
    assert found[0].n_dropped == 20


def test_satisfied_are_the_top_two_of_the_first_item(make):
    survey = make(keep="sat1 sat2 sat3")
    top = int((survey.answers["sat1"] >= 6).sum())
    found = satisfied(survey)[0]
    assert found.value == top / 60
    assert (found.low, found.high) == wilson(top, 60)


def test_means_say_what_the_ends_of_their_scale_mean(make):
    found = mean_score(make(keep="effort"), "effort")[0]
    assert found.name == (
        "Mean effort, 1 (Very low) to 7 (Very high); a high answer means much effort"
    )
    assert found.unit == "scale points"
    assert 1 <= found.low <= found.value <= found.high <= 7


@pytest.mark.parametrize(
    ("label", "top", "reverse", "words"),
    [
        ("Effort to get things done", "", False, "much effort"),
        ("How hard was it?", "Very difficult", False, "much effort"),
        ("How easy was it?", "Very difficult", False, "much effort"),
        ("How easy was it?", "", False, "ease, little effort"),
        ("The company made it easy", "Strongly agree", False, "ease, little effort"),
        ("The company made it easy", "Strongly agree", True, "much effort"),
        ("Handling", "Sehr einfach", False, "ease, little effort"),
        ("Contact", "Agree", False, "taken to mean much effort"),
    ],
)
def test_the_direction_of_effort_is_what_the_codebook_says(label, top, reverse, words):
    values = {"7": (top,)} if top else {}
    question = Variable(
        variable="e", label=label, type="scale", low=1.0, high=7.0, reverse=reverse, values=values
    )
    assert direction(question).startswith("a high answer ")
    assert direction(question).endswith(words)


def test_the_direction_stands_in_the_heading(make):
    found = mean_score(make(keep="effort"), "effort")
    assert headlines.measures.mean_score("effort")(found).endswith(
        ", on a scale from 1 (Very low) to 7 (Very high); a high answer means much effort"
    )


@pytest.mark.parametrize("role", ["recommend", "satisfaction", "effort", "loyalty"])
def test_without_the_role_there_is_no_estimate(make, role):
    survey = make(keep="seconds")
    found = {
        "recommend": lambda: net_promoter(survey),
        "satisfaction": lambda: satisfied(survey) + mean_score(survey, "satisfaction"),
        "effort": lambda: mean_score(survey, "effort"),
        "loyalty": lambda: mean_score(survey, "loyalty"),
    }[role]()
    assert found == []


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_or_no_rows_are_no_accident(make, n):
    for found in (net_promoter(make(n)), satisfied(make(n)), mean_score(make(n), "loyalty")):
        assert len(found) == 0 if n == 0 else found[0].n == n


def test_measures_are_means_of_their_values(make):
    survey = make()
    found = {key: values for key, _, _, values in headline_measures(survey)}
    assert set(found) == {"nps", "satisfied", "satisfaction", "loyalty", "effort"}
    unweighted = net_promoter(make(keep="recommend"))
    assert np.nanmean(found["nps"]) == pytest.approx(find(unweighted, "nps").value)


def test_a_date_or_number_groups_by_its_values(make):
    survey = make(keep="recommend wave")
    frame = survey.answers.copy()
    frame["wave"] = pd.to_datetime(frame["wave"].astype(str) + "-05-01")
    found = net_promoter(make(keep="recommend wave", frame=frame))
    assert [item.group for item in found][1:] == ["Wave: 2025-05-01", "Wave: 2026-05-01"]
