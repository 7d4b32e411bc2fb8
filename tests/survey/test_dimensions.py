"""Dimensions beside the scales that the codebook declares."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.survey import Survey
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.survey import figures, headlines
from crmresearch.survey.dimensions import eigenvalues, parallel_analysis, several
from crmresearch.survey.scales import reliability


def separated(make, n=400):
    """Satisfaction and loyalty as two things, and a third of loyalty's items as one of its own."""
    rng = np.random.default_rng(5)
    frame = make(n).answers.copy()
    mood = rng.normal(size=(n, 2))
    for place, name in enumerate(("sat", "loy")):
        for item in (1, 2, 3):
            noise = rng.normal(size=n)
            frame[f"{name}{item}"] = np.clip(np.rint(4 + mood[:, place] + noise), 1, 7)
    return make(n, frame=frame)


@pytest.mark.parametrize("ordinal", [False, True])
def test_two_scales_of_two_dimensions(make, ordinal):
    found = parallel_analysis(separated(make), seed=1, ordinal=ordinal)
    assert find(found, "declared").value == 2
    together = find(found, "dimensions.together")
    assert (together.value, together.low, together.high) == (2, 2, 2)
    assert [find(found, f"dimensions.{key}").value for key in ("satisfaction", "loyalty")] == [1, 1]
    assert len(eigenvalues(found, "together")) == 6
    assert several(found) == []
    text = headlines.dimensions.dimensions(found)
    assert text.startswith("All items together have 2 dimensions beyond chance, where 2 scales are")
    assert text.endswith("each of the 2 scales has a single dimension")


def test_a_scale_of_two_dimensions_is_named(make):
    survey = separated(make)
    book = {
        name: dataclasses.replace(item, construct="feeling", roles=("item",))
        if item.construct
        else item
        for name, item in survey.codebook.items()
    }
    found = parallel_analysis(
        Survey(answers=survey.answers, codebook=book, about=survey.about), seed=1
    )
    assert [item.key for item in several(found)] == ["dimensions.feeling"]
    assert find(found, "declared") is None  # one scale is not held against itself
    assert headlines.dimensions.dimensions(found) == "Feeling has 2 dimensions"


def test_the_seed_decides(make):
    first, same, other = (parallel_analysis(make(80), seed=seed) for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_items_asked_of_some_are_not_taken_together(make):
    frame = make(90).answers.copy()
    frame.loc[:59, ["loy1", "loy2", "loy3"]] = np.nan
    found = parallel_analysis(make(frame=frame), seed=1)
    assert find(found, "dimensions.together") is None
    assert find(found, "dimensions.loyalty").n == 30


def test_the_figure_shows_chance_and_what_lies_above(make):
    found = parallel_analysis(separated(make), seed=1)
    with style.canvas() as figure:
        caption = figures.dimensions.dimensions(found, figure)
        figure.draw_without_rendering()
    scree, seconds = figure.axes
    [dots] = [line for line in scree.lines if line.get_marker() == "o"]
    assert list(dots.get_ydata()) == [item.value for item, _ in eigenvalues(found, "together")]
    assert [bar.get_width() for bar in seconds.patches] == [
        find(found, f"chance.{key}.2").value for key in ("satisfaction", "loyalty")
    ]
    assert "2 lie above the grey zone" in caption


@pytest.mark.parametrize("ordinal", [False, True])
@pytest.mark.parametrize(
    ("n", "keep"),
    [(0, ""), (1, ""), (3, ""), (12, ""), (60, "sat1 sat2"), (60, "sat1 sat2 sat3"), (40, "drv1")],
)
def test_the_exhibits_stand_on_any_data(make, n, keep, ordinal):
    survey = make(n, keep)
    found = parallel_analysis(survey, seed=1, ordinal=ordinal)
    exhibits = [
        ("dimensions", found, headlines.dimensions.dimensions, figures.dimensions.dimensions),
        (
            "reliability",
            reliability(survey, ordinal=ordinal),
            headlines.scales.reliability,
            figures.scales.reliability,
        ),
    ]
    for key, data, title, draw in exhibits:
        text = show(key, data, title=title(data), draw=draw).markdown
        assert "nan" not in text.lower()


def test_what_cannot_be_taken_as_categories_is_said(make):
    frame = make(60).answers.copy()
    frame["sat1"] = frame["sat2"]
    found = parallel_analysis(make(frame=frame), seed=1, ordinal=True)
    none = find(found, "dimensions.satisfaction")
    assert np.isnan(none.value)
    assert none.method == "none can be told: sat1 and sat2 are perfectly associated"
    estimates = reliability(make(frame=frame), ordinal=True)
    assert np.isnan(find(estimates, "ordinal_omega.satisfaction").value)
    assert find(estimates, "ordinal_omega.loyalty").value > 0.5


def test_gaps_do_not_stop_it(make):
    frame = make(200).answers.copy()
    items = ["sat1", "sat2", "sat3", "loy1", "loy2", "loy3"]
    gaps = np.random.default_rng(1).random((200, 6)) < 0.3
    frame[items] = pd.DataFrame(frame[items]).mask(gaps)
    found = parallel_analysis(make(frame=frame), seed=1)
    assert find(found, "dimensions.together").n > 190
    assert find(found, "dimensions.satisfaction").n < 100
