"""Arms of an experiment and crossed factors."""

import numpy as np
import pytest
from scipy import stats

from crmresearch.recovery import arms, figures, headlines
from crmresearch.recovery.cases import OUTCOMES
from crmresearch.recovery.factors import effects, factors
from crmresearch.report import style

LOYALTY = OUTCOMES[0]


def test_randomised_arms_are_marked_so_and_others_are_not(experiment, cases):
    for item in (*arms.omnibus(experiment), *arms.differences(experiment, LOYALTY)):
        assert item.randomised
    other = cases(condition=["a", "b"] * 20, loyalty=list(range(10)) * 4)
    for item in (*arms.omnibus(other), *arms.differences(other, LOYALTY)):
        assert not item.randomised


def test_p_is_adjusted_over_outcomes(experiment):
    loyalty, satisfaction = arms.omnibus(experiment)
    assert loyalty.p < 0.001
    assert satisfaction.p > 0.2
    assert "Holm for 2 outcomes" in loyalty.method
    assert headlines.arms.arms([loyalty, satisfaction]) == (
        "The arms differ in loyalty (1 of 2 outcomes tested)."
    )


def test_the_arms_furthest_apart_are_bounded_by_all_pairs(experiment, cases):
    most, *pairs = arms.differences(experiment, LOYALTY)
    assert most.key == "arms.loyalty.most"
    assert most.unit == "SD"
    assert 0 < most.low < most.value < most.high
    rng = np.random.default_rng(1)
    same = cases("experiment", condition=["a", "b", "c"] * 40, loyalty=rng.normal(4, 1, 120))
    most, *pairs = arms.differences(same, LOYALTY)
    effects_of_pairs = [item for item in pairs if item.key.startswith("arms_g.")]
    assert most.low == 0
    assert most.high > max(max(-item.low, item.high) for item in effects_of_pairs)


def test_a_clear_but_tiny_pair_does_not_settle_the_others(cases):
    """Two large arms differ a little for sure; a small one may differ from both by much."""
    parts = [
        stats.norm.ppf((np.arange(n) + 0.5) / n, mean, 1)
        for mean, n in ((4.0, 4000), (4.1, 4000), (4.3, 12))
    ]
    arm = [name for name, part in zip("abc", parts, strict=True) for _ in part]
    found = cases("experiment", condition=arm, loyalty=np.concatenate(parts))
    most, first, *_ = arms.differences(found, LOYALTY)
    assert 0 < first.low < first.high < 0.2  # by itself it would contradict that arms differ
    assert 0 < most.low < 0.2 < most.high


def test_factors_of_a_crossed_experiment(experiment):
    assert factors(experiment) == [("human agent", "plain agent"), ("dry reply", "kind reply")]
    agent, reply = effects(experiment, LOYALTY)
    assert reply.low < 0.9 < reply.high
    assert reply.low > 0
    assert agent.low < 0 < agent.high
    assert headlines.arms.factors([agent, reply]).startswith("Kind reply raises loyalty by ")
    assert headlines.arms.factors([agent]).startswith("No factor is clear of zero")


def test_main_effect_is_the_difference_of_equally_weighted_cells(experiment):
    [_, reply] = effects(experiment, LOYALTY)
    cells = experiment.frame["loyalty"].groupby(experiment.condition, observed=True).mean()
    kind = [value for name, value in cells.items() if "kind" in name]
    dry = [value for name, value in cells.items() if "dry" in name]
    assert reply.value == pytest.approx(np.mean(kind) - np.mean(dry))


def test_causal_words_need_random_assignment(cases):
    rng = np.random.default_rng(4)
    condition = np.repeat(["A, x", "A, y", "B, x", "B, y"], 40)
    found = cases(
        condition=condition,
        loyalty=rng.normal(4, 1, 160) + np.tile(np.repeat([0, 1], 40), 2),
    )
    text = headlines.arms.factors(effects(found, LOYALTY))
    assert "goes with more loyalty" in text
    assert "raises" not in text


@pytest.mark.parametrize(
    "names", [["a", "b"], ["a, x", "b, y", "c, z", "d, w"], ["a, x", "a, y", "b, x", "c"]]
)
def test_arms_that_are_not_crossed_have_no_factors(cases, names):
    found = cases("experiment", condition=names * 15, loyalty=[4.0] * 15 * len(names))
    assert factors(found) == []
    assert effects(found, LOYALTY) == []


@pytest.mark.parametrize(
    "columns",
    [
        {"condition": ["a"], "loyalty": [3.0]},
        {"condition": ["a"] * 30, "loyalty": list(range(30))},
        {"condition": ["a", "b"] * 15, "loyalty": [4.0] * 30},
        {"condition": [None] * 30, "loyalty": list(range(30))},
    ],
)
def test_awkward_arms_give_no_false_numbers(cases, columns):
    found = cases("experiment", **columns)
    for item in (*arms.omnibus(found), *arms.differences(found, LOYALTY)):
        assert not item.low > item.high
    assert isinstance(headlines.arms.arms(arms.omnibus(found)), str)


def test_without_arms_sections_say_so(customers):
    assert arms.means(customers, LOYALTY) == []
    assert arms.omnibus(customers) == []
    assert arms.differences(customers, LOYALTY) == []
    assert effects(customers, LOYALTY) == []
    assert (
        headlines.arms.arms([])
        == "Not in these data: arms of an experiment that are large enough to show."
    )
    assert headlines.arms.factors([]).startswith("Not in these data")


def test_figure_draws_a_row_for_each_pair_with_an_interval(experiment):
    with style.canvas() as figure:
        caption = figures.paths.pairs(arms.differences(experiment, LOYALTY), figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(labels) == 6
    assert caption == "The intervals do not include zero in 4 of 6."


def test_arms_allow_for_accounts_and_weights(cases):
    rng = np.random.default_rng(8)
    labels = ["robot, cool", "robot, warm", "person, cool", "person, warm"]
    condition = np.array(labels)[np.arange(240) % 4]
    loyalty = rng.normal(4, 1, 240) + 0.5 * (np.arange(240) % 2)
    single = cases("experiment", condition=condition, loyalty=loyalty)
    twice = cases(
        "experiment",
        condition=np.tile(condition, 2),
        loyalty=np.tile(loyalty, 2),
        account=[f"a{row % 240}" for row in range(480)],
    )
    for analyse in (arms.differences, effects, arms.means):
        pairs = zip(analyse(twice, LOYALTY), analyse(single, LOYALTY), strict=True)
        for item, one in pairs:  # answers given twice tell nothing new
            assert item.value == pytest.approx(one.value, rel=0.01)
            assert item.high - item.low == pytest.approx(one.high - one.low, rel=0.04)
    assert "clustered by account, 240 accounts" in effects(twice, LOYALTY)[0].method
    weight = np.where(loyalty > 4.5, 3.0, 1.0)
    heavy = cases("experiment", condition=condition, loyalty=loyalty, weight=weight)
    rows = condition == "robot, cool"
    expected = np.average(loyalty[rows], weights=weight[rows])
    [mean] = [x for x in arms.means(heavy, LOYALTY) if x.group == "arm: robot, cool"]
    assert mean.value == pytest.approx(expected)
    assert all("weighted" in item.method for item in effects(heavy, LOYALTY))
    assert arms.omnibus(heavy)[0].method.startswith("Wald's F(3, ")
