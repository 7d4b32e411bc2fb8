"""The bootstrap likelihood-ratio test: statistic, stopping, its level, and when it is not made."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import bootstrap_test, enumeration, headlines
from crmresearch.archetypes.bootstrap_test import affordable, design_effect
from crmresearch.archetypes.drawn import samples
from crmresearch.archetypes.em import climb
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.refits import refit
from crmresearch.archetypes.starts import random_starts
from crmresearch.data.codebook import Variable

SHARES = np.array([0.55, 0.45])
CHANCES = np.array([[0.9, 0.8, 0.85, 0.7, 0.2, 0.9], [0.2, 0.3, 0.15, 0.25, 0.8, 0.4]])


def two_types(n, seed):
    rng = np.random.default_rng([11, seed])
    answers = (rng.random((n, 6)) < CHANCES[rng.choice(2, n, p=SHARES)]).astype(float)
    return collapse(answers), rng


def neighbours(patterns, classes, rng):
    null = fit(patterns, classes - 1, starts=10, rng=rng)
    return null, fit(patterns, classes, starts=15, rng=rng, near=null)


@pytest.fixture(scope="module")
def found(indicators):
    return enumeration.enumerate_classes(indicators, max_classes=5, starts=10)


def test_tests_go_on_to_the_first_number_that_is_no_better(found, indicators):
    tests = bootstrap_test.likelihood_ratio_tests(found, indicators)
    assert [item.key for item in tests] == [f"types.blrt.{number}" for number in (2, 3, 4, 5)]
    assert [item.p for item in tests[:3]] == [0.01] * 3
    assert tests[3].p > 0.05
    models = {model.classes: model.loglik for model in found.models}
    assert_allclose(tests[2].value, 2 * (models[4] - models[3]))
    assert tests[2].method == (
        "bootstrap likelihood-ratio test, 99 samples drawn with 3, 0 of them with a larger "
        "statistic"
    )
    frame = enumeration.criteria(found, (), tests)
    assert_allclose(frame["Bootstrap p"].iloc[1:4], 0.01)
    said = headlines.number.second_opinions(frame)
    assert said.startswith("The rule is BIC. The bootstrap test agrees with the number chosen; ")
    assert bootstrap_test.caveats(found, indicators, tests) == []
    again = bootstrap_test.likelihood_ratio_tests(found, indicators)
    assert again == tests  # the same seed


def test_drawing_stops_when_it_is_settled():
    null, other = neighbours(*[(p, 3, r) for p, r in [two_types(400, 1)]][0])
    rng = np.random.default_rng(1)
    hopeless = replace(other, loglik=null.loglik)  # a statistic of 0 is always exceeded
    outcome = bootstrap_test.bootstrap_test(null, hopeless, rng=rng)
    assert (outcome.drawn, outcome.exceeded, outcome.p) == (10, 10, 1.0)
    looked = []
    with pytest.MonkeyPatch.context() as patch:
        known = bootstrap_test._exceeding
        patch.setattr(bootstrap_test, "_exceeding", lambda *a: looked.append(a[2]) or known(*a))
        bootstrap_test.bootstrap_test(null, hopeless, draws=19, rng=rng)
    assert looked == [2]  # no more are drawn than the first look may need
    clear = replace(other, loglik=null.loglik + 200)
    outcome = bootstrap_test.bootstrap_test(null, clear, draws=39, rng=rng)
    assert (outcome.drawn, outcome.exceeded, outcome.p) == (39, 0, 1 / 40)
    halved = bootstrap_test.bootstrap_test(null, clear, draws=19, deff=2.0, rng=rng)
    assert_allclose(halved.statistic, 200)


def test_the_design_divides_the_statistic(make_survey):
    rng = np.random.default_rng(3)
    survey = make_survey(
        800, 3,
        w=(
            rng.choice([0.3, 1.0, 3.0], 800),
            Variable(variable="w", label="w", type="number", roles=("weight",)),
        ),
        a=(
            pd.Series([f"A{number // 2}" for number in range(800)], dtype="str"),
            Variable(variable="a", label="a", type="id", roles=("account",)),
        ),
    )  # fmt: skip
    indicators = read_indicators(survey)
    found = enumeration.enumerate_classes(indicators, max_classes=4, starts=8)
    assert found.chosen.classes == 4
    factor = design_effect(found.chosen, indicators)
    weight = indicators.patterns.row_weight
    assert 0.7 < factor / (800 * (weight**2).sum() / weight.sum() ** 2) < 1.4
    fewer = replace(found, models=found.models[:2])
    test = bootstrap_test.likelihood_ratio_tests(fewer, indicators, draws=19)[0]
    assert "divided by a design effect of" in test.method
    caveat = bootstrap_test.caveats(found, indicators, [test])[0]
    assert caveat.key == "classes.design"


def test_a_table_too_large_to_refit_is_left_and_told(found, indicators):
    patterns = indicators.patterns
    wide = replace(patterns, codes=np.zeros((10_000_000, 7), dtype=np.int16))
    assert affordable(patterns, 5, 99) == 99
    assert affordable(wide, 5, 99) == 0
    assert bootstrap_test.caveats(found, indicators, [])[0].key == "classes.untested"
    one = replace(found, models=found.models[:1], chosen=found.models[0])
    assert bootstrap_test.likelihood_ratio_tests(one, indicators) == []
    assert bootstrap_test.caveats(one, indicators, []) == []


def test_scales_quantities_and_gaps_are_tested_as_well():
    rng = np.random.default_rng(5)
    kind = rng.integers(0, 2, 250)
    frame = pd.DataFrame(
        {
            "s": np.clip(np.round(3 + 2 * kind + rng.normal(0, 1, 250)), 1, 7),
            "t": np.clip(np.round(5 - 2 * kind + rng.normal(0, 1, 250)), 1, 7),
            "q": 4 * kind + rng.normal(0, 1, 250),
        }
    ).mask(rng.random((250, 3)) < 0.05)
    patterns = collapse(frame, kinds={"s": "ordinal", "t": "ordinal", "q": "continuous"})
    outcome = bootstrap_test.bootstrap_test(*neighbours(patterns, 2, rng), draws=19, rng=rng)
    assert outcome.p == 1 / 20


def test_a_third_type_that_is_not_there_is_rarely_found():
    """15 draws of 2 types: 4 or more rejections at 5% have a chance of 0.5%."""
    rejected = 0
    for seed in range(15):
        patterns, rng = two_types(250, seed)
        outcome = bootstrap_test.bootstrap_test(*neighbours(patterns, 3, rng), draws=19, rng=rng)
        rejected += outcome.p <= 0.05
    assert rejected <= 3


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.05, 0.2])
def test_the_test_holds_its_level(level):
    """400 draws of 2 types: the rate of rejection lies within three errors of the level."""
    outcomes = []
    for seed in range(400):
        patterns, rng = two_types(500, seed)
        outcomes.append(bootstrap_test.bootstrap_test(*neighbours(patterns, 3, rng), rng=rng).p)
    rate = np.mean(np.array(outcomes) <= level)
    assert abs(rate - level) < 3 * np.sqrt(level * (1 - level) / 400)


@pytest.mark.parametrize("kinds", [{}, {"a": "ordinal", "q": "continuous"}])
def test_what_is_told_early_is_what_full_climbs_tell(kinds):
    """At statistics that most or few of the samples reach, and at one that none can."""
    rng = np.random.default_rng(8)
    kind = rng.choice(2, 90, p=SHARES)
    answers = pd.DataFrame((rng.random((90, 6)) < CHANCES[kind]).astype(float), columns=[*"abcdeq"])
    if "q" in kinds:
        answers["q"] += rng.normal(0, 1, 90)
    null = fit(collapse(answers.mask(rng.random((90, 6)) < 0.05), kinds=kinds), 2, rng=rng)
    patterns, counts = samples(null, 10, rng)
    starts = bootstrap_test._starts(null, patterns, 10, 12, rng)
    full = refit(patterns, counts, *starts, heats=bootstrap_test._HEATS).loglik
    reached = 2 * (full - bootstrap_test._base(null, patterns, counts, 300))
    for statistic in (*np.quantile(reached, [0.2, 0.8]) + 0.01, 30 * reached.max()):
        told = bootstrap_test._exceed(null, patterns, counts, statistic, rng)
        assert (told != (reached >= statistic)).sum() <= 1  # that many end at another maximum
    assert not told.any()


def test_no_model_is_likelier_than_the_shares_of_the_answers():
    patterns, rng = two_types(150, 3)
    null = fit(patterns, 1, rng=rng)
    union, counts = samples(null, 6, rng)
    limit = bootstrap_test._saturated(union, counts)
    shares, probs = random_starts(union, 24, 6, rng)
    close = climb(union, shares, probs, cycles=300, weight=counts).loglik
    assert (close <= limit + 1e-6).all()
    assert (close > limit - 12).all()  # 24 classes fit 64 cells nearly
    one = collapse([[1.0, 0.0], [1.0, 0.0], [0.0, np.nan], [1.0, np.nan]])
    sample = bootstrap_test._saturated(one, one.weight[None])
    assert_allclose(sample, 2 * np.log(0.5))  # of two with a gap one each, of the others both alike
