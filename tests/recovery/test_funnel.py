"""The funnel's shares, their bases and the silent."""

import numpy as np
import pytest

from crmresearch.methods.proportions import wilson
from crmresearch.recovery import figures, headlines
from crmresearch.recovery.funnel import funnel, silent
from crmresearch.recovery.funnel_groups import by_group
from crmresearch.report import style
from crmresearch.report.estimates import find

N = np.nan


@pytest.fixture(scope="module")
def counted(cases):
    """100 customers: 40 problems, 30 complaints, 20 resolved, 15 of those satisfied."""
    return cases(
        problem=[1] * 40 + [0] * 60,
        complained=[1] * 30 + [0] * 10 + [N] * 60,
        resolved=[1] * 20 + [0] * 10 + [N] * 70,
        recovery_satisfaction=[6] * 15 + [2] * 5 + [6] * 2 + [1] * 8 + [N] * 70,
        loyalty=[4.0] * 100,
    )


def test_shares_of_previous_and_of_all_are_the_counts(counted):
    steps = funnel(counted)
    shares = {item.key: item.value for item in steps}
    bases = {item.key: item.n for item in steps}
    expected = {
        "funnel.problem.of_all": (0.4, 100),
        "funnel.complained.of_previous": (0.75, 40),
        "funnel.complained.of_all": (0.3, 100),
        "funnel.resolved.of_previous": (2 / 3, 30),
        "funnel.resolved.of_all": (0.2, 100),
        "funnel.satisfied.of_previous": (0.75, 20),
        "funnel.satisfied.of_all": (0.15, 100),
    }
    assert shares == pytest.approx({key: share for key, (share, _) in expected.items()})
    assert bases == {key: n for key, (_, n) in expected.items()}
    item = find(steps, "funnel.complained.of_previous")
    assert (item.low, item.high) == pytest.approx(wilson(30, 40))


def test_the_silent_are_the_rest_of_those_with_a_problem(counted):
    previous, of_all = silent(counted)
    assert (previous.value, previous.n) == (pytest.approx(0.25), 40)
    assert (of_all.value, of_all.n) == (pytest.approx(0.1), 100)


def test_unknown_answers_are_left_out_and_counted(cases):
    found = cases(problem=[1, 1, 1, 0, N] * 4, complained=[1, 0, N, N, N] * 4, loyalty=[1.0] * 20)
    steps = funnel(found, min_cell=8)
    previous = find(steps, "funnel.complained.of_previous")
    assert (previous.value, previous.n, previous.n_dropped) == (0.5, 8, 4)
    of_all = find(steps, "funnel.complained.of_all")
    assert (of_all.value, of_all.n, of_all.n_dropped) == (pytest.approx(1 / 3), 12, 8)


def test_shares_of_few_people_are_withheld(cases):
    found = cases(problem=[1] * 5 + [0] * 45, complained=[1] * 5 + [N] * 45, loyalty=[1.0] * 50)
    steps = funnel(found, min_cell=10)
    assert np.isnan(find(steps, "funnel.complained.of_previous").value)
    assert find(steps, "funnel.problem.of_all").value == pytest.approx(0.1)
    assert headlines.funnel.funnel(steps).endswith("too few to say who of them complained.")


def test_the_share_of_all_does_not_give_the_few_away(cases):
    """Two of seven answered: 2/50 over 7/50 would tell."""
    found = cases(
        problem=[1] * 20 + [0] * 30,
        complained=[1] * 7 + [0] * 13 + [N] * 30,
        resolved=[1] * 2 + [0] * 5 + [N] * 43,
        loyalty=[1.0] * 50,
    )
    shown = {x.key: x.value for x in funnel(found, min_cell=10)}
    assert np.isfinite(shown["funnel.complained.of_all"])
    assert np.isnan(shown["funnel.resolved.of_previous"])
    assert np.isnan(shown["funnel.resolved.of_all"])
    few = cases(problem=[1] * 5 + [0] * 45, complained=[1] * 2 + [0] * 48, loyalty=[1.0] * 50)
    assert all(np.isnan(x.value) for x in silent(few, min_cell=10))


@pytest.mark.parametrize(("unhappy", "told"), [(3, False), (12, True)])
def test_who_stayed_does_not_give_away_the_few_unsatisfied(cases, unhappy, told):
    """Of the resolved all but three were satisfied; their contrast tells how many stayed."""
    happy = 30
    resolved = happy + unhappy
    rest = 60
    n = 2 * resolved + rest
    found = cases(
        problem=[1] * (2 * resolved) + [0] * rest,
        complained=[1] * (2 * resolved) + [0] * rest,
        resolved=[1] * resolved + [0] * (resolved + rest),
        recovery_satisfaction=[5.0] * happy + [2.0] * unhappy + [1.0] * resolved + [N] * rest,
        churned=([0, 1, 0] * n)[:n],
        segment=(["a", "b"] * n)[:n],
        loyalty=np.arange(n) % 7 + 1.0,
    )
    shown = {x.key: x.value for x in funnel(found, min_cell=10)}
    assert np.isfinite(shown["funnel.satisfied.of_all"])
    assert np.isfinite(shown["funnel.stayed.of_previous"]) == told
    assert np.isfinite(shown["funnel.stayed.of_all"]) == told
    leaks = {x.key for x in by_group(found, min_cell=10)}
    assert ("funnel_by.stayed" in leaks) == told


def test_weights_move_the_shares(cases):
    found = cases(problem=[1] * 10 + [0] * 10, weight=[3.0] * 10 + [1.0] * 10, loyalty=[1.0] * 20)
    [step] = funnel(found)
    assert step.value == pytest.approx(0.75)
    assert "weighted" in step.method


def test_without_problem_or_complaint_there_is_no_funnel(experiment):
    assert funnel(experiment) == []
    assert silent(experiment) == []
    assert headlines.funnel.funnel([]) == "Not in these data: who had a problem and who complained."
    assert headlines.funnel.silent([]).startswith("Not in these data")


def test_headlines_state_the_shares_with_their_intervals(counted, cases):
    steps = funnel(counted)
    assert headlines.funnel.funnel(steps) == (
        "40.0% (95% CI 30.9% to 49.8%) of customers had a problem, "
        "and 75.0% (95% CI 59.8% to 85.8%) of them complained."
    )
    assert headlines.funnel.silent(silent(counted)) == (
        "25.0% (95% CI 14.2% to 40.2%) of customers with a problem did not complain, "
        "so no complaint desk sees them."
    )
    only = cases(problem=[1] * 5 + [0] * 15, loyalty=[1.0] * 20)
    assert headlines.funnel.funnel(funnel(only)) == (
        "25.0% (95% CI 11.2% to 46.9%) of customers had a problem; "
        "complaints are not in these data."
    )
    voiced = cases(complained=[1] * 5 + [0] * 15, loyalty=[1.0] * 20)
    assert headlines.funnel.funnel(funnel(voiced)) == (
        "25.0% (95% CI 11.2% to 46.9%) of customers complained; "
        "who had a problem is not in these data."
    )


def test_figure_draws_each_step_and_what_was_lost(counted):
    with style.canvas() as figure:
        caption = figures.funnel.funnel(funnel(counted) + silent(counted), figure)
        [ax] = figure.axes
        widths = [round(bar.get_width(), 6) for bar in ax.patches]
        texts = [text.get_text() for text in ax.texts]
    assert widths == [1.0, 1.0, 0.4, 0.4, 0.3, 0.3, 0.2, 0.2, 0.15]
    assert "Complained" in texts
    assert "30.0% of all, 75.0% of those before (n\u00a0=\u00a040)" in texts
    assert caption.startswith("From all customers to those who were satisfied with the handling:")
    assert "25.0%" in caption


def test_an_empty_funnel_still_draws():
    with style.canvas() as figure:
        assert figures.funnel.funnel([], figure) == "No step is large enough to show."


@pytest.fixture(scope="module")
def followed(cases):
    """100 customers: 50 problems, 40 noticed, 30 told, 25 answered, 20 resolved; who stayed."""
    return cases(
        problem=[1] * 50 + [0] * 50,
        noticed=[1] * 40 + [0] * 10 + [N] * 50,
        complained=[1] * 30 + [0] * 10 + [N] * 60,
        answered=[1] * 25 + [0] * 5 + [N] * 70,
        resolved=[1] * 20 + [0] * 5 + [N] * 75,
        recovery_satisfaction=[6] * 15 + [2] * 15 + [N] * 70,
        churned=[0] * 12 + [1] * 3 + [0] * 85,
    )


def test_the_funnel_goes_on_to_who_stayed(followed):
    shares = {item.key: (item.value, item.n) for item in funnel(followed)}
    expected = {
        "noticed": (0.8, 50, 0.4),
        "complained": (0.75, 40, 0.3),
        "answered": (25 / 30, 30, 0.25),
        "resolved": (0.8, 25, 0.2),
        "satisfied": (0.75, 20, 0.15),
        "stayed": (0.8, 15, 0.12),
    }
    for step, (previous, n, of_all) in expected.items():
        assert shares[f"funnel.{step}.of_previous"] == (pytest.approx(previous), n)
        assert shares[f"funnel.{step}.of_all"] == (pytest.approx(of_all), 100)


def test_who_never_noticed_is_not_among_the_silent(followed):
    found = {item.key: (item.value, item.n) for item in silent(followed)}
    assert found == {
        "silent.of_previous": (pytest.approx(0.25), 40),
        "silent.of_all": (pytest.approx(0.1), 100),
        "unnoticed.of_problem": (pytest.approx(0.2), 50),
        "unnoticed.of_all": (pytest.approx(0.1), 100),
    }
    title = headlines.funnel.silent(silent(followed))
    assert title.endswith("20.0% of those with a problem did not notice it.")
    assert "of customers who noticed a problem did not complain" in title


def test_leaving_alone_is_no_funnel(cases):
    found = cases("experiment", condition=["a", "b"] * 10, churned=[0, 1] * 10)
    assert funnel(found) == []


def test_complaints_and_leaving_make_a_funnel_of_two_steps(cases):
    found = cases(complained=[1] * 20 + [0] * 20, churned=[1] * 5 + [0] * 35)
    assert {item.key: item.value for item in funnel(found)} == pytest.approx(
        {
            "funnel.complained.of_all": 0.5,
            "funnel.stayed.of_previous": 0.75,
            "funnel.stayed.of_all": 0.375,
        }
    )
