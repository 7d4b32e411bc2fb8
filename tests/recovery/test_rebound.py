"""Regression to the mean: the formula, the published example, and what data show."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.recovery import figures, headlines
from crmresearch.recovery.rebound import expected_rise, rises
from crmresearch.report import style
from crmresearch.report.estimates import find

N = np.nan


def test_formula_gives_the_published_rise():
    assert expected_rise(7, 1.5, 0.6, 5) == pytest.approx(1.079, abs=5e-4)


def test_formula_agrees_with_simulation():
    rng = np.random.default_rng(9)
    before = rng.normal(7, 1.5, 400_000)
    now = 7 + 0.6 * (before - 7) + rng.normal(0, 1.5 * 0.8, 400_000)
    low = before < 5
    assert before[low].mean() == pytest.approx(4.303, abs=0.02)
    assert now[low].mean() == pytest.approx(5.382, abs=0.03)
    assert (now - before)[low].mean() == pytest.approx(expected_rise(7, 1.5, 0.6, 5), abs=0.02)


@given(mean=st.floats(-5, 5), sd=st.floats(0.1, 5), r=st.floats(-0.9, 1), cutoff=st.floats(-20, 20))
def test_rise_is_never_negative_and_shrinks_with_correlation(mean, sd, r, cutoff):
    rise = expected_rise(mean, sd, r, cutoff)
    assert rise >= 0
    assert expected_rise(mean + 3, sd, r, cutoff + 3) == pytest.approx(rise, rel=1e-6, abs=1e-9)
    assert expected_rise(mean, sd, 1.0, cutoff) == 0


def test_a_score_that_does_not_vary_has_no_expectation():
    assert np.isnan(expected_rise(5, 0, 0.5, 4))


def test_expectation_comes_from_customers_as_satisfied_before(customers):
    found = rises(customers)
    naive, expected = (find(found, f"rise.complainers.{x}") for x in ("naive", "expected"))
    frame = customers.frame
    calm = frame["problem"] == 0
    slope, start = np.polyfit(frame["prior"][calm], frame["satisfaction"][calm], 1)
    at = frame["prior"][frame["complained"] == 1].mean()
    assert expected.value == pytest.approx(start + slope * at - at)
    # a problem cost half a point, whatever the prior satisfaction
    assert expected.low - 0.1 < naive.value + 0.5 < expected.high + 0.1


def test_customers_with_nothing_to_recover_from_rise_all_the_same(customers):
    found = rises(customers)
    naive, expected = (find(found, f"rise.low_without_problem.{x}") for x in ("naive", "expected"))
    assert naive.low > 0
    assert expected.value > 0
    assert np.isnan(expected.low)


def test_complainers_picked_for_a_low_score_rise_as_the_published_example_says(cases):
    """Scores of mean 7, SD 1.5 and retest 0.6; nothing happens to anybody."""
    rng = np.random.default_rng(12)
    before = rng.normal(7, 1.5, 40_000)
    complained = rng.random(40_000) < 0.3
    made = cases(
        problem=np.ones(40_000) * complained,
        complained=np.where(complained, 1.0, N),
        prior_satisfaction=before,
        satisfaction=7 + 0.6 * (before - 7) + rng.normal(0, 1.2, 40_000),
    )
    found = rises(made)
    naive, expected = (find(found, f"rise.low_complainers.{x}") for x in ("naive", "expected"))
    formula = expected_rise(7, 1.5, 0.6, 5.5)
    assert naive.low < formula < naive.high
    assert expected.value == pytest.approx(formula, abs=0.05)
    published = before < 5  # the example's own cut-off
    rise = (made.frame["satisfaction"] - made.frame["prior"])[published & complained]
    assert rise.mean() == pytest.approx(1.079, abs=3 * rise.sem())


def test_nothing_is_subtracted_where_ranges_differ_or_questions_are_missing(cases, experiment):
    assert rises(experiment) == []
    assert rises(cases(problem=[0, 1], satisfaction=[3, 4])) == []
    assert headlines.rebound.rises([]).startswith("Not in these data")


@pytest.mark.parametrize("n", [1, 3])
def test_few_or_constant_customers_give_no_rise(cases, n):
    found = rises(
        cases(problem=[0] * n, satisfaction=[4] * n, prior_satisfaction=[4] * n), min_cell=1
    )
    assert found == []


def test_headline_and_figure_put_both_rises_side_by_side(customers):
    found = rises(customers)
    assert headlines.rebound.rises(found).startswith("Complainers ")
    assert "without a problem changed by" in headlines.rebound.rises(found)
    with style.canvas() as figure:
        caption = figures.rebound.rises(found, figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert labels[0].startswith("all complainers, observed\n(n\u00a0=\u00a0")
    assert labels[1].startswith("all complainers, expected\n(n\u00a0=\u00a0")
    assert caption.startswith("Complainers, low before, rise observed: ")


def test_the_rises_of_all_and_of_most_complainers_do_not_give_away_the_rest(cases):
    rng = np.random.default_rng(5)
    before, now = rng.integers(1, 8, (2, 70))
    found = cases(
        problem=[0] * 40 + [1] * 30,
        complained=[0] * 40 + [1] * 30,
        recovery_satisfaction=[N] * 40 + [7] * 26 + [1] * 4,
        satisfaction=now,
        prior_satisfaction=before,
    )
    assert np.isfinite(find(rises(found, min_cell=4), "rise.delighted.naive").value)
    made = rises(found, min_cell=10)
    assert np.isfinite(find(made, "rise.complainers.naive").value)
    assert np.isnan(find(made, "rise.delighted.naive").value)


def test_both_rises_allow_for_answers_of_one_account_being_alike(cases):
    rng = np.random.default_rng(6)
    mood = np.repeat(rng.normal(4, 0.8, 60), 5)  # 60 accounts, five contacts alike
    now = np.repeat(rng.normal(4, 0.8, 60), 5)
    data = {
        "problem": [0, 0, 1, 1, 1] * 60,
        "complained": [N, N, 1, 1, 1] * 60,
        "prior_satisfaction": mood,
        "satisfaction": now,
    }
    alone = {x.key: x for x in rises(cases(**data))}
    clustered = {x.key: x for x in rises(cases(**data, account=np.repeat(np.arange(60), 5)))}
    for key in ("rise.complainers.naive", "rise.complainers.expected"):
        assert clustered[key].value == pytest.approx(alone[key].value)
        widths = [each[key].high - each[key].low for each in (clustered, alone)]
        assert widths[0] > 1.3 * widths[1]
