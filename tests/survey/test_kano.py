"""Kano's classification of a survey: pairs found, verdicts, headline, figure, small parts."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.survey import figures, headlines, kano

ANSWERS = ("Like it", "Must be so", "Neutral", "Can live with it", "Dislike it")
PAIRS = {  # functional and dysfunctional answers that give each category
    "M": (3, 5),
    "O": (1, 5),
    "A": (1, 3),
    "I": (3, 3),
    "R": (5, 3),
    "Q": (1, 1),
}


def question(name: str, role: str, construct: str, kind: str = "scale", **more) -> Variable:
    if kind == "scale":
        more = {"low": 1.0, "high": 5.0} | more
    return Variable(
        variable=name, label=name, type=kind, roles=(role,), construct=construct, **more
    )


def survey(**parts: str) -> Survey:
    """A survey of parts of an offer; each is given by its respondents' categories."""
    n = max(len(letters) for letters in parts.values())
    book, columns = {}, {}
    for part, letters in parts.items():
        answers = [PAIRS.get(letter, (np.nan, 5)) for letter in letters.ljust(n)]
        for side, role in enumerate(("kano_functional", "kano_dysfunctional")):
            name = f"{part}_{side}"
            book[name] = question(name, role, part.title())
            columns[name] = np.array([pair[side] for pair in answers], dtype=float)
    return Survey(answers=pd.DataFrame(columns), codebook=book, about=About(title="Test"))


CLEAR = survey(
    refund="M" * 70 + "I" * 30,
    gift="A" * 60 + "I" * 40,
    price="O" * 55 + "M" * 45,
    forum="I" * 90 + "R" * 10,
)


def test_what_is_expected_wanted_and_a_surprise():
    found = kano.classified(CLEAR, seed=1)
    assert {item.name: (item.first, item.decided) for item in kano.verdicts(found)} == {
        "Refund": ("must-be", True),
        "Gift": ("attractive", True),
        "Price": ("one-dimensional", False),
        "Forum": ("indifferent", True),
    }
    assert headlines.kano.categories(found) == (
        "Refund is expected (must-be); Gift is a surprise (attractive); Forum leaves most "
        "indifferent (indifferent); 1 of 4 not decided"
    )
    keys = [(item.key, item.group) for item in found]
    assert len(set(keys)) == len(keys)


def test_the_drawing_says_what_it_shows():
    found = kano.classified(CLEAR, seed=1)
    with style.canvas() as figure:
        caption = figures.kano.coefficients(found, figure)
        labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels[0] == "Price  (n\u00a0=\u00a0100)\nnot decided"  # its absence matters most
    assert "Refund  (n\u00a0=\u00a0100)\nmust-be, 70.0%" in labels
    assert caption.startswith("Absence matters most for Price, −1.00")
    assert caption.endswith("The category of 3 of 4 is decided.")


def test_a_survey_without_such_questions_says_so(make):
    found = kano.classified(make(), seed=1)
    assert found == []
    shown = show("kano", found, title=headlines.kano.categories, draw=figures.kano.coefficients)
    assert shown.record["title"].startswith("Not in these data")
    assert not shown.record["caption"]


def test_nothing_is_told_of_few():
    data = survey(app="M" * 9, bill="M" * 12 + "A" * 3, call="R" * 20 + "M" * 9)
    found = kano.classified(data, seed=1, min_cell=10)
    told = {item.key.rpartition(".")[2] for item in found}
    assert told == {"bill_0", "call_0"}
    assert all(item.n >= 10 for item in found)
    assert find(found, "kano.better.call_0") is None  # it counts for nine
    with style.canvas() as figure:
        assert figures.kano.coefficients(found, figure)


def test_half_a_pair_is_left_out_and_counted():
    [first, *_] = kano.classified(survey(bill="M" * 20 + " " * 7), seed=1)
    assert (first.n, first.n_dropped) == (20, 7)


@pytest.mark.parametrize("letter", list(PAIRS))
def test_one_category_alone(letter):
    found = kano.classified(survey(bill=letter * 30), seed=1)
    [verdict] = kano.verdicts(found)
    assert verdict.decided
    assert verdict.share.value == 1
    shown = show("kano", found, title=headlines.kano.categories, draw=figures.kano.coefficients)
    assert shown.record["title"]
    assert shown.record["caption"]


def test_categories_and_reversed_scales_are_the_same_answers():
    scale = survey(bill="MMMMMMMOOOAAIIRQ" * 4 + " ")
    wanted = kano.classified(scale, seed=1)
    book, table = {}, {}
    for name, item in scale.codebook.items():
        places = scale.answers[name]
        labels = places.map(dict(enumerate(ANSWERS, start=1)))
        table[name] = pd.Categorical(labels, categories=list(ANSWERS), ordered=True)
        book[name] = question(name, *item.roles, item.construct, "category", values=VALUES)
    made = Survey(answers=pd.DataFrame(table), codebook=book, about=About(title="Test"))
    assert kano.classified(made, seed=1) == wanted
    zero = {
        name: question(name, *item.roles, item.construct, low=0.0, high=4.0)
        for name, item in scale.codebook.items()
    }
    moved = Survey(answers=scale.answers - 1, codebook=zero, about=About(title="Test"))
    assert kano.classified(moved, seed=1) == wanted


VALUES = {str(place): (label,) for place, label in enumerate(ANSWERS, start=1)}


def test_pouliots_table_doubts_more():
    data = survey(bill="M" * 30)
    answers = pd.DataFrame({"bill_0": np.full(30, 2.0), "bill_1": np.full(30, 2.0)})
    data = Survey(answers=answers, codebook=data.codebook, about=data.about)
    for table, letter in (("standard", "I"), ("pouliot", "Q")):
        found = kano.classified(data, seed=1, table=table)
        assert find(found, f"kano.share.{letter}.bill_0").value == 1


def test_its_pairs_are_no_scales():
    assert CLEAR.scales() == {}


def test_accounts_make_it_less_sure():
    data = survey(bill="M" * 60 + "A" * 40)
    book = dict(data.codebook) | {
        "account": Variable(variable="account", label="Account", type="id", roles=("account",))
    }
    table = data.answers.assign(account=[f"A{row // 10}" for row in range(100)])
    clustered = Survey(answers=table, codebook=book, about=data.about)
    assert [item.decided for item in kano.verdicts(kano.classified(data, seed=1))] == [True]
    assert [item.decided for item in kano.verdicts(kano.classified(clustered, seed=1))] == [False]
