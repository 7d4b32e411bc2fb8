"""Pairs of groups under the design: as in a simple sample where it is one, and honest elsewhere."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.methods.comparisons import Named, compare, difference_in_sd
from crmresearch.methods.effects import hedges_g, pooled_sd
from crmresearch.methods.groups import games_howell, sample, welch_anova
from crmresearch.methods.means import mean_difference
from crmresearch.methods.weighting import Design, design

NAMED = Named(test="test", pairs="pair", standardised="g", name="loyalty")
N = np.nan


def data(seed=0, n=240):
    rng = np.random.default_rng(seed)
    groups = pd.Series(pd.Categorical(rng.choice(["a", "b", "c"], n), ["a", "b", "c"]))
    return rng.normal(0, 1, n) + 0.4 * (groups == "c").to_numpy(), groups, rng


def test_a_simple_random_sample_has_welch_games_howell_and_hedges():
    values, groups, _ = data()
    found = compare(values, groups, Design(240), named=NAMED)
    assert found.test.value == welch_anova(values, groups, key="t", name="t").value
    for item, other in zip(found.pairs, games_howell(values, groups, key="pair"), strict=True):
        assert (item.key, item.low, item.p) == (other.key, other.low, other.p)
    a, c = (values[(groups == name).to_numpy()] for name in "ac")
    assert found.standardised[1].key == "g.c-a"
    assert found.standardised[1].low == hedges_g(c, a, key="g", name="g").low
    assert found.scales[1] == pooled_sd(sample(a), sample(c))


def test_weights_of_one_say_what_no_weights_say():
    values, groups, rng = data()
    first, second = (groups == "a").to_numpy(), (groups == "b").to_numpy()
    pairs = rng.permutation(np.arange(240) // 2)
    basis = design(240, None, None, pairs)
    found = compare(values, groups, basis, named=NAMED)
    plain = compare(values, groups, Design(240), named=NAMED)
    for item, other in zip(found.standardised, plain.standardised, strict=True):
        assert item.value == pytest.approx(other.value)
        assert item.high - item.low == pytest.approx(other.high - other.low, rel=0.15)
    assert found.scales == pytest.approx(plain.scales)
    alone = difference_in_sd(values, first, second, design=basis, key="g.b-a", name="g")
    assert (alone.low, alone.high) == (found.standardised[0].low, found.standardised[0].high)
    raw = mean_difference(values, first, second, key="d", name="d", design=basis)
    assert found.pairs[0].value == pytest.approx(raw.value)


def test_doubled_rows_in_clusters_tell_nothing_new():
    values, groups, _ = data(n=120)
    twice = np.concatenate([values, values])
    both = pd.concat([groups, groups], ignore_index=True)
    rows = np.tile(np.arange(120), 2)
    honest = compare(twice, both, design(240, None, None, rows), named=NAMED)
    naive = compare(twice, both, Design(240), named=NAMED)
    single = compare(values, groups, Design(120), named=NAMED)
    for item, one, sure in zip(honest.pairs, single.pairs, naive.pairs, strict=True):
        assert item.high - item.low == pytest.approx(one.high - one.low, rel=0.03)
        assert sure.high - sure.low < 0.8 * (one.high - one.low)
    for item, one in zip(honest.standardised, single.standardised, strict=True):
        assert item.high - item.low == pytest.approx(one.high - one.low, rel=0.03)


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        ([1.0], ["a"]),
        ([N, N, N], ["a", "b", "b"]),
        ([1.0, 2.0, 3.0], ["a", None, None]),
        ([1.0, 1.0, 1.0, 1.0], ["a", "a", "b", "b"]),
        ([1.0, 1.0, 2.0, 2.0], ["a", "a", "b", "b"]),
        ([1.0, 2.0], ["a", "b"]),
        ([1.0, 2.0, 3.0, 9.0], ["a", "a", "b", "b"]),
    ],
)
@pytest.mark.parametrize("weighted", [True, False])
def test_awkward_groups_give_no_false_numbers(values, groups, weighted):
    size = len(values)
    weights = np.arange(size) if weighted else None  # the first counts nothing
    basis = design(size, weights, None, np.zeros(size))
    found = compare(np.array(values), pd.Series(groups, dtype="category"), basis, named=NAMED)
    for item in () if found is None else (found.test, *found.pairs, *found.standardised):
        assert not item.low > item.high
        assert np.isnan(item.value) or np.isfinite(item.value)


def coverage(replicates: int) -> dict[str, float]:
    """How often the intervals hold the truth in weighted samples of accounts of customers.

    Customers who are happier are less likely to be sampled, and weights make up for it; customers
    of one account are alike. The population's SD within groups is known.
    """
    rng = np.random.default_rng(5)
    held = {"pairs": 0, "g": 0}
    truth, spread = 0.5, np.sqrt(0.5**2 + 1.0)
    for _ in range(replicates):
        account = np.repeat(np.arange(160), 6)
        shared, own = rng.normal(0, 0.5, 160)[account], rng.normal(0, 1, 960)
        group = (account % 2).astype(int)
        values = truth * group + shared + own
        chance = np.where(own > 0, 0.3, 0.6)
        kept = rng.random(960) < chance
        basis = design(int(kept.sum()), (1 / chance)[kept], None, account[kept])
        groups = pd.Series(pd.Categorical.from_codes(group[kept], ["a", "b"]))
        found = compare(values[kept], groups, basis, named=NAMED)
        held["pairs"] += found.pairs[0].low <= truth <= found.pairs[0].high
        held["g"] += found.standardised[0].low <= truth / spread <= found.standardised[0].high
    return {name: number / replicates for name, number in held.items()}


def test_intervals_hold_the_truth_in_weighted_accounts():
    assert min(coverage(150).values()) > 0.89


@pytest.mark.slow
def test_intervals_keep_their_level_in_weighted_accounts():
    found = coverage(1000)
    assert all(0.93 <= rate <= 0.97 for rate in found.values()), found
