"""Expected and experienced: read from ratings and cards."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.expectations import choices, dimensions

from .wishes import TYPES, cards, rated, variable


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
