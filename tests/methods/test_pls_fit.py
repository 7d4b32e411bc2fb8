"""The path model fitted to answers: coverage of its intervals, the index, the map, thin data."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import pls, pls_fit, pls_measurement, pls_priorities, pls_scores
from crmresearch.methods.weighting import Design, design, weighted_mean
from crmresearch.report.estimates import find

NAMES = {name: name.title() for name in ("quality", "value", "satisfaction", "loyalty")}
NAMED = {"key": "index", "names": NAMES, "slugs": {name: name for name in NAMES}, "level": 0.95}
LOW, HIGH = np.ones(10), np.full(10, 7.0)


def rng(seed=7):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def answers(known):
    return known.sample(240, rng(1), points=7)


@pytest.fixture(scope="module")
def fitted(known, answers):
    return pls_fit.fit(answers, known.model, rng=rng(), resamples=300)


def test_every_path_and_r2_has_its_interval(fitted, known):
    found = pls_fit.paths(fitted, **NAMED)
    assert [item.key for item in found[:5]] == [
        "index.path.quality.value",
        "index.path.quality.satisfaction",
        "index.path.value.satisfaction",
        "index.path.value.loyalty",
        "index.path.satisfaction.loyalty",
    ]
    assert [item.key for item in found[5:]] == [
        f"index.r2.{name}" for name in ("value", "satisfaction", "loyalty")
    ]
    assert all(item.low < item.value < item.high for item in found)
    assert found[0].name == "Quality → Value"
    assert {(item.n, item.n_dropped) for item in found} == {(240, 0)}
    assert "300 resamples of rows" in found[0].method


def test_effects_add_up(fitted):
    found = [*pls_fit.paths(fitted, **NAMED), *pls_fit.effects(fitted, **NAMED)]
    value = {item.key.removeprefix("index."): item.value for item in found}
    total = value["total.quality.satisfaction"]
    assert total == pytest.approx(
        value["path.quality.satisfaction"] + value["indirect.quality.satisfaction"]
    )
    assert value["indirect.quality.satisfaction"] == pytest.approx(
        value["path.quality.value"] * value["path.value.satisfaction"]
    )
    assert value["total.quality.loyalty"] == pytest.approx(
        total * value["path.satisfaction.loyalty"]
        + value["path.quality.value"] * value["path.value.loyalty"]
    )
    assert "indirect.quality.loyalty" not in value  # no arrow of its own to take away
    assert "total.quality.value" not in value  # the path itself


def test_items_and_constructs_are_measured(fitted, answers, known):
    names = {item: item.upper() for item in known.model.items}
    items = pls_measurement.items(fitted, key="index", names=names, level=0.95)
    built = ((answers - answers.mean(axis=0)) / answers.std(axis=0)) @ fitted.solution.weights
    assert_allclose(built.std(axis=0), 1)
    r = np.corrcoef(answers[:, 0], built[:, 0])[0, 1]
    assert find(items, "index.loading.q1").value == pytest.approx(r)
    assert find(items, "index.weight.q1").value == pytest.approx(fitted.solution.weights[0, 0])
    made = pls_measurement.constructs(fitted, **NAMED)
    squares = [find(items, f"index.loading.q{place}").value ** 2 for place in (1, 2, 3)]
    assert find(made, "index.ave.quality").value == pytest.approx(np.mean(squares))
    assert 0.6 < find(made, "index.rho_a.quality").value < 0.9
    raw = pls_fit.fit(answers, known.model, rng=rng(), metric="raw", resamples=30)
    weight = pls_measurement.items(raw, key="index", names=names, level=0.95)[1]
    expected = raw.solution.weights[0, 0] * answers[:, 0].std()
    assert weight.value == pytest.approx(expected)


@pytest.mark.parametrize("metric", pls.METRICS)
def test_the_index_is_fornells_formula(known, answers, metric):
    fitted = pls_fit.fit(answers, known.model, rng=rng(), metric=metric, resamples=100)
    place = known.model.names.index("satisfaction")
    mine = known.model.blocks[:, place]
    weights = fitted.solution.weights[mine, place]
    if metric == "standardised":
        weights = weights / answers[:, mine].std(axis=0)
    means = answers[:, mine].mean(axis=0)
    expected = 100 * (weights @ means - weights.sum()) / (6 * weights.sum())
    half = np.arange(240) < 120
    found = pls_scores.index(
        fitted,
        answers,
        "satisfaction",
        low=LOW,
        high=HIGH,
        design=Design(240),
        parts=[("wave: first", half), ("wave: second", ~half), ("wave: none", half & ~half)],
        key="score",
        name="Index",
    )
    overall, equal, first, second = found
    assert overall.value == pytest.approx(expected)
    assert equal.value == pytest.approx(100 * (means.mean() - 1) / 6)
    assert (first.value + second.value) / 2 == pytest.approx(expected)
    assert (first.n, second.group) == (120, "wave: second")
    error = weighted_mean((answers[:, mine] - 1) @ weights / weights.sum() * 100 / 6, Design(240))
    assert overall.high - overall.value >= 1.96 * error[1]
    assert overall.high - overall.value == pytest.approx(1.97 * error[1], rel=0.05)


def test_the_index_needs_declared_ends_and_uses_who_answered_its_items(known, answers, fitted):
    settings = {"design": Design(240), "key": "score", "name": "Index"}
    low = np.where(known.model.blocks[:, 2], np.nan, 1.0)
    args = (fitted, answers, "satisfaction")
    assert pls_scores.index(*args, low=low, high=HIGH, **settings) == []
    holes = answers.copy()
    holes[:40, 0] = np.nan  # of quality
    holes[40:50, 5] = np.nan  # of satisfaction
    part = pls_fit.fit(holes, known.model, rng=rng(), resamples=50)
    assert (part.n, part.n_dropped) == (190, 50)
    found = pls_scores.index(part, holes, "satisfaction", low=LOW, high=HIGH, **settings)
    assert (found[0].n, found[0].n_dropped) == (230, 10)


def test_the_map_shares_out_every_resample(fitted):
    found = pls_priorities.priorities(fitted, "loyalty", low=LOW, high=HIGH, **NAMED)
    names = [
        x.key.rpartition(".")[2] for x in found if ".importance." in x.key and "line" not in x.key
    ]
    assert sorted(names) == ["quality", "satisfaction", "value"]
    values = [find(found, f"index.importance.{name}").value for name in names]
    assert values == sorted(values, reverse=True)
    for name in names:
        shares = [find(found, f"index.{part}.{name}").value for part in pls_priorities.QUADRANTS]
        assert sum(shares) == pytest.approx(1)
    line = find(found, "index.line.importance")
    assert line.value == pytest.approx(np.mean(values))
    total = find(pls_fit.effects(fitted, **NAMED), "index.total.quality.loyalty")
    assert find(found, "index.importance.quality").value == pytest.approx(total.value)
    level = find(found, "index.performance.quality")
    assert level.low < level.value < level.high
    assert pls_priorities.priorities(fitted, "value", low=LOW, high=HIGH, **NAMED) == []


def test_exact_fit_is_refused_where_an_arrow_is_missing(known):
    answers = known.sample(400, rng(3))
    whole = pls_fit.fit(answers, known.model, rng=rng(), resamples=200)
    assert pls_fit.exact_fit(whole, key="srmr").p > 0.02
    arrows = [pair for pair in known.paths if pair != ("quality", "satisfaction")]
    part = pls.path_model(known.blocks, arrows)
    place = [known.model.items.index(item) for item in part.items]
    thin = pls_fit.fit(answers[:, place], part, rng=rng(), resamples=200)
    found = pls_fit.exact_fit(thin, key="srmr")
    assert found.p < 0.01
    assert found.value > pls_fit.exact_fit(whole, key="srmr").value


def test_weights_and_clusters_count(known, answers):
    twice = np.vstack([answers, answers[:60]])
    weights = np.where(np.arange(240) < 60, 2.0, 1.0)
    weighted = pls_fit.fit(
        answers, known.model, rng=rng(), design=design(240, weights), resamples=20
    )
    doubled = pls_fit.fit(twice, known.model, rng=rng(), resamples=20)
    assert_allclose(weighted.solution.paths, doubled.solution.paths, atol=1e-9)
    people = np.repeat(np.arange(240), 4)  # everybody four times
    copies = np.repeat(answers, 4, axis=0)
    related = pls_fit.fit(
        copies, known.model, rng=rng(), design=design(960, None, None, people), resamples=400
    )
    alone = pls_fit.fit(copies, known.model, rng=rng(), resamples=400)
    single = pls_fit.fit(answers, known.model, rng=rng(), resamples=400)
    spread = [x.draws.paths[:, 0, 1].std() for x in (related, alone, single)]
    assert spread[0] == pytest.approx(spread[2], rel=0.15)
    assert spread[1] == pytest.approx(spread[2] / 2, rel=0.15)


def test_thin_data_make_no_fit_or_say_what_was_lost(known, answers):
    assert pls_fit.fit(answers[:3], known.model, rng=rng()) is None
    empty = np.full((30, 10), np.nan)
    for missing in ("listwise", "mean"):
        assert pls_fit.fit(empty, known.model, rng=rng(), missing=missing) is None
    flat = answers.copy()
    flat[:, 4] = 3.0
    for metric in pls.METRICS:
        assert pls_fit.fit(flat, known.model, rng=rng(), metric=metric) is None
    flat[0, 4] = 4.0  # one answer that a third of the resamples miss
    found = pls_fit.fit(flat, known.model, rng=rng(), resamples=200)
    assert 40 < found.failed < 120
    assert len(found.draws.paths) == 200 - found.failed
    assert f"{found.failed} of them without a solution left out" in found.words
    few = pls_fit.fit(answers[:8], known.model, rng=rng(), resamples=100)  # rows fewer than items
    assert few is None or np.isfinite(few.solution.paths).all()


def test_nothing_depends_on_the_order_of_rows_or_on_anything_but_the_seed(known, answers, fitted):
    again = pls_fit.fit(answers, known.model, rng=rng(), resamples=300)
    assert_allclose(again.draws.paths, fitted.draws.paths)
    turned = pls_fit.fit(answers[::-1], known.model, rng=rng(), resamples=300)
    assert_allclose(turned.solution.paths, fitted.solution.paths, atol=1e-9)


def covered(known, n, samples, resamples, **settings) -> tuple[float, float, float]:
    """How often 95% intervals of paths, R² and the total effect hold what the population has."""
    truth = pls.solve(known.matrix, known.model, **settings)
    hits, r2, total = [], [], []
    noise = rng(11)
    for _ in range(samples):
        answers = known.sample(n, noise)
        found = pls_fit.fit(answers, known.model, rng=noise, resamples=resamples, **settings)
        for s, t in known.model.arrows:
            low, high = np.quantile(found.draws.paths[:, s, t], [0.025, 0.975])
            hits.append(low <= truth.paths[s, t] <= high)
        for t in known.model.targets:
            low, high = np.quantile(found.draws.r2[:, t], [0.025, 0.975])
            r2.append(low <= truth.r2[t] <= high)
        [effect] = [
            x for x in pls_fit.effects(found, **NAMED) if x.key == "index.total.quality.loyalty"
        ]
        true = 0.5 * (0.45 + 0.5 * 0.3) + 0.5 * 0.2
        total.append(effect.low <= true <= effect.high)
    return float(np.mean(hits)), float(np.mean(r2)), float(np.mean(total))


def test_intervals_cover_their_population(known):
    hits, r2, total = covered(known, 200, samples=60, resamples=200)
    assert 0.90 < hits < 0.99
    assert r2 > 0.87
    assert total > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("scheme", pls.SCHEMES)
def test_intervals_cover_their_population_in_many_samples(known, scheme):
    hits, r2, total = covered(known, 200, samples=500, resamples=400, scheme=scheme)
    assert 0.93 < hits < 0.965
    assert 0.92 < r2 < 0.97
    assert 0.92 < total < 0.98


@pytest.mark.slow
def test_the_interval_of_the_index_covers(known):
    big = known.sample(1_000_000, rng(12), points=7)
    truth = pls.solve(np.cov(big.T), known.model)
    each = pls_scores.index_weights(truth.weights, np.cov(big.T), "standardised", LOW, HIGH)
    place = known.model.names.index("satisfaction")
    level, noise, hits = (big.mean(axis=0) - 1) @ each[:, place], rng(13), []
    for _ in range(400):
        answers = known.sample(80, noise, points=7)
        fitted = pls_fit.fit(answers, known.model, rng=noise, resamples=200)
        settings = {"low": LOW, "high": HIGH, "design": Design(80), "key": "k", "name": "n"}
        found = pls_scores.index(fitted, answers, "satisfaction", **settings)[0]
        hits.append(found.low <= level <= found.high)
    assert 0.92 < np.mean(hits) < 0.98
