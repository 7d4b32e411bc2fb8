"""What to change and what to reinforce: cells of the table of types wanted by types had.

What counts is how many customers a cell has and how far their loyalty is from that of others who
want the same type, taken together: loyalty at stake, in scale points over 100 customers. Cells are
ranked by the bound of it nearer to zero, of intervals that hold for all cells at once, so that a
cell of a dozen customers leads only where it must. It is a reckoning with associations: what would
follow a change is not known from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.mismatch import OTHER, Row, Table, quantile
from crmresearch.report.estimates import NAN, Estimate

RULE = (
    "Change comes first where the most loyalty is at stake for sure: the customers of a mismatch, "
    "of 100, times their loyalty below that of customers who want the same type and have it. "
    "Reinforce comes first where the most goes with a match: the customers who have what they "
    "want times their loyalty above that of those who want the same type and have another. Both "
    "are ranked by the lower bound of intervals that hold for all rows at once."
)
NAMES = {
    "change": "Loyalty at stake, scale points over 100 customers",
    "reinforce": "Loyalty that goes with the match, scale points over 100 customers",
}


@dataclass(frozen=True, slots=True, eq=False)
class Stake:
    """One cell's loyalty at stake: a share of all customers times a gap between two means.

    Parameters
    ----------
    kind : ``change`` or ``reinforce``
    gap, amount : mean loyalty of those who have what they want less that of the others, and
        its product with the cell's share of 100 customers
    gap_error, error : their standard errors
    units : respondents, or clusters, on the smaller side
    """

    kind: str
    wanted: int
    had: int
    gap: float
    gap_error: float
    amount: float
    error: float
    units: int


def priorities(table: Table | None, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Loyalty at stake in every mismatch and with every match that can be compared.

    First what to change (``stake.change``), then what to reinforce (``stake.reinforce``), each
    ranked as `RULE` says and followed by the difference of mean loyalty that it is made of
    (``.difference``). Intervals are Bonferroni's over all rows, Student's t by the smaller side.
    Types that fewer than `min_cell` customers both want and have are compared with nobody. Empty
    without loyalty, or where nobody can be compared.
    """
    if table is None or not np.isfinite(table.loyalty).any():
        return []
    found = stakes(table, min_cell=min_cell)
    estimates = []
    for kind in NAMES:
        pairs = [_estimates(table, x, level, len(found)) for x in found if x.kind == kind]
        pairs.sort(key=lambda pair: -pair[0].low if pair[0].low == pair[0].low else float("inf"))
        estimates += [estimate for pair in pairs for estimate in pair]
    return estimates


def stakes(table: Table, *, min_cell: int = 10) -> list[Stake]:
    """What is at stake in each mismatch and with each match, in the table's order."""
    return [
        stake
        for wanted in range(len(table.rows))
        if table.met(wanted) >= 0 and table.shown[wanted, table.met(wanted)]
        for stake in _of_row(table, wanted, table.by_row[wanted], min_cell)
    ]


def _of_row(table: Table, wanted: int, found: Row, min_cell: int) -> Iterator[Stake]:
    """The stakes of those who want one type: each mismatch, then the match."""
    met, size = table.met(wanted), len(table.columns)
    for had in np.flatnonzero(table.shown[wanted]):
        if had != met and table.columns[had] != OTHER:
            weights = np.zeros(size)
            weights[had] = 1.0
            yield _stake("change", table, found, (wanted, had), weights)
    others = (table.answering[wanted] > 0) & (np.arange(size) != met)
    if table.answering[wanted][others].sum() >= min_cell:
        weights = np.where(others, found.share, 0.0)
        yield _stake("reinforce", table, found, (wanted, met), weights / weights.sum())


def _stake(
    kind: str, table: Table, found: Row, cell: tuple[int, int], weights: np.ndarray
) -> Stake:
    """The mean of those who have what they want less a weighted mean of others, and its stake."""
    met, size = table.met(cell[0]), len(table.columns)
    means = np.where(weights > 0, found.mean, 0.0)
    other = float(weights @ means)
    gap = float(found.mean[met] - other)
    slope = np.zeros(2 * size)  # of the gap, by shares and means
    if kind == "reinforce":
        slope[:size] = np.where(weights > 0, other - means, 0.0) * (weights > 0)
        slope[:size] /= found.share[weights > 0].sum()
    slope[size:] = -weights
    slope[size + met] = 1.0
    share = 100 * float(found.share[cell[1]])
    rise = share * slope
    rise[cell[1]] += 100 * gap
    told = (slope != 0) | (rise != 0)
    covariance = found.covariance[np.ix_(told, told)]
    rest = int(found.units[weights > 0].sum())
    return Stake(
        kind=kind,
        wanted=cell[0],
        had=cell[1],
        gap=gap,
        gap_error=float(np.sqrt(slope[told] @ covariance @ slope[told])),
        amount=share * gap,
        error=float(np.sqrt(rise[told] @ covariance @ rise[told])),
        units=min(int(found.units[met]), rest),
    )


def _estimates(table: Table, stake: Stake, level: float, tests: int) -> tuple[Estimate, Estimate]:
    reach = quantile(level, stake.units, tests)
    unit = "respondents" if table.design.clusters is None else f"{table.design.cluster_name}s"
    about = {
        "level": level,
        "n": int(table.answering[stake.wanted, stake.had]),
        "method": f"{table.design.words}, linearised, t by {stake.units:,} {unit} of the smaller "
        f"side, Bonferroni over {tests}; n is the cell's",
        "group": table.group(stake.wanted, stake.had),
    }
    half, gap_half = (
        reach * error if error > 0 else NAN for error in (stake.error, stake.gap_error)
    )
    sign = -1 if stake.kind == "change" else 1
    return (
        Estimate(
            key=f"stake.{stake.kind}",
            name=NAMES[stake.kind],
            value=stake.amount,
            low=stake.amount - half,
            high=stake.amount + half,
            unit="number",
            **about,
        ),
        Estimate(
            key=f"stake.{stake.kind}.difference",
            name="Loyalty less that of those who want the same type and "
            + ("have it" if sign < 0 else "have another"),
            value=sign * stake.gap,
            low=sign * stake.gap - gap_half,
            high=sign * stake.gap + gap_half,
            unit="scale difference",
            **about,
        ),
    )
