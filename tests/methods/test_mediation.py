"""Mediation models: least squares by another way, routes, designs and awkward tables.

R's numbers (lm, lavaan, the published example) stand in the validation cases.
"""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import mediation
from crmresearch.methods.mediation import along, fit, slopes
from crmresearch.methods.weighting import design

STAGES = [0, 1, 1, 2, 3]
NAMES = ["x", "m1", "m2", "h", "y"]


def rng():
    return np.random.default_rng(5)


def table(n: int = 300, seed: int = 1) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    x = draw.integers(0, 2, n).astype(float)
    m1 = 0.8 * x + draw.normal(size=n)
    m2 = -0.3 * x + 0.4 * m1 + draw.normal(size=n)
    h = 0.5 * m1 + 0.3 * m2 + draw.normal(size=n)
    y = 0.6 * h + 0.2 * m2 + 0.1 * x + draw.normal(size=n)
    return pd.DataFrame({"x": x, "m1": m1, "m2": m2, "h": h, "y": y})[NAMES]


def held(n: int = 300) -> pd.DataFrame:
    draw = np.random.default_rng(2)
    return pd.DataFrame({"a": draw.normal(size=n), "b": draw.integers(0, 3, n).astype(float)})


def by_lstsq(data, extra, weights) -> np.ndarray:
    """Each variable on all stages before it, by least squares on the rows."""
    found, root = np.zeros((5, 5)), np.sqrt(weights)[:, None]
    for at, stage in enumerate(STAGES):
        before = [place for place, other in enumerate(STAGES) if other < stage]
        if before:
            matrix = np.column_stack([np.ones(len(data)), extra, data.iloc[:, before]])
            solved = np.linalg.lstsq(matrix * root, data.iloc[:, [at]] * root)[0][:, 0]
            found[at, before] = solved[1 + extra.shape[1] :]
    return found


@pytest.mark.parametrize("weighted", [False, True])
def test_slopes_are_those_of_least_squares_on_the_rows(weighted):
    data, extra = table(), held()
    weights = rng().uniform(0.2, 3.0, 300) if weighted else np.ones(300)
    model = fit(
        data, STAGES, covariates=extra, rng=rng(), design=design(300, weights), resamples=20
    )
    assert_allclose(model.slopes, by_lstsq(data, extra, weights), atol=1e-10)


def test_what_goes_along_all_routes_is_the_regression_on_the_cause_alone():
    data = table()
    model = fit(data, STAGES, rng=rng(), resamples=20)
    alone = np.polyfit(data["x"], data["y"], 1)[0]
    routes = model.routes("x", "y")
    assert len(routes) == 6
    assert routes[0] == (0, 4)
    assert float(along(model.slopes, routes)) == pytest.approx(alone, abs=1e-10)


def test_resamples_are_fits_of_resampled_rows(monkeypatch):
    data, extra = table(60), held(60)
    counts = np.random.default_rng(9).multinomial(60, np.full(60, 1 / 60), 3).astype(float)
    monkeypatch.setattr(mediation, "resampled", lambda sums, *_: counts @ sums)
    model = fit(data, STAGES, covariates=extra, rng=rng(), resamples=3)
    for number, drawn in zip(counts, model.drawn_slopes, strict=True):
        assert_allclose(drawn, by_lstsq(data, extra, number), atol=1e-9)


def test_the_jackknife_leaves_out_one_unit_after_the_other():
    data, clusters = table(60), np.arange(60) // 5
    model = fit(data, STAGES, rng=rng(), design=design(60, clusters=clusters), resamples=20)
    without = slopes(model.without.squares, model.stages)
    assert len(without) == 12
    kept = data[clusters != 3]
    empty = np.empty((len(kept), 0))
    assert_allclose(without[3], by_lstsq(kept, empty, np.ones(len(kept))), atol=1e-9)
    sizes = model.without.deviations[3]
    assert_allclose(sizes, kept.std(ddof=0), rtol=1e-9)


def test_clusters_are_summed_whole_and_widen_the_spread_of_draws():
    data = pd.concat([table(100)] * 4, ignore_index=True)
    single = fit(data, STAGES, rng=rng(), resamples=400)
    four = fit(
        data, STAGES, rng=rng(), resamples=400, design=design(400, clusters=list(range(100)) * 4)
    )
    assert_allclose(single.slopes, four.slopes, atol=1e-9)
    wider = four.drawn_slopes[:, 3, 1].std() / single.drawn_slopes[:, 3, 1].std()
    assert 1.7 < wider < 2.3
    assert "100 " not in four.words
    assert "clusters" in four.words


def test_strata_keep_what_lies_between_them_out_of_the_spread():
    data = table(200)
    strata = np.repeat([0, 1], 100)
    data.loc[strata == 1, "h"] += 50.0
    one = fit(data, STAGES, rng=rng(), resamples=200, design=design(200, strata=strata))
    assert np.isfinite(one.drawn_slopes).all()
    # the mean of h may not move by how many of each stratum are drawn
    deviations = one.drawn.deviations[:, 3]
    assert deviations.std() / deviations.mean() < 0.01


def test_many_rows_are_resampled_in_groups():
    data = pd.concat([table(500, seed) for seed in range(25)], ignore_index=True)
    model = fit(data, STAGES, rng=rng(), resamples=50)
    assert "random groups" in model.words
    assert len(model.sums) == 10_000
    empty = np.empty((len(data), 0))
    assert_allclose(model.slopes, by_lstsq(data, empty, np.ones(len(data))), atol=1e-9)


def test_covariates_that_repeat_others_do_no_harm():
    data, extra = table(), held()
    twice = extra.assign(c=extra["a"] * 3 - 1, d=5.0)
    one = fit(data, STAGES, covariates=extra, rng=rng(), resamples=20)
    two = fit(data, STAGES, covariates=twice, rng=rng(), resamples=20)
    assert_allclose(one.slopes, two.slopes, atol=1e-8)


def test_incomplete_rows_and_rows_without_weight_are_left_out():
    data, extra = table(), held()
    data.loc[:9, "h"] = np.nan
    extra.loc[10:14, "a"] = np.nan
    weights = np.ones(300)
    weights[15:20] = 0.0
    model = fit(
        data, STAGES, covariates=extra, rng=rng(), design=design(300, weights), resamples=20
    )
    assert (model.n, model.n_dropped) == (280, 20)
    rest = fit(data[20:], STAGES, covariates=extra[20:], rng=rng(), resamples=20)
    assert_allclose(model.slopes, rest.slopes, atol=1e-10)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:0],
        lambda data: data[:1],
        lambda data: data[:7],
        lambda data: data.assign(h=np.nan),
        lambda data: data.assign(h=3.0),
        lambda data: data.assign(x=0.0),
        lambda data: data.assign(m2=2 * data["m1"] + 1),
        lambda data: data.assign(y=data["h"]),
    ],
)
def test_tables_that_carry_no_model_give_none(spoil):
    assert fit(spoil(table()), STAGES, rng=rng(), resamples=20) is None


def test_a_variable_that_the_covariates_explain_has_no_effect_to_tell():
    data = table()
    assert fit(data, STAGES, covariates=data[["m1"]], rng=rng(), resamples=20) is None


def test_resamples_that_cannot_be_told_are_left_out():
    data = table(20)
    data["x"] = 0.0
    data.loc[0, "x"] = 1.0  # a third of the resamples lack it
    model = fit(data, STAGES, rng=rng(), resamples=300)
    assert 100 < len(model.drawn_slopes) < 290
    assert np.isfinite(model.drawn_slopes).all()


def test_a_large_mean_costs_no_precision():
    data = table()
    moved = data + np.array([0, 1e6, 0, 0, -1e6])
    one, two = (fit(part, STAGES, rng=rng(), resamples=20) for part in (data, moved))
    assert_allclose(one.slopes, two.slopes, atol=1e-6)


def test_one_seed_gives_one_result():
    one, two = (fit(table(), STAGES, rng=rng(), resamples=30) for _ in range(2))
    assert (one.drawn_slopes == two.drawn_slopes).all()
