"""Random-effects synthesis against metafor, by simulation, and on awkward studies."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import optimize

from crmresearch.methods import meta
from crmresearch.validation.cases_recovery_synthesis import _studies

EFFECTS, VARIANCES = _studies("meta")


def restricted(tau2: float, y: np.ndarray, v: np.ndarray) -> float:
    """The restricted log-likelihood, written out on its own."""
    w = 1 / (v + tau2)
    mean = (w * y).sum() / w.sum()
    return 0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * (y - mean) ** 2).sum())


@pytest.mark.parametrize("data", ["meta", "bcg"])
def test_reml_is_where_the_restricted_likelihood_is_highest(data):
    y, v = _studies(data)
    found = optimize.minimize_scalar(
        lambda tau2: -restricted(tau2, y, v),
        bounds=(0, 5),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert_allclose(meta.pool(y, v).tau2, found.x, atol=1e-6)


def test_it_finds_the_highest_of_two_peaks():
    """Few studies of very different size can have a likelihood with a peak at zero and another."""
    rng = np.random.default_rng(4)
    for _ in range(60):
        v = 10 ** rng.uniform(-4, 0, 4)
        y = rng.normal(0, np.sqrt(v + 10 ** rng.uniform(-3, 0)))
        found = meta.pool(y, v).tau2
        grid = np.concatenate([[0.0], 10 ** np.linspace(-7, 1, 200)])
        best = max(restricted(tau2, y, v) for tau2 in grid)
        assert restricted(found, y, v) >= best - 1e-9


def test_hartung_and_knapp_of_equal_studies_is_students_t():
    """With equal variances the synthesis is the mean of the effects with its t interval."""
    y = np.array([0.1, 0.5, 0.3, 0.9, -0.2, 0.4])
    found = meta.pool(y, np.full(6, 0.01))
    assert_allclose(found.mean, y.mean(), rtol=1e-12)
    assert_allclose(found.error, y.std(ddof=1) / 6**0.5, rtol=1e-9)
    assert found.df == 5
    assert_allclose(found.tau2, y.var(ddof=1) - 0.01, rtol=1e-9)


def test_the_factor_is_held_at_one_with_few_studies_only():
    few = meta.pool([0.21, 0.24, 0.22], [0.01, 0.02, 0.015])
    many = meta.pool([0.21, 0.24, 0.22, 0.23, 0.22], [0.01, 0.02, 0.015, 0.01, 0.02])
    assert few.factor == 1.0
    assert many.factor < 0.1
    assert few.error > many.error


def test_the_profile_ends_are_where_cochrans_q_says():
    low, high = meta.between_interval(EFFECTS, VARIANCES, level=0.8)
    for end, target in ((low, 17.2750), (high, 5.57778)):  # qchisq(c(.9, .1), 11)
        w = 1 / (VARIANCES + end)
        mean = (w * EFFECTS).sum() / w.sum()
        assert_allclose((w * (EFFECTS - mean) ** 2).sum(), target, atol=1e-4)


def test_identical_studies_vary_by_nothing():
    found = meta.pool([0.2] * 4, [0.01] * 4)
    assert (found.tau2, found.q, found.i2) == (0.0, pytest.approx(0, abs=1e-20), 0.0)
    assert_allclose(found.interval(), found.mean + np.array([-1, 1]) * 3.182446 * 0.05, rtol=1e-6)
    assert meta.between_interval([0.2] * 4, [0.01] * 4) == (0.0, 0.0)


def test_two_studies_predict_nothing_and_one_is_no_synthesis():
    two = meta.pool([0.1, 0.6], [0.02, 0.02])
    assert np.isnan(two.prediction()).all()
    assert two.df == 1
    with pytest.raises(ValueError, match="1 studies do not tell"):
        meta.pool([0.1], [0.02])
    with pytest.raises(ValueError, match="do not tell"):
        meta.leave_one_out([0.1, 0.6], [0.02, 0.02])


@pytest.mark.parametrize(
    ("effects", "variances", "method", "message"),
    [
        ([0.1, np.nan, 0.3], [0.1, 0.1, 0.1], "REML", "all are numbers"),
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], "REML", "above 0"),
        ([0.1, 0.2, 0.3], [0.1, np.nan, 0.1], "REML", "above 0"),
        ([0.1, 0.2], [0.1, 0.1, 0.1], "REML", "as many"),
        ([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], "ML", "not one of"),
    ],
)
def test_what_is_no_study_is_refused(effects, variances, method, message):
    with pytest.raises(ValueError, match=message):
        meta.pool(effects, variances, method=method)


def test_a_moderator_that_says_nothing_is_refused():
    with pytest.raises(ValueError, match="coefficients"):
        meta.pool([0.1, 0.2, 0.3, 0.4], [0.1] * 4, moderators=[1, 1, 1, 1])


def test_scale_does_not_matter():
    one, thousand = meta.pool(EFFECTS, VARIANCES), meta.pool(EFFECTS * 1000, VARIANCES * 1e6)
    assert_allclose(thousand.mean, 1000 * one.mean, rtol=1e-9)
    assert_allclose(thousand.tau2, 1e6 * one.tau2, rtol=1e-9)
    assert_allclose(thousand.i2, one.i2, rtol=1e-9)


def coverage(k: int, tau: float, replicates: int, seed: int, **settings) -> tuple[float, float]:
    """How often the intervals hold the mean, and the effect of one more study."""
    rng = np.random.default_rng(seed)
    held = ahead = 0
    for _ in range(replicates):
        v = rng.uniform(0.01, 0.03, k)
        y = 0.2 + rng.normal(0, tau, k) + rng.normal(0, np.sqrt(v))
        found = meta.pool(y, v, **settings)
        low, high = found.interval()
        held += low <= 0.2 <= high
        low, high = found.prediction()
        ahead += low <= 0.2 + rng.normal(0, tau) <= high
    return held / replicates, ahead / replicates


@pytest.mark.parametrize("k", [3, 6])
def test_intervals_hold_as_often_as_they_say(k):
    held, ahead = coverage(k, 0.3, 200, k)
    assert held > 0.91
    assert ahead > 0.89


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 6, 12])
@pytest.mark.parametrize("tau", [0.15, 0.3])
def test_hartung_and_knapps_interval_covers_by_simulation(k, tau):
    """Without the factor's floor the interval keeps its level; with it, it keeps at least that."""
    held, _ = coverage(k, tau, 800, 10 * k, least_factor=0.0)
    assert 0.93 < held < 0.97
    with_floor, _ = coverage(k, tau, 800, 10 * k, least_factor=1.0)
    assert with_floor >= held


@pytest.mark.slow
@pytest.mark.parametrize(("k", "least"), [(3, 0.95), (6, 0.90), (12, 0.90)])
def test_prediction_intervals_hold_the_next_study_by_simulation(k, least):
    """Somewhat short where studies vary little more than their errors, as its docstring says."""
    _, ahead = coverage(k, 0.3, 800, 100 + k)
    assert ahead > least
    _, ahead = coverage(k, 0.15, 800, 100 + k)
    assert ahead > 0.84
