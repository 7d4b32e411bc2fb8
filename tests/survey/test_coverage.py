"""Whom the survey has heard, and whom the mean of an account hides."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from crmresearch.report.estimates import find
from crmresearch.survey import accounts, coverage

from .firms import firms, rows


@pytest.fixture
def few() -> pd.DataFrame:
    """Four accounts: two people, one, three, two."""
    frame = rows(30).iloc[:8].reset_index(drop=True)
    frame["account"] = list("aabcccdd")
    frame["part"] = pd.Categorical(
        ["User", "Decider", "User", "User", "Buyer", "User", "Decider", "User"],
        categories=["User", "Buyer", "Decider"],
    )
    frame["influence"] = [0.2, 0.9, 0.2, 0.2, 0.7, 0.1, 0.9, 0.3]
    frame["recommend"] = [10, 5, 2, 8, 9, 6, 9, 9]
    frame["contacts"] = [4, 4, 1, 2, 2, 2, np.nan, np.nan]
    frame["brand"] = pd.Categorical(["Aster"] * 3 + ["Boreal"] * 5)
    return frame


def people(frame: pd.DataFrame | None = None, without: str = "") -> accounts.People:
    return accounts.people(firms(frame, without))


def test_contacts_heard_are_counted_by_hand(few):
    found = coverage.coverage(people(few), min_cell=1)
    contacts = find(found, "coverage.contacts")
    assert contacts.value == pytest.approx(6 / (4 + 1 + 3))  # three known where two were said
    assert (contacts.n, contacts.n_dropped) == (3, 1)
    assert find(found, "coverage.single").value == 1 / 4
    assert find(found, "coverage.unheard").value == 2 / 4
    assert find(found, "coverage.half").value == 0
    assert find(found, "coverage.contacts", "Brand: Aster").value == pytest.approx(3 / 5)


def test_a_detractor_with_a_say_hides_behind_a_fine_mean(few):
    found = coverage.hidden(people(few), min_cell=1)
    fine = find(found, "hidden.fine")
    assert (fine.value, fine.n) == (1 / 3, 3)  # account a; c's detractor has no say
    low = coverage.hidden(people(few), influential=0.1, min_cell=1)
    assert find(low, "hidden.fine").value == 2 / 3
    kinds = coverage.hidden(people(few, without="influence"), min_cell=1)
    assert find(kinds, "hidden.fine").value == 1 / 3
    assert "Decider" in find(kinds, "hidden.fine").name


def test_the_most_influential_part_is_found_or_the_last_listed(few):
    assert coverage.decider(people(few)) == "Decider"
    assert coverage.decider(people(few.assign(influence=1 - few["influence"]))) == "User"
    assert coverage.decider(people(few, without="influence")) == "Decider"
    assert coverage.decider(people(few, without="part")) == ""


def test_weights_change_scores_as_counted_by_hand(few):
    frame = few.assign(sat1=few["recommend"].clip(1, 7), sat2=np.nan, sat3=np.nan)
    found = coverage.weighting(people(frame, without="sat2 sat3"), min_cell=1)
    changes = [
        (0.2 * 7 + 0.9 * 5) / 1.1 - 6,
        (0.2 * 7 + 0.7 * 7 + 0.1 * 6) / 1.0 - 20 / 3,
        0.0,
    ]
    linear = find(found, "weighting.linear.mean")
    assert (linear.value, linear.n) == (pytest.approx(np.mean(changes)), 3)
    assert find(found, "weighting.linear.moved").value == pytest.approx(1 / 3)
    alone = find(found, "weighting.decider.mean")
    assert (alone.value, alone.n) == (pytest.approx((5 - 6 + 0) / 2), 2)


def test_nothing_rests_on_fewer_accounts_than_the_minimum(few):
    assert coverage.hidden(people(few), min_cell=4) == [] or all(
        item.n >= 4 for item in coverage.hidden(people(few), min_cell=4) if not item.group
    )
    assert coverage.weighting(people(few), min_cell=4) == []


def test_groupings_that_leave_few_accounts_over_are_left_out(few):
    mixed = few.assign(brand=pd.Categorical(["Aster", "Boreal"] + ["Aster"] + ["Boreal"] * 5))
    told = coverage.coverage(people(mixed), min_cell=1)
    assert find(told, "coverage.contacts", "Brand: Boreal") is not None
    safe = coverage.coverage(people(mixed), min_cell=2)
    assert not [item for item in safe if item.group]


def test_a_narrow_snapshot_is_a_caveat():
    narrow = coverage.coverage(people(rows().assign(contacts=40.0)))
    assert {item.key for item in coverage.snapshot(narrow)} >= {"accounts.contacts"}
    frame = rows()
    whole = frame[frame.groupby("account")["account"].transform("size") > 1]
    whole = whole.assign(contacts=1.0).reset_index(drop=True)
    assert coverage.snapshot(coverage.coverage(people(whole))) == []
    assert coverage.snapshot([]) == []


@pytest.mark.parametrize(
    ("without", "kept"),
    [
        ("account branch", set()),
        ("account", set()),
        ("contacts part", {"coverage.single"}),
        ("contacts", {"coverage.single", "coverage.unheard"}),
    ],
)
def test_without_roles_the_rest_is_told(without, kept):
    who = accounts.people(firms(without=without))
    assert {item.key for item in coverage.coverage(who)} == kept


@pytest.mark.parametrize("without", ["account branch", "recommend", "influence part", "account"])
def test_hidden_detractors_need_recommendation_and_a_say(without):
    assert coverage.hidden(accounts.people(firms(without=without))) == []


def test_a_part_of_the_people_of_accounts_does_not_tell_of_accounts(few):
    survey = dataclasses.replace(firms(few), whole_accounts=False)
    who = accounts.people(survey)
    assert coverage.coverage(who, min_cell=1) == coverage.hidden(who, min_cell=1) == []


def test_weights_that_are_all_zero_or_missing_change_nothing():
    who = people(rows().assign(influence=0.0), without="part")
    assert coverage.weighting(who) == []
    who = people(rows().assign(influence=np.nan), without="part")
    assert coverage.weighting(who) == []
    assert coverage.hidden(who) == [] or find(coverage.hidden(who), "hidden.fine").value == 0
