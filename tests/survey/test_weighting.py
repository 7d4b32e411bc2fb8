"""Weighted beside unweighted, design effects, and margins before and after raking."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.survey import Survey
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.survey import caveats, figures, headlines, metrics, weighting
from crmresearch.survey.sample import sampling

SIZES = {"size": {"Small": 0.6, "Medium": 0.3, "Large": 0.1}}


def raked(survey: Survey, margins: dict = SIZES) -> Survey:
    return dataclasses.replace(survey, about=dataclasses.replace(survey.about, margins=margins))


def test_the_difference_is_that_of_the_two_sides(make):
    survey = make()
    found = weighting.compare(survey)
    for key in ("nps", "satisfied", "satisfaction", "loyalty", "effort"):
        sides = [find(found, f"weighting.{key}.{x}") for x in ("weighted", "unweighted")]
        shift = find(found, f"weighting.{key}.difference")
        assert shift.value == pytest.approx(sides[0].value - sides[1].value)
        assert shift.low <= shift.value <= shift.high
    same = find(metrics.net_promoter(survey), "nps")
    assert find(found, "weighting.nps.weighted").value == same.value


def test_both_sides_rest_on_those_who_have_a_weight(make):
    frame = make().answers.copy()
    frame.loc[:9, "weight"] = np.nan
    found = weighting.compare(make(frame=frame))
    assert {item.n for item in found if ".nps." in item.key} == {50}


def test_every_figure_is_raked_where_margins_are_declared(make):
    survey = raked(make())
    small = (survey.answers["size"] == "Small").to_numpy()
    weights = survey.weights()
    assert weights[small].sum() / weights.sum() == pytest.approx(0.6)
    assert sampling(survey).words.startswith("weighted, raked to 1 margin")
    assert "raked to 1 margin" in metrics.net_promoter(survey)[0].method


def test_margins_stand_beside_the_sample(make):
    found = weighting.margins(raked(make()))
    for key, share in (("population", 0.6), ("sample", 1 / 3), ("raked", 0.6)):
        assert find(found, f"margin.{key}", "Size: Small").value == pytest.approx(share)
    assert find(found, "margin.delivered", "Size: Small") is not None
    assert "margin.delivered" not in {
        item.key for item in weighting.margins(raked(make(keep="recommend size")))
    }
    largest = find(found, "margin.weights.largest")
    assert largest.value == pytest.approx(raked(make()).weights().max())


def test_small_groups_are_hidden_in_margins_and_their_title(make):
    survey = raked(make(16))
    shown = show(
        "margins",
        weighting.margins(survey),
        title=headlines.weighting.margins,
        draw=figures.weighting.margins,
        min_cell=7,
    )
    assert "Small" not in shown.record["title"]
    assert "groups too small" in shown.record["title"]


def test_clusters_cost_precision_without_weights_too(make):
    found = weighting.effects(make(keep="recommend sat1 account"))
    assert list(found.columns) == weighting.EFFECTS
    assert list(found["Measure"])[0] == "Net Promoter Score"
    worth = found["Answers"] / found["Design effect"]
    pd.testing.assert_series_equal(found["Worth"], worth, check_names=False)
    assert weighting.effects(make(keep="recommend")).empty


def test_without_weights_there_is_nothing_to_compare(make):
    assert weighting.compare(make(keep="recommend sat1 account")) == []
    assert weighting.margins(make()) == []


def test_the_caveat_counts_those_without_a_weight(make):
    frame = make().answers.copy()
    frame["weight"] = 1.0
    frame.loc[:3, "weight"] = np.nan
    found = {item.key: item.text for item in caveats.sample(make(frame=frame))}
    assert found["sample.unweighted"].startswith("4 respondents have no weight")
    assert "sample.weights" not in found  # all that are left count alike


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_are_no_accident(make, n):
    survey = make(n)
    assert all(item.n <= n for item in weighting.compare(survey))
    assert len(weighting.effects(survey)) <= 6
