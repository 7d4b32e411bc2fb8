"""Tables: cells as a reader sees them, in markup that assistive tools can read."""

import math
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.report.suppression import suppress
from crmresearch.report.tables import (
    CELL_LIMIT,
    Table,
    as_html,
    as_markdown,
    clean,
    from_estimates,
    from_frame,
    from_record,
)

from .examples import estimate


class Reader(HTMLParser):
    """Tags with their attributes, and texts, of HTML."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def test_an_estimate_table_formats_each_row_in_its_own_unit():
    table = from_estimates([estimate(), estimate("gap", -0.2, -0.3, -0.1, unit="SD", p=0.0004)])
    assert table.columns == (
        "", "Estimate", "95% CI, from", "to", "p", "n", "left out", "Unit", "Method",
    )  # fmt: skip
    assert [row[:6] for row in table.cells()] == [
        ["Net Promoter Score", "8.0", "4.4", "11.6", "–", "2,394"],
        ["Net Promoter Score", "−0.20", "−0.30", "−0.10", "< .001", "2,394"],
    ]


def test_without_a_test_there_is_no_column_of_p():
    assert "p" not in from_estimates([estimate()]).columns


def test_levels_that_differ_are_not_named_in_the_heading():
    assert "CI, from" in from_estimates([estimate(), estimate("x", level=0.9)]).columns


def test_a_hidden_group_shows_no_number_at_all():
    items, _ = suppress([estimate(n=3, group="brand: A"), estimate(n=12, group="brand: B")], 10)
    for row in from_estimates(items).cells():
        assert not any(character.isdigit() for cell in row[1:6] for character in cell)


def test_a_frame_is_shown_with_its_units_and_without_its_index():
    frame = pd.DataFrame(
        {
            "Classes": [2, 3],
            "Share": [0.25, math.nan],
            "Chosen": [True, False],
            "On": pd.to_datetime(["2026-01-05", None]),
            "Text": ["a|b", None],
            "Plain": [-0.123456, 5.0],
        }
    )
    table = from_frame(frame, {"Share": "share"})
    assert table.cells() == [
        ["2", "25.0%", "yes", "2026-01-05 00:00:00", "a|b", "−0.1235"],
        ["3", "–", "no", "–", "–", "5"],
    ]
    assert "a\\|b" in as_markdown(table)


def test_the_markup_has_caption_headers_and_right_aligned_numbers():
    table = from_frame(pd.DataFrame({"Group": ["A", "B"], "n": [12, 14]}))
    reader = Reader(as_html(table, caption='Sizes & "more"'))
    scopes = [attributes.get("scope") for tag, attributes in reader.tags if tag == "th"]
    assert scopes == ["col", "col", "row", "row"]
    assert ("td", {"class": "number"}) in reader.tags
    assert ("th", {"scope": "col", "class": "number"}) in reader.tags
    assert 'Sizes & "more"' in reader.texts


def test_a_column_without_any_value_is_left_out_of_the_page():
    whole = from_estimates([estimate(low=math.nan, high=math.nan)])
    assert "CI" not in as_html(whole, caption="x")
    assert "CI, from" in whole.columns


def test_columns_without_names_have_no_empty_header_row():
    markup = as_html(Table(columns=("", ""), rows=(("Title", "x"),)), caption="Facts")
    assert "<thead>" not in markup


@given(st.text(), st.text(min_size=1), st.text())
def test_text_from_a_survey_stays_text(column, label, caption):
    hostile = [label, f"<script>{label}</script>", f'"><img src=x onerror="{label}">']
    frame = pd.DataFrame({f"a{column}": hostile, "n": [1, 2, 3]})
    reader = Reader(as_html(from_frame(frame), caption=caption))
    tags = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in reader.tags} <= tags
    assert {name for _, attributes in reader.tags for name in attributes} <= {
        "class", "tabindex", "role", "aria-label", "scope",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("two\nlines\t here ", "two lines here"),
        ("safe\u202etxt.exe", "safetxt.exe"),
        ("nul\x00bell\x07", "nulbell"),
        ("lone \ud800 half", "lone  half"),
        ("مرحبا and 你好 and é", "مرحبا and 你好 and é"),
    ],
)
def test_what_a_reader_cannot_see_is_removed(text, kept):
    assert clean(text) == kept


def test_a_long_text_is_cut():
    [[cell]] = from_frame(pd.DataFrame({"Text": ["x" * 100_000]})).cells()
    assert len(cell) == CELL_LIMIT
    assert cell.endswith("…")


def test_a_record_gives_the_table_back():
    table = from_estimates([estimate(), estimate("gap", unit="SD", p=0.2)])
    record = {
        "columns": list(table.columns),
        "rows": [list(row) for row in table.rows],
        "units": dict(table.units),
        "row_units": list(table.row_units),
    }
    assert from_record(record) == table


@pytest.mark.parametrize("data", [[], pd.DataFrame({"a": []}), pd.DataFrame()])
def test_an_empty_table_is_a_table(data):
    table = from_frame(data) if isinstance(data, pd.DataFrame) else from_estimates(data)
    assert table.cells() == []
    assert "<table>" in as_html(table, caption="Nothing")


def test_methods_are_written_out_once_below_the_table():
    one, two = estimate(method="t <interval>"), estimate(method="t <interval>")
    three = estimate(method="Wilson")
    together = as_html(from_estimates([one, two]), caption="All alike")
    assert together.count("t &lt;interval&gt;") == 1
    assert '<p class="methods">Method<br>t &lt;interval&gt;</p>' in together
    mixed = as_html(from_estimates([one, three, two]), caption="Two methods")
    assert mixed.count("<td>a</td>") == 2
    assert mixed.count("<td>b</td>") == 1
    assert "<br>a: t &lt;interval&gt;<br>b: Wilson" in mixed
    alone = as_html(from_estimates([three]), caption="One row")
    assert "<td>Wilson</td>" in alone
    many = [estimate(method=f"method {number}") for number in range(60)]
    assert "<td>method 59</td>" in as_html(from_estimates(many), caption="More than letters")
