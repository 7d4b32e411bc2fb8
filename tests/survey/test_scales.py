"""Which scales are found, how they are keyed, and when they are called unreliable."""

import dataclasses

import numpy as np
import pytest

from crmresearch.data.survey import Survey
from crmresearch.report.estimates import Estimate
from crmresearch.survey.scales import declared, doubtful, item_rest, reliability, unreliable


def test_scales_are_keyed_by_role_whatever_the_construct_is_called(make):
    survey = make()
    book = {
        name: dataclasses.replace(item, construct="CUSA")
        if item.construct == "satisfaction"
        else item
        for name, item in survey.codebook.items()
    }
    named = declared(Survey(answers=survey.answers, codebook=book, about=survey.about))
    assert set(named) == {"satisfaction", "loyalty"}
    assert named["satisfaction"][0] == "CUSA"


def test_alpha_and_omega_of_every_scale(make):
    found = reliability(make(200))
    kinds = ("alpha", "standardised", "omega")
    scales = ("satisfaction", "loyalty")
    assert [item.key for item in found] == [f"{kind}.{key}" for key in scales for kind in kinds]
    assert "weighted, clustered by account, 67 accounts" in found[0].method
    assert all(0.4 < item.low < item.value < item.high < 1 for item in found)
    assert {item.key for item in item_rest(make(200))} >= {"item.loyalty.loy3"}


def test_two_items_have_spearman_brown_for_omega_and_one_has_neither(make):
    alpha, pair = reliability(make(keep="sat1 sat2"))
    assert (alpha.key, pair.key) == ("alpha.satisfaction", "standardised.satisfaction")
    assert pair.name == "satisfaction, Spearman-Brown"
    r = make().answers[["sat1", "sat2"]].corr().iloc[0, 1]
    assert pair.value == pytest.approx(2 * r / (1 + r))
    assert reliability(make(keep="sat1 effort")) == []
    assert item_rest(make(keep="sat1")) == []


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_rows_are_no_accident(make, n):
    assert unreliable(reliability(make(n))) == []


def test_constant_answers_have_no_reliability(make):
    frame = make().answers.copy()
    frame[["sat1", "sat2", "sat3"]] = 7.0
    keys = [item.key for item in reliability(make(frame=frame))]
    assert keys == ["alpha.loyalty", "standardised.loyalty", "omega.loyalty"]


def estimate(key, low, high):
    return Estimate(
        key=key,
        name=key,
        value=(low + high) / 2,
        low=low,
        high=high,
        unit="coefficient",
        n=9,
        method="",
    )


def test_omega_decides_before_alpha():
    alphas = [estimate("alpha.a", 0.5, 0.69), estimate("alpha.b", 0.5, 0.69)]
    found = [*alphas, estimate("omega.a", 0.71, 0.8)]
    assert [item.key for item in unreliable(found)] == ["alpha.b"]
    assert doubtful(found) == []
    assert [item.key for item in doubtful([estimate("alpha.a", 0.6, 0.8)])] == ["alpha.a"]
    nowhere = estimate("omega.a", np.nan, np.nan)
    assert unreliable([alphas[0], nowhere]) == [alphas[0]]
