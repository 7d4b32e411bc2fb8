"""Raking: survey weights that give the sample the shares that the population is known to have.

Each margin's weights are multiplied until its shares are right, margin after margin, until all
are right at once (iterative proportional fitting). Source: Deming & Stephan (1940), Annals of
Mathematical Statistics 11, 427-444; the weights agree with R's ``survey::rake``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.margins import labels_of
from crmresearch.data.problems import Problem, counted, listed, refuse

TOLERANCE = 1e-10  # largest distance of a share from its target that counts as reached
MOST_SWEEPS = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Margin:
    """One raked variable: shares in the population and in the sample, before and after.

    Parameters
    ----------
    name : the variable's name for readers
    labels : its K answers
    population, sample, base, raked : (K,) shares: declared; of respondents counted alike; by the
        delivered weights; by the raked ones. Those who gave no answer are left out of all.
    n : (K,) respondents with a weight
    unknown : respondents with a weight and without an answer
    """

    name: str
    labels: tuple[str, ...]
    population: np.ndarray
    sample: np.ndarray
    base: np.ndarray
    raked: np.ndarray
    n: np.ndarray
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raking:
    """Raked weights and what they were made of.

    Parameters
    ----------
    weights, base : (n,) raked and delivered weights, each with a mean of 1
    cells : (n,) the combination of answers that each respondent gave to the margins' variables
    table : (C, m) the answer to each of m margins in each combination, K where it is unknown
    margins : what was declared and reached
    sweeps : times that all margins were gone through
    gap : the largest distance of a share from its target that is left
    """

    weights: np.ndarray
    base: np.ndarray
    cells: np.ndarray
    table: np.ndarray
    margins: tuple[Margin, ...]
    sweeps: int
    gap: float


def rake(
    totals: np.ndarray, table: np.ndarray, shares: Sequence[np.ndarray]
) -> tuple[np.ndarray, int, float]:
    """The factor by which the weights of each cell are multiplied.

    Parameters
    ----------
    totals : (C,) sum of the weights in each combination of answers
    table : (C, m) code of each margin's answer in each combination
    shares : m arrays, the share that each code of the margin is to have, summing to 1

    Returns
    -------
    factors (C,), sweeps, and the gap: the largest distance of any share from its target. A gap
    above `TOLERANCE` means that the margins cannot be reached together.
    """
    now = totals / totals.sum()
    sweeps, gap = 0, np.inf
    while gap > TOLERANCE and sweeps < MOST_SWEEPS:
        for column, target in zip(table.T, shares, strict=True):
            now = now * _ratio(target, _sums(column, now, target))[column]
        distances = [
            np.abs(_sums(column, now, target) - target).max()
            for column, target in zip(table.T, shares, strict=True)
        ]
        sweeps, gap = sweeps + 1, float(max(distances))
    return _ratio(now, totals / totals.sum()), sweeps, gap


def _sums(codes: np.ndarray, shares: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.bincount(codes, weights=shares, minlength=len(target))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)


def crossed(codes: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The combinations of several codes that occur: cells (n,) and their codes (C, m).

    Parameters
    ----------
    codes : m arrays (n,) of small integers, none below 0
    """
    cells = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        cells = cells * (int(code.max(initial=0)) + 1) + code
        if cells.max(initial=0) > 4 * len(cells) + 1000:
            cells = np.unique(cells, return_inverse=True)[1]
    present = np.flatnonzero(np.bincount(cells))
    place = np.zeros(int(cells.max(initial=-1)) + 1, dtype=np.int64)
    place[present] = np.arange(len(present))
    cells = place[cells]
    someone = np.zeros(len(present), dtype=np.int64)
    someone[cells] = np.arange(len(cells))
    return cells, np.column_stack([code[someone] for code in codes])


def raked(
    answers: pd.DataFrame,
    codebook: Mapping[str, Variable],
    margins: Mapping[str, Mapping[str, float]],
    base: np.ndarray,
) -> Raking:
    """Rake `base` to the declared margins of a dataset.

    Respondents who did not answer a margin's variable are a category of their own, which keeps the
    share that it has by the delivered weights: they are neither left out nor guessed.

    Parameters
    ----------
    margins : variable to label to share of the population; the shares of a variable are divided
        by their sum
    base : (n,) delivered weights, 0 for none

    Raises
    ------
    DataError
        Where a variable or label is unknown, an answer has no share, nobody gave an answer that
        has one, or the margins cannot be reached together.
    """
    codes = [_codes(answers, codebook, name, list(wanted)) for name, wanted in margins.items()]
    refuse(
        [
            problem
            for code, (name, wanted) in zip(codes, margins.items(), strict=True)
            for problem in _faults(code, name, wanted, base > 0)
        ]
    )
    cells, table = crossed(codes)
    totals = np.bincount(cells, weights=base)
    shares = [
        _targets(np.bincount(code, weights=base, minlength=len(wanted) + 1), wanted)
        for code, wanted in zip(codes, margins.values(), strict=True)
    ]
    factors, sweeps, gap = rake(totals, table, shares)
    if gap > TOLERANCE:
        refuse([_unreached(gap, sweeps, list(margins))])
    weights = base * factors[cells]
    weights = weights / weights.mean()
    return Raking(
        weights=weights,
        base=base,
        cells=cells,
        table=table,
        margins=tuple(
            _margin(codebook[name].name, wanted, code, base, weights)
            for code, (name, wanted) in zip(codes, margins.items(), strict=True)
        ),
        sweeps=sweeps,
        gap=gap,
    )


def _codes(
    answers: pd.DataFrame, codebook: Mapping[str, Variable], name: str, labels: list[str]
) -> np.ndarray:
    """The place of each answer in `labels`; their number where unknown, one more where unlisted."""
    if name not in answers or name not in codebook:
        fault = Problem(
            where="about.toml",
            found=f"[margins] names {name!r}, which is no variable that is read",
            fix="Correct the name, or describe the variable in the codebook.",
        )
        refuse([fault])
    column = answers[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        at, known = column.cat.codes.to_numpy(), list(column.cat.categories)
    else:
        at, values = pd.factorize(column)
        known = list(labels_of(pd.Series(values), codebook[name]))
    places = [labels.index(text) if text in labels else len(labels) + 1 for text in known]
    return np.array([*places, len(labels)], dtype=np.int64)[at]  # no answer is the last, -1


def _faults(
    code: np.ndarray, name: str, wanted: Mapping[str, float], counted_in: np.ndarray
) -> list[Problem]:
    sizes = np.bincount(code[counted_in], minlength=len(wanted) + 2)
    where = "about.toml"
    faults = []
    if sizes[len(wanted) + 1]:
        faults.append(
            Problem(
                where=where,
                column=name,
                found=f"{counted(int(sizes[len(wanted) + 1]), 'respondent')} gave an answer that "
                "has no share in [margins]",
                rule="a margin must name every answer that was given",
                fix=f"It names {listed(wanted, quote=True)}: add the others with their shares.",
            )
        )
    empty = [label for label, n in zip(wanted, sizes, strict=False) if wanted[label] > 0 and not n]
    if empty:
        faults.append(
            Problem(
                where=where,
                column=name,
                found=f"nobody with a weight answered {listed(empty, quote=True)}",
                rule="no weight can make up for people who are not in the data",
                fix="Add its share in [margins] to that of a neighbouring answer, and recode the "
                "variable to match, or take the margin out.",
            )
        )
    return faults


def _targets(totals: np.ndarray, wanted: Mapping[str, float]) -> np.ndarray:
    """Share of every code among all, those without an answer last with the share they have."""
    declared = np.array(list(wanted.values()), dtype=float)
    unknown = totals[-1] / totals.sum()
    return np.append(declared / declared.sum() * (1 - unknown), unknown)


def _unreached(gap: float, sweeps: int, names: list[str]) -> Problem:
    return Problem(
        where="about.toml",
        found=f"no weights give all margins ({listed(names)}) their shares: after {sweeps:,} "
        f"sweeps one is still {100 * gap:.2g} percentage points off",
        rule="raking must reach all of them at once",
        fix="They contradict one another in these data, in which some combinations of answers do "
        "not occur: take one margin out, or put answers together.",
    )


def _margin(
    name: str,
    wanted: Mapping[str, float],
    code: np.ndarray,
    base: np.ndarray,
    weights: np.ndarray,
) -> Margin:
    size = len(wanted)
    counts = np.bincount(code[base > 0], minlength=size + 1)
    declared = np.array(list(wanted.values()), dtype=float)

    def shares(by: np.ndarray) -> np.ndarray:
        sums = np.bincount(code, weights=by, minlength=size + 1)[:size]
        return sums / sums.sum()

    return Margin(
        name=name,
        labels=tuple(wanted),
        population=declared / declared.sum(),
        sample=counts[:size] / counts[:size].sum(),
        base=shares(base),
        raked=shares(weights),
        n=counts[:size],
        unknown=int(counts[size]),
    )
