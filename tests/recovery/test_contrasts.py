"""The paradox: contrasts, their verdicts, and their behaviour in worlds with a known truth."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.data.load import load
from crmresearch.data.simulate.truth import truth
from crmresearch.methods.effects import hedges_g
from crmresearch.methods.regression import contrast, ordinary_least_squares
from crmresearch.recovery import figures, headlines
from crmresearch.recovery.bounds import unmeasured
from crmresearch.recovery.cases import read
from crmresearch.recovery.contrasts import compare, loss
from crmresearch.recovery.prospects import reach
from crmresearch.recovery.verdicts import verdict, verdicts
from crmresearch.report import style
from crmresearch.report.estimates import Estimate, find

N = np.nan


def interval(low, high, level=0.95):
    middle = (low + high) / 2
    return Estimate(
        key="k", name="n", value=middle, low=low, high=high, level=level, unit="SD", n=9, method="m"
    )


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ((0.05, 0.60), (0.10, 0.55), "paradox"),
        ((-0.60, -0.05), (-0.55, -0.10), "still worse"),
        ((-0.15, 0.18), (-0.12, 0.15), "restored"),
        ((0.01, 0.19), (0.03, 0.17), "restored"),  # better, but by less than matters
        ((-0.22, 0.10), (-0.19, 0.07), "restored"),
        ((-0.10, 0.40), (-0.05, 0.35), "inconclusive"),
        ((-0.50, 0.50), (-0.45, 0.45), "inconclusive"),
        ((N, N), (N, N), ""),
    ],
)
def test_verdict_needs_the_interval_not_the_p_value(wide, narrow, expected):
    found = verdict(interval(*wide), interval(*narrow, level=0.9), 0.2)
    assert found == expected


@pytest.mark.parametrize(
    ("wide", "narrow"), [((0.05, 0.6), (0.1, 0.55)), ((-0.1, 0.4), (-0.05, 0.35))]
)
def test_verdicts_mirror_when_the_sign_turns(wide, narrow):
    mirrored = {"paradox": "still worse", "still worse": "paradox"}
    one = verdict(interval(*wide), interval(*narrow), 0.2)
    other = verdict(interval(*(-x for x in wide[::-1])), interval(*(-x for x in narrow[::-1])), 0.2)
    assert other == mirrored.get(one, one)


def test_raw_contrast_in_sd_is_hedges_g(customers):
    found = compare(customers, customers.outcomes[0])
    frame = customers.frame
    g = hedges_g(
        frame.loc[frame["delighted"] == 1, "loyalty"],
        frame.loc[frame["problem"] == 0, "loyalty"],
        key="g",
        name="g",
    )
    raw = find(found, "paradox.loyalty.delighted.raw")
    assert raw.value == pytest.approx(g.value, rel=1e-9)
    assert raw.unit == "SD"


def test_adjusted_contrast_is_the_regression_coefficient(customers):
    frame = customers.frame
    rows = (frame["problem"] == 0) | (frame["resolved"] == 1)
    fit = ordinary_least_squares(
        frame.loc[rows, "loyalty"],
        pd.DataFrame({"member": frame["resolved"], "prior": frame["prior"]})[rows],
    )
    fewest = int(min(frame["resolved"].sum(), (frame["problem"] == 0).sum()))
    fit = dataclasses.replace(fit, df=fewest - 1.0)  # the smaller group decides
    expected = contrast(fit, {"member": 1.0}, key="c", name="c")
    found = find(compare(customers, customers.outcomes[0]), "gap.loyalty.resolved.adjusted")
    assert_allclose([found.value, found.low, found.p], [expected.value, expected.low, expected.p])


def test_equivalence_interval_is_that_of_two_one_sided_tests(customers):
    found = compare(customers, customers.outcomes[0], level=0.95)
    wide = find(found, "paradox.loyalty.resolved.adjusted")
    narrow = find(found, "restored.loyalty.resolved.adjusted")
    assert narrow.level == pytest.approx(0.9)
    assert wide.value == narrow.value
    assert wide.low < narrow.low < narrow.high < wide.high


def test_paradox_is_not_claimed_without_knowing_who_had_no_problem(cases):
    rng = np.random.default_rng(2)
    found = cases(complained=[0, 1] * 40, loyalty=rng.normal(4, 1, 80))
    keys = {item.key for item in compare(found, found.outcomes[0])}
    assert keys == {
        "gap.loyalty.complainers.raw",
        "complaint.loyalty.complainers.raw",
        "complaint_restored.loyalty.complainers.raw",
    }
    table = verdicts(found, list(found.outcomes), compare(found, found.outcomes[0]))
    assert table.columns[2] == "Compared with no complaint"


def test_contrasts_of_few_customers_are_withheld(cases):
    rng = np.random.default_rng(2)
    found = cases(problem=[0] * 40 + [1] * 6, loyalty=rng.normal(4, 1, 46))
    assert all(np.isnan(item.value) for item in compare(found, found.outcomes[0], min_cell=10))
    assert np.isnan(find(reach(found, found.outcomes[0]), "detectable.failures").value)
    assert np.isfinite(find(reach(found, found.outcomes[0]), "speaks_for.failures").value)


@pytest.mark.parametrize(
    "columns",
    [
        {"problem": [1.0], "loyalty": [3.0], "prior_satisfaction": [2.0]},
        {"problem": [0.0, 1.0] * 15, "loyalty": [4.0] * 30, "prior_satisfaction": [2.0] * 30},
        {"problem": [0.0] * 30, "loyalty": [4.0, 5.0] * 15},
        {"problem": [N] * 30, "loyalty": [4.0, 5.0] * 15},
        {"problem": [0.0, 1.0] * 15, "loyalty": [4.0, 5.0] * 15, "prior_satisfaction": [N] * 30},
    ],
)
def test_awkward_customers_get_no_verdict_that_is_not_there(cases, columns):
    found = cases(**columns)
    estimates = compare(found, found.outcomes[0], min_cell=1)
    assert not [item for item in estimates if item.low > item.high]
    table = verdicts(found, list(found.outcomes), estimates)
    assert isinstance(headlines.paradox.contrasts(table), str)
    with style.canvas() as figure:
        assert figures.paradox.forest(zone=0.2)(
            [x for x in estimates if x.value == x.value], figure
        )


def test_loss_takes_the_best_contrast_there_is(customers, cases):
    [found] = loss(customers.outcomes[0], compare(customers, customers.outcomes[0]))
    assert found.key == "loss.failures"
    assert found.name == "loyalty, adjusted"
    raw = cases(problem=[0, 1] * 20, recommend=list(range(10)) * 4)
    [found] = loss(raw.outcomes[0], compare(raw, raw.outcomes[0]))
    assert found.name.endswith("raw")
    assert loss(customers.outcomes[0], []) == []


def test_e_values_question_the_adjusted_contrasts(customers, cases):
    gaps = compare(customers, customers.outcomes[0])
    found = unmeasured(customers, customers.outcomes[0], gaps)
    assert len(found) == 8
    limit = find(found, "e_value_limit.paradox.loyalty.failures.adjusted")
    assert 1 < limit.value < find(found, "e_value.paradox.loyalty.failures.adjusted").value
    assert headlines.bounds.unmeasured(found).startswith("To undo the contrast of all ")
    null = find(found, "e_value_limit.paradox.loyalty.delighted.adjusted")
    assert headlines.bounds.unmeasured([null]).startswith("No adjusted contrast is clear of zero")
    raw = cases(problem=[0, 1] * 20, loyalty=list(range(10)) * 4)
    assert unmeasured(raw, raw.outcomes[0], compare(raw, raw.outcomes[0])) == []
    assert headlines.bounds.unmeasured([]).startswith("Not in these data")


def test_reach_says_for_whom_and_how_much(customers):
    found = reach(customers, customers.outcomes[0])
    shares = [item.value for item in found if item.key.startswith("speaks_for.")]
    least = [item.value for item in found if item.key.startswith("detectable.")]
    assert shares == sorted(shares, reverse=True)
    assert least == sorted(least)
    assert headlines.paradox.reach(found).startswith(
        "The contrast of complainers delighted with the handling speaks for "
    )
    assert headlines.paradox.reach([]) == "Not in these data: a group to contrast."


def test_forest_shows_zone_intervals_and_verdicts(customers):
    estimates = compare(customers, customers.outcomes[0])
    with style.canvas() as figure:
        caption = figures.paradox.forest(zone=0.25)(estimates, figure)
        [ax] = figure.axes
        zone = ax.patches[0]
        words = [text.get_text() for text in ax.texts]
        labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert (zone.get_x(), zone.get_width()) == pytest.approx((-0.25, 0.5))
    assert len(labels) == len(words) == 8
    table = verdicts(customers, [customers.outcomes[0]], estimates, sesoi=0.25)
    assert words == table[["Raw", "Adjusted"]].to_numpy().ravel().tolist()
    assert "The shaded zone is within 0.25 SD of no difference" in caption


def one_verdict(raw, adjusted, kind="attitude"):
    frame = {"Kind": kind, "Outcome": "loyalty", "Compared with no problem": "delighted"}
    return pd.DataFrame([frame | {"Raw": raw, "Adjusted": adjusted}])


def test_too_few_to_adjust_is_not_nothing_to_adjust_for(cases):
    """Nobody without a problem but five told their tenure, so the adjusted contrast is hidden."""
    found = cases(
        problem=[0] * 30 + [1] * 30,
        loyalty=[1.0, 2.0, 3.0] * 10 + [5.0, 6.0, 7.0] * 10,
        covariate=[1.0, 2.0, 3.0, 1.0, 2.0] + [N] * 25 + [1.0, 2.0, 3.0] * 10,
    )
    table = verdicts(found, found.outcomes, compare(found, found.outcomes[0], min_cell=10))
    assert list(table["Adjusted"]) == ["too few"]
    assert headlines.paradox.contrasts(table) == (
        "All with a problem (loyalty): paradox when raw; too few answered what to adjust for."
    )
    assert headlines.paradox.verdicts(table).endswith("raw where too few could be adjusted.")


def test_headline_puts_raw_beside_adjusted():
    headline = headlines.paradox.contrasts
    table = one_verdict("paradox", "inconclusive")
    assert headline(table) == "Delighted (loyalty): paradox when raw, inconclusive once adjusted."
    assert headline(one_verdict("paradox", "paradox")).endswith("paradox, raw and adjusted alike.")
    raw = one_verdict("paradox", "–")
    assert headline(raw).endswith("with nothing to adjust for in these data.")
    assert headlines.paradox.verdicts(table) == (
        "Delighted: on attitude 1 inconclusive; behaviour is not in these data."
    )
    both = pd.concat([table, one_verdict("paradox", "still worse", "behaviour")])
    assert headlines.paradox.verdicts(both).endswith("; on behaviour 1 still worse.")
    assert headlines.paradox.verdicts(table.head(0)).startswith("Not in these data")


def coverage(cases, make_world, worlds):
    """Shares of intervals, naive and adjusted, that hold the true -0.1 of the resolved."""
    held = {"raw": 0, "adjusted": 0}
    bias = {"raw": [], "adjusted": []}
    for seed in range(worlds):
        customers = cases(**make_world(seed, 1200))
        found = compare(customers, customers.outcomes[0], min_cell=1)
        for kind in held:
            item = find(found, f"gap.loyalty.resolved.{kind}")
            held[kind] += item.low <= -0.1 <= item.high
            bias[kind].append(item.value + 0.1)
    return {k: n / worlds for k, n in held.items()}, {k: np.mean(v) for k, v in bias.items()}


def test_adjusted_contrast_covers_where_the_naive_one_is_biased(cases, make_world):
    held, bias = coverage(cases, make_world, 60)
    assert held["adjusted"] >= 0.86
    assert abs(bias["adjusted"]) < 0.04
    assert held["raw"] <= 0.2
    assert bias["raw"] < -0.25  # unhappy customers have the problems


@pytest.mark.slow
def test_adjusted_contrast_covers_closely(cases, make_world):
    held, bias = coverage(cases, make_world, 1000)
    assert 0.935 <= held["adjusted"] <= 0.965
    assert abs(bias["adjusted"]) < 0.01


def test_demonstration_data_show_a_false_paradox_that_adjustment_takes_back():
    customers = read(load("telecom"))
    found = compare(customers, customers.outcomes[0])
    known = truth()
    naive = find(found, "gap.loyalty.delighted.raw")
    fair = find(found, "gap.loyalty.delighted.adjusted")
    effect = known.answered_effect["delighted"]
    assert naive.low > effect
    assert naive.value > effect + 0.2
    assert abs(fair.value - effect) < abs(naive.value - effect) / 3
    wide = compare(customers, customers.outcomes[0], level=0.99)
    resolved = find(wide, "gap.loyalty.resolved.adjusted")
    assert resolved.low <= known.answered_effect["resolved"] <= resolved.high


def test_narrow_and_wide_estimates_can_be_replaced_in_a_figure(customers):
    """Estimates that suppression has blanked leave no row and no error."""
    blank = [
        dataclasses.replace(item, value=N, low=N, high=N)
        for item in compare(customers, customers.outcomes[0])
    ]
    with style.canvas() as figure:
        assert (
            figures.paradox.forest(zone=0.2)(blank, figure)
            == "No contrast is large enough to show."
        )


def test_nested_contrasts_do_not_give_away_the_few_between_them(cases):
    """All complainers less those whose complaint was resolved are the four whose was not."""
    rng = np.random.default_rng(4)
    columns = {
        "problem": [0] * 40 + [1] * 50,
        "complained": [0] * 65 + [1] * 25,
        "resolved": [0] * 69 + [1] * 21,
        "loyalty": rng.normal(4, 1, 90),
    }
    found = cases(**columns)
    made = {x.key: x for x in compare(found, found.outcomes[0], min_cell=10)}
    assert np.isfinite(made["gap.loyalty.failures.raw"].value)
    shown = [
        name
        for name in ("complainers", "resolved")
        if np.isfinite(made[f"gap.loyalty.{name}.raw"].value)
    ]
    assert shown == ["complainers"]
    assert made["gap.loyalty.resolved.raw"].n == 0
    made = {x.key: x for x in compare(found, found.outcomes[0], min_cell=4)}
    assert np.isfinite(made["gap.loyalty.resolved.raw"].value)
