"""Control chart of the headline figure: which weeks, months, quarters or waves stand out."""

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError
from crmresearch.methods.control import RULE, SIGMAS, Chart, chart, false_alarm
from crmresearch.methods.weighting import Design, t_interval
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import format_number
from crmresearch.report.suppression import reveals
from crmresearch.survey.change import shown_waves
from crmresearch.survey.metrics import Measure, headline_measures
from crmresearch.survey.panel import linked
from crmresearch.survey.sample import parts

PERIODS = ("week", "month", "quarter", "wave")  # each coarser than the one before
FEWEST = 3  # periods of which a chart is made
MOST = 104  # two years of weeks; more are drawn by the next coarser period
CHARTED = ("nps", "satisfaction", "satisfied", "loyalty", "effort")
DAY = np.timedelta64(1, "D")


def charts(
    survey: Survey, *, period: str = "month", level: float = 0.95, min_cell: int = 2
) -> list[Estimate]:
    """Every period's figure with the limits within which a stable one would lie.

    Of the measures that were asked in three periods or more the first is charted. Periods come
    from the role date, without it from the waves. A period with fewer than `min_cell` answers is
    joined to its nearer neighbour; where the periods together with the waves would give away few
    people, the next coarser period is taken.

    Parameters
    ----------
    period : ``week`` (Monday to Sunday), ``month``, ``quarter`` or ``wave``
    level : of the intervals, not of the limits, which are three standard errors wide

    Returns
    -------
    For each period, named in ``group``, ``period.nps`` with its interval and ``period.nps.limits``:
    the centre line with the control limits as its ends; without a group ``period.nps.outside``,
    how many lie beyond their limits, and ``period.nps.false_alarm``, the chance that at least one
    of so many stable periods would. Empty with fewer than three periods.
    """
    if period not in PERIODS:
        raise RequestError(
            f"period: found {period!r}. Name one of {', '.join(PERIODS)}, the unit of the chart."
        )
    basis = linked(survey)
    measures = {measure.key: measure for measure in headline_measures(survey)}
    for key in CHARTED:
        if key in measures:
            found = _charted(survey, measures[key], period, basis, level, min_cell)
            if found:
                return found
    return []


def _charted(
    survey: Survey, measure: Measure, period: str, basis: Design, level: float, min_cell: int
) -> list[Estimate]:
    answered = np.isfinite(measure.values) & (basis.row_weights() > 0)
    shown = shown_waves(survey, measure, basis, min_cell)
    hidden = [rows for _, _, rows in parts(survey, ("wave",)) if not _among(rows, shown)]
    for rows in hidden:  # what is not shown of a wave is not shown of its months
        answered &= ~rows
    for unit in PERIODS[PERIODS.index(period) :]:
        codes, names = _periods(survey, unit, answered, shown, min_cell)
        if len(names) < FEWEST or len(names) > MOST:
            continue
        if unit != "wave" and _reveals(codes, len(names), shown, answered, min_cell):
            continue
        made = chart(np.where(answered, measure.values, np.nan), codes, len(names), basis)
        if made is not None:
            return _told(made, measure, unit, names, basis, level)
    return []


def _among(rows: np.ndarray, shown: list[tuple[str, np.ndarray]]) -> bool:
    return any(np.array_equal(rows, other) for _, other in shown)


def _periods(
    survey: Survey,
    unit: str,
    answered: np.ndarray,
    shown: list[tuple[str, np.ndarray]],
    min_cell: int,
) -> tuple[np.ndarray, list[str]]:
    """(n,) code of each row's period, -1 for none, and the periods' names in order."""
    codes = np.full(len(answered), -1)
    if unit == "wave":
        for position, (_, rows) in enumerate(shown):
            codes[rows & answered] = position
        return codes, [label for label, _ in shown]
    if "date" not in survey.roles:
        return codes, []
    days = survey.answers[survey.variables("date")[0].variable].to_numpy("datetime64[D]")
    numbers = _numbers(days, unit)
    used = answered & ~np.isnat(days)
    there, first = np.unique(numbers[used], return_inverse=True)
    sizes = np.bincount(first, minlength=len(there))
    runs = joined(there, sizes, max(min_cell, 2))
    codes[used] = np.repeat(np.arange(len(runs)), [len(run) for run in runs])[first]
    names = [_name(there[run[0]], unit) for run in runs]
    ends = [_name(there[run[-1]], unit) for run in runs]
    return codes, [a if a == b else f"{a} to {b}" for a, b in zip(names, ends, strict=True)]


def joined(numbers: np.ndarray, sizes: np.ndarray, least: int) -> list[list[int]]:
    """Positions of the periods in runs of at least `least` answers.

    The smallest run is joined to the neighbour nearer in time, the smaller of two as near, until
    none is too small. Parameters: the periods' numbers in order and their answers.
    """
    runs = [[at] for at in range(len(numbers))]
    counts = [int(size) for size in sizes]
    while len(runs) > 1 and min(counts) < least:
        at = counts.index(min(counts))
        sides = [other for other in (at - 1, at + 1) if 0 <= other < len(runs)]
        gaps = {side: abs(numbers[runs[max(at, side)][0]] - numbers[runs[min(at, side)][-1]])
                for side in sides}  # fmt: skip
        first = min(at, min(sides, key=lambda side: (gaps[side], counts[side])))
        runs[first : first + 2] = [runs[first] + runs[first + 1]]
        counts[first : first + 2] = [counts[first] + counts[first + 1]]
    return runs


def _numbers(days: np.ndarray, unit: str) -> np.ndarray:
    if unit == "week":  # day 0, 1 January 1970, was a Thursday
        return (days.astype("datetime64[D]").astype(np.int64) + 3) // 7
    months = days.astype("datetime64[M]").astype(np.int64)
    return months if unit == "month" else months // 3


def _name(number: int, unit: str) -> str:
    if unit == "week":
        return str(np.datetime64(int(number) * 7 - 3, "D"))
    if unit == "month":
        return str(np.datetime64(int(number), "M"))
    return f"{1970 + number // 4} Q{number % 4 + 1}"


def _reveals(
    codes: np.ndarray,
    size: int,
    shown: list[tuple[str, np.ndarray]],
    answered: np.ndarray,
    min_cell: int,
) -> bool:
    """Whether the periods and the waves together give away the figure of few people.

    Of every combination of period and wave as many people stand for it as matter.
    """
    waves = np.zeros(len(codes), dtype=np.int64)
    for position, (_, rows) in enumerate(shown, start=1):
        waves[rows] = position
    width = len(shown) + 1
    cells, counts = np.unique((codes[answered] + 1) * width + waves[answered], return_counts=True)
    cells = np.repeat(cells, np.minimum(counts, min_cell))
    period, wave = cells // width, cells % width
    groups = [period == at for at in range(1, size + 1)] + [wave == at for at in range(1, width)]
    return reveals([np.ones(len(cells), dtype=bool), *groups], min_cell)


def _told(
    made: Chart, measure: Measure, unit: str, names: list[str], basis: Design, level: float
) -> list[Estimate]:
    """Two estimates a period, its figure and its limits, and the verdict."""
    shown = {"points difference": "points", "share difference": "share"}
    shown_unit = shown.get(measure.unit, "scale points")
    ends = {"share": (0.0, 1.0), "points": (-100.0, 100.0)}.get(shown_unit, (-np.inf, np.inf))
    words = _words(made, basis)
    freedom = int(made.n.sum()) - len(names)
    found = []
    for at, name in enumerate(names):
        value, reach = float(made.means[at]), float(made.reaches[at])
        group = f"{unit.capitalize()}: {name}"
        common = {"n": int(made.n[at]), "group": group, "unit": shown_unit}
        low, high = np.clip(t_interval(value, made.errors[at], freedom, level), *ends)
        found.append(
            Estimate(
                key=f"period.{measure.key}",
                name=measure.name,
                value=value,
                low=float(low),
                high=float(high),
                level=level,
                method=f"mean, SD {format_number(made.sd, 'number')} pooled over periods, {words}",
                **common,
            )
        )
        low, high = np.clip((made.centre - reach, made.centre + reach), *ends)
        found.append(
            Estimate(
                key=f"period.{measure.key}.limits",
                name=f"{measure.name}, centre line and control limits",
                value=made.centre,
                low=float(low),
                high=float(high),
                level=1 - RULE,
                method=f"{SIGMAS:g} standard errors of the period less the centre line, {words}",
                **common,
            )
        )
    return found + _verdict(made, measure, unit, names)


def _words(made: Chart, basis: Design) -> str:
    """What the limits allow for."""
    words = "unequal n" + (", weights" if basis.weights is not None else "")
    if basis.clusters is None:
        return words
    return (
        f"{words}; answers of one {basis.cluster_name} correlated at {made.alike:.2f} within and "
        f"{made.lasting:.2f} across periods"
    )


def _verdict(made: Chart, measure: Measure, unit: str, names: list[str]) -> list[Estimate]:
    common = {"n": int(made.n.sum()), "method": f"one rule: a {unit} beyond its own limits"}
    outside = [name for name, out in zip(names, made.outside, strict=True) if out]
    which = f": {', '.join(outside)}" if outside else ""
    return [
        Estimate(
            key=f"period.{measure.key}.outside",
            name=f"{measure.name}, {unit}s beyond their limits{which}",
            value=float(len(outside)),
            unit="count",
            **common,
        ),
        Estimate(
            key=f"period.{measure.key}.false_alarm",
            name=f"Chance of at least one of {len(names)} {unit}s beyond if nothing had changed",
            value=false_alarm(len(names)),
            unit="share",
            **common,
        ),
    ]
