"""The expectation step against densities by scipy, with every way of blocks, tables and weights."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import logsumexp

from crmresearch.archetypes import expectation as module
from crmresearch.archetypes.expectation import expectation, weighed
from crmresearch.archetypes.measurement import statistics
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.starts import random_starts

from .test_measurement import KINDS, mixed


def reference(patterns, shares, probs, weight):
    """Log-likelihood, class weights and expected statistics of one solution, item by item."""
    joint = np.tile(np.log(shares), (len(patterns.codes), 1))
    for j, kind in enumerate(patterns.kinds):
        here = np.flatnonzero(patterns.codes[:, j] >= 0)
        first = patterns.starts[j]
        for k in range(len(shares)):
            if kind == "continuous":
                _, mean, variance = probs[k, first : first + 3]
                values = patterns.onehot[first + 1, here]
                joint[here, k] += stats.norm.logpdf(values, mean, np.sqrt(variance))
            else:
                joint[here, k] += np.log(probs[k, first + patterns.codes[here, j]])
    density = logsumexp(joint, axis=1)
    expected = np.exp(joint - density[:, None]) * weight[:, None]
    return weight @ density, expected.sum(axis=0), (statistics(patterns, slice(None)) @ expected).T


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("way", ["own", "shared", "sparse", "repeated"])
def test_a_step_is_that_of_each_solution_alone(way, small, monkeypatch):
    if small:
        monkeypatch.setattr(module, "_BLOCK", 300)
        monkeypatch.setattr(module, "_LEAST", 40)
        monkeypatch.setattr(module, "_KEPT", 0)
    patterns = collapse(mixed(150, 3, missing=0.1), kinds=KINDS)
    rng = np.random.default_rng(4)
    shares, probs = random_starts(patterns, 3, 6, rng)
    size = len(patterns.codes)
    weight, of = {
        "own": (None, None),
        "shared": (rng.gamma(1.0, size=(6, size)), None),
        "sparse": (rng.binomial(2, 0.15, (6, size)).astype(float), None),
        "repeated": (rng.binomial(2, 0.15, (3, size)).astype(float), np.array([0, 0, 0, 2, 2, 2])),
    }[way]
    seen = weighed(patterns, 6, weight, of)
    assert len(seen.tables) == {"sparse": 6, "repeated": 3}.get(way, 1)
    rows = np.broadcast_to(patterns.weight, (6, size)) if weight is None else weight
    rows = rows if of is None else rows[of]
    assert_allclose(seen.total, rows.sum(axis=1))
    for index in (np.arange(6), np.array([1, 2, 4])):
        part = seen.take(index)
        found = expectation(part, shares[:, index], probs[:, index])
        for at, s in enumerate(index):
            alone = reference(patterns, shares[:, s], probs[:, s], rows[s])
            assert_allclose(found[0][at], alone[0], rtol=1e-11)
            assert_allclose(found[1][:, at], alone[1], rtol=1e-9)
            assert_allclose(found[2][:, at], alone[2], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("unit", [1e-60, 1e60])
def test_densities_too_large_or_small_for_a_product_go_by_logarithms(unit):
    answers = mixed(60, 5)
    patterns = collapse(answers, kinds=KINDS)
    for name in list("uvwxyz"):
        answers[name] = answers["c0"].sample(frac=1, random_state=ord(name)).to_numpy() * unit
    kinds = KINDS | dict.fromkeys("uvwxyz", "continuous")
    patterns = collapse(answers, kinds=kinds)
    shares, probs = random_starts(patterns, 2, 1, np.random.default_rng(1))
    found = expectation(weighed(patterns, 1), shares, probs)
    assert abs(found[0][0]) > 60 * 700
    alone = reference(patterns, shares[:, 0], probs[:, 0], patterns.weight)
    for ours, theirs in zip(found, alone, strict=True):
        assert_allclose(np.squeeze(ours), theirs, rtol=1e-9, atol=1e-9)
    left_out = (np.arange(60) > 20).astype(float)  # such as those held out of a fold
    found = expectation(weighed(patterns, 1, left_out), shares, probs)
    assert_allclose(found[0][0], reference(patterns, shares[:, 0], probs[:, 0], left_out)[0])


@pytest.mark.filterwarnings("error")
def test_densities_too_large_of_answers_without_weight_are_no_warning():
    answers = mixed(60, 5)[["b0"]]
    for name in "uvwxyz":
        answers[name] = answers["b0"].sample(frac=1, random_state=ord(name)).to_numpy() * 1e-60
    patterns = collapse(answers, kinds=dict.fromkeys("uvwxyz", "continuous"))
    weight = np.zeros((2, len(patterns.codes)))
    weight[:, 1:] = 1.0
    shares, probs = random_starts(patterns, 2, 2, np.random.default_rng(1))
    assert len(weighed(patterns, 2, weight).tables) == 1
    loglik = expectation(weighed(patterns, 2, weight), shares, probs)[0]
    assert_allclose(loglik[0], reference(patterns, shares[:, 0], probs[:, 0], weight[0])[0])


def test_no_solutions_at_all():
    patterns = collapse(mixed(20, 1)[["b0", "b1"]])
    seen = weighed(patterns, 2).take(np.zeros(0, dtype=int))
    loglik, mass, counts = expectation(seen, np.ones((2, 0)), np.ones((2, 0, 4)))
    assert (loglik.shape, mass.shape, counts.shape) == ((0,), (2, 0), (2, 0, 4))


def test_very_many_patterns_are_not_copied(monkeypatch):
    patterns = collapse(mixed(200, 2), kinds=KINDS)
    assert weighed(patterns, 3).tables[0].columns is not None
    monkeypatch.setattr(module, "_KEPT", 100)
    seen = weighed(patterns, 3)
    assert seen.tables[0].columns is None
    shares, probs = random_starts(patterns, 2, 3, np.random.default_rng(1))
    kept = expectation(replace(seen, tables=weighed(patterns, 3).tables), shares, probs)
    for ours, theirs in zip(expectation(seen, shares, probs), kept, strict=True):
        assert_allclose(ours, theirs, rtol=1e-12)
