"""The privacy gate refuses what could identify somebody, and says where and what to do."""

import pandas as pd
import pytest

from crmresearch.errors import UserError
from crmresearch.report.collect import collect
from crmresearch.report.exhibits import show, show_data
from crmresearch.report.gate import check

from .examples import estimate
from .notebooks import code, notebook
from .test_collect import SHEET


def results(*shown):
    return collect(notebook(code("x", *shown)), "survey")


def refusal(found=None, written=(), printed=()):
    with pytest.raises(UserError) as error:
        check(found or results(), written, printed, name="report 'survey-x'")
    return str(error.value)


def test_an_ordinary_report_passes():
    check(
        results(show_data(SHEET), show("a", [estimate(n=12, group="brand: A")], title="In 2026")),
        [
            (
                "prose",
                "See doi:10.1177/1094670507303012 and https://example.org/home/x, 50/50, w/o.",
            ),
            ("code", 'load("telecom") / 2; seed = 20260101; a @ b; x = {"C": "D"}'),
        ],
        [("printed", "2,406 customers, 20.5 points, 9f86d081884c7d659a2feaa0c55ad015, 3:05")],
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
    check(results(show_data({**SHEET, "min_cell": 3}), small), [], [], name="x")
    assert "fewer than 20" in refusal(
        results(
            show_data({**SHEET, "min_cell": 20}),
            show("a", [estimate(n=15, group="brand: A")], title=""),
        )
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
        ("read /home/jane/secret.csv", "a path of this computer"),
        ("read 'C:\\Users\\jane\\x.csv'", "a path of this computer"),
        ("C:/Users/jane/x.csv", "a path of this computer"),
        ("file:///Users/jane/x", "a path of this computer"),
    ],
)
def test_addresses_and_paths_are_refused_anywhere(text, what):
    for place in ("written", "printed"):
        message = refusal(**{place: [("code no. 3", text)]})
        assert f"code no. 3: found {what} (1 time)." in message
        assert "jane" not in message
    assert f"exhibit 'a': found {what}" in refusal(results(show("a", [estimate()], title=text)))


def test_long_numbers_are_refused_where_data_speak():
    assert "found a number of eight digits" in refusal(printed=[("html", "id 4915112345678 x")])
    grouped = estimate(group="account: 20481234", n=20)
    assert "exhibit 'a': found a number" in refusal(results(show("a", [grouped], title="")))


def test_all_problems_are_told_at_once():
    text = refusal(written=[("prose no. 1", "a@example.com /home/a/b"), ("code no. 2", "/tmp/x")])
    assert "3 privacy problems" in text
    assert text.count("\n") == 3
