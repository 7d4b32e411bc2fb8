"""Adjacent-category logits: the maximum, its safeguards, the family the probabilities are in."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.archetypes.ordinal import improve, normalised, slopes


def likelihood(counts, probs):
    return (counts * np.log(np.maximum(probs, 1e-300))).sum(axis=(0, -1))


def converged(counts, rounds=60):
    probs = improve(counts, None)
    for _ in range(rounds):
        probs = improve(counts, probs)
    return probs


def test_maximum_meets_the_score_equations():
    # At the maximum of an exponential family its sufficient statistics equal their expectations:
    # each category's total over classes, and each class's total score.
    rng = np.random.default_rng(1)
    counts = rng.gamma(2.0, 20.0, (4, 3, 2, 6))  # classes, solutions, indicators, categories
    probs = converged(counts)
    fitted = counts.sum(axis=-1, keepdims=True) * probs
    assert_allclose(fitted.sum(axis=0), counts.sum(axis=0), rtol=1e-6)
    assert_allclose(fitted @ np.arange(6), counts @ np.arange(6), rtol=1e-6)
    for class_ in range(1, 4):  # and the log odds of neighbours differ by one number a class
        steps = np.diff(np.log(probs[class_]) - np.log(probs[0]), axis=-1)
        assert_allclose(steps, np.broadcast_to(steps[..., :1], steps.shape), atol=1e-9)


def test_counts_in_the_family_are_reproduced():
    odds = normalised(np.outer([-0.8, 0.1, 0.9], np.arange(5)) + np.array([0, 0.6, 1, 0.7, -0.2]))
    counts = 1000 * np.exp(odds)[:, None, None]
    assert_allclose(converged(counts)[:, 0, 0], np.exp(odds), atol=1e-9)


def test_slopes_and_thresholds_are_read_off_the_probabilities():
    lean = np.array([-0.9, 0.1, 0.8])
    tau = np.array([0.5, -0.2, 0.3])
    logs = normalised(np.cumsum(np.r_[0, tau]) + np.outer(lean, np.arange(4)))
    thresholds, found = slopes(np.exp(logs))
    assert_allclose(thresholds, tau, atol=1e-12)
    assert_allclose(found, lean, atol=1e-12)
    assert_allclose(found.sum(), 0, atol=1e-12)


entries = st.lists(
    st.sampled_from([0.0, 0.0, 1e-8, 0.3, 1.0, 7.0, 5000.0]), min_size=12, max_size=12
)


@given(cells=entries, other=entries)
@settings(max_examples=25, deadline=None)
def test_no_step_lowers_the_likelihood(cells, other):
    counts = np.array([cells, other]).reshape(3, 2, 1, 4)
    probs = improve(counts, None)
    before = likelihood(counts, probs)
    for _ in range(6):
        probs = improve(counts, probs)
        now = likelihood(counts, probs)
        assert np.isfinite(probs).all()
        assert_allclose(probs.sum(axis=-1), 1)
        assert (now >= before - 1e-9 * (1 + np.abs(before))).all()
        before = now


def test_a_class_at_the_top_runs_to_the_edge_and_stays_finite():
    counts = np.array([[0.0, 0.0, 0.0, 80.0], [30.0, 40.0, 20.0, 10.0]])[:, None, None]
    probs = converged(counts)
    assert probs[0, 0, 0, 3] > 1 - 1e-4
    assert_allclose(probs[1, 0, 0], [0.3, 0.4, 0.2, 0.1], atol=1e-3)


def test_an_empty_class_and_an_empty_category_do_no_harm():
    counts = np.array([[0.0, 0.0, 0.0], [30.0, 0.0, 20.0]])[:, None, None]
    probs = converged(counts)
    assert np.isfinite(probs).all()
    assert_allclose(probs[1, 0, 0], [0.6, 0.0, 0.4], atol=1e-6)
