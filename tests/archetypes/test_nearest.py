"""Places of the types and their neighbours in the catalogue: by hand, and how often right."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines
from crmresearch.archetypes.catalogue import DIMENSIONS, read_catalogue
from crmresearch.archetypes.chosen import as_chosen
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.located import Located, locate
from crmresearch.archetypes.nearest import MARGIN, NEAR, SURE, name_types, neighbour, places
from crmresearch.archetypes.ratings import ratings
from crmresearch.archetypes.types import Types, find_types
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show

from .conftest import CHANCES
from .rated import MEASURED, OWN, rated_survey, true_places, without

KINDS = read_catalogue()


def types_of(survey, instrument="auto", classes=4, seed=1) -> Types:
    found = read_indicators(survey, instrument=instrument)
    rng = np.random.default_rng(seed)
    return find_types(found, fit(found.patterns, classes, starts=4, rng=rng))


def order_of(types: Types, truth: np.ndarray) -> np.ndarray:
    """The true type that each type found is, by what it says."""
    apart = ((types.position[:, None, : truth.shape[1]] - truth) ** 2).sum(axis=2)
    return apart.argmin(axis=1)


def located(place, covariance=None, names=MEASURED) -> Located:
    place = np.atleast_2d(np.asarray(place, float))
    if covariance is None:
        covariance = np.zeros((len(names), len(names)))
    return Located(
        dimensions=names, place=place, covariance=covariance[None], freedom=100, how="by hand"
    )


def at(label: str) -> np.ndarray:
    """The place of a type on the dimensions measured; NaN where the catalogue does not say."""
    row = KINDS.rows_of([label])[0]
    return KINDS.place[row, [DIMENSIONS.index(name) for name in MEASURED]]


@pytest.fixture(scope="module")
def rated():
    return rated_survey(900, 8)[0]


@pytest.fixture(scope="module")
def types(rated):
    return types_of(rated)


@pytest.fixture(scope="module")
def named(types, rated):
    return name_types(types, rated, KINDS)


def test_a_type_in_the_place_of_another_is_that_one_for_sure():
    found = neighbour(located(at("Business partners")), 0, KINDS, np.random.default_rng(1))
    assert KINDS.labels[found.first] == "Business partners"
    assert found.distance == 0
    assert found.sure == 1
    assert found.named


def test_distance_and_its_error_by_hand():
    place = at("Business partners") + np.array([0.3, 0, 0, 0, 0, 0])
    variance = np.zeros((6, 6))
    variance[0, 0] = 0.02**2
    found = neighbour(located(place, variance), 0, KINDS, np.random.default_rng(1))
    # sqrt(d^2 / 6) has the slope 1 / sqrt(6) in d
    assert_allclose(found.distance, 0.3 / np.sqrt(6))
    assert_allclose(found.distance_error, 0.02 / np.sqrt(6))
    second = KINDS.distances(located(place).on_all(place)[None])[0]
    assert_allclose(found.margin, np.sort(second)[1] - found.distance)


def test_nothing_near_gives_no_name():
    found = neighbour(located([-1, 1, 1, 1, -1, 1]), 0, KINDS, np.random.default_rng(1))
    assert found.distance > NEAR
    assert not found.named


def test_between_two_there_is_no_name_and_neither_is_sure():
    place = (at("Marriage of convenience") + at("Basic exchange")) / 2
    place[2] = 0.0
    found = neighbour(located(place, np.eye(6) * 0.05**2), 0, KINDS, np.random.default_rng(1))
    assert found.near
    assert found.margin < MARGIN
    assert found.sure < SURE
    assert not found.named


def test_two_dimensions_are_too_few_for_a_name():
    names = ("valence", "intensity")
    found = neighbour(located([0.2, 0.1], np.eye(2), names), 0, KINDS, np.random.default_rng(1))
    assert (found.first, found.named) == (-1, False)
    assert np.isnan(found.distance)


def test_the_types_get_the_labels_of_their_places(types, named):
    order = order_of(types, CHANCES)
    assert sorted(order) == [0, 1, 2, 3]
    labels = [KINDS.labels[one.first] for one in named.neighbours]
    assert labels == [OWN[k] for k in order]
    assert all(one.named for one in named.neighbours)
    found = places(named)
    for k, label in enumerate(types.labels):
        for d, name in enumerate(MEASURED):
            one = find(found, f"place.{name}", f"type: {label}")
            assert_allclose(one.value, true_places(KINDS)[order[k], d], atol=0.2)
            assert one.low < one.value < one.high


def test_ratings_inside_the_model_place_by_its_means(rated):
    types = types_of(rated, "ratings")
    found = locate(types, rated)
    assert found.how.startswith("latent class means of ratings")
    score = ratings(rated)["power"]
    column = types.indicators.patterns.starts[2] + 1
    direct = 2 * (types.model.probs[:, column] - score.low) / (score.high - score.low) - 1
    assert_allclose(found.place[:, 2], direct)
    error = 2 * types.errors.prob_errors[:, column] / (score.high - score.low)
    assert_allclose(np.sqrt(found.covariance[:, 2, 2]), error)


def test_signs_alone_tell_valence_and_intensity_and_give_no_name(rated):
    survey = without(rated, "experienced")
    types = types_of(survey)
    named = name_types(types, survey, KINDS)
    assert named.located.dimensions == ("valence", "intensity")
    assert_allclose(named.located.place[:, 0], types.balance)
    both = types.mean_of("positive") + types.mean_of("negative") - 1
    assert_allclose(named.located.place[:, 1], both)
    found = places(named)
    assert not [item for item in found if item.key.startswith("nearest")]
    words = "Too few dimensions are measured to hold the types against the catalogue"
    assert headlines.nearest.nearest(found) == words  # not absent: the places are shown
    assert named.note.startswith("Fewer than 3 of the catalogue's dimensions are measured")
    caption = figures.nearest.places(found, Figure(), named=named)
    assert caption == "Dots are the types with their intervals."
    # the intensity's error from those of each side, which the model gives too
    variance = named.located.covariance
    assert (variance[:, 0, 0] > 0).all()
    assert_allclose(variance, np.swapaxes(variance, 1, 2))


def test_unsided_signs_and_chosen_types_have_no_place(rated):
    survey = without(rated, "experienced")
    book = {k: replace(v, construct="") for k, v in survey.codebook.items()}
    bare = replace(survey, codebook=book)
    named = name_types(types_of(bare), bare, KINDS)
    assert named.located is None
    assert named.note == ""
    assert places(named) == []
    cards = without(rated, "indicator", "experienced")
    found = read_indicators(cards)
    chosen = find_types(found, as_chosen(found.patterns))
    assert places(name_types(chosen, cards, KINDS)) == []
    words = headlines.nearest.nearest([])
    assert (
        words
        == "Not in these data: ratings of the relationship, which places in the catalogue need"
    )


def test_small_types_are_neither_placed_nor_told_in_the_note(types, rated):
    sizes = np.bincount(types.of_row)
    named = name_types(types, rated, KINDS, min_cell=int(sizes.min()) + 1)
    small = int(sizes.argmin())
    assert small not in named.shown
    assert len(named.shown) < len(types.labels) - 1  # one alone would be what is left of all
    groups = {item.group for item in places(named)}
    assert f"type: {types.labels[small]}" not in groups
    label = KINDS.labels[named.neighbours[small].first]
    assert f"{label}:" not in named.note


def test_one_type_is_placed_as_everybody_is(rated):
    types = types_of(rated, classes=1)
    found = locate(types, rated)
    means = [2 * np.mean(score.position) - 1 for score in ratings(rated).values()]
    assert_allclose(found.place[0], means)


def test_the_exhibit_names_and_draws(named, types):
    found = places(named)
    words = headlines.nearest.nearest(found)
    for k, label in enumerate(types.labels):
        assert f"type {label} nearest to “{KINDS.labels[named.neighbours[k].first]}”" in words
    figure = Figure()
    assert "long tick" in figures.nearest.places(found, figure, named=named)
    assert len(figure.axes) == 4
    shown = show("nearest", found, title=headlines.nearest.nearest, note=named.note)
    assert "readings of their definitions, not measurements" in shown.markdown


def test_words_for_types_between_and_far(named):
    found = places(named)
    far = [replace(x, value=0.9) if x.key == "nearest.distance" else x for x in found]
    assert headlines.nearest.nearest(far).startswith(
        "On the dimensions measured: nothing near type"
    )
    doubt = [replace(x, value=0.5) if x.key == "nearest.sure" else x for x in found]
    assert "between “" in headlines.nearest.nearest(doubt)


def coverage(replicates: int, n: int) -> tuple[float, float]:
    """How often intervals of the places hold the truth, and the nearest label is the true one."""
    truth, held, right = true_places(KINDS), [], []
    for seed in range(replicates):
        survey, _ = rated_survey(n, 1000 + seed)
        types = types_of(survey, seed=seed)
        order = order_of(types, CHANCES)
        named = name_types(types, survey, KINDS)
        for item in places(named):
            label = item.group.partition(": ")[2]
            k = types.labels.index(label)
            if item.key.startswith("place."):
                true = truth[order[k], MEASURED.index(item.key.partition(".")[2])]
                held.append(item.low <= true <= item.high)
        right += [
            KINDS.labels[one.first] == OWN[order[k]] for k, one in enumerate(named.neighbours)
        ]
    return float(np.mean(held)), float(np.mean(right))


def test_places_and_labels_are_right_as_often_as_they_say():
    held, right = coverage(6, 600)
    assert held >= 0.88
    assert right >= 0.90


@pytest.mark.slow
def test_places_and_labels_are_right_in_many_samples():
    held, right = coverage(400, 1500)
    assert 0.93 <= held <= 0.97
    assert right >= 0.95


def test_a_covariance_that_is_not_known_leaves_the_certainty_open(types, rated):
    found = locate(types, rated)
    lost = replace(found, covariance=np.full_like(found.covariance, np.nan))
    one = neighbour(lost, 0, KINDS, np.random.default_rng(1))
    assert np.isnan(one.sure)
    assert not one.named
