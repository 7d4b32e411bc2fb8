"""Polychoric correlations against lavaan, their errors against the jackknife, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal

from crmresearch.methods.polychoric import normal_probability, of_table, polychoric, smooth
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_number, golden_table

ITEMS = ["sa1", "sa2", "sa3", "sa4"]


def only(i, j, size):
    slope = np.zeros((size, size))
    slope[i, j] = slope[j, i] = 0.5
    return slope


def test_correlations_match_lavaan():
    found = polychoric(golden_table("survey").iloc[:, 1:13]).matrix
    expected = [[golden_number(f"polychoric.lav.{i}.{j}")[0] for j in range(12)] for i in range(12)]
    assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("correlation", [-0.999, -0.6, 0.0, 0.3, 0.95, 0.999])
def test_normal_probability_matches_scipy(correlation):
    x, y = np.array([-2.0, -0.5, 0.3, 2.0]), np.array([-1.9, 0.31, 3.0])
    joint = multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    expected = [[joint.cdf([a, b]) for b in y] for a in x]
    assert_allclose(normal_probability(x, y, correlation), expected, atol=1e-7)


def test_tetrachoric_correlations_match_lavaan():
    # lavaan::lavCor, R 4.2.2; the empty cell counts as half, margins kept
    above = (golden_table("survey")[["sa1", "sa2"]] > 3).astype(int)
    assert polychoric(above).matrix[0, 1] == pytest.approx(0.696002385976, abs=1e-7)
    assert of_table(np.array([[20.0, 0], [5, 9]])).correlation == pytest.approx(
        0.907438006438, abs=1e-6
    )


def test_errors_match_the_jackknife():
    pair = golden_table("survey")[["sa1", "sa4"]]
    table = pd.crosstab(pair["sa1"], pair["sa4"]).to_numpy(float)
    drawn, times = [], []
    for cell in zip(*np.nonzero(table), strict=True):
        less = table.copy()
        less[cell] -= 1
        drawn.append(of_table(less).correlation)
        times.append(table[cell])
    n, centre = len(pair), np.average(drawn, weights=times)
    jackknife = np.sqrt((n - 1) / n * np.sum(times * (np.array(drawn) - centre) ** 2))
    assert polychoric(pair).error(only(0, 1, 2))[0] == pytest.approx(jackknife, rel=0.02)


def sampled(rng, accounts, size, correlation=0.5):
    codes = np.repeat(np.arange(accounts), size)
    shared = rng.normal(size=(accounts, 2))[codes] + rng.normal(size=(len(codes), 2))
    mixed = shared / np.sqrt(2) @ np.linalg.cholesky([[1, correlation], [correlation, 1]]).T
    return pd.DataFrame(np.digitize(mixed, [-1.2, -0.3, 0.4, 1.5])), codes


def test_intervals_cover_with_clusters():
    rng, hits = np.random.default_rng(31), 0
    for _ in range(200):
        items, codes = sampled(rng, 80, 4)
        found = polychoric(items, design=design(len(items), clusters=codes))
        error, freedom = found.error(only(0, 1, 2))
        assert freedom == 79
        hits += abs(found.matrix[0, 1] - 0.5) < 1.99 * error
    assert 0.9 <= hits / 200 <= 0.985


def test_weights_count_rows_and_gaps_leave_the_pair_out():
    items = golden_table("survey")[ITEMS].astype(float)
    times = np.tile([1.0, 2.0, 0.0, 3.0], 90)
    repeated = items.loc[items.index.repeat(times.astype(int))]
    found = polychoric(items, design=design(len(items), times))
    assert_allclose(found.matrix, polychoric(repeated).matrix, atol=1e-9)
    gaps = items.copy()
    gaps.iloc[:40, 0] = np.nan
    without = polychoric(gaps)
    assert without.matrix[0, 1] == pytest.approx(polychoric(items[40:]).matrix[0, 1])
    assert without.matrix[1, 2] == pytest.approx(polychoric(items).matrix[1, 2])
    assert np.isfinite(without.error(only(0, 1, 4))[0])


def test_influences_sum_to_nothing_and_to_their_groups():
    items = golden_table("survey")[ITEMS]
    groups = np.arange(len(items)) % 7
    found = polychoric(items, groups=groups)
    assert_allclose(found.totals.sum(axis=0), 0, atol=1e-9)
    rows = groups == 3
    expected = found.pairs[0].influence[found.codes[0][rows], found.codes[1][rows]].sum()
    assert found.totals[3, 0, 1] == pytest.approx(expected)


@given(st.integers(0, 2**31), st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_turning_an_item_round_turns_the_sign(seed, categories):
    rng = np.random.default_rng(seed)
    mood = rng.normal(size=(120, 1)) + rng.normal(size=(120, 2))
    cuts = np.quantile(mood, np.linspace(0, 1, categories + 1)[1:-1])
    items = pd.DataFrame(np.digitize(mood, cuts), columns=["a", "b"])
    found, turned = (
        polychoric(x).matrix[0, 1] for x in (items, items.assign(b=categories - items["b"]))
    )
    assert turned == pytest.approx(-found, abs=1e-7)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"a": [1.0, 2, 3, 2], "b": [4.0, 4, 4, 4]}, "b was answered in one way only"),
        ({"a": [1.0, 2, 3, 4] * 5, "b": [2.0, 3, 4, 5] * 5}, "a and b are perfectly associated"),
        ({"a": [1.0, 2, 3, 4] * 5, "b": [4.0, 3, 2, 1] * 5}, "a and b are perfectly associated"),
        ({"a": [1.0, 1, 2, 2], "b": [0.0, 0, 1, 1]}, "a and b are perfectly associated"),
        ({"a": np.arange(40.0), "b": [1.0, 2] * 20}, "a has 40 different answers, more than 15"),
        ({"a": [1.0, 2, np.nan, np.nan], "b": [np.nan, np.nan, 1.0, 2]}, "were not answered"),
        ({"a": [np.nan] * 3, "b": [1.0, 2, 3]}, "a was answered in one way only"),
        ({"a": [], "b": []}, "a was answered in one way only"),
        ({"a": [1.0, 2, 1]}, "a single item"),
    ],
)
def test_what_cannot_be_correlated_is_said(frame, words):
    assert words in polychoric(pd.DataFrame(frame)).trouble


def test_empty_cells_and_rare_answers_are_no_trouble():
    items = pd.DataFrame({"a": [1] * 30 + [2] * 30 + [3], "b": [1, 2] * 15 + [2, 3] * 15 + [1]})
    found = polychoric(items.astype(float))
    assert not found.trouble
    assert 0 < found.matrix[0, 1] < 1


def test_correlations_that_contradict_each_other_are_smoothed():
    wrong = np.array([[1, 0.9, 0.9], [0.9, 1, 0.1], [0.9, 0.1, 1]])
    found = smooth(wrong)
    assert np.linalg.eigvalsh(found)[0] > 0
    assert_allclose(np.diag(found), 1)
    assert abs(found - wrong).max() < 0.2
