"""Standardised chances."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import special

from crmresearch.methods.standardise import standardised_chances


def world(rng, n=600):
    z = rng.normal(0, 1, n)
    group = (rng.random(n) < special.expit(z)).astype(int)
    yes = rng.random(n) < special.expit(-1 + 0.8 * group + 1.0 * z)
    return yes, group, z[:, None]


def test_without_covariates_they_are_the_shares():
    yes, group, _ = world(np.random.default_rng(1))
    found = standardised_chances(yes, group, np.empty((600, 0)))
    shares = np.array([yes[group == k].mean() for k in (0, 1)])
    assert_allclose(found.values, shares, atol=1e-9)
    errors = np.sqrt((found.influence**2).sum(axis=0))
    assert_allclose(errors, np.sqrt(shares * (1 - shares) / np.bincount(group)), rtol=1e-6)


def test_columns_that_do_not_vary_change_nothing():
    yes, group, z = world(np.random.default_rng(2))
    one = standardised_chances(yes, group, z)
    two = standardised_chances(yes, group, np.hstack([z, np.ones((600, 1))]))
    assert_allclose(one.values, two.values)


@pytest.mark.parametrize("answer", [True, False])
def test_a_group_with_one_answer_has_no_chance_to_tell(answer):
    yes, group, z = world(np.random.default_rng(3))
    found = standardised_chances(np.where(group == 1, answer, yes), group, z)
    assert np.isnan(found.values).all()
    alone = standardised_chances(yes[:1], group[:1] * 0, z[:1])
    assert np.isnan(alone.values).all()


def covered(seed, replicates):
    """Share of replicates in which the interval of the difference holds the true one."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 1, 1_000_000)
    true = special.expit(-0.2 + z).mean() - special.expit(-1 + z).mean()
    held = 0
    for _ in range(replicates):
        found = standardised_chances(*world(rng, 400))
        gap = found.values[1] - found.values[0]
        added = found.influence[:, 1] - found.influence[:, 0]
        held += abs(gap - true) < 1.96 * np.sqrt((added**2).sum())
    return held / replicates


def test_intervals_hold():
    assert covered(4, 150) >= 0.89


@pytest.mark.slow
def test_intervals_hold_in_many_worlds():
    assert 0.93 <= covered(5, 1000) <= 0.97
