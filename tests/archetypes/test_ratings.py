"""Dimension scores, the instruments that types are found in, and types as they were chosen."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines
from crmresearch.archetypes.chosen import as_chosen
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.ratings import rating_caveats, ratings, reliability
from crmresearch.archetypes.types import find_types, profiles, separation, type_shares
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError, RequestError
from crmresearch.methods.scales import standardised_alpha
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import find

from .rated import MEASURED, rated_survey, without


@pytest.fixture(scope="module")
def rated():
    return rated_survey(500, 5)[0]


def rating(name, construct, role="experienced", **fields):
    given = {"type": "scale", "low": 1, "high": 7} | fields
    return Variable(variable=name, label=name, roles=(role,), construct=construct, **given)


def survey_of(columns: dict) -> Survey:
    frame = pd.DataFrame({name: values for name, (values, _) in columns.items()})
    book = {name: variable for name, (_, variable) in columns.items()}
    return Survey(answers=frame, codebook=book, about=About(title="T"))


def test_scores_are_means_of_the_items_answered_by_half_or_more():
    survey = survey_of(
        {
            "c1": ([1.0, 7.0, np.nan, np.nan], rating("c1", "closeness")),
            "c2": ([3.0, np.nan, np.nan, 4.0], rating("c2", "closeness")),
            "c3": ([5.0, np.nan, 2.0, np.nan], rating("c3", "closeness")),
            "c4": ([3.0, 6.0, np.nan, 4.0], rating("c4", "closeness")),
        }
    )
    score = ratings(survey)["closeness"]
    assert_allclose(score.values, [3.0, 6.5, np.nan, 4.0])
    assert_allclose(score.position, [1 / 3, 5.5 / 6, np.nan, 0.5])


def test_dimensions_stand_in_the_catalogues_order_and_useless_ones_are_left_out():
    answers = np.array([1.0, 4.0, 7.0])
    survey = survey_of(
        {
            "warmth": (answers, rating("warmth", "")),
            "p": (answers, rating("p", "power")),
            "v": (answers, rating("v", "Valence")),
            "f": (np.full(3, 4.0), rating("f", "formality")),
            "i": (np.full(3, np.nan), rating("i", "intensity")),
        }
    )
    assert list(ratings(survey)) == ["valence", "power", "warmth"]
    texts = [caveat.text for caveat in rating_caveats(survey)]
    assert texts[0] == (
        "Of the relationship as it is, 3 dimensions are rated by fewer than 3 items, so that the "
        "reliability is hardly known: valence, power, warmth."
    )
    assert texts[1].startswith("1 rating names no dimension of the catalogue (warmth)")


def test_reliability_is_that_of_the_scale_and_single_items_have_none(rated):
    found = reliability(rated, design=Design(500))
    assert [item.key for item in found] == [f"reliability.experienced.{x}" for x in MEASURED]
    items = rated.answers[["closeness_1", "closeness_2"]]
    direct = standardised_alpha(items, key="k", name="n")
    assert_allclose(found[1].value, direct.value)
    assert_allclose((found[1].low, found[1].high), (direct.low, direct.high))
    assert reliability(survey_of({"p": ([1.0, 2.0], rating("p", "power"))}), design=Design(2)) == []


def test_the_instrument_decides_what_types_are_found_in(rated):
    kinds = {
        name: set(read_indicators(rated, instrument=name).patterns.kinds)
        for name in ("auto", "signs", "ratings", "both")
    }
    assert kinds == {
        "auto": {"nominal"},
        "signs": {"nominal"},
        "ratings": {"continuous"},
        "both": {"nominal", "continuous"},
    }
    alone = read_indicators(without(rated, "indicator"))
    assert [item.variable for item in alone.variables] == list(MEASURED)
    assert not alone.as_chosen


@pytest.mark.parametrize(
    ("instrument", "gone"),
    [("signs", "indicator"), ("ratings", "experienced"), ("both", "indicator")],
)
def test_an_instrument_that_is_not_there_is_refused(rated, instrument, gone):
    with pytest.raises(RequestError) as refused:
        read_indicators(without(rated, gone), instrument=instrument)
    assert str(refused.value).startswith(f"instrument='{instrument}': these data have ")
    assert str(refused.value).endswith("Write auto to take what there is.")


def test_types_of_ratings_have_means_of_the_dimensions(rated):
    found = read_indicators(rated, instrument="ratings")
    types = find_types(found, fit(found.patterns, 4, starts=4, rng=np.random.default_rng(1)))
    means = [item for item in profiles(types) if item.name == "Valence"]
    assert [item.unit for item in means] == ["share"] * 5
    every = means[0].value
    mixed = types.model.shares @ np.array([item.value for item in means[1:]])
    assert_allclose(mixed, every, atol=1e-5)
    assert all(item.low < item.value < item.high for item in means)
    assert len(set(types.labels)) == 4


def test_a_quantity_without_ends_is_told_in_its_own_unit(rated):
    spent = np.exp(np.random.default_rng(2).normal(5, 1, 500))
    spent[0] = 1e7  # one far off leaves the others their differences
    variable = Variable(variable="spent", label="Spent", type="number", roles=("indicator",))
    frame = rated.answers.assign(spent=spent)
    survey = replace(rated, answers=frame, codebook={**rated.codebook, "spent": variable})
    found = read_indicators(survey)
    assert_allclose(found.ends[-1], np.quantile(spent, [0.05, 0.95]))
    types = find_types(found, fit(found.patterns, 1, rng=np.random.default_rng(1)))
    one, only = [item for item in profiles(types) if item.name == "Spent"]
    assert one.unit == only.unit == "number"
    assert_allclose([one.value, only.value], spent.mean())


def test_where_only_a_card_was_chosen_the_types_are_the_cards(rated):
    cards = without(rated, "indicator", "experienced")
    found = read_indicators(cards)
    assert found.as_chosen
    model = as_chosen(found.patterns)
    counts = cards.answers["card"].value_counts()
    assert_allclose(model.shares, counts / 500)
    assert model.entropy == 1
    assert_allclose(model.loglik, (counts * np.log(counts / 500)).sum())
    types = find_types(found, model)
    assert [label.partition(" ")[2] for label in types.labels] == list(counts.index)
    assert (types.of_row == types.of_row.max()).sum() == counts.min()
    assert profiles(types) == []
    assert separation(types) == []
    first = type_shares(types)[0]
    error = np.sqrt(first.value * (1 - first.value) / 500)
    assert_allclose(first.high - first.low, 2 * 1.96 * error, rtol=0.02)
    assert types.label_rule.startswith("The types are those that the customers chose")


def test_a_card_that_everybody_chose_is_refused(rated):
    cards = without(rated, "indicator", "experienced")
    same = cards.answers.assign(card=pd.Categorical(["Buddies"] * 500))
    with pytest.raises(DataError, match="everybody chose the same type in 'card', or none"):
        read_indicators(replace(cards, answers=same))


def test_only_a_single_nominal_indicator_can_be_as_chosen():
    with pytest.raises(ValueError, match="one nominal indicator"):
        as_chosen(collapse(np.eye(3)))


def test_missing_choices_are_dropped_and_the_model_is_exact():
    cards = pd.DataFrame({"card": pd.Categorical(["a", "b", None, "b", "b"])})
    model = as_chosen(collapse(cards))
    assert_allclose(model.shares, [0.75, 0.25])
    assert model.patterns.n_dropped == 1
    assert_allclose(model.posterior.sum(axis=1), 1)


def test_signs_that_are_not_asked_for_still_tell_the_sides(rated):
    found, signs = (read_indicators(rated, instrument=name) for name in ("ratings", "signs"))
    assert not found.sided
    for valence in ("positive", "negative"):
        assert_allclose(found.side(valence), signs.side(valence))
    assert read_indicators(without(rated, "indicator")).side("positive") is None


def test_profiles_of_ratings_are_told_as_places_and_none_is_hidden_by_rounding(rated):
    found = read_indicators(rated, instrument="ratings")
    model = fit(found.patterns, 3, rng=np.random.default_rng(1))
    told = profiles(find_types(found, model))
    for key in {item.key for item in told}:
        parts = [item.n for item in told if item.key == key and item.group]
        assert sum(parts) == find(told, key).n
    assert "of the way up its scale in type" in headlines.types.profiles(told)
    figure = Figure()
    assert "is highest on “" in figures.types.profiles(told, figure)
    assert "place on the scale" in figure.get_supxlabel()
