"""Surfaces by dimension: features, verdicts and where there are people."""

from functools import partial

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.path import Path
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines, surface
from crmresearch.report.estimates import find

from .wishes import changed, rated, variable


@pytest.fixture(scope="module")
def shapes():
    return surface.surfaces(rated(2500, shift=0.0))


def test_every_dimension_has_its_features(shapes):
    found = surface.features(shapes)
    assert [shape.key for shape in shapes] == [
        "loyalty.valence",
        "loyalty.closeness",
        "loyalty.power",
    ]
    assert len(found) == len({item.key for item in found}) == 30
    a4 = find(found, "surface.loyalty.closeness.a4")
    assert a4.name == "Closeness: Curvature along disagreement (a4)"
    assert a4.high < 0
    assert headlines.expected.surfaces(found).startswith("Loyalty curves downwards")
    assert ", each by itself, most on " in headlines.expected.surfaces(found)


def test_congruence_is_found_where_it_was_put(shapes):
    found = surface.verdicts(shapes, near=0.5)
    slopes = [item for item in found if item.key.startswith("congruence.")]
    assert [surface.verdict(item) for item in slopes] == ["supported"] * 3
    assert find(found, "surface.loyalty.power.axis").p > 0.01
    assert find(found, "surface.loyalty.power.difference").p < 0.001
    assert "supported on all 3 dimensions" in headlines.expected.verdicts(found)


def test_what_only_experience_decides_is_not_congruence():
    survey = rated(1500, shift=0.0)
    columns = [name for name in survey.answers if name.startswith("experienced_closeness")]
    noise = np.random.default_rng(2).normal(0, 0.5, 1500)
    survey.answers["loyalty"] = survey.answers[columns].mean(axis=1) + noise
    found = surface.verdicts(surface.surfaces(survey), near=0.5)
    assert surface.verdict(find(found, "congruence.loyalty.closeness")) == "contradicted"
    assert "contradicted on" in headlines.expected.verdicts(found)


def test_the_hull_has_enough_people_at_every_corner(shapes):
    one, min_cell = shapes[0].dimension, 10
    both = np.column_stack([one.expected, one.experienced])
    squares = np.rint(both - 1)
    for corner in shapes[0].hull:
        beside = [
            tuple(np.rint(corner - 1 + np.array(step)))
            for step in ((-0.49, -0.49), (-0.49, 0.49), (0.49, -0.49), (0.49, 0.49))
        ]
        people = max(int((squares == np.array(place)).all(axis=1).sum()) for place in beside)
        assert people >= min_cell
    inside = Path(shapes[0].hull).contains_points(both, radius=1e-9)
    outside = ~(inside | Path(shapes[0].hull).contains_points(both, radius=-1e-9))
    assert outside.any()  # those alone in their square draw no corner


def test_people_alone_do_not_move_the_hull():
    survey = rated(400, names=("valence",), items=1)
    before = surface.surfaces(survey)[0].hull
    survey.answers.loc[:3, "expected_valence_0"] = 1.0
    survey.answers.loc[:3, "experienced_valence_0"] = 7.0
    after = surface.surfaces(survey)[0].hull
    assert [1.0, 7.0] not in after.tolist()
    assert_allclose(before.max(axis=0), after.max(axis=0))


def test_it_is_drawn_inside_the_hull_and_told_in_words(shapes):
    found = surface.features(shapes)
    figure = Figure()
    caption = figures.expected.surfaces(found, figure, shapes=shapes)
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title(loc="left") or ax.get_title() for ax in shown] == [
        f"{name}  (n\u00a0=\u00a02,500)" for name in ("Valence", "Closeness", "Power")
    ]
    assert "loyalty" in caption
    figure = Figure()
    figures.expected.verdicts(surface.verdicts(shapes), figure)
    [ax] = figure.axes
    assert len(ax.get_yticklabels()) == 3


def test_awkward_answers():
    survey = rated(40, items=1)
    nobody = surface.surfaces(survey, role="satisfaction")
    assert nobody == surface.features(nobody) == surface.verdicts(nobody) == []
    assert headlines.expected.surfaces([]).startswith("Not in these data: ")
    assert headlines.expected.verdicts([]).startswith("Not in these data: ")
    assert surface.surfaces(survey, min_cell=41) == []
    survey = changed(survey, loyalty=5.0)
    found = surface.features(surface.surfaces(survey))
    assert all(np.isnan(item.value) for item in found)
    assert "too alike" in headlines.expected.surfaces(found)
    drawn = partial(figures.expected.surfaces, shapes=surface.surfaces(survey))
    figure = Figure()
    assert drawn(found, figure) == "No surface could be told."
    assert figures.expected.verdicts(surface.verdicts(surface.surfaces(survey)), figure)
    assert figure.axes == []
    assert surface.surfaces(changed(survey, loyalty=np.nan)) == []


def test_who_expects_just_what_is_has_no_surface():
    survey = rated(60, items=1, names=("valence",))
    survey.answers["experienced_valence_0"] = survey.answers["expected_valence_0"]
    [shape] = surface.surfaces(survey)
    assert not shape.surface.known
    assert np.isnan(surface.verdicts([shape])[0].value)
    assert surface.verdict(surface.verdicts([shape])[0]) == "open"


def test_a_scale_of_two_answers_has_no_curvature():
    survey = rated(80, items=1, names=("valence",))
    for role in ("expected", "experienced"):
        name = f"{role}_valence_0"
        survey.answers[name] = (survey.answers[name] > 4).astype(float)
        survey.codebook[name] = variable(name, "binary", role, construct="valence")
    [shape] = surface.surfaces(survey)
    assert not shape.surface.known
    assert len(shape.hull) >= 3
