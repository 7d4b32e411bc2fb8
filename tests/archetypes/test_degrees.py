"""Kinds or degrees: levels of one dimension are flagged, unlike types are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import degrees, enumeration, figures, headlines, held_out
from crmresearch.archetypes.indicators import Indicators, read_indicators
from crmresearch.archetypes.patterns import collapse
from crmresearch.data.simulate import WORLDS, survey
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import find


def signs_of(answers, kinds=None):
    """Indicators of an array of answers, without what a survey tells of them."""
    patterns = collapse(answers, kinds=kinds)
    empty = np.empty(0)
    return Indicators(
        variables=(), patterns=patterns, ends=empty, position=empty,
        design=design(len(answers)), caveats=(),
    )  # fmt: skip


def decided(signs, seed, **settings):
    found = enumeration.enumerate_classes(signs, starts=6, seed=seed, **settings)
    held = held_out.hold_out(found, signs, seed=seed)
    return found, degrees.degrees(degrees.compare(found, held))


def of_world(name, seed):
    return read_indicators(
        survey(WORLDS[name], seed=seed, customers=1200, aftermath=False, relation=False)
    )


def test_types_of_different_kinds_are_kinds(indicators):
    found, estimates = decided(indicators, 1, max_classes=5)
    assert degrees.verdict(estimates) == "kinds"
    assert degrees.degrees_caveats(found, estimates) == []
    at = {item.key: item for item in estimates}
    whole = held_out.gain_over_one(found, held_out.hold_out(found, indicators, seed=1))[0].value
    assert_allclose(at["kinds.dimension"].value + at["kinds.gain"].value, whole)
    assert_allclose(at["kinds.told"].value, at["kinds.dimension"].value / whole)
    assert at["kinds.told"].low < at["kinds.told"].value < at["kinds.told"].high < 1
    title = headlines.number.kinds(estimates)
    assert title.startswith("The types are kinds, not degrees: one dimension gives ")
    figure = Figure()
    caption = figures.number.kinds(estimates, figure)
    assert caption.startswith("One dimension over a single type: +0.")
    [dots] = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert_allclose(
        dots.get_xdata(),
        [at["kinds.dimension"].value, at["kinds.gain"].value],
    )


def test_parallel_levels_are_flagged_and_separated_types_are_not():
    found, estimates = decided(of_world("levels", 1), 1, max_classes=4)
    assert degrees.verdict(estimates) == "degrees"
    caveat = degrees.degrees_caveats(found, estimates)[0]
    assert "may be no more than degrees of one dimension" in caveat.text
    assert headlines.number.kinds(estimates).startswith("The types may be degrees of one ")
    unlike = decided(of_world("separated types", 1), 1, max_classes=4)[1]
    assert degrees.verdict(unlike) == "kinds"


def test_levels_of_scales_and_quantities_are_flagged_too():
    rng = np.random.default_rng(4)
    level = rng.choice([-1.5, 0.0, 1.5], 300)
    frame = pd.DataFrame(
        {f"s{j}": np.clip(np.round(4 + level + rng.normal(0, 1, 300)), 1, 7) for j in range(3)}
        | {f"q{j}": 5 * level + rng.normal(0, 5, 300) for j in range(2)}
    )
    kinds = {name: "ordinal" if name[0] == "s" else "continuous" for name in frame}
    found, estimates = decided(signs_of(frame, kinds), 1, max_classes=3)
    assert found.chosen.classes > 1
    assert degrees.verdict(estimates) != "kinds"
    swapped = frame.assign(s0=8 - np.abs(level) * 3 + rng.normal(0, 1, 300).round())
    swapped["s0"] = swapped["s0"].clip(1, 7).round()
    assert degrees.verdict(decided(signs_of(swapped, kinds), 1, max_classes=3)[1]) == "kinds"


def test_two_types_are_held_against_a_continuum():
    rng = np.random.default_rng(8)
    half = rng.random(1500) < 0.5
    two = (rng.random((1500, 8)) < np.where(half, 0.92, 0.08)[:, None]).astype(float)
    spread = 1 / (1 + np.exp(-1.2 * rng.normal(size=(1500, 1)) * np.ones(8)))
    line = (rng.random((1500, 8)) < spread).astype(float)
    assert degrees.verdict(decided(signs_of(two), 1, classes=2, max_classes=3)[1]) == "kinds"
    assert degrees.verdict(decided(signs_of(line), 1, classes=2, max_classes=3)[1]) == "degrees"


def test_verdicts_follow_the_rule(indicators):
    found, estimates = decided(indicators, 1, max_classes=3)

    def changed(low, gap):
        values = {"kinds.gain": {"low": low}, "kinds.bic": {"value": gap}}
        return [replace(item, **values.get(item.key, {})) for item in estimates]

    assert degrees.verdict(changed(0.01, 5.0)) == "kinds"
    assert degrees.verdict(changed(-0.01, 5.0)) == "open"
    assert degrees.verdict(changed(0.01, -5.0)) == "open"
    assert degrees.verdict(changed(-0.01, -5.0)) == "degrees"
    unclear = changed(-0.01, 5.0)
    assert headlines.number.kinds(unclear).startswith(
        "Kinds or degrees is open: the types' BIC is "
    )
    assert "are not clearly more" in degrees.degrees_caveats(found, unclear)[0].text


def test_one_type_leaves_nothing_to_compare(indicators):
    found, estimates = decided(indicators, 1, classes=1, max_classes=2)
    assert estimates == []
    assert degrees.verdict([]) == ""
    assert degrees.degrees_caveats(found, []) == []
    assert headlines.number.kinds([]).startswith("Not in these data: ")
    several = replace(found, chosen=found.models[1])
    assert "was not examined" in degrees.degrees_caveats(several, [])[0].text


@pytest.mark.slow
def test_rates_of_the_worlds():
    """Levels are flagged, and separated types are not, in 95% of 100 draws or more."""
    flagged = [
        degrees.verdict(decided(of_world("levels", s), s, max_classes=4)[1]) for s in range(100)
    ]
    assert np.mean([verdict != "kinds" for verdict in flagged]) >= 0.95
    kinds, four = [], []
    for seed in range(100):
        found, estimates = decided(of_world("separated types", seed), seed, max_classes=5)
        kinds.append(degrees.verdict(estimates) == "kinds")
        four.append(found.chosen.classes == 4)
    assert np.mean(kinds) >= 0.95
    assert np.mean(four) >= 0.95
    assert find(estimates, "kinds.gain").low > 0
