"""Estimators in worlds of known truth: no bias beyond chance, and intervals that hold it.

Each test has a small version for every run of the suite and one of 400 draws, marked slow.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.simulate import (
    NO_PARADOX,
    RECOVERY_WORLDS,
    Effects,
    World,
    effects,
    survey,
)
from crmresearch.methods.interactions import PRODUCT, moderated
from crmresearch.methods.means import mean
from crmresearch.methods.regression import contrast
from crmresearch.recovery import contrasts, deviation, ladder, panel
from crmresearch.recovery.cases import PRIOR, Cases, read
from crmresearch.recovery.verdicts import verdict
from crmresearch.report.estimates import Estimate, find

CUSTOMERS = 1800
SMALL = 12
LARGE = 400
EVERYONE = 1  # groups are shown however small: here nobody is given away
FIRST_SEED = 1000  # other draws than the truth's
OTHER_SEED = 90_000  # so that worlds of the same scales do not share their chance
SESOI = 0.2
NUMBERS = [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)]
# satisfaction that stays what it is, asked of everyone twice: a change owes nothing to a bad day
STEADY = dataclasses.replace(
    NO_PARADOX,
    pool_per_brand=NO_PARADOX.rows_per_cell,
    occasion_variance=0.0,
    own=0.0,
    satisfaction_noise=0.0,
    change=(0.0,) * 5,
)


@cache
def true(name: str, number: int = SMALL) -> Effects:
    return effects(RECOVERY_WORLDS[name], customers=240_000 if number >= LARGE else 60_000)


def draws(world: World, number: int) -> Iterator[Cases]:
    """So many draws of a world, as the study reads them."""
    first = OTHER_SEED if world is NO_PARADOX else FIRST_SEED
    for seed in range(first, first + number):
        yield read(survey(world, seed=seed, customers=CUSTOMERS, aftermath=False))


@cache
def measured(name: str, number: int) -> list[dict[str, Estimate]]:
    """By draw: `contrasts.compare` on loyalty and what else the world is for, by key."""
    return [
        {item.key: item for item in [*compare(cases), *ALSO[name](cases)]}
        for cases in draws(RECOVERY_WORLDS[name], number)
    ]


def compare(cases: Cases, outcome: str = "loyalty") -> list[Estimate]:
    chosen = next(item for item in cases.outcomes if item.key == outcome)
    return contrasts.compare(cases, chosen, min_cell=EVERYONE)


def rise(cases: Cases) -> list[Estimate]:
    """Satisfaction: of complainers against no problem, and since before of those who were low."""
    low = (cases.frame["complained"] == 1) & (cases.frame["prior"] <= 3)
    change = (cases.frame["satisfaction"] - cases.frame["prior"]).where(low)
    rose = mean(change, key="rise", name="", level=0.95, unit="scale points")
    return [rose, *compare(cases, "satisfaction")]


def rungs(cases: Cases) -> list[Estimate]:
    """The ladder in scale points, and the contrasts with nothing but tenure to adjust for."""
    made = {item.key: item for item in compare(cases)}
    found = []
    for item in ladder.rungs(cases, cases.outcomes[0], min_cell=EVERYONE):
        ends = f"loyalty.{item.key.split('.')[2]}.adjusted"
        scale = made[f"gap.{ends}"].value / made[f"paradox.{ends}"].value  # points in a pooled SD
        points = {end: getattr(item, end) * scale for end in ("value", "low", "high")}
        found.append(dataclasses.replace(item, unit="scale points", **points))
    tenure = cases.covariates.drop(columns=PRIOR)
    assert list(tenure) == ["Years as a customer"]
    for item in compare(dataclasses.replace(cases, covariates=tenure)):
        found.append(dataclasses.replace(item, key=f"tenure.{item.key}"))
    return found


def gain(cases: Cases) -> list[Estimate]:
    """Resolved less unresolved complaints, of mild less of serious problems."""
    used = (cases.frame["complained"] == 1).to_numpy()
    severity = cases.answers.score("severity")[used]
    fitted = moderated(
        cases.frame["loyalty"][used],
        cases.frame["resolved"][used],
        (severity < 3).astype(float).rename("mild"),
        cases.covariates[used],
        cluster=cases.cluster[used].to_numpy(),
    )
    return [contrast(fitted.fit, {PRODUCT: 1.0}, key="gain", name="", unit="scale points")]


def orders(cases: Cases) -> list[Estimate]:
    found = deviation.orders(cases, cases.outcomes[0], min_cell=EVERYONE)
    return [item for item in found if item.key.startswith("order.")]


ALSO = {"no paradox": rise, "subgroup": gain, "double deviation": orders, "confounded": rungs}


def intervals(found: Iterable[Estimate]) -> np.ndarray:
    """(draws, 3): value and interval."""
    return np.array([(item.value, item.low, item.high) for item in found])


def of(name: str, number: int, key: str) -> np.ndarray:
    """Value and interval of one estimate in every draw of a world."""
    return intervals(run[key] for run in measured(name, number))


def is_recovered(found: np.ndarray, truth: float, *, level: float = 0.95) -> None:
    """No bias beyond four simulation errors, and intervals that hold the truth as often as said.

    With 400 draws 93 to 97 of 100 intervals at 95% must hold it; with few, not fewer than chance
    alone would make of one in a thousand.
    """
    number = len(found)
    error = found[:, 0].std(ddof=1) / np.sqrt(number)
    assert abs(found[:, 0].mean() - truth) < 4 * error, "biased"
    held = ((found[:, 1] <= truth) & (truth <= found[:, 2])).mean()
    room = 0.02 if number >= LARGE else 3.1 * np.sqrt(level * (1 - level) / number)
    assert level - room <= held <= level + max(room, 0.02), f"{held:.1%} hold the truth"


# Contrasts with customers without a problem


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", RECOVERY_WORLDS)
def test_adjusted_contrasts_are_recovered(name, number):
    """For customers who could be in either group, whom a regression speaks for most."""
    known = true(name, number)
    for which, truth in known.overlap.items():
        is_recovered(of(name, number, f"gap.loyalty.{which}.adjusted"), truth)
        assert truth == pytest.approx(known.treated[which], abs=0.035), which


@pytest.mark.parametrize("number", NUMBERS)
def test_no_paradox_is_found_where_there_is_none_though_the_naive_contrast_finds_one(number):
    verdicts = [
        {
            verdict(
                run[f"paradox.loyalty.{which}.adjusted"],
                run[f"restored.loyalty.{which}.adjusted"],
                SESOI,
            )
            for which in contrasts.GROUPS
        }
        for run in measured("no paradox", number)
    ]
    assert set.union(*verdicts) <= {"paradox", "restored", "still worse", "inconclusive"}
    assert np.mean(["paradox" in words for words in verdicts]) <= 0.05
    naive = of("no paradox", number, "gap.loyalty.delighted.raw")
    assert (naive[:, 1] > 0).mean() > 0.75


@pytest.mark.parametrize("number", NUMBERS)
def test_dissatisfied_complainers_rise_by_themselves(number):
    """Satisfaction is moved by nothing; those who complained with a low score rise all the same."""
    assert (of("no paradox", number, "rise")[:, 1] > 0).mean() > 0.9
    is_recovered(of("no paradox", number, "gap.satisfaction.complainers.adjusted"), 0.0)


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_but_prior_satisfaction_takes_strong_confounding_away(number):
    truth = true("confounded", number).overlap["failures"]
    for kind in ("raw", "adjusted"):
        found = of("confounded", number, f"tenure.gap.loyalty.failures.{kind}")
        assert (found[:, 2] < truth).mean() > 0.95, kind
        assert found[:, 0].mean() < truth - 0.4, kind
    is_recovered(of("confounded", number, "gap.loyalty.failures.adjusted"), truth)


# The ladder


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("which", contrasts.GROUPS)
def test_weights_and_doubly_robust_recover_whom_they_speak_for(which, number):
    known = true("confounded", number)
    speaks_for = {
        "ancova": known.overlap,
        "overlap": known.overlap,
        "att": known.treated,
        "aipw": known.treated,
    }
    for rung, truth in speaks_for.items():
        is_recovered(of("confounded", number, f"ladder.loyalty.{which}.{rung}"), truth[which])


@pytest.mark.parametrize("number", NUMBERS)
def test_changes_of_the_same_people_recover_where_satisfaction_is_steady(number):
    found = []
    for cases in draws(STEADY, number):
        outcome = cases.outcomes[0]
        pairs = panel.twice(cases, outcome, min_cell=EVERYONE)
        changes = panel.changes(cases, outcome, pairs)
        found.append(find(changes, "panel.loyalty.resolved.difference"))
    is_recovered(intervals(found), effects(STEADY).treated["resolved"])


def test_changes_of_the_same_people_mislead_where_satisfaction_moves_before_the_problem():
    """Trends are not parallel where those who had a good year are handled better in it."""
    cases = read(survey(NO_PARADOX, seed=7, customers=60_000, aftermath=False))
    outcome = cases.outcomes[0]
    changes = panel.changes(cases, outcome, panel.twice(cases, outcome))
    known = true("no paradox")
    assert find(changes, "panel.loyalty.delighted.difference").low > known.treated["delighted"]
    assert find(changes, "panel.loyalty.failures.difference").high < known.treated["failures"]


# For whom, and twice


@pytest.mark.parametrize("number", NUMBERS)
def test_the_gain_of_the_mildly_hit_is_recovered_as_an_interaction(number):
    known = true("subgroup", number)
    assert known.mild - known.serious == pytest.approx(0.30, abs=0.02)
    is_recovered(of("subgroup", number, "gain"), known.mild - known.serious)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_second_failure_and_the_order_are_recovered(number):
    """Three planned contrasts whose intervals hold all at once."""
    known = true("double deviation", number).sequence
    twice, failed_first = known["failed, unresolved"], known["failed, resolved"]
    settled_first, neither = known["settled, unresolved"], known["settled, resolved"]
    assert twice < 2 * known["unresolved"]
    assert failed_first > settled_first
    truth = {
        "order": failed_first - settled_first,
        "twice": twice - (failed_first + settled_first) / 2,
        "beyond": twice - failed_first - settled_first + neither,
    }
    held = []
    for key, value in truth.items():
        found = of("double deviation", number, f"order.loyalty.{key}")
        is_recovered(found, value, level=1 - 0.05 / 3)
        held.append((found[:, 1] <= value) & (value <= found[:, 2]))
    assert np.all(held, axis=0).mean() > (0.93 if number >= LARGE else 0.75)


# The worlds themselves


@pytest.mark.parametrize("name", RECOVERY_WORLDS)
def test_a_world_is_a_survey_that_a_study_can_read(name):
    answers = survey(RECOVERY_WORLDS[name], seed=3, customers=600)
    assert len(answers.answers) == 600
    cases = read(answers)
    assert {"loyalty", "satisfaction", "word_of_mouth", "stayed"} <= {x.key for x in cases.outcomes}
    assert not survey(RECOVERY_WORLDS[name], seed=4, customers=600).answers.equals(answers.answers)
    assert survey(RECOVERY_WORLDS[name], seed=3, customers=600).answers.equals(answers.answers)
    lean = survey(RECOVERY_WORLDS[name], seed=3, customers=600, aftermath=False).answers
    pd.testing.assert_frame_equal(lean, answers.answers[list(lean)])


def test_truths_differ_as_the_worlds_say():
    assert true("no paradox").treated["delighted"] < 0 < 0.2 < true("no paradox").naive["delighted"]
    assert true("subgroup").mild > 0.2 > 0 > true("subgroup").serious
    confounded = true("confounded")
    assert confounded.naive["failures"] < 2 * confounded.treated["failures"]
