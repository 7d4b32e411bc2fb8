"""Dose and response: the curve, its crossing, and how often their intervals hold."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.dose import crossings, ends, first_reached, respond
from crmresearch.methods.linear import at_once
from crmresearch.methods.splines import knots
from crmresearch.methods.weighting import Design, design
from crmresearch.validation import cases_recovery_breakeven
from crmresearch.validation.cases import cases

GRID = np.linspace(1.2, 6.8, 57)
BEST = 6.8


def world(rng, *, n=1500, top=0.6, clusters=0):
    """Complainers whose loyalty bends up with handling; the unhappy complain and rate it lower.

    The gap from the level of the others is 2.6 (h / 7) ** 0.7 + top - 2.6: at h = 7 it is `top`.
    """
    account = np.arange(n) % clusters if clusters else np.arange(n)
    shared = rng.normal(0, 0.5, clusters)[account] if clusters else np.zeros(n)
    z = rng.normal(0, 1, n) + 0.5 * shared
    treated = rng.random(n) < 1 / (1 + np.exp(1.2 + 0.6 * z))
    handling = np.clip(4 + 0.8 * z + rng.normal(0, 1.4, n), 1, 7)
    gap = 2.6 * (handling / 7) ** 0.7 + top - 2.6
    loyalty = 5 + 0.5 * z + 0.3 * treated * z + treated * gap + shared + rng.normal(0, 0.9, n)
    # with covariates' slopes differing, the gap at the treated's mean z has 0.3 of that more
    return loyalty, np.where(treated, handling, np.nan), treated, z[:, None], account


def truth(dose, top=0.6, *, shift):
    return 2.6 * (dose / 7) ** 0.7 + top - 2.6 + shift


def fitted(rng, *, resamples=200, top=0.6, n=1500, clusters=0):
    loyalty, handling, treated, z, account = world(rng, n=n, top=top, clusters=clusters)
    return respond(
        loyalty,
        handling,
        treated,
        ~treated,
        z,
        design=design(n, None, None, account),
        grid=GRID,
        places=knots(handling[treated]),
        resamples=resamples,
        rng=rng,
    )


def shift_of(clusters):
    """0.3 times the mean z of the treated, from a large sample."""
    _, _, treated, z, _ = world(np.random.default_rng(0), n=300_000, clusters=clusters and 60_000)
    return 0.3 * float(z[treated].mean())


def covered(seed, replicates, *, clusters=0, n=1500, resamples=200, band=True):
    """Shares of replicates in which the crossing, the gap at one dose, and the curve are held."""
    rng, shift = np.random.default_rng(seed), shift_of(clusters)
    true = truth(GRID, shift=shift)
    at = float(first_reached(GRID, true))
    held = np.zeros((replicates, 3))
    for row in range(replicates):
        found = fitted(rng, clusters=clusters, n=n, resamples=resamples)
        low, high = ends(first_reached(GRID, found.gaps), 0.95)
        error = np.sqrt(np.diag(found.gap_covariance))
        held[row, :2] = low <= at <= high, abs(found.gap[30] - true[30]) < 1.97 * error[30]
        if band:
            wide = at_once(found.gap, found.gap_covariance, found.df, level=0.95, rng=rng)
            held[row, 2] = ((wide[0] <= true) & (true <= wide[1])).all()
    return held.mean(axis=0)


def test_every_number_of_r_is_met():
    asked = [case for case in cases("recovery") if case.module == "cases_recovery_breakeven"]
    assert len(asked) > 30
    calls = {(case.call, repr(case.given)): case for case in asked}
    made = {
        key: getattr(cases_recovery_breakeven, one.call)(**one.given) for key, one in calls.items()
    }
    ours = [made[case.call, repr(case.given)][case.part] for case in asked]
    off = [abs(number - case.published) for number, case in zip(ours, asked, strict=True)]
    assert not [case.id for size, case in zip(off, asked, strict=True) if not size < case.tolerance]


def test_without_adjustment_a_straight_line_is_two_regressions():
    rng = np.random.default_rng(1)
    dose, loyalty = rng.normal(4, 1, 200), rng.normal(4, 1, 200)
    treated = np.arange(200) < 120
    found = respond(
        loyalty,
        dose,
        treated,
        ~treated,
        np.empty((200, 0)),
        design=Design(200),
        grid=np.array([3.0, 5.0]),
        places=np.empty(0),
        resamples=2,
        rng=rng,
    )
    slope, start = np.polyfit(dose[treated], loyalty[treated], 1)
    assert_allclose(found.curve, start + slope * found.grid)
    assert found.level == pytest.approx(loyalty[~treated].mean())
    assert np.isnan(found.bend[0])


def test_scale_of_weights_and_order_of_rows_change_nothing():
    rng = np.random.default_rng(2)
    loyalty, handling, treated, z, _ = world(rng, n=400)
    weights = rng.uniform(0.5, 2, 400)

    def fit(order, factor):
        return respond(
            loyalty[order],
            handling[order],
            treated[order],
            ~treated[order],
            z[order],
            design=design(400, factor * weights[order]),
            grid=GRID,
            places=knots(handling[treated]),
            resamples=2,
            rng=np.random.default_rng(0),
        )

    one, two = fit(np.arange(400), 1.0), fit(rng.permutation(400), 7.0)
    assert_allclose(one.curve, two.curve)
    assert_allclose(one.covariance, two.covariance, rtol=1e-6)


def test_repeated_covariates_change_nothing():
    rng = np.random.default_rng(3)
    loyalty, handling, treated, z, _ = world(rng, n=400)
    settings = {
        "design": Design(400),
        "grid": GRID,
        "places": knots(handling[treated]),
        "resamples": 2,
    }
    one, two = (
        respond(loyalty, handling, treated, ~treated, x, rng=np.random.default_rng(0), **settings)
        for x in (z, np.hstack([z, 2 * z, np.ones_like(z)]))
    )
    assert_allclose(one.gap, two.gap, atol=1e-6)


@pytest.mark.parametrize(
    ("gaps", "place"),
    [
        ([-1, -0.5, 0.5, 1], 2.5),
        ([-1, 1, -1, 1], 1.5),  # the first of several
        ([1, -1, 1, 2], -np.inf),  # reached at the poor end already
        ([-2, -1, -1, -0.1], np.inf),
        ([0, 0, 0, 0], -np.inf),
        ([-1, 0, 0, 0], 2.0),
    ],
)
def test_first_crossing_from_the_poor_end(gaps, place):
    grid = np.arange(1.0, 5.0)
    assert first_reached(grid, np.array(gaps, float)) == place
    falling = first_reached(-grid[::-1], np.array(gaps, float)[::-1], rising=False)
    assert falling == -place


def test_crossings_are_counted():
    assert crossings(np.array([-1.0, 1, -1, 1])) == 3
    assert crossings(np.array([1.0, 1, 2])) == 0


def test_ends_may_lie_beyond_the_range():
    draws = np.r_[np.full(10, np.inf), np.linspace(1, 2, 90)]
    low, high = ends(draws, 0.95)
    assert 1 <= low < 1.1
    assert high == np.inf
    assert np.isnan(ends(draws[:5], 0.95)).all()


def test_reference_call_gives_a_rising_curve():
    found = cases_recovery_breakeven.curve(weighted=False)
    assert found["curve_2"] < found["curve_5"]


@pytest.mark.parametrize("clusters", [0, 200])
def test_intervals_hold(clusters):
    crossing, gap, band = covered(20, 30, clusters=clusters, n=1000, resamples=100)
    assert min(crossing, gap, band) >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize("clusters", [0, 300])
def test_intervals_hold_in_many_worlds(clusters):
    crossing, gap, band = covered(21, 600, clusters=clusters)
    assert 0.93 <= crossing <= 0.97
    assert 0.93 <= gap <= 0.97
    assert 0.93 <= band <= 0.975


def never(seed, replicates, top):
    """Shares in which the curve never reaches the level, and in which the best gap says so."""
    rng, counts = np.random.default_rng(seed), np.zeros(2)
    for _ in range(replicates):
        found = fitted(rng, top=top, resamples=2)
        high = found.gap[-1] + 1.97 * np.sqrt(found.gap_covariance[-1, -1])
        counts += np.isposinf(first_reached(GRID, found.gap)), high < 0
    return counts / replicates


def test_a_level_out_of_reach_is_said_to_be_so():
    told, sure = never(22, 40, top=-0.8)
    assert told >= 0.95
    assert sure >= 0.5
    assert never(23, 40, top=0.6)[1] == 0.0
