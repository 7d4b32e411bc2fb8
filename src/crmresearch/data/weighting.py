"""Raking: survey weights that give the sample the shares that the population is known to have.

Each margin's weights are multiplied until its shares are right, margin after margin, until all
are right at once (iterative proportional fitting). Source: Deming & Stephan (1940), Annals of
Mathematical Statistics 11, 427-444; the weights agree with R's ``survey::rake``.

Every wave is a sample of its own, and the shares are those of the population that each of them
stands for. Waves are therefore raked one by one: raked all together, only their average would have
the declared shares, and a change between them would hold a change of who answered. A wave keeps
the part of all weights that the delivered ones give it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.data.codebook import Variable
from crmresearch.data.margins import labels_of
from crmresearch.data.problems import Problem, refuse
from crmresearch.data.raking_faults import faults, unreached

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
    waves : the waves that were raked each by itself, none where there is a single one
    sweeps : times that all margins were gone through
    gap : the largest distance of a share from its target that is left
    """

    weights: np.ndarray
    base: np.ndarray
    cells: np.ndarray
    table: np.ndarray
    margins: tuple[Margin, ...]
    waves: tuple[str, ...]
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
    wave: str = "",
) -> Raking:
    """Rake `base` to the declared margins of a dataset, wave by wave where there are several.

    Respondents who did not answer a margin's variable are a category of their own, which keeps the
    share that it has by the delivered weights: they are neither left out nor guessed. So are those
    of no known wave.

    Parameters
    ----------
    wave : the variable that tells the waves apart, empty for none
    margins : variable to label to share of the population; the shares of a variable are divided
        by their sum
    base : (n,) delivered weights, 0 for none

    Raises
    ------
    DataError
        Where a variable or label is unknown, an answer has no share, nobody (in one of the waves)
        gave an answer that has one, or the margins cannot be reached together.
    """
    codes = [_codes(answers, codebook, name, list(wanted)) for name, wanted in margins.items()]
    waves, names = _waves(answers, codebook, wave, base > 0)
    refuse(
        [
            problem
            for code, (name, wanted) in zip(codes, margins.items(), strict=True)
            for problem in faults(code, name, wanted, base > 0, waves, names)
        ]
    )
    split = [
        _by_wave(code, wanted, waves, len(names), base)
        for code, wanted in zip(codes, margins.values(), strict=True)
    ]
    cells, table = crossed([places for places, _ in split])
    totals, shares = np.bincount(cells, weights=base), [target for _, target in split]
    factors, sweeps, gap = rake(totals, table, shares)
    if gap > TOLERANCE:
        refuse([unreached(gap, sweeps, list(margins))])
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
        waves=tuple(names) if len(names) > 1 else (),
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


def _waves(
    answers: pd.DataFrame, codebook: Mapping[str, Variable], wave: str, counted_in: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """The wave of each row, (n,) from 0, their number where unknown; and the waves' labels."""
    if not wave or wave not in answers:
        return np.zeros(len(answers), dtype=np.int64), [""]
    at, values = pd.factorize(answers[wave].where(counted_in), sort=True)
    if len(values) < 2:
        return np.zeros(len(answers), dtype=np.int64), [""]
    names = [str(text) for text in values]
    if pd.api.types.is_numeric_dtype(values.dtype):
        names = list(labels_of(pd.Series(values), codebook[wave]))
    return np.where(at < 0, len(values), at), names


def _by_wave(
    code: np.ndarray,
    wanted: Mapping[str, float],
    waves: np.ndarray,
    number: int,
    base: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """A margin's codes within each wave, (n,), and the share of all that each is to have.

    Rows of no known wave are one code more, the last.
    """
    size = len(wanted) + 1
    places = waves * size + np.minimum(code, size - 1)  # unlisted answers have no weight here
    places = np.where(waves < number, places, number * size)
    totals = np.bincount(places, weights=base, minlength=number * size + 1)
    targets = np.append(np.zeros(number * size), totals[-1])
    for first in range(0, number * size, size):
        own = totals[first : first + size]
        targets[first : first + size] = own.sum() * _targets(own, wanted)
    return places, targets / totals.sum()


def _targets(totals: np.ndarray, wanted: Mapping[str, float]) -> np.ndarray:
    """Share of every code among all, those without an answer last with the share they have."""
    declared = np.array(list(wanted.values()), dtype=float)
    unknown = totals[-1] / totals.sum() if totals.sum() else 0.0
    return np.append(declared / declared.sum() * (1 - unknown), unknown)


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
