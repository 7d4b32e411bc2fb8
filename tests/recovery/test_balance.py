"""Balance and overlap of the groups that the ladder compares."""

import numpy as np
import pytest

from crmresearch.methods.columns import predictor_columns
from crmresearch.recovery import figures, headlines, ladder
from crmresearch.recovery.balance import LIMIT, worst
from crmresearch.report import style
from crmresearch.report.estimates import find


@pytest.fixture(scope="module")
def climbed(customers):
    return ladder.climb(customers, customers.outcomes[0])


def test_difference_before_is_that_of_the_groups(customers, climbed):
    prior, problem = customers.frame["prior"], customers.frame["problem"]
    one, two = prior[problem == 1], prior[problem == 0]
    found = find(climbed.balance, "balance.failures.before.1")
    spread = ((one.var() + two.var()) / 2) ** 0.5
    assert found.value == pytest.approx((one.mean() - two.mean()) / spread)


def test_overlap_weights_leave_nothing(climbed):
    assert abs(worst(climbed.balance, "before").value) > 0.5
    assert abs(worst(climbed.balance, "overlap").value) < 1e-6
    # a clipped scale has more happy customers than a logistic chance says
    assert abs(worst(climbed.balance, "att").value) < 2 * LIMIT


def test_effective_numbers_are_no_more_than_people(climbed):
    for _, row in climbed.overlap.iterrows():
        ours, theirs = row["Effective n, weighted to the group"].replace(",", "").split(" and ")
        assert int(ours) == row["n"]  # the group itself is not weighted
        assert int(theirs) <= row["Compared with"]
        assert 0 <= row["Beyond the others"] <= 1


def test_rare_levels_of_a_category_are_not_shown(cases, make_world):
    made = make_world(2, 500)
    level = np.where(np.arange(500) < 5, 1.0, 0.0)
    found = cases(**made, covariate=level)
    balance = ladder.climb(found, found.outcomes[0]).balance
    rare = [x for x in balance if "covariate" in x.name]
    assert rare
    assert all(np.isnan(x.value) for x in rare)
    assert all(np.isfinite(x.value) for x in balance if "prior" in x.name)


def test_drawing_and_headline(climbed):
    with style.canvas() as figure:
        caption = figures.ladder.balance(climbed.balance, figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert labels == ["prior satisfaction"] * 4
    assert caption.startswith("Largest before: prior satisfaction, ")
    title = headlines.ladder.balance(climbed.balance)
    assert title.startswith("Before weighting the groups differ by up to ")
    assert "0.00 SD under overlap weights" in title
    assert "Groups overlap least for " in headlines.ladder.overlap(climbed.overlap)


def test_categories_enter_as_indicators_of_the_levels_after_the_first(survey):
    answers = survey(loyalty=[1, 2, 3], problem=[0, 1, 0], segment=["a", "b", None])
    columns = predictor_columns(answers.answers[["segment"]])
    assert list(columns) == ["(intercept)", "segment: b"]
    assert columns["segment: b"].tolist()[:2] == [0.0, 1.0]
    assert np.isnan(columns["segment: b"].iloc[2])
