"""Many people, one account: who counts, how far they agree, and the known truth."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.load import load
from crmresearch.report.estimates import find
from crmresearch.survey import NEEDS, accounts

from .firms import firms, rows


def keys(estimates):
    return {item.key for item in estimates if not item.group}


def test_only_the_last_wave_and_each_person_once():
    frame = rows()
    frame.loc[frame.index[:40], "wave"] = "2025"
    twice = frame.iloc[[50]].assign(recommend=0.0)
    who = accounts.people(firms(pd.concat([frame, twice], ignore_index=True)))
    assert who.wave == "2026"
    assert len(who.rows) == len(frame) - 40
    assert len(frame) in who.rows  # the later answer of the two
    assert 50 not in who.rows
    assert who.sizes.sum() == len(who.rows)


def test_rows_without_an_account_are_nobodys():
    frame = rows()
    frame.loc[:9, "account"] = None
    who = accounts.people(firms(frame))
    assert len(who.rows) == len(frame) - 10
    assert (who.codes >= 0).all()


def test_branches_take_the_place_of_accounts():
    who = accounts.people(firms(without="account"))
    assert (who.number, who.word, who.words) == (4, "branch", "branches")
    found = accounts.agreement(who, seed=1)
    assert find(found, "agreement.icc1").n == len(who.rows)


def test_agreement_of_all_and_of_each_part_and_brand():
    who = accounts.people(firms(rows(400, seed=2)))
    found = accounts.agreement(who, seed=1, min_cell=10)
    between = find(found, "agreement.icc1")
    others = 0.4**2 * 2 / 9 + (0.4**2 + 1 / 12) / 3  # parts, and noise and rounding of three items
    assert between.low < 0.4 / (1 + others) < between.high
    assert {item.group for item in found if item.group} == {
        "Part: User", "Part: Buyer", "Part: Decider", "Brand: Aster", "Brand: Boreal"
    }  # fmt: skip
    assert between.n == sum(x.n for x in found if x.group.startswith("Brand"))
    median, chance = (find(found, key) for key in ("agreement.rwg", "agreement.rwg.shuffled"))
    assert chance.value < median.low
    assert find(found, "agreement.rwg.skewed").value < median.value
    assert median.n == int((who.sizes > 1).sum())


def test_people_put_together_by_chance_agree_as_people_without_accounts_do():
    found = accounts.agreement(accounts.people(firms(rows(300, rho=0.0))), seed=1)
    median, chance = (find(found, key) for key in ("agreement.rwg", "agreement.rwg.shuffled"))
    assert median.low <= chance.value <= median.high
    between = find(found, "agreement.icc1")
    assert between.low <= 0 <= between.high


def test_agreement_of_fewer_people_than_the_minimum_is_not_told():
    frame = rows(5)
    together = frame.groupby("account")["account"].transform("size") > 1
    who = accounts.people(firms(frame))
    assert accounts.agreement(who, seed=1, min_cell=int(together.sum()) + 1) == []
    assert accounts.agreement(who, seed=1, min_cell=int(together.sum())) != []


def test_parts_are_compared_within_accounts():
    who = accounts.people(firms(rows(300)))
    found = accounts.roles(who, min_cell=10)
    assert keys(found) == {"roles.buyer-user", "roles.decider-user", "roles.decider-buyer"}
    decider = find(found, "roles.decider-user")
    assert decider.low < 0.4 < decider.high
    assert decider.low > 0
    plain = accounts.roles(accounts.people(firms(rows(300), without="weight")), min_cell=10)
    assert "unweighted" in plain[0].method
    assert plain[0].value != found[0].value


def test_pairs_that_few_people_decide_are_left_out():
    frame = rows(100)
    deciders = np.flatnonzero(frame["part"] == "Decider")
    frame.loc[deciders[3:], "part"] = "User"
    found = accounts.roles(accounts.people(firms(frame)), min_cell=10)
    assert keys(found) == {"roles.buyer-user"}


@pytest.mark.parametrize("without", ["account branch", "recommend sat1 sat2 sat3"])
def test_without_the_roles_there_is_nothing(without):
    who = accounts.people(firms(without=without))
    assert accounts.agreement(who, seed=1) == []
    assert accounts.roles(who) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.drop_duplicates("account"),  # a single person in each account
        lambda x: x.assign(sat1=4.0, sat2=4.0, sat3=4.0),
        lambda x: x.assign(sat1=np.nan, sat2=np.nan, sat3=np.nan),
        lambda x: x.assign(account="A1").iloc[:30],
        lambda x: x.iloc[:1],
        lambda x: x.iloc[:0],
    ],
    ids=["singles", "alike", "silent", "one account", "one row", "no rows"],
)
def test_where_agreement_cannot_be_told_nothing_is_said(change):
    who = accounts.people(firms(change(rows()).reset_index(drop=True)))
    assert accounts.agreement(who, seed=1) == []


def test_a_scale_without_ends_has_no_agreement_against_chance():
    survey = firms()
    book = {
        name: item if not name.startswith("sat") else type(item)(
            variable=name, label=name, type="number", roles=("satisfaction",)
        )
        for name, item in survey.codebook.items()
    }  # fmt: skip
    loose = type(survey)(answers=survey.answers, codebook=book, about=survey.about)
    assert keys(accounts.agreement(accounts.people(loose), seed=1)) == {
        "agreement.icc1", "agreement.icc2"
    }  # fmt: skip


def test_the_accounts_of_the_demonstration_have_their_known_share(project):
    """15 per cent of satisfaction before problems; noise and rounding leave less of it."""
    who = accounts.people(load(project / "data" / "telecom", needs=NEEDS))
    between = find(accounts.agreement(who, seed=1, min_cell=10), "agreement.icc1")
    assert between.low < 0.149 * 0.85 < between.high
    assert between.low > 0
    roles = accounts.roles(who, min_cell=10)
    true = 0.30 * 0.66 * 1.05 * 1.15  # of decider less user: halo, drivers' weights, spread
    decider = find(roles, "roles.decider-user")
    assert decider.low < true < decider.high
