"""The balance of signs within types, and sides that were rated."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines
from crmresearch.archetypes.balance import KINDS, balance, balance_by_type, kinds
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import find

from .conftest import CHANCES, customers
from .rated import rated_survey
from .test_nearest import order_of, types_of


def true_division() -> np.ndarray:
    """(4 kinds, 4 types) from the chances of the signs, over every possible answer."""
    answers = ((np.arange(2**7)[:, None] >> np.arange(7)) & 1).astype(float)
    warm, cold = answers[:, :4].mean(axis=1) >= 0.5, answers[:, 4:].mean(axis=1) >= 0.5
    chance = np.stack([np.where(answers, row, 1 - row).prod(axis=1) for row in CHANCES])
    members = np.stack([warm & ~cold, cold & ~warm, warm & cold, ~warm & ~cold])
    return members.astype(float) @ chance.T


@pytest.fixture(scope="module")
def types(indicators):
    return find_types(
        indicators, fit(indicators.patterns, 4, starts=4, rng=np.random.default_rng(1))
    )


def test_the_types_together_divide_as_everybody_does(types, indicators):
    found, every = balance_by_type(types), balance(indicators)
    for name in KINDS:
        parts = [find(found, f"balance.{name}", f"type: {label}").value for label in types.labels]
        assert_allclose(types.model.shares @ parts, find(every, f"balance.{name}").value, atol=1e-6)
    for label in types.labels:
        values = [x.value for x in found if x.group == f"type: {label}"]
        assert_allclose(sum(values), 1)


@pytest.mark.slow
def test_the_error_is_that_of_refitting_without_each_respondent(make_survey):
    survey = make_survey(150, 6)
    types = types_of(survey, classes=2)
    name, direct = "balance.ambivalent", []
    one = find(balance_by_type(types), name, f"type: {types.labels[0]}")
    weight = np.ones(150)
    for row in range(150):
        weight[row] = 0
        less = replace(types.indicators, design=design(150, weight))
        patterns = collapse(survey.items("indicator"), weights=weight)
        less = replace(less, patterns=patterns)
        again = fit(patterns, 2, starts=2, rng=np.random.default_rng(1))
        refit = find_types(less, again)
        direct.append(find(balance_by_type(refit), name, f"type: {refit.labels[0]}").value)
        weight[row] = 1
    error = np.sqrt(149 / 150 * ((direct - np.mean(direct)) ** 2).sum())
    assert_allclose((one.high - one.low) / 2, 1.976 * error, rtol=0.2)


def coverage(replicates: int, n: int) -> float:
    truth, held = true_division(), []
    for seed in range(replicates):
        signs, _, _ = customers(n, 9000 + seed)
        columns = [f"s{j}" for j in range(7)]
        book = {
            name: Variable(
                variable=name, label=name, type="binary", roles=("indicator",),
                construct="positive" if j < 4 else "negative",
            )
            for j, name in enumerate(columns)
        }  # fmt: skip
        frame = pd.DataFrame(signs, columns=columns)
        types = types_of(Survey(answers=frame, codebook=book, about=About(title="T")), seed=seed)
        order = order_of(types, CHANCES)
        for item in balance_by_type(types):
            k = order[types.labels.index(item.group.partition(": ")[2])]
            at = KINDS.index(item.key.partition(".")[2])
            if 0.1 < truth[at, k] < 0.9:  # nearer the ends hardly anybody is left to tell
                held.append(item.low <= truth[at, k] <= item.high)
    return float(np.mean(held))


def test_intervals_hold_the_truth():
    assert coverage(6, 800) >= 0.8


@pytest.mark.slow
def test_intervals_hold_the_truth_in_many_samples():
    assert 0.89 <= coverage(400, 1200) <= 0.97  # a little too narrow, as the module says


def test_rated_sides_are_sorted_and_corrected():
    survey, _ = rated_survey(600, 9)
    book = {k: replace(v, construct="") if k.startswith("sign") else v
            for k, v in survey.codebook.items()}  # fmt: skip
    rng = np.random.default_rng(1)
    frame = survey.answers.copy()
    for side in ("positive", "negative"):
        frame[f"feels_{side}"] = rng.integers(1, 8, 600).astype(float)
        book[f"feels_{side}"] = Variable(
            variable=f"feels_{side}", label=side, type="scale", roles=("experienced",),
            construct=side, low=1, high=7,
        )  # fmt: skip
    rated = replace(survey, answers=frame, codebook=book)
    found = read_indicators(rated)
    assert not found.sided
    kind = kinds(found, 0.5)
    warm, cold = frame["feels_positive"] > 4, frame["feels_negative"] > 4
    assert_allclose((kind == "ambivalent"), warm & cold)
    assert_allclose((kind == "neutral"), ~warm & ~cold)
    types = types_of(rated)
    divided = balance_by_type(types)
    assert {item.method.partition(",")[0] for item in divided} == {"BCH share"}
    assert len(divided) == 16


def test_without_sides_or_with_one_type_there_is_nothing(make_survey):
    survey = make_survey(200, 2)
    assert balance_by_type(types_of(survey, classes=1)) == []
    book = {k: replace(v, construct="") for k, v in survey.codebook.items()}
    types = types_of(replace(survey, codebook=book), classes=2)
    assert balance(types.indicators) == []
    assert balance_by_type(types) == []
    assert headlines.types.balance_by_type([]).startswith("Not in these data: several types")


def test_the_exhibit_is_told_and_drawn(types):
    found, figure = balance_by_type(types), Figure()
    ambivalent = max(
        (x for x in found if x.key == "balance.ambivalent"), key=lambda item: item.value
    )
    words = headlines.types.balance_by_type(found)
    assert words.startswith(f"Most often shown: both sides by {ambivalent} of type")
    caption = figures.types.balance_by_type(found, figure)
    assert "is most often ambivalent" in caption
    assert len(figure.axes) == 4
