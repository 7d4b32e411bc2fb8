"""A saved model comes back as it was, and nothing else is taken for one."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmresearch.archetypes import model_file
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.saved_model import saved, too_few
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError, RequestError


def mixed_survey(n=900, seed=4):
    """Signs, a scale, a quantity and cards of two types, some answers missing."""
    rng = np.random.default_rng(seed)
    kind = rng.random(n) < 0.4
    frame = pd.DataFrame(
        {
            "yes": (rng.random(n) < np.where(kind, 0.9, 0.2)).astype(float),
            "rated": np.clip(np.round(rng.normal(np.where(kind, 4.0, 2.5), 0.8)), 1, 5),
            "times": rng.normal(np.where(kind, 8.0, 3.0), 1.5),
            "card": pd.Categorical(
                np.where(rng.random(n) < np.where(kind, 0.8, 0.3), "Grün", "rot")
            ),
        }
    )
    for name in ("yes", "rated", "times"):
        frame.loc[rng.random(n) < 0.1, name] = np.nan
    kinds = {"yes": "binary", "rated": "scale", "times": "number", "card": "category"}
    book = {
        name: Variable(variable=name, label=f"What {name}?", type=sort, roles=("indicator",))
        for name, sort in kinds.items()
    }
    book["rated"] = replace(book["rated"], low=1, high=5)
    return Survey(
        answers=frame, codebook=book, about=About(title="Made up"), source={"sha256": "ab" * 32}
    )


def types_of(survey, classes=2):
    signs = read_indicators(survey)
    return find_types(signs, fit(signs.patterns, classes, rng=np.random.default_rng(1)))


@pytest.fixture(scope="module")
def kept():
    survey = mixed_survey()
    return saved(types_of(survey), survey, seed=7)


@pytest.fixture(scope="module")
def content(kept):
    return json.loads(model_file.as_text(kept))


def test_a_model_that_is_read_is_the_one_that_was_written(kept, tmp_path):
    text = model_file.as_text(kept)
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    found = model_file.read(str(tmp_path / "model.json"))
    assert model_file.as_text(found) == text
    for name in ("shares", "probs", "covariance"):
        assert np.array_equal(getattr(found, name), getattr(kept, name))
    assert found.variables == kept.variables
    assert (found.labels, found.n, found.seed, found.sha256) == (
        kept.labels, 900, 7, "ab" * 32,
    )  # fmt: skip
    assert found.patterns.kinds == ("nominal", "ordinal", "continuous", "nominal")
    assert found.model.probs.shape == (2, 2 + 5 + 3 + 2)


def test_the_same_model_is_the_same_bytes():
    survey = mixed_survey()
    texts = [model_file.as_text(saved(types_of(survey), survey, seed=7)) for _ in range(2)]
    assert texts[0] == texts[1]


def test_people_can_read_it(content, kept):
    assert (content["format"], content["version"]) == ("crmresearch relationship types", 1)
    first = content["types"][0]
    assert first["label"] == kept.labels[0]
    assert set(first["answers"]) == {"yes", "rated", "times", "card"}
    assert set(first["answers"]["times"]) == {"mean", "variance"}
    assert len(model_file.as_text(kept).splitlines()) < 120


def test_it_holds_no_answer_of_a_single_person():
    survey = mixed_survey()
    most = survey.answers["times"].max()
    assert str(most) not in model_file.as_text(saved(types_of(survey), survey, seed=7))


def test_a_tiny_type_or_a_rare_answer_is_not_offered():
    survey = mixed_survey()
    types = types_of(survey)
    assert too_few(types, 10) == []
    assert too_few(types, 500) != []
    answers = survey.answers.copy()
    answers["card"] = answers["card"].cat.add_categories("selten")
    answers.loc[:3, "card"] = "selten"
    rare = replace(survey, answers=answers)
    assert too_few(types_of(rare), 10) == ["an answer to “What card?”"]
    offer = model_file.offer(types_of(rare), rare, min_cell=10)
    assert offer.file is None
    assert "fewer than 10 people stand behind an answer to “What card?”" in offer.why_not
    assert model_file.offer(types_of(rare), rare, min_cell=4).file is not None


def test_one_type_or_a_model_that_was_given_is_not_offered_again(kept):
    survey = mixed_survey()
    assert "no types" in model_file.offer(types_of(survey, 1), survey).why_not
    assert "was given" in model_file.offer(types_of(survey), survey, given=kept).why_not


def test_nothing_is_read_of_no_name():
    assert model_file.read("") is None


BROKEN = {
    "its version is '2'": lambda c: c.update(version=2),
    "its format is not": lambda c: c.update(format="pickle"),
    "'fitted_to' has no whole number under 'seed'": lambda c: c["fitted_to"].update(seed="x"),
    "'spread' is 'wide'": lambda c: c.update(spread="wide"),
    "'yes' stands there twice": lambda c: c["indicators"][1].update(variable="yes"),
    "its kind is 'magic'": lambda c: c["indicators"][0].update(kind="magic"),
    "'answers' are not numbers that rise": lambda c: c["indicators"][0].update(answers=[1, 0]),
    "'answers' are not different texts": lambda c: c["indicators"][3].update(answers=["a", "a"]),
    "'centre' and 'scale'": lambda c: c["indicators"][2].update(scale=0),
    "its share is '1.5', not 0 to 1": lambda c: c["types"][0].update(share=1.5),
    "the shares add up to": lambda c: c["types"][0].update(share=0.0),
    "has no 'label' of its own": lambda c: c["types"][1].update(label=c["types"][0]["label"]),
    "type 1 has no 'label'": lambda c: c["types"][0].update(label="a\u0007b"),
    "'yes': a probability lies outside": lambda c: c["types"][0]["answers"].update(yes=[-0.5, 1.5]),
    "'yes': the probabilities add up to 0.9": lambda c: c["types"][0]["answers"].update(
        yes=[0.4, 0.5]
    ),
    "'rated': there are not 5 probabilities": lambda c: c["types"][0]["answers"].update(rated=[1]),
    "'times': a quantity has a mean": lambda c: c["types"][0]["answers"].update(
        times={"mean": 1, "variance": -1}
    ),
    "there is no indicator 'other'": lambda c: c["types"][0]["answers"].update(other=[1]),
    "'covariance' has not": lambda c: c.update(covariance=[[1]]),
    "'covariance' has rows that are not": lambda c: c["covariance"].__setitem__(1, [1, 2, 3]),
    "'covariance' has a variance below zero": lambda c: c["covariance"].__setitem__(0, [-1]),
    "'indicators' is no list": lambda c: c.update(indicators={}),
    "'types' is no list": lambda c: c.update(types=[]),
    "its 'answers' are missing": lambda c: c["types"][0].update(answers=None),
}


@pytest.mark.parametrize("said", BROKEN)
def test_whatever_breaks_the_form_is_refused(content, said):
    broken = json.loads(json.dumps(content))
    BROKEN[said](broken)
    with pytest.raises(DataError, match="data problem") as error:
        model_file.parse(json.dumps(broken), "model.json")
    assert said in str(error.value)
    assert "model.json" in str(error.value)


def test_all_problems_are_told_at_once(content):
    broken = json.loads(json.dumps(content))
    broken["types"][0]["share"] = 2
    broken["types"][1]["answers"]["yes"] = [0.5]
    with pytest.raises(DataError, match=r"^3 data problem"):
        model_file.parse(json.dumps(broken), "model.json")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": NaN}', "[" * 100_000, '"\ud83d"', "1" * 5000]
)
def test_what_is_no_model_is_refused(text):
    with pytest.raises(DataError):
        model_file.parse(text, "model.json")


def test_files_that_cannot_be_read_are_told(tmp_path):
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        model_file.read(str(tmp_path / "bytes.json"))
    with pytest.raises(DataError, match="it is no file"):
        model_file.read(str(tmp_path))
    with pytest.raises(RequestError, match="there is no saved model"):
        model_file.read(str(tmp_path / "none.json"))


def test_labels_that_no_line_may_hold_are_written_clean():
    survey = mixed_survey()
    survey.codebook["yes"] = replace(survey.codebook["yes"], label="two\nlines\x00 " + "x" * 900)
    model = saved(types_of(survey), survey, seed=1)
    found = model_file.parse(model_file.as_text(model), "m")
    assert found.variables[0].label.startswith("two lines xxx")
    assert len(found.variables[0].label) == 500


def test_a_model_without_errors_is_kept_without_them(kept):
    unknown = replace(kept, covariance=np.full_like(kept.covariance, np.nan))
    found = model_file.parse(model_file.as_text(unknown), "m")
    assert np.isnan(found.covariance).all()
