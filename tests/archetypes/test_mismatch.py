"""The table of types wanted by types had: its numbers, and that it gives nobody away."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines, mismatch
from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.expectations import Choices, choices
from crmresearch.methods.weighting import weighted_mean
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.report.suppression import margins_reveal

from .wishes import TYPES, cards, changed


def tabulate(survey, **more):
    return mismatch.tabulate(survey, choices(survey, read_catalogue("")), **more)


def of_counts(counts, seed=0):
    """A survey whose cards are chosen so often."""
    counts = np.asarray(counts)
    wanted, had = np.nonzero(counts)
    times = counts[wanted, had]
    labels = [f"type {k}" for k in range(max(counts.shape))]
    survey = cards(int(times.sum()), seed)
    for side, codes in (("wanted", wanted), ("had", had)):
        survey.answers[side] = pd.Categorical.from_codes(np.repeat(codes, times), labels)
    return survey


@pytest.mark.parametrize("accounts", [0, 150])
@pytest.mark.parametrize("weights", [False, True])
def test_cells_agree_with_means_of_domains(accounts, weights):
    survey = cards(1500, 2, accounts=accounts, weights=weights)
    table = tabulate(survey)
    values = table.loyalty
    for wanted in range(len(table.rows)):
        found = table.by_row[wanted]
        for had in np.flatnonzero(table.shown[wanted]):
            inside = (table.wanted == wanted) & (table.had == had)
            mean, error, _, n = weighted_mean(values, table.design, inside)
            size = len(table.columns)
            assert n == table.answering[wanted, had]
            assert_allclose(found.mean[had], mean)
            assert_allclose(found.covariance[size + had, size + had] ** 0.5, error, rtol=1e-9)
            share, share_error, _, _ = weighted_mean(inside.astype(float), table.design)
            assert_allclose(found.share[had], share)
            assert_allclose(found.covariance[had, had] ** 0.5, share_error, rtol=1e-9)


def test_estimates_name_the_cell_and_its_people():
    survey = cards(1500, 2)
    found = mismatch.cells(tabulate(survey))
    group = "Wanted → had: Business partners → Enslavement"
    share, loyalty = (find(found, f"mismatch.{name}", group) for name in ("share", "loyalty"))
    data = survey.answers
    inside = (data["wanted"] == "Business partners") & (data["had"] == "Enslavement")
    assert share.n == loyalty.n == inside.sum()
    assert_allclose(share.value, inside.mean())
    assert_allclose(loyalty.value, data["loyalty"][inside].mean())
    assert loyalty.low < 3.5 < loyalty.high
    assert "Enslavement" in headlines.expected.mismatch(found)


def test_what_is_not_shown_cannot_be_derived():
    rng = np.random.default_rng(3)
    for _ in range(40):
        size = rng.integers(3, 7)
        counts = rng.poisson(rng.gamma(0.6, 25, (size, size)))
        table = tabulate(of_counts(counts))
        assert table.people.sum() == counts.sum()
        hidden = np.where(table.shown, 0, table.people)
        assert (table.people[table.shown] >= 10).all()
        for side in (0, 1):
            left = hidden.sum(axis=side)
            assert ((left == 0) | (left >= 10)).all()
        assert not margins_reveal(hidden, 10) or not table.shown.any()


def test_rare_types_stand_together_on_their_own_side():
    counts = np.array([[60, 30, 40], [30, 50, 40], [2, 1, 4]])
    table = tabulate(of_counts(counts))
    # seven want type 2: with the next rarest they are enough
    assert table.columns == ("type 0", "type 1", "type 2")
    assert table.rows == ("type 0", mismatch.OTHER)
    assert table.people.tolist() == [[60, 30, 40], [32, 51, 44]]
    assert table.met(0) == 0
    assert table.met(1) == -1


def test_only_the_most_frequent_types_have_rows():
    size = mismatch.MOST + 3
    counts = np.full((size, size), 12) + np.arange(size)[:, None]
    table = tabulate(of_counts(counts))
    assert len(table.rows) == len(table.columns) == mismatch.MOST + 1
    assert table.rows[-1] == mismatch.OTHER
    assert "type 0" not in table.rows


def test_who_gave_no_loyalty_counts_in_shares_only():
    survey = cards(1500, 4)
    survey.answers.loc[:700, "loyalty"] = np.nan
    table = tabulate(survey)
    assert table.people.sum() == 1500
    assert table.answering.sum() == 799
    found = mismatch.cells(table)
    for item in found:
        if item.key == "mismatch.share":
            assert find(found, "mismatch.loyalty", item.group).n < item.n


def test_cells_are_drawn_and_small_ones_stay_empty():
    found = mismatch.cells(tabulate(cards(1500, 2)))
    figure = Figure()
    caption = figures.expected.mismatch(found, figure)
    [ax] = figure.axes
    shown = {item.group for item in found}
    assert len(ax.texts) == len(shown) < len(TYPES) ** 2
    assert "mean loyalty" in caption
    shown = show(
        "mismatch", found, title=headlines.expected.mismatch, draw=figures.expected.mismatch
    )
    assert "not shown" not in shown.record["note"]


def test_awkward_answers():
    assert mismatch.cells(None) == []
    assert mismatch.tabulate(cards(40), None) is None
    assert headlines.expected.mismatch([]).startswith("Not in these data: ")
    nobody = Choices(np.full(40, -1), np.full(40, -1), (), "")
    assert mismatch.tabulate(cards(40), nobody) is None
    one = tabulate(cards(1))
    assert not one.shown.any()
    assert mismatch.cells(one) == []
    survey = cards(300)
    content = changed(survey, had=survey.answers["wanted"])
    found = mismatch.cells(tabulate(content))
    assert headlines.expected.mismatch(found) == "No mismatch has enough customers to be shown"
    same = mismatch.cells(tabulate(changed(survey, loyalty=4.0)))
    means = [item for item in same if item.key == "mismatch.loyalty"]
    assert all(item.value == 4.0 and np.isnan(item.low) for item in means)
    silent = mismatch.cells(tabulate(changed(survey, loyalty=np.nan)))
    assert {item.key for item in silent} == {"mismatch.share"}


def test_the_share_of_met_wishes_gives_no_few_people_away():
    # every row and column leaves ten or more, but only three of those have what they want
    counts = np.diag([40, 40, 3, 0]) + np.array(
        [[0, 20, 12, 12], [20, 0, 12, 12], [12, 12, 0, 9], [12, 12, 9, 0]]
    )
    table = tabulate(of_counts(counts))
    shown = table.shown
    met = counts.diagonal().sum() - table.people.diagonal()[shown.diagonal()].sum()
    assert shown.any()
    assert met == 0 or met >= 10
