"""Stability of the types: agreement of placings, and its meaning where types are there or not."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import checks
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.stability import adjusted_rand, jaccard, stability
from crmresearch.archetypes.types import find_types, separation
from crmresearch.report.estimates import find


def table(first, second):
    found = np.zeros((max(first) + 1, max(second) + 1))
    np.add.at(found, (np.array(first), np.array(second)), 1)
    return found


def test_adjusted_rand_as_known():
    # (0,0,1,1) and (0,0,1,2): 0.571429, the example of scikit-learn's documentation
    assert_allclose(adjusted_rand(table([0, 0, 1, 1], [0, 0, 1, 2])), 4 / 7)
    assert adjusted_rand(table([0, 0, 1, 1], [1, 1, 0, 0])) == 1.0
    assert adjusted_rand(table([0, 0, 0, 0], [0, 0, 0, 0])) == 1.0
    # by the definition: pairs together in both, and what fixed margins would give by chance
    counts = np.array([[12.0, 3, 1], [2, 20, 4], [0, 5, 13]])
    pairs = [(x * (x - 1) / 2).sum() for x in (counts, counts.sum(1), counts.sum(0))]
    chance = pairs[1] * pairs[2] / (60 * 59 / 2)
    assert_allclose(
        adjusted_rand(counts), (pairs[0] - chance) / ((pairs[1] + pairs[2]) / 2 - chance)
    )
    rng = np.random.default_rng(1)
    unrelated = [
        adjusted_rand(table(rng.integers(0, 3, 300), rng.integers(0, 4, 300))) for _ in range(200)
    ]
    assert abs(np.mean(unrelated)) < 0.005


def test_a_type_is_found_again_whatever_its_number():
    counts = np.array([[1.0, 18, 0], [0, 2, 30], [40, 0, 9]])
    assert_allclose(jaccard(counts), [18 / 21, 30 / 41, 40 / 50])
    assert_allclose(jaccard(np.array([[10.0, 0], [0, 5], [3, 0]])), [10 / 13, 1, 0])


@pytest.fixture(scope="module")
def types(indicators):
    return find_types(indicators, fit(indicators.patterns, 4, rng=np.random.default_rng(1)))


def test_clear_types_are_recovered(types):
    found = stability(types, resamples=40)
    agreement = find(found, "type.stability")
    assert agreement.low < agreement.value < agreement.high <= 1
    assert agreement.value > 0.75
    parts = [item for item in found if item.key == "type.recovered"]
    assert [item.group for item in parts] == [f"type: {label}" for label in types.labels]
    assert min(item.value for item in parts) > 0.75
    assert abs(sum(item.n for item in parts) - 1200) <= 2
    assert "adjusted Rand index, median of 40 resamples" in agreement.method
    assert stability(types, resamples=40) == found  # the same seed


def test_too_many_types_are_not_steady_and_that_is_told(indicators):
    model = fit(indicators.patterns, 6, starts=8, rng=np.random.default_rng(1))
    many = find_types(indicators, model)
    found = stability(many, resamples=20)
    assert find(found, "type.stability").value < 0.85
    lost = min((item for item in found if item.key == "type.recovered"), key=lambda x: x.value)
    assert lost.value < 0.5
    texts = {caveat.key: caveat.text for caveat in checks.type_caveats(many, found)}
    assert lost.group.removeprefix("type: ") in texts["types.dissolved"]
    low = replace(found[0], value=0.4)
    assert "types.stability" in [x.key for x in checks.type_caveats(many, [low])]


def test_no_alarm_for_clear_types_and_nothing_for_one(types, indicators, make_survey):
    assert checks.type_caveats(types, stability(types, resamples=20)) == []
    one = find_types(indicators, fit(indicators.patterns, 1, rng=np.random.default_rng(1)))
    assert separation(one) == stability(one) == []
    tiny = read_indicators(make_survey(15, 1))
    two = fit(tiny.patterns, 2, starts=4, rng=np.random.default_rng(1))
    assert stability(find_types(tiny, two)) == []
