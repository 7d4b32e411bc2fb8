"""The shared drawings, by their artists."""

import pandas as pd
import pytest

from crmresearch.report import bars, plots, style
from crmresearch.report.estimates import Estimate


def estimate(value, low, high, *, unit="share", group="", key="k", name="Share"):
    return Estimate(
        key=key, name=name, value=value, low=low, high=high, unit=unit, n=50, method="", group=group
    )


def test_a_row_an_estimate_hollow_without_an_interval():
    nan = float("nan")
    items = [estimate(0.2, 0.1, 0.3), estimate(0.4, nan, nan), estimate(nan, nan, nan)]
    with style.canvas() as figure:
        axes = plots.intervals(items, figure, reference=0, zone=0.05)
        dots = [line for line in axes.lines if line.get_marker() == "o"]
        assert [dot.get_xdata()[0] for dot in dots] == [0.2, 0.4]
        assert [dot.get_markerfacecolor() for dot in dots] == [style.ACCENT, "white"]


def test_ticks_carry_the_decimals_that_tell_them_apart():
    items = [estimate(0.004, -0.002, 0.011, unit="scale difference")]
    with style.canvas() as figure:
        axes = plots.intervals(items, figure)
        figure.draw_without_rendering()
        texts = [text.get_text() for text in axes.get_xticklabels()]
        assert len(texts) == len(set(texts))
        assert "0" in texts
        assert all(text[0] in "+−0" for text in texts)


def test_a_long_name_of_an_axis_stays_in_the_figure():
    name = "Mean satisfaction, 1 (Unacceptable) to 5 (Outstanding), of all who had a problem"
    items = [estimate(4.04, 3.99, 4.09, unit="scale points", group="Wave: 2016", name=name)]
    with style.canvas() as figure:
        axes = plots.groups(items, figure)
        figure.draw_without_rendering()
        box = axes.xaxis.label.get_window_extent()
        assert " ".join(axes.get_xlabel().split()).startswith(name)
        assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
        assert box.y0 >= 0


def test_groups_stand_under_headings_with_their_values():
    items = [
        estimate(0.5, 0.4, 0.6),
        estimate(0.48, 0.4, 0.6),
        estimate(0.3, 0.2, 0.4, group="Size: Small"),
        estimate(0.7, 0.6, 0.8, group="Size: Large"),
        estimate(0.6, 0.5, 0.7, group="Wave: 2026"),
    ]
    with style.canvas() as figure:
        axes = plots.groups(items, figure)
        texts = [text.get_text() for text in axes.texts]
        assert texts == ["50.0%", "48.0%", "30.0%", "70.0%", "60.0%", "Size", "Wave"]
        marks = [line for line in axes.lines if line.get_marker() == "o"]
        found = {line.get_color(): list(line.get_xdata()) for line in marks}
        assert found == {style.ACCENT: [0.5, 0.3, 0.7, 0.6], style.GREY: [0.48]}


def test_units_that_share_no_axis_get_a_panel_each():
    items = [
        estimate(3.0, 1.0, 5.0, unit="points difference", key="a"),
        estimate(0.1, 0.0, 0.2, unit="scale difference", key="b"),
        estimate(0.2, 0.1, 0.3, unit="scale difference", key="c"),
    ]
    with style.canvas() as figure:
        axes = plots.panels(items, figure, bands={"a": 4.0})
        assert [len(panel.get_yticks()) for panel in axes] == [1, 2]
        [band] = axes[0].patches
        assert (band.get_x(), band.get_width()) == (-4.0, 8.0)


def test_long_labels_are_broken_but_never_before_their_n():
    text = plots.with_n("Signs and directions on the roads to the airport", 1234)
    assert "\n" in text
    assert text.splitlines()[-1].endswith("(n\xa0=\xa01,234)")
    assert plots.per_row([text]) > plots.per_row(["short"])


def test_bars_are_centred_on_the_middle_answer_of_odd_and_even_scales():
    with style.canvas() as figure:
        odd, even = figure.subplots(2, 1)
        bars.stack(odd, pd.DataFrame([[0.2, 0.5, 0.3]], index=["q"], columns=["1", "2", "3"]))
        bars.stack(even, pd.DataFrame([[0.4, 0.6]], index=["q"], columns=["1", "2"]))
        assert [bar.get_x() for bar in odd.patches] == pytest.approx([-0.45, -0.25, 0.25])
        assert [bar.get_x() for bar in even.patches] == pytest.approx([-0.4, 0.0])
        assert [text.get_text() for text in odd.texts] == ["20", "50", "30"]


def test_a_label_of_the_data_cannot_take_the_figure_over():
    hostile = "W" * 400 + "\u202e and $x^2$"
    name = plots.with_n(hostile, 2400)
    assert name.count("\n") <= 2
    assert max(len(line) for line in name.split("\n")) <= 30
    assert name.endswith("(n\u00a0=\u00a02,400)")
    assert "\u202e" not in plots.cut("a\u202eb")


def test_two_dollar_signs_in_a_label_are_no_formula():
    with style.canvas() as figure:
        ax = figure.subplots()
        plots.name_rows(ax, [0], [r"from $\frac to $ 100"])
        assert style.image_bytes(figure)
        assert not ax.get_yticklabels()[0].get_parse_math()


def test_a_row_has_room_for_every_line_of_the_longest_label():
    line = 1.2 * style.RC["font.size"] / 72  # inches
    for lines in range(1, 5):
        assert plots.per_row(["short", "\n".join("x" * lines)]) > lines * line
