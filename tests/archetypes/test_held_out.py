"""Held-out likelihood: against folds fitted one by one, and where it must be low."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import enumeration, headlines, held_out
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.data.codebook import Variable
from crmresearch.report.estimates import find

from .conftest import customers


@pytest.fixture(scope="module")
def found(indicators):
    return enumeration.enumerate_classes(indicators, max_classes=5)


@pytest.fixture(scope="module")
def held(found, indicators):
    return held_out.hold_out(found, indicators)


def test_each_part_is_foretold_from_the_others(found, held, survey):
    answers = survey.answers.filter(regex="good|bad").to_numpy(float)
    fold = held.folds.fold
    assert np.bincount(fold).tolist() == [240] * 5
    total = 0.0
    for part in range(5):
        trained = fit(collapse(answers[fold != part]), 4, rng=np.random.default_rng(1))
        yes = trained.probs[:, 1::2]
        rows = answers[fold == part]
        logs = rows @ np.log(yes).T + (1 - rows) @ np.log1p(-yes).T + np.log(trained.shares)
        total += np.logaddexp.reduce(logs, axis=1).sum()
    assert_allclose(held.mean(4), total / 1200, atol=2e-3)  # ours is smoothed a little


def test_the_true_number_foretells_best_and_differences_carry_intervals(found, held):
    estimates = held_out.by_number(found, held)
    means = [find(estimates, f"types.held_out.{number}").value for number in range(1, 6)]
    assert int(np.argmax(means)) + 1 == 4
    three = find(estimates, "types.held_out.less_chosen.3")
    assert_allclose(three.value, means[2] - means[3])
    assert three.low < three.value < three.high < 0
    assert find(estimates, "types.held_out.less_chosen.4") is None
    gain = held_out.gain_over_one(found, held)[0]
    assert_allclose(gain.value, means[3] - means[0])
    assert gain.low > 0.3
    frame = enumeration.criteria(found, estimates)
    assert_allclose(frame["Held-out"], means)
    assert frame["Less the chosen"].isna().tolist() == [False] * 3 + [True, False]


def test_no_types_gain_nothing(make_survey):
    none = make_survey(600, 1)
    rng = np.random.default_rng(5)
    none.answers.iloc[:, :7] = (rng.random((600, 7)) < 0.5).astype(float)
    indicators = read_indicators(none)
    single = enumeration.enumerate_classes(indicators, max_classes=3)
    assert single.chosen.classes == 1
    held = held_out.hold_out(single, indicators)
    assert held_out.gain_over_one(single, held)[0].high < 0.05
    assert headlines.number.sharpness([]).startswith("Not in these data: several estimated types")


def test_clusters_are_held_out_whole_and_weights_count(make_survey):
    account = np.repeat(np.arange(150), 4)
    survey = make_survey(
        600, 4,
        firm_id=(
            pd.Series([f"A{code}" for code in account], dtype="str"),
            Variable(variable="firm_id", label="A", type="id", roles=("account",)),
        ),
        w=(
            np.random.default_rng(1).choice([0.5, 3.0], 600),
            Variable(variable="w", label="w", type="number", roles=("weight",)),
        ),
    )  # fmt: skip
    indicators = read_indicators(survey)
    folds = held_out.split(indicators, np.random.default_rng(1))
    assert (np.ptp(folds.fold.reshape(150, 4), axis=1) == 0).all()
    rows = indicators.patterns.row_weight[folds.fold != 2]
    assert_allclose(folds.training[2].sum(), rows.sum())
    found = enumeration.enumerate_classes(indicators, max_classes=3, starts=6)
    gain = held_out.gain_over_one(found, held_out.hold_out(found, indicators))[0]
    assert gain.method.endswith("weighted, clustered by account")


def test_too_few_respondents_or_one_model_give_nothing(found, indicators, make_survey):
    one = replace(found, models=found.models[:1], chosen=found.models[0])
    assert held_out.hold_out(one, indicators) is None
    assert held_out.by_number(one, None) == held_out.gain_over_one(one, None) == []
    tiny = read_indicators(make_survey(9, 1))
    few = enumeration.enumerate_classes(tiny, max_classes=2, starts=4)
    assert held_out.hold_out(few, tiny) is None
    three = make_survey(40, 1, firm_id=(
        np.repeat(np.arange(4), 10),
        Variable(variable="firm_id", label="A", type="id", roles=("account",)),
    ))  # fmt: skip
    clustered = read_indicators(three)
    assert held_out.split(clustered, np.random.default_rng(0)) is None  # a part without anybody


def test_an_answer_not_seen_in_training_is_rare_and_not_impossible():
    patterns = collapse(np.array([[0.0, 0], [1, 1], [0, 1], [1, 0]] * 3))
    probs = np.array([[1.0, 0.0, 0.5, 0.5]])
    smooth = held_out.smoothed(patterns, np.ones(1), probs)
    assert 0 < smooth[0, 1] < 0.02
    assert_allclose(smooth[0, :2].sum(), 1)


@pytest.mark.slow
def test_the_gain_over_one_type_is_covered():
    """Truth: the expected gain of the fitted model, on many fresh respondents."""
    from crmresearch.archetypes.em import posterior
    from crmresearch.archetypes.indicators import Indicators
    from crmresearch.methods.weighting import design

    fresh = collapse(customers(100_000, 99)[0])
    inside, repeats = 0, 400
    for seed in range(repeats):
        patterns = collapse(customers(500, seed)[0])
        signs = Indicators(
            variables=(), patterns=patterns, ends=np.empty(0), position=np.empty(0),
            design=design(500), caveats=(),
        )  # fmt: skip
        models = [fit(patterns, k, starts=8, rng=np.random.default_rng(seed)) for k in (1, 4)]
        pair = enumeration.Enumeration(models=tuple(models), chosen=models[1], asked=0, most=4)
        gain = held_out.gain_over_one(pair, held_out.hold_out(pair, signs))[0]
        true = np.diff(
            [
                fresh.weight
                @ posterior(
                    fresh, item.shares, held_out.smoothed(patterns, item.shares, item.probs)
                )[0]
                / fresh.total
                for item in models
            ]
        )[0]
        inside += gain.low <= true <= gain.high
    assert 0.92 <= inside / repeats <= 0.98


def test_very_many_respondents_start_from_the_solution_for_all(found, indicators, monkeypatch):
    with_random = held_out.hold_out(found, indicators)
    monkeypatch.setattr(held_out, "_MANY", 100)
    monkeypatch.setattr(held_out, "starts_near", partial(_no_random, held_out.starts_near))
    from_all = held_out.hold_out(found, indicators)
    assert_allclose(from_all.mean(4), with_random.mean(4), rtol=1e-6)


def _no_random(starts_near, model, many, random, rng):
    assert random == 0
    return starts_near(model, many, random, rng)
