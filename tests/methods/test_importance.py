"""Shares of the explained variance: LMG and relative weights, against R, and their bootstrap."""

import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import importance, lmg
from crmresearch.methods.drivers import Fit, fit
from crmresearch.methods.separable import differences
from crmresearch.validation.references import golden_number, golden_table

COLUMNS = [f"x{place}" for place in range(1, 7)]
HALO = 0.6
TRUE = np.array([0.5, 0.3, 0.2, 0.1, 0.0])  # slopes of the simulated drivers


def rng():
    return np.random.default_rng(8)


@pytest.fixture(scope="module")
def golden() -> Fit:
    survey = golden_table("survey")
    return fit(survey[COLUMNS], survey["overall"], rng=rng(), resamples=400)


def sample(n: int, seed: np.random.Generator, p: int = 5) -> tuple[pd.DataFrame, np.ndarray]:
    slopes = np.resize(TRUE, p)
    ratings = HALO * seed.normal(size=(n, 1)) + 0.8 * seed.normal(size=(n, p))
    names = [f"d{place}" for place in range(p)]
    return pd.DataFrame(ratings, columns=names), ratings @ slopes + 0.7 * seed.normal(size=n)


def population() -> np.ndarray:
    among = np.full((5, 5), HALO**2) + np.eye(5) * (1 - HALO**2)
    outcome = among @ TRUE / np.sqrt(TRUE @ among @ TRUE + 0.49)
    return np.block([[among, outcome[:, None]], [outcome, np.ones((1, 1))]])


@pytest.mark.parametrize("kind", ["lmg", "johnson"])
def test_parts_match_r(golden, kind):
    made = {
        "lmg": importance.lmg(golden, rng=rng()),
        "johnson": importance.relative_weights(golden),
    }
    found = made[kind]
    expected = [golden_number(f"key_drivers.{kind}.{place}")[0] for place in range(6)]
    assert_allclose(found.raw, expected, atol=1e-10)
    assert found.r2 == pytest.approx(golden_number("key_drivers.r2")[0], abs=1e-10)


def test_shares_sum_to_one_and_lie_in_their_intervals(golden):
    division = importance.lmg(golden, rng=rng())
    found = importance.shares(division, key="lmg", names={"x1": "First"})
    assert [item.key for item in found] == [f"lmg.{column}" for column in COLUMNS]
    assert found[0].name == "First"
    assert all(item.low <= item.value <= item.high for item in found)
    assert sum(item.value for item in found) == pytest.approx(1)
    r2 = importance.explained(division, key="driver.r2")
    assert r2.low < r2.value < r2.high
    ranks = importance.rank_probabilities(division)
    assert_allclose(ranks.sum(axis=0), 1)
    assert_allclose(ranks.sum(axis=1), 1)
    assert ranks.loc["x1", 1] > 0.95


def cover(n: int, runs: int, resamples: int) -> tuple[np.ndarray, int]:
    draw, true = np.random.default_rng(7), lmg.exact(population())
    true, hits, wrong = true / true.sum(), np.zeros(5), 0
    for _ in range(runs):
        division = importance.lmg(fit(*sample(n, draw), rng=draw, resamples=resamples), rng=draw)
        found = importance.shares(division, key="s", names={})
        hits += [item.low < share < item.high for item, share in zip(found, true, strict=True)]
        gaps = differences(division.shares, division.share_draws, level=0.95)
        apart = true[:, None] - true
        wrong += ((gaps.low > apart + 1e-9) | (gaps.high < apart - 1e-9)).any()
    return hits, wrong


def test_intervals_cover_the_shares_of_the_population():
    hits, wrong = cover(250, 60, 150)
    assert hits.mean() > 0.90 * 60
    assert hits.min() >= 51  # 95% of 60 is 57, three standard errors are 5
    assert wrong <= 8  # 5% of 60 is 3; all differences at once


@pytest.mark.slow
def test_intervals_cover_more_precisely():
    hits, wrong = cover(300, 500, 300)
    assert (hits > 0.92 * 500).all()
    assert wrong < 0.085 * 500


def test_the_lead_of_equal_drivers_is_seldom_clear():
    draw, clear = np.random.default_rng(4), 0
    for _ in range(60):
        x = pd.DataFrame(draw.normal(size=(200, 3)) + 0.7 * draw.normal(size=(200, 1)))
        y = x.to_numpy() @ [0.5, 0.5, 0.1] + draw.normal(size=200)
        division = importance.lmg(fit(x, y, rng=draw, resamples=200), rng=draw)
        gaps = differences(division.shares, division.share_draws, level=0.95)
        lead = importance.lead(division, gaps, key="l", name="lead")
        assert lead.value >= 0
        clear += lead.low > 0
    assert clear <= 8  # at most 5% of 60, and three standard errors


def test_a_clear_lead_is_found():
    x, y = sample(400, rng())
    division = importance.lmg(fit(x, y + 2 * x["d2"], rng=rng(), resamples=300), rng=rng())
    gaps = differences(division.shares, division.share_draws, level=0.95)
    lead = importance.lead(division, gaps, key="l", name="lead")
    assert 0 < lead.low < lead.value < lead.high
    assert gaps.separable[2].sum() == len(gaps.values) - 1


def test_resamples_by_orders_are_as_wide_as_exact_ones(monkeypatch):
    found = fit(*sample(300, rng(), 8), rng=rng(), resamples=300)
    exact = importance.lmg(found, rng=rng())
    monkeypatch.setattr(importance, "MOST_MODELS", 0)
    quick = importance.lmg(found, rng=rng())
    assert "64 orders in each resample" in quick.method
    assert_allclose(quick.raw, exact.raw)
    assert_allclose(quick.draws.std(axis=0), exact.draws.std(axis=0), rtol=0.12)
    assert_allclose(quick.draws.mean(axis=0), exact.draws.mean(axis=0), atol=0.004)


@pytest.mark.parametrize("p", [17, 20, 30])
def test_many_drivers_are_sampled_with_their_error(p):
    found = fit(*sample(300, rng(), p), rng=rng(), resamples=40)
    division = importance.lmg(found, rng=rng())
    weights = importance.relative_weights(found)
    told = re.search(r"of 10,000 random orders, .* at most (0\.\d+) percentage", division.method)
    assert float(told[1]) < 0.15
    assert division.r2 == pytest.approx(weights.r2, abs=1e-6)
    assert np.corrcoef(division.raw, weights.raw)[0, 1] > 0.98


def test_repeated_constant_and_unrated_drivers():
    x, y = sample(120, rng())
    frame = x[["d0", "d1"]].assign(again=x["d0"], same=4.0, never=np.nan)
    frame.loc[:3, "d1"] = np.nan  # pairs could then contradict each other: those who rated all
    found = fit(frame, y, rng=rng(), resamples=40)
    division = importance.lmg(found, rng=rng())
    assert (found.n, found.columns) == (116, ["d0", "d1", "again"])
    assert division.raw[0] == pytest.approx(division.raw[2])
    assert division.raw[3] == division.raw[4] == 0


def test_a_driver_without_spread_has_no_share():
    survey = golden_table("survey")
    frame = survey[["x1", "x2"]].assign(same=4.0, again=survey["x1"])
    division = importance.lmg(fit(frame, survey["overall"], rng=rng(), resamples=30), rng=rng())
    assert division.raw[2] == 0
    assert division.raw[0] == pytest.approx(division.raw[3])
    shares = importance.shares(division, key="d", names={})
    assert (shares[2].value, shares[2].low, shares[2].high) == (0, 0, 0)


def test_a_single_driver_has_no_lead():
    survey = golden_table("survey")
    found = fit(survey[["x1"]], survey["overall"], rng=rng(), resamples=30)
    division = importance.lmg(found, rng=rng())
    gaps = differences(division.shares, division.share_draws, level=0.95)
    assert division.shares == [1]
    assert importance.lead(division, gaps, key="l", name="lead") is None
