"""The factor model: derivatives, solutions, what cannot be fitted. R's numbers are in the cases."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.methods import cfa, cfa_algebra
from crmresearch.methods.cfa_checks import identified, improper, unfit
from crmresearch.methods.cfa_fit import baseline, chi_squared, fit_measures, noncentrality, rmsea
from crmresearch.methods.cfa_rows import complete_rows
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_table

ITEMS = [f"{start}{place}" for start in ("tr", "sa", "co") for place in (1, 2, 3, 4)]
FACTOR = [0] * 4 + [1] * 4 + [2] * 4
LOADINGS = np.array([0.8, 0.7, 0.6, 0.7, 0.75, 0.65, 0.8])
PAIR = [0, 0, 0, 0, 1, 1, 1]


def population(loadings=LOADINGS, between=0.5, factor=PAIR) -> np.ndarray:
    """Covariances of standardised items that a model of two factors implies."""
    spread = np.array([[1, between], [between, 1]])[np.ix_(factor, factor)]
    found = np.outer(loadings, loadings) * spread
    np.fill_diagonal(found, 1.0)
    return found


def moments(covariance: np.ndarray, n: float = 500, mean: float = 3.0) -> cfa.Moments:
    p = len(covariance)
    return cfa.Moments(np.array([n]), np.full((1, p), mean), covariance[None])


@pytest.fixture
def rows():
    data = golden_table("survey")
    return complete_rows(data[ITEMS], design(len(data)))


def random_values(slots, rng):
    values = rng.uniform(0.4, 1.2, slots.size)
    rows, columns = slots.pairs
    values[slots.spreads] = np.where(rows == columns, rng.uniform(0.8, 1.5, len(rows)), 0.3)
    return values


@pytest.mark.parametrize("factor", [PAIR, FACTOR, [0, 0, 0]])
def test_slope_and_observed_information_are_derivatives(factor):
    rng = np.random.default_rng(3)
    slots = cfa_algebra.Slots(np.array(factor))
    values = random_values(slots, rng)
    data = rng.normal(size=(60, slots.items)) @ rng.normal(size=(slots.items, slots.items))
    covariance, mean = np.cov(data.T, ddof=0), data.mean(axis=0)

    def slope(at):
        return cfa_algebra.scores(cfa_algebra.parts(at, slots), slots, covariance, mean)[0]

    def height(at):
        return cfa_algebra.discrepancy(cfa_algebra.parts(at, slots), covariance, mean)

    found = cfa_algebra.observed(cfa_algebra.parts(values, slots), slots, covariance, mean)
    for place in range(slots.size):
        step = np.zeros(slots.size)
        step[place] = 1e-6
        by_hand = (height(values + step) - height(values - step)) / 2e-6
        assert slope(values)[place] == pytest.approx(by_hand, rel=1e-5, abs=1e-7)
        turned = slope(values + 1e-20j * step / 1e-6).imag / 1e-20  # exact: no difference is taken
        assert_allclose(found[place], turned, rtol=1e-9, atol=1e-10 * np.abs(found).max())


def test_expected_information_is_the_observed_one_where_the_model_holds():
    slots = cfa_algebra.Slots(np.array(PAIR))
    part = cfa_algebra.parts(random_values(slots, np.random.default_rng(1)), slots)
    expected = cfa_algebra.scores(part, slots, part.covariance, part.mean)[1]
    assert_allclose(
        cfa_algebra.observed(part, slots, part.covariance, part.mean), expected, atol=1e-10
    )


def test_a_model_that_holds_is_found_exactly():
    solution = cfa.fit(cfa.model(PAIR), moments(population()))
    assert 0 < solution.steps < 10
    assert_allclose(solution.values[0, :7], LOADINGS, atol=1e-7)
    assert solution.group(0).spread[1, 0] == pytest.approx(0.5, abs=1e-7)
    fit = fit_measures(solution)
    assert fit.chi2 == pytest.approx(0, abs=1e-8)
    assert (fit.freedom, fit.cfi, fit.rmsea) == (13, 1.0, 0.0)
    assert fit.srmr == pytest.approx(0, abs=1e-7)


def test_how_a_model_is_identified_does_not_change_what_it_says(rows):
    for step in cfa.STEPS:
        groups = complete_rows(
            golden_table("survey")[ITEMS], design(rows.n), golden_table("survey")["wave"] - 1
        ).moments
        one, other = (
            cfa.fit(cfa.model(FACTOR, groups=2, step=step, marker=marker), groups)
            for marker in (True, False)
        )
        assert one.model.freedom == other.model.freedom
        assert chi_squared(one) == pytest.approx(chi_squared(other), abs=1e-8)
        for g in range(2):
            assert_allclose(one.group(g).covariance, other.group(g).covariance, atol=1e-6)


def test_units_of_the_items_do_not_change_the_fit(rows):
    scale = np.geomspace(1e-3, 1e4, len(ITEMS))
    frame = golden_table("survey")[ITEMS] * scale + 1000
    other = complete_rows(frame, design(rows.n))
    plain, scaled = (cfa.fit(cfa.model(FACTOR), part.moments) for part in (rows, other))
    assert chi_squared(scaled) == pytest.approx(chi_squared(plain), abs=1e-6)
    assert_allclose(scaled.values[0, :12], plain.values[0, :12] * scale, rtol=1e-5)


def test_reversed_items_load_negatively(rows):
    frame = golden_table("survey")[ITEMS]
    frame["tr2"] = -frame["tr2"]
    solution = cfa.fit(cfa.model(FACTOR), complete_rows(frame, design(rows.n)).moments)
    plain = cfa.fit(cfa.model(FACTOR), rows.moments)
    assert solution.values[0, 1] == pytest.approx(-plain.values[0, 1], abs=1e-6)
    assert chi_squared(solution) == pytest.approx(chi_squared(plain), abs=1e-8)


def test_three_items_fit_whatever_they_are():
    solution = cfa.fit(cfa.model([0, 0, 0]), moments(population()[:3, :3]))
    fit = fit_measures(solution, trace=0.0, independence=3.0)
    assert (fit.freedom, fit.cfi, fit.tli) == (0, 1.0, 1.0)
    assert all(np.isnan(x) for x in (fit.p, fit.rmsea, fit.rmsea_low))


def test_the_baseline_is_the_product_of_variances():
    found, freedom = baseline(moments(population()))
    assert freedom == 21
    assert found == pytest.approx(-500 * np.linalg.slogdet(population())[1])


def test_noncentrality_turns_the_distribution_round():
    center = noncentrality(60.0, 20, 0.05)
    assert stats.ncx2.cdf(60.0, 20, center) == pytest.approx(0.05, abs=1e-9)
    assert noncentrality(20.0, 20, 0.95) == 0.0
    value, low, high = rmsea(60.0, 20, 400)
    assert 0 < low < value < high
    assert value == pytest.approx(np.sqrt(40 / 8000))
    assert all(np.isnan(rmsea(5.0, 0, 400)))
    assert rmsea(1e7, 20, 1e6)[1] > 0.6  # a huge statistic is no trouble


def test_negative_unique_variance_is_told():
    heywood = np.array([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]])  # 0.9 * 0.8 / 0.5 > 1
    solution = cfa.fit(cfa.model([0, 0, 0]), moments(heywood))
    [text] = improper(solution, ["a", "b", "c"], ["scale"])
    assert text == "“a” has a negative unique variance (−44.0% of its variance)"


def test_correlations_beyond_one_are_told():
    beyond = population(between=1.15, loadings=0.7 * np.ones(7))
    solution = cfa.fit(cfa.model(PAIR), moments(beyond))
    found = improper(solution, list("abcdefg"), ["one", "other"])
    assert found == ["“one” and “other” are correlated at 1.150, beyond 1"]


def test_correlations_that_contradict_each_other_are_told():
    factor = [0] * 3 + [1] * 3 + [2] * 3
    spread = np.array([[1, 0.9, 0.2], [0.9, 1, 0.9], [0.2, 0.9, 1.0]])
    covariance = 0.36 * spread[np.ix_(factor, factor)]
    np.fill_diagonal(covariance, 1.0)
    solution = cfa.fit(cfa.model(factor), moments(covariance))
    words = improper(solution, list("abcdefghi"), list("xyz"))
    assert words == ["the correlations of the factors contradict each other"]


def test_two_factors_of_two_items_that_are_unrelated_are_not_identified():
    factor = [0, 0, 1, 1]
    with pytest.raises(np.linalg.LinAlgError):
        cfa.fit(cfa.model(factor), moments(population([0.7] * 4, 0.0, factor)))
    nearly = cfa.fit(cfa.model(factor), moments(population([0.7] * 4, 1e-5, factor)))
    assert not identified(nearly)
    related = cfa.fit(cfa.model(factor), moments(population([0.7] * 4, 0.5, factor)))
    assert identified(related)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.assign(tr1=3.0), "everybody answered “tr1” alike"),
        (lambda x: x.assign(tr2=x["tr1"]), "“tr1” and “tr2” say the same"),
        (lambda x: x.assign(tr2=8 - x["tr1"]), "“tr1” and “tr2” say the same"),
        (lambda x: x.assign(tr1=x["tr2"] + x["tr3"] - x["tr4"]), "some items follow exactly"),
        (lambda x: x.head(9), "12 items need at least 13 complete answers"),
        (lambda x: x.head(1), "12 items need at least 13 complete answers"),
        (lambda x: x.head(20), "20 complete answers are fewer than the model's 39 parameters"),
        (lambda x: x * np.nan, "12 items need at least 13 complete answers"),
        (lambda x: x.head(0), "12 items need at least 13 complete answers"),
    ],
)
def test_what_cannot_be_fitted_is_told(change, words):
    frame = change(golden_table("survey")[ITEMS].astype(float))
    found = unfit(complete_rows(frame, design(len(frame))), cfa.model(FACTOR), ITEMS)
    assert found.startswith(words)


def test_a_group_without_answers_is_told():
    frame, wave = golden_table("survey")[ITEMS], golden_table("survey")["wave"]
    model = cfa.model(FACTOR, groups=2)
    one = complete_rows(frame[wave == 1], design(int((wave == 1).sum())))
    assert unfit(one, model, ITEMS) == "a group has no complete answers"
    few = complete_rows(frame, design(len(frame)), np.where(np.arange(len(frame)) < 9, 1, 0))
    assert unfit(few, model, ITEMS).endswith("13 complete answers in each group")


def test_scales_too_short_for_a_model_of_their_own_are_told(rows):
    frame = golden_table("survey")[ITEMS]
    two = complete_rows(frame[["tr1", "tr2"]], design(rows.n))
    assert unfit(two, cfa.model([0, 0]), ["a", "b"]).startswith("a single scale of two items")
    three = complete_rows(frame[["tr1", "tr2", "sa1"]], design(rows.n))
    assert unfit(three, cfa.model([0, 0, 1]), list("abc")).startswith("a scale of one item")
    assert unfit(rows, cfa.model(FACTOR), ITEMS) == ""


def test_rows_that_are_not_complete_are_left_out_and_counted():
    frame = pd.DataFrame(np.arange(40.0).reshape(10, 4) ** 1.5)
    frame.iloc[2, 1] = np.nan
    weights = np.r_[np.ones(8), 0.0, np.nan]
    rows = complete_rows(frame, design(10, weights), [0] * 9 + [-1])
    assert (rows.n, rows.dropped) == (7, 2)
    kept = frame.drop(index=[2, 8, 9])
    assert_allclose(rows.moments.means[0], kept.mean())
    assert_allclose(rows.moments.covariances[0], np.cov(kept.T, ddof=0))
