"""Scores: each respondent's own answers, ids kept, nothing that a spreadsheet would run."""

import csv
import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmresearch.archetypes.saved_model import saved
from crmresearch.archetypes.scoring import lines, score, summary
from crmresearch.data.codebook import Variable
from crmresearch.errors import DataError

from .test_model_file import mixed_survey, types_of


@pytest.fixture(scope="module")
def kept():
    survey = mixed_survey()
    return saved(types_of(survey), survey, seed=7)


def with_ids(survey, ids):
    frame = survey.answers.copy()
    frame["who"] = ids
    book = dict(survey.codebook)
    book["who"] = Variable(variable="who", label="Who", type="id", roles=("person",))
    return replace(survey, answers=frame, codebook=book)


def rows_of(scores):
    return list(csv.DictReader(io.StringIO("".join(lines(scores)))))


def test_everybody_gets_the_probabilities_of_the_saved_model(kept):
    survey = mixed_survey()
    types = types_of(survey)
    rows = rows_of(score(survey, kept))
    assert [int(row["row"]) for row in rows] == list(range(1, 901))
    chances = types.model.posterior[types.model.patterns.row]
    for k, label in enumerate(kept.labels):
        found = np.array([float(row[f"probability of {label}"]) for row in rows])
        assert found == pytest.approx(chances[:, k], abs=1e-6)
    assert [row["type"] for row in rows] == [kept.labels[k] for k in types.of_row]
    assert float(rows[0]["probability"]) == pytest.approx(chances[0].max(), abs=1e-6)
    answered = survey.answers.notna().sum(axis=1)
    assert [int(row["answered"]) for row in rows] == answered.tolist()


def test_a_score_does_not_depend_on_who_else_is_scored(kept):
    survey = mixed_survey()
    alone = replace(survey, answers=survey.answers.iloc[[17]].reset_index(drop=True))
    [row] = rows_of(score(alone, kept))
    among = rows_of(score(survey, kept))[17]
    assert {**row, "row": ""} == {**among, "row": ""}


def test_missing_answers_are_left_out_and_silent_people_are_not_placed(kept):
    survey = mixed_survey()
    frame = survey.answers.copy()
    frame.loc[0, ["yes", "rated", "times"]] = np.nan
    frame["card"] = frame["card"].astype(object)
    frame.loc[0, "card"] = None
    frame["card"] = pd.Categorical(frame["card"])
    scores = score(replace(survey, answers=frame), kept)
    first = rows_of(scores)[0]
    assert (first["answered"], first["type"], first["probability"]) == ("0", "", "")
    said = summary(scores)
    assert said.startswith("899 respondents placed in 2 types, 1 without an answer")
    assert "understate how types differ" in said


def test_ids_are_kept_and_formulas_are_text(kept):
    ids = [f"P{i}" for i in range(900)]
    ids[:5] = ["=1+1", 'a,"b"', "Müller", "", "-5"]
    rows = rows_of(score(with_ids(mixed_survey(), ids), kept))
    assert [row["who"] for row in rows[:6]] == ["'=1+1", 'a,"b"', "Müller", "", "'-5", "P5"]
    assert all(None not in row for row in rows)


def test_nobody_to_score_is_told(kept):
    survey = mixed_survey()
    frame = survey.answers.copy()
    for name in ("yes", "rated", "times"):
        frame[name] = np.nan
    frame["card"] = pd.Categorical([None] * len(frame), categories=["Grün", "rot"])
    with pytest.raises(DataError, match="no respondent can be used"):
        score(replace(survey, answers=frame), kept)
