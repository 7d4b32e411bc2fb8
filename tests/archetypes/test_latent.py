"""The latent class engine against published tables, R, stepmix, its own invariances and truth."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.archetypes import latent
from crmresearch.archetypes.em import climb, em_step
from crmresearch.archetypes.expectation import weighed
from crmresearch.archetypes.latent import fit, random_starts
from crmresearch.archetypes.patterns import collapse
from crmresearch.errors import DataError

from .conftest import CHANCES, SHARES, counted, customers

CARCINOMA = """1111111:34 1111211:2 1211111:6 1211112:1 1211211:4 1211212:5 2111111:2 2121212:1
2211111:2 2211112:1 2211211:2 2211212:7 2211222:1 2212112:1 2212212:2 2212222:3 2221212:13
2221222:5 2222212:10 2222222:16"""
VALUES = """1111:20 1112:2 1121:9 1122:2 1211:6 1212:1 1221:4 1222:1 2111:38 2112:7 2121:24 2122:6
2211:25 2212:6 2221:23 2222:42"""
CHEATING = """1111:207 1112:46 1121:7 1122:5 1211:13 1212:4 1221:1 1222:2 2111:10 2112:3 2121:1
2122:2 2211:11 2212:4 2221:1 2222:2"""


def model(answers, classes, *, seed=1, starts=20, weights=None):
    return fit(
        collapse(answers, weights=weights), classes, starts=starts, rng=np.random.default_rng(seed)
    )


def test_carcinoma_as_published():
    # Linzer & Lewis (2011), Journal of Statistical Software 42(10)
    data = counted(CARCINOMA)
    assert_allclose(model(data, 1).loglik, -524.4648, atol=5e-5)
    two = model(data, 2)
    assert_allclose(
        [two.loglik, two.aic, two.bic], [-317.2568, 664.514, 706.074], rtol=0, atol=6e-4
    )
    assert two.parameters == 15
    assert_allclose(two.shares, [0.5012, 0.4988], atol=5e-5)
    three = model(data, 3)
    assert_allclose(
        [three.loglik, three.aic, three.bic, three.entropy],
        [-293.705, 633.410, 697.136, 0.9257],
        rtol=0,
        atol=6e-4,
    )
    assert_allclose(three.shares, [0.4447, 0.3736, 0.1817], atol=5e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_local_maximum_of_the_carcinoma_table_is_passed_by(seed):
    # One at -296.808 catches single starts.
    assert model(counted(CARCINOMA), 3, seed=seed).loglik > -293.7051


def test_values_as_published():
    data = counted(VALUES)
    found = [model(data, classes) for classes in (1, 2, 3)]
    assert_allclose(
        [item.loglik for item in found], [-543.6498, -504.4677, -503.3011], rtol=0, atol=6e-5
    )
    assert_allclose(found[1].bic, 1057.313, atol=5e-4)


def test_cheating_as_published():
    # Dayton (1998); the table's counts add up to 319 students.
    data = counted(CHEATING)
    assert len(data) == 319
    two = model(data, 2)
    assert_allclose(two.loglik, -440.0271, atol=5e-5)
    assert_allclose(two.shares, [0.8394, 0.1606], atol=5e-5)
    assert_allclose(two.probs[1, 1::2], [0.5769, 0.5891, 0.2160, 0.3764], atol=1e-4)


def test_perceptions_of_a_brand_as_published(real_data):
    path = real_data / "fastfood_brand" / "mcdonalds.csv"
    data = (pd.read_csv(path).iloc[:, :11] == "Yes").astype(float)
    found = [model(data, classes) for classes in (2, 3, 4, 5)]
    assert_allclose(
        [item.loglik for item in found],
        [-7610.836, -7311.478, -7111.108, -7011.167],
        rtol=0,
        atol=5e-4,
    )
    said = found[0].shares @ found[0].probs[:, 1::2]
    expected = [0.55, 0.91, 0.09, 0.87, 0.53, 0.90, 0.60, 0.64, 0.36, 0.20, 0.24]
    assert_allclose(said, expected, atol=5e-3 + 1e-6)
    four = found[2]
    assert_allclose(four.bic, 14564.44, atol=5e-3)
    assert_allclose(four.shares, [0.3828, 0.2661, 0.2097, 0.1414], atol=5e-5)


def test_criteria_match_r(golden):
    # An EM in R 4.2.2, 20 starts, checked against poLCA: log-likelihood, AIC, BIC, aBIC, CAIC,
    # relative entropy for one to four classes.
    expected = [
        [-4217.48041535, 8466.96083069, 8534.39456027, 8483.60957132, 8550.39456027, 1.0],
        [-3760.0160771, 7586.0321542, 7725.11422145, 7620.37018175, 7758.11422145, 0.926060130064],
        [-3421.96056354, 6943.92112708, 7154.651532, 6995.94844155, 7204.651532, 0.963276783311],
        [-3403.00799979, 6940.01599958, 7222.39474218, 7009.73260097, 7289.39474218, 0.9611836939],
    ]
    data = golden("lca")
    found = [model(data, classes) for classes in (1, 2, 3, 4)]
    rows = [[x.loglik, x.aic, x.bic, x.abic, x.caic, x.entropy] for x in found]
    assert_allclose(rows, expected, rtol=0, atol=1e-4)
    assert [item.parameters for item in found] == [16, 33, 50, 67]
    assert_allclose(found[2].shares, [0.436422885884, 0.345934695517, 0.217642418599], atol=1e-5)
    assert_allclose(
        found[2].probs[0, :3], [0.781257162842, 0.182531902327, 0.0362109348], atol=1e-5
    )


def test_missing_answers_match_r(golden):
    # The same EM in R; poLCA(na.rm = FALSE) and two Python packages agree on the log-likelihood.
    three = model(golden("lca_missing"), 3)
    assert_allclose(three.loglik, -3168.92031081, atol=1e-6)
    assert_allclose(three.shares, [0.439367384672, 0.346526471491, 0.214106143838], atol=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_never_worse_than_stepmix(golden, classes):
    stepmix = pytest.importorskip("stepmix.stepmix")
    data = golden("lca")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = stepmix.StepMix(
            n_components=classes, measurement="categorical", n_init=2, random_state=1,
            abs_tol=1e-9, rel_tol=0, max_iter=2000, progress_bar=0,
        ).fit(data.to_numpy() - 1)  # fmt: skip
        loglik = other.score(data.to_numpy() - 1) * len(data)
    assert model(data, classes).loglik >= loglik - 1e-6


small = st.integers(2, 4).flatmap(
    lambda items: st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 2.0, np.nan]), min_size=items, max_size=items),
        min_size=4,
        max_size=25,
    )
)
lenient = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)


@given(rows=small, classes=st.integers(1, 4), seed=st.integers(0, 1000))
@lenient
def test_a_step_never_lowers_the_likelihood(rows, classes, seed):
    data = np.array(rows)
    if np.isnan(data).all(axis=0).any():
        return
    patterns = collapse(data)
    shares, probs = random_starts(patterns, classes, 3, np.random.default_rng(seed))
    before, seen = np.full(3, -np.inf), weighed(patterns, 3)
    for _ in range(8):
        loglik, shares, probs = em_step(seen, shares, probs)
        assert (loglik >= before - 1e-9).all()
        assert_allclose(shares.sum(axis=0), 1)
        assert_allclose(np.add.reduceat(probs, patterns.starts, axis=2), 1)
        before = loglik
    climbed = climb(patterns, shares, probs, cycles=5)
    assert (climbed.loglik >= before - 1e-9).all()


@given(seed=st.integers(0, 50), copies=st.integers(2, 3))
@settings(max_examples=8, deadline=None)
def test_weights_are_duplicated_rows(seed, copies):
    data, _, _ = customers(150, seed)
    weighted = model(data, 2, weights=np.full(150, float(copies)))
    repeated = model(np.repeat(data, copies, axis=0), 2)
    assert_allclose(weighted.loglik, repeated.loglik, rtol=1e-9)
    assert_allclose(weighted.bic, repeated.bic, rtol=1e-9)
    assert_allclose(weighted.shares, repeated.shares, atol=1e-4)


def test_neither_the_order_of_rows_nor_of_columns_nor_the_codes_matter():
    data, _, rng = customers(600, 5)
    data[rng.random(data.shape) < 0.1] = np.nan
    plain = model(data, 4)
    shuffled = model(data[rng.permutation(600)], 4)
    assert shuffled.loglik == plain.loglik  # patterns come in a fixed order, so even the bits agree
    assert (shuffled.probs == plain.probs).all()
    turned = model(data[:, ::-1], 4)
    assert_allclose(turned.loglik, plain.loglik, rtol=1e-9)
    assert_allclose(turned.probs[:, 1::2], plain.probs[:, 1::2][:, ::-1], atol=1e-3)
    recoded = model(7 - 3 * data, 4)  # 0 becomes 7 and 1 becomes 4, so categories change places
    assert_allclose(recoded.loglik, plain.loglik, rtol=1e-9)
    assert_allclose(recoded.probs[:, 0::2], plain.probs[:, 1::2], atol=1e-3)


def test_more_classes_never_fit_worse():
    data, _, _ = customers(300, 8)
    patterns, near, before = collapse(data), None, -np.inf
    for classes in range(1, 7):
        rng = np.random.default_rng(classes)
        near = fit(patterns, classes, starts=4, rng=rng, near=near)
        assert near.loglik >= before - 1e-6
        before = near.loglik


def test_the_true_types_are_recovered():
    data, _, _ = customers(6000, 11)
    four = model(data, 4)
    assert_allclose(four.shares, SHARES, atol=0.03)
    assert_allclose(four.probs[:, 1::2], CHANCES, atol=0.06)


def test_answers_missing_at_random_leave_the_types_where_they_are():
    data, _, rng = customers(6000, 12)
    data[:, 6][(data[:, 0] == 1) & (rng.random(6000) < 0.6)] = np.nan  # depends on what is seen
    four = model(data, 4)
    assert_allclose(four.shares, SHARES, atol=0.04)
    assert_allclose(four.probs[:, 13], CHANCES[:, 6], atol=0.08)


def test_classes_come_in_order_of_size_and_the_seed_settles_the_rest():
    data, _, _ = customers(400, 2)
    first, second = model(data, 4, seed=9), model(data, 4, seed=9)
    assert (np.diff(first.shares) <= 0).all()
    assert (first.probs == second.probs).all()


def test_bookkeeping_of_a_solution():
    data, _, _ = customers(1000, 4)
    four = model(data, 4)
    assert four.converged
    assert four.replicated > 1
    assert four.finished <= four.starts
    assert_allclose(four.posterior.sum(axis=1), 1)
    assert_allclose(four.patterns.weight @ four.posterior / 1000, four.shares, atol=1e-5)
    own = four.posterior.max(axis=1)
    for k in range(4):
        here = four.modal == k
        mean = np.average(own[here], weights=four.patterns.weight[here])
        assert_allclose(four.certainty[k], mean)


def test_one_class_is_independence():
    data, _, _ = customers(300, 1)
    one = model(data, 1)
    shares = data.mean(axis=0)
    expected = (data * np.log(shares) + (1 - data) * np.log(1 - shares)).sum()
    assert_allclose(one.loglik, expected, rtol=1e-12)
    assert one.entropy == 1.0
    assert one.shares == 1.0


def test_a_constant_item_and_an_unused_category_cost_nothing():
    data, _, _ = customers(300, 6)
    constant = np.column_stack([data, np.ones(300)])
    assert_allclose(model(constant, 2).loglik, model(data, 2).loglik, rtol=1e-9)
    assert model(constant, 2).parameters == model(data, 2).parameters
    gap = pd.DataFrame(data)
    gap[0] = pd.Categorical(gap[0].map({0.0: "no", 1.0: "yes"}), ["no", "perhaps", "yes"])
    assert model(gap, 2).parameters == model(data, 2).parameters
    assert_allclose(model(gap, 2).loglik, model(data, 2).loglik, rtol=1e-9)


def test_a_duplicated_indicator_is_fitted():
    data, _, _ = customers(300, 6)
    doubled = model(np.column_stack([data, data[:, 0]]), 2)
    assert np.isfinite(doubled.loglik)
    assert doubled.at_edge.any()  # the two answers share a class, or nearly


def test_one_row_and_rows_without_answers():
    one = model(np.array([[1.0, 0.0, 1.0]]), 1)
    assert one.loglik == 0.0
    data, _, _ = customers(200, 3)
    padded = np.vstack([data, np.full((5, 7), np.nan)])
    assert collapse(padded).n_dropped == 5
    assert_allclose(model(padded, 2).loglik, model(data, 2).loglik, rtol=1e-9)
    weights = np.r_[np.ones(200), np.zeros(5)]
    assert collapse(np.vstack([data, 1 - data[:5]]), weights=weights).n == 200


def test_more_classes_than_patterns_are_refused():
    with pytest.raises(DataError) as refused:
        model(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), 3)
    assert str(refused.value) == (
        "3 classes cannot be told apart: the 3 respondents gave only 2 different answers. "
        "Ask for at most 2."
    )


@pytest.mark.parametrize(
    ("data", "weights", "text"),
    [
        (np.full((3, 2), np.nan), None, "indicator '0' has no answer in 3 rows: leave it out; "
         "indicator '1' has no answer in 3 rows: leave it out."),
        (np.empty((0, 2)), None, "indicator '0' has no answer in 0 rows: leave it out; "
         "indicator '1' has no answer in 0 rows: leave it out."),
        (np.arange(80.0).reshape(40, 2), None, "indicator '0' has 40 different answers; a latent "
         "class model takes categories, at most 30: group them; indicator '1' has 40 different "
         "answers; a latent class model takes categories, at most 30: group them."),
        (np.ones((2, 1)), np.zeros(2), "no respondent can be used: 2 rows, of which 2 have an "
         "answer to an indicator and 0 a weight above zero."),
        (np.ones((2, 1)), np.array([1.0, -1.0]), "weights must be finite and not negative: "
         "found -1."),
    ],
)  # fmt: skip
def test_what_cannot_be_estimated_is_refused(data, weights, text):
    with pytest.raises(DataError) as refused:
        collapse(data, weights=weights)
    assert str(refused.value) == text


def test_many_items_do_not_overflow_the_pattern_key():
    rng = np.random.default_rng(0)
    data = rng.integers(0, 5, (200, 40)).astype(float)
    patterns = collapse(data)
    assert len(patterns.codes) == 200
    rebuilt = patterns.codes[patterns.row]
    assert (rebuilt == data).all()
    assert np.isfinite(model(data, 2, starts=4).loglik)


def test_what_lags_behind_is_left_and_the_solution_is_the_same(monkeypatch):
    answers = customers(500, 8)[0]
    whole = model(answers, 6)
    monkeypatch.setattr(latent, "_LONG", 0)
    monkeypatch.setattr(latent, "_LAP", 5)
    raced = model(answers, 6)
    assert_allclose(raced.loglik, whole.loglik, atol=1e-3)
    assert raced.starts == whole.starts
    assert raced.finished < whole.finished
