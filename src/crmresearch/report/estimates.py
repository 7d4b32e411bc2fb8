"""`Estimate`: the one shape of every number that a study reports."""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

import pandas as pd

from crmresearch.report.numbers import UNITS, format_interval

NAN = math.nan


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """One quantity with its uncertainty; tables, figures, sentences and files are made from it.

    Parameters
    ----------
    key : str
        Stable name for machines, dotted from general to particular: ``nps``, ``alpha.trust``,
        ``paradox.delighted.adjusted``. Claims refer to it; together with `group` it is unique
        within one report.
    name : str
        As it should read in a table row.
    value, low, high : float
        Never rounded. `low` and `high` are NaN where there is no interval. An interval need not
        be centred on, or even (for shrunken ones) contain, the value.
    level : float
        Confidence level of the interval as a fraction: 0.95.
    unit : str
        A key of `report.numbers.UNITS`; shares are stored 0 to 1.
    n, n_dropped : int
        Rows used, and rows left out because a needed value was missing.
    method : str
        Estimator and interval, as a methods section would name them.
    group : str
        The part of the sample, ``brand: Northwind``; empty for all of it.
    p : float
        Two-sided p value where a test was made; `method` says when it is adjusted.
    randomised : bool
        True only for a contrast between randomised arms: the one case of causal verbs.
    study : str
        The study that made it; filled in by the runner.
    """

    key: str
    name: str
    value: float
    low: float = NAN
    high: float = NAN
    level: float = 0.95
    unit: str
    n: int
    n_dropped: int = 0
    method: str
    group: str = ""
    p: float = NAN
    randomised: bool = False
    study: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"unit {self.unit!r} of {self.key!r} is not one of {sorted(UNITS)}")
        if not 0 < self.level < 1:
            raise ValueError(f"level of {self.key!r} is a fraction, 0.95 not {self.level!r}")
        if self.low > self.high:
            raise ValueError(f"interval of {self.key!r} is reversed: {self.low!r} to {self.high!r}")

    def __eq__(self, other: object) -> bool:
        """All fields alike, a missing number like a missing number (NaN is not equal to NaN)."""
        if not isinstance(other, Estimate):
            return NotImplemented
        pairs = zip(_values(self), _values(other), strict=True)
        return all(mine == theirs or (mine != mine and theirs != theirs) for mine, theirs in pairs)

    def __hash__(self) -> int:
        return hash((self.key, self.group, self.n))

    def __str__(self) -> str:
        return format_interval(self.value, self.low, self.high, self.level, self.unit)


FIELDS = tuple(field.name for field in dataclasses.fields(Estimate))
_values = attrgetter(*FIELDS)  # of one estimate, without the copies that `astuple` makes


def as_frame(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """One row an estimate, one column a field of `Estimate`, in the order given."""
    rows = [_values(estimate) for estimate in estimates]
    return pd.DataFrame(rows, columns=list(FIELDS))


def as_records(estimates: Iterable[Estimate]) -> list[dict]:
    """As plain dictionaries for JSON; a value that is not finite becomes None."""
    return [
        {
            field: None if isinstance(item, float) and not math.isfinite(item) else item
            for field, item in zip(FIELDS, _values(estimate), strict=True)
        }
        for estimate in estimates
    ]


def from_records(records: Iterable[dict]) -> list[Estimate]:
    """The inverse of `as_records`."""
    return [
        Estimate(**{field: NAN if item is None else item for field, item in record.items()})
        for record in records
    ]


def find(estimates: Iterable[Estimate], key: str, group: str = "") -> Estimate | None:
    """The estimate with this key (and group), or None where the study did not make it."""
    return next((item for item in estimates if (item.key, item.group) == (key, group)), None)
