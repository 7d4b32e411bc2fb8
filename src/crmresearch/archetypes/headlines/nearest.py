"""Which types of the catalogue lie near the types found."""

import re

from crmresearch.archetypes.headlines.wording import ABSENT, ends, listing, part_of, value_of
from crmresearch.archetypes.nearest import MARGIN, NEAR, SURE
from crmresearch.report.estimates import Estimate, find


def nearest(estimates: list[Estimate]) -> str:
    """The working label that each type may have from the catalogue, or that it may have none."""
    if not estimates:
        return f"{ABSENT}ratings of the relationship, which places in the catalogue need"
    away = [item for item in estimates if item.key == "nearest.distance"]
    if not away:
        return "Too few dimensions are measured to hold the types against the catalogue"
    lent, between, far = [], [], []
    for item in away:
        label, name = part_of(item), _quoted(item.name)
        margin = find(estimates, "nearest.margin", item.group)
        sure = find(estimates, "nearest.sure", item.group)
        if item.value > NEAR:
            far.append(f"type {label}")
        elif sure.value >= SURE and (margin is None or margin.value >= MARGIN):
            lent.append(f"type {label} nearest to “{name}”")
        elif margin is not None:
            between.append(f"type {label} between “{name}” and “{_quoted(margin.name)}”")
    parts = [listing(lent + between)] if lent + between else []
    if far:
        parts.append(f"nothing near {listing(far)}")
    return f"On the dimensions measured: {'; '.join(parts)}"


def _quoted(name: str) -> str:
    return re.search("“(.*)”", name)[1]


def reliability(estimates: list[Estimate]) -> str:
    """The dimensions measured best and worst."""
    known = [item for item in estimates if item.value == item.value]
    if not known:
        return f"{ABSENT}several ratings of the relationship on one dimension"
    low, high = ends(known)
    return f"Reliability of the dimensions runs from {_score(low)} to {_score(high)}"


def _score(item: Estimate) -> str:
    return f"{value_of(item)} ({item.name.partition(' (')[0].lower()})"
