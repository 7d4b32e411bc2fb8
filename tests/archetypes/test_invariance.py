"""Equal profiles in groups: size and power of the tests, what is freed, and awkward groups."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines, invariance
from crmresearch.archetypes.em import climb, posterior
from crmresearch.archetypes.groupings import Groups, groups_of
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import LatentClasses, fit
from crmresearch.archetypes.multigroup import all_freed, multigroup
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.profile_gaps import freed_gap, largest_gap
from crmresearch.archetypes.score_tests import group_scores
from crmresearch.archetypes.types import find_types
from crmresearch.archetypes.uncertainty import uncertainty
from crmresearch.data.codebook import Variable
from crmresearch.methods.weighting import Design, design

from .conftest import CHANCES, SHARES

GROUPS = ("a", "b", "c")
FULL = np.stack([1 - CHANCES, CHANCES], axis=-1).reshape(4, -1)


def _at_truth(patterns, shares=SHARES, probs=FULL):
    """The solution next to the truth, so that types keep their order."""
    best = climb(patterns, shares[:, None], probs[:, None], cycles=100)
    shares, probs = best.shares[:, 0], best.probs[:, 0]
    return LatentClasses(
        patterns=patterns, shares=shares, probs=probs,
        posterior=posterior(patterns, shares, probs)[1], loglik=float(best.loglik[0]),
        starts=1, finished=1, replicated=1, converged=True,
    )  # fmt: skip


def _grouped(rng, n, *, kind="plain", shift=0.0):
    """Patterns, groups and design of customers in three groups that differ in their shares."""
    families = np.arange(n) // 4
    group = rng.integers(3, size=n)
    mixes = np.array([SHARES, SHARES[[1, 0, 2, 3]], SHARES])
    of = (rng.random(n)[:, None] > mixes[group].cumsum(axis=1)[:, :3]).sum(axis=1)
    if (
        kind == "clusters"
    ):  # a family is of one type and group, and some copy the first one's answer
        of, group = of[families * 4], group[families * 4]
    chance = CHANCES[of].copy()
    chance[(group == 2) & (of == 0), 2] += shift
    answers = rng.random((n, 7)) < chance
    weights = rng.gamma(2, 0.5, n) if kind == "weights" else None
    if kind == "clusters":
        answers = np.where(rng.random((n, 7)) < 0.4, answers[families * 4], answers)
    patterns = collapse(answers.astype(float), weights=weights)
    clusters = families if kind == "clusters" else None
    return patterns, Groups("brand", GROUPS, group), design(n, weights, clusters=clusters)


def _sizes(reps, n, kind, seed):
    every, single = [], []
    for rep in range(reps):
        patterns, groups, sample = _grouped(np.random.default_rng([seed, rep]), n, kind=kind)
        scores = group_scores(multigroup(_at_truth(patterns), groups), patterns, sample)
        every.append(scores.all_items().p < 0.05)
        single += [scores.item_test(j).p < 0.05 for j in range(7)]
    return np.mean(every), np.mean(single)


@pytest.mark.parametrize("kind", ["plain", "clusters"])
def test_equal_profiles_are_rarely_rejected(kind):
    every, single = _sizes(10, 800, kind, 11)
    assert every <= 0.2
    assert single < 0.13


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["plain", "weights", "clusters"])
def test_equal_profiles_are_rejected_as_often_as_the_level_says(kind):
    every, single = _sizes(400, 1200, kind, 12)
    assert 0.02 < every < 0.08
    assert 0.035 < single < 0.065


def test_people_in_two_groups_make_their_scores_go_together():
    rng = np.random.default_rng(5)
    of = rng.choice(4, size=300, p=SHARES)
    once = (rng.random((300, 7)) < CHANCES[of]).astype(float)
    patterns = collapse(np.vstack([once, once]))  # everybody says the same in both waves
    groups = Groups("wave", ("2025", "2026"), np.repeat([0, 1], 300))
    alike = multigroup(_at_truth(patterns), groups)
    known = design(600, clusters=np.tile(np.arange(300), 2))
    spread = group_scores(alike, patterns, known).spread
    size = len(spread) // 2
    within, between = spread[:size, :size], spread[:size, size:]
    assert_allclose(between, within, rtol=1e-6, atol=1e-6 * np.abs(within).max())


def test_clusters_taken_for_single_rows_would_reject_far_too_often():
    found = []
    for rep in range(5):
        patterns, groups, _ = _grouped(np.random.default_rng([13, rep]), 1200, kind="clusters")
        scores = group_scores(
            multigroup(_at_truth(patterns), groups), patterns, Design(len(patterns.row))
        )
        found.append(scores.all_items().p < 0.05)
    assert np.mean(found) > 0.7


def _gaps(reps, n, shift, seed, *, freed=False):
    inside, values = [], []
    for rep in range(reps):
        patterns, groups, sample = _grouped(np.random.default_rng([seed, rep]), n, shift=shift)
        start = _at_truth(patterns)
        scores = group_scores(multigroup(start, groups), patterns, sample)
        if freed:
            own = multigroup(start, groups, [2])
            errors = uncertainty(own.model, design=sample)
            value, low, high = freed_gap(own, errors, scores, 2, 0.95)
        else:
            value, low, high = largest_gap(scores, patterns, 2, 0.95)
        inside.append(low <= abs(shift) <= high)
        values.append(value)
    return np.mean(inside), np.median(values)


def test_the_largest_difference_is_found_with_bounds_that_hold_it():
    inside, value = _gaps(10, 2400, -0.3, 14, freed=True)
    assert inside >= 0.8
    assert 0.26 < value < 0.4  # the largest of many is more often too large than too small


@pytest.mark.slow
@pytest.mark.parametrize(("shift", "freed"), [(0.0, False), (-0.1, False), (-0.3, True)])
def test_bounds_of_the_largest_difference_hold_it_as_often_as_they_say(shift, freed):
    inside, _ = _gaps(400, 2400, shift, 15, freed=freed)  # of all types and pairs: at least
    assert inside > 0.93


def test_expected_changes_are_near_those_of_a_fit_with_the_sign_freed():
    patterns, groups, sample = _grouped(np.random.default_rng(16), 6000, shift=-0.3)
    start = _at_truth(patterns)
    scores = group_scores(multigroup(start, groups), patterns, sample)
    change, _ = scores.changes(2)
    own = np.flatnonzero(scores.item == 2) + len(scores.layout.shares)
    slope = scores.layout.prob_jacobian(scores.part, 0)[5, own]
    freed = multigroup(start, groups, [2])
    first = freed.model.patterns.names.index("2 in 0")
    chance = freed.model.probs[0, freed.model.patterns.starts[first : first + 3] + 1]
    assert_allclose((change[2] - change[0]) @ slope, chance[2] - chance[0], atol=0.04)


def test_groups_on_their_own_fit_as_separate_models():
    patterns, groups, _ = _grouped(np.random.default_rng(17), 1500)
    same = multigroup(_at_truth(patterns), groups)
    loglik, parameters = all_freed(same, patterns)
    codes = np.where(patterns.codes < 0, np.nan, patterns.codes)[patterns.row]
    parts = [_at_truth(collapse(codes[groups.codes == group])) for group in range(3)]
    assert_allclose(loglik, sum(part.loglik for part in parts), atol=1e-4)
    assert parameters == 3 * parts[0].parameters
    assert same.parameters == parts[0].parameters + 2 * 3
    assert same.loglik < loglik


def test_all_freed_one_by_one_is_all_freed():
    patterns, groups, _ = _grouped(np.random.default_rng(18), 900)
    start = _at_truth(patterns)
    every = multigroup(start, groups, range(7))
    loglik, parameters = all_freed(multigroup(start, groups), patterns)
    assert every.parameters == parameters
    assert_allclose(every.loglik, loglik, atol=0.05)


@pytest.fixture(scope="module")
def shifted(make_survey):
    """A survey in which one sign means something else to the customers of one brand."""
    survey = make_survey(3000, 41)
    rng = np.random.default_rng(4)
    nord = (survey.answers["firm"] == "Nord").to_numpy()
    flipped = nord & (rng.random(3000) < 0.5)
    survey.answers["bad_1"] = np.where(flipped, 1.0, survey.answers["bad_1"])
    signs = read_indicators(survey)
    return survey, find_types(signs, fit(signs.patterns, 4, rng=np.random.default_rng(1)))


def test_the_sign_that_differs_is_named_and_freed(shifted):
    survey, types = shifted
    (found,) = invariance.compare(types, survey)
    assert [types.indicators.variables[j].variable for j in found.freed.freed] == ["bad_1"]
    alike = invariance.differences([found])
    assert len({item.key for item in alike}) == len(alike) == 8
    title = headlines.invariance.differences(alike)
    assert title.startswith("By brand 1 of 7 signs differs, “bad 1” most (")
    worst = max(headlines.invariance.signs(alike), key=lambda item: item.value)
    assert worst.key == "invariance.brand.bad_1"
    assert worst.p < 0.001
    assert 0.2 < worst.low < worst.value < worst.high <= 1
    freed = invariance.freed_mix([found])
    assert len(freed) == 2 * 4 * 2
    assert all(0 <= item.low < item.value < item.high <= 1 for item in freed)
    assert "freed" in headlines.invariance.freed(freed, alike)
    for draw, data in ((figures.invariance.differences, alike), (figures.invariance.freed, freed)):
        figure = Figure()
        assert draw(data, figure).endswith(".")
        assert figure.axes


def test_freeing_what_differs_brings_the_shares_nearer_to_the_truth(shifted):
    survey, types = shifted
    (found,) = invariance.compare(types, survey)  # the types have the same shares in both firms
    apart = [np.abs(np.diff(model.shares)).sum() for model in (found.alike, found.freed)]
    assert apart[1] < apart[0]


def test_signs_that_are_not_shown_to_differ_are_not_said_to_be_equal(indicators, survey):
    types = find_types(indicators, fit(indicators.patterns, 4, rng=np.random.default_rng(1)))
    found = invariance.compare(types, survey)
    alike = invariance.differences(found)
    assert headlines.invariance.differences(alike) == "No sign is shown to differ by brand"
    assert invariance.freed_mix(found) == []
    assert headlines.invariance.freed([], alike).startswith("No sign differs enough")


def test_nothing_is_compared_without_groups_or_types(make_survey, survey, indicators):
    one = find_types(indicators, fit(indicators.patterns, 1, rng=np.random.default_rng(1)))
    assert invariance.compare(one, survey) == []
    small = make_survey(60, 3)
    signs = read_indicators(small)
    types = find_types(signs, fit(signs.patterns, 2, rng=np.random.default_rng(1)))
    assert invariance.compare(types, small) == []  # fewer than fifty in a group
    for title in (headlines.invariance.differences([]), headlines.invariance.freed([], [])):
        assert title.startswith("Not in these data: ")


def test_groups_are_the_largest_and_none_of_them_small(make_survey):
    rng = np.random.default_rng(5)
    region = pd.Series(rng.choice([f"R{at:02d}" for at in range(30)], 900))
    region[region == "R00"] = None
    variable = Variable(variable="r", label="Region", type="category", roles=("segment",))
    survey = make_survey(900, 3, r=(region.astype("category"), variable))
    every = np.ones(900, dtype=bool)
    found = groups_of(survey, "segment", every)
    assert found.number == 20
    assert "R00" not in found.names
    sizes = region.value_counts()
    assert np.bincount(found.codes[found.codes >= 0]).min() >= sizes.iloc[19]
    assert groups_of(survey, "segment", every, least=1000) is None
    assert groups_of(survey, "segment", np.zeros(900, dtype=bool)) is None
    assert groups_of(survey, "wave", every) is None


def test_a_probability_of_nought_in_one_group_alone_is_no_obstacle(make_survey):
    survey = make_survey(1500, 6)
    nord = survey.answers["firm"] == "Nord"
    survey.answers.loc[nord, "good_3"] = 0.0
    signs = read_indicators(survey)
    types = find_types(signs, fit(signs.patterns, 3, rng=np.random.default_rng(1)))
    (found,) = invariance.compare(types, survey)
    at = [item.variable for item in types.indicators.variables].index("good_3")
    assert found.p[at] < 1e-6
    assert at in found.freed.freed
    assert np.isfinite(found.gap).all()


def _mixed_kinds(rng, n, *, shift=0.0):
    group = rng.integers(2, size=n)
    of = rng.integers(2, size=n)
    frame = pd.DataFrame(
        {
            "o1": rng.binomial(4, np.where(of == 0, 0.25, 0.7)),
            "o2": rng.binomial(4, np.where(of == 0, 0.3, 0.65)),
            "q1": rng.normal(np.where(of == 0, 10.0, 14.0) + shift * group, 2.0),
            "q2": rng.normal(np.where(of == 0, 0.0, 2.0), 1.0),
            "b1": (rng.random(n) < np.where(of == 0, 0.2, 0.8)).astype(float),
        }
    )
    kinds = {"o1": "ordinal", "o2": "ordinal", "q1": "continuous", "q2": "continuous"}
    patterns = collapse(frame, kinds=kinds)
    start = fit(patterns, 2, starts=4, rng=np.random.default_rng(1))
    return patterns, Groups("brand", ("a", "b"), group), start


def test_scales_and_quantities_are_tested_too():
    rejected = []
    for rep in range(10):
        patterns, groups, start = _mixed_kinds(np.random.default_rng([19, rep]), 500)
        scores = group_scores(multigroup(start, groups), patterns, Design(500))
        rejected += [scores.item_test(j).p < 0.05 for j in range(5)]
    assert np.mean(rejected) < 0.15
    patterns, groups, start = _mixed_kinds(np.random.default_rng(20), 1500, shift=1.5)
    scores = group_scores(multigroup(start, groups), patterns, Design(1500))
    p = [scores.item_test(j).p for j in range(5)]
    assert int(np.argmin(p)) == 2
    value, low, high = largest_gap(scores, patterns, 2, 0.95)
    assert low < 1.5 / (4 * patterns.scale[2]) < high  # of four standard deviations
    assert value > 0
    freed = multigroup(start, groups, [2])
    assert 2 * (freed.loglik - multigroup(start, groups).loglik) > 100


def test_titles_take_what_small_groups_leave():
    title = partial(headlines.invariance.freed, tested=["something"])
    assert title([]).startswith("No sign differs enough")


def test_a_sign_that_its_types_determine_has_nothing_to_test():
    rng = np.random.default_rng(4)
    of = rng.integers(2, size=300)
    answers = np.column_stack([of, rng.random((300, 3)) < np.where(of, 0.8, 0.3)[:, None]])
    patterns, group = collapse(answers.astype(float)), rng.integers(2, size=300)
    probs = np.array([[1, 0, *[0.7, 0.3] * 3], [0, 1, *[0.2, 0.8] * 3]])
    start = _at_truth(patterns, np.array([0.5, 0.5]), probs)
    fitted = multigroup(start, Groups("brand", ("a", "b"), group))
    scores = group_scores(fitted, patterns, design(300, None))
    assert np.isnan(scores.item_test(0).p)
    assert np.isnan(largest_gap(scores, patterns, 0, 0.95)).all()
    assert scores.item_test(1).p > 0
