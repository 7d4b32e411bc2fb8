"""Loyalty over what is expected and what is experienced, a surface for each dimension."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

from crmresearch.archetypes.expectations import Dimension, dimensions
from crmresearch.archetypes.indicators import sampling_design
from crmresearch.data.survey import Survey
from crmresearch.methods.groups import slug
from crmresearch.methods.response_axes import axes
from crmresearch.methods.response_surface import (
    RESTRICTIONS,
    Surface,
    congruence,
    fit_surface,
    lines,
    restriction,
)
from crmresearch.report.estimates import Estimate

LEVELS = (0.25, 0.75)  # quantiles of the mean of both ratings between which congruence is asked
STEPS = 6  # squares of people along the scale, of whom the hull is made


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """The surface of one outcome over one dimension, and where there are people on it.

    Parameters
    ----------
    role : of the outcome: ``loyalty``
    ends : levels of the mean of both ratings, between which the middle half of respondents is
    hull : (v, 2) corners (expected, experienced) around all squares of the scale that hold
        enough people to be shown; empty where none does
    """

    dimension: Dimension
    role: str
    surface: Surface
    ends: tuple[float, float]
    hull: np.ndarray

    @property
    def key(self) -> str:
        return f"{self.role}.{slug(self.dimension.name)}"


def surfaces(survey: Survey, *, role: str = "loyalty", min_cell: int = 10) -> list[Shape]:
    """A surface of the outcome `role` for each dimension that was rated both ways.

    Empty where the data lack the outcome or the ratings; dimensions rated in full by fewer than
    `min_cell` respondents are left out.
    """
    if role not in survey.roles:
        return []
    values = survey.score(role).to_numpy(float)
    design = sampling_design(survey)
    shapes = []
    for one in dimensions(survey):
        known = np.isfinite(values) & np.isfinite(one.gap) & (design.row_weights() > 0)
        if known.sum() < min_cell:
            continue
        fitted = fit_surface(
            values, one.expected, one.experienced, centre=one.centre, design=design
        )
        level = (one.expected + one.experienced)[known] / 2
        shapes.append(
            Shape(
                dimension=one,
                role=role,
                surface=fitted,
                ends=tuple(map(float, np.quantile(level, LEVELS))),
                hull=_hull(one, known, min_cell),
            )
        )
    return shapes


def features(shapes: list[Shape], *, level: float = 0.95) -> list[Estimate]:
    """a1 to a4, principal axes and stationary point of every surface, each by itself.

    Keys are ``surface.loyalty.closeness.a1`` and so on.
    """
    estimates = []
    for shape in shapes:
        where = {"key": f"surface.{shape.key}", "name": f"{shape.dimension.label}: "}
        estimates += lines(shape.surface, level=level, **where)
        estimates += axes(shape.surface, level=level, **where)
    return estimates


def verdicts(shapes: list[Shape], *, near: float = 1.0, level: float = 0.95) -> list[Estimate]:
    """Whether the outcome is highest where experience is what was expected.

    For each surface the slope beyond agreement (``congruence.loyalty.closeness``, see
    `methods.response_surface.congruence`): below zero with its whole interval, congruence is
    supported; above zero, contradicted. Then the tests of what a claim of congruence and what a
    difference score take for granted (``surface.loyalty.closeness.axis``, ``.difference``,
    ``.squared``), p corrected over the dimensions.
    """
    number = len(shapes)
    slopes = [
        congruence(
            shape.surface,
            near=near,
            ends=shape.ends,
            level=level,
            tests=number,
            key=f"congruence.{shape.key}",
            name=f"{shape.dimension.label}: change of {shape.role} a point further from "
            "agreement, where it falls least",
        )
        for shape in shapes
    ]
    tests = [
        restriction(
            shape.surface,
            which,
            level=level,
            tests=number,
            key=f"surface.{shape.key}",
            name=f"{shape.dimension.label}: ",
        )
        for shape in shapes
        for which in RESTRICTIONS
    ]
    return slopes + tests


def verdict(slope: Estimate) -> str:
    """What the slope beyond agreement says of congruence."""
    if slope.high < 0:
        return "supported"
    return "contradicted" if slope.low > 0 else "open"


def _hull(dimension: Dimension, known: np.ndarray, min_cell: int) -> np.ndarray:
    """Corners around the squares of the scale that at least `min_cell` respondents are in.

    Squares without that many take no part, so that no corner tells of a few people.
    """
    low, high = dimension.low, dimension.high
    width = (high - low) / STEPS
    if not width > 0:
        return np.empty((0, 2))
    x, y = (
        np.rint((side[known] - low) / width).astype(int).clip(0, STEPS)
        for side in (dimension.expected, dimension.experienced)
    )
    people = np.bincount(x * (STEPS + 1) + y, minlength=(STEPS + 1) ** 2)
    squares = np.flatnonzero(people >= min_cell)
    if not len(squares):
        return np.empty((0, 2))
    centres = low + width * np.column_stack(np.divmod(squares, STEPS + 1))
    step = width / 2 * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    corners = np.clip((centres[:, None] + step).reshape(-1, 2), low, high)
    return corners[ConvexHull(corners).vertices]
