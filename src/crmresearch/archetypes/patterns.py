"""Answers collapsed to their distinct response patterns: all that a latent class model sees.

A thousand or a million customers who answered twelve yes-or-no questions gave at most 4,096
different answers, so that estimation costs the same for both. Each indicator has a kind, which
says how its answers are distributed within a class, and columns that hold what the likelihood
needs to know of an answer: one a category, or three of a quantity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.archetypes.coding import coded, coded_like
from crmresearch.errors import DataError

KINDS = ("nominal", "ordinal", "continuous")
SPREADS = ("equal", "own")
MOMENTS = 3  # columns of a quantity: answered, its value, its square
_DENSE_CELLS = 20_000_000  # above this many cells the indicator matrix is kept as single bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Distinct response patterns of G kinds on J indicators with M columns in all.

    Parameters
    ----------
    codes : (G, J) int array
        Position of the answer in `categories` of its indicator, 0 for a quantity; -1 where there
        is no answer.
    names : J names of indicators
    categories : J arrays of the answers that occur, ascending; lowest and highest of a quantity
    kinds : J of ``nominal`` (a probability a category and class), ``ordinal`` (adjacent categories
        shift by the same log odds from class to class) and ``continuous`` (normal)
    spread : variances of quantities, ``equal`` in all classes or each class its ``own``
    centre, scale : (J,) mean and standard deviation of a quantity, 0 and 1 of other indicators
    weight : (G,) sum of the weights of the rows that show the pattern
    square : (G,) sum of their squared weights
    rows : (G,) number of those rows
    row : (n,) pattern of every row of the input; -1 where it has no answer or no weight
    row_weight : (n,) weight of every row of the input
    onehot : (M, G) sufficient statistics: 1 in the column of the category answered; for a quantity
        answered, its value and its square; 0 where there is no answer
    counts : (J,) number of columns of each indicator: its categories, or three
    starts : (J,) first of each indicator's columns among all M
    item : (M,) indicator that each column belongs to
    member : (M, J) one where a column belongs to an indicator, else zero
    sizes : `counts` as plain numbers
    """

    codes: np.ndarray
    names: tuple[str, ...]
    categories: tuple[np.ndarray, ...]
    kinds: tuple[str, ...]
    spread: str
    centre: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    square: np.ndarray
    rows: np.ndarray
    row: np.ndarray
    row_weight: np.ndarray
    weighted: bool
    onehot: np.ndarray = field(repr=False)  # (M, G)
    counts: np.ndarray = field(init=False, repr=False)
    starts: np.ndarray = field(init=False, repr=False)
    item: np.ndarray = field(init=False, repr=False)
    member: np.ndarray = field(init=False, repr=False)
    sizes: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Every step of every climb asks for the places of the columns, so they are kept."""
        sizes = _columns(self.kinds, self.categories)
        object.__setattr__(self, "sizes", tuple(sizes))
        counts, each = np.array(sizes), np.arange(len(sizes))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        item = np.repeat(each, counts)
        member = (item[:, None] == each).astype(float)
        for name, found in (
            ("counts", counts), ("starts", starts), ("item", item), ("member", member)
        ):  # fmt: skip
            found.setflags(write=False)
            object.__setattr__(self, name, found)

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
    def cells(self) -> float:
        """How many different complete answers are possible; infinite with a quantity."""
        if "continuous" in self.kinds:
            return float("inf")
        return float(np.prod(self.counts.astype(float)))

    @property
    def answered(self) -> np.ndarray:
        """(G, J) True where the pattern has an answer."""
        return self.codes >= 0

    def of_kind(self, kind: str) -> np.ndarray:
        """(J,) True for the indicators of this kind."""
        return np.array([own == kind for own in self.kinds])


def collapse(
    answers: pd.DataFrame | np.ndarray,
    *,
    weights: np.ndarray | None = None,
    kinds: Mapping[str, str] | None = None,
    spread: str = "equal",
    like: Patterns | None = None,
) -> Patterns:
    """The distinct response patterns of `answers`.

    Parameters
    ----------
    answers : (n, J) frame or array of numbers, categories or True and False; missing is NaN
        Only answers that occur count as categories, so that an unused one costs no parameter.
    weights : (n,) weights, none negative; 1 without. Weights of 2 equal rows given twice.
    kinds : kind of an indicator by its name, ``nominal`` where it is not named
    spread : variance of a continuous indicator, ``equal`` in all classes or each class its ``own``
    like : patterns of other answers to the same indicators, whose columns these are to have: kinds,
        categories (whether they occur or not), spread and standardisation are theirs

    Raises
    ------
    DataError
        Where nothing can be estimated: no rows, no answers, no weight, quantities taken for
        categories, a continuous indicator without variation, an answer that `like` does not know.
    """
    frame = answers if isinstance(answers, pd.DataFrame) else pd.DataFrame(np.asarray(answers))
    names = tuple(str(name) for name in frame.columns)
    if like is None:
        of_kind = _kinds(names, kinds or {}, spread)
        codes, categories = coded(frame, of_kind)
    else:
        of_kind, spread = like.kinds, like.spread
        codes, categories = coded_like(frame, names, like)
    weight = _weights(weights, len(frame))
    used = _used(codes, weight)
    row = np.full(len(frame), -1)
    every, kept = distinct(codes[used], [len(values) for values in categories])
    row[used], size = kept, len(every)
    mass = np.bincount(kept, weight[used], size)
    standard = None if like is None else (like.centre, like.scale)
    centre, scale = standard or _standard(every, categories, of_kind, names, mass)
    return Patterns(
        onehot=_statistics(every, categories, of_kind),
        codes=_answer_codes(every, of_kind),
        names=names,
        categories=tuple(map(_kept, categories, of_kind)),
        kinds=of_kind,
        spread=spread,
        centre=centre,
        scale=scale,
        weight=mass,
        square=np.bincount(kept, weight[used] ** 2, size),
        rows=np.bincount(kept, minlength=size),
        row=row,
        row_weight=weight,
        weighted=weights is not None,
    )


def _kept(values: np.ndarray, kind: str) -> np.ndarray:
    """The categories of an indicator, or the lowest and highest answer of a quantity."""
    return values[[0, -1]] if kind == "continuous" and len(values) else values


def _used(codes: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(n,) True for rows with an answer and a weight; there must be some."""
    answered = (codes >= 0).any(axis=1)
    used = answered & (weight > 0)
    if not used.any():
        raise DataError(
            f"no respondent can be used: {len(codes)} rows, of which {int(answered.sum())} have "
            f"an answer to an indicator and {int((weight > 0).sum())} a weight above zero."
        )
    return used


def _kinds(names: Sequence[str], kinds: Mapping[str, str], spread: str) -> tuple[str, ...]:
    kinds = {str(name): kind for name, kind in kinds.items()}
    unknown = sorted(set(kinds) - set(names))
    wrong = sorted({kind for kind in kinds.values() if kind not in KINDS})
    if unknown or wrong:
        raise ValueError(f"kinds: no indicator {unknown}, no kind {wrong}; kinds are {KINDS}")
    if spread not in SPREADS:
        raise ValueError(f"spread is one of {SPREADS}, not {spread!r}")
    return tuple(kinds.get(name, "nominal") for name in names)


def _columns(kinds: Sequence[str], categories: Sequence[np.ndarray]) -> list[int]:
    return [
        MOMENTS if kind == "continuous" else len(values)
        for kind, values in zip(kinds, categories, strict=True)
    ]


def _weights(weights: np.ndarray | None, rows: int) -> np.ndarray:
    if weights is None:
        return np.ones(rows)
    weight = np.nan_to_num(np.asarray(weights, float))
    if len(weight) != rows:
        raise ValueError(f"{len(weight)} weights for {rows} rows")
    if (weight < 0).any() or not np.isfinite(weight).all():
        raise DataError(f"weights must be finite and not negative: found {weight.min():g}.")
    return weight


def distinct(codes: np.ndarray, counts: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
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


def _standard(
    codes: np.ndarray,
    categories: Sequence[np.ndarray],
    kinds: Sequence[str],
    names: Sequence[str],
    weight: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """(J,) weighted mean and standard deviation of the quantities, 0 and 1 of other indicators."""
    centre, scale, constant = np.zeros(len(kinds)), np.ones(len(kinds)), []
    for j in np.flatnonzero([kind == "continuous" for kind in kinds]):
        here = codes[:, j] >= 0
        values, own = categories[j][codes[here, j]], weight[here]
        if not here.any() or values.min() == values.max():
            constant.append(names[j])
            continue
        centre[j] = np.average(values, weights=own)
        scale[j] = np.sqrt(np.average((values - centre[j]) ** 2, weights=own))
    if constant:
        raise DataError(
            f"continuous indicators without variation among respondents with a weight above zero: "
            f"{', '.join(map(repr, constant))}. Leave them out."
        )
    return centre, scale


def _answer_codes(codes: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
    """`codes` with 0 for every answer that is a quantity, in the smaller type."""
    continuous = np.array([kind == "continuous" for kind in kinds])
    return np.where(continuous & (codes > 0), 0, codes).astype(np.int16, copy=False)


def _statistics(
    codes: np.ndarray, categories: Sequence[np.ndarray], kinds: Sequence[str]
) -> np.ndarray:
    """(M, G) sufficient statistics; bytes where large and without quantities, else float."""
    counts = _columns(kinds, categories)
    small = sum(counts) * len(codes) < _DENSE_CELLS or "continuous" in kinds
    matrix = np.zeros((sum(counts), len(codes)), dtype=float if small else np.uint8)
    start = 0
    for column, count, values, kind in zip(codes.T, counts, categories, kinds, strict=True):
        if kind == "continuous":
            answered = column >= 0
            matrix[start] = answered
            matrix[start + 1, answered] = values[column[answered]]
            matrix[start + 2] = matrix[start + 1] ** 2
        else:
            for category in range(count):
                matrix[start + category] = column == category
        start += count
    return matrix
