"""Shares of types in groups: differences found, small groups hidden, negative relationships."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmresearch.archetypes import figures, headlines
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.mixes import mix, mixes, negative_shares, negative_types, tables
from crmresearch.archetypes.types import find_types, type_shares
from crmresearch.data.codebook import Variable
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show

from .conftest import customers

REGION = Variable(variable="region", label="Region", type="category", roles=("segment",))


def _types(survey, classes=4):
    signs = read_indicators(survey)
    return find_types(signs, fit(signs.patterns, classes, rng=np.random.default_rng(1)))


@pytest.fixture(scope="module")
def divided(make_survey):
    """Customers of whom the East has more negative types; four people live in the North."""
    _, kind, _ = customers(2400, 8)
    rng = np.random.default_rng(9)
    east = rng.random(2400) < np.where(kind == 3, 0.75, 0.45)
    region = pd.Series(np.where(east, "East", np.where(rng.random(2400) < 0.5, "West", "South")))
    region[:4] = "North"
    survey = make_survey(2400, 8, region=(pd.Categorical(region), REGION))
    return survey, _types(survey)


def test_the_mix_differs_where_it_does(divided):
    survey, types = divided
    found = mixes(types, tables(types, survey), min_cell=10)
    negative = types.labels.index(next(x for x in types.labels if x.endswith("negative"))) + 1
    gap = find(found, f"mix.segment.{negative}.gap")
    assert gap.p < 0.001
    assert 0 < gap.low < gap.value < gap.high
    assert gap.n == 2400 - 4 - _second_smallest(survey)  # a second group hides the North
    assert find(found, f"mix.brand.{negative}.gap").p > 0.01
    title = headlines.mix.mix(found)
    assert title.startswith(f"Type {types.labels[negative - 1]} differs by segment: from ")
    assert figures.mix.mix(found, Figure()).startswith("One panel a type.")


def _second_smallest(survey):
    return int(survey.answers["region"].value_counts().iloc[-2])


def test_adjusted_p_are_no_smaller_and_allow_for_all_tests(divided):
    survey, types = divided
    found = tables(types, survey)
    every = [item for item in mixes(types, found) if item.key.endswith(".gap")]
    alone = [item for item in mixes(types, found[:1]) if item.key.endswith(".gap")]
    assert len(every) == 8
    assert "Benjamini-Hochberg over 8 tests" in every[0].method
    assert {item.key for item in alone} < {item.key for item in every}


def test_negative_relationships_are_those_of_negative_types(divided):
    survey, types = divided
    counted = negative_types(types)
    assert [label.endswith("negative") for label in types.labels] == list(counted)
    found = negative_shares(types, tables(types, survey), min_cell=10)
    overall = find(found, "negative")
    assert abs(overall.value - types.model.shares[counted].sum()) < 0.03
    east, south = (find(found, "negative", f"segment: {name}") for name in ("East", "South"))
    assert east.low > south.high
    assert find(found, "negative.segment.gap").p < 0.001
    # one type is negative, so that its tests are those of the mix and belong to their family
    once, again = find(found, "negative.brand.gap"), mixes(types, tables(types, survey))
    assert once.method.endswith("over 10 tests")
    same = find(again, f"mix.brand.{int(np.flatnonzero(counted)[0]) + 1}.gap")
    assert once.value == pytest.approx(same.value)
    assert (once.p < 0.05) == (same.p < 0.05)
    assert ", by segment from " in headlines.mix.negative(found)
    shown = show("n", found, title=headlines.mix.negative, draw=figures.mix.negative, min_cell=10)
    assert "North" not in shown.record["title"] + shown.record["caption"]
    hidden = [x["group"] for x in shown.record["estimates"] if x["group"] and x["value"] is None]
    assert "segment: North" in hidden
    assert len(hidden) > 1  # or it could be had by subtraction


def test_nothing_to_show_is_said(make_survey):
    survey = make_survey(400, 3)
    one = _types(survey, 1)
    assert tables(one, survey) == [] == mix(one, survey, "brand") == negative_shares(one, [])
    for title in (headlines.mix.mix([]), headlines.mix.negative([])):
        assert title.startswith("Not in these data: ")


def test_without_a_negative_type_there_is_no_negative_share(make_survey):
    survey = make_survey(800, 3)
    for sign in ("bad_0", "bad_1", "bad_2"):
        survey.answers[sign] = (np.arange(800) % 9 == 0).astype(float)
    types = _types(survey, 2)
    assert not negative_types(types).any()
    assert negative_shares(types, tables(types, survey)) == []


def _chances(make_survey, reps, n):
    """Adjusted p values where the groups have the same mix."""
    found = []
    for rep in range(reps):
        region = pd.Categorical(np.random.default_rng([10, rep]).choice(list("ABC"), n))
        survey = make_survey(n, 500 + rep, region=(region, REGION))
        types = _types(survey)
        every = mixes(types, tables(types, survey))
        found += [item.p for item in every if item.key.endswith(".gap")]
    return np.array(found)


@pytest.mark.slow
def test_equal_mixes_are_rejected_no_more_often_than_the_level_says(make_survey):
    p = _chances(make_survey, 200, 1200)
    assert len(p) == 200 * 2 * 4
    assert np.mean(p < 0.05) < 0.05


def test_the_mix_s_words_and_figure_tell_of_the_same_difference(divided):
    survey, types = divided
    found = mixes(types, tables(types, survey), min_cell=10)
    figure = Figure()
    most = max((x for x in found if x.key.endswith(".gap")), key=lambda item: item.value)
    label = most.name.partition(":")[0]
    caption = figures.mix.mix(found, figure)
    assert f"Furthest apart are the shares of {label}. Lowest is" in caption
    names = {x.group.partition(": ")[2] for x in found if x.key == most.key.removesuffix(".gap")}
    lowest = caption.partition("Lowest is ")[2].partition(" at ")[0]
    assert lowest in names


def test_rows_of_the_same_respondents_say_n_once(divided):
    figure = Figure()
    figures.types.shares(type_shares(divided[1]), figure)
    [ax] = figure.axes
    assert "n\u00a0=\u00a02,400" in ax.get_xlabel()
    assert not any("n\u00a0=" in tick.get_text() for tick in ax.get_yticklabels())
