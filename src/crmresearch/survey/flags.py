"""Scales that fail, and the marks that they leave on every result that uses them."""

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import MARK
from crmresearch.survey.dimensions import several
from crmresearch.survey.scales import unreliable


@dataclass(frozen=True, slots=True)
class Flag:
    """One way in which a scale fails.

    Parameters
    ----------
    scale : its key, as in ``alpha.loyalty``; a role or the slug of a construct
    name : for readers
    why : what is wrong with it, after its name: ``is unreliable (omega 0.47)``
    """

    scale: str
    name: str
    why: str


def failing(reliability: Iterable[Estimate], dimensions: Iterable[Estimate] = ()) -> list[Flag]:
    """The scales that these results show to fail.

    A scale fails where the whole interval of its reliability lies below .70, or where it has more
    than one dimension with the whole interval of its second eigenvalue above chance. An interval
    that includes the bound is a caveat, not a failure.
    """
    found = [
        Flag(
            scale=item.key.partition(".")[2],
            name=item.name.rpartition(", ")[0],
            why=f"is unreliable ({item.name.rpartition(', ')[2]} {item.value:.2f})",
        )
        for item in unreliable(list(reliability))
    ]
    return found + [
        Flag(
            scale=item.key.partition(".")[2],
            name=item.name.removeprefix("Dimensions of "),
            why=f"mixes {item.value:.0f} dimensions",
        )
        for item in several(list(dimensions))
    ]


def marked(estimates: list[Estimate], flags: list[Flag], *roles: str) -> list[Estimate]:
    """The estimates, those that use a failing scale with a dagger behind their name.

    Parameters
    ----------
    roles : the scales that the exhibit uses; with a single one all of it rests on that, otherwise
        an estimate rests on those that its key names (any failing one without `roles`)
    """
    return [
        dataclasses.replace(item, name=f"{item.name}{MARK}")
        if _used(item, flags, roles) and not item.name.endswith(MARK)
        else item
        for item in estimates
    ]


def blurred(estimates: list[Estimate], flags: list[Flag], *roles: str) -> str:
    """The note that says which of the scales that these estimates use fail; else empty."""
    used = {flag: None for item in estimates for flag in _used(item, flags, roles)}
    reasons: dict[str, list[str]] = {}
    for flag in used:
        reasons.setdefault(flag.name, []).append(flag.why)
    if not reasons:
        return ""
    texts = [f"“{name}” {' and '.join(why)}" for name, why in reasons.items()]
    return f"{MARK} The scale {'; the scale '.join(texts)}: read this with the caveats."


def _used(item: Estimate, flags: list[Flag], roles: tuple[str, ...]) -> list[Flag]:
    return [
        flag
        for flag in flags
        if (roles == (flag.scale,))
        or ((not roles or flag.scale in roles) and _names(item.key, flag.scale))
    ]


def _names(key: str, scale: str) -> bool:
    """Whether a dotted key names the scale as one of its parts, or as one end of ``a-b``."""
    return re.search(rf"(^|[.-]){re.escape(scale)}($|[.-])", key) is not None
