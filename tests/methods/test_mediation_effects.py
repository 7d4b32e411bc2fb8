"""Effects of mediation models: their intervals' coverage, units, and what would undo them."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.mediation import Model, along, fit
from crmresearch.methods.mediation_effects import (
    at_correlation,
    delta_error,
    effect,
    share,
    zero_correlation,
)
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_table

NAMED = {"key": "k", "name": "n"}
MEDIATORS = ["j1", "j2"]


def world(rng, n: int, b: float, *, members: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Cause, two mediators side by side, a last one that passes on `b`, and an outcome.

    Customers of an account, `members` each, share half of every error's variance.
    """
    account = np.arange(n) // members

    def error(scale: float) -> np.ndarray:
        shared = rng.normal(size=account[-1] + 1)[account] if members > 1 else rng.normal(size=n)
        return scale * (shared + rng.normal(size=n)) / 2**0.5

    mood = error(1.0)
    x = (error(1.0) > -0.2).astype(float)
    j1 = 0.8 * x + 0.5 * mood + error(0.8)
    j2 = 0.4 * x + 0.5 * mood + error(0.8)
    h = 0.5 * j1 + 0.3 * j2 + 0.2 * mood + error(0.7)
    y = b * h + 0.2 * j1 + 0.3 * x + 0.2 * mood + error(1.0)
    return pd.DataFrame({"mood": mood, "x": x, "j1": j1, "j2": j2, "h": h, "y": y}), account


def modelled(rng, n: int, b: float, *, resamples: int = 300, members: int = 1) -> Model:
    data, account = world(rng, n, b, members=members)
    return fit(
        data[["x", *MEDIATORS, "h", "y"]],
        [0, 1, 1, 2, 3],
        covariates=data[["mood"]],
        rng=rng,
        design=design(n, clusters=account) if members > 1 else None,
        resamples=resamples,
    )


def joint(model: Model) -> list:
    return [(model.place(name), model.place("h"), model.place("y")) for name in MEDIATORS]


def serial(model: Model) -> list:
    return [way for way in model.routes("x", "y") if len(way) == 4]


TRUTH = {
    "joint": (joint, lambda b: 0.8 * b),
    "serial": (serial, lambda b: (0.8 * 0.5 + 0.4 * 0.3) * b),
    "total": (lambda model: model.routes("x", "y"), lambda b: 0.3 + 0.8 * 0.2 + 0.52 * b),
}


def coverage(n: int, b: float, replicates: int, *, members: int = 1, kind: str = "percentile"):
    rng = np.random.default_rng(n + members)
    hits = dict.fromkeys(TRUTH, 0)
    for _ in range(replicates):
        model = modelled(rng, n, b, members=members)
        for name, (routes, truth) in TRUTH.items():
            found = effect(model, routes(model), **NAMED, standardised=False, kind=kind)
            hits[name] += found.low <= truth(b) <= found.high
    return {name: count / replicates for name, count in hits.items()}


@pytest.mark.parametrize(("b", "members"), [(0.0, 1), (0.4, 5)])
def test_intervals_cover_the_truth(b, members):
    for name, covered in coverage(150, b, 80, members=members).items():
        assert covered >= 0.87, (name, covered)


@pytest.mark.slow
@pytest.mark.parametrize("n", [60, 150, 1000])
@pytest.mark.parametrize("b", [0.0, 0.4])
def test_coverage_from_sixty_rows_on(n, b):
    for name, covered in coverage(n, b, 500).items():
        assert 0.93 <= covered <= 0.97, (name, covered)


@pytest.mark.slow
def test_coverage_under_clusters():
    for name, covered in coverage(500, 0.4, 500, members=5).items():
        assert 0.93 <= covered <= 0.97, (name, covered)


@pytest.mark.slow
def test_percentile_keeps_its_level_near_zero_where_bca_does_not():
    plain = coverage(60, 0.0, 600)["joint"]
    corrected = coverage(60, 0.0, 600, kind="bca")["joint"]
    assert plain >= 0.93
    assert corrected < plain


def test_standardised_is_points_times_the_ratio_of_spreads():
    model = modelled(np.random.default_rng(1), 200, 0.4)
    route = [joint(model)[0]]
    raw = effect(model, route, **NAMED, standardised=False)
    by_sd = effect(model, route, **NAMED)
    ratio = model.whole.deviations[1] / model.whole.deviations[4]
    assert by_sd.value == pytest.approx(raw.value * ratio)
    assert (by_sd.unit, raw.unit) == ("SD", "scale difference")
    whole = effect(model, serial(model), **NAMED, as_is=["x"])
    points = effect(model, serial(model), **NAMED, standardised=False)
    assert whole.value == pytest.approx(points.value / model.whole.deviations[4])


def test_parts_add_up_to_the_total():
    model = modelled(np.random.default_rng(2), 200, 0.4)
    routes = model.routes("j1", "y")
    total, through, past = (
        effect(model, some, **NAMED).value for some in (routes, routes[1:], routes[:1])
    )
    assert total == pytest.approx(through + past)
    part = share(model, routes[1:], routes, **NAMED)
    assert part.value == pytest.approx(through / total)
    assert part.low <= part.value <= part.high


def test_no_share_of_a_total_that_may_be_zero():
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(200, 3)), columns=["x", "m", "y"])
    model = fit(data, [0, 1, 2], rng=rng, resamples=200)
    routes = model.routes("x", "y")
    found = share(model, routes[1:], routes, **NAMED)
    assert np.isnan(found.value)
    assert found.method.startswith("not told")


def test_the_bootstrap_error_is_near_the_delta_method():
    model = modelled(np.random.default_rng(4), 1000, 0.4, resamples=2000)
    route = [joint(model)[0]]
    draws = along(model.drawn_slopes, route)
    assert delta_error(model, route) == pytest.approx(draws.std(), rel=0.1)


def test_sobel_is_told_of_independent_rows_alone():
    rng = np.random.default_rng(5)
    plain, clustered = (modelled(rng, 200, 0.4, members=members) for members in (1, 4))
    assert "Sobel" in effect(plain, joint(plain), **NAMED).method
    words = effect(clustered, joint(clustered), **NAMED).method
    assert "Sobel" not in words
    assert "clusters" in words


def test_nothing_is_left_at_the_correlation_that_undoes_it():
    model = modelled(np.random.default_rng(6), 300, 0.4)
    zero = zero_correlation(model, "h", "y", **NAMED)
    assert zero.low < zero.value < zero.high
    assert at_correlation(model, joint(model), zero.value, **NAMED).value == pytest.approx(0)
    at_none = at_correlation(model, joint(model), 0.0, **NAMED)
    plain = effect(model, joint(model), **NAMED)
    assert_allclose(
        [at_none.value, at_none.low, at_none.high], [plain.value, plain.low, plain.high]
    )
    steps = [at_correlation(model, joint(model), r, **NAMED).value for r in (-0.8, -0.3, 0.3, 0.8)]
    assert steps == sorted(steps, reverse=True)


def test_the_correlation_is_the_partial_one():
    table = golden_table("recovery")
    data = table[["recovered", "justice", "trust", "loyalty"]]
    model = fit(data, [0, 1, 1, 2], rng=np.random.default_rng(7), resamples=50)
    zero = zero_correlation(model, "justice", "loyalty", **NAMED)
    given = np.column_stack([np.ones(len(data)), data[["recovered", "trust"]]])
    left = [
        data[name] - given @ np.linalg.lstsq(given, data[name])[0]
        for name in ("justice", "loyalty")
    ]
    assert zero.value == pytest.approx(np.corrcoef(*left)[0, 1])


def test_an_unmeasured_cause_of_that_strength_undoes_a_true_zero():
    rng = np.random.default_rng(8)
    hidden, x = rng.normal(size=(2, 50_000))
    m = 0.5 * x + hidden + rng.normal(size=50_000)
    y = hidden + rng.normal(size=50_000)  # m passes nothing on
    model = fit(pd.DataFrame({"x": x, "m": m, "y": y}), [0, 1, 2], rng=rng, resamples=50)
    assert effect(model, [(0, 1, 2)], **NAMED).low > 0.1
    assert zero_correlation(model, "m", "y", **NAMED).value == pytest.approx(0.5, abs=0.02)
    assert at_correlation(model, [(0, 1, 2)], 0.5, **NAMED).value == pytest.approx(0, abs=0.02)


def test_few_resamples_leave_no_interval():
    model = modelled(np.random.default_rng(9), 100, 0.4, resamples=10)
    found = effect(model, joint(model), **NAMED)
    assert np.isfinite(found.value)
    assert np.isnan([found.low, found.high]).all()


def test_no_route_carries_nothing():
    model = modelled(np.random.default_rng(10), 100, 0.4)
    found = effect(model, [], **NAMED)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)
