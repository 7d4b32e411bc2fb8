"""Where the reports stand on the quantities that the page does not draw one by one.

The contrasts that the main quantities have as estimates, as arrays: of some hundred quantities in
some hundred reports there are a hundred thousand. Their p values are corrected over the whole
family (Holm): all contrasts of one kind, of all these quantities.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.compare import contrasts
from crmresearch.compare.analysis import LEAST, PAIRED
from crmresearch.compare.contrasts import Contrasts
from crmresearch.compare.matching import Quantity
from crmresearch.compare.trends import Series, present, span
from crmresearch.methods import multiplicity, ranks

Made = tuple[Sequence[str], Contrasts, float]  # names, contrasts of one kind, and their level


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Contrasts of one kind with what each is of, and their p over the whole family.

    Parameters
    ----------
    names : of each contrast
    found : their values and intervals
    p : (m,) corrected
    marks : (m,) 1 where a contrast is above zero beyond chance by this p, -1 below, otherwise 0
    """

    names: Sequence[str]
    found: Contrasts
    p: np.ndarray
    marks: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where k reports stand on one quantity.

    Parameters
    ----------
    names : of the reports
    against : each less the mean of the others; None of two reports
    pairs : every two; None of more than `PAIRED` reports
    changes : from the first to the last wave of each series; None without waves
    ranks : (k, 2) of int, the ends of the joint intervals of their ranks; 1 is the largest value
    """

    quantity: Quantity
    names: Sequence[str]
    against: Told | None
    pairs: Told | None
    changes: Told | None
    ranks: np.ndarray


def stand(
    quantities: Sequence[Quantity], labels: Sequence[str], known: Sequence[Series]
) -> list[Standing]:
    """Where the reports stand; `labels` are of the whole lineup, `known` its series of waves."""
    names = [[labels[row] for row in item.rows] for item in quantities]
    kinds = (
        _joint(_against(item, own) for item, own in zip(quantities, names, strict=True)),
        _joint(_pairs(item, own) for item, own in zip(quantities, names, strict=True)),
        _joint(_changes(item, known) for item in quantities),
    )
    return [
        Standing(item, own, *told, _ranks(item))
        for item, own, *told in zip(quantities, names, *kinds, strict=True)
    ]


def _against(item: Quantity, names: Sequence[str]) -> Made | None:
    if len(names) <= LEAST:
        return None
    return names, contrasts.with_others(item.recovered, item.level), item.level


def _pairs(item: Quantity, names: Sequence[str]) -> Made | None:
    if len(names) > PAIRED:
        return None
    both = zip(*np.triu_indices(len(names), 1), strict=True)
    told = [f"{names[i]} − {names[j]}" for i, j in both]
    return told, contrasts.of_pairs(item.recovered, item.level), item.level


def _changes(item: Quantity, known: Sequence[Series]) -> Made | None:
    found = [x for x in (present(item, one) for one in known) if len(x.rows) > 1]
    if not found:
        return None
    first, last = ([item.rows.index(x.rows[end]) for x in found] for end in (0, -1))
    made = contrasts.of_changes(item.recovered, last, first, item.level)
    return [span(x) for x in found], made, item.level


def _joint(made: Iterator[Made | None]) -> list[Told | None]:
    """The contrasts of one kind, corrected over all quantities."""
    every = list(made)
    alone = [x[1].alone for x in every if x is not None]
    family = multiplicity.adjust(np.concatenate(alone)) if alone else np.empty(0)
    ends = iter(np.split(family, np.cumsum([len(p) for p in alone])[:-1]))
    return [None if x is None else _told(*x, next(ends)) for x in every]


def _told(names: Sequence[str], found: Contrasts, level: float, p: np.ndarray) -> Told:
    return Told(names, found, p, np.where(p < 1 - level, np.sign(found.value), 0).astype(int))


def _ranks(item: Quantity) -> np.ndarray:
    return np.column_stack(ranks.from_pairs(contrasts.above(item.recovered, item.level)))
