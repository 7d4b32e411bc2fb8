"""The table of types wanted by types had: how many customers are in each cell, and how loyal.

Customers who want one type and have another are compared with those who want the same type and
have it. That difference goes with the mismatch; it is not what mending it would bring.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from crmresearch.archetypes.expectations import Choices
from crmresearch.archetypes.indicators import sampling_design
from crmresearch.data.survey import Survey
from crmresearch.methods.domains import joint_covariance
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import share
from crmresearch.methods.weighting import Design, linearised_variance
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import margins_reveal

MOST = 10  # types that get a row and a column of their own
OTHER = "any other type"
CELL = "Wanted → had: "


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Respondents by type wanted (rows) and type had (columns).

    Parameters
    ----------
    rows, columns : R types wanted and C types had, in the codebook's order; the rarest of either
        stand together at the end as `OTHER`
    wanted, had : (n,) row and column of each respondent, -1 where not known, or without a weight
    loyalty : (n,) NaN where not answered, or not asked
    people, answering : (R, C) respondents, and those whose loyalty is known
    shown : (R, C) bool, cells that may be shown
    how : how the types are known
    by_row : what is known of those who want each type; None where no cell of the row is shown
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    wanted: np.ndarray
    had: np.ndarray
    loyalty: np.ndarray
    design: Design
    people: np.ndarray
    answering: np.ndarray
    shown: np.ndarray
    how: str
    by_row: tuple["Row | None", ...] = ()

    def met(self, wanted: int) -> int:
        """The column of those who have what they want; -1 where no column is that type alone."""
        label = self.rows[wanted]
        return self.columns.index(label) if label != OTHER and label in self.columns else -1

    def group(self, wanted: int, had: int) -> str:
        """The cell as an estimate's group."""
        return f"{CELL}{self.rows[wanted]} → {self.columns[had]}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """What is known of the customers who want one type.

    Parameters
    ----------
    share, mean : (C,) of each type had: share of all customers, and mean loyalty
    covariance : (2 C, 2 C) of both
    units : (C,) respondents, or clusters, whose loyalty is known
    """

    share: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    units: np.ndarray


def tabulate(survey: Survey, found: Choices | None, *, min_cell: int = 10) -> Table | None:
    """Count the cells and decide which may be shown; None without both types.

    A cell is shown where at least `min_cell` respondents are in it and gave their loyalty, and
    where those shown, less the totals of rows and columns, leave no smaller number of others.
    """
    if found is None:
        return None
    design = sampling_design(survey)
    known = (found.wanted >= 0) & (found.had >= 0) & (design.row_weights() > 0)
    loyalty = np.full(design.n, NAN)
    if "loyalty" in survey.roles:
        loyalty = survey.score("loyalty").to_numpy(float)
    if not known.any():
        return None
    wanted, rows = _pooled(found.wanted, known, found.labels, min_cell)
    had, columns = _pooled(found.had, known, found.labels, min_cell)
    told = known & (np.isfinite(loyalty) | ~np.isfinite(loyalty).any())
    people, answering, met = (
        np.bincount(
            (wanted * len(columns) + had)[some], minlength=len(rows) * len(columns)
        ).reshape(len(rows), len(columns))
        for some in (known, told, known & (found.wanted == found.had))
    )
    table = Table(
        rows=rows,
        columns=columns,
        wanted=np.where(known, wanted, -1),
        had=np.where(known, had, -1),
        loyalty=loyalty,
        design=design,
        people=people,
        answering=answering,
        shown=_shown(people, answering, met, min_cell),
        how=found.how,
    )
    by_row = (_row(table, k) if table.shown[k].any() else None for k in range(len(rows)))
    return replace(table, by_row=tuple(by_row))


def _pooled(
    codes: np.ndarray, known: np.ndarray, labels: tuple[str, ...], min_cell: int
) -> tuple[np.ndarray, tuple[str, ...]]:
    """One side's types with the rare ones pooled: beyond `MOST`, or of too few people."""
    counts = np.bincount(codes[known], minlength=len(labels))
    order = np.argsort(-counts, kind="stable")
    kept = [k for k in order[:MOST] if counts[k] >= min_cell]
    while kept and 0 < counts.sum() - counts[kept].sum() < min_cell:
        kept.pop()  # the smallest, so that the pooled ones are not a few people themselves
    kept = sorted(kept)
    place = np.full(len(labels) + 1, len(kept))  # the last place is that of nothing known
    place[kept] = np.arange(len(kept))
    named = tuple(labels[k] for k in kept)
    return place[codes], named if counts[kept].sum() == counts.sum() else (*named, OTHER)


def _shown(people: np.ndarray, answering: np.ndarray, met: np.ndarray, min_cell: int) -> np.ndarray:
    """Cells of enough people, less as few as can be so that what is left gives nobody away.

    Of a row or column with a few people left over the smallest cell goes too; where only rows and
    columns taken together give somebody away, the smallest cell beside others that are not shown.
    """
    shown = np.minimum(people, answering) >= min_cell
    while shown.any():
        left = [np.where(shown, 0, counts) for counts in (people, answering)]
        lines = sum(_thin(counts, min_cell) for counts in left)
        lines = lines + _thin_of_met(people, met, shown, min_cell)
        if not lines.any():
            if not any(margins_reveal(counts, min_cell) for counts in left):
                break
            lines = sum(
                (counts.sum(axis=1)[:, None] > 0) | (counts.sum(axis=0) > 0) for counts in left
            )
        could = shown & (lines > 0) if (shown & (lines > 0)).any() else shown
        least = np.where(could, people, people.max() + 1)
        shown[np.unravel_index(np.argmin(least), shown.shape)] = False
    return shown


def _thin(left: np.ndarray, min_cell: int) -> np.ndarray:
    """(R, C) True in rows and columns of which a few people are left over."""
    rows, columns = left.sum(axis=1), left.sum(axis=0)
    return ((rows > 0) & (rows < min_cell))[:, None] | ((columns > 0) & (columns < min_cell))


def _thin_of_met(
    people: np.ndarray, met: np.ndarray, shown: np.ndarray, min_cell: int
) -> np.ndarray:
    """(R, C) True in cells of met or of unmet wishes, where a few people are left over of these.

    How many have what they want is told of everybody, so the cells shown leave the others.
    """
    lines = np.zeros(people.shape, dtype=bool)
    for inside in (met, people - met):
        alone = inside == people
        left = inside.sum() - inside[shown & alone].sum()
        if 0 < left < min_cell:
            lines |= alone
    return lines


def _row(table: Table, wanted: int) -> Row:
    """Shares and mean loyalty of those who want one type, by the type they have."""
    size, design = len(table.columns), table.design
    weights = design.row_weights()
    known, mine = table.wanted >= 0, table.wanted == wanted
    total = weights[known].sum()
    nowhere = 2 * size + 1  # the column of whom a part does not concern
    had = np.where(mine, table.had, nowhere)
    told = np.where(mine & np.isfinite(table.loyalty), table.had, nowhere)
    heavy = np.bincount(told, weights=weights, minlength=nowhere + 1)[:size]
    loyalty = np.where(np.isfinite(table.loyalty), table.loyalty, 0.0)
    with np.errstate(invalid="ignore"):
        means = np.bincount(told, weights=weights * loyalty, minlength=nowhere + 1)[:size] / heavy
        apart = (loyalty - np.append(means, np.zeros(size + 2))[told]) * weights
        apart = np.where(told < size, apart / np.append(heavy, np.ones(size + 2))[told], 0.0)
    shares = np.bincount(had, weights=weights, minlength=nowhere + 1)[:size] / total
    blocks = [
        (np.where(mine, weights / total, 0.0), had),
        (apart, np.where(told < size, size + told, nowhere)),
        (np.where(known, weights / total, 0.0), np.where(known, 2 * size, nowhere)),
    ]
    covariance = joint_covariance(blocks, nowhere + 1, design)
    centred = np.zeros((2 * size, nowhere + 1))  # a share's error is its count less its part of all
    centred[np.arange(2 * size), np.arange(2 * size)] = 1.0
    centred[:size, 2 * size] = -shares
    units = _units(design, told, size)
    if design.plain:  # each mean by its own respondents, as Welch has it
        own = np.sqrt(units / np.maximum(units - 1, 1) * (1 - 1 / design.n))
        centred[size:] *= np.where(units > 1, own, 1.0)[:, None]
    return Row(
        share=shares,
        mean=means,
        covariance=centred @ covariance @ centred.T,
        units=units,
    )


def _units(design: Design, codes: np.ndarray, size: int) -> np.ndarray:
    """Respondents in each group below `size`, or clusters where the design has them."""
    if design.clusters is None:
        return np.bincount(codes, minlength=size)[:size]
    inside = codes < size
    pairs = np.unique(codes[inside] * np.int64(design.clusters.max() + 1) + design.clusters[inside])
    return np.bincount(pairs // (design.clusters.max() + 1), minlength=size)[:size]


def cells(table: Table | None, *, level: float = 0.95) -> list[Estimate]:
    """Share of all customers in each cell that may be shown, and their mean loyalty.

    Keys ``mismatch.share`` and ``mismatch.loyalty``, each interval by itself; where loyalty was
    not asked only the shares.
    """
    if table is None:
        return []
    nothing = np.zeros(table.design.n)
    freedom = linearised_variance(nothing, table.design, table.wanted >= 0)[1]
    return [
        estimate
        for wanted, had in np.argwhere(table.shown).tolist()
        for estimate in _cell(table, wanted, had, freedom, level)
    ]


def _cell(table: Table, wanted: int, had: int, freedom: int, level: float) -> Iterator[Estimate]:
    """Share and mean loyalty of one cell; `freedom` is that of a share of all."""
    found, known = table.by_row[wanted], table.wanted >= 0
    inside = (table.wanted == wanted) & (table.had == had)
    errors = np.sqrt(np.diag(found.covariance))
    about = {"design": table.design, "level": level, "group": table.group(wanted, had)}
    people = int(table.people[wanted, had])
    yield share(
        np.where(known, inside.astype(float), NAN),
        key="mismatch.share",
        name="Share of customers",
        moments=(float(found.share[had]), float(errors[had]), freedom, people),
        **about,
    )
    if np.isfinite(table.loyalty).any():
        error, units = float(errors[len(found.share) + had]), int(found.units[had])
        yield mean(
            table.loyalty,
            key="mismatch.loyalty",
            name="Mean loyalty",
            within=inside,
            moments=(float(found.mean[had]), error, units - 1, int(table.answering[wanted, had])),
            **about,
        )


def quantile(level: float, units: float, tests: int) -> float:
    """Student's quantile for one of several intervals, by the units of its smallest part."""
    return float(stats.t.ppf(1 - (1 - level) / 2 / max(tests, 1), units - 1)) if units > 1 else NAN
