"""The mix of types in groups."""

from crmresearch.archetypes.headlines.wording import ABSENT, doubt, ends, part_of, value_of, widest
from crmresearch.report.estimates import Estimate


def mix(estimates: list[Estimate], role: str) -> str:
    """The type whose share varies most between the groups."""
    name = widest(estimates)
    if not name:
        return f"{ABSENT}several groups by {role}"
    low, high = ends([x for x in estimates if x.name == name and x.value == x.value])
    return (
        f"Type {name} varies most by {role}: from {value_of(low)} ({part_of(low)}) to "
        f"{value_of(high)} ({part_of(high)}){doubt(low, high)}"
    )
