"""The map of groups and types."""

import numpy as np

from crmresearch.archetypes.headlines.wording import ABSENT
from crmresearch.archetypes.maps import TypeMap
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number


def places(estimates: list[Estimate], *, found: TypeMap) -> str:
    """Whether the mixes differ beyond chance, and which group lies furthest, towards which type."""
    if found.axes is None:
        return f"{ABSENT}several groups by {found.role} with several types to map"
    p = format_number(found.chance.p, "p")
    said = f"p {p}" if p.startswith("<") else f"p = {p}"
    if not found.clear:
        return (
            f"Mixes of types by {found.role} are not told apart beyond chance ({said}): places on "
            "the map are not to be read as differences"
        )
    drawn = slice(0, found.dimensions)
    at = found.axes.places[:, drawn]
    furthest = int((at**2).sum(axis=1).argmax())
    more = found.axes.arrows[:, drawn] @ at[furthest]
    return (
        f"Mixes of types differ by {found.role} beyond chance ({said}): "
        f"“{found.table.names[furthest]}” lies furthest from all together, towards type "
        f"{found.labels[int(np.argmax(more))]}"
    )
