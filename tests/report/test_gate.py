"""The privacy gate refuses what could identify somebody, and says where and what to do."""

import pandas as pd
import pytest

from crmresearch.errors import UserError
from crmresearch.report import cells, page
from crmresearch.report.collect import collect
from crmresearch.report.exhibits import show, show_data
from crmresearch.report.gate import Passage, check

from .examples import estimate
from .notebooks import code, notebook
from .test_collect import SHEET


def results(*shown):
    return collect(notebook(code("x", *shown)), "survey")


def refusal(found=None, *passages):
    with pytest.raises(UserError) as error:
        check(found or results(), passages, name="report 'survey-x'")
    return str(error.value)


def test_an_ordinary_report_passes():
    check(
        results(show_data(SHEET), show("a", [estimate(n=12, group="brand: A")], title="In 2026")),
        [
            Passage("prose", "doi:10.1177/1094670507303012, https://example.org/home/x, 50/50"),
            Passage("code", 'load("telecom") / 2; seed = 20260101; a @ b; x = {"C": "D"}'),
            Passage("print", "2,406 customers, 9f86d081884c7d659a2feaa0c55ad015, 3:05", True),
        ],
        name="report 'x'",
    )


def test_a_small_group_that_slipped_through_is_named():
    text = refusal(results(show("a", [estimate(n=4, group="brand: A")], title="", min_cell=2)))
    assert text == (
        "report 'survey-x' is not published: 1 privacy problem.\n"
        "  1. estimate 'nps', group 'brand: A': it rests on 4 people, fewer than 10. Show it with "
        "show(..., min_cell=10), or state a smaller min_cell in about.toml if the owner of the "
        "data allows it."
    )


def test_the_owner_of_the_data_sets_the_minimum():
    small = show("a", [estimate(n=4, group="brand: A")], title="", min_cell=2)
    check(results(show_data({**SHEET, "min_cell": 3}), small), [], name="x")
    assert "fewer than 20" in refusal(
        results(
            show_data({**SHEET, "min_cell": 20}),
            show("a", [estimate(n=15, group="brand: A")], title=""),
        )
    )


def test_a_survey_of_a_few_people_is_refused_whole():
    assert refusal(results(show_data({**SHEET, "n": 1}))) == (
        "report 'survey-x' is not published: 1 privacy problem.\n"
        "  1. the data: 1 respondent, fewer than 10, who could be identified by any figure. "
        "Collect more answers, or state a smaller min_cell in about.toml if the owner of the data "
        "allows it."
    )


def test_the_small_groups_of_a_frame_count_too():
    frame = pd.DataFrame({"Brand": ["A", "B"], "n": [40, 4]})
    assert "exhibit 'sizes', column 'n': 1 row rests on fewer than 10 people" in refusal(
        results(show("sizes", frame, title=""))
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("write to jane.doe@example.com today", "an e-mail address"),
        ("read /Users/jane/secret.csv", "a path of this computer"),
        ("read " + "/".join(["", "home", "jane", "secret.csv"]), "a path of this computer"),
        ("read 'C:\\Users\\jane\\x.csv'", "a path of this computer"),
        ("C:/Users/jane/x.csv", "a path of this computer"),
        ("file:///Users/jane/x", "a path of this computer"),
    ],
)
def test_addresses_and_paths_are_refused_anywhere(text, what):
    for printed in (False, True):
        message = refusal(None, Passage("code no. 3", text, printed))
        assert f"code no. 3: found {what} (1 time)." in message
        assert "jane" not in message
    assert f"exhibit 'a': found {what}" in refusal(results(show("a", [estimate()], title=text)))


def test_long_numbers_are_refused_where_data_speak():
    assert "found a number of eight digits" in refusal(
        None, Passage("html", "id 4915112345678 x", True)
    )
    grouped = estimate(group="account: 20481234", n=20)
    assert "exhibit 'a': found a number" in refusal(results(show("a", [grouped], title="")))


def test_all_problems_are_told_at_once():
    text = refusal(
        None,
        Passage("prose no. 1", "a@example.com /Users/a/b"),
        Passage("code no. 2", "/tmp/x"),
    )
    assert "3 privacy problems" in text
    assert text.count("\n") == 3


def test_a_table_of_raw_rows_is_refused_by_its_columns():
    sheet = show_data({**SHEET, "private": ["comment", "account"]})
    frame = pd.DataFrame({"comment": ["They never call back."], "score": [1]})
    assert "exhibit 'a': found a table with the column 'comment'" in refusal(
        results(sheet, show("a", frame, title=""))
    )
    for cell in (repr(frame) + "\n", {"text/html": frame.to_html(), "text/plain": repr(frame)}):
        with pytest.raises(UserError, match="column 'comment', which holds identifiers"):
            publishing(notebook(code("x", sheet), code("frame", cell)))
    publishing(notebook(code("x", sheet), code("y", "one comment, 2 accounts\n0 left\n")))


def publishing(made):
    blocks = cells.blocks(made)
    check(collect(made, "survey"), page.passages(blocks), name="x")
