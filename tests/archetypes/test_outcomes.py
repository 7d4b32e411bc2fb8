"""Corrected means and mixes: against stepmix, the truth, and plain means."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes.classification import classify, share_bounds
from crmresearch.archetypes.differences import outcome_differences
from crmresearch.archetypes.enumeration import enumerate_classes
from crmresearch.archetypes.headlines.wording import pair_differences
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.mixes import mix
from crmresearch.archetypes.outcomes import outcome_means
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import Variable
from crmresearch.methods.groups import games_howell
from crmresearch.methods.proportions import wilson

from .conftest import CHANCES, LOYALTY, SHARES, customers


def types_of(survey, classes=4, level=0.95):
    indicators = read_indicators(survey)
    found = enumerate_classes(indicators, max_classes=classes, classes=classes)
    return find_types(indicators, found.chosen, level=level)


@pytest.fixture(scope="module")
def types(survey):
    return types_of(survey)


def test_bch_weights_undo_the_classification(types):
    classified = classify(types)
    weights, table = classified.weights(), classified.table
    assert_allclose(table.sum(axis=1), 1)
    assert_allclose(weights.sum(axis=1), 1)
    placed = types.model.patterns.row_weight
    assert_allclose(np.average(weights, axis=0, weights=placed), types.model.shares, atol=1e-6)


def test_corrected_means_match_stepmix(golden, make_survey):
    stepmix = pytest.importorskip("stepmix.stepmix")
    survey = make_survey(400, 21)
    data = survey.answers.filter(regex="good|bad").to_numpy(float)
    types = types_of(survey, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = stepmix.StepMix(
            n_components=2, measurement="binary", structural="gaussian_unit", n_steps=3,
            correction="BCH", assignment="modal", n_init=2, random_state=1, abs_tol=1e-10,
            rel_tol=0, max_iter=3000, progress_bar=0,
        ).fit(data, survey.answers[["stay"]].to_numpy())  # fmt: skip
    expected = np.sort(np.ravel(other.get_parameters()["structural"]["means"]))
    found = [x.value for x in outcome_means(types, survey) if x.key.endswith("bch")]
    assert_allclose(np.sort(found), expected, atol=1e-4)


def test_correction_recovers_the_means_that_likeliest_types_pull_together(make_survey):
    survey = make_survey(8000, 31)
    types = types_of(survey)
    found = outcome_means(types, survey)
    corrected = np.sort([item.value for item in found if item.key == "loyalty.bch"])[::-1]
    plain = np.sort([item.value for item in found if item.key == "loyalty.modal"])[::-1]
    assert_allclose(corrected, LOYALTY, atol=0.12)
    assert np.ptp(plain) < np.ptp(corrected)
    assert np.abs(corrected - LOYALTY).sum() < np.abs(plain - LOYALTY).sum()


def _covered(make_survey, reps, n):
    means, shares = [], []
    for rep in range(reps):
        survey = make_survey(n, 1000 + rep)
        types = types_of(survey)
        signs = types.model.probs[:, 1::2]
        kind = [int(np.abs(CHANCES - row).sum(axis=1).argmin()) for row in signs]
        for item in outcome_means(types, survey):
            if item.key == "loyalty.bch":
                truth = LOYALTY[kind[types.labels.index(item.group.partition(": ")[2])]]
                means.append(item.low <= truth <= item.high)
        for item in mix(types, survey, "brand"):
            truth = SHARES[kind[types.labels.index(item.name)]]
            shares.append(item.low <= truth <= item.high)
    return np.mean(means), np.mean(shares)


def test_corrected_intervals_cover_the_truth(make_survey):
    means, shares = _covered(make_survey, 12, 1500)
    assert means > 0.8
    assert shares > 0.85


@pytest.mark.slow
def test_corrected_intervals_cover_the_truth_about_as_often_as_they_say(make_survey):
    means, shares = _covered(make_survey, 100, 1500)
    assert 0.90 < means < 0.98
    assert 0.91 < shares < 0.98


def test_differences_hold_together_and_name_the_largest(types, survey):
    found = outcome_differences(types, survey, "loyalty")
    at = {item.key: item for item in found}
    pairs = pair_differences(found)
    assert len(pairs) == 6
    gap = at["loyalty.gap"]
    assert gap.value == max(abs(item.value) for item in pairs)
    assert "Bonferroni over 6 pairs" in gap.method
    warm = at["loyalty.positive"]
    assert warm.value > 0
    assert "warm" in warm.name
    alone = next(x for x in pairs if x.value == warm.value or x.value == -warm.value)
    assert alone.high - alone.low > warm.high - warm.low  # simultaneous intervals are wider


def test_plain_differences_agree_with_games_and_howell(types, survey):
    # Degrees of freedom apart, which the design gives here and Satterthwaite there.
    found = {x.key: x for x in outcome_differences(types, survey, "loyalty") if ".modal." in x.key}
    order = [types.labels[k] for k in np.argsort(types.balance)]  # later minus earlier
    groups = pd.Categorical(np.array(types.labels)[types.of_row], order)
    expected = games_howell(survey.answers["stay"], pd.Series(groups), key="loyalty.modal")
    assert len(found) == len(expected) == 6
    for item in expected:
        ours = found[item.key]
        assert_allclose(ours.value, item.value)
        assert_allclose((ours.low, ours.high, ours.p), (item.low, item.high, item.p), atol=0.02)


def test_without_the_role_or_with_one_type_there_is_nothing(types, survey):
    assert outcome_means(types, survey, ("satisfaction",)) == []
    assert outcome_differences(types, survey, "recommend") == []
    one = types_of(survey, 1)
    assert outcome_means(one, survey) == []
    assert mix(one, survey, "brand") == []
    assert mix(types, survey, "wave") == []


def test_missing_outcomes_are_left_out_and_counted(make_survey):
    survey = make_survey(800, 5)
    survey.answers.loc[:99, "stay"] = np.nan
    types = types_of(survey)
    gap = outcome_differences(types, survey, "loyalty")[0]
    assert (gap.n, gap.n_dropped) == (700, 100)


def test_mixes_add_up_and_find_a_brand_that_differs(make_survey):
    _, kind, rng = customers(4000, 9)
    firm = np.where(rng.random(4000) < np.where(kind == 0, 0.8, 0.4), "Nord", "Sued")
    variable = Variable(variable="firm", label="Firm", type="category", roles=("brand",))
    survey = make_survey(4000, 9, firm=(pd.Categorical(firm), variable))
    types = types_of(survey)
    found = mix(types, survey, "brand")
    nord = [item for item in found if item.group == "brand: Nord"]
    assert_allclose(sum(item.value for item in nord), 1, atol=1e-6)
    truth = SHARES[0] * 0.8 / (SHARES[0] * 0.8 + (1 - SHARES[0]) * 0.4)
    warm = next(item for item in nord if "warm" in item.name)
    assert abs(warm.value - truth) < 0.05
    assert warm.low < truth < warm.high


def test_groups_without_a_name_are_not_a_group(types, survey):
    firm = survey.answers["firm"].copy()
    firm.iloc[:100] = None
    answers = survey.answers.assign(firm=firm)
    found = mix(types, replace(survey, answers=answers), "brand")
    assert sum(item.n for item in found if item.key == "mix.brand.1") == len(answers) - 100


def test_types_of_too_few_people_are_not_compared(types, survey):
    counts = np.sort(np.bincount(types.of_row))
    found = outcome_differences(types, survey, "loyalty", min_cell=int(counts[0]) + 1)
    assert len(pair_differences(found)) == 1  # the smallest type and the next are hidden
    assert not [x for x in found if x.n < counts[0]]
    assert outcome_differences(types, survey, "loyalty", min_cell=10_000) == []


def test_a_share_at_zero_is_not_known_without_error():
    known = wilson(0.0, 100.0)[1]
    low, high, words = share_bounds(-0.01, (-0.015, -0.005), 100, 0.95)
    assert (low, high) == (0, known)
    assert "Wilson" in words
    assert share_bounds(1.0, (1.0, 1.0), 100, 0.95)[:2] == (pytest.approx(1 - known), 1)
    assert share_bounds(0.02, (-0.06, 0.10), 100, 0.95) == (0, 0.10, "")
    assert share_bounds(0.3, (0.2, 0.4), 5, 0.95) == (0.2, 0.4, "")
    assert np.isnan(share_bounds(0.3, (np.nan, np.nan), 5, 0.95)[0])
