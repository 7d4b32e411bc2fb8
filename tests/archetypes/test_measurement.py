"""Ordinal, continuous and mixed indicators: densities, likelihood, invariances, truth, stepmix.

Agreement with R is in the cases of the validation study.
"""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.archetypes import measurement
from crmresearch.archetypes.em import climb, em_step, posterior
from crmresearch.archetypes.expectation import weighed
from crmresearch.archetypes.latent import LatentClasses, fit, random_starts
from crmresearch.archetypes.patterns import collapse
from crmresearch.errors import DataError

ORDINAL, CONTINUOUS = ("o0", "o1", "o2"), ("c0", "c1")
KINDS = dict.fromkeys(ORDINAL, "ordinal") | dict.fromkeys(CONTINUOUS, "continuous")
SHARES = np.array([0.5, 0.3, 0.2])
CHANCES = np.array([[0.9, 0.8, 0.2], [0.3, 0.2, 0.9], [0.6, 0.7, 0.4]])  # indicator, class
LEANS = np.array([[0.8, -0.6, 0.1], [-0.7, 0.2, 0.6], [0.4, -0.4, 0.7]])
MEANS = np.array([[10.0, 12.0, 15.0], [3.0, 1.0, 2.5]])
SPREAD = np.array([1.2, 0.7])
THRESHOLDS = np.array([0.0, 0.6, 0.9, 0.7, -0.1])


def mixed(n: int, seed: int, missing: float = 0.0) -> pd.DataFrame:
    """Three yes-or-no questions, three scales of five, two quantities; three types."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n, p=SHARES)
    data = {f"b{j}": (rng.random(n) < CHANCES[j][kind]).astype(float) for j in range(3)}
    for j in range(3):
        odds = np.exp(THRESHOLDS + np.outer(LEANS[j], np.arange(5)))
        steps = (odds / odds.sum(axis=1, keepdims=True)).cumsum(axis=1)[kind, :4]
        data[f"o{j}"] = 1.0 + (rng.random(n)[:, None] > steps).sum(axis=1)
    for j in range(2):
        data[f"c{j}"] = MEANS[j][kind] + SPREAD[j] * rng.normal(size=n)
    frame = pd.DataFrame(data)
    return frame.mask(rng.random(frame.shape) < missing)


def fitted(answers, classes, *, seed=1, starts=10, kinds=KINDS, **settings) -> LatentClasses:
    kinds = {name: kind for name, kind in kinds.items() if name in answers}
    patterns = collapse(answers, kinds=kinds, **settings)
    return fit(patterns, classes, starts=starts, rng=np.random.default_rng(seed))


def columns(model, name):
    place = model.patterns.names.index(name)
    first = model.patterns.starts[place]
    return slice(first, first + model.patterns.counts[place])


def test_columns_of_the_kinds():
    patterns = collapse(mixed(60, 1, missing=0.2), kinds=KINDS)
    assert patterns.kinds == (*["nominal"] * 3, *["ordinal"] * 3, *["continuous"] * 2)
    assert patterns.counts.tolist() == [2, 2, 2, 5, 5, 5, 3, 3]
    answered, value, square = patterns.onehot[21:24]
    assert (answered == patterns.answered[:, 6]).all()
    assert (value[answered == 0] == 0).all()
    assert_allclose(square, value**2)
    rebuilt = np.where(answered > 0, value, np.nan)[patterns.row]
    assert_allclose(rebuilt, mixed(60, 1, missing=0.2)["c0"].to_numpy()[patterns.row >= 0])
    assert patterns.cells == np.inf


def test_densities_are_those_of_the_distributions():
    answers = mixed(300, 2, missing=0.15)
    model = fitted(answers, 3)
    patterns, expected = model.patterns, np.log(np.tile(model.shares, (300, 1)))
    for name, kind in zip(patterns.names, patterns.kinds, strict=True):
        own, values = model.probs[:, columns(model, name)], answers[name].to_numpy()
        here = np.isfinite(values)
        if kind == "continuous":
            assert (own[:, 0] == 1).all()
            deviation = np.sqrt(own[:, 2])
            expected[here] += stats.norm.logpdf(values[here, None], own[:, 1], deviation)
        else:
            places = np.searchsorted(np.unique(values[here]), values[here])
            expected[here] += np.log(own[:, places]).T
    density, likely = posterior(patterns, model.shares, model.probs)
    joint = np.exp(expected)
    assert_allclose(density[patterns.row], np.log(joint.sum(axis=1)), rtol=1e-10)
    assert_allclose(likely[patterns.row], joint / joint.sum(axis=1, keepdims=True), atol=1e-10)
    assert_allclose(model.loglik, np.log(joint.sum(axis=1)).sum(), rtol=1e-12)


@given(
    seed=st.integers(0, 10_000), classes=st.integers(1, 4), spread=st.sampled_from(["equal", "own"])
)
@settings(max_examples=10, deadline=None)
def test_neither_a_step_nor_a_leap_lowers_the_likelihood(seed, classes, spread):
    rng = np.random.default_rng(seed)
    answers = mixed(30, seed, missing=0.2).round(int(rng.integers(0, 3)))
    if (answers.nunique() < 2).any():
        return
    patterns = collapse(answers, kinds=KINDS, spread=spread)
    shares, probs = random_starts(patterns, classes, 4, rng)
    before, seen = np.full(4, -np.inf), weighed(patterns, 4)
    for _ in range(5):
        loglik, shares, probs = em_step(seen, shares, probs)
        assert (loglik >= before - 1e-9 * np.abs(loglik)).all()
        before = loglik
    for _ in range(4):  # cycles of two steps, one leap, one step
        found = climb(patterns, shares, probs, cycles=1)
        assert (found.loglik >= before - 1e-9 * np.abs(before)).all()
        shares, probs, before = found.shares, found.probs, found.loglik
        assert np.isfinite(probs).all()
        for where in measurement.columns_of(patterns).ordinal:  # still in the family
            steps = np.diff(np.log(probs[..., where]), axis=-1)
            shift = steps - steps[:1]
            assert_allclose(shift, np.broadcast_to(shift[..., :1], shift.shape), atol=1e-6)


def test_leaps_reach_what_plain_steps_reach():
    patterns = collapse(mixed(200, 5, missing=0.1), kinds=KINDS)
    shares, probs = random_starts(patterns, 3, 1, np.random.default_rng(3))
    fast, seen = climb(patterns, shares, probs, cycles=400), weighed(patterns, 1)
    for _ in range(400):
        loglik, shares, probs = em_step(seen, shares, probs)
    assert fast.converged.all()
    assert fast.loglik >= loglik - 1e-6
    assert_allclose(fast.loglik, loglik, rtol=0, atol=1e-3)


def test_units_of_a_quantity_change_nothing_but_units():
    answers = mixed(400, 3, missing=0.1)
    plain = fitted(answers, 3)
    moved = answers.assign(c0=answers["c0"] * 1e-3 + 4e7, c1=answers["c1"] * -1e80)
    other = fitted(moved, 3)
    answering = answers[["c0", "c1"]].notna().sum()
    shift = answering["c0"] * np.log(1e-3) + answering["c1"] * np.log(1e80)
    assert_allclose(other.loglik, plain.loglik - shift, rtol=1e-7)
    assert_allclose(other.shares, plain.shares, atol=1e-4)
    mean, variance = other.probs[:, columns(other, "c0")].T[1:]
    assert_allclose((mean - 4e7) * 1e3, plain.probs[:, columns(plain, "c0")][:, 1], atol=1e-2)
    assert_allclose(variance * 1e6, plain.probs[:, columns(plain, "c0")][:, 2], rtol=1e-3)


def test_the_direction_of_a_scale_does_not_matter():
    answers = mixed(400, 4)
    turned = answers.assign(o0=6 - answers["o0"])
    plain, other = fitted(answers, 3), fitted(turned, 3)
    assert_allclose(other.loglik, plain.loglik, atol=1e-5)
    assert_allclose(
        other.probs[:, columns(other, "o0")],
        plain.probs[:, columns(plain, "o0")][:, ::-1],
        atol=1e-3,
    )


def test_two_ordered_answers_or_one_class_are_the_nominal_model():
    answers = mixed(300, 6)[["b0", "b1", "b2", "o0"]]
    nominal = fitted(answers, 2, kinds={})
    ordered = fitted(answers, 2, kinds={"b0": "ordinal", "b1": "ordinal"})
    assert_allclose(ordered.loglik, nominal.loglik, atol=1e-6)
    assert ordered.parameters == nominal.parameters
    one = [fitted(answers, 1, kinds=kinds) for kinds in ({}, {"o0": "ordinal"})]
    assert_allclose(one[1].loglik, one[0].loglik, rtol=1e-12)
    assert one[1].parameters == one[0].parameters


def test_parameters_are_counted_by_kind():
    answers = mixed(200, 1)
    shares, nominal, ordinal = 2, 3 * 3, 3 * (4 + 2)
    assert fitted(answers, 3).parameters == shares + nominal + ordinal + 2 * (3 + 1)
    assert fitted(answers, 3, spread="own").parameters == shares + nominal + ordinal + 2 * 6


def test_integrated_likelihood_charges_for_overlap():
    model = fitted(mixed(300, 2), 3)
    doubt = stats.entropy(model.posterior, axis=1) @ model.patterns.weight
    assert_allclose(model.icl, model.bic + 2 * doubt)
    assert_allclose(fitted(mixed(300, 2), 1).icl, fitted(mixed(300, 2), 1).bic)


def test_weights_are_duplicated_rows():
    answers = mixed(150, 8, missing=0.1)
    weighted = fitted(answers, 2, weights=np.full(150, 3.0))
    repeated = fitted(pd.concat([answers] * 3, ignore_index=True), 2)
    assert len(repeated.patterns.codes) == len(weighted.patterns.codes)
    assert_allclose(weighted.loglik, repeated.loglik, rtol=1e-9)
    assert_allclose(weighted.shares, repeated.shares, atol=1e-4)


@pytest.mark.parametrize("spread", ["equal", "own"])
def test_the_truth_is_recovered_with_answers_missing(spread):
    model = fitted(mixed(6000, 9, missing=0.15), 3, spread=spread)
    assert_allclose(model.shares, SHARES, atol=0.03)
    for j, name in enumerate(CONTINUOUS):
        own = model.probs[:, columns(model, name)]
        assert_allclose(own[:, 1], MEANS[j], atol=0.12)
        assert_allclose(np.sqrt(own[:, 2]), SPREAD[j], rtol=0.08)
    for j, name in enumerate(ORDINAL):
        odds = np.exp(THRESHOLDS + np.outer(LEANS[j], np.arange(5)))
        expected = odds / odds.sum(axis=1, keepdims=True)
        assert_allclose(model.probs[:, columns(model, name)], expected, atol=0.05)


def test_more_classes_never_fit_worse():
    patterns, near = collapse(mixed(200, 3, missing=0.1), kinds=KINDS), None
    for classes in range(1, 6):
        rng = np.random.default_rng(classes)
        found = fit(patterns, classes, starts=4, rng=rng, near=near)
        assert near is None or found.loglik >= near.loglik - 1e-6
        near = found


def test_a_class_without_spread_stops_at_the_floor_and_says_so():
    answers = pd.DataFrame({"x": np.r_[np.zeros(40), np.linspace(5, 9, 40)]})
    answers["y"] = np.r_[np.random.default_rng(1).normal(size=40), np.linspace(4, 8, 40)]
    own = fitted(answers, 2, kinds={"x": "continuous", "y": "continuous"}, spread="own")
    assert np.isfinite(own.loglik)
    floored = own.at_edge[:, columns(own, "x")][:, 2]
    assert floored.sum() == 1
    least = measurement.FLOOR * np.var(answers["x"])
    assert_allclose(own.probs[floored, columns(own, "x")][0, 2], least)
    equal = fitted(answers, 2, kinds={"x": "continuous", "y": "continuous"})
    assert not equal.at_edge.any()
    assert_allclose(np.ptp(equal.probs[:, columns(equal, "x")][:, 2]), 0, atol=1e-12)


def test_as_many_classes_as_values_stay_finite():
    answers = pd.DataFrame({"x": [1.0, 2.0, 4.0] * 20, "y": [0.0, 1.0, 0.0, 1.0] * 15})
    model = fitted(answers, 3, kinds={"x": "continuous"})
    assert np.isfinite(model.loglik)
    assert model.at_edge[:, columns(model, "x")][:, 2].all()


def test_a_duplicated_quantity_and_an_item_of_one_answer_are_fitted():
    answers = mixed(200, 4)
    answers["c2"], answers["o3"] = answers["c0"], 3.0
    kinds = KINDS | {"c2": "continuous", "o3": "ordinal"}
    model = fitted(answers, 2, kinds=kinds)
    assert np.isfinite(model.loglik)
    assert (model.probs[:, columns(model, "o3")] == 1).all()
    assert model.parameters == fitted(answers.drop(columns="o3"), 2, kinds=kinds).parameters


def test_weights_for_several_samples_at_once_are_those_samples():
    patterns = collapse(mixed(120, 6, missing=0.1), kinds=KINDS)
    rng = np.random.default_rng(2)
    weight = rng.multinomial(120, np.full(len(patterns.codes), 1 / len(patterns.codes)), 3)
    shares, probs = random_starts(patterns, 2, 3, rng)
    together = climb(patterns, shares, probs, cycles=60, weight=weight.astype(float))
    for draw in range(3):
        sample = replace(patterns, weight=weight[draw].astype(float))
        alone = climb(sample, shares[:, [draw]], probs[:, [draw]], cycles=60)
        assert_allclose(together.loglik[draw], alone.loglik[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([2.0, 2.0, np.nan, 2.0], "indicator 'x' is continuous, but every answer is 2: leave it "
         "out."),
        ([np.nan] * 4, "indicator 'x' has no answer in 4 rows: leave it out."),
        (list("abab"), "indicator 'x' is continuous, but its answers are not numbers."),
        ([1.0, np.inf, 2.0, 3.0],
         "indicator 'x' has an answer beyond 1e150: correct it, or make it missing."),
        ([1.0, 1.0, 1.0, 5.0], "continuous indicators without variation among respondents with a "
         "weight above zero: 'x'. Leave them out."),
    ],
)  # fmt: skip
def test_a_quantity_that_cannot_be_used_is_refused(values, text):
    answers = pd.DataFrame({"x": values, "y": [0.0, 1.0, 0.0, 1.0]})
    with pytest.raises(DataError) as refused:
        collapse(answers, kinds={"x": "continuous"}, weights=np.array([1.0, 1.0, 1.0, 0.0]))
    assert str(refused.value) == text


def test_unknown_kinds_and_spreads_are_refused():
    answers = mixed(20, 1)
    with pytest.raises(ValueError, match="no indicator \\['z'\\], no kind \\['text'\\]"):
        collapse(answers, kinds={"z": "ordinal", "o0": "text"})
    with pytest.raises(ValueError, match="spread is one of"):
        collapse(answers, spread="wide")


def test_more_classes_than_patterns_are_refused():
    answers = pd.DataFrame({"x": [1.0, 2.0, 2.0, 2.0], "y": [3.0, 1.0, 1.0, 1.0]})
    with pytest.raises(DataError, match="gave only 2 different answers. Ask for at most 2."):
        fitted(answers, 3, kinds={"x": "continuous", "y": "ordinal"})


def stepmix_loglik(answers, classes, measure):
    stepmix = pytest.importorskip("stepmix.stepmix")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = stepmix.StepMix(
            n_components=classes, measurement=measure, n_init=1, random_state=1,
            abs_tol=1e-8, rel_tol=0, max_iter=250, progress_bar=0,
        ).fit(answers)  # fmt: skip
        return other.score(answers) * len(answers)


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("measure", ["gaussian_diag", "binary", "categorical", "mixed"])
def test_never_worse_than_stepmix(measure, missing):
    answers = mixed(250, 7, missing)
    names = {"gaussian_diag": ["c0", "c1"], "binary": ["b0", "b1", "b2"],
             "categorical": ["o0", "o1", "o2"]}.get(measure, list(answers))  # fmt: skip
    answers = answers[names].dropna(how="all")
    end = "_nan" if missing else ""
    theirs = answers.assign(**{name: answers[name] - 1 for name in names if name[0] == "o"})
    model = measure + end
    if measure == "mixed":
        parts = {"b": "binary", "o": "categorical", "c": "gaussian_diag"}
        model = {
            kind: {"model": kind + end, "n_columns": sum(name[0] == letter for name in names)}
            for letter, kind in parts.items()
        }
    kinds = dict.fromkeys(CONTINUOUS, "continuous")
    ours = fitted(answers, 2, kinds=kinds, spread="own")
    assert ours.loglik >= stepmix_loglik(theirs, 2, model) - 1e-5
