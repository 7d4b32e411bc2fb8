"""Expected and experienced: read from ratings and cards."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.expectations import choices, dimensions
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.types import find_types

from .wishes import TYPES, cards, changed, rated, variable


def without(survey, *columns):
    book = {name: item for name, item in survey.codebook.items() if name not in columns}
    return replace(survey, answers=survey.answers[list(book)], codebook=book)


def test_dimensions_are_the_means_of_their_items():
    survey = rated()
    found = dimensions(survey)
    assert [one.name for one in found] == ["valence", "closeness", "power"]
    one = found[1]
    columns = ["expected_closeness_0", "expected_closeness_1"]
    assert_allclose(one.expected, survey.answers[columns].mean(axis=1))
    assert one.questions[0] == columns
    assert (one.low, one.high, one.centre) == (1, 7, 4)
    assert_allclose(one.gap, one.experienced - one.expected)


def test_a_dimension_rated_one_way_only_is_left_out():
    survey = without(rated(), "expected_power_0", "expected_power_1")
    assert [one.name for one in dimensions(survey)] == ["valence", "closeness"]


def test_other_ranges_are_put_on_that_of_what_was_expected():
    survey = rated(items=1)
    name = "experienced_valence_0"
    book = dict(survey.codebook)
    book[name] = variable(name, "scale", "experienced", construct="valence", low=0.0, high=12.0)
    answers = survey.answers.assign(**{name: 2 * (survey.answers[name] - 1)})
    wide = replace(survey, answers=answers, codebook=book)
    assert_allclose(dimensions(wide)[0].experienced, dimensions(survey)[0].experienced)


def test_choices_come_from_the_cards():
    survey = cards(300)
    found = choices(survey, read_catalogue(""))
    assert found.labels == TYPES
    assert_allclose(found.wanted, survey.answers["wanted"].cat.codes)
    assert_allclose(found.met, survey.answers["wanted"] == survey.answers["had"])


def test_a_missing_card_is_neither_met_nor_not():
    survey = cards(50)
    survey.answers.loc[3, "had"] = np.nan
    found = choices(survey, read_catalogue(""))
    assert found.had[3] == -1
    assert np.isnan(found.met[3])
    assert np.isfinite(np.delete(found.met, 3)).all()


def test_types_nobody_has_or_wants_are_left_out():
    survey = cards(50)
    for side in ("wanted", "had"):
        survey.answers[side] = survey.answers[side].cat.add_categories(["Fling"])
    assert "Fling" not in choices(survey, read_catalogue("")).labels


def test_without_cards_the_nearest_types_are_taken_and_it_is_said():
    catalogue = read_catalogue("")
    survey = rated(400)
    found = choices(survey, catalogue)
    assert "nearest to the ratings" in found.how
    dimension = {one.name: one for one in dimensions(survey)}
    places = np.full((1, 7), np.nan)
    for name, one in dimension.items():
        at = ("valence", "closeness", "power").index(name)
        places[0, at] = (one.expected[7] - 4) / 3
    nearest = catalogue.labels[int(np.argmin(catalogue.distances(places)[0]))]
    assert found.labels[found.wanted[7]] == nearest


def test_too_few_dimensions_place_nobody():
    assert choices(rated(100, names=("valence", "closeness")), read_catalogue("")) is None


def test_nothing_asked_is_nothing_found():
    survey = without(cards(40), "wanted")
    assert choices(survey, read_catalogue("")) is None
    assert dimensions(survey) == []


def test_types_found_in_ratings_are_those_wanted_too():
    rng = np.random.default_rng(5)
    n = 400
    kind = rng.integers(2, size=n)
    wish = np.where(rng.random(n) < 0.7, kind, 1 - kind)
    survey = rated(n, items=1)
    places = np.array([[2.0, 2.0, 3.0], [5.5, 6.0, 5.0]])
    scores = {}
    for side, of in (("experienced", kind), ("expected", wish)):
        for j, name in enumerate(("valence", "closeness", "power")):
            scores[f"{side}_{name}_0"] = (places[of, j] + rng.normal(0, 0.6, n)).clip(1, 7)
    scores["expected_valence_0"][:5] = scores["expected_power_0"][:5] = np.nan
    scores["expected_closeness_0"][:5] = np.nan
    survey = changed(survey, **scores)
    signs = read_indicators(survey, instrument="ratings")
    types = find_types(signs, fit(signs.patterns, 2, rng=rng))
    found = choices(survey, read_catalogue(""), types)
    assert found.labels == types.labels
    assert "by the model" in found.how
    first = types.labels[found.had[kind == 1][0]]
    same = np.array([found.labels[at] for at in found.wanted]) == first
    assert (same[5:] == (wish == 1)[5:]).mean() > 0.97
    assert (found.wanted[:5] == -1).all()
    cards_first = choices(cards(100), read_catalogue(""), types)
    assert cards_first.how == "Both types were chosen from cards."
