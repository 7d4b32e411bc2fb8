"""Room around panels: what constrained layout gives, in one look."""

import numpy as np
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine

from crmresearch.report import placing, plots, style

LONG = ["short", "a name that takes\ntwo lines  (n = 1,234)", "one of medium length"]


def one(figure):
    ax = figure.subplots()
    ax.plot([0, 1, 2], [0, 1, 2])
    ax.set_xticks([0, 1, 2])
    plots.name_rows(ax, [0, 1, 2], LONG)
    ax.set_xlabel("share of customers (95% CI)")


def column(figure):
    figure.set_size_inches(style.WIDTH, 6)
    axes = figure.subplots(3, 1, height_ratios=[1, 2, 3])
    for number, ax in enumerate(axes):
        plots.name_rows(ax, [0, 1, 2], LONG[: number + 1] + [""] * (2 - number))
        ax.set_title("A panel")


def grid(figure):
    figure.set_size_inches(style.WIDTH, 5)
    axes = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
    for ax in axes[:3]:
        ax.plot([0, 0.5, 1], [0, 1, 2])
    axes[3].set_visible(False)
    axes[0].set_yticks([0, 1, 2], labels=LONG)
    figure.supxlabel("mean of the type")
    figure.supylabel("as it is")


def beside(figure):
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[2, 1])
    left.set_yticks([0, 1, 2], labels=LONG)
    right.annotate("a value", (1.02, 1), xycoords=("axes fraction", "data"))


def places(draw, engine=None):
    with style.canvas() as figure:
        draw(figure)
        if engine is not None:
            figure.set_layout_engine(engine)
        figure.canvas.draw()
        return np.array([ax.get_position().get_points() for ax in figure.axes]) * figure.bbox.size


@pytest.mark.parametrize("draw", [one, column, grid, beside])
def test_panels_get_the_places_of_constrained_layout(draw):
    theirs = places(draw, ConstrainedLayoutEngine())
    assert places(draw) == pytest.approx(theirs, abs=6)  # of 1,008 pixels


def test_no_label_leaves_the_figure():
    with style.canvas() as figure:
        column(figure)
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()
        for ax in figure.axes:
            box = ax.get_tightbbox(renderer)
            assert box.x0 >= 0
            assert box.y0 >= 0
            assert box.x1 <= figure.bbox.width
            assert box.y1 <= figure.bbox.height


def test_panels_stay_in_the_layout_when_drawn_again():
    with style.canvas() as figure:
        one(figure)
        figure.canvas.draw()
        first = figure.axes[0].get_position().get_points()
        figure.canvas.draw()
        assert figure.axes[0].get_in_layout()
        assert figure.axes[0].get_position().get_points() == pytest.approx(first, abs=0.002)


def test_new_ticks_are_measured_again(monkeypatch):
    looks = []
    place = placing.MeasuredOnce._place
    monkeypatch.setattr(
        placing.MeasuredOnce, "_place", lambda *given: looks.append(1) or place(*given)
    )

    def labels_grow(figure):
        figure.set_size_inches(style.WIDTH, 1.2)
        ax = figure.subplots()
        ax.plot([0, 1], [0, 123456])
        ax.set_xlabel("x\n\n")

    places(labels_grow)
    assert len(looks) == 2
    looks.clear()
    places(one)
    assert len(looks) == 1


def test_a_name_wider_than_the_figure_is_drawn_over_its_edge():
    def wide(figure):
        figure.subplots().set_yticks([0], labels=["W" * 200])

    assert np.ptp(places(wide)[:, :, 0]) > 0


def square(figure):
    figure.subplots(1, 2)[0].set_aspect("equal")


def apart(figure):
    figure.subplots(2, 2, gridspec_kw={"wspace": 0.5, "hspace": 0.4})


@pytest.mark.parametrize("draw", [square, apart])
def test_fixed_shapes_and_gaps_are_left_to_constrained_layout(draw):
    assert places(draw) == pytest.approx(places(draw, ConstrainedLayoutEngine()))
