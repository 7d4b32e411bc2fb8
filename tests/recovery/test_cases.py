"""From answers to cases: who took which path, and what is unknown."""

import numpy as np
import pytest

from crmresearch.data.codebook import Variable
from crmresearch.errors import DataError
from crmresearch.recovery.cases import read, withheld
from crmresearch.report.estimates import Estimate

N = np.nan
FATES = {
    "problem": [0, 1, 1, 1, 1, N, 1, 1],
    "complained": [N, 0, 1, 1, 1, N, N, 1],
    "resolved": [N, N, 0, 1, 1, N, N, N],
    "recovery_satisfaction": [N, N, 2, 5, 6, N, N, 6],
    "loyalty": [5, 4, 2, 4, 6, 3, 3, 5],
}


def test_each_customer_takes_the_path_that_the_answers_tell(cases):
    found = cases(**FATES)
    assert found.path.astype(object).where(found.path.notna(), None).tolist() == [
        "no problem", "silent", "unresolved", "resolved", "delighted", None, None, "delighted",
    ]  # fmt: skip
    assert list(found.path.cat.categories) == [
        "no problem", "silent", "unresolved", "resolved", "delighted",
    ]  # fmt: skip


def test_who_had_no_problem_did_not_complain(cases):
    found = cases(**FATES).frame
    assert found["complained"].tolist()[:2] == [0.0, 0.0]
    assert found["resolved"].tolist()[:2] == [0.0, 0.0]
    assert found["delighted"].tolist()[:5] == [0.0, 0.0, 0.0, 0.0, 1.0]
    assert np.isnan(found["complained"][6])
    assert np.isnan(found["resolved"][7])


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (("complained", "resolved", "recovery_satisfaction"), {"no problem", "problem"}),
        (("problem", "resolved", "recovery_satisfaction"), {"no complaint", "complained"}),
        (("resolved",), {"no problem", "silent", "complained", "delighted"}),
        (("recovery_satisfaction",), {"no problem", "silent", "unresolved", "resolved"}),
    ],
)
def test_paths_merge_where_a_question_was_not_asked(cases, left_out, expected):
    columns = {name: values for name, values in FATES.items() if name not in left_out}
    if "problem" in left_out:
        columns["complained"] = [0, 0, 1, 1, 1, N, N, 1]
    assert set(cases(**columns).path.dropna()) == expected


@pytest.mark.parametrize(("delight", "delighted"), [(0.8, 2), (0.6, 3), (1.0, 0)])
def test_delight_is_a_share_of_the_handling_scale(survey, delight, delighted):
    found = read(survey(**FATES), delight=delight)
    assert (found.path == "delighted").sum() == delighted


def test_outcomes_are_read_as_higher_is_better(cases):
    found = cases(complained=[0, 1, 1], churned=[0, 1, N], recommend=[10, 0, 5])
    assert [item.key for item in found.outcomes] == ["recommend", "stayed"]
    assert found.frame["stayed"].tolist()[:2] == [1.0, 0.0]
    assert np.isnan(found.frame["stayed"][2])
    assert found.outcomes[1].difference == "share difference"


def test_everything_that_is_not_yes_or_no_is_refused_at_once(survey):
    data = survey(**FATES)
    codebook = {
        name: Variable(variable=name, label=name, type="scale", roles=item.roles)
        if name in ("problem", "resolved")
        else item
        for name, item in data.codebook.items()
    }
    wrong = type(data)(answers=data.answers, codebook=codebook, about=data.about)
    with pytest.raises(DataError) as error:
        read(wrong)
    text = str(error.value)
    assert text.startswith("2 data problem(s):\n  1. role 'problem': column 'problem'")
    assert "needs it as yes or no. Make its type binary in the codebook" in text


def test_satisfaction_before_and_now_are_comparable_only_on_one_range(survey):
    data = survey(problem=[0, 1], satisfaction=[4, 5], prior_satisfaction=[4, 4])
    assert read(data).same_range
    short = Variable(
        variable="prior_satisfaction", label="x", type="scale", roles=("prior_satisfaction",),
        low=1.0, high=5.0,
    )  # fmt: skip
    other = type(data)(
        answers=data.answers,
        codebook={**data.codebook, "prior_satisfaction": short},
        about=data.about,
    )
    assert not read(other).same_range


def test_only_a_declared_experiment_is_randomised(cases):
    arms = {"condition": ["a", "b"], "loyalty": [1, 2]}
    assert cases("experiment", **arms).randomised
    assert not cases("cross-section", **arms).randomised


def test_small_groups_are_withheld():
    item = Estimate(key="k", name="n", value=1.0, low=0.0, high=2.0, unit="SD", n=12, method="m")
    assert withheld(item, 10, 10) is item
    hidden = withheld(item, 9, 10)
    assert np.isnan([hidden.value, hidden.low, hidden.high]).all()
    assert hidden.n == 0


def test_covariates_carry_the_names_that_readers_know(survey):
    data = survey(problem=[0, 1], loyalty=[4, 5], covariate=[1, 2], prior_satisfaction=[4, 4])
    assert list(read(data).covariates) == ["covariate", "prior satisfaction"]
    twin = Variable(
        variable="other", label="prior satisfaction", type="number", roles=("covariate",)
    )
    clash = type(data)(
        answers=data.answers.assign(other=[3.0, 4.0]),
        codebook={**data.codebook, "other": twin},
        about=data.about,
    )
    assert list(read(clash).covariates) == ["covariate", "other", "prior satisfaction"]
