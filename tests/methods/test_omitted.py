"""Omitted-variable bounds against a confounder that is made and held, and at their edges."""

import math

import numpy as np
import pytest

from crmresearch.methods.omitted import (
    Strength,
    adjusted_for,
    as_strong_as,
    critical_f,
    extreme_value,
    partial_r2,
    residuals,
    robustness_value,
)


def regression(columns, outcome):
    """Coefficients, classical errors and degrees of freedom, intercept first."""
    design = np.column_stack([np.ones(len(outcome)), *columns])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ outcome
    left, df = outcome - design @ beta, len(outcome) - design.shape[1]
    return beta, np.sqrt(np.diag(inverse) * (left @ left) / df), df


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("strength", [Strength(0.1, 0.2), Strength(0.3, 0.05)])
def test_a_confounder_that_is_made_and_held_moves_the_coefficient_as_foretold(seed, strength):
    rng = np.random.default_rng(seed)
    x, d = rng.normal(size=(2, 60))
    y = 0.8 * d + x + rng.normal(size=60)
    beta, errors, df = regression([d, x], y)
    unit = [
        side / np.linalg.norm(side)
        for side in (
            d - np.column_stack([np.ones(60), x]) @ regression([x], d)[0],
            y - np.column_stack([np.ones(60), d, x]) @ beta,
        )
    ]
    noise = rng.normal(size=60)
    design = np.column_stack([np.ones(60), d, x, y])
    noise -= design @ np.linalg.lstsq(design, noise)[0]
    a = math.sqrt(strength.group)
    b = math.sqrt(strength.outcome * (1 - strength.group))
    sign = math.copysign(1, beta[1])
    z = a * unit[0] + sign * b * unit[1]
    z += math.sqrt(1 - a**2 - b**2) * noise / np.linalg.norm(noise)
    held, held_errors, _ = regression([d, x, z], y)
    found = adjusted_for(beta[1], errors[1], df, strength)
    np.testing.assert_allclose(found, (held[1], held_errors[1]), rtol=1e-9)


def test_at_the_robustness_value_the_difference_and_its_significance_are_gone():
    value, error, df = 0.5, 0.1, 200
    r2 = partial_r2(value / error, df)
    r = robustness_value(r2)
    assert adjusted_for(value, error, df, Strength(r, r))[0] == pytest.approx(0, abs=1e-12)
    half = robustness_value(r2, q=0.5)
    assert adjusted_for(value, error, df, Strength(half, half))[0] == pytest.approx(0.25)
    for inflation in (1.0, 1.7):
        r = robustness_value(r2, critical=critical_f(df, inflation=inflation))
        moved, left = adjusted_for(value, error, df, Strength(r, r), inflation=inflation)
        assert moved / left == pytest.approx(critical_f(df) * math.sqrt(df - 1))
    extreme = Strength(extreme_value(r2), 1.0)
    assert adjusted_for(value, error, df, extreme)[0] == pytest.approx(0, abs=1e-12)
    assert extreme_value(r2) == pytest.approx(r2)


def test_signs_mirror_and_nothing_needs_nothing():
    one, two = (adjusted_for(x, 0.1, 90, Strength(0.1, 0.1)) for x in (0.4, -0.4))
    assert one == pytest.approx((-two[0], two[1]))
    assert robustness_value(0.0) == 0.0
    assert robustness_value(0.01, critical=critical_f(20)) == 0.0
    assert extreme_value(0.0) == 0.0


@pytest.mark.parametrize("r2", [1.0, -0.1, math.nan])
def test_what_is_no_share_gives_nothing(r2):
    assert math.isnan(robustness_value(r2))
    assert math.isnan(extreme_value(r2))
    assert math.isnan(as_strong_as(Strength(r2, 0.1)).group)
    assert math.isnan(adjusted_for(0.4, 0.1, 90, Strength(r2, 0.1))[0])


def test_nothing_can_explain_more_than_there_is():
    assert as_strong_as(Strength(0.1, 0.6), 3.0).outcome == 1.0
    assert math.isnan(as_strong_as(Strength(0.6, 0.1), 2.0).group)
    assert math.isnan(critical_f(1))
    assert math.isnan(partial_r2(2.0, 0))


def test_partial_r2_of_a_group_of_columns_ignores_what_is_said_twice():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 3))
    y = x @ [1.0, 0.5, 0.0] + rng.normal(size=80)
    weights = rng.random(80)
    plain = residuals(np.column_stack([y, x]), weights)
    twice = residuals(np.column_stack([y, x, x[:, 0] + x[:, 1], np.ones(80)]), weights)
    assert twice.partial(0, [3], [1, 2, 4, 5]) == pytest.approx(plain.partial(0, [3], [1, 2]))
    assert twice.partial(0, [4], [1, 2]) == pytest.approx(0, abs=1e-9)
    assert twice.rank([1, 2, 3, 4, 5]) == 3
    assert np.isnan(residuals(np.ones((0, 2))).matrix).all()
