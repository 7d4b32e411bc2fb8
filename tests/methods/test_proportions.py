"""Shares and the Net Promoter Score, against R, published tables and simulation."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods.proportions import (
    newcombe_difference,
    nps,
    nps_difference,
    nps_interval,
    nps_points,
    share,
    top_box,
    wilson,
)
from crmresearch.methods.shares import share_difference
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_number, golden_table

ANSWERS = st.lists(st.integers(0, 10), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_matches_newcombe(successes, n, low, high):
    assert_allclose(wilson(successes, n), [low, high], atol=5e-5)


def test_newcombe_difference_matches_newcombe():
    assert_allclose(newcombe_difference(56, 70, 48, 80), [0.2, 0.0524, 0.3339], atol=5e-5)


def test_shares_match_r():
    survey = golden_table("survey")
    yes = top_box(survey["nps"].to_numpy(), lowest=9)
    found = share(yes, key="p", name="promoters")
    assert found.n == golden_number("proportion_nps.n")[0]
    expected = [golden_number(f"proportion_nps.wilson.{end}")[0] for end in (0, 1)]
    assert_allclose([found.low, found.high], expected, atol=1e-11)
    waves = survey["wave"].to_numpy()
    gap = share_difference(yes, waves == 1, waves == 2, key="d", name="change")
    expected = [golden_number(f"proportion_nps.newcombe_diff.{end}")[0] for end in (0, 1)]
    assert_allclose([gap.low, gap.high], expected, atol=1e-11)


def test_weighted_share_matches_svyciprop():
    survey = golden_table("survey")
    basis = design(len(survey), survey["w"], survey["stratum"], survey["psu"])
    found = share(survey["nps"].to_numpy() >= 9, key="p", name="promoters", design=basis)
    expected = [golden_number(f"survey_design.prop_logit_ci.{end}")[0] for end in (0, 1)]
    assert_allclose([found.low, found.high], expected, atol=1e-10)


def test_nps_matches_rocks():
    # Rocks 2016: 19 promoters, 9 passives, 8 detractors; SE .129220 around .282051
    scores = np.repeat([10.0, 8.0, 3.0], [19, 9, 8])
    found = nps(scores)
    assert found.value == pytest.approx(100 * 11 / 36)
    assert_allclose([found.low, found.high], [2.88, 53.53], atol=5e-3)


def test_nps_and_its_linearised_error_match_r():
    # > d <- svydesign(~psu, data = S, weights = ~w)   # R survey 4.1-1
    # > svymean(~g, d)   # g: 100, 0, -100
    # mean -9.566, SE 5.726
    survey = golden_table("survey")
    scores = survey["nps"].to_numpy(float)
    assert nps(scores).value == pytest.approx(golden_number("proportion_nps.nps")[0], abs=1e-9)
    basis = design(len(survey), survey["w"], clusters=survey["psu"])
    found = nps(scores, design=basis)
    assert found.value == pytest.approx(-9.566, abs=5e-4)
    reach = stats.t.ppf(0.975, survey["psu"].nunique() - 1)
    assert (found.high - found.low) / 2 / reach == pytest.approx(5.726, abs=5e-4)


def test_nps_difference_is_near_the_unadjusted_one_of_r():
    survey = golden_table("survey")
    waves = survey["wave"].to_numpy()
    found = nps_difference(survey["nps"], waves == 1, waves == 2, key="d", name="change")
    assert found.value == pytest.approx(golden_number("proportion_nps.nps_diff")[0], abs=1e-9)
    error = (found.high - found.low) / 2 / 1.959964
    assert error == pytest.approx(golden_number("proportion_nps.nps_diff_se")[0], rel=0.01)


def test_codes_for_no_answer_are_not_promoters():
    assert np.isnan(nps_points([11, 99, -1, np.nan])).all()
    found = nps([10, 10, 0, 11, np.nan])
    assert (found.n, found.n_dropped) == (3, 2)
    assert found.value == pytest.approx(100 / 3)


@given(ANSWERS)
@example([0] * 7)  # once a rounding error below -100
@settings(max_examples=60, deadline=None)
def test_nps_stays_inside_its_range_and_mirrors(answers):
    scores = np.array(answers, dtype=float)
    found = nps(scores)
    assert -100 <= found.low <= found.high <= 100
    assert found.low <= found.value <= found.high or found.n < 4
    turned = nps(scores[::-1])
    assert_allclose([turned.value, turned.low], [found.value, found.low], atol=1e-9)
    groups = [(scores >= 9).sum(), ((scores >= 7) & (scores < 9)).sum(), (scores < 7).sum()]
    low, high = nps_interval(*groups[::-1])
    assert_allclose([low, high], [-found.high, -found.low], atol=1e-9)


@given(ANSWERS)
@settings(max_examples=30, deadline=None)
def test_weights_of_one_change_nothing(answers):
    scores = np.array(answers, dtype=float)
    assert nps(scores, design=design(len(scores), np.ones(len(scores)))) == nps(scores)


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1, max_size=40), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_weighted_shares_stay_inside_zero_and_one(answers, seed):
    weights = np.random.default_rng(seed).uniform(0.1, 4, len(answers))
    found = share(answers, key="p", name="p", design=design(len(answers), weights))
    assert 0 <= found.value <= 1
    assert np.clip(found.low, 0, 1) == found.low
    assert np.clip(found.high, 0, 1) == found.high


@pytest.mark.parametrize("scores", [[], [np.nan, np.nan]])
def test_nothing_answered_is_no_estimate(scores):
    for found in (nps(scores), share(scores, key="p", name="p")):
        assert found.n == 0
        assert np.isnan([found.value, found.low, found.high]).all()


def test_unanimous_groups_under_weights_keep_an_interval():
    weights = np.array([1.0, 2, 3, 1, 2, 3])
    found = nps([10.0] * 6, design=design(6, weights))
    assert found.value == 100
    assert found.low < 90


def covered(n, shares, *, runs, seed, interval):
    rng = np.random.default_rng(seed)
    truth = 100 * (shares[0] - shares[2])
    counts = rng.multinomial(n, shares, size=runs)
    ends = np.array([interval(*row) for row in np.unique(counts, axis=0)])
    where = {tuple(row): end for row, end in zip(np.unique(counts, axis=0), ends, strict=True)}
    found = np.array([where[tuple(row)] for row in counts])
    return ((found[:, 0] <= truth) & (truth <= found[:, 1])).mean()


def plain_wald(p, s, d):
    n = p + s + d
    gap = (p - d) / n
    reach = 1.959964 * np.sqrt(((p + d) / n - gap**2) / n)
    return 100 * (gap - reach), 100 * (gap + reach)


def test_adjusted_wald_covers_in_small_samples_where_plain_wald_does_not():
    shares = (0.75, 0.2, 0.05)
    adjusted = covered(20, shares, runs=4000, seed=1, interval=nps_interval)
    plain = covered(20, shares, runs=4000, seed=1, interval=plain_wald)
    assert adjusted > 0.93
    assert plain < adjusted


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 20, 50, 100])
@pytest.mark.parametrize("shares", [(0.5, 1 / 3, 1 / 6), (0.8, 0.15, 0.05), (0.2, 0.2, 0.6)])
def test_adjusted_wald_covers(n, shares):
    assert covered(n, shares, runs=40_000, seed=2, interval=nps_interval) > 0.935
