"""Very many patterns: steps by joint tables and heats on a sample give what the plain way gives."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import em, folded, latent
from crmresearch.archetypes.em import em_step
from crmresearch.archetypes.expectation import weighed
from crmresearch.archetypes.folded import fold
from crmresearch.archetypes.latent import fit, random_starts
from crmresearch.archetypes.patterns import collapse


def answers(n, seed, items=9, missing=0.1):
    """Answers of three types to items of two to five answers, the last item always answered."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    data = np.empty((n, items))
    for j in range(items):
        chances = rng.dirichlet(np.full(2 + j % 4, 0.6), 3)
        data[:, j] = (rng.random(n)[:, None] > chances[kind].cumsum(axis=1)[:, :-1]).sum(axis=1)
    data[:, :-1][rng.random((n, items - 1)) < missing] = np.nan
    return data


@pytest.fixture
def lowered(monkeypatch):
    """Few patterns count as very many."""
    monkeypatch.setattr(folded, "FROM", 100)
    monkeypatch.setattr(folded, "_BLOCK", 333)


def test_a_step_by_tables_is_the_plain_step(lowered):
    patterns = collapse(answers(2000, 1), kinds={"2": "ordinal", "3": "ordinal"})
    rng = np.random.default_rng(2)
    shares, probs = random_starts(patterns, 3, 4, rng)
    for weight in (None, patterns.weight * 2.5, rng.gamma(1.0, 1.0, (4, len(patterns.codes)))):
        seen = weighed(patterns, 4, weight)
        assert 1 < len(seen.folded.index) < 9
        ours = em_step(seen, shares, probs)
        plain = em_step(replace(seen, folded=None), shares, probs)
        for left, right in zip(ours, plain, strict=True):
            assert_allclose(left, right, rtol=1e-10, atol=1e-12)


def test_densities_too_small_for_a_product_go_by_logarithms(lowered):
    data = answers(400, 3, items=80, missing=0.3)
    patterns = collapse(data)
    shares, probs = random_starts(patterns, 2, 2, np.random.default_rng(1))
    probs = probs**9  # as if nearly every answer were nearly impossible
    seen = weighed(patterns, 2)
    plain = em_step(replace(seen, folded=None), shares, probs)
    assert plain[0].min() / len(data) < -700
    ours = em_step(seen, shares, probs)
    for left, right in zip(ours, plain, strict=True):
        assert_allclose(left, right, rtol=1e-9, atol=1e-12)


def test_tables_are_used_only_where_they_pay():
    patterns = collapse(answers(500, 4))
    assert fold(patterns, 1) is None
    many = collapse(np.random.default_rng(1).integers(0, 9, (60_000, 6)).astype(float))
    assert fold(many, 1) is not None
    assert fold(many, 30) is None


def test_heats_on_a_sample_end_at_the_same_solution(lowered, monkeypatch):
    patterns = collapse(answers(6000, 5))
    plain = fit(patterns, 3, starts=10, rng=np.random.default_rng(1))
    assert len(patterns.codes) > 2000
    monkeypatch.setattr(latent, "_TRIAL", 1000)
    sampled = fit(patterns, 3, starts=10, rng=np.random.default_rng(1))
    assert_allclose(sampled.loglik, plain.loglik, rtol=1e-9)
    assert_allclose(sampled.probs, plain.probs, atol=1e-3)
    assert (sampled.starts, sampled.finished) == (plain.starts, plain.finished)
    assert 2 <= sampled.replicated <= sampled.finished
    assert sampled.converged


def test_posteriors_and_sums_by_blocks_are_the_whole(monkeypatch):
    patterns = collapse(answers(1500, 6), kinds={"3": "ordinal", "7": "continuous"})
    model = fit(patterns, 3, starts=4, rng=np.random.default_rng(1))
    whole = em.posterior(patterns, model.shares, model.probs)
    sums = em.expected(patterns)
    monkeypatch.setattr(em, "_POSTERIOR", 5000)
    assert_allclose(em.posterior(patterns, model.shares, model.probs)[1], whole[1], rtol=1e-10)
    assert_allclose(em.expected(patterns), sums, rtol=1e-10, atol=1e-9)
