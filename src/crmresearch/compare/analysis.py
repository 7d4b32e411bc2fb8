"""What the reports together say of one quantity: pooled, differences, ranks, and a test of all."""

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crmresearch.compare import contrasts
from crmresearch.compare.matching import Quantity
from crmresearch.compare.pooling import pooled, whole
from crmresearch.methods import multiplicity, ranks, welch
from crmresearch.methods.recovered import Recovered, reaches
from crmresearch.report.estimates import NAN, Estimate

LEAST = 2  # reports
PAIRED = 6  # reports of which every pair is told; of more, each against the mean of the others
FEW = 30  # degrees of freedom; with more a t interval is hardly wider than the normal one
DIFFERENCES = {
    "share": "share difference",
    "points": "points difference",
    "index": "points difference",
    "scale points": "scale difference",
    "amount": "amount difference",
    "R2": "fit change",
    "fit": "fit change",
    "correlation": "number",
    "coefficient": "number",
    "probability": "number",
    "ratio": "number",
}  # the unit of a difference, where it is not that of what differs


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One quantity compared.

    Parameters
    ----------
    quantity : what is compared
    shown : the reports' own estimates, at one level
    pooled : the mean, the prediction, the spread; empty with fewer than three reports
    pairs : the differences of every pair of at most `PAIRED` reports
    against : each less the mean of the others, of three reports or more
    ranks : the rank of each report with its interval
    above : (k, k) of bool, which report (row) certainly lies above which (column)
    """

    quantity: Quantity
    shown: tuple[Estimate, ...]
    pooled: tuple[Estimate, ...]
    pairs: tuple[Estimate, ...]
    against: tuple[Estimate, ...]
    ranks: tuple[Estimate, ...]
    above: np.ndarray

    @property
    def mean(self) -> Estimate | None:
        """The pooled mean."""
        return self.pooled[0] if self.pooled else None

    @property
    def clear(self) -> tuple[Estimate, ...]:
        """The pairs whose interval leaves zero out."""
        return tuple(item for item in self.pairs if item.low > 0 or item.high < 0)

    @property
    def marks(self) -> dict[str, int]:
        """1 for each group that lies certainly above the mean of the others, -1 for below."""
        return {item.group: (item.low > 0) - (item.high < 0) for item in self.against}


def compare(quantity: Quantity, labels: Sequence[str]) -> Compared:
    """Everything about one quantity; `labels` are those of the whole lineup."""
    names = [labels[row] for row in quantity.rows]
    above = contrasts.above(quantity.recovered, quantity.level)
    return Compared(
        quantity=quantity,
        shown=tuple(shown(quantity, names)),
        pooled=tuple(pooled(quantity)),
        pairs=tuple(paired(quantity, names)) if len(names) <= PAIRED else (),
        against=tuple(against(quantity, names)) if len(names) > LEAST else (),
        ranks=tuple(_ranks(quantity, names, above)),
        above=above,
    )


def shown(quantity: Quantity, names: Sequence[str]) -> list[Estimate]:
    """The published estimates; those of another level with the interval that theirs comes to."""
    item = quantity.recovered
    low, high = item.possible(item.limits(reaches(quantity.level, item.freedom)))
    return [
        dataclasses.replace(
            item,
            key=f"value.{quantity.place}",
            name=quantity.words,
            group=f"report: {name}",
            p=NAN,
            **(
                {}
                if item.level == quantity.level
                else {"low": float(low[row]), "high": float(high[row]), "level": quantity.level}
            ),
        )
        for row, (item, name) in enumerate(zip(quantity.estimates, names, strict=True))
    ]


def paired(quantity: Quantity, names: Sequence[str]) -> list[Estimate]:
    """The difference of every pair, with Games and Howell's simultaneous intervals.

    The adjusted p agrees with the interval: it is below 1 less the level exactly where the
    interval leaves zero out.
    """
    k = len(names)
    found = contrasts.of_pairs(quantity.recovered, quantity.level)
    p = ranks.tukey_p(found.clearance, k, found.freedom)
    together = f"Tukey-simultaneous over {len(p)} pairs" if k > 2 else "of two independent"
    return [
        _difference(
            "pair",
            quantity,
            f"pair: {names[i]} − {names[j]}",
            (found.value[m], found.low[m], found.high[m], p[m]),
            sum(quantity.estimates[row].n for row in (i, j)),
            f"{together}{_told(found.freedom[m])}",
        )
        for m, (i, j) in enumerate(zip(*np.triu_indices(k, 1), strict=True))
    ]


def against(quantity: Quantity, names: Sequence[str]) -> list[Estimate]:
    """Each report less the mean of the others, each of which counts once; all at once (Šidák)."""
    k = len(names)
    found = contrasts.with_others(quantity.recovered, quantity.level)
    with np.errstate(divide="ignore"):  # of no difference at all, where p is 1
        p = -np.expm1(k * np.log1p(-found.alone))
    total = sum(x.n for x in quantity.estimates)
    together = f"less the mean of the {k - 1} others, Šidák-simultaneous over {k} reports"
    return [
        _difference(
            "against",
            quantity,
            f"report: {name}",
            (found.value[row], found.low[row], found.high[row], p[row]),
            total,
            f"{together}{_told(found.freedom[row])}",
        )
        for row, name in enumerate(names)
    ]


def _told(df: float) -> str:
    """The degrees of freedom of a difference, where they are so few that they widen it."""
    return f", {df:.0f} df" if df < FEW else ""


def _difference(
    kind: str, quantity: Quantity, group: str, numbers: tuple[float, ...], n: int, together: str
) -> Estimate:
    value, low, high, p = (float(x) for x in numbers)
    return Estimate(
        key=f"{kind}.{quantity.place}",
        name=f"{quantity.words}: difference",
        value=value,
        low=low,
        high=high,
        level=quantity.level,
        unit=DIFFERENCES.get(quantity.unit, quantity.unit),
        n=n,
        method=f"MOVER from the published intervals on {quantity.recovered.scale.name}, {together}",
        group=group,
        p=p,
    )


def _ranks(quantity: Quantity, names: Sequence[str], above: np.ndarray) -> list[Estimate]:
    low, high = ranks.from_pairs(above)
    own = 1 + (quantity.recovered.values[None, :] > quantity.recovered.values[:, None]).sum(axis=1)
    return [
        Estimate(
            key=f"rank.{quantity.place}",
            name=f"{quantity.words}: rank",
            value=float(own[row]),
            low=float(low[row]),
            high=float(high[row]),
            level=quantity.level,
            unit="rank",
            n=quantity.estimates[row].n,
            method=f"joint interval of all {len(names)} ranks from Tukey-simultaneous pairs; "
            "1 is the highest",
            group=f"report: {name}",
        )
        for row, name in enumerate(names)
    ]


def overall(quantities: Sequence[Quantity]) -> list[Estimate]:
    """Of each quantity whether the reports differ at all: Welch's test, Holm over these.

    All are tested at one level, which a correction supposes: the one that most of them have.
    """
    if not quantities:
        return []
    level = Counter(item.level for item in quantities).most_common(1)[0][0]
    found = [_alike(item.recovered) for item in quantities]
    adjusted = multiplicity.adjust(np.array([x.p for x in found]))
    return [
        dataclasses.replace(
            whole(item),
            key=f"test.{item.place}",
            name=f"{item.words}: any difference (Welch's F)",
            value=x.f,
            unit="statistic",
            level=level,
            p=float(p),
            method=f"F({x.between}, {_within(x)}) on {item.recovered.scale.name}, "
            f"Holm over {len(found)} quantities",
        )
        for item, x, p in zip(quantities, found, adjusted, strict=True)
    ]


def _alike(item: Recovered) -> welch.Tested:
    return welch.alike(item.transformed, item.errors**-2.0, item.freedom)


def _within(test: welch.Tested) -> str:
    return f"{test.within:,.1f}" if math.isfinite(test.within) else "∞"


def differs(test: Estimate) -> bool:
    """Whether a test of all says that the reports differ beyond chance."""
    return math.isfinite(test.p) and test.p < 1 - test.level
