"""Kano's questions: pairs are found, and what is wrong with them is told where it stands."""

import pytest

from crmresearch.data.codebook_file import read_codebook
from crmresearch.data.kano_pairs import pairs

HEAD = "variable,label,type,role,construct,low,high,reverse,missing,values\n"
LIKE = "Like; Must be; Neutral; Live with; Dislike"
ONE = "a,,scale,kano_functional,App,1,5,,,"
OTHER = "b,,scale,kano_dysfunctional,App,1,5,,,"


def read(tmp_path, *lines: str):
    path = tmp_path / "codebook.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    book, problems = read_codebook(path)
    return book, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "lines",
    [
        (ONE, OTHER),
        (OTHER, ONE),
        (ONE.replace("1,5,", "1,5,yes"), OTHER),
        (
            f"a,,category,kano_functional,App,,,,,{LIKE}",
            f"b,,category,kano_dysfunctional,App,,,,,{LIKE}",
        ),
        ("a,,scale,kano_functional,App,,,,,1=Like; 5=Dislike", OTHER),
    ],
)
def test_a_pair(tmp_path, lines):
    book, problems = read(tmp_path, *lines)
    assert problems == []
    [(construct, (functional, dysfunctional))] = pairs(book.values()).items()
    assert (construct, functional.variable, dysfunctional.variable) == ("App", "a", "b")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((ONE,), "column 'a': no variable has the role 'kano_dysfunctional' and the construct"),
        ((OTHER,), "no variable has the role 'kano_functional' and the construct 'App'"),
        ((ONE, OTHER.replace("App", "Bill")), "the construct 'Bill' but each has one partner"),
        ((ONE.replace("App", ""), OTHER), "'a': the role 'kano_functional' without a construct"),
        ((ONE, OTHER, OTHER.replace("b,", "c,")), "'b', 'c' have the role 'kano_dysfunctional'"),
        (
            (ONE.replace("kano_functional", "kano_functional;kano_dysfunctional"),),
            "it has the roles 'kano_functional', 'kano_dysfunctional'",
        ),
        ((ONE.replace("1,5", "1,7"), OTHER), "'a': the scale runs from 1 to 7 but the answers are"),
        (
            (f"a,,category,kano_functional,App,,,,,{LIKE}; Other", OTHER),
            "'a': 6 answers are listed but the answers are like, must be so, neutral",
        ),
        (("a,,category,kano_functional,App,,,,,", OTHER), "'a': 0 answers are listed"),
        (("a,,number,kano_functional,App,1,5,,,", OTHER), "must be scale or category"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, lines, says):
    _, problems = read(tmp_path, *lines)
    assert any(says in problem for problem in problems), problems


def test_every_fault_comes_at_once_and_says_what_to_do(tmp_path):
    _, problems = read(tmp_path, ONE.replace("1,5", "1,4"), OTHER.replace("App", ""))
    assert len(problems) == 3
    assert all(problem.startswith("codebook.csv, column ") for problem in problems)
    assert all(problem.count(".") >= 3 for problem in problems)  # found but rule. Fix.
