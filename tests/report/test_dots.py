"""Dots on their intervals, by their artists."""

import numpy as np

from crmresearch.report import style
from crmresearch.report.dots import Dot, dots, points, sample, spans
from crmresearch.report.estimates import NAN, Estimate


def estimate(value, low, high):
    return Estimate(
        key="k", name="Share", value=value, low=low, high=high, unit="share", n=50, method=""
    )


def drawn(draw):
    with style.canvas() as figure:
        ax = figure.subplots()
        draw(ax)
        return ax.lines


def test_dots_that_look_alike_are_one_line_of_intervals_and_one_of_dots():
    items = [
        Dot(estimate(0.2, 0.1, 0.3), 0),
        Dot(estimate(0.4, NAN, NAN), 1),
        Dot(estimate(0.5, 0.4, 0.7), 2.5),
        Dot(estimate(0.6, 0.5, 0.8), 3, style.GREY, "s", filled=False),
    ]
    intervals, known, unknown, grey, squares = drawn(lambda ax: dots(ax, items, size=5))
    np.testing.assert_array_equal(
        intervals.get_xydata(), [[0.1, 0], [0.3, 0], [NAN, 0], [0.4, 2.5], [0.7, 2.5]]
    )
    assert known.get_xydata().tolist() == [[0.2, 0], [0.5, 2.5]]
    assert unknown.get_xydata().tolist() == [[0.4, 1]]
    assert [x.get_markerfacecolor() for x in (known, unknown)] == [style.ACCENT, "white"]
    assert (grey.get_color(), grey.get_xydata().tolist()) == (style.GREY, [[0.5, 3], [0.8, 3]])
    assert (squares.get_marker(), squares.get_markerfacecolor()) == ("s", "white")
    assert squares.get_markersize() == 5


def test_upright_spans_run_along_y():
    [line] = drawn(lambda ax: spans(ax, [(1, 2, 7), (3, 4, 8)], upright=True))
    np.testing.assert_array_equal(line.get_xydata(), [[7, 1], [7, 2], [7, NAN], [8, 3], [8, 4]])


def test_nothing_is_drawn_of_nothing():
    for draw in (dots, spans, points):
        assert all(len(line.get_xdata()) == 0 for line in drawn(lambda ax, draw=draw: draw(ax, [])))


def test_a_sample_of_the_key_looks_like_its_dots():
    line = sample(style.POOR, "D", False, "likeliest", size=6)
    assert (line.get_color(), line.get_marker(), line.get_label()) == (style.POOR, "D", "likeliest")
    assert line.get_markerfacecolor() == "white"
