"""Free answers: themes and their scores reach a report, the answers themselves do not."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.themes import Themes
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.survey import figures, headlines, verbatims

SAID = {
    "network": "network coverage signal connection drops slow reception",
    "bill": "invoice billing wrong charge bill error amount",
    "staff": "friendly staff helpful kind advisor team polite",
}


def survey(n: int = 400, seed: int = 0, *, texts: list[str] | None = None) -> Survey:
    """Customers of whom half write, of one subject each; a bad network costs two points."""
    rng = np.random.default_rng(seed)
    subject = rng.integers(3, size=n)
    wrote = rng.random(n) < 0.5
    satisfied = 5 + rng.normal(size=n) - 2 * (subject == 0) * wrote
    if texts is None:
        words = [text.split() for text in SAID.values()]
        made = [" ".join(rng.choice(words[at], 4, replace=False)) for at in subject]
        texts = [text if said else "" for text, said in zip(made, wrote, strict=True)]
    book = {
        "sat": Variable(
            variable="sat", label="Satisfied", type="scale", roles=("satisfaction",), low=1, high=7
        ),
        "comment": Variable(
            variable="comment", label="Anything else?", type="text", roles=("verbatim",)
        ),
    }
    answers = pd.DataFrame({"sat": np.clip(satisfied.round(), 1, 7), "comment": texts})
    return Survey(answers=answers, codebook=book, about=About(title="Test"))


def test_themes_their_share_and_what_goes_with_them():
    data = survey()
    found = verbatims.find(data, seed=1, themes=3)
    shares = verbatims.prevalence(data, found)
    wrote = find(shares, "comments.comment")
    assert wrote.n == 400
    assert wrote.value == pytest.approx((data.answers["comment"] != "").mean())
    themes = [item for item in shares if item.key.startswith("theme.")]
    assert len(themes) == 3
    assert {item.n for item in themes} == {round(wrote.value * 400)}
    told = verbatims.scores(data, found)
    assert told[0].key == "writers.comment"
    network = told[1]  # the least content first
    assert set(network.name.strip("“”").split(", ")) <= set(SAID["network"].split())
    assert network.high < -1
    assert "Holm" in network.method
    assert network.low < -2 < network.high
    title = headlines.verbatims.scores("satisfaction")(told)
    assert title.startswith(f"Mean satisfaction is lower where {network.name} is mentioned")
    assert "wrote an answer; the commonest of 3 themes is “" in headlines.verbatims.prevalence(
        shares
    )
    with style.canvas() as figure:
        assert "themes have a simultaneous interval" in figures.verbatims.scores(told, figure)
        figure.draw_without_rendering()


def test_the_interval_of_a_theme_covers_its_true_share():
    """Planted shares of a third, learnt and counted from the same answers."""
    hits = []
    for seed in range(20):
        data = survey(200, seed)
        found = verbatims.find(data, seed=seed, themes=3)
        themes = verbatims.prevalence(data, found, level=0.9)[1:]
        hits += [item.low <= 1 / 3 <= item.high for item in themes]
    assert 0.8 <= np.mean(hits) <= 0.98  # 90 of 100 wanted


def test_no_answer_leaves_as_it_was_written():
    data = survey()
    secret = "Anna Kowalski, 0171 5551234, anna@example.com: network coverage signal drops slow"
    data.answers.loc[0, "comment"] = secret
    found = verbatims.find(data, seed=1, themes=3)
    everything = [*verbatims.prevalence(data, found), *verbatims.scores(data, found)]
    quoted = verbatims.quotations(data, found, quotes=5)
    text = " ".join([*(item.name for item in everything), quoted.to_string()]).lower()
    assert not [word for word in ("anna", "kowalski", "0171", "example") if word in text]
    assert len(quoted) > 0
    assert verbatims.quotations(data, found, quotes=0).empty


@pytest.mark.parametrize(
    "texts", [[""] * 40, ["1"] * 40, ["good"] * 40, ["=1+1", *[""] * 39], [None] * 40]
)
def test_too_little_said_is_no_theme(texts):
    data = survey(40, texts=texts)
    found = verbatims.find(data, seed=1)
    assert found == {"comment": None}
    shares = verbatims.prevalence(data, found)
    assert all(item.key == "comments.comment" for item in shares)
    assert headlines.verbatims.prevalence(shares)
    assert all(item.key == "writers.comment" for item in verbatims.scores(data, found))


def test_few_writers_are_not_told():
    data = survey(40, texts=["much too slow", *[""] * 39])
    assert verbatims.prevalence(data, verbatims.find(data, seed=1)) == []


def test_without_such_questions_there_is_nothing(make):
    data = make(keep="sat1")
    found = verbatims.find(data, seed=1)
    assert found == {}
    assert verbatims.prevalence(data, found) == []
    assert verbatims.scores(data, found) == []
    assert headlines.verbatims.prevalence([]).startswith("Not in these data")
    assert headlines.verbatims.scores("")([]).startswith("Not in these data")


def test_two_questions_are_told_apart():
    data = survey()
    book = dict(data.codebook)
    book["other"] = Variable(variable="other", label="And: why?", type="text", roles=("verbatim",))
    answers = data.answers.assign(other=data.answers["comment"])
    both = Survey(answers=answers, codebook=book, about=data.about)
    found = verbatims.find(both, seed=1, themes=3)
    made = verbatims.prevalence(both, found) + verbatims.scores(both, found)
    assert {item.group for item in made} == {"Question: Anything else?", "Question: And, why?"}
    assert len({(item.key, item.group) for item in made}) == len(made)
    with style.canvas() as figure:
        figures.verbatims.prevalence(verbatims.prevalence(both, found), figure)
        figure.draw_without_rendering()


def nested(mentions: np.ndarray) -> tuple[Survey, dict]:
    """200 customers of whom 160 wrote, with these themes."""
    rng = np.random.default_rng(5)
    data = survey(200, texts=["word"] * 160 + [""] * 40)
    data.answers["sat"] = rng.integers(1, 8, 200)
    padded = np.vstack([mentions, np.zeros((40, mentions.shape[1]), dtype=bool)])
    count = mentions.shape[1]
    names = tuple(f"word{at}" for at in range(count))
    themes = Themes(
        stems=names,
        spelled=names,
        patterns=np.eye(count),
        strength=padded.astype(float),
        sentence=np.zeros(padded.shape, dtype=int),
        stability=np.ones(count),
        unstable=0,
    )
    return data, {"comment": themes}


@pytest.mark.parametrize("few", [3, 9, 10])
@pytest.mark.parametrize("case", ["nested", "all but a few", "together all but a few"])
def test_themes_that_tell_of_too_few_are_not_shown_together(case, few):
    at = np.arange(160)
    sides = {
        "nested": (at < 60 + few, at < 60),
        "all but a few": (at % 2 == 0, at >= few),
        "together all but a few": (at < 80, (at >= 80) & (at < 160 - few)),
    }[case]
    data, found = nested(np.column_stack(sides))
    for estimates, part in (
        (verbatims.prevalence(data, found, min_cell=10), "theme."),
        (verbatims.scores(data, found, min_cell=10), "themescore."),
    ):
        keys = [item.key for item in estimates if item.key.startswith(part)]
        assert len(keys) == (2 if few == 10 else 1)
        assert f"{part}comment.word0" in keys
