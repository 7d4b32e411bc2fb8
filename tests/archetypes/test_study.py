"""The study's steps: indicators, number of types, labels, balance, checks, words and figures."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import (
    NEEDS,
    checks,
    degrees,
    enumeration,
    figures,
    headlines,
    held_out,
)
from crmresearch.archetypes.balance import balance, kinds
from crmresearch.archetypes.differences import outcome_differences
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.mixes import mixes, tables
from crmresearch.archetypes.outcomes import outcome_means
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.types import find_types, profiles, separation, type_shares
from crmresearch.data.codebook import Variable
from crmresearch.errors import DataError, RequestError
from crmresearch.methods.proportions import wilson
from crmresearch.report.claims import claims
from crmresearch.report.estimates import find
from crmresearch.report.findings import conclude

from .conftest import customers


@pytest.fixture(scope="module")
def found(indicators):
    return enumeration.enumerate_classes(indicators, max_classes=5)


@pytest.fixture(scope="module")
def types(indicators, found):
    return find_types(indicators, found.chosen)


def sign(name, construct="", type="binary", **fields):
    return Variable(
        variable=name, label=name, type=type, roles=("indicator",), construct=construct, **fields
    )


def test_indicators_are_read_with_their_sides(indicators):
    assert indicators.sided
    assert indicators.of("positive").sum() == 4
    assert indicators.of("negative").sum() == 3
    assert indicators.patterns.n == 1200
    assert indicators.caveats == ()


def test_useless_and_repeated_indicators_are_told(make_survey):
    data, _, _ = customers(300, 2)
    survey = make_survey(
        300, 2,
        always=(np.ones(300), sign("always")),
        never=(np.full(300, np.nan), sign("never")),
        again=(data[:, 0], sign("again")),
    )  # fmt: skip
    read = read_indicators(survey)
    texts = [caveat.text for caveat in read.caveats]
    assert texts == [
        "2 indicators are left out, because all answers are the same or missing: always, never.",
        "“good 0” and “again” are answered almost alike (correlation 1.00): as two signs they "
        "count one feeling twice. Take the role from one of them.",
    ]
    assert len(read.variables) == 8


def test_the_type_of_an_indicator_settles_its_kind(make_survey):
    rng = np.random.default_rng(4)
    survey = make_survey(
        300,
        2,
        near=(rng.integers(1, 6, 300).astype(float), sign("near", type="scale", low=1, high=5)),
        visits=(rng.normal(10, 2, 300), sign("visits", type="number", low=0, high=20)),
    )
    found = read_indicators(survey)
    assert found.patterns.kinds == (*["nominal"] * 7, "ordinal", "continuous")
    assert_allclose(found.position[:, 8], survey.answers["visits"] / 20)


def test_text_is_refused_and_so_is_a_single_indicator(make_survey):
    words = pd.Series([f"word {row % 7}" for row in range(300)])
    survey = make_survey(300, 2, why=(words, sign("why", type="text")))
    with pytest.raises(DataError) as refused:
        read_indicators(survey)
    assert str(refused.value) == (
        "indicators of relationship types are categories (binary, scale or category, at most 30 "
        "answers) or numbers: 'why' is of type text. Group the answers, or take the role "
        "'indicator' from the column."
    )
    survey = make_survey(300, 2)
    kept = {k: v for k, v in survey.codebook.items() if k in ("good_0", "stay")}
    with pytest.raises(DataError) as refused:
        read_indicators(replace(survey, codebook=kept))
    assert str(refused.value) == (
        "relationship types need at least two indicators whose answers differ: found 1 among 1 "
        "with the role 'indicator'. Give the role to more columns of the codebook."
    )


def test_bic_chooses_the_true_number_and_names_the_runner_up(found):
    assert found.chosen.classes == 4
    frame = enumeration.criteria(found)
    assert frame["Types"].tolist() == [1, 2, 3, 4, 5]
    assert frame.loc[frame["BIC"].idxmin(), "Chosen"] == "chosen"
    assert (frame["Chosen"] == "runner-up").sum() == 1
    text = headlines.number.number_of_types(frame)
    gap = np.diff(np.sort(frame["BIC"]))[0]
    assert re.fullmatch(
        r"Four types describe the answers best by BIC; (three|five) types come next, "
        + re.escape(f"{gap:.2f} higher"),
        text,
    )


def test_the_number_can_be_asked_for(indicators):
    asked = enumeration.enumerate_classes(indicators, max_classes=4, classes=2)
    assert asked.chosen.classes == 2
    text = headlines.number.number_of_types(enumeration.criteria(asked))
    assert text == "Two types as asked for; BIC is lowest with four types"


def test_more_types_than_the_indicators_allow_are_refused_or_not_tried(make_survey):
    survey = make_survey(300, 2)
    names = ("good_0", "good_1", "bad_0", "stay")
    few = replace(survey, codebook={k: v for k, v in survey.codebook.items() if k in names})
    indicators = read_indicators(few)
    assert enumeration.most_classes(indicators) == 2
    with pytest.raises(RequestError) as refused:
        enumeration.enumerate_classes(indicators, classes=3)
    assert str(refused.value) == (
        "classes=3: 3 indicators answered by 300 respondents can tell at most 2 classes apart. "
        "Ask for fewer, or for 0 to let BIC choose."
    )
    tried = enumeration.enumerate_classes(indicators, max_classes=6)
    assert len(tried.models) == 2
    assert enumeration.enumeration_caveats(tried)[-1].key == "classes.room"


def test_a_lone_best_start_and_a_rising_number_are_caveats(found):
    lone = replace(found.chosen, replicated=1)
    keys = [x.key for x in enumeration.enumeration_caveats(replace(found, chosen=lone))]
    assert keys == ["classes.replication"]
    short = replace(found, models=found.models[:3], chosen=found.models[2], most=3)
    assert [x.key for x in enumeration.enumeration_caveats(short)] == ["classes.largest"]
    stuck = replace(found, chosen=replace(found.chosen, converged=False))
    assert [x.key for x in enumeration.enumeration_caveats(stuck)] == ["classes.convergence"]


def test_a_number_that_hangs_on_weights_counting_in_full_is_a_caveat(found):
    one, two = found.models[:2]

    def heavy(by):  # weights that leave one in `by` of the respondents
        patterns = replace(one.patterns, weighted=True, square=by * one.patterns.weight)
        few = replace(one, patterns=patterns)
        gain = 0.5 * (two.parameters - one.parameters) * np.log(one.patterns.total)
        more = replace(two, patterns=patterns, loglik=one.loglik + 1.5 * gain)
        return replace(found, models=(few, more), chosen=more, most=6)

    assert "classes.weights" not in [x.key for x in enumeration.enumeration_caveats(heavy(1.0))]
    caveats = enumeration.enumeration_caveats(heavy(3.0))
    told = next(x.text for x in caveats if x.key == "classes.weights")
    assert "lowest at 1 type." in told
    asked = replace(heavy(3.0), asked=2)
    assert "classes.weights" not in [x.key for x in enumeration.enumeration_caveats(asked)]


def test_labels_follow_the_rule_and_never_repeat(types):
    words = {label.partition(" ")[2] for label in types.labels}
    assert words == {"warm", "cool", "ambivalent", "negative"}
    assert len(set(types.labels)) == 4
    assert types.label_rule.startswith("Working labels follow from the profile by rule")


def test_without_sides_labels_name_what_is_distinct(make_survey):
    survey = make_survey(600, 4)
    book = {k: replace(v, construct="") for k, v in survey.codebook.items()}
    indicators = read_indicators(replace(survey, codebook=book))
    model = fit(indicators.patterns, 3, rng=np.random.default_rng(1))
    labels = find_types(indicators, model).labels
    assert len(set(labels)) == 3
    assert all(re.search(r"(more|less) (good|bad)_\d", label) for label in labels)
    assert balance(indicators) == []
    assert headlines.types.balance([]).startswith("Not in these data")


def test_shares_and_profiles_carry_the_model(types):
    shares = type_shares(types)
    assert_allclose(sum(item.value for item in shares), 1)
    assert all(item.low < item.value < item.high for item in shares)
    profile = profiles(types)
    overall = [item for item in profile if not item.group]
    assert len(overall) == 7
    assert len(profile) == 7 + 4 * 7
    first = [item for item in profile if item.group == f"type: {types.labels[0]}"]
    assert_allclose([item.value for item in first], types.model.probs[0, 1::2])
    assert all(item.low <= item.value <= item.high for item in first)
    total = sum(item.n for item in profile if item.group and item.key.endswith("good_0"))
    assert abs(total - 1200) <= 2
    entropy = find(separation(types), "type.entropy")
    assert entropy.low < entropy.value < entropy.high


def test_scales_and_categories_are_profiled_in_their_own_way(make_survey):
    _, kind, rng = customers(500, 6)
    scale = np.clip(np.round(5 - kind + rng.normal(0, 0.7, 500)), 1, 5)
    colour = pd.Categorical(np.where(kind > 1, "red", rng.choice(["red", "blue"], 500)))
    survey = make_survey(
        500, 6,
        close=(scale, sign("close", "positive", "scale", low=1.0, high=5.0)),
        colour=(colour, sign("colour", "", "category")),
    )  # fmt: skip
    indicators = read_indicators(survey)
    types = find_types(indicators, fit(indicators.patterns, 3, rng=np.random.default_rng(1)))
    at = {(item.key, item.group): item for item in profiles(types)}
    group = f"type: {types.labels[0]}"
    close = at["profile.positive.close", group]
    chances = types.model.probs[0][types.model.patterns.item == 7]
    assert_allclose(close.value, (chances @ np.arange(5)) / 4)
    assert 0 <= close.low < close.value < close.high <= 1
    blue, red = at["profile.sign.colour.1", group], at["profile.sign.colour.2", group]
    assert (blue.name, red.name) == ("colour: blue", "colour: red")
    assert_allclose(blue.value + red.value, 1)
    assert_allclose(blue.low + red.high, 1)


def test_balance_counts_each_side_apart(make_survey):
    survey = make_survey(4, 1)
    signs = [name for name in survey.answers if name.startswith(("good", "bad"))]
    survey.answers[signs] = np.array(
        [
            [1, 1, 0, 0, 0, 0, 0],  # half of the good signs: positive
            [1, 1, 1, 1, 1, 1, 0],  # both: ambivalent
            [0, 0, 0, 1, 0, 0, 1],  # neither: neutral
            [np.nan, np.nan, np.nan, 0, 1, 1, 1],  # too little said of the good signs
        ]
    )
    indicators = read_indicators(survey)
    assert kinds(indicators, 0.5).tolist() == ["positive", "ambivalent", "neutral", ""]
    assert kinds(indicators, 0.51)[0] == "neutral"
    found = balance(indicators)
    negative = find(found, "balance.negative")
    assert (negative.value, negative.n, negative.n_dropped) == (0.0, 3, 1)
    assert_allclose((negative.low, negative.high), wilson(0, 3))
    against = find(found, "balance.negative.benchmark")
    assert_allclose(against.value, -0.45)
    assert_allclose(against.high, negative.high - 0.45)


def test_the_smaller_middle_share_allows_for_having_been_picked(make_survey):
    survey = make_survey(60, 1)
    signs = [name for name in survey.answers if name.startswith(("good", "bad"))]
    answers = np.zeros((60, 7))
    answers[:20] = 1  # 20 ambivalent, 25 neutral, 15 positive
    answers[45:, :4] = 1
    survey.answers[signs] = answers
    found = balance(read_indicators(survey))
    middle = find(found, "balance.middle")
    assert (middle.value, middle.name.rpartition(" ")[2]) == (20 / 60, "ambivalent")
    assert_allclose(middle.low, wilson(20, 60)[0])
    assert_allclose(middle.high, wilson(20, 60, level=0.975)[1])
    assert middle.high > find(found, "balance.ambivalent").high


def test_checks_find_dependence(make_survey):
    rng = np.random.default_rng(13)
    kind = rng.random(2000) < 0.4
    answers = (rng.random((2000, 7)) < np.where(kind[:, None], 0.85, 0.15)).astype(float)
    echo = np.where(rng.random(2000) < 0.5, answers[:, 5], answers[rng.permutation(2000), 5])
    survey = make_survey(2000, 13, echo=(echo, sign("echo", "negative")))
    survey.answers.iloc[:, :7] = answers
    indicators = read_indicators(survey)
    model = fit(indicators.patterns, 2, rng=np.random.default_rng(1))
    residual, largest = checks.pair_residuals(model)
    assert set(np.unravel_index(residual.argmax(), residual.shape)) == {5, 7}
    assert_allclose(residual, residual.T)
    assert residual[5, 7] > 50
    assert largest[5, 7] > 0.02
    assert np.delete(np.delete(residual, 5, 0), 5, 1).max() < 10
    found = {x.key: x.text for x in checks.type_caveats(find_types(indicators, model))}
    assert found["types.dependence"].startswith("1 pair of signs goes together more, or less, ")
    assert "“bad 1” with “echo”" in found["types.dependence"]


def test_types_of_different_kinds_raise_no_alarm(types):
    assert [caveat.key for caveat in checks.type_caveats(types)] == []


def test_the_number_of_dots_and_their_places(types, survey):
    profile = profiles(types)
    figure = Figure()
    caption = figures.types.profiles(profile, figure)
    panels = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in panels] == list(types.labels)
    dots = [line for line in panels[0].lines if line.get_marker() in ("o", "s")]
    placed = sorted((row, share) for line in dots for share, row in line.get_xydata())
    assert_allclose([share for _, share in placed], types.model.probs[0, 1::2])
    [squares] = [line for line in dots if line.get_marker() == "s"]
    assert len(squares.get_xdata()) == 3  # the negative signs
    assert caption.startswith("Circles are positive signs, squares negative ones. The grey tick")
    loyalty = outcome_means(types, survey, ("loyalty",))
    figure = Figure()
    caption = figures.outcomes.means(loyalty, figure)
    [dots] = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert_allclose(
        dots.get_xdata(),
        [item.value for item in loyalty if item.key == "loyalty.bch"],
    )
    assert "squares those of likeliest types" in caption


def test_the_choice_is_ringed(found):
    frame = enumeration.criteria(found)
    figure = Figure()
    caption = figures.number.criteria(frame, figure)
    ring = next(line for line in figure.axes[0].lines if line.get_markersize() == 15)
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (4, frame["BIC"].min())
    assert caption.startswith(f"BIC is {frame['BIC'].min():,.2f} with 4 types, the number chosen")


def test_headlines_say_what_the_estimates_say(types, survey, indicators):
    text = headlines.outcomes.means(outcome_means(types, survey))
    assert re.fullmatch(
        r"The types differ clearly in loyalty: loyalty is highest in type \d warm, 5\.\d\d, "
        r"and lowest in type \d negative, [23]\.\d\d",
        text,
    )
    gaps = outcome_differences(types, survey, "loyalty")
    assert headlines.outcomes.differences(gaps, "loyalty").startswith("6 of 6 pairs of types")
    shares = type_shares(types)
    assert headlines.types.shares(shares).startswith(
        f"Of four types the largest is {types.labels[0]} with "
    )
    sides = balance(indicators)
    assert " of relationships are negative, " in headlines.types.balance(sides)
    brands = mixes(types, tables(types, survey))
    assert headlines.mix.mix(brands).startswith("The mix is not shown to differ between groups")
    profile = headlines.types.profiles(profiles(types))
    assert re.match(r"“(good|bad) \d” divides the types most: ", profile)
    for draw, data in (
        (figures.types.shares, shares),
        (figures.types.balance, sides),
        (figures.outcomes.differences, gaps),
        (figures.mix.mix, brands),
    ):
        assert draw(data, Figure()).endswith(".")


def test_what_is_not_in_the_data_is_said():
    assert headlines.outcomes.means([]) == (
        "Not in these data: outcomes to compare between several types"
    )
    assert headlines.mix.mix([]).startswith("Not in these data: several types, and several groups")
    assert headlines.outcomes.differences([], "loyalty").startswith("Not in these data")
    assert headlines.types.shares([]) == "No type is large enough to show"


def test_each_claim_is_decided_by_an_estimate_of_the_study(found, types, indicators, survey):
    held = held_out.hold_out(found, indicators)
    results = [
        separation(types),
        held_out.gain_over_one(found, held),
        degrees.degrees(degrees.compare(found, held)),
        balance(indicators),
        outcome_differences(types, survey, "loyalty"),
    ]
    findings = conclude(claims("archetypes", sesoi=0.25), *results)
    verdicts = {item.claim.id: item.verdict for item in findings}
    assert verdicts["several-types"] == "supported"
    assert verdicts["kinds-not-degrees"] == "supported"
    assert verdicts["sharp-types"] != "not testable here"
    assert verdicts["loyalty-differs"] == "supported"
    assert verdicts["positive-more-loyal"] == "supported"
    assert verdicts["negative-share"] == "contradicted"
    assert all("{" not in item.sentence for item in findings)
    assert all(item.claim.references for item in findings)


def test_weights_and_clusters_reach_the_intervals(make_survey):
    rng = np.random.default_rng(3)
    weight = Variable(variable="w", label="w", type="number", roles=("weight",))
    account = Variable(variable="a", label="a", type="id", roles=("account",))
    survey = make_survey(
        600, 3,
        w=(rng.uniform(0.2, 3, 600), weight),
        a=(pd.Series([f"A{number // 3}" for number in range(600)], dtype="str"), account),
    )  # fmt: skip
    indicators = read_indicators(survey)
    assert indicators.design.words == "weighted, clustered by account"
    types = find_types(indicators, fit(indicators.patterns, 3, rng=np.random.default_rng(1)))
    share = type_shares(types)[0]
    assert "weighted, clustered by account, sandwich" in share.method
    plain = collapse(survey.answers.filter(regex="good|bad"))
    assert plain.total == 600
    assert_allclose(indicators.patterns.total, 600)


def test_needs_name_roles_that_exist():
    from crmresearch.data.roles import ROLES

    assert NEEDS.required == (("indicator", "experienced", "relationship"),)
    assert set(NEEDS.optional) <= set(ROLES)


def test_the_title_lists_every_claim():
    notebook = Path(__file__).resolve().parents[2] / "notebooks" / "archetypes.ipynb"
    [title, *_] = nbformat.read(notebook, as_version=4).cells
    [listed] = re.findall(r"\*\*Claims\.\*\* .*?: (.*)", title.source)
    assert listed.count(";") + 1 == len(claims("archetypes", sesoi=0.25))


def test_the_name_of_a_mark_at_the_last_number_keeps_clear_of_the_lines(indicators):
    table = enumeration.criteria(enumeration.enumerate_classes(indicators, max_classes=2))
    figure = Figure()
    figures.number.criteria(table, figure)
    marked = next(x for x in figure.axes[0].texts if x.get_text() == "chosen")
    assert marked.get_horizontalalignment() == "right"
