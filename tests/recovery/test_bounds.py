"""What would explain a contrast away: bounds in worlds where the answer is known."""

import math

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.load import load
from crmresearch.data.simulate.drawn import survey as simulated
from crmresearch.data.simulate.worlds import NO_PARADOX
from crmresearch.methods.regression import ordinary_least_squares
from crmresearch.recovery import figures, headlines
from crmresearch.recovery.bounds import omitted, unmeasured
from crmresearch.recovery.cases import read
from crmresearch.recovery.caveats import caveats
from crmresearch.recovery.contrasts import compare, of
from crmresearch.recovery.explained import NOTHING, explained
from crmresearch.recovery.explained import headlines as contrasts_told
from crmresearch.recovery.matched import matched
from crmresearch.recovery.prospects import detectable, reach
from crmresearch.recovery.selection import bound, less_selection
from crmresearch.recovery.verdicts import UNITS, verdicts, zone
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show

N = np.nan


@pytest.fixture(scope="module")
def telecom():
    return read(load("telecom"))


@pytest.fixture(scope="module")
def made(customers):
    """Everything that the notebook makes of one world, by part."""
    main = customers.outcomes[0]
    gaps = compare(customers, main)
    return {
        "gaps": gaps,
        "strengths": unmeasured(customers, main, gaps),
        "missing": omitted(customers, main, gaps),
        "twins": matched(customers, main, seed=1),
        "chosen": bound(customers, main, gaps),
    }


def drawn(draw, estimates):
    with style.canvas() as figure:
        return draw([x for x in estimates if x.value == x.value], figure)


def test_a_covariate_that_was_left_out_is_bounded_by_what_it_explains(cases, make_world):
    """The contrast without prior satisfaction, and how it moves when it is held as well."""
    world = make_world(3)
    world["covariate"] = np.random.default_rng(3).normal(size=3000)
    prior = world.pop("prior_satisfaction")
    blind = cases(**world)
    main = blind.outcomes[0]
    found = omitted(blind, main, compare(blind, main))
    limit = find(found, "robustness_limit.loyalty.failures").value
    base = np.where(world["problem"] == 1, 1.0, 0.0)
    group = _partial(base, prior)
    outcome = _partial(world["loyalty"], prior, base)
    assert min(group, outcome) < limit < max(group, outcome)  # it could undo part, and does
    seen = cases(**world, prior_satisfaction=prior)
    before, after = (
        find(compare(x, main), "gap.loyalty.failures.adjusted").value for x in (blind, seen)
    )
    assert abs(after) < abs(before)


def _partial(target, of_, held=None):
    columns = pd.DataFrame({"x": of_}) if held is None else pd.DataFrame({"x": of_, "held": held})
    fit = ordinary_least_squares(target, columns, errors="classical")
    t2 = fit.coefficients[1] ** 2 / fit.covariance[1, 1]
    return t2 / (t2 + fit.df)


def test_partial_r2_is_that_of_the_classical_regression(customers, made):
    frame = customers.frame
    rows = (frame["problem"] == 0) | (frame["problem"] == 1)
    fit = ordinary_least_squares(
        frame.loc[rows, "loyalty"],
        frame.loc[rows, ["problem", "prior"]],
        errors="classical",
    )
    t2 = fit.coefficients[1] ** 2 / fit.covariance[1, 1]
    found = find(made["missing"], "extreme.loyalty.failures")
    assert found.value == pytest.approx(t2 / (t2 + fit.df), rel=1e-9)


def test_bounds_of_an_interval_that_holds_zero_need_nothing(made):
    assert find(made["missing"], "robustness_limit.loyalty.delighted").value == 0.0
    assert find(made["twins"], "gamma.loyalty.delighted").value == 1.0
    assert find(made["strengths"], "e_value_limit.paradox.loyalty.delighted.adjusted").value == 1.0


def test_pairs_take_one_customer_of_an_account_and_balance_what_was_measured(telecom):
    found = matched(telecom, telecom.outcomes[0], seed=1)
    again = matched(telecom, telecom.outcomes[0], seed=1)
    assert found == again
    for name in ("failures", "complainers", "delighted"):
        assert find(found, f"balance.loyalty.{name}").value < 0.12
        assert "one customer of each account" in find(found, f"gamma.loyalty.{name}").method
        assert find(found, f"gamma.loyalty.{name}").n <= telecom.cluster.nunique()
    assert find(found, "gamma.loyalty.failures").value > 1.2
    assert headlines.bounds.matched(found).startswith("Within pairs alike in the covariates")


def test_a_caveat_says_that_pairs_ignore_weights_and_take_one_of_an_account(telecom, customers):
    [found] = [item.text for item in caveats(telecom) if item.key == "recovery.pairs"]
    assert found.endswith("in the pairs, without weights and of one customer of each account.")
    assert not [item for item in caveats(customers) if item.key == "recovery.pairs"]


def test_matched_difference_agrees_with_the_adjusted_one(customers, made):
    for name in ("failures", "complainers", "resolved"):
        pair = find(made["twins"], f"matched.loyalty.{name}")
        fair = find(made["gaps"], f"gap.loyalty.{name}.adjusted")
        assert pair.low - 0.1 < fair.value < pair.high + 0.1


def mood(cases, seed, r, n=3000):
    """Recovery does nothing, but a mood lifts rating and loyalty alike; nothing else differs."""
    rng = np.random.default_rng(seed)
    lift, own = rng.normal(size=(2, n))
    problem = rng.random(n) < 0.5
    rating = np.clip(4 + 1.2 * (r * lift + math.sqrt(1 - r**2) * own), 1, 7)
    return cases(
        problem=problem * 1.0,
        complained=np.where(problem, 1.0, N),
        recovery_satisfaction=np.where(problem, rating, N),
        loyalty=4 + lift,
        prior_satisfaction=rng.normal(4, 1, n),
    )


def test_a_paradox_made_of_mood_is_explained_by_the_mood(cases):
    found = mood(cases, 1, 0.5)
    gaps = compare(found, found.outcomes[0])
    lead = find(gaps, "paradox.loyalty.delighted.adjusted")
    assert lead.low > 0.3  # the paradox that is none
    chosen = bound(found, found.outcomes[0], gaps)
    zero, seen = (find(chosen, f"selection.loyalty.{end}") for end in ("zero", "observed"))
    assert zero.low <= 0.5 <= zero.high
    assert seen.low <= 0.5 <= seen.high
    assert headlines.bounds.selection(chosen).startswith("A correlation of ")
    table = verdicts(
        found, found.outcomes, [*gaps, *less_selection(found, found.outcomes[0], gaps)]
    )
    assert table.iloc[-1]["Adjusted"] == "paradox"
    assert table.iloc[-1]["Less selection"] == "inconclusive"
    interest = find(chosen, "selection.loyalty.interest")
    assert 0 < interest.value < zero.value
    caption = drawn(figures.bounds.selection(zone=0.2), chosen)
    assert "It would be zero at a correlation of 0." in caption


def covered(cases, worlds):
    held = 0
    for seed in range(worlds):
        found = mood(cases, seed, 0.4, n=1000)
        gaps = compare(found, found.outcomes[0])
        [less, _] = less_selection(found, found.outcomes[0], gaps)
        held += less.low <= 0 <= less.high
    return held / worlds


def test_less_selection_covers_a_paradox_that_is_none(cases):
    assert covered(cases, 40) >= 0.85


@pytest.mark.slow
def test_less_selection_covers_closely(cases):
    assert 0.93 <= covered(cases, 600) <= 0.99


def test_all_that_rating_and_outcome_share_leaves_about_all_complainers(customers, made):
    [less, narrow] = less_selection(customers, customers.outcomes[0], made["gaps"])
    wide = find(made["gaps"], "paradox.loyalty.complainers.adjusted")
    assert less.value == pytest.approx(wide.value, abs=0.12)
    assert less.low < narrow.low < narrow.high < less.high
    assert narrow.level == pytest.approx(0.9)


def found_paradox(worlds):
    """Shares of draws without a paradox in which the raw and the adjusted verdict are one."""
    raw = adjusted = less = 0
    for seed in range(worlds):
        found = read(simulated(NO_PARADOX, seed=5000 + seed, aftermath=False))
        main = found.outcomes[0]
        gaps = compare(found, main)
        table = verdicts(found, [main], [*gaps, *less_selection(found, main, gaps)])
        last = table[table.iloc[:, 2] == "complainers delighted with the handling"].iloc[0]
        raw += last["Raw"] == "paradox"
        adjusted += last["Adjusted"] == "paradox"
        less += last["Less selection"] == "paradox"
    return raw / worlds, adjusted / worlds, less / worlds


def test_a_world_without_paradox_is_seldom_given_one():
    raw, adjusted, less = found_paradox(25)
    assert raw > 0.7
    assert adjusted <= 0.08
    assert less <= 0.04


@pytest.mark.slow
def test_a_world_without_paradox_is_given_one_in_at_most_a_twentieth_of_draws():
    raw, adjusted, less = found_paradox(400)
    assert raw > 0.8
    assert adjusted <= 0.05
    assert less <= 0.01


def test_shares_have_a_risk_ratio_and_are_judged_in_percentage_points(telecom):
    stayed = next(item for item in telecom.outcomes if item.key == "stayed")
    gaps = compare(telecom, stayed)
    found = unmeasured(telecom, stayed, gaps)
    ratio = find(found, "risk_ratio.stayed.failures.adjusted")
    gap = find(gaps, "gap.stayed.failures.adjusted")
    assert ratio.value > 1 > gap.value
    limit = find(found, "e_value_limit.paradox.stayed.failures.adjusted")
    assert limit.value == pytest.approx(ratio.low + math.sqrt(ratio.low * (ratio.low - 1)))
    assert find(gaps, "paradox.stayed.failures.adjusted").value == gap.value
    assert zone(stayed, sesoi=0.2, sesoi_share=0.03) == 0.03
    least = find(detectable(telecom, stayed), "detectable.stayed.failures")
    assert least.unit == "share difference"
    assert 0.01 < least.value < 0.1
    assert all(item.key.split(".")[1] == "stayed" for item in of(stayed, gaps))


def test_weights_and_clusters_cost_power(telecom, cases):
    found = {item.key: item for item in reach(telecom, telecom.outcomes[0])}
    assert "design effect 1." in found["detectable.delighted"].method
    columns = {"problem": [0, 1] * 60, "loyalty": list(range(1, 7)) * 20}
    plain, heavy = (
        find(reach(x, x.outcomes[0]), "detectable.failures").value
        for x in (cases(**columns), cases(**columns, weight=[1.0, 1.0, 4.0, 3.0] * 30))
    )
    assert heavy > plain


def test_weights_are_in_the_contrast(cases):
    found = cases(
        problem=[0.0] * 40 + [1.0] * 40,
        loyalty=([1.0] * 20 + [3.0] * 20) * 2,
        weight=[1.0] * 60 + [3.0] * 20,
    )
    [gap, *_] = compare(found, found.outcomes[0])
    assert gap.value == pytest.approx(0.5)  # (20 + 180) / 80 - 2
    assert gap.method.startswith("difference of weighted means, survey-weighted")


def test_verdicts_keep_attitude_apart_from_behaviour(telecom):
    gaps = compare(telecom, telecom.outcomes)
    table = verdicts(telecom, telecom.outcomes, gaps)
    assert list(table["Kind"].unique()) == ["attitude", "behaviour"]
    assert (table["Less selection"] == "–").all()
    shown = show(
        "v",
        table,
        title=headlines.paradox.verdicts(table),
        draw=figures.paradox.verdicts,
        units=UNITS,
    )
    assert "on attitude" in shown.record["title"]
    assert "on behaviour" in shown.record["title"]
    assert shown.record["caption"].startswith("Complainers delighted with the handling, compared")


def test_what_it_takes_stands_side_by_side(customers, made):
    main = customers.outcomes[0]
    table = explained(customers, main, [x for part in made.values() for x in part])
    assert contrasts_told(customers, main, made["gaps"]) == ["delighted", "failures"]
    assert (table["It would take"] == NOTHING).sum() == 2
    assert len(table) == 7
    failures = table[table["Contrast"].str.startswith("all with a problem")]
    assert failures["It would take"].str.contains("risk ratio").sum() == 1
    assert failures["To compare"].str.contains("prior satisfaction explains").sum() == 1
    title = headlines.bounds.explained(table)
    assert title.startswith("Nothing is needed to explain away the contrast of complainers delig")
    assert headlines.bounds.explained(table.head(0)).startswith("Not in these data")
    assert headlines.bounds.explained(failures) == (
        "What would explain away the contrast of all with a problem, in 3 ways of being wrong."
    )


def test_figures_say_what_they_show(made):
    assert "withstands" in headlines.bounds.matched(made["twins"])
    assert "Γ = " in drawn(figures.bounds.matched, made["twins"])
    assert "Had something" not in drawn(
        figures.bounds.omitted(zone=0.2, gaps=made["gaps"]), made["missing"]
    )
    assert headlines.bounds.omitted(made["missing"]).startswith("To undo the contrast of all ")
    for draw in (
        figures.bounds.matched,
        figures.bounds.selection(zone=0.2),
        figures.bounds.omitted(zone=0.2, gaps=[]),
    ):
        assert drawn(draw, []) == "No contrast is large enough to show."


@pytest.mark.parametrize(
    "columns",
    [
        {"problem": [1.0], "loyalty": [3.0], "prior_satisfaction": [2.0]},
        {"problem": [0.0, 1.0] * 15, "loyalty": [4.0] * 30, "prior_satisfaction": [2.0] * 30},
        {"problem": [0.0, 1.0] * 15, "loyalty": [4.0, 5.0] * 15, "prior_satisfaction": [N] * 30},
        {"problem": [0.0, 1.0] * 15, "loyalty": [4.0, 5.0] * 15, "prior_satisfaction": [3.0] * 30},
        {"problem": [0.0] * 30, "loyalty": [4.0, 5.0] * 15, "covariate": list(range(30))},
        {"condition": ["a", "b"] * 15, "loyalty": [4.0, 5.0] * 15},
        {"complained": [0.0, 1.0] * 15, "churned": [0.0, 1.0] * 15, "covariate": [1, 2, 3] * 10},
        {
            "problem": [1.0] * 30,
            "complained": [1.0] * 30,
            "recovery_satisfaction": [7.0] * 30,
            "loyalty": [4.0, 5.0] * 15,
            "covariate": [1.0, 2.0, 3.0] * 10,
        },
        {
            "problem": [0.0, 1.0, 1.0] * 10,
            "complained": [N, 1.0, 1.0] * 10,
            "recovery_satisfaction": [N, 2.0, 7.0] * 10,
            "loyalty": [4.0, 5.0, 3.0] * 10,
            "weight": [0.0, 0.0, 1.0] * 10,
        },
    ],
)
def test_awkward_customers_break_nothing(cases, columns):
    found = cases(**columns)
    main = found.outcomes[0]
    gaps = compare(found, found.outcomes, min_cell=1)
    parts = [
        unmeasured(found, main, gaps),
        omitted(found, main, gaps),
        matched(found, main, seed=1, min_cell=1),
        bound(found, main, gaps),
        reach(found, main, min_cell=1),
        less_selection(found, main, gaps),
    ]
    everything = [x for part in parts for x in part]
    assert not [x for x in everything if x.low > x.high]
    assert not [x for x in everything if math.isinf(x.value)]
    for headline, part in zip(
        (
            headlines.bounds.unmeasured,
            headlines.bounds.omitted,
            headlines.bounds.matched,
            headlines.bounds.selection,
        ),
        parts,
        strict=False,
    ):
        assert isinstance(headline(part), str)
    table = explained(found, main, [*gaps, *everything])
    assert isinstance(headlines.bounds.explained(table), str)
    judged = verdicts(found, found.outcomes, [*gaps, *everything])
    assert isinstance(headlines.paradox.verdicts(judged), str)


def test_few_customers_are_not_told(cases):
    rng = np.random.default_rng(1)
    found = cases(
        problem=[0] * 40 + [1] * 8,
        loyalty=rng.normal(4, 1, 48),
        prior_satisfaction=rng.normal(4, 1, 48),
    )
    main = found.outcomes[0]
    gaps = compare(found, main)
    everything = [
        *unmeasured(found, main, gaps),
        *omitted(found, main, gaps),
        *matched(found, main, seed=1),
        *detectable(found, main),
    ]
    assert all(math.isnan(item.value) for item in everything)
