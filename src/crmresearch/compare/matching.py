"""Which estimates of the reports are one quantity: those of one key, group and unit."""

import dataclasses
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmresearch.compare import freedom
from crmresearch.compare.naming import Lineup
from crmresearch.methods.recovered import ROUNDING, Recovered, recover
from crmresearch.report.estimates import Estimate

SIZED_BY_N = {
    *("p", "statistic", "criterion", "log-likelihood", "count", "error", "held-out"),
    *("held-out difference", "reference", "reference difference", "multiple"),
}  # units of what grows or shrinks with the number of answers, or is no quantity of the customers
PICKED = {
    *("widest", "lead", "most", "gap", "release"),
}  # last parts of keys of what each report's own answers picked, as a rule for its size
MAIN = 12  # quantities that are drawn; the others stand in the table of all
LARGEST, SMALLEST = 1e12, 1e-12  # of a value and of a standard error that can be computed with


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """One quantity that at least two reports estimate.

    Parameters
    ----------
    key, group, unit, name : of the estimates; the name is that of the first report
    rows : (k,) the reports that have it, as places in the lineup
    estimates : one a row
    recovered : their standard errors, on the scale on which their intervals are symmetric
    level : of the intervals that are made of them
    which : what of the key tells it from others of the same name, such as ``loyalty``
    """

    key: str
    group: str
    unit: str
    name: str
    rows: tuple[int, ...]
    estimates: tuple[Estimate, ...]
    recovered: Recovered
    level: float
    which: str = ""

    @property
    def place(self) -> str:
        """The key, with the group where there is one: what tells it from all others."""
        return f"{self.key}[{self.group}]" if self.group else self.key

    @property
    def words(self) -> str:
        """The name, with the group where there is one, and which of several of that name."""
        told = f"{self.name}, {self.group}" if self.group else self.name
        return f"{told} ({self.which})" if self.which else told

    @property
    def picked(self) -> bool:
        """Whether each report's answers picked what this is of, such as the widest difference."""
        return self.key.rpartition(".")[2] in PICKED


def match(lineup: Lineup) -> list[Quantity]:
    """Every quantity that at least two of the reports estimate with an interval.

    The order is that of the report that has most of them.
    """
    found: dict[tuple[str, str, str], list[int]] = {}
    least = lineup.min_cell
    most_first = sorted(enumerate(lineup.reports), key=lambda pair: -len(pair[1].estimates))
    for row, report in most_first:
        for (key, group), item in report.estimates.items():
            if item.unit not in SIZED_BY_N and _computable(item) and item.n >= least:
                found.setdefault((key, group, item.unit), []).append(row)
    made = []
    for (key, group, unit), rows in found.items():
        if len(rows) > 1:
            rows = sorted(rows)
            made.append(_quantity(key, group, unit, rows, lineup))
    return _told_apart([item for item in made if item is not None])


def _told_apart(quantities: Sequence[Quantity]) -> list[Quantity]:
    """The quantities, those of one name with the parts of their keys that are not alike.

    In a report the section says of what outcome a number is; here nothing else does.
    """
    alike: dict[str, list[Quantity]] = {}
    for item in quantities:
        alike.setdefault(item.words, []).append(item)
    return [_named(item, alike[item.words]) for item in quantities]


def _named(item: Quantity, others: Sequence[Quantity]) -> Quantity:
    keys = [other.key.split(".") for other in others]
    if len(set(map(tuple, keys))) == 1:
        return item
    own = item.key.split(".")
    if len({len(key) for key in keys}) == 1:
        own = [part for part, *rest in zip(own, *keys, strict=True) if set(rest) != {part}]
    return dataclasses.replace(item, which=" ".join(own).replace("_", " "))


def main(quantities: Iterable[Quantity], lineup: Lineup) -> list[Quantity]:
    """Those that the reports' own summaries start with, in their order, at most `MAIN`."""
    known = {item.key: item for item in quantities if not item.group}
    leading = [report.leading for report in lineup.reports]
    deciding = [
        ruling.claim.decided_by for report in lineup.reports for ruling in report.rulings.values()
    ]
    wanted = [*(key for keys in leading for key in keys), *deciding]
    chosen = [known[key] for key in dict.fromkeys(wanted) if key in known]
    return (chosen or list(known.values()))[:MAIN]


def _computable(item: Estimate) -> bool:
    ends = (item.value, item.low, item.high)
    slack = ROUNDING * (item.high - item.low)
    return (
        all(math.isfinite(x) and abs(x) < LARGEST for x in ends)
        and item.high - item.low > SMALLEST
        and item.low - slack <= item.value <= item.high + slack
    )


def _quantity(
    key: str, group: str, unit: str, rows: Sequence[int], lineup: Lineup
) -> Quantity | None:
    reports = [lineup.reports[row] for row in rows]
    items = [report.estimates[key, group] for report in reports]
    told = [freedom.of(x, report.clusters) for x, report in zip(items, reports, strict=True)]
    levels = {item.level for item in items}
    recovered = recover(
        [item.value for item in items],
        [item.low for item in items],
        [item.high for item in items],
        [item.level for item in items],
        unit=unit,
        freedom=[df for df, _ in told],
        student=[student for _, student in told],
    )
    if not ((recovered.errors > SMALLEST) & (recovered.errors < LARGEST)).all():
        return None
    return Quantity(
        key=key,
        group=group,
        unit=unit,
        name=items[0].name,
        rows=tuple(rows),
        estimates=tuple(items),
        recovered=recovered,
        level=levels.pop() if len(levels) == 1 else 0.95,
    )
