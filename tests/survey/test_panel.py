"""Waves told apart as panel or samples, and nothing shown of few who left or joined."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.survey import figures, headlines
from crmresearch.survey.change import between_waves
from crmresearch.survey.panel import linked
from crmresearch.survey.sample import sampling

from .waves import answers, survey


def test_a_full_panel_gets_the_paired_test():
    frame = answers(stay=100)
    found = between_waves(survey(frame, "sat1 person wave"))
    change = find(found, "change.satisfaction")
    sides = [
        frame.loc[frame["wave"] == wave].set_index("person")["sat1"] for wave in ("2025", "2026")
    ]
    sides[0] = sides[0].reindex(sides[1].index)
    paired = stats.ttest_rel(sides[1], sides[0])
    assert change.value == pytest.approx((sides[1] - sides[0]).mean())
    ends = paired.confidence_interval()
    assert (change.low, change.high) == pytest.approx((ends.low, ends.high))
    alone = [item for item in found if item.key == "change.satisfied"][0]
    assert alone.value == alone.value
    assert find(found, "panel.again").value == 1
    assert "a panel: the change is that of the same people" in find(found, "panel.again").method
    # the same people are everybody, so nothing more is said of them
    assert find(found, "change.satisfaction.same") is None
    assert find(found, "panel.satisfaction") is None


def test_two_samples_get_the_test_of_two():
    frame = answers(stay=0)
    found = between_waves(survey(frame, "sat1 person wave"))
    change = find(found, "change.satisfaction")
    sides = [frame.loc[frame["wave"] == wave, "sat1"] for wave in ("2026", "2025")]
    welch = stats.ttest_ind(*sides, equal_var=False).confidence_interval()
    assert (change.low, change.high) == pytest.approx((welch.low, welch.high))
    assert find(found, "panel.again").value == 0
    assert "repeated cross-section" in find(found, "panel.again").method
    assert headlines.waves.change(found).endswith("nobody answered in both waves")


def test_between_the_two_overlap_narrows_the_interval():
    frame = answers(stay=60)
    found = between_waves(survey(frame, "sat1 person wave"))
    blind = find(between_waves(survey(frame, "sat1 wave")), "change.satisfaction")
    change = find(found, "change.satisfaction")
    assert change.value == pytest.approx(blind.value)
    assert change.high - change.low < blind.high - blind.low
    again = find(found, "panel.again")
    assert (again.value, again.n) == (0.6, 100)
    assert "a panel in part" in again.method
    assert "60.0% of the earlier wave answered again" in headlines.waves.change(found)


def test_the_same_people_and_those_who_left():
    frame = answers(stay=60)
    found = between_waves(survey(frame, "sat1 person wave"))
    first = frame[frame["wave"] == "2025"].set_index("person")["sat1"]
    second = frame[frame["wave"] == "2026"].set_index("person")["sat1"]
    both = first.index.intersection(second.index)
    same = find(found, "change.satisfaction.same")
    assert same.value == pytest.approx((second[both] - first[both]).mean())
    assert same.n == 120
    left = find(found, "panel.satisfaction")
    assert left.value == pytest.approx(first.drop(both).mean() - first[both].mean())
    assert left.name == (
        "Mean satisfaction in 2025, those who did not answer again less those who did"
    )


@pytest.mark.parametrize("stay", [3, 97])
def test_few_who_stayed_or_left_are_not_told_apart(stay):
    """The mean of all less that of 97 is that of three."""
    found = between_waves(survey(answers(stay=stay), "sat1 person wave"), min_cell=10)
    keys = [item.key for item in found]
    assert "change.satisfaction" in keys
    assert not [key for key in keys if key.endswith(".same") or key == "panel.satisfaction"]
    assert between_waves(survey(answers(stay=stay), "sat1 person wave"), min_cell=3)


def test_few_of_nobody_known_hide_the_others_too():
    frame = answers(stay=50)
    frame.loc[[0, 1], "person"] = None
    keep = survey(frame, "sat1 person wave")
    assert find(between_waves(keep, min_cell=10), "change.satisfaction.same") is None
    assert find(between_waves(keep, min_cell=2), "change.satisfaction.same") is not None


def test_a_person_of_two_accounts_is_counted_once():
    frame = answers(stay=50)
    moved = frame["wave"] == "2026"
    frame.loc[moved, "account"] = "B" + frame.loc[moved, "account"].str[1:]
    keep = survey(frame, "sat1 person account wave")
    assert len(np.unique(sampling(keep).clusters)) > len(np.unique(linked(keep).clusters))
    change = find(between_waves(keep), "change.satisfaction")
    blind = find(between_waves(survey(frame, "sat1 account wave")), "change.satisfaction")
    assert change.high - change.low < blind.high - blind.low
    assert "joined by people in several" in change.method
    # people nested in accounts leave the accounts as they are
    nested = survey(answers(stay=50), "sat1 person account wave")
    assert linked(nested).cluster_name == "account"
    assert (linked(nested).clusters == sampling(nested).clusters).all()


def covered(runs: int, seed: int) -> float:
    hits = 0
    for run in range(runs):
        frame = answers(160, stay=40, seed=seed + run)
        frame["sat1"] += np.where(frame["wave"] == "2026", 0.3, 0.0)
        change = find(
            between_waves(survey(frame, "sat1 person weight wave")), "change.satisfaction"
        )
        hits += change.low < 0.3 < change.high
    return hits / runs


@pytest.mark.slow
def test_intervals_of_a_panel_in_part_cover_the_change(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)
    assert 0.92 < covered(400, seed=5) < 0.98


def test_intervals_of_a_panel_in_part_cover_the_change_in_a_few_samples(monkeypatch):
    monkeypatch.setattr("gc.collect", lambda: 0)
    assert covered(120, seed=9) > 0.89


@pytest.mark.parametrize("n", [0, 2, 4])
def test_few_rows_are_no_accident(n):
    for item in between_waves(
        survey(answers(n, stay=n // 4), "recommend sat1 person account wave")
    ):
        assert not item.low > item.high


def test_the_figure_shows_all_and_the_same_people():
    found = between_waves(survey(answers(stay=60), "recommend sat1 person wave"))
    with style.canvas() as figure:
        caption = figures.waves.changes(found, figure)
    names = [" ".join(x.get_text().split()) for ax in figure.axes for x in ax.get_yticklabels()]
    assert "Net Promoter Score (n = 200)" in names
    assert "Net Promoter Score, the same people (n = 120)" in names
    assert (
        "Net Promoter Score in 2025, those who did not answer again less those who did" in caption
    )


def test_an_empty_number_is_nobody():
    frame = answers(stay=0)
    frame["person"] = pd.Series([""] * 200, dtype=str)
    found = between_waves(survey(frame, "sat1 person wave"))
    assert find(found, "panel.again").value == 0
