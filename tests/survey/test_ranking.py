"""The ranking of accounts: what it tells, and what it must not."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.survey import accounts, coverage, figures, headlines, ranking

from .firms import firms, rows


def ranked(frame=None, without="", **settings):
    return ranking.ranking(accounts.people(firms(frame, without)), seed=1, **settings)


def test_bands_rise_and_hold_everyone():
    frame = rows(120)
    found = ranked(frame, min_cell=10)
    bands = [item for item in found if item.key == "accounts.band"]
    assert len(bands) == 10
    assert [item.value for item in bands] == sorted(item.value for item in bands)
    assert sum(item.n for item in bands) == len(frame)
    assert all(item.low < item.value < item.high for item in bands)


def test_no_band_holds_fewer_people_than_the_minimum():
    frame = rows(40)
    found = ranked(frame, min_cell=25)
    bands = [item for item in found if item.key == "accounts.band"]
    assert 2 <= len(bands) < 10
    assert min(item.n for item in bands) >= 25
    assert not [x for x in ranked(frame, min_cell=len(frame)) if x.key == "accounts.band"]


def test_scores_that_chance_made_are_not_told_apart():
    nothing = ranked(rows(150, rho=0.0))
    some = ranked(rows(150, rho=0.6))
    key = "accounts.reliability"
    assert find(nothing, key).value < find(some, key).low
    called = [find(nothing, f"accounts.{side}").value for side in ("below", "above")]
    assert max(called) < 0.05
    assert find(some, "accounts.below").value > 0.02
    assert find(some, "accounts.lowest").value > find(nothing, "accounts.lowest").value
    assert find(some, "accounts.ranks").value < find(nothing, "accounts.ranks").value


def test_who_answered_is_held_equal():
    """An account heard through its decider alone is not better for it."""
    frame = rows(200, rho=0.3)
    decider = (frame["part"] == "Decider").to_numpy()
    for item in (1, 2, 3):
        frame[f"sat{item}"] += 3.0 * decider
    who = accounts.people(firms(frame))
    found = ranking._shrunken(who, "satisfaction")
    lean = np.bincount(who.codes, decider[who.rows]) / who.sizes
    assert abs(np.corrcoef(found.shift, lean)[0, 1]) < 0.2
    plain = ranking._shrunken(accounts.people(firms(frame, "part")), "satisfaction")
    assert np.corrcoef(plain.shift, lean)[0, 1] > 0.5


def test_accounts_are_named_on_demand_alone_and_never_small_ones():
    frame = rows(30)
    large = frame["account"].isin(["A001", "A002", "A003"])
    many = frame[large].sample(60, replace=True, random_state=1)
    frame = pd.concat([frame[~large], many], ignore_index=True)
    frame["person"] = [f"P{row}" for row in range(len(frame))]
    assert "A001" not in str([(x.name, x.group) for x in ranked(frame, min_cell=10)])
    named = [x for x in ranked(frame, min_cell=10, named=True) if x.key == "accounts.named"]
    assert {item.group for item in named} == {f"Account: A00{number}" for number in (1, 2, 3)}
    assert min(item.n for item in named) >= 10


def test_no_account_and_no_person_is_in_what_is_shown():
    frame = rows(80)
    who = accounts.people(firms(frame))
    text = "".join(exhibit.html + exhibit.markdown for exhibit in exhibits(who, min_cell=10))
    assert not [name for name in [*frame["account"], *frame["person"]] if name in text]


@pytest.fixture(autouse=True)
def no_image_files(monkeypatch):
    """Figures are laid out, which finds their faults, but not encoded, which takes the time."""
    monkeypatch.setattr(style, "image_bytes", lambda figure: figure.draw_without_rendering() or b"")


def exhibits(who, min_cell=2):
    settings = {"min_cell": min_cell}
    data = {
        "agreement": accounts.agreement(who, seed=1, **settings) + accounts.roles(who, **settings),
        "coverage": coverage.coverage(who, **settings),
        "hidden": coverage.hidden(who, **settings) + coverage.weighting(who, **settings),
        "ranking": ranking.ranking(who, seed=1, **settings),
    }
    return [
        show(
            key,
            found,
            title=getattr(headlines.accounts, key),
            draw=getattr(figures.accounts, key),
            min_cell=min_cell,
        )
        for key, found in data.items()
    ]


@pytest.mark.parametrize(
    ("groups", "without"),
    [
        (1, ""),
        (2, ""),
        (6, "contacts"),
        (12, "account"),
        (12, "account branch"),
        (12, "influence part"),
        (12, "part wave person"),
        (12, "recommend brand"),
        (12, "sat1 sat2 sat3"),
    ],
)
def test_every_exhibit_stands_on_any_data(groups, without):
    for exhibit in exhibits(accounts.people(firms(rows(groups), without))):
        assert "nan" not in exhibit.markdown.lower()
        assert exhibit.record["title"]
        if not exhibit.record["estimates"]:
            assert exhibit.record["title"].startswith("Not in these data")


def test_captions_and_titles_say_the_finding():
    agreement, heard, hidden, ranked_ = exhibits(accounts.people(firms(rows(150))), min_cell=10)
    assert "lies between accounts" in agreement.record["title"]
    assert "people put together by chance" in agreement.record["caption"]
    assert heard.record["title"].startswith("The survey heard")
    assert "hide a detractor of influence" in hidden.record["title"]
    assert ranked_.record["title"].startswith("Accounts are ranked with a reliability of")
    assert "belong there" in ranked_.record["caption"]
