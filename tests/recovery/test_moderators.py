"""The declared moderators: what a name stands for, and what is wrong with it."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError
from crmresearch.recovery.cases import read
from crmresearch.recovery.moderators import declared, foci


@pytest.fixture(scope="module")
def customers():
    rng = np.random.default_rng(1)
    n = 60
    frame = pd.DataFrame(
        {
            "ref": [f"r{i}" for i in range(n)],
            "q1": rng.integers(0, 2, n).astype(float),
            "q2": np.ones(n),
            "q3": rng.integers(0, 2, n).astype(float),
            "q4": rng.integers(1, 8, n).astype(float),
            "s1": rng.integers(1, 6, n).astype(float),
            "s2": rng.integers(1, 6, n).astype(float),
            "t1": rng.integers(1, 8, n).astype(float),
            "t2": rng.integers(1, 8, n).astype(float),
            "years": rng.exponential(5, n),
            "contract": rng.integers(0, 2, n).astype(float),
            "region": pd.Categorical(rng.choice(["North", "South"], n)),
        }
    )
    scale = {"type": "scale", "low": 1.0}
    words = {"0": ("None",), "1": ("Some",)}
    kinds = {
        "ref": {"type": "id", "roles": ("id",)},
        "q1": {"type": "binary", "roles": ("resolved",)},
        "q2": {"type": "binary", "roles": ("complained",)},
        "q3": {"type": "binary", "roles": ("problem",)},
        "q4": {**scale, "high": 7.0, "roles": ("loyalty",)},
        "s1": {**scale, "high": 5.0, "roles": ("severity",), "construct": "gravity"},
        "s2": {**scale, "high": 5.0, "roles": ("severity",), "construct": "gravity"},
        "t1": {**scale, "high": 7.0, "roles": ("item",), "construct": "trust"},
        "t2": {**scale, "high": 7.0, "roles": ("item",), "construct": "trust"},
        "years": {"type": "number", "label": "Years with us", "roles": ("covariate",)},
        "contract": {"type": "binary", "label": "Contract", "values": words},
        "region": {"type": "category", "label": "Region"},
    }  # fmt: skip
    codebook = {
        name: Variable(variable=name, **{"label": "", **fields}) for name, fields in kinds.items()
    }
    return read(Survey(answers=frame, codebook=codebook, about=About(title="T")))


def test_a_name_is_a_role_then_a_variable_then_a_construct(customers):
    found = declared(customers, "severity, years, trust, contract, region")
    assert [item.key for item in found.found] == [
        "severity",
        "years",
        "trust",
        "contract",
        "region",
    ]
    assert [item.name for item in found.found] == [
        "gravity", "Years with us", "trust", "Contract", "Region",
    ]  # fmt: skip
    answers = customers.answers.answers
    severity, years, trust, contract, _ = (item.values for item in found.found)
    assert severity.tolist() == ((answers["s1"] + answers["s2"]) / 2).tolist()
    assert years.tolist() == answers["years"].tolist()
    assert trust.tolist() == ((answers["t1"] + answers["t2"]) / 2).tolist()
    assert list(contract.cat.categories) == ["None", "Some"]
    assert (contract == "Some").tolist() == (answers["contract"] == 1).tolist()


def test_what_the_literature_proposes_may_be_absent(customers):
    found = declared(customers, "severity, attribution, tenure, relationship, severity,")
    assert [item.key for item in found.found] == ["severity"]
    assert found.absent == ("attribution", "tenure", "relationship")
    assert declared(customers, "").found == ()


def test_every_mistake_is_told_at_once(customers):
    with pytest.raises(RequestError) as caught:
        declared(customers, "severty, ref, loyalty, resolved, years, item")
    assert str(caught.value).splitlines() == [
        "parameter 'moderators': 'severty' is neither a role, a variable nor a construct of these "
        "data. Did you mean 'severity'? Name roles, variables or constructs, separated by commas.",
        "parameter 'moderators': 'ref' is of type id, but a moderator is a scale, a number, yes or "
        "no, or a category. Leave it out, or change its type in the codebook.",
        "parameter 'moderators': 'loyalty' has the role 'loyalty', of which the contrasts or "
        "outcomes are made, but a moderator is something beside them. Leave it out.",
        "parameter 'moderators': 'resolved' has the role 'resolved', of which the contrasts or "
        "outcomes are made, but a moderator is something beside them. Leave it out.",
        "parameter 'moderators': 'item' stands for several variables ('t1', 't2'), which have no "
        "mean. Name one of them.",
    ]


def test_contrasts_follow_from_what_was_asked(customers, cases, experiment):
    main = customers.outcomes[0]
    assert [one.key for one in foci(customers, main)] == ["resolved", "problem"]
    without = cases(complained=[0, 1] * 20, loyalty=list(range(1, 5)) * 10)
    assert [one.key for one in foci(without, without.outcomes[0])] == ["complained"]
    arms = foci(experiment, experiment.outcomes[0])
    assert [one.name for one in arms] == ["plain agent − human agent", "kind reply − dry reply"]
    assert all(one.randomised for one in arms)
    reply = experiment.condition.str.contains("kind").to_numpy()
    assert (arms[1].member == reply).all()
    assert arms[1].beside.iloc[:, 0].tolist() == arms[0].member.tolist()


def test_arms_that_are_not_crossed_are_compared_with_the_first(cases):
    arms = ["none", "sorry", "refund"] * 20
    found = cases("experiment", condition=arms, loyalty=list(range(1, 7)) * 10)
    one, two = foci(found, found.outcomes[0])
    assert (one.groups, two.groups) == (("none", "refund"), ("none", "sorry"))
    assert np.isnan(one.member[1])
    assert not len(one.beside.columns)
