"""Steps that follow from one another: what a no rules out, what a yes shows, what stays unknown."""

import dataclasses

import numpy as np
import pytest

from crmresearch.errors import DataError
from crmresearch.recovery.cases import read
from crmresearch.recovery.caveats import caveats
from crmresearch.recovery.events import CONTRADICTIONS

N = np.nan


def events(found, name):
    return found.frame[name].tolist()


def test_noticing_lies_between_a_problem_and_a_complaint(cases):
    found = cases(
        problem=[0, 1, 1, 1, 1, N],
        noticed=[N, 0, 1, 1, N, 1],
        complained=[N, N, 0, 1, 0, 1],
        loyalty=[4] * 6,
    )
    assert events(found, "noticed")[:4] == [0, 0, 1, 1]
    assert events(found, "complained")[:5] == [0, 0, 0, 1, 0]
    assert np.isnan(events(found, "complained")[5])  # whether there was a problem is unknown
    path = found.path.astype(object).where(found.path.notna(), None).tolist()
    assert path == ["no problem", "unnoticed", "silent", "complained", None, None]
    assert found.contradictions == {}


def test_a_later_yes_shows_the_earlier_step_and_is_counted(cases):
    found = cases(
        problem=[1, 1, 1, 0, 1, 1],
        noticed=[0, 1, 1, 0, 1, 1],
        complained=[1, 1, 1, 1, 0, 1],
        answered=[1, 0, 0, 1, N, 0],
        resolved=[0, 1, 0, 1, 1, N],
        loyalty=[4] * 6,
    )
    assert events(found, "noticed") == [1, 1, 1, 0, 1, 1]
    assert events(found, "complained") == [1, 1, 1, 0, 0, 1]
    assert events(found, "answered") == [1, 1, 0, 0, 0, 0]
    assert events(found, "resolved") == [0, 1, 0, 0, 0, 0]  # nothing asked of what was not answered
    assert found.contradictions == dict.fromkeys(CONTRADICTIONS, 1)
    for least, number in ((1, "1 customer"), (10, "fewer than 10 customers")):
        told = {item.key: item.text for item in caveats(found, min_cell=least)}
        for words in CONTRADICTIONS.values():
            assert f"{number} {words}" in told["recovery.contradictions"]


def test_what_is_unknown_is_not_filled_in_by_a_later_step(cases):
    found = cases(
        problem=[1] * 4,
        noticed=[N, N, 1, 1],
        complained=[1, 0, 1, 1],
        answered=[1, N, N, N],
        resolved=[1, N, 1, 0],
        loyalty=[4] * 4,
    )
    assert np.isnan(events(found, "noticed")[:2]).all()
    assert np.isnan(events(found, "answered")[2:]).all()
    assert events(found, "resolved") == [1, 0, 1, 0]  # who did not complain had nothing resolved
    assert found.path.astype(str).tolist()[2:] == ["resolved", "unresolved"]


@pytest.mark.parametrize("role", ["noticed", "answered"])
def test_noticing_and_answers_are_yes_or_no(survey, role):
    data = survey(problem=[0, 1], loyalty=[4, 5], **{role: [0, 1]})
    scale = dataclasses.replace(data.codebook[role], type="scale")
    with pytest.raises(DataError, match=f"role '{role}'.*Make its type binary"):
        read(dataclasses.replace(data, codebook={**data.codebook, role: scale}))


def test_noticing_alone_opens_the_funnel(cases):
    found = cases(noticed=[0, 1, 1, 1], complained=[1, 0, N, 1], loyalty=[4] * 4)
    assert events(found, "noticed") == [1, 1, 1, 1]
    assert found.path.astype(str).tolist()[1] == "no complaint"
