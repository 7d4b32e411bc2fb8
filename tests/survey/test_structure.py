"""The scales' model, HTMT and comparability of groups: what is given, left out, told and noted."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmresearch.data.codebook import About, Variable
from crmresearch.data.load import load
from crmresearch.data.survey import Survey
from crmresearch.report.estimates import Estimate, find
from crmresearch.survey import NEEDS, caveats, figures, flags, headlines, structure, verdicts
from crmresearch.survey.comparability import comparability
from crmresearch.survey.headlines.wording import ABSENT
from crmresearch.survey.verdicts import failing_scales, grouping, standing, verdict

ITEMS = {
    **{f"sat{place}": ("satisfaction", "satisfaction") for place in (1, 2, 3)},
    **{f"tru{place}": ("item", "trust") for place in (1, 2, 3)},
    **{f"han{place}": ("recovery_satisfaction", "handling") for place in (1, 2)},
}


def survey(
    n: int = 800,
    *,
    shift: float = 0.0,
    between: float = 0.5,
    keep: tuple[str, ...] = tuple(ITEMS),
    change=lambda frame: frame,
) -> Survey:
    """Two scales and one that a fifth was asked; the second wave answers tru2 `shift` higher."""
    rng = np.random.default_rng(9)
    moods = rng.normal(size=(n, 2)) @ np.linalg.cholesky([[1, between], [between, 1]]).T
    wave = np.arange(n) % 2
    columns = {}
    for name, (role, _) in ITEMS.items():
        mood = moods[:, 0 if role != "item" else 1]
        raw = 4 + 1.1 * mood + 0.8 * rng.normal(size=n)
        raw += shift * (wave == 1) * (name == "tru2")
        columns[name] = np.clip(np.rint(raw), 1, 7)
    asked = np.arange(n) % 5 == 0
    for name in ("han1", "han2"):
        columns[name] = np.where(asked, columns[name], np.nan)
    waves = ["2025", "2026"]
    columns["wave"] = pd.Categorical([waves[w] for w in wave], categories=waves)
    frame = change(pd.DataFrame(columns))
    book = {
        name: Variable(
            variable=name,
            label=f"Question {name}",
            type="scale",
            roles=(role,),
            construct=construct,
            low=1.0,
            high=7.0,
        )
        for name, (role, construct) in ITEMS.items()
        if name in keep
    }
    book["wave"] = Variable(variable="wave", label="Wave: year", type="category", roles=("wave",))
    return Survey(answers=frame[list(book)], codebook=book, about=About(title="Test"))


@pytest.fixture(scope="module")
def usual():
    answers = survey()
    model = structure.measurement(answers)
    return answers, model, structure.fit(model), structure.discriminant(model)


def test_scales_become_factors_and_what_few_were_asked_is_left_out(usual):
    _, model, _, _ = usual
    assert model.scales == {"satisfaction": "satisfaction", "trust": "trust"}
    assert model.left_out == ["handling"]
    assert "Asked of some only and left out: handling" in structure.note(model)
    assert model.factor == [0, 0, 0, 1, 1, 1]
    assert model.trouble == ""


def test_fit_has_its_conventions_in_words_and_every_loading(usual):
    _, model, found, _ = usual
    keys = [item.key for item in found]
    assert keys[:6] == [
        "fit.rmsea", "fit.cfi", "fit.tli", "fit.srmr", "fit.chi2", "fit.chi2.normal",
    ]  # fmt: skip
    assert keys[6] == "loading.satisfaction.sat1"
    assert len(keys) == 12
    rmsea = found[0]
    assert rmsea.level == 0.90
    assert rmsea.low <= rmsea.value <= rmsea.high
    assert rmsea.name == "RMSEA (at most .06 by convention)"
    assert all(item.low < item.value < item.high for item in found[6:])
    assert all(item.n == 800 for item in found)
    title = headlines.structure.fit(found, model.trouble)
    assert title.startswith("The model of the scales meets all of the 4 conventions of good fit")


def test_validity_is_told_and_drawn(usual):
    _, model, _, pairs = usual
    shared = structure.convergent(model)
    assert [item.key for item in pairs] == ["htmt.satisfaction.trust"]
    assert [item.key for item in shared] == [
        "ave.satisfaction", "ave.trust", "cr.satisfaction", "cr.trust",
    ]  # fmt: skip
    assert 0.4 < pairs[0].value < 0.65
    title = headlines.structure.validity([*pairs, *shared])
    assert title.startswith("All scales are told apart; the closest are satisfaction and trust")
    caption = figures.structure.pairs([*pairs, *shared], Figure())
    assert caption.startswith("1 of 1 pair of scales have an interval wholly below .85")


def test_scales_that_are_one_are_not_told_apart():
    answers = survey(between=0.999)
    model = structure.measurement(answers)
    pairs = structure.discriminant(model)
    assert pairs[0].low > structure.HTMT_ONE
    assert headlines.structure.validity(pairs).startswith("Not told apart by these questions")
    first = comparability(answers, model)[0]
    assert "; no proper solution: “satisfaction” and “trust” are correlated" in first.method
    keys = [item.key for item in caveats.structure(model, pairs, [])]
    assert "structure.one" in keys


def test_waves_that_answer_alike_are_comparable(usual):
    answers, model, _, _ = usual
    found = comparability(answers, model)
    assert [verdict(found, "wave", step) for step in ("metric", "scalar")] == ["holds", "holds"]
    assert standing(found, "wave") == "holds"
    assert failing_scales(found, "wave") == {}
    assert grouping(found, "wave") == "Wave, year"
    assert caveats.incomparable(found, "wave", "satisfaction", "trust", note="As is.") == "As is."
    assert headlines.structure.comparability(found) == (
        "The questions work alike across Wave, year"
    )
    assert find(found, "invariance.wave.scalar").level == 0.90


def test_a_scale_that_works_otherwise_in_one_wave_is_flagged_and_no_other():
    answers = survey(2_000, shift=1.2)
    model = structure.measurement(answers)
    found = comparability(answers, model)
    assert verdict(found, "wave", "scalar") == "fails"
    assert failing_scales(found, "wave") == {"trust": "trust"}
    note = caveats.incomparable(found, "segment, wave", "satisfaction", "trust", note="First.")
    assert note.startswith("First. The questions on trust do not work alike across Wave, year")
    assert caveats.incomparable(found, "wave", "satisfaction") == ""
    [caveat] = caveats.structure(model, structure.discriminant(model), found)
    assert caveat.key == "structure.wave.incomparable"
    release = find(found, "invariance.wave.scalar.release")
    assert "intercept of “Question tru2” in 2026" in release.name
    assert release.low < 1.2 < release.high
    caption = figures.structure.steps(found, Figure())
    assert "Wave, year: same intercepts" in caption
    assert "Across Wave, year the questions do not work alike (those on trust)" in (
        headlines.structure.comparability(found)
    )


def test_small_groups_are_not_compared():
    answers = survey(150)
    model = structure.measurement(answers)
    assert comparability(answers, model) == []
    assert headlines.structure.comparability([]).startswith(ABSENT)
    large = survey(800)
    assert comparability(large, structure.measurement(large), min_cell=500) == []


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (lambda frame: frame.assign(sat1=4.0), "everybody answered “Question sat1” alike"),
        (lambda frame: frame.assign(sat2=frame["sat1"]), "“Question sat1” and “Question sat2” say"),
        (lambda frame: frame[1:2], "6 items need at least 7 complete answers"),
        (lambda frame: frame[1:13], "12 complete answers are fewer than the model's 19"),
    ],
)
def test_answers_that_carry_no_model_are_told(change, trouble):
    answers = survey(change=change)
    model = structure.measurement(answers)
    assert model.trouble.startswith(trouble)
    found = structure.fit(model), structure.convergent(model), structure.discriminant(model)
    assert found == ([], [], [])
    assert comparability(answers, model) == []
    title = headlines.structure.fit([], model.trouble)
    assert title.startswith(ABSENT)
    assert trouble in title
    assert [item.key for item in caveats.structure(model, [], [])] == ["structure.trouble"]
    assert structure.note(model) == ""


def test_no_answers_at_all_are_no_scales():
    for change in (
        lambda frame: frame.assign(**dict.fromkeys(ITEMS, np.nan)),
        lambda frame: frame.head(0),
    ):
        model = structure.measurement(survey(change=change))
        assert model.scales == {}
        assert headlines.structure.fit(structure.fit(model), model.trouble).startswith(ABSENT)
        assert headlines.structure.validity(structure.discriminant(model)).startswith(ABSENT)


def test_one_scale_of_three_fits_anything_and_of_two_has_no_model():
    model = structure.measurement(survey(keep=("sat1", "sat2", "sat3")))
    found = structure.fit(model)
    assert [item.key.partition(".")[0] for item in found] == ["loading"] * 3
    assert "cannot be tested" in headlines.structure.fit(found, model.trouble)
    assert [item.key for item in structure.convergent(model)] == [
        "ave.satisfaction", "cr.satisfaction",
    ]  # fmt: skip
    figures.structure.loadings(found, Figure())
    figures.structure.pairs(structure.convergent(model), Figure())
    two = structure.measurement(survey(keep=("sat1", "sat2")))
    assert two.trouble.startswith("a single scale of two items")


def test_an_improper_solution_decides_no_claim(real_heywood):
    model = structure.measurement(real_heywood)
    assert "has a negative unique variance" in model.trouble
    found = structure.fit(model)
    assert find(found, "fit.rmsea") is None
    assert find(found, "improper.rmsea") is not None
    assert headlines.structure.fit(found, model.trouble).startswith(
        "The model of the scales has no proper solution"
    )
    assert [item.key for item in structure.convergent(model)] == ["ave.trust", "cr.trust"]


@pytest.fixture
def real_heywood() -> Survey:
    """Answers of which one correlates more with two others than they allow."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        rng = np.random.default_rng(1)
        first = rng.normal(size=(len(frame), 2))
        both = 0.9 * first[:, 0] + 0.8 * first[:, 1] + 0.1 * rng.normal(size=len(frame))
        made = {"sat1": both, "sat2": first[:, 0], "sat3": first[:, 1] + 0.2 * first[:, 0]}
        return frame.assign(**made)

    return survey(change=change)


def estimate(key: str, value: float, low: float = np.nan, high: float = np.nan) -> Estimate:
    return Estimate(
        key=f"invariance.wave.{key}",
        name=f"Wave: same intercepts of {key.rpartition('.')[2]}, RMSEA of the difference",
        value=value,
        low=low,
        high=high,
        unit="fit",
        n=500,
        method="made",
    )


@pytest.mark.parametrize(
    ("ends", "cfi", "rmsea", "expected"),
    [
        ((0.0, 0.07), 0.0, 0.0, "holds"),
        ((0.0, 0.09), -0.02, 0.02, "open"),  # may be chance
        ((0.01, 0.07), -0.011, 0.0, "fails"),
        ((0.01, 0.07), -0.009, 0.016, "fails"),
        ((0.01, 0.07), -0.009, 0.014, "holds"),
        ((0.01, 0.09), -0.009, 0.014, "open"),
        ((0.081, 0.2), 0.0, 0.0, "fails"),
        ((np.nan, np.nan), 0.0, 0.0, ""),
    ],
)
def test_the_rule_of_a_step(ends, cfi, rmsea, expected):
    found = [
        estimate("scalar", 0.05, *ends),
        estimate("scalar.cfi", cfi),
        estimate("scalar.rmsea", rmsea),
    ]
    assert verdict(found, "wave", "scalar") == expected
    assert verdict(found, "brand", "scalar") == ""


def test_scales_fail_for_themselves_or_with_the_step():
    step = [estimate("scalar.cfi", -0.02), estimate("scalar.rmsea", 0.0)]
    fails = [estimate("scalar", 0.05, 0.01, 0.1), *step]
    own = [estimate("scalar.scale.a", 0.05, 0.02, 0.1), estimate("scalar.scale.b", 0.03, 0.0, 0.1)]
    assert failing_scales(fails + own, "wave") == {"a": "a"}
    assert set(failing_scales(fails + own[1:], "wave")) == {"b"}  # none surely: all of them
    holds = [estimate("scalar", 0.02, 0.0, 0.07), *step]
    assert failing_scales(holds + own, "wave") == {}
    sure = dataclasses.replace(own[0], low=0.09, value=0.1, high=0.15)
    assert failing_scales([*holds, sure], "wave") == {"a": "a"}
    assert standing([*holds, sure], "wave") == "fails"


@pytest.fixture(scope="module")
def real(real_data: Path, project: Path):
    def read(path: str, name: str) -> Survey:
        return load(real_data / path, codebook=project / "data" / "codebooks" / name, needs=NEEDS)

    return read


def test_satisfaction_index_has_the_published_fit(real):
    """Image, quality and satisfaction: lavaan 0.6-14, as printed."""
    answers = real("ecsi_mobile/mobi.csv", "ecsi_mobile")
    kept = {
        name: item
        for name, item in answers.codebook.items()
        if item.construct in ("image", "quality", "satisfaction")
    }
    part = Survey(answers=answers.answers[list(kept)], codebook=kept, about=answers.about)
    model = structure.measurement(part)
    assert model.plain.freedom == 87
    printed = (model.plain.chi2, model.plain.cfi, model.plain.tli, model.plain.rmsea)
    assert [f"{value:.3f}" for value in (*printed, model.plain.srmr)] == [
        "298.168", "0.884", "0.860", "0.099", "0.061",
    ]  # fmt: skip


def test_the_whole_satisfaction_index_has_no_proper_solution(real):
    """lavaan 0.6-14, estimator MLR: the covariance matrix of the factors is not positive."""
    model = structure.measurement(real("ecsi_mobile/mobi.csv", "ecsi_mobile"))
    assert model.trouble == "the correlations of the factors contradict each other"
    fit, plain = model.fit, model.plain
    assert plain.chi2 == pytest.approx(521.646, abs=5e-4)
    assert fit.chi2 == pytest.approx(407.540, abs=5e-4)
    assert [round(x, 3) for x in (fit.cfi, fit.tli, fit.rmsea)] == [0.901, 0.884, 0.068]
    assert [round(x, 3) for x in (fit.rmsea_low, fit.rmsea_high)] == [0.058, 0.078]


def test_other_real_surveys_are_fitted_or_say_why_not(real):
    corporate = structure.measurement(real("corp_rep/corp_rep_data.csv", "corp_rep"))
    assert corporate.plain.chi2 == pytest.approx(3284.388, abs=5e-4)  # lavaan 0.6-14
    assert corporate.plain.freedom == 499
    hotel = structure.measurement(real("formats/hotel.sav", "hotel"))
    assert "negative unique variance" in hotel.trouble
    airport = real("sfo_airport/sfo_2017.csv", "sfo_2017")
    model = structure.measurement(airport)
    assert model.trouble == ""
    assert model.fit.rmsea_low > 0.1
    assert verdicts.grouping(comparability(airport, model), "segment") == "Boarding area"


def test_the_title_keeps_the_mark_of_a_failing_scale():
    pair = Estimate(
        key="htmt.a.b",
        name="a and b, HTMT",
        value=0.8,
        low=0.7,
        high=0.9,
        unit="coefficient",
        n=100,
        method="arithmetic HTMT",
    )
    [marked] = flags.marked([pair], [flags.Flag("b", "b", "fails")])
    assert f"a and b{flags.MARK}, HTMT" in headlines.structure.validity([marked])
