"""Correspondence analysis: identities, regions that hold the true places, awkward tables.

Published numbers and R's are in the validation cases of the map.
"""

import numpy as np
import pytest
from scipy import stats

from crmresearch.methods.correspondence import chance, correspondence, reach, region

APART = np.array([[0.45, 0.30, 0.15, 0.10], [0.15, 0.30, 0.20, 0.35], [0.20, 0.45, 0.30, 0.05]])
NUMBERS = [30, pytest.param(400, marks=pytest.mark.slow)]


def multinomial(shares: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(G, K, G, K) covariance of the shares of independent groups."""
    groups, width = shares.shape
    found = np.zeros((groups, width, groups, width))
    for group, (row, n) in enumerate(zip(shares, sizes, strict=True)):
        found[group, :, group] = (np.diag(row) - np.outer(row, row)) / n
    return found


def held(true: np.ndarray, n: int, number: int) -> tuple[float, float, float]:
    """How often regions and intervals hold the true places, and how often the test rejects."""
    rng, sizes = np.random.default_rng(3), np.full(len(true), n)
    both, single, rejected = [], [], []
    for draw in range(number):
        shares = np.array([rng.multinomial(n, row) for row in true]) / n
        axes = correspondence(shares, sizes)
        covariance = multinomial(shares, sizes)
        test = chance(axes, covariance, 1e6)
        drawn = min(2, len(axes.inertia))
        far = reach(axes, covariance, test, drawn=drawn, freedom=1e6, seed=draw)
        onto = axes.onto[:, :drawn]
        spread = test.covariance(onto)
        away = axes.places[:, :drawn] - (true - axes.masses @ true) @ onto
        square = np.einsum("ga,gab,gb->g", away, np.linalg.pinv(spread), away)
        both.append((square <= far.joint**2).mean())
        single.append((np.abs(away) <= far.single * np.sqrt(np.einsum("gaa->ga", spread))).mean())
        rejected.append(test.p < 0.05)
    return float(np.mean(both)), float(np.mean(single)), float(np.mean(rejected))


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "true",
    [APART, 0.3 * APART + 0.7 * APART.mean(axis=0), np.tile(APART.mean(axis=0), (2, 1))],
    ids=["apart", "little apart", "alike"],
)
def test_regions_hold_the_true_places(true, number):
    """On the axes as they come out, also where chance alone has turned them."""
    both, single, rejected = held(true, 250, number)
    room = 0.025 if number == 400 else 0.10
    assert 0.95 - room <= both <= 0.95 + max(room, 0.05)
    assert 0.95 - room <= single <= 0.95 + max(room, 0.05)
    if len(true) == 2:
        assert rejected <= (0.08 if number == 400 else 0.2)
        assert rejected >= (0.03 if number == 400 else 0)
    if true is APART:
        assert rejected == 1


def test_normal_quantiles_would_not_hold_places_on_axes_that_chance_has_turned():
    alike = np.tile(APART.mean(axis=0), (2, 1))
    axes = correspondence(alike + 0.02 * np.array([[1, -1, 1, -1], [-1, 1, -1, 1]]), np.ones(2))
    covariance = multinomial(alike, np.array([250, 250]))
    far = reach(axes, covariance, chance(axes, covariance, 1e6), drawn=1, freedom=1e6)
    assert far.single[0] > 2.4
    sure = correspondence(APART[:2], np.ones(2))
    covariance = multinomial(APART[:2], np.array([10_000, 10_000]))
    far = reach(sure, covariance, chance(sure, covariance, 1e6), drawn=1, freedom=1e6)
    assert far.single[0] == pytest.approx(stats.norm.ppf(0.975), abs=0.15)


def test_chance_makes_pearsons_test_of_a_simple_table():
    counts = np.array([[20, 30, 25], [40, 15, 30], [22, 18, 31], [9, 14, 12]])
    sizes = counts.sum(axis=1)
    shares = np.tile(counts.sum(axis=0) / counts.sum(), (4, 1))
    axes = correspondence(counts / sizes[:, None], sizes)
    test = chance(axes, multinomial(shares, sizes), 1e12)
    pearson = stats.chi2_contingency(counts, correction=False)
    assert axes.total * counts.sum() == pytest.approx(pearson.statistic)
    assert test.above == pytest.approx(pearson.dof)
    assert test.p == pytest.approx(pearson.pvalue, abs=1e-6)


def test_places_have_chi_squared_distances_and_arrows_give_back_the_shares():
    axes = correspondence(APART, np.array([3.0, 1.0, 2.0]))
    gaps = axes.places[:, None] - axes.places
    direct = (APART[:, None] - APART) / np.sqrt(axes.centre)
    np.testing.assert_allclose((gaps**2).sum(axis=-1), (direct**2).sum(axis=-1), atol=1e-12)
    again = axes.centre + np.sqrt(axes.centre) * (axes.places @ axes.arrows.T)
    np.testing.assert_allclose(again, APART, atol=1e-12)
    np.testing.assert_allclose((axes.arrows**2).sum(axis=0), 1)
    np.testing.assert_allclose(axes.masses @ axes.places, 0, atol=1e-12)
    assert axes.shown.sum() == pytest.approx(1)
    longest = axes.arrows[np.abs(axes.arrows).argmax(axis=0), [0, 1]]
    assert (longest > 0).all()


def test_region_is_the_ellipse_of_its_covariance():
    spread = np.array([[2.0, 0.5], [0.5, 1.0]])
    outline = region(np.array([1.0, -1.0]), spread, 1.7) - [1.0, -1.0]
    square = np.einsum("pa,ab,pb->p", outline, np.linalg.inv(spread), outline)
    np.testing.assert_allclose(square, 1.7**2)
    flat = region(np.zeros(2), np.array([[1.0, 0.0], [0.0, 0.0]]), 2.0)
    assert np.abs(flat[:, 1]).max() == 0


def test_awkward_tables():
    alike = correspondence(np.tile([0.5, 0.5], (3, 1)), np.ones(3))
    assert len(alike.inertia) == 0
    assert alike.total == 0
    assert alike.places.shape == (3, 0)
    empty = correspondence(np.array([[0.5, 0.5, 0.0], [0.2, 0.8, 0.0]]), np.ones(2))
    assert len(empty.inertia) == 1
    assert (empty.arrows[2] == 0).all()
    weightless = correspondence(APART, np.array([1.0, 1.0, 0.0]))
    assert len(weightless.inertia) == 1
    assert np.isfinite(weightless.places).all()
    below = correspondence(np.array([[-0.02, 1.02], [0.4, 0.6]]), np.ones(2))
    assert len(below.inertia) == 1
    for profiles, masses in (
        (APART, np.zeros(3)),
        (APART, np.array([1.0, -1.0, 1.0])),
        (np.array([[-0.3, 1.3], [0.1, 0.9]]), np.ones(2)),
    ):
        with pytest.raises(ValueError, match=r"masses are|negative share"):
            correspondence(profiles, masses)
    nothing = chance(weightless, np.zeros((3, 4, 3, 4)), 5)
    assert np.isnan(nothing.p)
