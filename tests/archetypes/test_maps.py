"""The map of groups and types: its table of shares, its regions, and what it may show."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.archetypes import figures, headlines, maps
from crmresearch.archetypes.chosen import as_chosen
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.matching import align
from crmresearch.archetypes.mix_table import mix_table
from crmresearch.archetypes.mixes import mix
from crmresearch.archetypes.types import Types, find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.load import load
from crmresearch.data.simulate import TYPE_WORLDS, survey, type_truth
from crmresearch.data.survey import Survey
from crmresearch.report.exhibits import show

WORLD = TYPE_WORLDS["markets"]


def types_of(drawn: Survey, classes: int = 4) -> Types:
    indicators = read_indicators(drawn)
    rng = np.random.default_rng(1)
    return find_types(indicators, fit(indicators.patterns, classes, starts=6, rng=rng))


def draw(seed: int, customers: int = 1800) -> Survey:
    return survey(WORLD, seed=seed, customers=customers, aftermath=False, relation=False)


def exhibit(found: maps.TypeMap):
    return show(
        "map",
        found.estimates,
        title=partial(headlines.maps.places, found=found),
        draw=partial(figures.maps.places, found=found),
        note=found.note,
        min_cell=10,
    )


@pytest.fixture(scope="module")
def drawn() -> Survey:
    return draw(1)


@pytest.fixture(scope="module")
def types(drawn) -> Types:
    return types_of(drawn)


@pytest.fixture(scope="module")
def demo() -> Survey:
    return load("telecom")


def test_errors_of_the_shares_are_those_of_the_mix(drawn, types, demo):
    """Weights, raking, clusters, and what the classification table adds."""
    for answers, found in ((drawn, types), (demo, types_of(demo))):
        table = mix_table(found, answers, "brand")
        reach = stats.t.ppf(0.975, table.freedom)
        shown = {(item.group, item.name): item for item in mix(found, answers, "brand")}
        for g, name in enumerate(table.names):
            for k, label in enumerate(found.labels):
                item = shown[f"brand: {name}", label]
                error = np.sqrt(table.covariance[g, k, g, k])
                assert item.value == pytest.approx(table.shares[g, k])
                assert item.high == pytest.approx(min(item.value + reach * error, 1), abs=1e-9)


def test_many_units_put_together_by_lot_have_much_the_same_errors(drawn, types, monkeypatch):
    exact = mix_table(types, drawn, "brand").covariance
    monkeypatch.setattr("crmresearch.archetypes.mix_table.UNITS", 300)
    rough = mix_table(types, drawn, "brand").covariance
    own = np.sqrt(np.einsum("gkgk->gk", rough) / np.einsum("gkgk->gk", exact))
    assert np.abs(own - 1).max() < 0.25
    assert own.mean() == pytest.approx(1, abs=0.06)


def covered(number: int) -> tuple[float, float]:
    """How often a brand's region, and its intervals, hold its true place."""
    true = type_truth(WORLD)
    by_brand = np.array([true.by_brand[brand, "2025"] for brand in ("Aster", "Boreal", "Cirrus")])
    inside, within = [], []
    for seed in range(number):
        drawn = draw(700 + seed, 1200)
        types = types_of(drawn)
        found = maps.type_map(types, drawn, "brand", seed=seed)
        said = types.model.probs[:, types.model.patterns.starts + 1]
        own = align(((said[:, None] - true.profiles["2025"]) ** 2).sum(axis=-1))
        shares = by_brand[:, own]
        place = (shares - found.axes.masses @ shares) @ found.axes.onto[:, :2]
        away = found.axes.places[:, :2] - place
        spread = found.chance.covariance(found.axes.onto[:, :2])
        square = np.einsum("ga,gab,gb->g", away, np.linalg.inv(spread), away)
        inside.append((square <= found.reach.joint**2).mean())
        error = np.sqrt(np.einsum("gaa->ga", spread))
        within.append((np.abs(away) <= found.reach.single * error).mean())
        assert found.clear
    return float(np.mean(inside)), float(np.mean(within))


@pytest.mark.parametrize("number", [10, pytest.param(400, marks=pytest.mark.slow)])
def test_regions_hold_the_true_mixes_of_brands(number):
    """Of types that are estimated, with accounts and people in clusters."""
    room = 0.02 if number == 400 else 0.13
    for share in covered(number):
        assert 0.95 - room <= share <= 0.95 + max(room, 0.02 if number == 400 else 0.05)


def test_map_of_brands_that_differ(drawn, types):
    found = maps.type_map(types, drawn, "brand", min_cell=10)
    shown = exhibit(found)
    assert shown.record["title"].startswith(
        "Mixes of types differ by brand beyond chance (p < .001"
    )
    assert "“Boreal” lies furthest" in shown.record["title"]
    keys = {item.key for item in found.estimates}
    assert keys == {
        *("map.brand.inertia", "map.brand.chance", "map.brand.axis.1", "map.brand.axis.2"),
        *("map.brand.place.1", "map.brand.place.2", "map.brand.arrow.1", "map.brand.arrow.2"),
    }
    by_key = {item.key: item for item in found.estimates if not item.group}
    assert by_key["map.brand.inertia"].value > 10 * by_key["map.brand.chance"].value
    assert "principal coordinates" in shown.markdown
    assert "image/webp" in shown.html


def test_demo_has_brands_that_chance_alone_tells_apart(demo):
    found = maps.type_map(types_of(demo), demo, "brand", min_cell=10)
    assert not found.clear
    assert "not told apart beyond chance" in exhibit(found).record["title"]
    places = [item for item in found.estimates if ".place." in item.key]
    assert all(item.low < 0 < item.high for item in places)


def test_one_axis_is_a_strip(demo):
    found = maps.type_map(types_of(demo), demo, "wave", min_cell=10)
    assert found.dimensions == 1
    assert found.outlines == ()
    assert "All that differs lies on one axis" in exhibit(found).markdown
    two = types_of(demo, 2)
    assert maps.type_map(two, demo, "brand").dimensions == 1


def test_two_hundred_brands_are_drawn_and_few_are_named(drawn, types):
    answers = drawn.answers.copy()
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 66, len(answers))
    names = answers["brand"].astype(str) + " " + pd.Series(codes, index=answers.index).astype(str)
    answers["brand"] = pd.Categorical(names)
    many = Survey(answers=answers, codebook=drawn.codebook, about=drawn.about)
    found = maps.type_map(types, many, "brand", min_cell=1)
    assert len(found.table.names) == 198
    assert found.clear
    shown = exhibit(found)
    assert "nearer the centre have no name or region" in shown.markdown


def test_small_groups_take_no_part_and_cannot_be_told(drawn, types):
    answers = drawn.answers.copy()
    names = answers["brand"].astype(str).to_numpy(dtype=object)
    names[:7] = "Tiny"
    answers["brand"] = pd.Categorical(names)
    few = Survey(answers=answers, codebook=drawn.codebook, about=drawn.about)
    found = maps.type_map(types, few, "brand", min_cell=10)
    assert "Tiny" not in found.table.names
    assert len(found.table.names) == 2  # the smallest of the others goes with it
    assert found.table.left_out == 2
    assert "2 groups are too small" in found.note
    assert "Tiny" not in exhibit(found).html


def test_types_that_were_chosen_have_a_map_without_errors_of_classification(demo):
    columns = ["chosen", "brand", "account", "weight"]
    book = {name: demo.codebook[name] for name in columns}
    cards = Survey(answers=demo.answers[columns], codebook=book, about=About(title="Cards"))
    indicators = read_indicators(cards)
    types = find_types(indicators, as_chosen(indicators.patterns))
    found = maps.type_map(types, cards, "brand", min_cell=10)
    counted = pd.crosstab(
        cards.answers["brand"], cards.answers["chosen"], cards.weights(), aggfunc="sum"
    )
    shares = counted.div(counted.sum(axis=1), axis=0)[list(indicators.patterns.categories[0])]
    order = types.model.probs.argmax(axis=1)
    np.testing.assert_allclose(found.table.shares, shares.to_numpy()[:, order], atol=1e-12)
    assert np.isfinite(found.chance.p)


def test_without_groups_or_types_there_is_no_map(drawn, types):
    for found in (
        maps.type_map(types, drawn, "industry"),
        maps.type_map(types_of(drawn, 1), drawn, "brand"),
        maps.type_map(types, drawn, "brand", min_cell=5000),
    ):
        assert found.estimates == []
        assert found.note == ""
        title = exhibit(found).record["title"]
        assert (
            title == f"Not in these data: several groups by {found.role} with several types to map"
        )
    assert maps.first_of(drawn, ("industry", "segment")) == "segment"
    assert maps.first_of(drawn, ("industry", "branch")) == "industry"


def test_a_type_that_only_a_hidden_group_chose_has_no_arrow():
    rng = np.random.default_rng(2)
    brand = np.repeat(["v", "w", "x", "y", "z"], [60, 60, 60, 4, 8])
    chosen = np.where(brand == "z", "c", np.where(rng.random(len(brand)) < 0.4, "a", "b"))
    rows = pd.DataFrame({"type": pd.Categorical(chosen), "brand": pd.Categorical(brand)})
    found = chosen_map(rows, min_cell=10)
    assert found.table.names == ("v", "w", "x")
    arrows = {item.group: item.value for item in found.estimates if ".arrow." in item.key}
    assert [value for group, value in arrows.items() if group.endswith("c")] == [0.0]
    assert exhibit(found).record["title"]


def chosen_map(rows: pd.DataFrame, min_cell: int = 1) -> maps.TypeMap:
    book = {
        "type": Variable(variable="type", label="t", type="category", roles=("relationship",)),
        "brand": Variable(variable="brand", label="b", type="category", roles=("brand",)),
    }
    answers = Survey(answers=rows, codebook=book, about=About(title="T"))
    indicators = read_indicators(answers)
    types = find_types(indicators, as_chosen(indicators.patterns))
    return maps.type_map(types, answers, "brand", min_cell=min_cell)


def test_groups_that_are_alike_to_the_last_answer_have_no_axis():
    rows = pd.DataFrame(
        {
            "type": pd.Categorical(["a", "b", "a", "b"] * 10),
            "brand": pd.Categorical(["x", "x", "y", "y"] * 10),
        }
    )
    assert chosen_map(rows).estimates == []
