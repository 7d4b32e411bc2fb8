"""Answers collapsed to their distinct response patterns: all that a latent class model sees.

A thousand or a million customers who answered twelve yes-or-no questions gave at most 4,096
different answers, so that estimation costs the same for both.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.errors import DataError

MOST_CATEGORIES = 30  # more distinct answers than this are a quantity, not categories
_DENSE_CELLS = 20_000_000  # above this many cells the indicator matrix is kept as single bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Distinct response patterns of G kinds on J indicators with M categories in all.

    Parameters
    ----------
    codes : (G, J) int array
        Position of the answer in `categories` of its indicator; -1 where there is none.
    names : J names of indicators
    categories : J arrays of the answers that occur, ascending
    weight : (G,) sum of the weights of the rows that show the pattern
    square : (G,) sum of their squared weights
    rows : (G,) number of those rows
    row : (n,) pattern of every row of the input; -1 where it has no answer or no weight
    row_weight : (n,) weight of every row of the input
    """

    codes: np.ndarray
    names: tuple[str, ...]
    categories: tuple[np.ndarray, ...]
    weight: np.ndarray
    square: np.ndarray
    rows: np.ndarray
    row: np.ndarray
    row_weight: np.ndarray
    weighted: bool
    onehot: np.ndarray = field(repr=False)  # (M, G)

    @property
    def n(self) -> int:
        """Rows used."""
        return int(self.rows.sum())

    @property
    def n_dropped(self) -> int:
        """Rows without any answer to the indicators, or without weight."""
        return int(np.sum(self.row < 0))

    @property
    def total(self) -> float:
        """Sum of the weights, the sample size of the information criteria."""
        return float(self.weight.sum())

    @property
    def counts(self) -> np.ndarray:
        """(J,) number of categories of each indicator."""
        return np.array([len(values) for values in self.categories])

    @property
    def starts(self) -> np.ndarray:
        """(J,) first of each indicator's columns among all M."""
        return np.concatenate([[0], np.cumsum(self.counts)[:-1]])

    @property
    def item(self) -> np.ndarray:
        """(M,) indicator that each category belongs to."""
        return np.repeat(np.arange(len(self.names)), self.counts)

    @property
    def cells(self) -> float:
        """How many different complete answers are possible."""
        return float(np.prod(self.counts.astype(float)))

    @property
    def answered(self) -> np.ndarray:
        """(G, J) True where the pattern has an answer."""
        return self.codes >= 0


def collapse(answers: pd.DataFrame | np.ndarray, *, weights: np.ndarray | None = None) -> Patterns:
    """The distinct response patterns of `answers`.

    Parameters
    ----------
    answers : (n, J) frame or array of numbers, categories or True and False; missing is NaN
        Only answers that occur count as categories, so that an unused one costs no parameter.
    weights : (n,) weights, none negative; 1 without. Weights of 2 equal rows given twice.

    Raises
    ------
    DataError
        Where nothing can be estimated: no rows, no answers, no weight, quantities.
    """
    frame = answers if isinstance(answers, pd.DataFrame) else pd.DataFrame(np.asarray(answers))
    codes, categories = _coded(frame)
    weight = _weights(weights, len(frame))
    used = (codes >= 0).any(axis=1) & (weight > 0)
    if not used.any():
        raise DataError(
            f"no respondent can be used: {len(frame)} rows, of which "
            f"{int((codes >= 0).any(axis=1).sum())} have an answer to an indicator and "
            f"{int((weight > 0).sum())} a weight above zero."
        )
    row = np.full(len(frame), -1)
    distinct, row[used] = _distinct(codes[used], [len(values) for values in categories])
    kept = row[used]
    size = len(distinct)
    return Patterns(
        codes=distinct,
        names=tuple(str(name) for name in frame.columns),
        categories=tuple(categories),
        weight=np.bincount(kept, weight[used], size),
        square=np.bincount(kept, weight[used] ** 2, size),
        rows=np.bincount(kept, minlength=size),
        row=row,
        row_weight=weight,
        weighted=weights is not None,
        onehot=_onehot(distinct, [len(values) for values in categories]),
    )


def _coded(frame: pd.DataFrame) -> tuple[np.ndarray, list[np.ndarray]]:
    codes = np.full(frame.shape, -1, dtype=np.int16)
    categories, problems = [], []
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if isinstance(column.dtype, pd.CategoricalDtype):
            code, values = column.cat.codes.to_numpy(), column.cat.categories.to_numpy()
            present = np.unique(code[code >= 0])
            code = np.where(code >= 0, np.searchsorted(present, code), -1)
            values = values[present]
        else:
            code, values = pd.factorize(column, sort=True)
            values = np.asarray(values)
        categories.append(values)
        if not len(values):
            problems.append(
                f"indicator {str(name)!r} has no answer in {len(frame)} rows: leave it out"
            )
        elif len(values) > MOST_CATEGORIES:
            problems.append(
                f"indicator {str(name)!r} has {len(values)} different answers; a latent class "
                f"model takes categories, at most {MOST_CATEGORIES}: group them"
            )
        else:
            codes[:, position] = code
    if not len(frame.columns):
        problems.append("no indicator was given")
    if problems:
        raise DataError("; ".join(problems) + ".")
    return codes, categories


def _weights(weights: np.ndarray | None, rows: int) -> np.ndarray:
    if weights is None:
        return np.ones(rows)
    weight = np.nan_to_num(np.asarray(weights, float))
    if len(weight) != rows:
        raise ValueError(f"{len(weight)} weights for {rows} rows")
    if (weight < 0).any() or not np.isfinite(weight).all():
        raise DataError(f"weights must be finite and not negative: found {weight.min():g}.")
    return weight


def _distinct(codes: np.ndarray, counts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of `codes` in a fixed order, and for each row its position among them."""
    key, radix = np.zeros(len(codes), dtype=np.int64), 1
    for column, count in zip(codes.T, counts, strict=True):
        if radix > 2**62 // (count + 1):  # the number would overflow: renumber what is there
            key, found = pd.factorize(key, sort=True)
            key, radix = key.astype(np.int64), len(found)
        key = key * (count + 1) + (column + 1)
        radix *= count + 1
    row, found = pd.factorize(key, sort=True)
    first = np.full(len(found), len(codes))
    np.minimum.at(first, row, np.arange(len(codes)))
    return codes[first], row


def _onehot(codes: np.ndarray, counts: list[int]) -> np.ndarray:
    """(M, G) 1 where the pattern has the category; float where small, bytes where large."""
    size = sum(counts) * len(codes)
    matrix = np.zeros((sum(counts), len(codes)), dtype=float if size < _DENSE_CELLS else np.uint8)
    start = 0
    for column, count in zip(codes.T, counts, strict=True):
        for category in range(count):
            matrix[start + category] = column == category
        start += count
    return matrix
