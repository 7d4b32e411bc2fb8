"""Room for what stands around the panels of a figure, measured once."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.layout_engine import ConstrainedLayoutEngine


class MeasuredOnce(ConstrainedLayoutEngine):
    """Matplotlib's constrained layout for rows and columns of panels, at half its cost.

    The panels of one grid keep the proportions of their widths and heights; around and between
    them is the room that their labels, titles and notes need. Constrained layout looks at all of
    it twice, since labels may change with the size of their panel; here only where new sizes have
    changed the ticks. Every other figure is left to constrained layout.
    """

    def execute(self, fig: Figure) -> None:
        """Move and resize the panels of `fig`."""
        axes = list(fig.axes)
        if not _plain_grid(fig, axes):
            super().execute(fig)
            return
        _settle_empty_names(axes)
        before = _ticks(axes)
        self._place(fig, axes)
        if _ticks(axes) != before:
            self._place(fig, axes)

    def _place(self, fig: Figure, axes: Sequence[Axes]) -> None:
        renderer = fig.canvas.get_renderer()
        size = fig.get_size_inches()
        pads = np.array([self._params["w_pad"], self._params["h_pad"]]) / size
        grid = axes[0].get_gridspec()
        around = np.zeros((4, max(grid.get_geometry())))  # left, bottom, right, top of each cell
        for ax in axes:
            spec = ax.get_subplotspec()
            cells = spec.colspan[0], spec.rowspan[-1], spec.colspan[-1], spec.rowspan[0]
            sides = _overhang(ax, renderer) / np.tile(fig.bbox.size, 2)
            around[range(4), cells] = np.maximum(around[range(4), cells], sides)
        left, bottom, right, top = around + np.tile(pads, 2)[:, None]
        outer_left, outer_bottom = _named_edges(fig, pads, renderer)
        xs, widths = _spread(left, right, grid.get_width_ratios(), 1 - outer_left)
        ys, heights = _spread(top, bottom, grid.get_height_ratios(), 1 - outer_bottom)
        if min(*widths, *heights) <= 0:
            return  # names wider than the figure: better over its edge than no drawing
        for ax in axes:
            spec = ax.get_subplotspec()
            first, last = spec.colspan[0], spec.colspan[-1]
            upper, lower = spec.rowspan[0], spec.rowspan[-1]
            x0, x1 = xs[first], xs[last] + widths[last]
            y0, y1 = 1 - ys[lower] - heights[lower], 1 - ys[upper]
            ax.set_position((outer_left + x0, y0, x1 - x0, y1 - y0))
            ax.set_in_layout(True)  # which a position of its own would end


def _plain_grid(fig: Figure, axes: Sequence[Axes]) -> bool:
    """Whether panels of free shape in one grid, its gaps left to us, are all there is."""
    grids = {ax.get_gridspec() for ax in axes}
    return (
        len(grids) == 1
        and all(isinstance(grid, GridSpec) for grid in grids)
        and all(grid.wspace is None and grid.hspace is None for grid in grids)
        and all(ax.get_aspect() == "auto" and ax.get_in_layout() for ax in axes)
        and not (fig.legends or fig.subfigs or fig.get_suptitle())
    )


def _settle_empty_names(axes: Sequence[Axes]) -> None:
    """Keep matplotlib from looking, label by label, for the place of an axis's name of no words."""
    for axis in (axis for ax in axes for axis in (ax.xaxis, ax.yaxis)):
        if not axis.get_label_text():
            axis.set_label_coords(0.5, 0.5)


def _ticks(axes: Sequence[Axes]) -> list[list[float]]:
    return [list(axis.get_majorticklocs()) for ax in axes for axis in (ax.xaxis, ax.yaxis)]


def _overhang(ax: Axes, renderer: RendererBase) -> np.ndarray:
    """Pixels that what belongs to a panel needs at its left, bottom, right and top."""
    box = ax.get_tightbbox(renderer, for_layout_only=True)
    if box is None:
        return np.zeros(4)
    (x0, y0), (x1, y1) = ax.bbox.get_points()
    return np.array([x0 - box.x0, y0 - box.y0, box.x1 - x1, box.y1 - y1])


def _named_edges(fig: Figure, pads: np.ndarray, renderer: RendererBase) -> tuple[float, float]:
    """Shares of the figure that the names of all its panels' axes take, at the left and below."""
    room = {}
    for name in fig.texts:
        size = name.get_window_extent(renderer).size / fig.bbox.size + 2 * pads
        x, y = name.get_position()
        if name.get_text() == fig.get_supxlabel():
            name.set_position((x, pads[1]))
            room["x"] = size[1]
        elif name.get_text() == fig.get_supylabel():
            name.set_position((pads[0], y))
            room["y"] = size[0]
    return room.get("y", 0.0), room.get("x", 0.0)


def _spread(
    before: np.ndarray, after: np.ndarray, ratios: Sequence[float], room: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where each cell's panel begins and its size, with what is left shared out by `ratios`."""
    before, after = before[: len(ratios)], after[: len(ratios)]
    sizes = (room - before.sum() - after.sum()) * np.array(ratios) / sum(ratios)
    starts = np.cumsum(before + sizes + after) - sizes - after
    return starts, sizes
