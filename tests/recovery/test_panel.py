"""Changes of customers who were asked twice."""

import numpy as np
import pytest

from crmresearch.recovery import figures, headlines, ladder, panel
from crmresearch.report import style
from crmresearch.report.estimates import find


def asked(seed=1, n=120, waves=2):
    """Persons in several waves; a problem costs a point, and everybody gains 0.3 a wave."""
    rng = np.random.default_rng(seed)
    level = rng.normal(size=n)
    problem = rng.random((waves, n)) < 0.3
    loyalty = level + 0.3 * np.arange(waves)[:, None] - problem + rng.normal(0, 0.2, (waves, n))
    return {
        "person": np.tile([f"p{i}" for i in range(n)], waves),
        "wave": np.repeat([str(w) for w in range(waves)], n),
        "problem": problem.ravel().astype(float),
        "loyalty": 4 + loyalty.ravel(),
    }


def changes(one, min_cell=10):
    outcome = one.outcomes[0]
    return panel.changes(one, outcome, panel.twice(one, outcome, min_cell=min_cell))


def test_difference_is_of_those_without_a_problem_at_first(cases):
    made = asked()
    first, second = made["problem"].reshape(2, -1)
    change = np.diff(made["loyalty"].reshape(2, -1), axis=0)[0]
    kept, hit = first == 0, second == 1
    found = changes(cases(**made))
    difference = find(found, "panel.loyalty.failures.difference")
    assert difference.value == pytest.approx(change[kept & hit].mean() - change[kept & ~hit].mean())
    assert difference.n == kept.sum()
    calm, ours = (find(found, f"panel.loyalty.{x}") for x in ("none", "failures.change"))
    assert ours.value - calm.value == pytest.approx(difference.value)
    assert difference.low < -1 < difference.high


def test_three_waves_give_two_pairs_each_with_its_own_trend(cases):
    made = asked(2, waves=3)
    found = find(changes(cases(**made)), "panel.loyalty.failures.difference")
    assert found.n > 120
    assert found.low < -1 < found.high
    assert "clusters" in found.method  # the same persons are in both pairs


def test_rung_is_the_same_in_sd(cases):
    one = cases(**asked(3))
    found = ladder.climb(one, one.outcomes[0])
    rung = find(found.rungs, "ladder.loyalty.failures.panel")
    difference = find(found.changes, "panel.loyalty.failures.difference")
    assert rung.unit == "SD"
    assert rung.p == pytest.approx(difference.p)


def test_nobody_asked_twice_has_no_panel(cases, customers):
    assert changes(customers) == []
    made = asked(4)
    made["person"] = np.array([f"p{i}" for i in range(240)])
    assert changes(cases(**made)) == []
    assert headlines.ladder.panel([]).startswith("Not in these data")


def test_too_few_to_whom_it_happened_are_not_shown(cases):
    made = asked(5, n=24)
    assert changes(cases(**made), min_cell=10) == []
    assert changes(cases(**made), min_cell=2) != []


def test_drawing_and_headline(cases):
    found = changes(cases(**asked(6)))
    with style.canvas() as figure:
        caption = figures.ladder.panel(found, figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert [text.partition("\n")[0] for text in labels] == ["no problem", "all with a problem"]
    assert caption.startswith("No problem: change in loyalty: +")
    assert headlines.ladder.panel(found).startswith(
        "All with a problem since the wave before changed by −"
    )
