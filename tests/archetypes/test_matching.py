"""Classes are paired by what they say, whatever their order and number."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.matching import align, match, profile_distance, shared
from crmresearch.archetypes.patterns import collapse

PROFILES = np.array(
    [[0.9, 0.8, 0.9, 0.7, 0.9], [0.1, 0.8, 0.2, 0.1, 0.1], [0.2, 0.1, 0.9, 0.8, 0.1]]
)


def drawn(rng, shares, n=1500):
    kind = rng.choice(len(PROFILES), size=n, p=shares)
    return pd.DataFrame((rng.random((n, PROFILES.shape[1])) < PROFILES[kind]).astype(float))


def test_two_samples_give_the_same_types_in_another_order():
    rng = np.random.default_rng(1)
    first = fit(collapse(drawn(rng, [0.5, 0.3, 0.2])), 3, rng=rng)
    second = fit(collapse(drawn(rng, [0.2, 0.3, 0.5])), 3, rng=rng)
    found = match(first, second)
    assert found.partner.tolist() == [2, 1, 0]
    assert found.distance.max() < 0.1
    assert found.alike > 0.9
    assert found.alone.tolist() == []


def test_a_type_that_is_gone_and_one_that_is_new():
    rng = np.random.default_rng(2)
    three = fit(collapse(drawn(rng, [0.4, 0.3, 0.3])), 3, rng=rng)
    two = fit(collapse(drawn(rng, [0.6, 0.4, 0.0])), 2, rng=rng)
    fewer = match(three, two)
    assert sorted(fewer.partner.tolist()) == [-1, 0, 1]
    assert np.isnan(fewer.distance[fewer.partner < 0]).all()
    more = match(two, three)
    assert len(more.alone) == 1
    assert (more.partner >= 0).all()


def test_distance_is_that_of_hellinger_for_categories_and_normals():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.integers(0, 3, 50), "b": rng.normal(size=50)})
    patterns = collapse(frame, kinds={"b": "continuous"})
    first = np.array([[0.2, 0.3, 0.5, 1.0, 1.0, 4.0]])
    second = np.array([[0.5, 0.4, 0.1, 1.0, 2.5, 1.0]])
    grid = np.linspace(-30, 30, 200_001)
    normals = np.sqrt(stats.norm.pdf(grid, 1, 2) * stats.norm.pdf(grid, 2.5, 1)).sum()
    normals *= grid[1] - grid[0]
    words = np.sqrt(first[0, :3] * second[0, :3]).sum()
    expected = np.sqrt(1 - (normals + words) / 2)
    assert profile_distance(first, second, patterns)[0, 0] == pytest.approx(expected, abs=1e-7)
    assert profile_distance(first, first, patterns)[0, 0] == pytest.approx(0, abs=1e-7)


def test_many_solutions_are_compared_at_once():
    rng = np.random.default_rng(4)
    model = fit(collapse(drawn(rng, [0.4, 0.3, 0.3])), 3, rng=rng)
    stack = np.stack([model.probs, model.probs[[2, 0, 1]]])
    distance = profile_distance(stack, model.probs, model.patterns)
    assert distance.shape == (2, 3, 3)
    assert [align(cost).tolist() for cost in distance] == [[0, 1, 2], [2, 0, 1]]


def test_people_in_common_tell_the_partner_too():
    rng = np.random.default_rng(5)
    model = fit(collapse(drawn(rng, [0.4, 0.3, 0.3])), 3, rng=rng)
    table = shared(model.posterior, model.posterior[:, [1, 2, 0]], model.patterns.weight)
    assert align(-table).tolist() == [2, 0, 1]
    assert table.sum() == pytest.approx(1)


def test_models_of_other_indicators_are_refused():
    rng = np.random.default_rng(6)
    frame = drawn(rng, [0.4, 0.3, 0.3])
    model = fit(collapse(frame), 2, rng=rng)
    with pytest.raises(ValueError, match="other indicators"):
        match(model, fit(collapse(frame.iloc[:, :4]), 2, rng=rng))
