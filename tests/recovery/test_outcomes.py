"""Which outcomes a survey has, in what unit, and whether they are said or done."""

import dataclasses

import pytest

from crmresearch.recovery.outcomes import OUTCOMES, outcomes_of, values_of


def test_the_main_outcome_is_the_first_of_a_fixed_order():
    assert [item.key for item in OUTCOMES] == [
        "loyalty", "recommend", "word_of_mouth", "satisfaction", "repurchase", "stayed", "revenue",
    ]  # fmt: skip


def test_what_customers_did_is_told_from_what_they_said(survey):
    data = survey(problem=[0, 1], loyalty=[4, 5], repurchase=[3, 4], churned=[0, 1], revenue=[9, 8])
    assert [(item.key, item.behaviour) for item in outcomes_of(data)] == [
        ("loyalty", False), ("repurchase", False), ("stayed", True), ("revenue", True),
    ]  # fmt: skip
    assert [item.difference for item in outcomes_of(data)] == [
        "scale difference", "scale difference", "share difference", "amount difference",
    ]  # fmt: skip


def binary(data, name):
    item = dataclasses.replace(data.codebook[name], type="binary", low=None, high=None)
    return dataclasses.replace(data, codebook={**data.codebook, name: item})


def test_buying_again_recorded_as_yes_or_no_is_an_act(survey):
    data = binary(survey(problem=[0, 1], repurchase=[0, 1]), "repurchase")
    (found,) = outcomes_of(data)
    assert (found.key, found.unit, found.behaviour) == ("repurchase", "share", True)
    assert found.name == "buying again"


def test_an_attitude_asked_as_yes_or_no_is_a_share_and_no_act(survey):
    (found,) = outcomes_of(binary(survey(problem=[0, 1], loyalty=[0, 1]), "loyalty"))
    assert (found.unit, found.difference, found.behaviour) == ("share", "share difference", False)


@pytest.mark.parametrize(("role", "expected"), [("churned", [1.0, 0.0]), ("revenue", [0.0, 1.0])])
def test_every_outcome_is_read_as_higher_is_better(survey, role, expected):
    data = survey(problem=[0, 1], **{role: [0, 1]})
    assert values_of(outcomes_of(data)[0], data).tolist() == expected
