"""The planned contrasts: who is on either side, one family an outcome, and small groups."""

import numpy as np
import pytest
from scipy import stats

from crmresearch.recovery import figures, headlines
from crmresearch.recovery.planned import PLANNED, planned, sides
from crmresearch.report import style
from crmresearch.report.estimates import find

N = np.nan
FATES = {
    "problem": [0] * 30 + [1] * 90,
    "complained": [N] * 30 + [0] * 30 + [1] * 60,
    "resolved": [N] * 60 + [0] * 20 + [1] * 40,
    "recovery_satisfaction": [N] * 60 + [2] * 20 + [4] * 20 + [7] * 20,
}


def fates(cases, **more):
    rng = np.random.default_rng(2)
    return cases(**FATES, loyalty=rng.normal(4, 1, 120), **more)


def test_both_sides_are_who_they_are_said_to_be(cases):
    found = {key: [int(side.sum()) for side in pair] for key, pair in sides(fates(cases)).items()}
    assert found == {
        "problem-none": [30, 90],
        "complained-silent": [30, 60],
        "resolved-unresolved": [20, 40],
        "delighted-resolved": [20, 20],
    }
    alone = cases(complained=[0] * 20 + [1] * 20, churned=[0, 1] * 20)
    assert list(sides(alone)) == ["complained-no_complaint"]
    assert set(sides(fates(cases))) | set(sides(alone)) == set(PLANNED)


def test_each_outcome_is_a_family_of_its_own(cases):
    found = fates(cases, churned=[0, 1, 1, 1] * 30)
    items = planned(found)
    p, values = [], found.frame["loyalty"].to_numpy()
    for first, second in sides(found).values():
        p.append(stats.ttest_ind(values[second], values[first], equal_var=False).pvalue)
    least = int(np.argmin(p))
    keys = [item.key for item in items if item.key.startswith("planned.loyalty.")]
    assert find(items, keys[least]).p == pytest.approx(min(1, 4 * p[least]))
    item = find(items, keys[least])
    first, second = list(sides(found).values())[least]
    test = stats.ttest_ind(values[second], values[first], equal_var=False)
    assert (item.low, item.high) == pytest.approx(test.confidence_interval(1 - 0.05 / 4))
    assert "Bonferroni interval for 4 planned contrasts, Holm p" in item.method
    stayed = find(items, "planned.stayed.resolved-unresolved")
    assert stayed.unit == "share difference"
    assert find(items, "planned_g.stayed.resolved-unresolved").unit == "SD"


def test_weights_and_accounts_reach_the_contrasts(cases):
    found = fates(cases, weight=[1.0, 2.0] * 60, account=[f"a{row // 2}" for row in range(120)])
    for item in planned(found):
        assert "weighted, clustered by account, 60 accounts" in item.method


def test_sides_that_would_give_away_a_few_are_left_out(cases):
    fates = {name: list(values) for name, values in FATES.items()}
    fates["recovery_satisfaction"][60:64] = [7] * 4  # four unresolved complainers are delighted
    rng = np.random.default_rng(2)
    found = cases(**fates, loyalty=rng.normal(4, 1, 120))
    keys = {item.key for item in planned(found, min_cell=10)}
    assert "planned.loyalty.complained-silent" in keys
    assert "planned.loyalty.resolved-unresolved" not in keys  # its 20 less the path's 16
    assert "planned.loyalty.resolved-unresolved" in {x.key for x in planned(found, min_cell=4)}


def test_titles_count_outcomes_and_the_figure_has_a_row_for_each(cases):
    items = planned(fates(cases, satisfaction=[5] * 30 + [2] * 30 + [3] * 30 + [4, 5] * 15))
    title = headlines.paths.planned(items)
    assert title.startswith("Any problem − none: ")
    assert "lower on 1" in title
    assert title.endswith("(of 2 outcomes).")
    with style.canvas() as figure:
        caption = figures.paths.planned(items, figure)
        assert len(figure.axes[0].get_yticklabels()) == 8
    assert "the largest is satisfaction" in caption
    assert headlines.paths.planned([]).startswith("Not in these data")
    with style.canvas() as figure:
        assert figures.paths.planned([], figure).startswith("No planned contrast")


@pytest.mark.parametrize(
    "columns",
    [
        {"problem": [1], "loyalty": [3]},
        {"problem": [N, N], "loyalty": [3, 4]},
        {"problem": [0, 0, 1], "loyalty": [N, N, N]},
        {"problem": [0] * 15 + [1] * 15, "loyalty": [4] * 30},
        {"condition": ["a", "b"], "loyalty": [1, 2]},
    ],
)
def test_awkward_customers_give_no_false_numbers(cases, columns):
    for item in planned(cases(**columns), min_cell=1):
        assert not item.low > item.high
        assert np.isnan(item.value) or np.isfinite(item.value)
