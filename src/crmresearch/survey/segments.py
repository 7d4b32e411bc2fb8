"""Groups of customers compared on satisfaction and loyalty, corrected for the many comparisons."""

import dataclasses
from itertools import combinations

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods.groups import games_howell, slug, welch_anova
from crmresearch.methods.means import mean_difference
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey.sample import parts, sampling


def compare(
    survey: Survey, outcome: str, *, by: str = "segment", level: float = 0.95, min_cell: int = 2
) -> list[Estimate]:
    """Every pair of groups of `by` compared on the mean of `outcome`.

    For a simple random sample Welch's F and Games-Howell's simultaneous intervals. Under weights
    or clusters the linearised differences, with Bonferroni intervals and Holm's p values, since
    Games-Howell takes every row as independent. The groups chose themselves: a difference
    describes them and does not say what made it.

    Parameters
    ----------
    outcome : ``satisfaction`` or ``loyalty``
    min_cell : groups that may not be shown for being smaller are not compared either, as a
        difference from a known mean would show them
    by : the role of the grouping; the intervals hold together for all pairs of all its variables

    Returns
    -------
    Keys ``{by}.{outcome}.{variable}.test`` (F, in a simple random sample),
    ``{by}.{outcome}.{variable}.{later}-{earlier}`` in scale points, and
    ``{by}.{outcome}.widest``, the widest difference between any two groups in standard deviations
    of all respondents. Empty without both roles.
    """
    if outcome not in survey.roles or by not in survey.roles:
        return []
    values = survey.score(outcome).to_numpy()
    basis = sampling(survey)
    key = f"{by}.{outcome}"
    found: list[Estimate] = []
    pairs: list[Estimate] = []
    families = _families(survey, by, np.isfinite(values), min_cell)
    each = 1 - (1 - level) / max(len(families), 1)  # so that all variables hold together
    for variable, groups in families.items():
        family = f"{key}.{slug(variable)}"
        if basis.plain:
            codes = _codes(groups, len(values))
            name = f"Welch's F, {variable}"
            found.append(welch_anova(values, codes, key=f"{family}.test", name=name, level=level))
            compared = [
                dataclasses.replace(item, level=level)
                for item in games_howell(values, codes, key=family, level=each)
            ]
        else:
            compared = [
                dataclasses.replace(item, level=level)
                for item in _pairs(values, groups, basis, family, each)
            ]
        if len(families) > 1:
            compared = [
                dataclasses.replace(item, name=f"{variable}: {item.name}") for item in compared
            ]
        pairs += [item for item in compared if item.n]
    return found + pairs + _widest(pairs, values, f"{key}.widest")


def _families(
    survey: Survey, by: str, answered: np.ndarray, min_cell: int
) -> dict[str, dict[str, np.ndarray]]:
    """The groups of each variable that may be shown, where there are two or more."""
    families: dict[str, dict[str, np.ndarray]] = {}
    for variable, label, rows in parts(survey, (by,)):
        families.setdefault(variable, {})[label] = rows
    shown = {}
    for variable, groups in families.items():
        sizes = {label: int((rows & answered).sum()) for label, rows in groups.items()}
        hidden = hidden_groups(sizes, min_cell)
        kept = {x: rows for x, rows in groups.items() if sizes[x] and x not in hidden}
        if len(kept) > 1:
            shown[variable] = kept
    return shown


def _codes(groups: dict[str, np.ndarray], n: int) -> pd.Series:
    labels = np.full(n, None, dtype=object)
    for label, rows in groups.items():
        labels[rows] = label
    return pd.Series(pd.Categorical(labels, categories=list(groups)))


def _pairs(
    values: np.ndarray, groups: dict[str, np.ndarray], basis: Design, key: str, level: float
) -> list[Estimate]:
    pairs = list(combinations(groups, 2))
    each = 1 - (1 - level) / len(pairs)
    found = [
        mean_difference(
            values,
            groups[a],
            groups[b],
            key=f"{key}.{slug(b)}-{slug(a)}",
            name=f"{b} − {a}",
            design=basis,
            level=each,
        )
        for a, b in pairs
    ]
    adjusted = adjust(np.array([item.p for item in found]))
    words = f"; Bonferroni intervals for {len(pairs)} pairs, Holm p"
    return [
        dataclasses.replace(item, level=level, p=float(p), method=item.method + words)
        for item, p in zip(found, adjusted, strict=True)
    ]


def _widest(pairs: list[Estimate], values: np.ndarray, key: str) -> list[Estimate]:
    """The widest of all true differences, whichever pair it belongs to.

    Intervals that hold for all pairs at once bound it: it is at least as wide as the clearest
    pair's nearer end and no wider than the farthest end of any.
    """
    known = [pair for pair in pairs if pair.low == pair.low]
    sd = float(np.nanstd(values, ddof=1)) if np.isfinite(values).sum() > 1 else 0.0
    if not known or not sd > 0:
        return []
    widest = max(known, key=lambda pair: abs(pair.value))
    nearer = max(max(pair.low, -pair.high, 0.0) for pair in known)
    farther = max(max(abs(pair.low), abs(pair.high)) for pair in known)
    return [
        dataclasses.replace(
            widest,
            key=key,
            name="Widest difference between any two",
            value=abs(widest.value) / sd,
            low=nearer / sd,
            high=farther / sd,
            unit="SD",
            n=int(np.isfinite(values).sum()),
            n_dropped=int((~np.isfinite(values)).sum()),
            p=NAN,
            method=(
                f"bounds of the widest of {len(pairs)} differences from their simultaneous "
                f"intervals, divided by the SD of all, {sd:.2f}"
            ),
        )
    ]


def clearest(estimates: list[Estimate]) -> Estimate | None:
    """The pair whose interval lies farthest from zero; None where none is clear of it."""
    clear = [
        item
        for item in estimates
        if item.unit == "scale difference" and (item.low > 0 or item.high < 0)
    ]
    return max(clear, key=lambda item: max(item.low, -item.high), default=None)
