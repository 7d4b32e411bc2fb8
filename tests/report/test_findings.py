"""Verdicts: what an interval allows under each rule, and nothing more."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.report.claims import RULES, claims
from crmresearch.report.findings import VERDICTS, conclude, verdict

from .examples import claim, estimate

SIZES = st.floats(-10, 10).map(lambda x: round(x, 3))
BOUNDS = st.floats(0.01, 5).map(lambda x: round(x, 3))
SYMMETRIC = ["equivalent", "differs"]


@pytest.mark.parametrize(
    ("rule", "bound", "low", "high", "expected"),
    [
        ("above", 0.7, 0.71, 0.9, "supported"),
        ("above", 0.7, 0.70, 0.9, "inconclusive"),
        ("above", 0.7, 0.5, 0.69, "contradicted"),
        ("below", 0.0, -2.0, -0.1, "supported"),
        ("below", 0.0, -2.0, 0.1, "inconclusive"),
        ("below", 0.0, 0.1, 2.0, "contradicted"),
        ("superior", 0.2, 0.01, 0.5, "supported"),
        ("superior", 0.2, 0.01, 0.19, "contradicted"),
        ("superior", 0.2, -0.1, 0.3, "inconclusive"),
        ("superior", 0.2, -0.3, -0.1, "contradicted"),
        ("equivalent", 0.2, -0.19, 0.19, "supported"),
        ("equivalent", 0.2, -0.1, 0.3, "inconclusive"),
        ("equivalent", 0.2, 0.21, 0.3, "contradicted"),
        ("equivalent", 0.2, -0.5, -0.21, "contradicted"),
        ("equivalent", 0.2, -5.0, 5.0, "inconclusive"),
        ("differs", 0.2, 0.1, 0.5, "supported"),
        ("differs", 0.2, -0.5, -0.01, "supported"),
        ("differs", 0.2, 0.01, 0.19, "contradicted"),
        ("differs", 0.2, -0.1, 0.1, "contradicted"),
        ("differs", 0.2, -0.3, 0.1, "inconclusive"),
        ("above", 0.0, math.nan, math.nan, "not testable here"),
        ("equivalent", 0.2, math.nan, 0.1, "not testable here"),
    ],
)
def test_a_rule_decides(rule, bound, low, high, expected):
    assert verdict(claim(rule, bound), low, high) == expected


@given(st.sampled_from(sorted(RULES)), BOUNDS, st.lists(SIZES, min_size=4, max_size=4))
def test_more_precision_never_turns_one_verdict_into_the_other(rule, bound, ends):
    """An interval inside another may decide what the wider one left open, not overturn it.

    "superior" and "differs" are the exception by design: a clear but tiny difference turns from
    supported to contradicted when the interval shrinks below the smallest effect of interest.
    """
    outer_low, low, high, outer_high = sorted(ends)
    wide = verdict(claim(rule, bound), outer_low, outer_high)
    narrow = verdict(claim(rule, bound), low, high)
    if wide == "contradicted" or (wide == "supported" and rule not in {"superior", "differs"}):
        assert narrow == wide


@given(st.sampled_from(SYMMETRIC), BOUNDS, SIZES, SIZES)
def test_a_symmetric_rule_does_not_know_the_sign(rule, bound, one, other):
    low, high = sorted((one, other))
    assert verdict(claim(rule, bound), low, high) == verdict(claim(rule, bound), -high, -low)


@given(SIZES, SIZES, SIZES)
def test_above_and_below_are_mirrors(bound, one, other):
    low, high = sorted((one, other))
    assert verdict(claim("above", bound), low, high) == verdict(claim("below", -bound), -high, -low)


@given(BOUNDS, st.floats(0.001, 5), st.floats(0.001, 5))
def test_an_interval_that_spans_every_bound_decides_nothing(bound, left, right):
    low, high = -bound - left, bound + right
    for rule in ("superior", "equivalent", "differs"):
        assert verdict(claim(rule, bound), low, high) == "inconclusive"


def test_a_finding_says_the_computed_numbers():
    [finding] = conclude([claim()], [estimate(value=-8.0, low=-11.6, high=-4.4)])
    assert finding.verdict == "contradicted"
    assert finding.sentence == (
        "The score is −8.0 points (95% CI −11.6 to −4.4), 8.0 points (95% CI 4.4 to 11.6) lower, "
        "less, n = 2,394."
    )
    assert (
        finding.rule == "supported when the whole interval lies above 0, contradicted when below it"
    )


def test_the_rule_shows_its_bound_in_the_unit_of_the_estimate():
    share = estimate(unit="share", value=0.5, low=0.4, high=0.6)
    [finding] = conclude([claim(bound=0.5)], [share])
    assert "lies above 50%," in finding.rule
    [finding] = conclude([claim(bound=-2.5)], [estimate()])
    assert "lies above −2.5 points," in finding.rule


def test_causal_words_only_for_randomised_arms():
    both = claim(says="is associated with {estimate}", says_causal="raises it by {estimate}")
    observed, randomised = estimate(), estimate(randomised=True)
    assert conclude([both], [observed])[0].sentence.startswith("is associated with")
    assert conclude([both], [randomised])[0].sentence.startswith("raises it by")


def test_a_missing_or_hidden_estimate_makes_a_claim_untestable():
    part = estimate(group="brand: Aster")
    hidden = estimate(value=math.nan, low=math.nan, high=math.nan, n=0)
    for results in ([], [part], [hidden]):
        [finding] = conclude([claim()], results)
        assert finding.verdict == "not testable here"
        assert finding.sentence == "These data lack what this claim needs."
    [finding] = conclude([claim()], [], why_not="There is one wave only.")
    assert finding.sentence == "There is one wave only."


@pytest.mark.parametrize(
    ("change", "message"),
    [({"rule": "nice"}, "rule 'nice' is not one of"), ({"bound": math.nan}, "not a finite number")],
)
def test_a_wrong_claim_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        claim(**change)


@pytest.mark.parametrize("study", ["survey", "recovery", "archetypes"])
def test_every_claim_of_a_study_is_explained_and_can_be_said(study):
    for item in claims(study):
        assert item.statement
        assert item.evidence
        shared = {
            "key": item.decided_by,
            "value": -1.0,
            "low": -2.0,
            "high": -0.5,
            "unit": "number",
        }
        for randomised in (False, True):
            [finding] = conclude([item], [estimate(**shared, randomised=randomised)])
            assert finding.verdict in VERDICTS
            assert "{" not in finding.sentence


@pytest.mark.parametrize("value", [-0.001, 0.0, 0.004])
def test_an_effect_that_rounds_to_zero_has_no_direction(value):
    said = claim(says="They are {size} {more} loyal, it is {higher}.")
    found = estimate(value=value, low=-0.17, high=0.16, unit="SD")
    assert conclude([said], [found])[0].sentence == (
        "They are 0.00 SD (95% CI −0.17 to 0.16) more or less loyal, it is higher or lower."
    )


def test_an_effect_that_shows_keeps_its_direction():
    said = claim(says="They are {size} {more} loyal.")
    found = estimate(value=-0.006, low=-0.17, high=0.16, unit="SD")
    sentence = conclude([said], [found])[0].sentence
    assert sentence == "They are 0.01 SD (95% CI −0.16 to 0.17) less loyal."


def test_the_rule_names_the_unit_of_its_bound():
    found = estimate(value=0.1, low=0.0, high=0.15, unit="SD")
    assert "±0.2 SD" in conclude([claim("equivalent", 0.2)], [found])[0].rule


def test_a_finding_on_a_failing_scale_says_so():
    sound = estimate(key="k", name="Satisfaction and loyalty", value=0.5, low=0.4, high=0.6)
    failing = estimate(key="k", name="Satisfaction and loyalty†", value=0.5, low=0.4, high=0.6)
    asked = [claim(decided_by="k", says="{name} go together: {estimate}.")]
    [plain], [marked] = conclude(asked, [sound]), conclude(asked, [failing])
    assert marked.verdict == plain.verdict
    assert marked.sentence == f"{plain.sentence} † It rests on a scale that fails: see the caveats."
