"""Small groups are hidden so that nobody can compute them back from what is shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.report.exhibits import show
from crmresearch.report.findings import conclude
from crmresearch.report.suppression import enough, is_hidden, margins_reveal, reveals, suppress

from .examples import claim, estimate


def groups(sizes, *, key="csat", family="brand"):
    return [
        estimate(key, value=float(i), low=i - 1.0, high=i + 1.0, n=n, group=f"{family}: {i}")
        for i, n in enumerate(sizes)
    ]


def hidden_groups(items, min_cell=10):
    shown, _ = suppress(items, min_cell)
    return [item.group for item in shown if is_hidden(item)]


def test_a_hidden_group_keeps_its_name_and_nothing_else():
    [small, other, large], count = suppress(groups([3, 20, 50]), 10)
    assert count == 2
    for item in (small, other):
        assert np.isnan([item.value, item.low, item.high, item.p]).all()
        assert (item.n, item.n_dropped) == (0, 0)
        assert item.method.startswith("not shown: fewer than 10 people")
    assert large == groups([3, 20, 50])[2]


def test_nothing_is_hidden_without_a_small_group():
    items = groups([10, 11, 0])
    assert suppress(items, 10) == (items, 0)


def test_people_of_no_group_are_what_is_left_of_all():
    everybody = estimate("csat", n=73)
    assert hidden_groups([everybody, *groups([20, 50])]) == ["brand: 0"]  # three left it blank
    assert hidden_groups([estimate("csat", n=70), *groups([20, 50])]) == []
    assert hidden_groups([estimate("csat", n=90), *groups([20, 50])]) == []


def test_all_of_the_sample_is_no_group():
    assert suppress([estimate(n=3)], 10)[1] == 0


def test_the_smallest_others_are_hidden_with_a_small_group():
    assert hidden_groups(groups([3, 30, 20, 50])) == ["brand: 0", "brand: 2"]
    assert hidden_groups(groups([3, 4, 30, 50])) == ["brand: 0", "brand: 1", "brand: 2"]
    assert hidden_groups(groups([6, 7, 30, 50])) == ["brand: 0", "brand: 1"]


def test_each_measure_and_each_partition_is_its_own_family():
    items = [*groups([3, 20, 50]), *groups([30, 40], family="wave"), *groups([9, 20], key="nps")]
    assert hidden_groups(items) == ["brand: 0", "brand: 1", "brand: 0", "brand: 1"]


def test_a_lone_group_is_hidden_too():
    assert hidden_groups(groups([3])) == ["brand: 0"]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(2, 20))
def test_hidden_groups_cannot_be_computed_back_from_the_total(sizes, min_cell):
    """An attacker knows the total and every group shown, so the sum over the hidden ones.

    That is one equation: it gives a hidden group away when it is alone, and a tiny crowd when the
    hidden ones together are fewer than the minimum.
    """
    shown, _ = suppress(groups(sizes), min_cell)
    hidden = [n for n, item in zip(sizes, shown, strict=True) if is_hidden(item)]
    small = [n for n in sizes if 0 < n < min_cell]
    assert all(n in hidden for n in small)
    if small and len([n for n in sizes if n]) > 1:
        everybody = sum(sizes)
        assert len(hidden) >= 2
        assert sum(hidden) >= min(min_cell, everybody)
    if not small:
        assert hidden == []


def among(n, *ranges):
    return [np.isin(np.arange(n), np.arange(*ends)) for ends in ranges]


def test_nested_groups_give_away_the_few_between_them():
    assert reveals(among(60, (0, 20), (0, 17)), 10)  # 20 less 17 is three people
    assert not reveals(among(60, (0, 20), (0, 17)), 3)
    assert not reveals(among(60, (0, 20), (0, 10)), 10)
    assert not reveals(among(60, (0, 20), (20, 40), (0, 40)), 10)
    assert reveals(among(60, (0, 43), (0, 20), (20, 40)), 10)  # a total less its two parts
    assert not reveals(among(60, (0, 43), (0, 20)), 10)  # 23 people hide the three
    assert not reveals(among(60, (0, 20), (3, 23)), 10)  # overlapping by 17, 3 on either side


def test_nothing_shown_gives_nothing_away():
    assert not reveals([], 10)
    assert not reveals(among(5, (0, 0)), 10)
    assert reveals(among(5, (0, 3)), 10)


@given(st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=1, max_size=4))
def test_reveals_agrees_with_trying_every_set_of_people(rows):
    groups = np.array(rows)
    chosen = (np.arange(1, 2**12)[:, None] >> np.arange(12)) & 1
    few = chosen[chosen.sum(axis=1) < 3].astype(float)
    projector = groups.T @ np.linalg.pinv(groups.T.astype(float))
    computable = np.abs(few @ projector.T - few).max(axis=1) < 1e-6
    assert reveals(list(groups), 3) == computable.any()


def test_what_too_few_people_answered_altogether_is_neither_shown_nor_decided():
    few = [estimate(n=3), estimate(key="csat", n=0), estimate(key="ces", n=10)]
    assert [item.key for item in enough(few, 10)] == ["csat", "ces"]
    shown = show("k", few, title=lambda items: " ".join(item.key for item in items))
    assert shown.record["title"] == "csat ces"
    assert "nps" not in str(shown.record["table"])
    [finding] = conclude([claim()], few)
    assert finding.verdict == "not testable here"
    assert finding.estimate is None


@pytest.mark.parametrize("seed", range(40))
def test_two_partitions_give_away_what_all_their_groups_together_do(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        size = rng.integers(1, 5, 2)
        table = rng.poisson(4, size) * (rng.random(size) < 0.5)
        codes = np.divmod(np.repeat(np.arange(table.size), table.ravel()), table.shape[1])
        groups = [codes[axis] == at for axis in (0, 1) for at in range(table.shape[axis])]
        groups = [group for group in groups if group.any()]
        assert margins_reveal(table, 3) == reveals(groups, 3)


def test_a_segment_that_uses_one_channel_but_for_three_people_gives_them_away():
    segment_by_channel = np.array([[40, 0], [3, 50]])
    assert margins_reveal(segment_by_channel, 10)
    assert not margins_reveal(segment_by_channel, 3)
    assert not margins_reveal(np.array([[40, 12], [30, 50]]), 10)
    assert not margins_reveal(np.zeros((2, 2), dtype=int), 10)


def test_many_groups_against_few_are_tried_and_many_against_many_are_not():
    rng = np.random.default_rng(3)
    brands = rng.integers(20, 40, (200, 3))
    assert not margins_reveal(brands, 10)
    brands[:4, 0], brands[4:, 0] = 0, 0
    brands[0] = 3, 0, 20  # the first segment is three people of one brand and nobody else
    assert margins_reveal(brands, 10)
    assert margins_reveal(np.full((40, 40), 50), 10)
