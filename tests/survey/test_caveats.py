"""Caveats fire where they should and stay silent elsewhere; claims name estimates that exist."""

import dataclasses

import numpy as np

from crmresearch.data.codebook import About
from crmresearch.data.load import load
from crmresearch.data.survey import Survey
from crmresearch.report.claims import claims
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import conclude
from crmresearch.survey import (
    NEEDS,
    accounts,
    associations,
    caveats,
    change,
    coverage,
    drivers,
    metrics,
    missingness,
    mix,
    quality,
    robustness,
    scales,
    segments,
    structure,
)


def keys(found):
    return [item.key for item in found]


def test_few_respondents_weights_and_accounts(make):
    assert keys(caveats.sample(make(60, keep="recommend"))) == []
    found = caveats.sample(make(20))
    assert keys(found) == ["sample.small", "sample.weights", "sample.clusters"]
    assert found[0].text.startswith("Only 20 respondents answered")
    assert "7 accounts" in found[2].text


def test_response_is_told_where_the_invited_are_known(make):
    survey = make(60, keep="recommend")
    asked = Survey(
        answers=survey.answers, codebook=survey.codebook, about=About(title="T", invited=240)
    )
    [found] = caveats.sample(asked)
    assert found.text.startswith("60 of 240 invited answered (25.0%)")


def test_unreliable_scales_are_named():
    poor = Estimate(
        key="omega.loyalty",
        name="loyalty, omega",
        value=0.47,
        low=0.34,
        high=0.58,
        unit="coefficient",
        n=250,
        method="",
    )
    [found] = caveats.scales([poor])
    assert found.key == "scale.loyalty.unreliable"
    assert "omega 0.47 (95% CI 0.34 to 0.58)" in found.text
    unsure = dataclasses.replace(poor, high=0.75)
    assert keys(caveats.scales([unsure])) == ["scale.loyalty.doubtful"]
    assert caveats.scales([dataclasses.replace(poor, value=0.8, low=0.75, high=0.84)]) == []


def test_ordinal_reliability_is_warned_of(make):
    assert keys(caveats.scales(scales.reliability(make(200), ordinal=True)))[-1] == "scale.ordinal"
    assert "scale.ordinal" not in keys(caveats.scales(scales.reliability(make(200))))


def test_scales_of_several_dimensions_are_named():
    number = Estimate(
        key="dimensions.trust",
        name="Dimensions of trust",
        value=2,
        low=2,
        high=3,
        unit="count",
        n=250,
        method="",
    )
    [found] = caveats.scales([], [number])
    assert found.key == "scale.trust.dimensions"
    assert found.text.startswith("The answers to “trust” have 2 (95% CI 2 to 3) dimensions")
    assert caveats.scales([], [dataclasses.replace(number, low=1)]) == []
    together = dataclasses.replace(number, key="dimensions.together")
    assert caveats.scales([], [together]) == []


def test_missing_answers_and_suspicious_ones(make):
    frame = make().answers.copy()
    frame.loc[:19, "drv1"] = np.nan
    frame.loc[:9, "seconds"] = 1.0
    survey = make(frame=frame)
    found = caveats.answers(quality.checks(survey), missingness.missing(survey))
    assert keys(found) == ["quality.speeders", "answers.missing"]
    weights = drivers.explain(survey, seed=1, resamples=20)
    incomplete, few = caveats.drivers(weights)
    assert few.key == "drivers.few"
    assert incomplete.text.startswith("Only 40 of 60 respondents rated every driver")
    assert keys(caveats.drivers(drivers.explain(make(), seed=1, resamples=20))) == ["drivers.few"]
    assert caveats.drivers(drivers.explain(make(200), seed=1, resamples=20)) == []
    assert caveats.drivers(None) == []


def test_associations_are_warned_of_where_they_are_made(make):
    assert keys(caveats.design(make(keep="sat1 drv1"))) == ["design.associations"]
    assert caveats.design(make(keep="sat1")) == []


def test_every_claim_is_decided_by_an_estimate_of_the_study():
    survey = load("telecom")
    people = accounts.people(survey)
    # the demo's weights restore the segments, so that its own change says nothing of their mix
    unraked = dataclasses.replace(survey, about=dataclasses.replace(survey.about, margins={}))
    found = conclude(
        claims("survey"),
        metrics.net_promoter(survey),
        scales.reliability(survey),
        structure.fit(structure.measurement(survey)),
        robustness.sensitivity(survey),
        associations.correlations(survey),
        segments.widest_gaps(survey),
        change.between_waves(survey),
        mix.decomposition(unraked),
        drivers.importance(survey, drivers.explain(survey, seed=1, resamples=50)),
        accounts.agreement(people, seed=1),
        coverage.coverage(people),
        coverage.hidden(people, influential=0.7),
    )
    assert [item.claim.id for item in found if item.verdict == "not testable here"] == []
    assert all("{" not in item.sentence for item in found)


def test_the_study_needs_one_measure():
    assert NEEDS.missing({"recommend"}) == []
    assert NEEDS.missing({"driver"}) != []
