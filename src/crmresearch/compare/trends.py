"""What changed from wave to wave, in each series of reports that are alike in all but the wave.

Two waves have a difference; three and more have a slope, by meta-regression on the waves' order.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.compare import contrasts
from crmresearch.compare.analysis import DIFFERENCES
from crmresearch.compare.matching import Quantity
from crmresearch.compare.naming import Lineup
from crmresearch.methods import meta, multiplicity
from crmresearch.report.estimates import Estimate

SLOPED = 3  # waves


@dataclass(frozen=True, slots=True)
class Series:
    """Reports that are alike in all but the wave, in the order of the waves.

    Parameters
    ----------
    label : what they have in common, such as a brand; empty where there is no other series
    rows : as places in the lineup
    places : of the waves in their order; a wave that is left out leaves a gap
    waves : their labels
    """

    label: str
    rows: tuple[int, ...]
    places: tuple[int, ...]
    waves: tuple[str, ...]


def series(lineup: Lineup) -> list[Series]:
    """The series of at least two waves; none where the reports are not of waves of one dataset."""
    found: dict[tuple, list[int]] = {}
    for row, item in enumerate(lineup.reports):
        if item.wave:
            others = tuple(sorted((k, v) for k, v in item.part.items() if k != item.wave["name"]))
            found.setdefault((item.dataset, others), []).append(row)
    return [_series(lineup, rows) for rows in found.values() if len(rows) > 1]


def _series(lineup: Lineup, rows: Sequence[int]) -> Series:
    ordered = sorted(rows, key=lambda row: lineup.reports[row].wave["place"])
    reports = [lineup.reports[row] for row in ordered]
    wave = reports[0].wave["name"]
    told = [reports[0].part[x] for x in lineup.apart if x != wave and x in reports[0].part]
    return Series(
        label=", ".join(told),
        rows=tuple(ordered),
        places=tuple(item.wave["place"] for item in reports),
        waves=tuple(item.part[wave] for item in reports),
    )


def changes(quantities: Sequence[Quantity], known: Sequence[Series]) -> list[list[Estimate]]:
    """The changes of each quantity; the p of all of them together by Holm's correction.

    Empty lists where no series estimates a quantity twice.
    """
    found = [_changes(item, known) for item in quantities]
    adjusted = iter(multiplicity.adjust(np.array([x.p for some in found for x in some])))
    return [[dataclasses.replace(x, p=float(next(adjusted))) for x in some] for some in found]


def _changes(quantity: Quantity, known: Sequence[Series]) -> list[Estimate]:
    """The change of a quantity in each series that estimates it twice, all at once (Šidák)."""
    found = [present(quantity, item) for item in known]
    found = [item for item in found if len(item.rows) > 1]
    each = quantity.level ** (1 / max(len(found), 1))
    return [_change(quantity, item, each, len(found)) for item in found]


def present(quantity: Quantity, item: Series) -> Series:
    """The series without the waves that do not estimate the quantity."""
    there = [place for place, row in enumerate(item.rows) if row in quantity.rows]
    columns = (item.rows, item.places, item.waves)
    return Series(item.label, *(tuple(column[place] for place in there) for column in columns))


def _change(quantity: Quantity, item: Series, each: float, k: int) -> Estimate:
    at = [quantity.rows.index(row) for row in item.rows]
    sloped = len(at) >= SLOPED
    value, low, high, p = (
        _slope(quantity, at, item.places, each) if sloped else _difference(quantity, at, each)
    )
    together = f", Šidák-simultaneous over {k} series" if k > 1 else ""
    return Estimate(
        key=f"{'slope' if sloped else 'change'}.{quantity.place}",
        name=f"{quantity.words}: change {'a wave' if sloped else 'between two waves'}",
        value=value,
        low=low,
        high=high,
        level=quantity.level,
        unit=DIFFERENCES.get(quantity.unit, quantity.unit),
        n=sum(quantity.estimates[row].n for row in at),
        p=p,
        method=(
            f"meta-regression on the order of {len(at)} waves, taken as evenly spaced, REML, "
            f"Hartung-Knapp t({len(at) - 2}) interval{together}; p by Holm over all changes"
            if sloped
            else f"MOVER from the published intervals on {quantity.recovered.scale.name}, of two "
            f"taken as independent{together}; p by Holm over all changes"
        ),
        group=f"series: {span(item)}",
    )


def span(item: Series) -> str:
    """``Aster, 2025 to 2026``."""
    return ", ".join(filter(None, [item.label, f"{item.waves[0]} to {item.waves[-1]}"]))


def _difference(
    quantity: Quantity, at: Sequence[int], level: float
) -> tuple[float, float, float, float]:
    """The later wave less the earlier; the p agrees with the interval."""
    earlier, later = ([place] for place in at)
    found = contrasts.of_changes(quantity.recovered, later, earlier, level)
    return tuple(float(x[0]) for x in (found.value, found.low, found.high, found.alone))


def _slope(
    quantity: Quantity, at: Sequence[int], places: Sequence[int], level: float
) -> tuple[float, float, float, float]:
    """The change a wave in the published unit, on the scale of which an interval has two sides."""
    item = quantity.recovered.take(np.array(at))
    fit = meta.pool(item.values, item.squares, moderators=np.array(places, dtype=float))
    value, error = float(fit.coefficients[1]), float(fit.covariance[1, 1]) ** 0.5
    half = float(stats.t.ppf((1 + level) / 2, fit.df)) * error
    low, high = item.possible_difference([value - half, value + half])
    return value, float(low), float(high), float(2 * stats.t.sf(abs(value) / error, fit.df))
