"""Groups of customers compared on satisfaction and loyalty, corrected for the many comparisons."""

import dataclasses
from itertools import combinations

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods.effects import pooled_sd
from crmresearch.methods.groups import games_howell, sample, slug, welch_anova
from crmresearch.methods.means import mean_difference
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import Estimate
from crmresearch.survey.sample import parts, sampling


def compare(
    survey: Survey, outcome: str, *, by: str = "segment", level: float = 0.95
) -> list[Estimate]:
    """Every pair of groups of `by` compared on the mean of `outcome`.

    For a simple random sample Welch's F and Games-Howell's simultaneous intervals. Under weights
    or clusters the linearised differences, with Bonferroni intervals and Holm's p values, since
    Games-Howell takes every row as independent. The groups chose themselves: a difference
    describes them and does not say what made it.

    Parameters
    ----------
    outcome : ``satisfaction`` or ``loyalty``
    by : the role of the grouping; the intervals hold together for all pairs of all its variables

    Returns
    -------
    Keys ``{by}.{outcome}.test`` (F, one a variable, in a simple random sample),
    ``{by}.{outcome}.{later}-{earlier}`` in scale points, and ``{by}.{outcome}.widest``, the
    widest difference of all pairs in standard deviations. Empty without both roles.
    """
    if outcome not in survey.roles or by not in survey.roles:
        return []
    values = survey.score(outcome).to_numpy()
    basis = sampling(survey)
    key = f"{by}.{outcome}"
    found: list[Estimate] = []
    pairs: list[tuple[Estimate, np.ndarray, np.ndarray]] = []
    families = _families(survey, by)
    each = 1 - (1 - level) / max(len(families), 1)  # so that all variables hold together
    for variable, groups in families.items():
        if basis.plain:
            codes = _codes(groups, len(values))
            test = welch_anova(
                values, codes, key=f"{key}.test", name=f"Welch's F, {variable}", level=level
            )
            found.append(dataclasses.replace(test, group="" if len(families) == 1 else variable))
            compared = [
                dataclasses.replace(item, level=level)
                for item in games_howell(values, codes, key=key, level=each)
            ]
        else:
            compared = [
                dataclasses.replace(item, level=level)
                for item in _pairs(values, groups, basis, key, each)
            ]
        sides = {
            f"{key}.{slug(b)}-{slug(a)}": (groups[a], groups[b]) for a, b in combinations(groups, 2)
        }
        pairs += [(item, *sides[item.key]) for item in compared if item.n and item.key in sides]
    found += [item for item, _, _ in pairs]
    return found + _widest(values, pairs, f"{key}.widest")


def _families(survey: Survey, by: str) -> dict[str, dict[str, np.ndarray]]:
    families: dict[str, dict[str, np.ndarray]] = {}
    for variable, label, rows in parts(survey, (by,)):
        families.setdefault(variable, {})[label] = rows
    return families


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


def _widest(
    values: np.ndarray, pairs: list[tuple[Estimate, np.ndarray, np.ndarray]], key: str
) -> list[Estimate]:
    """The widest difference, its simultaneous interval divided by the SD within the two groups."""
    known = [pair for pair in pairs if pair[0].low == pair[0].low]
    if not known:
        return []
    widest, first, second = max(known, key=lambda pair: abs(pair[0].value))
    sd = pooled_sd(sample(values[first]), sample(values[second]))
    if not (np.isfinite(sd) and sd > 0):
        return []
    sign = -1.0 if widest.value < 0 else 1.0
    ends = sorted((sign * widest.low / sd, sign * widest.high / sd))
    names = widest.name.split(" − ")
    return [
        dataclasses.replace(
            widest,
            key=key,
            name="Widest difference: " + " − ".join(names if sign > 0 else names[::-1]),
            value=sign * widest.value / sd,
            low=ends[0],
            high=ends[1],
            unit="SD",
            method=f"{widest.method}; divided by the pooled SD of {sd:.2f}, taken as known",
        )
    ]
