"""The path model solved: published and R's numbers, a known population, awkward matrices."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import pls, pls_quality
from crmresearch.methods.covariances import correlation
from crmresearch.validation import cases_survey_index
from crmresearch.validation.cases import cases

NAMES = ("quality", "value", "satisfaction", "loyalty")


def at(matrix, source, target):
    return matrix[..., NAMES.index(source), NAMES.index(target)]


def test_published_and_r_numbers_are_met():
    chosen = [case for case in cases("survey") if case.module == "cases_survey_index"]
    made = {}
    for case in chosen:
        asked = case.call, repr(case.given)
        if asked not in made:
            made[asked] = getattr(cases_survey_index, case.call)(**case.given)
        assert abs(made[asked][case.part] - case.published) < case.tolerance, case.id
    assert len(chosen) > 150


@pytest.mark.parametrize("scheme", pls.SCHEMES)
@pytest.mark.parametrize("metric", pls.METRICS)
def test_a_population_of_composites_gives_its_paths_back(known, scheme, metric):
    found = pls.solve(known.matrix, known.model, scheme=scheme, metric=metric)
    assert found.converged
    for (source, target), value in known.paths.items():
        assert at(found.paths, source, target) == pytest.approx(value, abs=1e-10)
    matrix = known.matrix
    expected = pls_quality.implied(matrix, found, known.model)
    assert pls_quality.srmr(matrix, expected) == pytest.approx(0, abs=1e-10)


def test_many_matrices_are_solved_as_each_alone(known):
    rng = np.random.default_rng(1)
    matrices = np.array([np.cov(known.sample(60, rng).T) for _ in range(7)])
    together = pls.solve(matrices, known.model, metric="raw")
    for place, matrix in enumerate(matrices):
        alone = pls.solve(matrix, known.model, metric="raw")
        assert_allclose(together.paths[place], alone.paths, atol=1e-9)
        assert_allclose(together.weights[place], alone.weights, atol=1e-9)
    assert together.iterations.max() < 60


def test_it_is_regression_where_every_construct_has_one_item(known):
    matrix = np.cov(known.sample(80, np.random.default_rng(2)).T)
    made = pls.path_model({"a": ["a"], "b": ["b"], "c": ["c"]}, [("a", "c"), ("b", "c")])
    found = pls.solve(matrix[:3, :3], made)
    r = correlation(matrix[:3, :3])
    assert_allclose(found.paths[:2, 2], np.linalg.solve(r[:2, :2], r[:2, 2]), rtol=1e-12)
    assert found.r2[2] == pytest.approx(found.paths[:2, 2] @ r[:2, 2])
    assert np.isnan(found.r2[:2]).all()
    assert_allclose(found.loadings, 1)


def test_the_metrics_agree_where_items_vary_alike(known):
    matrix = correlation(np.cov(known.sample(90, np.random.default_rng(3)).T))
    one, other = (pls.solve(matrix, known.model, metric=metric) for metric in pls.METRICS)
    assert_allclose(one.paths, other.paths, atol=1e-12)
    stretched = matrix * np.outer(np.r_[3, np.ones(9)], np.r_[3, np.ones(9)])
    assert_allclose(pls.solve(stretched, known.model).paths, one.paths, atol=1e-12)
    raw = pls.solve(stretched, known.model, metric="raw")
    assert abs(at(raw.paths, "quality", "value") - at(one.paths, "quality", "value")) > 1e-4


def test_a_construct_points_the_way_its_items_do(known):
    """Turning every item of a construct turns its paths; the sign is not left to chance."""
    matrix = np.cov(known.sample(90, np.random.default_rng(4)).T)
    found = pls.solve(matrix, known.model)
    assert (found.loadings @ known.model.blocks > 0).all()
    turn = np.where(known.model.blocks[:, 0], -1.0, 1.0)  # all items of quality
    turned = pls.solve(matrix * turn * turn[:, None], known.model)
    assert (turned.loadings > 0).all()
    assert at(turned.paths, "quality", "value") == pytest.approx(
        -at(found.paths, "quality", "value")
    )


def test_total_effects_go_along_every_way():
    paths = np.zeros((4, 4))
    paths[0, 1], paths[0, 2], paths[1, 2], paths[2, 3], paths[1, 3] = 0.5, 0.2, 0.4, 0.3, 0.1
    found = pls_quality.total_effects(paths)
    assert found[0, 3] == pytest.approx(0.5 * 0.1 + 0.5 * 0.4 * 0.3 + 0.2 * 0.3)
    assert_allclose(found, np.linalg.inv(np.eye(4) - paths) - np.eye(4), atol=1e-12)


def test_two_identical_constructs_share_their_path(known):
    matrix = known.matrix
    double = np.block([[matrix, matrix], [matrix, matrix]])
    keep = [0, 1, 2, 10, 11, 12, 5, 6, 7]
    made = pls.path_model(
        {"one": list("abc"), "other": list("def"), "satisfaction": list("ghi")},
        [("one", "satisfaction"), ("other", "satisfaction")],
    )
    for scheme in pls.SCHEMES:
        found = pls.solve(double[np.ix_(keep, keep)], made, scheme=scheme)
        assert found.converged
        assert found.paths[0, 2] == pytest.approx(found.paths[1, 2])
        assert found.paths[0, 2] == pytest.approx(found.correlations[0, 2] / 2)
    factors = pls_quality.inflation(found.correlations, made)
    assert list(factors.values()) == [np.inf, np.inf]


def test_an_item_without_spread_cannot_be_solved_and_hides_nothing(known):
    good = np.cov(known.sample(50, np.random.default_rng(5)).T)
    poor = good.copy()
    poor[2] = poor[:, 2] = 0.0
    found = pls.solve(np.array([good, poor]), known.model)
    assert found.converged.tolist() == [True, False]
    assert np.isnan(found.weights[1]).all()
    assert_allclose(found.paths[0], pls.solve(good, known.model).paths)


def test_formative_items_are_weighted_by_regression(known):
    rng = np.random.default_rng(6)
    matrix = np.cov(known.sample(200, rng).T)
    made = pls.path_model(
        known.blocks, list(known.paths), ["quality", "value", "satisfaction", "loyalty"]
    )
    pair = pls.path_model({"x": list("abc"), "y": list("de")}, [("x", "y")], formative=["x", "y"])
    found = pls.solve(matrix[:5, :5], pair)
    s = matrix[:5, :5]  # mode B of two blocks is the first canonical correlation
    across = np.linalg.solve(s[:3, :3], s[:3, 3:]) @ np.linalg.solve(s[3:, 3:], s[3:, :3])
    assert found.paths[0, 1] ** 2 == pytest.approx(np.linalg.eigvals(across).real.max())
    assert pls.solve(matrix, made).converged


@pytest.mark.parametrize(
    ("blocks", "arrows", "words"),
    [
        ({"a": ["x"], "b": ["y"]}, [("a", "b"), ("b", "a")], "circle"),
        ({"a": ["x"], "b": ["y"]}, [("a", "c")], "no construct is named c"),
        ({"a": [], "b": ["y"]}, [("a", "b")], "needs an item"),
    ],
)
def test_a_model_that_is_none_is_refused(blocks, arrows, words):
    with pytest.raises(ValueError, match=words):
        pls.path_model(blocks, arrows)


def test_an_unknown_scheme_is_refused(known):
    with pytest.raises(ValueError, match="neighbours"):
        pls.solve(known.matrix, known.model, scheme="neighbours")


def test_constructs_stand_after_their_predictors():
    assert pls.in_order(["c", "b", "a"], [("a", "b"), ("b", "c")]) == ["a", "b", "c"]
    found = pls.path_model(dict.fromkeys("cba", ["x"]), [("a", "b"), ("b", "c")])
    assert found.targets == [1, 2]
    assert found.arrows == [(0, 1), (1, 2)]


def test_implied_correlations_hold_whatever_the_order_of_constructs(known):
    """A construct that nothing predicts may be named after one that something does."""
    matrix = np.cov(known.sample(100, np.random.default_rng(8)).T)
    arrows = [("value", "loyalty"), ("quality", "loyalty")]
    values = []
    for names in (["value", "loyalty", "quality"], ["quality", "value", "loyalty"]):
        made = pls.path_model({name: known.blocks[name] for name in names}, arrows)
        items = sum(known.blocks.values(), [])
        place = [items.index(item) for item in made.items]
        part = matrix[np.ix_(place, place)]
        found = pls.solve(part, made)
        values.append(pls_quality.srmr(part, pls_quality.implied(part, found, made)))
    assert values[0] == pytest.approx(values[1], abs=1e-10)
