"""Response surfaces: known surfaces are found again, and congruence is not claimed without them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import response_surface
from crmresearch.methods.response_axes import axes
from crmresearch.methods.response_surface import (
    RESTRICTIONS,
    congruence,
    fit_surface,
    lines,
    restriction,
)
from crmresearch.methods.weighting import design

# b1 to b5 of surfaces whose verdict is known; the first two fall off on both sides
RIDGE = (0.2, 0.2, -0.30, 0.60, -0.30)
BOWL = (0.0, 0.0, -0.35, 0.50, -0.35)
PLANE = (0.1, 0.5, 0.0, 0.0, 0.0)  # only what is experienced counts, nearly
FLAT = (0.3, 0.3, 0.0, 0.0, 0.0)


def drawn(rng, n, slopes, noise=1.0, clusters=0):
    """Two ratings about 4 that go together, and an outcome on the surface."""
    shared = rng.normal(0, 1, n)
    x, y = (np.clip(np.round(4 + shared + rng.normal(0, 0.8, n), 1), 1, 7) for _ in range(2))
    u, v = x - 4, y - 4
    spread = 0.5 + 0.25 * np.abs(u)  # unequal variances, which the errors allow for
    z = np.column_stack([u, v, u * u, u * v, v * v]) @ slopes + noise * spread * rng.normal(size=n)
    group = None
    if clusters:
        group = rng.integers(clusters, size=n)
        z = z + rng.normal(0, 0.7, clusters)[group]
    return z, x, y, group


def surface(seed=1, n=600, slopes=RIDGE, **more):
    z, x, y, group = drawn(np.random.default_rng(seed), n, slopes, **more)
    return fit_surface(z, x, y, centre=4.0, design=design(n, None, None, group))


def by_key(estimates):
    return {item.key.rpartition(".")[2]: item for item in estimates}


def test_without_noise_the_surface_is_found_exactly():
    found = surface(noise=0.0, slopes=(0.1, 0.3, -0.3, 0.4, -0.5))
    assert_allclose(found.slopes[0], (0.1, 0.3, -0.3, 0.4, -0.5), atol=1e-10)
    at = by_key(lines(found))
    assert_allclose([at[f"a{k}"].value for k in range(1, 5)], (0.4, -0.4, -0.2, -1.2), atol=1e-10)
    assert_allclose(found.at(np.array([5.0]), np.array([3.0])), [-0.2 - 1.2], atol=1e-10)


def test_the_slope_beyond_agreement_is_that_of_the_surface():
    found = surface(noise=0.0, slopes=(0.1, 0.3, -0.3, 0.4, -0.5))
    step, near = 1e-6, 0.5
    outwards = []
    for middle in (3.0, 5.0):
        for side in (1, -1):
            gaps = side * np.array([near, near + step])
            z = found.at(middle - gaps / 2, middle + gaps / 2)
            outwards.append((z[1] - z[0]) / step)
    slope = congruence(found, near=near, ends=(3.0, 5.0))
    assert_allclose(slope.value, max(outwards), atol=1e-5)
    assert "more experienced" in slope.method


@pytest.mark.parametrize("slopes", [RIDGE, BOWL])
def test_congruence_is_supported_where_the_outcome_falls_on_both_sides(slopes):
    slope = congruence(surface(seed=3, n=1500, slopes=slopes), near=0.5, ends=(3.5, 4.5))
    assert slope.high < 0
    assert slope.p < 0.05


def test_congruence_is_contradicted_where_only_experience_counts():
    slope = congruence(surface(seed=3, n=1500, slopes=PLANE), near=0.5, ends=(3.5, 4.5))
    assert slope.low > 0
    assert slope.p == 1


def test_several_surfaces_widen_both_bounds():
    found = surface(seed=5)
    one, six = (congruence(found, near=0.5, ends=(3, 5), tests=tests) for tests in (1, 6))
    assert six.low < one.low < one.value < one.high < six.high
    assert_allclose(six.p, 6 * one.p)


def test_restrictions_hold_where_the_difference_alone_counts():
    straight = surface(seed=7, slopes=(-0.4, 0.4, 0.0, 0.0, 0.0))
    squared = surface(seed=7, slopes=(0.0, 0.0, -0.3, 0.6, -0.3))
    clear = 1e-6  # a restriction that holds is not rejected at this level
    assert restriction(straight, "difference").p > clear > restriction(straight, "squared").p
    assert restriction(squared, "squared").p > clear > restriction(squared, "difference").p
    assert restriction(squared, "axis").p > clear
    assert restriction(surface(seed=7, slopes=PLANE), "axis").p < clear
    p = restriction(squared, "axis").p
    assert_allclose(restriction(squared, "axis", tests=3).p, min(1.0, 3 * p))


def repeated(replicates, n, slopes, **more):
    """Rates at which intervals hold the truth, and at which congruence is supported, denied."""
    truth = {"a1": (1, 1, 0, 0, 0), "a2": (0, 0, 1, 1, 1), "a3": (1, -1, 0, 0, 0)}
    truth |= {"a4": (0, 0, 1, -1, 1)}
    truth = {name: float(np.dot(row, slopes)) for name, row in truth.items()}
    held = dict.fromkeys([*truth, "p10", "p11"], 0)
    known, supported, denied = 0, 0, 0
    held["axis"] = 0  # the ridge on the line of agreement is not rejected
    for seed in range(replicates):
        found = surface(seed=seed + 100, n=n, slopes=slopes, **more)
        at = by_key(lines(found) + axes(found))
        for name, value in truth.items():
            held[name] += at[name].low < value < at[name].high
        known += np.isfinite(at["p10"].value)
        held["p10"] += at["p10"].low < 0 < at["p10"].high
        held["p11"] += at["p11"].low < 1 < at["p11"].high
        held["axis"] += restriction(found, "axis").p > 0.05
        slope = congruence(found, near=0.5, ends=(3.25, 4.75))
        supported += slope.high < 0
        denied += slope.low > 0
    rates = {name: count / replicates for name, count in held.items()}
    return rates, known / replicates, supported / replicates, denied / replicates


def test_intervals_of_the_lines_hold_the_truth():
    rates, known, supported, denied = repeated(120, 300, RIDGE, clusters=40)
    assert all(0.88 <= rates[name] <= 1 for name in ("a1", "a2", "a3", "a4"))
    assert known == 1
    assert rates["p11"] >= 0.88
    assert rates["p10"] >= 0.88
    assert supported > 0.5
    assert denied == 0


def test_congruence_is_seldom_claimed_of_a_plane():
    *_, supported, denied = repeated(100, 300, PLANE)
    assert supported == 0
    assert denied > 0.8
    *_, supported, denied = repeated(100, 300, FLAT)
    assert supported <= 0.05
    assert denied <= 0.05


@pytest.mark.slow
def test_coverage_and_size_over_many_samples():
    for clusters in (0, 60):
        rates, known, supported, denied = repeated(600, 400, RIDGE, clusters=clusters)
        assert all(0.93 <= rates[name] <= 0.97 for name in ("a1", "a2", "a3", "a4", "axis"))
        assert known == 1
        assert 0.92 <= rates["p10"] <= 0.98
        assert 0.92 <= rates["p11"] <= 0.98
        assert denied <= 0.01
    # at the edge of congruence: level just at the margin on one side, falling on the other
    edge = (0.15, -0.15, -0.15, 0.30, -0.15)  # a3 = .3, a4 = -.6: flat at half a point
    *_, supported, denied = repeated(600, 400, edge)
    assert supported <= 0.04
    assert denied <= 0.04


def test_ratings_that_are_all_alike_have_no_surface():
    rng = np.random.default_rng(1)
    x = rng.integers(1, 8, 100).astype(float)
    same = fit_surface(rng.normal(size=100), x, x, centre=4.0)
    constant = fit_surface(np.full(100, 5.0), x, rng.permutation(x), centre=4.0)
    nothing = fit_surface(np.full(100, np.nan), x, x, centre=4.0)
    few = fit_surface(rng.normal(size=6), x[:6], rng.permutation(x[:6]), centre=4.0)
    one = fit_surface([4.0], [3.0], [2.0], centre=4.0)
    for found in (same, constant, nothing, few, one):
        assert not found.known
        every = [congruence(found, near=0.5, ends=(3, 5)), *axes(found)]
        every += [restriction(found, which) for which in RESTRICTIONS]
        assert all(np.isnan([item.value, item.low, item.high]).all() for item in every)
        assert all(np.isnan(item.low) for item in lines(found))


def test_rows_without_weight_or_answer_do_not_count():
    z, x, y, _ = drawn(np.random.default_rng(7), 300, RIDGE)
    weights = np.where(np.arange(300) < 250, 1.0, 0.0)
    z[0] = np.nan
    found = fit_surface(z, x, y, centre=4.0, design=design(300, weights))
    alone = fit_surface(z[1:250], x[1:250], y[1:250], centre=4.0)
    assert (found.fit.n, found.fit.n_dropped) == (249, 51)
    assert_allclose(found.slopes[0], alone.slopes[0])
    assert_allclose(found.slopes[1], alone.slopes[1])


def test_large_files_give_the_same_without_copies(monkeypatch):
    for clusters in (0, 60):
        small = surface(seed=8, n=2000, clusters=clusters)
        with monkeypatch.context() as changed:
            changed.setattr(response_surface, "LARGE", 100)
            large = surface(seed=8, n=2000, clusters=clusters)
        assert_allclose(large.slopes[0], small.slopes[0], atol=1e-8)
        assert_allclose(large.slopes[1], small.slopes[1], atol=3e-5)
        assert large.known
    monkeypatch.setattr(response_surface, "LARGE", 10)
    x = np.repeat([2.0, 5.0, 6.0], 20)
    assert not fit_surface(np.arange(60.0), x, x, centre=4.0).known
    assert not fit_surface(np.full(60, np.nan), x, x, centre=4.0).known
