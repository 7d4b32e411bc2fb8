"""Steps of invariance: costs, what stands out, and how often alike groups are called unlike."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import cfa, cfa_rows, invariance
from crmresearch.methods.cfa_fit import chi_squared
from crmresearch.methods.cfa_robust import robust
from crmresearch.methods.cfa_saturated import saturated
from crmresearch.methods.weighting import design

FACTOR = [0] * 4 + [1] * 3
LOADINGS = np.array([0.8, 0.7, 0.6, 0.7, 0.75, 0.65, 0.8])


def draw(
    rng: np.random.Generator,
    n: int,
    *,
    loadings: dict[int, float] | None = None,
    intercepts: dict[int, float] | None = None,
    heavy: bool = False,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Two groups; in the second some loadings and intercepts differ, and so do factors' means."""
    group = np.arange(n) % 2
    factors = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1, 0.5], [0.5, 1]]).T
    factors = np.where(group[:, None] == 1, 1.3 * factors + 0.4, factors)
    unique = rng.normal(size=(n, 7)) * np.sqrt(1 - LOADINGS**2)
    if heavy:
        tails = np.where(rng.random(n) < 0.15, 2.0, 0.7)[:, None]
        centre = np.where(group[:, None] == 1, 0.4, 0.0)
        factors, unique = (factors - centre) * tails + centre, unique * tails
    own = np.tile(LOADINGS, (n, 1))
    for item, change in (loadings or {}).items():
        own[group == 1, item] += change
    values = own * factors[:, FACTOR] + unique
    for item, change in (intercepts or {}).items():
        values[group == 1, item] += change
    return pd.DataFrame(values), group


def steps_of(frame: pd.DataFrame, group: np.ndarray, **given) -> list[invariance.Step]:
    rows = cfa_rows.complete_rows(frame, design(len(frame), **given), group)
    return invariance.steps(rows, FACTOR)


def test_groups_that_answer_alike_lose_nothing():
    steps = steps_of(*draw(np.random.default_rng(1), 2_000))
    assert [step.difference.freedom for step in steps[1:]] == [5, 5]
    assert all(step.difference.p > 0.05 for step in steps[1:])
    assert all(step.difference.high < 0.08 for step in steps[1:])


def test_an_intercept_that_differs_is_found_with_its_size():
    rng = np.random.default_rng(2)
    steps = steps_of(*draw(rng, 4_000, intercepts={2: 0.3}))
    metric, scalar = steps[1:]
    assert metric.difference.p > 0.05
    assert scalar.difference.low > 0.05
    first = invariance.releases(scalar)[0]
    assert first.item == 2
    sign = 1 if first.group == 1 else -1
    frame, group = draw(np.random.default_rng(2), 4_000, intercepts={2: 0.3})
    rows = cfa_rows.complete_rows(frame, design(len(frame)), group)
    change, error = invariance.freed(scalar, rows, first)
    assert abs(sign * change - 0.3) < 3 * error < 0.2
    guilty, innocent = (invariance.by_factor(scalar, factor=k) for k in (0, 1))
    assert guilty.low > 0.05
    assert innocent.p > 0.01


def test_a_loading_that_differs_is_found_before_intercepts_are_asked():
    steps = steps_of(*draw(np.random.default_rng(3), 4_000, loadings={5: -0.3}))
    assert steps[1].difference.low > 0.03
    assert invariance.releases(steps[1])[0].item == 5
    assert invariance.by_factor(steps[1], factor=1).low > 0.03


def test_the_score_test_agrees_with_fitting_the_freer_model():
    frame, group = draw(np.random.default_rng(4), 3_000, intercepts={1: 0.15})
    rows = cfa_rows.complete_rows(frame, design(len(frame)), group)
    *_, scalar = invariance.steps(rows, FACTOR)
    found = invariance.by_factor(scalar, factor=0)
    tight = cfa.model(FACTOR, groups=2, step="scalar")
    numbers = tight.numbers.copy()
    freed = tight.slots.bounds[2] + np.array([1, 2, 3])
    numbers[1, freed] = tight.free + np.arange(3)
    free = cfa.Model(tight.slots, numbers, tight.fixed, "scalar", False)
    plain = chi_squared(scalar.solution) - chi_squared(cfa.fit(free, rows.moments))
    assert found.freedom == 3
    assert found.chi2 * found.scaling == pytest.approx(plain, rel=0.05)


def test_scaling_that_is_not_positive_is_taken_at_the_stricter_estimates(monkeypatch):
    frame, group = draw(np.random.default_rng(5), 600)
    rows = cfa_rows.complete_rows(frame, design(len(frame)), group)
    plain = invariance.steps(rows, FACTOR)
    for place in (0, 1):  # the stricter model's estimates in the freer model's own terms
        before, after = plain[place].solution, plain[place + 1].solution
        again = invariance._restated(after, before)
        for g in range(2):
            assert_allclose(again.group(g).covariance, after.group(g).covariance, atol=1e-10)
            assert_allclose(again.group(g).mean, after.group(g).mean, atol=1e-10)
        fixed = before.model.numbers < 0
        assert_allclose(again.values[fixed], before.model.fixed[fixed], atol=1e-12)
    worse = plain[1].robust.trace + 1
    step = invariance.Step(
        "metric",
        plain[1].solution,
        type(plain[1].robust)(plain[1].robust.meat, plain[1].robust.covariance, worse + 1e6),
        plain[1].fit,
        None,
    )
    free = saturated(rows)
    last = plain[2]
    found = invariance._difference(step, last.solution, last.robust, rows, free)
    assert found.scaling > 0
    assert found.scaling == pytest.approx(last.difference.scaling, rel=0.2)


def test_three_groups_and_clusters_that_are_in_several():
    rng = np.random.default_rng(6)
    frame, _ = draw(rng, 900)
    group = np.arange(900) % 3
    persons = np.arange(900) // 3  # each person in all three groups
    steps = steps_of(frame, group, clusters=persons)
    assert [step.difference.freedom for step in steps[1:]] == [10, 10]
    assert len(invariance.releases(steps[2])) == 21
    rows = cfa_rows.complete_rows(frame, design(900, clusters=persons), group)
    alone = cfa_rows.complete_rows(frame, design(900), group)
    scalar = steps[2].solution
    related, unrelated = (robust(scalar, some, saturated(some)) for some in (rows, alone))
    assert not np.allclose(related.covariance, unrelated.covariance, rtol=0.01)


def test_what_is_freed_holds_the_truth_about_as_often_as_it_says():
    rng, held = np.random.default_rng(8), []
    release = invariance.Release(item=2, group=1, change=0.0, error=1.0, p=0.5)
    for _ in range(60):
        frame, group = draw(rng, 600, intercepts={2: 0.8}, heavy=True)
        rows = cfa_rows.complete_rows(frame, design(len(frame)), group)
        change, error = invariance.freed(invariance.steps(rows, FACTOR)[2], rows, release)
        held.append(abs(change - 0.8) < 1.96 * error)
    assert np.mean(held) > 0.86


def rejections(n: int, times: int) -> np.ndarray:
    """How often each test says that groups which are alike are not, at 5%."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(times):
        steps = steps_of(*draw(rng, n, heavy=True))
        plain = chi_squared(steps[1].solution) - chi_squared(steps[0].solution)
        found.append(
            [
                plain > 11.07,  # the 95% quantile of chi-squared with 5 degrees of freedom
                steps[1].difference.p < 0.05,
                steps[2].difference.p < 0.05,
                invariance.by_factor(steps[1], factor=0).p < 0.05,
                invariance.by_factor(steps[2], factor=1).p < 0.05,
            ]
        )
    return np.mean(found, axis=0)


def test_alike_groups_are_called_unlike_about_as_often_as_said():
    plain, *scaled = rejections(600, 40)
    assert plain > 0.08
    assert max(scaled) < 0.16


@pytest.mark.slow
def test_alike_groups_are_called_unlike_as_often_as_said():
    plain, *scaled = rejections(4_000, 400)  # with 500 a group it is 9 to 12% for loadings
    assert plain > 0.3
    assert all(0.03 < share < 0.08 for share in scaled), scaled
