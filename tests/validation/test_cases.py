"""Reference cases: that they are met, and that a wrong number of ours would not be."""

import json
import math
import tomllib
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from crmresearch import cli
from crmresearch.methods import proportions, scales
from crmresearch.report.claims import claims
from crmresearch.report.findings import conclude
from crmresearch.validation import cases, cases_survey, console, figures, headlines
from crmresearch.validation.cases import Case, Outcome


@pytest.fixture(scope="module")
def outcomes() -> dict[str, list[Outcome]]:
    return {study: cases.validate(study) for study in cases.studies()}


@pytest.fixture
def quick(monkeypatch):
    """The survey study's cases of shares, scales and drivers, without those that take long."""
    every = cases.cases
    left_out = {"leave_one_out", "polychoric_pairs", "ordinal_reliability", "dimensions_of_items"}
    asked = ("cases_survey", "cases_survey_reliability", "cases_survey_drivers")
    monkeypatch.setattr(
        cases,
        "cases",
        lambda study: [x for x in every(study) if x.module in asked and x.call not in left_out],
    )


def case(**changes) -> Case:
    example = Case(
        id="wilson.example.low",
        study="survey",
        subject="Shares",
        quantity="Share of 81 in 263",
        part="low",
        module="cases_survey",
        call="wilson",
        given={"successes": 81, "n": 263},
        published=0.25,
        tolerance=0.005,
        source="a book",
    )
    return replace(example, **changes)


def test_every_reference_number_is_reproduced(outcomes):
    missed = {
        one.case.id: (one.case.published, one.ours, one.trouble)
        for items in outcomes.values()
        for one in items
        if not one.passed
    }
    assert missed == {}


def test_the_three_studies_have_cases(outcomes):
    assert set(outcomes) >= {"archetypes", "recovery", "survey"}
    assert all(len(items) >= 40 for items in outcomes.values())


def test_identities_are_unique_and_every_case_is_described():
    every = [one for study in cases.studies() for one in cases.cases(study)]
    identities = [(one.study, one.id) for one in every]
    assert len(set(identities)) == len(identities)
    for one in every:
        assert one.quantity, one.id
        assert one.source, one.id
        assert one.tolerance > 0, one.id
        assert math.isfinite(one.published), one.id


@pytest.mark.parametrize("path", sorted(cases.FOLDER.glob("cases_*.toml")), ids=lambda x: x.stem)
def test_every_source_that_is_listed_is_used(path):
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    used = {entry["source"] for entry in content["case"] if "source" in entry}
    assert used == set(content.get("source", {}))


def test_tolerance_is_half_a_unit_of_the_last_printed_digit():
    printed = {one.id: one.tolerance for one in cases.cases("survey")}
    assert printed["wilson.81-263.low"] == 0.00005
    assert printed["nps.variance.standard_error"] == 0.005
    assert printed["newcombe.56-70.48-80.difference"] == 0.00005  # printed as .2000


def test_a_wrong_estimator_is_caught(quick, monkeypatch):
    """Clopper-Pearson in place of Wilson: off in the third decimal."""

    def exact(successes, n, *, level=0.95):
        return proportions.proportion_confint(successes, n, alpha=1 - level, method="beta")

    monkeypatch.setattr(proportions, "wilson", exact)
    missed = {one.case.id for one in cases.validate("survey") if not one.passed}
    assert {"wilson.81-263.low", "wilson.15-148.high", "nps.golden.promoters_low"} <= missed
    assert not any(identity.startswith(("alpha", "drivers")) for identity in missed)


def test_an_estimator_that_raises_fails_its_own_cases_only(quick, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("no respondents")

    monkeypatch.setattr(scales, "omega_total", broken)
    missed = [one for one in cases.validate("survey") if not one.passed]
    assert {one.case.call for one in missed} == {"omega", "omega_design"}
    assert missed[0].trouble == "ZeroDivisionError: no respondents"
    assert missed[0].of_tolerance == math.inf


def test_a_number_that_our_function_does_not_give_is_a_miss(quick, monkeypatch):
    monkeypatch.setattr(cases_survey, "wilson", lambda successes, n: {"low": 0.5})
    troubles = {one.case.id: one.trouble for one in cases.validate("survey")}
    assert troubles["wilson.81-263.high"] == "wilson gives no 'high', only low"


def test_a_case_without_a_function_is_a_miss(quick, monkeypatch):
    monkeypatch.delattr(cases_survey, "omega")
    [missed] = [one for one in cases.validate("survey") if not one.passed]
    assert missed.trouble == "cases_survey.py has no function 'omega'"


@pytest.mark.parametrize(
    ("ours", "passed"), [(0.2549, True), (0.2451, True), (0.2551, False), (math.nan, False)]
)
def test_outcome_passes_within_its_tolerance(ours, passed):
    assert Outcome(case=case(), ours=ours).passed is passed


def test_summary_tells_the_worst_and_decides_the_claim():
    good, bad = Outcome(case=case(), ours=0.251), Outcome(case=case(), ours=0.26)
    met, worst = cases.summary("survey", [good, bad])
    assert (met.value, met.n) == (0.5, 2)
    assert worst.value == pytest.approx(2)
    [found, *_] = conclude(claims("validation"), [met, worst], min_cell=1)
    assert found.verdict == "contradicted"
    assert found.sentence == (
        "The largest difference from 2 reference numbers is 2.00 of what their printed digits or "
        "tolerance allow, where 1 is the limit."
    )
    [found, *_] = conclude(claims("validation"), cases.summary("survey", [good]), min_cell=1)
    assert found.verdict == "supported"


def test_every_claim_is_decided_by_a_study_with_cases(outcomes):
    decided = {claim.decided_by for claim in claims("validation")}
    made = {one.key for study, items in outcomes.items() for one in cases.summary(study, items)}
    assert decided <= made
    assert len(decided) == len(outcomes)


def test_no_case_at_all_decides_nothing():
    [met, worst] = cases.summary("survey", [])
    assert math.isnan(met.value)
    found = conclude(claims("validation"), [met, worst])[0]
    assert found.verdict == "not testable here"
    assert headlines.met([]) == "There is no reference number yet"
    assert cases.as_frame([]).empty


def test_table_is_written_to_what_the_tolerance_carries():
    """Noise of the last bits would change with the processor."""
    golden = case(published=0.81345666626, tolerance=1e-6)
    small = case(published=8.82923804546e-09, tolerance=1e-6)
    frame = cases.as_frame(
        [
            Outcome(case=golden, ours=0.8134566662603087),
            Outcome(case=golden, ours=0.8134599),
            Outcome(case=small, ours=8.8292380454552e-09),
            Outcome(case=golden, ours=math.nan),
        ]
    )
    assert frame["Ours"].tolist()[:3] == [0.8134567, 0.8134599, 8.83e-09]
    assert frame["Difference"].tolist()[:3] == [0.0, 3.2e-06, 0.0]
    assert frame["In tolerances"].iloc[3] == math.inf
    assert frame["Within"].tolist() == ["yes", "no", "yes", "no"]


def test_headline_names_what_is_missed():
    good, bad = Outcome(case=case(), ours=0.251), Outcome(case=case(), ours=0.26)
    assert headlines.met([good]) == ("The 1 reference number of the survey study is reproduced")
    assert headlines.met([good, bad]) == (
        "1 of 2 reference numbers of the survey study is missed: wilson.example.low"
    )


def test_caveats_say_what_is_off():
    bad = Outcome(case=case(), ours=0.26)
    raised = Outcome(case=case(), ours=math.nan, trouble="ZeroDivisionError: no respondents")
    good = Outcome(case=case(), ours=0.251)
    assert [item.text for item in cases.caveats([good, bad, raised])] == [
        "Share of 81 in 263, low: ours is 0.26, the reference 0.25.",
        "Share of 81 in 263, low: no number could be computed (ZeroDivisionError: no respondents).",
    ]


def test_figure_sets_misses_apart():
    frame = cases.as_frame(
        [Outcome(case=case(), ours=0.251), Outcome(case=case(subject="Means"), ours=0.27)]
    )
    figure = Figure()
    caption = figures.differences(frame, figure)
    within, beyond = figure.axes[0].lines[-2:]
    assert list(within.get_xdata()) == pytest.approx([0.2])
    assert list(beyond.get_xdata()) == pytest.approx([4.0])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["Shares", "Means"]
    figure.draw_without_rendering()
    powers = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert {"10⁻⁹", "10¹"} <= set(powers)
    assert caption == (
        "1 of 2 differences lie within their tolerance (shaded). The largest, 4.00 of the "
        "tolerance, is that of Share of 81 in 263: low."
    )


def test_command_prints_every_case_and_ends_well(outcomes, monkeypatch, capsys):
    monkeypatch.setattr(console, "validate", outcomes.__getitem__)
    with pytest.raises(SystemExit) as ended:
        cli.main(["validate", "--json"])
    assert not ended.value.code
    printed = json.loads(capsys.readouterr().out)
    assert len(printed) == sum(len(cases.cases(study)) for study in cases.studies())
    assert all(one["passed"] for one in printed)


def test_command_fails_when_a_case_does(quick, monkeypatch, capsys):
    monkeypatch.setattr(cases_survey, "wilson", lambda successes, n: {"low": 0.5, "high": 0.6})
    with pytest.raises(SystemExit) as ended:
        cli.main(["validate"])
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    assert "8 of " in printed
    assert "missed." in printed
