"""Checks of drivers, against R (see the validation cases), refits, and by simulation."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods import driver_checks as checks
from crmresearch.methods.drivers import fit
from crmresearch.methods.importance import lmg
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import find
from crmresearch.validation.references import golden_table

COLUMNS = [f"x{place}" for place in range(1, 7)]


def rng():
    return np.random.default_rng(8)


@pytest.fixture(scope="module")
def golden():
    survey = golden_table("survey")
    return fit(survey[COLUMNS], survey["overall"], rng=rng(), resamples=200)


def refitted(x: np.ndarray, y: np.ndarray, fold: np.ndarray, weights: np.ndarray) -> float:
    """R² of held-out rows by fitting every fold's model anew."""
    terms, missed = np.column_stack([np.ones(len(x)), x]), 0.0
    for one in np.unique(fold):
        out, root = fold == one, np.sqrt(weights)[:, None]
        slopes = np.linalg.lstsq((terms * root)[~out], (y * root[:, 0])[~out], rcond=None)[0]
        missed += (weights * (y - terms @ slopes) ** 2)[out].sum()
    mean = np.average(y, weights=weights)
    return 1 - missed / (weights * (y - mean) ** 2).sum()


def test_held_out_moments_equal_refits():
    survey = golden_table("survey")
    weights, codes = survey["w"].to_numpy(), pd.factorize(survey["psu"])[0]
    found = fit(
        survey[COLUMNS], survey["overall"], rng=rng(), resamples=2,
        design=design(360, weights, None, survey["psu"]),
    )  # fmt: skip
    fold = np.arange(codes.max() + 1) % 5
    value, influence = checks.held_out(found.parts, fold)
    x, y = survey[COLUMNS].to_numpy(), survey["overall"].to_numpy()
    assert value == pytest.approx(refitted(x, y, fold[codes], weights), abs=1e-12)
    assert influence.sum() == pytest.approx(0, abs=1e-12)


def test_the_error_of_held_out_r2_is_that_of_a_ratio_of_means():
    survey = golden_table("survey")
    found = fit(survey[COLUMNS], survey["overall"], rng=rng(), resamples=2)
    fold = np.arange(360) % 10
    _, influence = checks.held_out(found.parts, fold)
    x, y = survey[COLUMNS].to_numpy(), survey["overall"].to_numpy()
    terms, missed = np.column_stack([np.ones(360), x]), np.empty(360)
    for one in range(10):
        slopes = np.linalg.lstsq(terms[fold != one], y[fold != one], rcond=None)[0]
        missed[fold == one] = (y - terms @ slopes)[fold == one] ** 2
    spread = (y - y.mean()) ** 2
    ratio = missed.mean() / spread.mean()
    assert_allclose(influence, -(missed - ratio * spread) / spread.mean() / 360, atol=1e-12)


def test_held_out_r2_covers_what_the_model_predicts():
    draw, hits = np.random.default_rng(3), 0
    slopes = np.array([0.5, 0.3, 0.0])
    for _ in range(50):
        x = draw.normal(size=(200, 3))
        y = x @ slopes + draw.normal(size=200)
        made = np.linalg.lstsq(np.column_stack([np.ones(200), x]), y, rcond=None)[0]
        true = 1 - (1 + made[0] ** 2 + ((slopes - made[1:]) ** 2).sum()) / (1 + slopes @ slopes)
        found = fit(pd.DataFrame(x), y, rng=draw, resamples=2)
        held = checks.cross_validated(found, key="cv", name="cv", rng=draw)
        hits += held.low < true < held.high
    assert hits >= 43  # 95% of 50 is 47, three standard errors are 5


def test_noise_explains_nothing_when_held_out():
    draw = np.random.default_rng(5)
    x, y = draw.normal(size=(60, 12)), draw.normal(size=60)
    found = fit(pd.DataFrame(x), y, rng=draw, resamples=100)
    made = checks.overall(found, lmg(found, rng=draw), key="check", rng=draw)
    assert find(made, "check.cv").value < 0.05
    assert find(made, "check.optimism").value > 0.15


def test_each_driver_has_four_numbers(golden):
    made = checks.of_drivers(golden, key="check", names={"x1": "First"})
    assert len(made) == 24
    assert find(made, "check.held.x1").name == "First, the mean of the other ratings held"
    assert all(item.low <= item.value <= item.high for item in made)


def test_a_repeated_driver_has_no_inflation_and_shares_its_slope():
    survey = golden_table("survey")
    frame = survey[["x1", "x2"]].assign(again=2 * survey["x1"])
    found = fit(frame, survey["overall"], rng=rng(), resamples=30)
    made = checks.of_drivers(found, key="check", names={})
    assert np.isnan(find(made, "check.vif.x1").value)
    assert find(made, "check.vif.x2").value < 3
    one, other = (find(made, f"check.beta.{name}").value for name in ("x1", "again"))
    assert one == pytest.approx(other)
    assert np.isfinite(checks.cross_validated(found, key="a", name="a", rng=rng()).value)


def test_a_single_driver_has_no_others_to_hold():
    survey = golden_table("survey")
    found = fit(survey[["x1"]], survey["overall"], rng=rng(), resamples=30)
    made = checks.of_drivers(found, key="check", names={})
    assert np.isnan(find(made, "check.held.x1").value)
    assert find(made, "check.vif.x1").value == pytest.approx(1)
    assert checks.general(found.matrix) == pytest.approx(found.matrix[0, 1] ** 2)


def test_an_association_through_the_halo_alone_vanishes_with_it():
    draw = np.random.default_rng(6)
    halo = draw.normal(size=(4000, 1))
    ratings = halo + 0.6 * draw.normal(size=(4000, 8))
    found = fit(pd.DataFrame(ratings), halo[:, 0] + draw.normal(size=4000), rng=draw, resamples=2)
    assert (found.matrix[:-1, -1] > 0.5).all()
    assert (np.abs(checks.held(found.matrix)) < 0.12).all()


def test_few_rows_cannot_be_held_out():
    draw = np.random.default_rng(7)
    found = fit(pd.DataFrame(draw.normal(size=(6, 4))), draw.normal(size=6), rng=draw, resamples=30)
    assert np.isnan(checks.cross_validated(found, key="a", name="a", rng=draw).value)
