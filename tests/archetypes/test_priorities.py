"""What to change and to reinforce: ranked by what is sure, with intervals that hold together."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines, mismatch, priorities
from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.expectations import choices
from crmresearch.report.estimates import find

from .wishes import HAD, LOYALTY, TYPES, WANTED, cards, changed

SHARES = WANTED[:, None] * HAD


def stakes_of(survey, **more):
    table = mismatch.tabulate(survey, choices(survey, read_catalogue("")))
    return priorities.priorities(table, **more)


def truth(kind, wanted, had):
    """What is at stake among all customers."""
    others = np.arange(len(TYPES)) != wanted
    rest = SHARES[wanted, others] @ LOYALTY[wanted, others] / SHARES[wanted, others].sum()
    other = LOYALTY[wanted, had] if kind == "change" else rest
    return 100 * SHARES[wanted, had] * (LOYALTY[wanted, wanted] - other)


def places(item):
    return tuple(TYPES.index(side) for side in item.group.partition(": ")[2].split(" → "))


def test_stakes_are_customers_times_gap():
    survey = cards(2000, 5)
    data = survey.answers
    found = stakes_of(survey)
    group = "Wanted → had: Business partners → Enslavement"
    item, gap = find(found, "stake.change", group), find(found, "stake.change.difference", group)
    want = data["wanted"] == "Business partners"
    mean = data["loyalty"][want].groupby(data["had"][want], observed=True).mean()
    share = (want & (data["had"] == "Enslavement")).mean()
    assert_allclose(gap.value, mean["Enslavement"] - mean["Business partners"])
    assert_allclose(item.value, -100 * share * gap.value)
    match = find(found, "stake.reinforce", "Wanted → had: Basic exchange → Basic exchange")
    want = data["wanted"] == "Basic exchange"
    same = want & (data["had"] == "Basic exchange")
    expected = data["loyalty"][same].mean() - data["loyalty"][want & ~same].mean()
    assert_allclose(match.value, 100 * same.mean() * expected)


def test_the_ranking_is_by_the_lower_bound():
    found = stakes_of(cards(2000, 5))
    for kind in priorities.NAMES:
        lows = [item.low for item in found if item.key == f"stake.{kind}"]
        assert lows == sorted(lows, reverse=True)
    assert found[0].group.endswith("Business partners → Enslavement")
    assert "want “Business partners” and have “Enslavement”" in headlines.expected.priorities(found)


def test_a_dozen_customers_do_not_lead():
    survey = cards(1500, 7)
    data = survey.answers
    some = data.index[(data["wanted"] == "Basic exchange") & (data["had"] == "Best friends")][:12]
    rest = data.index[(data["wanted"] == "Basic exchange") & (data["had"] == "Best friends")][12:]
    data.loc[rest, "had"] = "Basic exchange"
    data.loc[some, "loyalty"] -= 6 + np.random.default_rng(1).normal(0, 2, len(some))
    changes = [item for item in stakes_of(survey) if item.key == "stake.change"]
    gaps = {item.group: item.value for item in stakes_of(survey) if "difference" in item.key}
    [small] = [item for item in changes if item.n == 12]
    assert gaps[small.group] == min(gaps.values())
    assert changes[0] is not small
    assert changes[0].n > 50


def test_a_type_that_one_other_customer_has_leaves_the_match_its_interval():
    survey = cards(900, 8)
    codes = survey.answers["had"].cat.codes.to_numpy().copy()
    some = np.flatnonzero((survey.answers["wanted"] == "Business partners") & (codes == 0))
    assert not len(some)
    codes[np.flatnonzero(survey.answers["wanted"] == "Business partners")[0]] = 0
    alone = changed(survey, had=pd.Categorical.from_codes(codes, TYPES))
    match = find(
        stakes_of(alone), "stake.reinforce", "Wanted → had: Business partners → Business partners"
    )
    assert match.low < match.value < match.high


def held_at_once(replicates, n, **more):
    every, ranked = 0, 0
    for seed in range(replicates):
        found = [item for item in stakes_of(cards(n, seed, **more)) if item.key.count(".") == 1]
        every += all(
            item.low <= truth(item.key.partition(".")[2], *places(item)) <= item.high
            for item in found
        )
        ranked += bool(found)
    assert ranked == replicates
    return every / replicates


def test_intervals_hold_together():
    assert held_at_once(40, 800, accounts=200) >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"accounts": 200, "weights": True}])
def test_simultaneous_coverage(more):
    assert held_at_once(400, 1000, **more) >= 0.94


def test_they_are_drawn_in_order():
    found = stakes_of(cards(2000, 5))
    figure = Figure()
    caption = figures.expected.priorities(found, figure)
    [ax] = figure.axes
    labels = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert labels[0].startswith("Business partners → Enslavement")
    assert "clear of zero" in caption


def test_awkward_answers():
    assert priorities.priorities(None) == []
    assert headlines.expected.priorities([]).startswith("Not in these data: ")
    survey = cards(400, 1)
    assert stakes_of(changed(survey, loyalty=np.nan)) == []
    flat = stakes_of(changed(survey, loyalty=5.0))
    assert flat
    assert all(item.value == 0 and np.isnan(item.low) for item in flat)
    assert headlines.expected.priorities(flat).startswith("No mismatch and no match")
    assert stakes_of(changed(survey, had=survey.answers["wanted"])) == []
    assert stakes_of(cards(3)) == []


def test_the_title_tells_how_many_others_may_come_first():
    found = [
        item
        for item in stakes_of(cards(2000, 5))
        if item.key in ("stake.change", "stake.reinforce")
    ]
    for kind in priorities.NAMES:
        first, *others = [item for item in found if item.key == f"stake.{kind}"]
        apart = [replace(item, value=0.0, low=-0.1, high=0.1) for item in others]
        near = [replace(item, value=0.0, low=-0.1, high=first.low + 0.1) for item in others]
        assert "as much" not in headlines.expected.priorities([first, *apart])
        assert f"({len(near)} more may have as much)" in headlines.expected.priorities(
            [first, *near]
        )
