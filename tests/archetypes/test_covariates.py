"""Who has which type: characteristics read, shares that differ, and what is said of the rest."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines
from crmresearch.archetypes.attenuation import attenuation
from crmresearch.archetypes.covariates import (
    log_odds,
    share_differences,
    who_caveats,
    who_has_which,
)
from crmresearch.archetypes.enumeration import enumerate_classes
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.outcomes import outcome_caveats, outcome_means
from crmresearch.archetypes.predictors import read_predictors
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import Variable

from .conftest import customers, survey_of

N, SEED = 1500, 77


def column(name, kind, role, **more):
    return Variable(variable=name, label=name, type=kind, roles=(role,), **more)


@pytest.fixture(scope="module")
def survey():
    kind = customers(N, SEED)[1]
    rng = np.random.default_rng(5)
    large = rng.random(N) < np.where(kind == 0, 0.8, 0.4)
    rare = np.where(np.arange(N) < 4, "Tiny", np.where(large, "Large", "Small"))
    years = rng.gamma(2, 3, N).round(1)
    years[:30] = np.nan
    money = np.exp(rng.normal(6 + 0.4 * (kind == 0), 1.2, N)).round(2)
    city = pd.Categorical(rng.integers(0, 40, N).astype(str))
    left = (rng.random(N) < 0.1 + 0.1 * kind).astype(float)
    return survey_of(
        N,
        SEED,
        size=(pd.Categorical(rare), column("size", "category", "segment")),
        years=(years, column("years", "number", "covariate")),
        twin=(2 * years, column("twin", "number", "covariate")),
        city=(city, column("city", "category", "segment")),
        left=(left, column("left", "binary", "churned")),
        money=(money, column("money", "number", "revenue")),
    )


def types_of(survey, classes=4):
    indicators = read_indicators(survey)
    found = enumerate_classes(indicators, max_classes=classes, classes=classes)
    return find_types(indicators, found.chosen, level=0.95)


@pytest.fixture(scope="module")
def types(survey):
    return types_of(survey)


@pytest.fixture(scope="module")
def who(types, survey):
    return who_has_which(types, survey, min_cell=10)


def test_characteristics_are_coded_once_and_named(survey):
    found = read_predictors(survey, np.ones(N, dtype=bool), min_cell=10)
    assert [item.name for item in found.characteristics] == ["Firm", "size", "years"]
    assert found.left_out == ["city", "twin"]
    size = found.characteristics[1].contrasts
    assert [item.words for item in size] == ["Small, not Large"]  # four people are not shown
    assert (found.row >= 0).sum() == N - 30
    assert np.all(found.matrix[:, 0] == 1)
    years = survey.answers["years"].to_numpy()[found.row >= 0]
    assert_allclose(found.matrix[found.row[found.row >= 0], -1], years)
    quartiles = np.nanquantile(years, [0.75, 0.25])
    contrast = found.characteristics[2].contrasts[0]
    assert_allclose([contrast.high[0], contrast.low[0]], quartiles)


def test_shares_differ_where_they_should(who, types):
    found = share_differences(who)
    tests = {item.key: item for item in found if not item.group}
    assert tests["who.size"].p < 0.001
    assert tests["who.firm"].p > 0.05
    assert tests["who.size"].n == N - 30
    assert tests["who.size"].n_dropped == 30
    for group in {item.group for item in found if item.group}:
        parts = [item.value for item in found if item.group == group]
        assert_allclose(sum(parts), 0, atol=1e-9)  # what one type gains others lose
    warm = next(
        item for item in found if "warm" in item.name and item.group.startswith("size: Small")
    )
    share = 0.4
    of_small = share * 0.2 / (share * 0.2 + (1 - share) * 0.6)
    of_large = share * 0.8 / (share * 0.8 + (1 - share) * 0.4)
    assert warm.low < of_small - of_large < warm.high


def test_log_odds_by_every_method(who):
    found = log_odds(who)
    methods = {item.key.split(".")[1] for item in found}
    assert methods == {"ml", "bch", "modal", "one"}
    assert len({(item.key, item.group) for item in found}) == len(found)
    at = {(item.key, item.group): item for item in found}
    ml, one = at["odds.ml.2", "size: Small, not Large"], at["odds.one.2", "size: Small, not Large"]
    assert ml.low < one.value < ml.high


def test_figures_and_headlines_say_what_the_estimates_say(who, types, survey):
    shares, odds = share_differences(who), log_odds(who)
    text = headlines.who.shares(shares)
    assert text.startswith("The type goes with size; the largest difference is in type ")
    figure = Figure()
    assert figures.who.shares(shares, figure).startswith("One panel a type: ")
    assert [ax.get_title() for ax in figure.axes if ax.get_visible()] == list(types.labels)
    [dots] = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    first = [item.value for item in shares if item.name == types.labels[0]]
    assert_allclose(dots.get_xdata(), first)
    assert headlines.who.odds(odds).startswith("The log odds furthest from zero, of type ")
    assert figures.who.odds(odds, Figure()).endswith("The table adds one-step estimates.")
    means, hidden = outcome_means(types, survey), attenuation(types, survey)
    assert headlines.outcomes.means(means).startswith("The types differ clearly in loyalty")
    figure = Figure()
    figures.outcomes.means(means, figure)
    titles = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert titles == ["Loyalty", "Share who left", "Revenue"]
    assert "hide" in headlines.outcomes.attenuation(hidden)
    assert figures.outcomes.attenuation(hidden, Figure()).endswith("differ.")


def test_likeliest_types_hide_a_part_of_every_difference(types, survey):
    at = {(item.key, item.group): item for item in attenuation(types, survey)}
    for name, role in (("Loyalty", "loyalty"), ("Share who left", "churned")):
        corrected = at["spread.bch", f"outcome: {name}"]
        plain = at["spread.modal", f"outcome: {name}"]
        hidden = at[f"{role}.hidden", ""]
        assert_allclose(hidden.value, 1 - plain.value / corrected.value)
        assert 0 < hidden.low < hidden.value < hidden.high < 1
    values = survey.answers["stay"].to_numpy()
    groups = [values[types.of_row == k] for k in range(4)]
    between = sum(len(x) * (x.mean() - values.mean()) ** 2 for x in groups)
    eta = np.sqrt(between / ((values - values.mean()) ** 2).sum())
    assert_allclose(at["spread.modal", "outcome: Loyalty"].value, eta)


def test_a_skewed_outcome_belies_the_likelihood(types, survey):
    caveats = {item.key: item.text for item in outcome_caveats(outcome_means(types, survey))}
    assert "Revenue" in caveats["outcomes.away"]
    assert "Loyalty" not in caveats["outcomes.away"]


def test_caveats_count_who_did_not_tell(who):
    caveats = {item.key: item.text for item in who_caveats(who)}
    assert caveats["who.missing"].startswith("30 respondents with a missing characteristic")
    assert "city, twin" in caveats["who.left-out"]


def test_chosen_types_are_told_once(types, survey):
    kinds = pd.Categorical(np.array(["Friends", "Partners", "Strangers"])[types.of_row % 3])
    book = {name: item for name, item in survey.codebook.items() if "indicator" not in item.roles}
    book["kind"] = column("kind", "category", "relationship")
    answers = survey.answers.assign(kind=kinds)[list(book)]
    chosen = replace(survey, answers=answers, codebook=book)
    indicators = read_indicators(chosen)
    assert indicators.as_chosen
    kinds_of = find_types(indicators, enumerate_classes(indicators).chosen)
    who = who_has_which(kinds_of, chosen, min_cell=10)
    assert {item.key.split(".")[1] for item in log_odds(who)} == {"ml"}
    assert " by likeliest type" not in headlines.who.odds(log_odds(who))
    found = outcome_means(kinds_of, chosen)
    assert not any(item.key.endswith((".modal", ".ml")) for item in found)
    for item in found:
        if item.key == "loyalty.bch":
            name = item.group.partition(": ")[2].partition(" ")[2]
            assert_allclose(item.value, answers["stay"][answers["kind"] == name].mean())
    assert attenuation(kinds_of, chosen) == []


def test_without_characteristics_or_with_one_type_there_is_nothing(types, survey):
    answers = survey.answers.drop(columns=["firm", "size", "years", "twin", "city"])
    book = {name: survey.codebook[name] for name in answers}
    bare = replace(survey, answers=answers, codebook=book)
    for nothing in (who_has_which(types, bare), who_has_which(types_of(survey, 1), survey)):
        assert nothing is None
        assert share_differences(nothing) == log_odds(nothing) == who_caveats(nothing) == []
    assert headlines.who.shares([]).startswith("Not in these data: ")
    assert headlines.who.odds([]).startswith("Not in these data: ")
    assert attenuation(types_of(survey, 1), survey) == []
    assert headlines.outcomes.attenuation([]).startswith("Not in these data: ")


def test_nobody_told_a_characteristic(types, survey):
    answers = survey.answers.assign(years=np.nan)
    assert who_has_which(types, replace(survey, answers=answers)) is None


def test_a_binary_characteristic_is_yes_against_no(types, survey):
    rng = np.random.default_rng(3)
    answers = survey.answers.assign(member=(rng.random(N) < 0.3).astype(float))
    book = {**survey.codebook, "member": column("member", "binary", "covariate")}
    found = share_differences(
        who_has_which(types, replace(survey, answers=answers, codebook=book), min_cell=10)
    )
    member = [item for item in found if item.group == "member: yes, not no"]
    assert len(member) == 4
    assert all(item.n < N / 2 for item in member)


def test_an_outcome_asked_as_yes_or_no_is_a_share(types, survey):
    book = {**survey.codebook, "left": column("left", "binary", "loyalty")}
    del book["stay"]
    answers = survey.answers.drop(columns="stay")
    found = outcome_means(types, replace(survey, answers=answers, codebook=book), ("loyalty",))
    means = [item for item in found if item.group]
    assert {item.unit for item in means} == {"share"}
    assert all(0 <= item.low <= item.high <= 1 for item in means)


def test_outcomes_that_say_nothing(types, survey):
    constant = replace(survey, answers=survey.answers.assign(stay=4.0))
    found = outcome_means(types, constant, ("loyalty",))
    assert {item.value for item in found if item.key == "loyalty.modal"} == {4.0}
    assert "outcome: Loyalty" not in {item.group for item in attenuation(types, constant)}
    silent = replace(survey, answers=survey.answers.assign(stay=np.nan))
    found = outcome_means(types, silent, ("loyalty",))
    assert not any(item.key == "loyalty.bch" for item in found)
    assert headlines.outcomes.means(found) == headlines.outcomes.UNSURE


def test_the_largest_difference_named_is_of_a_characteristic_that_goes_with_the_type(who):
    shares = share_differences(who)
    tests = [item for item in shares if not item.key.startswith("who.share.")]
    names = [item.name.partition(": ")[0] for item in tests]
    assert len(names) > 1
    for name in names:
        told = [
            replace(item, p=0.001 if item.name.startswith(f"{name}: ") else 0.9)
            if item in tests
            else item
            for item in shares
        ]
        assert f", {name}: " in headlines.who.shares(told)
