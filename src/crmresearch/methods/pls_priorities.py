"""Importance beside performance: which constructs matter most where they stand low."""

from collections.abc import Mapping

import numpy as np

from crmresearch.methods import pls_quality
from crmresearch.methods.pls_fit import Fit, estimate
from crmresearch.methods.pls_scores import levels
from crmresearch.report.estimates import NAN, Estimate

QUADRANTS = {
    "improve": "more important, lower",
    "keep": "more important, higher",
    "low": "less important, lower",
    "high": "less important, higher",
}


def priorities(
    found: Fit,
    target: str,
    *,
    low: np.ndarray,
    high: np.ndarray,
    key: str,
    names: Mapping[str, str],
    slugs: Mapping[str, str],
    level: float = 0.95,
) -> list[Estimate]:
    """How much each construct matters for `target`, and how high it stands: a map of priorities.

    Importance is the total effect on the target, performance the index from 0 to 100. The lines
    that divide the map are the means over its constructs, and are drawn anew in each resample.

    Parameters
    ----------
    low, high : (p,), the lowest and highest possible answers
    names, slugs : how each construct is written for readers, and in keys

    Returns
    -------
    For every construct with a way to the target, the most important first:
    ``{key}.importance.quality``, ``{key}.performance.quality`` and the share of resamples in each
    part of the map, ``{key}.improve.quality`` (more important, lower), ``.keep.``, ``.low.`` and
    ``.high.``; then ``{key}.line.importance`` and ``{key}.line.performance``. Constructs without
    an index are left out; fewer than two make no map.
    """
    aim = found.place(target)
    stand, stands = levels(found, low, high)
    total = pls_quality.total_effects(found.solution.paths)[:, aim]
    totals = pls_quality.total_effects(found.draws.paths)[:, :, aim]
    reach = pls_quality.total_effects(found.model.inner * 1.0)[:, aim] > 0
    chosen = np.flatnonzero(reach & np.isfinite(stand))
    if len(chosen) < 2:
        return []
    chosen = chosen[np.argsort(-total[chosen], kind="stable")]
    totals, stands = totals[:, chosen], stands[:, chosen]
    sound = np.isfinite(totals).all(axis=1) & np.isfinite(stands).all(axis=1)
    importance = total[chosen], totals[sound]
    performance = stand[chosen], stands[sound]
    constructs = [found.model.names[place] for place in chosen]
    common = {"key": key, "level": level}
    rows = []
    for place, made in enumerate(constructs):
        two = [(value[place], draws[:, place]) for value, draws in (importance, performance)]
        rows += _pair(found, *two, name=names[made], slug=slugs[made], **common)
        rows += _shares(found, importance[1], performance[1], place, names[made], slugs[made], key)
    lines = [(value.mean(), draws.mean(axis=1)) for value, draws in (importance, performance)]
    return rows + _pair(found, *lines, name="Line between lower and higher", slug="", **common)


def _pair(
    found: Fit,
    importance: tuple[float, np.ndarray],
    performance: tuple[float, np.ndarray],
    *,
    key: str,
    name: str,
    slug: str,
    level: float,
) -> list[Estimate]:
    """Importance and performance of one construct, or of the lines where `slug` is empty."""
    rows = []
    for word, unit, (value, draws) in (
        ("importance", "coefficient", importance),
        ("performance", "index", performance),
    ):
        kind = "total effect" if word == "importance" else "weighted mean of the items"
        rows.append(
            estimate(
                found,
                value,
                draws,
                kind=kind if slug else f"mean {kind} of the constructs shown",
                level=level,
                key=f"{key}.{word}.{slug}" if slug else f"{key}.line.{word}",
                name=f"{name}, {word}" if slug else f"{name} {word}",
                unit=unit,
            )
        )
    return rows


def _shares(
    found: Fit,
    importance: np.ndarray,
    performance: np.ndarray,
    place: int,
    name: str,
    slug: str,
    key: str,
) -> list[Estimate]:
    """The share of resamples (b, k) in which one construct lies in each part of the map."""
    more = (importance > importance.mean(axis=1, keepdims=True))[:, place]
    higher = (performance > performance.mean(axis=1, keepdims=True))[:, place]
    inside = {
        "improve": more & ~higher,
        "keep": more & higher,
        "low": ~more & ~higher,
        "high": ~more & higher,
    }
    return [
        Estimate(
            key=f"{key}.{part}.{slug}",
            name=f"{name}, share of resamples {QUADRANTS[part]}",
            value=float(rows.mean()) if len(rows) else NAN,
            unit="probability",
            n=found.n,
            n_dropped=found.n_dropped,
            method=f"counted over resamples; {found.words}",
        )
        for part, rows in inside.items()
    ]
