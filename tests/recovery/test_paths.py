"""Paths compared: means, the test of all, simultaneous pairs, and awkward groups."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.groups import games_howell, welch_anova
from crmresearch.recovery import figures, headlines
from crmresearch.recovery.paths import differences, means, sizes
from crmresearch.report import style
from crmresearch.report.estimates import find

N = np.nan


def test_sizes_add_up_to_all_whose_path_is_known(customers):
    found = sizes(customers)
    assert sum(item.value for item in found) == pytest.approx(1)
    assert {item.n for item in found} == {int(customers.path.notna().sum())}


def test_pairs_are_games_howell_of_the_paths(customers):
    loyalty = customers.outcomes[0]
    found = differences(customers, loyalty)
    values = customers.frame["loyalty"]
    expected = games_howell(values, customers.path, key="paths.loyalty")
    for item in expected:
        assert_allclose(find(found, item.key).low, item.low)
    test = welch_anova(values, customers.path, key="f", name="f")
    assert find(found, "paths.loyalty.test").value == test.value
    assert len([item for item in found if item.key.startswith("paths_g.")]) == len(expected)


def test_pairs_of_accounts_are_cluster_robust(cases, make_world):
    plain = make_world(3, 600)
    loyalty = cases(**plain).outcomes[0]
    alone = differences(cases(**plain), loyalty, min_cell=1)
    accounts = [f"a{row // 3}" for row in range(600)]
    found = differences(cases(**plain, account=accounts), loyalty, min_cell=1)
    pair, other = (find(items, "paths.loyalty.unresolved-silent") for items in (found, alone))
    assert pair.value == pytest.approx(other.value)
    assert pair.n == other.n
    assert "clustered by account, 200 accounts, linearised variance, 90 df, Tukey" in pair.method
    assert "Wald's F(4, 195)" in find(found, "paths.loyalty.test").method
    sd = find(found, "paths_g.loyalty.unresolved-silent")
    assert sd.value == pytest.approx(find(alone, sd.key).value)
    assert "noncentral t interval on the linearised error" in sd.method
    # unrelated answers in accounts: about the same width
    assert pair.high - pair.low == pytest.approx(other.high - other.low, rel=0.2)


def test_staying_is_a_share(cases):
    found = cases(complained=[1] * 20 + [0] * 40, churned=[1] * 10 + [0] * 50)
    stayed = found.outcomes[0]
    no_complaint, complained = means(found, stayed)
    assert (no_complaint.value, complained.value) == pytest.approx((1.0, 0.5))
    assert complained.unit == "share"
    pair = find(differences(found, stayed), "paths.stayed.complained-no_complaint")
    assert pair.value == pytest.approx(-0.5)
    assert pair.unit == "share difference"


def test_paths_below_the_minimum_are_not_compared(cases):
    found = cases(problem=[0] * 20 + [1] * 4, loyalty=list(range(20)) + [1, 2, 3, 4])
    assert differences(found, found.outcomes[0], min_cell=10) == []
    assert len(differences(found, found.outcomes[0], min_cell=3)) == 3


@pytest.mark.parametrize(
    "columns",
    [
        {"problem": [1], "loyalty": [3]},
        {"problem": [N, N], "loyalty": [3, 4]},
        {"problem": [0, 0, 1], "loyalty": [N, N, N]},
        {"problem": [0] * 15 + [1] * 15, "loyalty": [4] * 30},
        {"problem": [1] * 30, "loyalty": list(range(30))},
    ],
)
def test_awkward_customers_give_no_false_numbers(cases, columns):
    found = cases(**columns)
    for item in (*sizes(found), *differences(found, found.outcomes[0], min_cell=1)):
        assert not item.low > item.high
        assert np.isnan(item.value) or np.isfinite(item.value)
    scores = means(found, found.outcomes[0])
    assert isinstance(headlines.paths.means(scores), str)
    with style.canvas() as figure:
        assert figures.paths.means([item for item in scores if item.value == item.value], figure)


def test_headlines_name_best_and_worst(customers):
    scores = means(customers, customers.outcomes[0])
    title = headlines.paths.means(scores)
    assert title.startswith("Loyalty is highest on “delighted” (")
    assert "lowest on “unresolved” (" in title
    pairs = differences(customers, customers.outcomes[0])
    assert headlines.paths.differences(pairs).endswith(").")
    assert " pairs differ; the largest difference is " in headlines.paths.differences(pairs)
    assert headlines.paths.differences([]).startswith("Not in these data")
    assert headlines.paths.sizes(sizes(customers)).startswith("6")


def test_pairs_that_are_not_told_apart_are_not_called_equal(cases):
    rng = np.random.default_rng(1)
    found = cases(problem=[0, 1] * 30, loyalty=rng.normal(4, 1, 60))
    title = headlines.paths.differences(differences(found, found.outcomes[0]))
    assert title == "No pair of 1 is told apart: the intervals leave room for either sign."


def test_figures_draw_one_row_a_path_and_one_a_pair(customers):
    loyalty, satisfaction = customers.outcomes[:2]
    with style.canvas() as figure:
        caption = figures.paths.means(means(customers, loyalty), figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(labels) == 5
    assert labels[0].startswith("no problem  (n\u00a0=\u00a0")
    assert "The line marks the mean of “no problem”." in caption
    with style.canvas() as figure:
        figures.paths.pairs(differences(customers, loyalty), figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(labels) == 10
    assert " ".join(labels[0].split()).startswith("silent − no problem (n = ")
    with style.canvas() as figure:
        both = means(customers, loyalty) + means(customers, satisfaction)
        caption = figures.paths.panels(both, figure)
        assert len(figure.axes) == 2
    assert "Loyalty: lowest is" in caption
    assert "Satisfaction: lowest is" in caption


def test_a_path_hidden_to_protect_a_smaller_one_is_not_compared_either(cases):
    rng = np.random.default_rng(1)
    found = cases(
        problem=[0] * 40 + [1] * 36,
        complained=[0] * 60 + [1] * 16,
        resolved=[0] * 72 + [1] * 4,
        loyalty=rng.normal(4, 1, 76),
    )
    keys = [x.key for x in differences(found, found.outcomes[0], min_cell=10)]
    assert any("silent" in key for key in keys)
    assert not any("resolved" in key for key in keys)  # nor "unresolved", the next smallest
