"""Parallel analysis against R's eigen and psych::fa.parallel, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import correlations, dimensions
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_number, golden_table

# psych::fa.parallel of the 12 items: mean random eigenvalues of 500 draws of 360 respondents, and
# the eigenvalues with squared multiple correlations on the diagonal
RANDOM = [1.3061, 1.2255, 1.1636, 1.1115, 1.0610, 1.0138, 0.9702, 0.9258, 0.8812, 0.8350, 0.7833]
REDUCED = [3.8614508184, 0.8546599606, 0.7670536857, 0.0284982916, -0.0136802679]


@pytest.fixture
def items():
    return golden_table("survey").iloc[:, 1:13].astype(float)


def rng(seed=0):
    return np.random.default_rng(seed)


def analysed(items, basis=None, correlate=correlations.pearson, seed=0, draws=300):
    found = correlate(items, rng=rng(seed), design=basis)
    return found, dimensions.parallel(found, rng=rng(seed), draws=draws)


def test_eigenvalues_match_r(items):
    found, made = analysed(items, draws=20_000)
    expected = [golden_number(f"efa.eig.{place}")[0] for place in range(12)]
    assert_allclose(made.observed, expected, atol=1e-10)
    assert_allclose(made.usual[:11], RANDOM, atol=0.004)  # what 500 draws can tell
    reduced = np.linalg.eigvalsh(dimensions.reduced(found.matrix))[::-1]
    assert_allclose(reduced[:5], REDUCED, atol=1e-9)
    assert (made.suggested, made.by_mean, made.common) == (3, 3, 3)  # as fa.parallel has it
    assert found.effective == pytest.approx(360)


def test_pairwise_correlations_match_pandas(items):
    gaps = items.mask(rng(1).random(items.shape) < 0.2)
    found = correlations.pearson(gaps, rng=rng())
    assert_allclose(found.matrix, gaps.corr(), atol=1e-12)


def test_weights_count_rows(items):
    times = np.tile([1.0, 2.0, 0.0, 3.0], 90)
    repeated = items.loc[items.index.repeat(times.astype(int))]
    found = correlations.pearson(items, rng=rng(), design=design(360, times))
    assert_allclose(found.matrix, repeated.corr(), atol=1e-12)
    assert found.effective == pytest.approx(times.sum() ** 2 / (times**2).sum())
    assert (found.n, found.n_dropped) == (270, 90)


def unrelated(generator, accounts=60, size=6, k=6):
    codes = np.repeat(np.arange(accounts), size)
    values = generator.normal(size=(accounts, k))[codes] + generator.normal(size=(len(codes), k))
    weights = generator.choice([0.5, 1.0, 2.0], size=len(codes))
    answers = pd.DataFrame(np.digitize(values / np.sqrt(2), [-1.0, -0.2, 0.6, 1.2])).astype(float)
    return answers, design(len(codes), weights, clusters=codes)


@pytest.mark.parametrize("correlate", [correlations.pearson, correlations.ordinal])
def test_unrelated_items_are_seldom_called_a_dimension(correlate):
    """The random band is that of data with these weights, clusters and categories."""
    generator, largest, usual, called = rng(2), [], [], 0
    for seed in range(60):
        _, made = analysed(*unrelated(generator), correlate, seed, draws=100)
        largest.append(made.observed[0])
        usual.append(made.usual[0])
        called += made.suggested > 0
    assert np.mean(largest) == pytest.approx(np.mean(usual), abs=0.03)
    assert called <= 9  # 5% of 60 is 3


def test_eigenvalue_intervals_cover_with_clusters():
    mixing = np.linalg.cholesky(np.full((4, 4), 0.4) + 0.6 * np.eye(4)).T
    codes, hits, generator = np.repeat(np.arange(80), 4), 0, rng(3)
    basis = design(320, clusters=codes)
    for seed in range(150):
        mood = generator.normal(size=(80, 4))[codes] + generator.normal(size=(320, 4))
        _, made = analysed(pd.DataFrame(mood @ mixing), basis, seed=seed, draws=5)
        hits += made.low[0] <= 2.2 <= made.high[0]
    assert 0.9 <= hits / 150 <= 0.99


def test_two_dimensions_are_found_with_their_interval():
    generator = rng(4)
    mood = generator.normal(size=(400, 2))
    frame = pd.DataFrame(np.repeat(mood, 4, axis=1) + generator.normal(size=(400, 8)))
    for correlate in (correlations.pearson,):
        found, made = analysed(frame, None, correlate)
        assert (made.least, made.suggested, made.most) == (2, 2, 2)
    count, *rest = dimensions.estimates(found, made, key="trust", name="trust")
    assert (count.key, count.value, count.low, count.high) == ("dimensions.trust", 2, 2, 2)
    assert [x.key for x in rest[:4]] == [
        "dimensions.trust.mean",
        "dimensions.trust.common",
        "eigenvalue.trust.1",
        "chance.trust.1",
    ]
    assert len(rest) == 2 + 2 * 8


def test_fewer_respondents_than_items_are_drawn_as_they_are():
    drawn = dimensions.random_matrices(8, 5, 50, rng())
    assert drawn.shape == (50, 8, 8)
    assert_allclose(np.diagonal(drawn, axis1=1, axis2=2), 1)
    assert np.linalg.matrix_rank(drawn[0]) == 4


def test_random_matrices_have_the_spread_of_their_respondents():
    drawn = dimensions.random_matrices(3, 200, 20_000, rng())
    assert drawn[:, 0, 1].std() == pytest.approx(1 / np.sqrt(199), rel=0.02)


@pytest.mark.parametrize("correlate", [correlations.pearson, correlations.ordinal])
@pytest.mark.parametrize(
    "frame",
    [
        {"a": [], "b": [], "c": []},
        {"a": [1.0], "b": [2.0], "c": [3.0]},
        {"a": [4.0] * 9, "b": [4.0] * 9, "c": [1.0, 2, 3] * 3},
        {"a": [np.nan] * 9, "b": [1.0, 2, 3] * 3, "c": [3.0, 2, 1] * 3},
        {"a": [1.0, 2, 3] * 3},
    ],
)
def test_what_cannot_be_correlated_is_said(correlate, frame):
    assert correlate(pd.DataFrame(frame, dtype=float), rng=rng()).trouble


def test_a_repeated_item_is_a_dimension_less(items):
    frame = items[["sa1", "sa2"]].assign(sa3=items["sa1"])
    _, made = analysed(frame)
    assert made.observed[-1] == pytest.approx(0, abs=1e-12)
    assert made.suggested == 1
