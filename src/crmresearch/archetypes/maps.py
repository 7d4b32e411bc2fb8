"""A map of groups and types: which brands, industries or segments have a like mix of types.

Correspondence analysis of the shares of the types in the groups, corrected for classification
error. Groups stand at their principal coordinates, so that distances between them are those of
their mixes; types are arrows of the contribution biplot, so that a group lies towards the types of
which it has more than all groups together.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.mix_table import MixTable, mix_table
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.correspondence import (
    Axes,
    Chance,
    Reach,
    chance,
    correspondence,
    reach,
    region,
)
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_level

DRAWN = 2  # axes
WORDS = "interval of redrawn tables that allows for axes turned by chance"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TypeMap:
    """The mix of types by one role as a map; without `axes` where there is none to draw.

    Parameters
    ----------
    labels : of the types
    outlines : by group, (points, 2) of the region that holds its true place; empty on one axis
    """

    role: str
    level: float
    labels: tuple[str, ...]
    table: MixTable | None = None
    axes: Axes | None = None
    chance: Chance | None = None
    reach: Reach | None = None
    outlines: tuple[np.ndarray, ...] = ()

    @property
    def dimensions(self) -> int:
        """Axes that are drawn: none, one or two."""
        return 0 if self.axes is None else min(len(self.axes.inertia), DRAWN)

    @property
    def clear(self) -> bool:
        """Whether the groups differ beyond chance."""
        return self.chance is not None and self.chance.p < 1 - self.level

    @property
    def note(self) -> str:
        """How to read the map, and what it cannot say."""
        if self.axes is None:
            return ""
        small = ""
        if self.table.left_out:
            groups = count(self.table.left_out, "group is", "groups are")
            small = f" {groups} too small to be shown, or beyond the largest, and left out."
        return (
            "Correspondence analysis of the shares corrected for classification error: groups at "
            "principal coordinates, whose distances compare their mixes; types as arrows of the "
            "contribution biplot, whose directions count and whose lengths compare types. Regions "
            f"and intervals ({format_level(self.level)}) hold where a group truly lies on these "
            "axes, which chance has turned as well; another sample would turn them otherwise."
            f"{small}"
        )

    @property
    def estimates(self) -> list[Estimate]:
        """Inertia against chance, the axes' parts of it, places of the groups, arrows of the types.

        Keys are ``map.<role>.inertia``, ``.chance``, ``.axis.<number>``, ``.place.<number>`` for
        each group and ``.arrow.<number>`` for each type.
        """
        if self.axes is None:
            return []
        axes = range(self.dimensions)
        spread = self.chance.covariance(self.axes.onto)
        away = self.reach.single * np.sqrt(np.einsum("gaa->ga", spread)[:, axes].clip(min=0))
        return [
            *self._inertia(),
            *(
                self._place(g, a, float(away[g, a]))
                for g in range(len(self.table.names))
                for a in axes
            ),
            *(self._arrow(k, a) for k in range(len(self.labels)) for a in axes),
        ]

    def _inertia(self) -> list[Estimate]:
        how = "correspondence analysis of BCH shares"
        made, test = f"map.{self.role}", self.chance
        f = f"Rao-Scott F, {test.above:.1f} and {test.below:,.0f} df, {self.table.words}"
        return [
            self._estimate(
                key=f"{made}.inertia",
                name="Inertia, the spread of the mixes",
                value=self.axes.total,
                unit="inertia",
                p=test.p,
                method=f"{how}; {f}",
            ),
            self._estimate(
                key=f"{made}.chance",
                name="Inertia that chance alone makes on average",
                value=test.expected,
                unit="inertia",
                method=f"trace of the linearised covariance, {self.table.words}",
            ),
            *(
                self._estimate(
                    key=f"{made}.axis.{a + 1}",
                    name=f"Inertia shown by axis {a + 1}",
                    value=float(self.axes.shown[a]),
                    unit="share",
                    method=how,
                )
                for a in range(self.dimensions)
            ),
        ]

    def _place(self, g: int, a: int, away: float) -> Estimate:
        value = float(self.axes.places[g, a])
        return self._estimate(
            key=f"map.{self.role}.place.{a + 1}",
            name=f"Place on axis {a + 1}",
            value=value,
            low=value - away,
            high=value + away,
            unit="number",
            n=int(self.table.n[g]),
            method=f"principal coordinate, {WORDS}, {self.table.words}",
            group=f"{self.role}: {self.table.names[g]}",
        )

    def _arrow(self, k: int, a: int) -> Estimate:
        return self._estimate(
            key=f"map.{self.role}.arrow.{a + 1}",
            name=f"Arrow on axis {a + 1}",
            value=float(self.axes.arrows[k, a]),
            unit="number",
            method="contribution coordinate; its square is the type's part of the axis",
            group=f"type: {self.labels[k]}",
        )

    def _estimate(self, **fields) -> Estimate:
        return Estimate(**({"n": int(self.table.n.sum()), "level": self.level} | fields))


def type_map(
    types: Types, survey: Survey, role: str, *, min_cell: int = 1, seed: int = 20260101
) -> TypeMap:
    """The map of the groups of the first variable with `role`, of at least `min_cell` people.

    Groups that may not be shown take no part, so that nothing can be told of them from the others.
    """
    none = TypeMap(role=role, level=types.level, labels=types.labels)
    table = mix_table(types, survey, role, min_cell=min_cell)
    if table is None or (table.masses @ table.shares < 0).any():
        return none
    axes = correspondence(table.shares, table.masses)
    if not len(axes.inertia):
        return none
    made = chance(axes, table.covariance, table.freedom)
    if not made.expected > 0:
        return none
    drawn = min(len(axes.inertia), DRAWN)
    far = reach(
        axes,
        table.covariance,
        made,
        drawn=drawn,
        level=types.level,
        freedom=table.freedom,
        seed=seed,
    )
    return TypeMap(
        role=role,
        level=types.level,
        labels=types.labels,
        table=table,
        axes=axes,
        chance=made,
        reach=far,
        outlines=_outlines(axes, made, far) if drawn == DRAWN else (),
    )


def first_of(survey: Survey, roles: tuple[str, ...]) -> str:
    """The first of these roles that the data have, else the first of them."""
    return next((role for role in roles if role in survey.roles), roles[0])


def _outlines(axes: Axes, made: Chance, far: Reach) -> tuple[np.ndarray, ...]:
    covariance = made.covariance(axes.onto[:, :DRAWN])
    return tuple(
        region(place[:DRAWN], spread, far.joint)
        for place, spread in zip(axes.places, covariance, strict=True)
    )
