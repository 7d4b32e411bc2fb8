"""Raking: R's weights, margins that are met, and data in which they cannot be."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.data.weighting import crossed, rake, raked
from crmresearch.errors import DataError
from crmresearch.validation.references import golden_number, golden_table

MARGINS = {"sex": {"woman": 0.55, "man": 0.45}, "age": {"young": 0.3, "old": 0.7}}
BOOK = {
    "sex": Variable(variable="sex", label="Sex", type="category"),
    "age": Variable(variable="age", label="Age", type="category"),
    "member": Variable(
        variable="member", label="Member", type="binary", values={"1": ("Yes",), "0": ("No",)}
    ),
    "wave": Variable(variable="wave", label="Wave", type="category", roles=("wave",)),
    "w": Variable(variable="w", label="Weight", type="number", roles=("weight",)),
}


def people(n=200, seed=0):
    rng = np.random.default_rng(seed)
    sex = pd.Categorical(rng.choice(["woman", "man"], n, p=[0.3, 0.7]), ["woman", "man"])
    age = pd.Categorical(rng.choice(["young", "old"], n, p=[0.6, 0.4]), ["young", "old"])
    return pd.DataFrame(
        {"sex": sex, "age": age, "member": rng.integers(0, 2, n) * 1.0, "w": rng.uniform(0.5, 2, n)}
    )


def survey(frame, margins):
    return Survey(answers=frame, codebook=BOOK, about=About(title="T", margins=margins))


def test_weights_match_r():
    data = golden_table("survey")
    margins = {
        "age": {"18-34": 0.3, "35-54": 0.38, "55+": 0.32},
        "region": {"E": 0.21, "N": 0.29, "S": 0.26, "W": 0.24},
    }
    book = {name: Variable(variable=name, label=name, type="category") for name in margins}
    answers = data[list(margins)].astype("category")
    found = raked(answers, book, margins, data["w"].to_numpy())
    expected = [golden_number(f"raking.weights.{row}")[0] for row in range(len(data))]
    assert_allclose(found.weights / found.weights.sum() * 1000, expected, atol=1e-8)


@given(st.integers(0, 2**31), st.integers(2, 4), st.integers(2, 3))
@settings(max_examples=40, deadline=None)
def test_every_margin_is_met(seed, first, second):
    rng = np.random.default_rng(seed)
    every = np.indices((first, second)).reshape(2, -1)  # so that all combinations occur
    sizes = (first, second)
    codes = [np.r_[every[k], rng.integers(0, sizes[k], 150)] for k in (0, 1)]
    base = rng.uniform(0.1, 5, len(codes[0]))
    wanted = [rng.dirichlet(np.full(size, 5.0)) for size in sizes]
    cells, table = crossed(codes)
    factors, _, gap = rake(np.bincount(cells, weights=base), table, wanted)
    weights = base * factors[cells]
    assert gap <= 1e-10
    for code, target in zip(codes, wanted, strict=True):
        assert_allclose(np.bincount(code, weights=weights) / weights.sum(), target, atol=1e-9)


def in_waves(sizes=(120, 80)):
    """People of two waves, the second with far fewer of the young."""
    frame = people(sum(sizes))
    frame["wave"] = pd.Categorical(np.repeat(["1", "2"], sizes))
    late = np.flatnonzero(frame["wave"] == "2")
    frame.loc[late[5:], "age"] = "old"
    frame.loc[late[:5], "age"] = "young"
    return frame


def test_every_wave_is_raked_as_a_sample_of_its_own():
    frame = in_waves()
    found = survey(frame, MARGINS).raking()
    assert found.waves == ("1", "2")
    for wave in ("1", "2"):
        rows = (frame["wave"] == wave).to_numpy()
        alone = survey(frame[rows].reset_index(drop=True).drop(columns="wave"), MARGINS).weights()
        assert_allclose(found.weights[rows] / found.weights[rows].mean(), alone, rtol=1e-8)
        assert found.weights[rows].sum() == pytest.approx(found.base[rows].sum())
    assert_allclose(found.margins[1].raked, [0.3, 0.7])


def test_respondents_of_no_known_wave_keep_their_weights():
    frame = in_waves()
    frame.loc[:3, "wave"] = np.nan
    found = survey(frame, MARGINS).raking()
    assert_allclose(found.weights[:4], found.base[:4])


def test_a_wave_without_the_question_is_left_as_it_is():
    frame = in_waves()
    first = (frame["wave"] == "1").to_numpy()
    frame.loc[first, "age"] = np.nan
    found = survey(frame, {"age": MARGINS["age"]}).raking()
    assert_allclose(found.weights[first], found.base[first])
    young = (frame["age"] == "young").to_numpy() & ~first
    assert found.weights[young].sum() / found.weights[~first].sum() == pytest.approx(0.3)


def test_a_wave_that_lacks_an_answer_is_named():
    frame = in_waves()
    frame.loc[frame["wave"] == "2", "age"] = "old"
    with pytest.raises(DataError, match="nobody of wave '2' with a weight answered 'young'"):
        survey(frame, MARGINS).weights()


def test_one_margin_is_plain_poststratification():
    frame = people()
    found = survey(frame, {"sex": MARGINS["sex"]}).weights()
    women = (frame["sex"] == "woman").to_numpy()
    base = frame["w"].to_numpy()
    ratio = found / base
    assert np.ptp(ratio[women]) < 1e-12
    assert found[women].sum() / found.sum() == pytest.approx(0.55)
    assert found.mean() == pytest.approx(1)


def test_those_without_an_answer_keep_their_share():
    frame = people()
    frame.loc[:29, "age"] = np.nan
    found = survey(frame, MARGINS).raking()
    unknown = frame["age"].isna().to_numpy()
    assert found.weights[unknown].sum() == pytest.approx(found.base[unknown].sum())
    [sex, age] = found.margins
    assert_allclose(sex.raked, [0.55, 0.45])
    assert_allclose(age.raked, [0.3, 0.7])
    assert (sex.unknown, age.unknown) == (0, 30)


def test_binary_variables_are_named_by_their_labels():
    frame = people()
    found = survey(frame, {"member": {"Yes": 0.2, "No": 0.8}}).weights()
    assert (found * frame["member"]).sum() / found.sum() == pytest.approx(0.2)


def test_without_delivered_weights_everybody_starts_alike():
    plain = dataclasses.replace(
        survey(people(), MARGINS), codebook={x: BOOK[x] for x in ("sex", "age", "member")}
    )
    assert plain.base_weights() is None
    assert plain.weights().mean() == pytest.approx(1)
    assert_allclose(plain.raking().base, 1)


def test_raking_is_made_once_and_delivered_weights_stay():
    made = survey(people(), MARGINS)
    assert made.raking() is made.raking()
    expected = made.answers["w"] / made.answers["w"].mean()
    assert_allclose(made.base_weights(), expected)
    assert_allclose(survey(people(), {}).weights(), expected)


def test_respondents_without_a_weight_have_none_afterwards():
    frame = people()
    frame.loc[:4, "w"] = np.nan
    frame.loc[5, "w"] = 0.0
    found = survey(frame, MARGINS).raking()
    assert (found.weights[:6] == 0).all()
    assert_allclose(found.margins[0].raked, [0.55, 0.45])
    assert found.margins[0].n.sum() == len(frame) - 6


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda frame: frame.loc[frame["sex"] == "man", "w"].index, "nobody with a weight"),
        (None, "has no share"),
    ],
)
def test_what_no_weight_can_make_up_for_is_refused(spoil, words):
    frame = people()
    margins = dict(MARGINS)
    if spoil is None:
        margins["age"] = {"young": 1.0}
    else:
        frame.loc[spoil(frame), "w"] = 0.0
    with pytest.raises(DataError, match=words):
        survey(frame, margins).weights()


def test_margins_that_contradict_each_other_are_refused():
    frame = people()
    frame["age"] = np.where(frame["sex"] == "woman", "young", "old")  # women are young, men old
    with pytest.raises(DataError, match="no weights give all margins"):
        survey(frame.astype({"age": "category"}), MARGINS).weights()


def test_an_unknown_variable_is_refused():
    with pytest.raises(DataError, match="no variable"):
        survey(people(), {"town": {"A": 1.0}}).weights()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_rows_are_no_accident(n):
    frame = people(200).iloc[:n].reset_index(drop=True)
    made = survey(frame, {"sex": {str(label): 1.0 for label in frame["sex"].unique()}} if n else {})
    weights = made.weights()
    assert weights is None or weights.mean() == pytest.approx(1)


def test_data_whose_weights_are_all_zero_have_none():
    frame = people().assign(w=0.0)
    assert survey(frame, {}).weights() is None


def test_combinations_are_numbered_whatever_their_number():
    rng = np.random.default_rng(1)
    codes = [rng.integers(0, 50, 300) for _ in range(6)]  # far more combinations than rows
    cells, table = crossed(codes)
    assert_allclose(table[cells], np.column_stack(codes))
    assert len(table) == len(np.unique(np.column_stack(codes), axis=0))


def test_the_data_sheet_says_what_was_raked_and_how_many_answered():
    about = About(title="T", margins=MARGINS, weights="As delivered.", invited=800, reached=400)
    frame = people()
    frame.loc[:9, "w"] = np.nan
    sheet = Survey(answers=frame, codebook=BOOK, about=about, flow={"Invited": 800}).description()
    assert sheet["facts"]["Weights"].startswith("As delivered. Raked to the population's shares of")
    assert "Sex, Age" in sheet["facts"]["Weights"]
    assert sheet["facts"]["Response rate (AAPOR RR2)"] == "25.0% of 800 invited"
    assert sheet["facts"]["Contact rate (AAPOR CON1)"] == "50.0% of 800 invited"
    assert sheet["facts"]["Cooperation rate (AAPOR COOP2)"] == "50.0% of 400 reached"
    assert sheet["flow"] == {"Invited": 800, "Respondents with a weight": 190}
    plain = Survey(answers=people(), codebook=BOOK, about=About(title="T")).description()
    assert not [label for label in plain["facts"] if "rate" in label]
