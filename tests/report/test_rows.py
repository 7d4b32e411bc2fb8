"""Forests as rows: where things lie, what is cut, what is safe."""

import re

from crmresearch.report import rows


def made(count: int = 3, **fields) -> dict:
    own = [(f"R{i}", float(i), i - 0.5, i + 0.5) for i in range(count)]
    return rows.forest("Loyalty", fields.pop("own", own), unit="number", level=0.95, **fields)


def test_rows_lie_on_one_axis_with_the_mean_and_zero():
    page = rows.one_html(made(mean=(1.0, 0.5, 1.5)))
    assert re.findall(r"<i style=--a:(\d+);--b:(\d+);--v:(\d+)>", page) == [
        ("0", "67", "17"), ("33", "33", "50"), ("67", "0", "83"), ("33", "33", "50"),
    ]  # fmt: skip
    assert 'class="rows m z" style="--m:50;--l:33;--h:67;--z:17;"' in page
    assert "<tr><th>R0<td>" in page
    assert "<td>0.00 (−0.50 to 0.50)" in page
    assert page.count("<tr>") == 4


def test_an_interval_far_wider_than_others_is_cut_and_its_numbers_told():
    own = [("A", 1.0, 0.9, 1.1), ("B", 1.1, 1.0, 1.2), ("C", 1.0, -900.0, 900.0)]
    low, high = rows.axis(own)
    assert -1 < low < high < 3
    page = rows.one_html(made(own=own))
    assert "−900.00 to 900.00" in page
    assert rows.axis([("A", 1.0, 1.0, 1.0)]) == (0.0, 2.0)


def test_many_rows_are_lines_with_the_ends_told():
    page = rows.one_html(made(200, mean=(99.5, 90.0, 110.0)))
    assert "<tr>" not in page
    assert page.count("M") == 200 * 2 + 1
    assert "200 reports: highest R199 199.00, lowest R0 0.00, mean 99.50" in page
    assert len(page) < 8_000


def test_names_are_escaped_and_cut():
    page = rows.one_html(made(own=[("<i>x", 1.0, 0.0, 2.0), ("y" * 999, 1.0, 0.0, 2.0)]))
    assert "<i>x" not in page
    assert "&lt;i&gt;x" in page
    assert "y" * 201 not in page


def test_what_fits_is_what_is_kept():
    items = [made()] * 5
    assert len(list(rows.within(items, 2 * len(rows.one_html(made()))))) == 2


def test_columns_besides_have_names_and_are_escaped():
    more = [("+1 (0 to 2)", "1"), ("<b>", "2"), ("x", "3")]
    page = rows.one_html(made(mean=(1.0, 0.5, 1.5), besides=(("Difference", "Ranks"), more)))
    assert "<thead><tr><td><td><th>Value<th>Difference<th>Ranks<tbody>" in page
    assert "<td>0.00 (−0.50 to 0.50)<td>+1 (0 to 2)<td>1<tr>" in page
    assert "&lt;b&gt;" in page
    assert page.count("<tr>") == 5
