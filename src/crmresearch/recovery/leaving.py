"""Time to leave: the share of customers still there, day by day, on each path."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

from crmresearch.methods import logrank
from crmresearch.methods.groups import slug
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.survival import log_log, median
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.followed_paths import (
    FollowedPath,
    error_apart,
    followed_paths,
    mean_stayed,
    still_there,
)
from crmresearch.recovery.following import Following
from crmresearch.report.estimates import NAN, Estimate

POINTS = 30  # at which a curve's interval is drawn
TICKS = 5  # of the numbers at risk


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One path's curve up to the day on which enough customers are at risk.

    `days` and `stayed` are the corners of its steps; `at`, `low` and `high` the interval along it;
    `at_risk` the numbers at the ticks, 0 where the curve has stopped.
    """

    name: str
    days: np.ndarray
    stayed: np.ndarray
    at: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Leaving:
    """The curves of the paths, or `why` there are none."""

    estimates: tuple[Estimate, ...] = ()
    lines: tuple[Line, ...] = ()
    ticks: tuple[float, ...] = ()
    until: float = NAN
    level: float = 0.95
    reference: str = ""
    why: str = ""


def curves(
    cases: Cases, following: Following | None, *, level: float = 0.95, min_cell: int = 10
) -> Leaving:
    """How long customers on each path stayed.

    Kaplan-Meier curves of the customers whose dates agree, unweighted; standard errors are
    Greenwood's or, where customers belong to accounts or persons, those of the infinitesimal
    jackknife between them. Curves stop where fewer than `min_cell` customers are at risk, and
    paths that may not be shown for being small are left out.

    Returns
    -------
    With estimates ``leaving.stayed`` (share still there, log-log interval), ``leaving.days`` (mean
    days stayed, both up to the last day that every path shown is followed to) and
    ``leaving.median`` (days, with Brookmeyer-Crowley's interval, where half have left) for each
    path; ``leaving_days.<path>-<reference>``, days stayed less those of the reference path;
    ``leaving_test``, the log-rank test of all paths, and ``leaving_test.<later>-<earlier>`` for
    each pair, p by Holm. Without dates, or with one path, there are none.
    """
    if following is None:
        return Leaving(why=_why(cases))
    paths = followed_paths(cases, following, min_cell)
    if len(paths) < 2:
        return Leaving(why="two paths of enough customers followed in time")
    until = float(min(path.until for path in paths))
    if not until > 0:
        return Leaving(why="a day to which enough customers of every path were followed")
    found = [
        *_of_paths(paths, until, level),
        *_days_apart(paths, cases.reference, until, level),
        *_tests(paths),
    ]
    ticks = tuple(np.linspace(0, max(path.until for path in paths), TICKS).round())
    return Leaving(
        estimates=tuple(found),
        lines=tuple(_line(path, ticks, level, min_cell) for path in paths),
        ticks=ticks,
        until=until,
        level=level,
        reference=cases.reference,
    )


def _why(cases: Cases) -> str:
    if "churned" in cases.answers.roles:
        return "the days from and until which customers were followed, only whether they left"
    return "whether and when customers left"


def _of_paths(paths: list[FollowedPath], until: float, level: float) -> list[Estimate]:
    reach = float(stats.norm.ppf(0.5 + level / 2))
    shares, means, medians = [], [], []
    for path in paths:
        shared = {"level": level, "n": path.curve.n, "group": f"path: {path.name}"}
        value, error, how = still_there(path, np.array([until]))
        low, high = log_log(value, error, level)
        shares.append(
            Estimate(
                key="leaving.stayed",
                name=f"still a customer after {until:,.0f} days",
                value=float(value[0]),
                low=float(low[0]),
                high=float(high[0]),
                unit="share",
                method=f"Kaplan-Meier, log-log interval, {how}",
                **shared,
            )
        )
        value, error = mean_stayed(path, until)
        means.append(
            Estimate(
                key="leaving.days",
                name=f"mean days stayed of the first {until:,.0f}",
                value=value,
                low=value - reach * error,
                high=value + reach * error,
                unit="days",
                method=f"restricted mean survival time, {how}",
                **shared,
            )
        )
        medians.append(_median(path, level))
    reached = [item for item in medians if item.value == item.value]
    return [*shares, *means, *reached]


def _median(path: FollowedPath, level: float) -> Estimate:
    """The day by which half have left; NaN where they have not."""
    value, low, high = median(path.curve, level=level)
    known = np.isfinite([value, low, high]).all()
    return Estimate(
        key="leaving.median",
        name="days after which half have left",
        value=value,
        low=low if known else NAN,
        high=high if known else NAN,
        level=level,
        unit="days",
        n=path.curve.n,
        group=f"path: {path.name}",
        method="Kaplan-Meier, interval of Brookmeyer and Crowley, customers independent",
    )


def _days_apart(
    paths: list[FollowedPath], reference: str, until: float, level: float
) -> list[Estimate]:
    """Mean days stayed less those of the reference path; accounts may be on both."""
    base = next((path for path in paths if path.name == reference), None)
    if base is None:
        return []
    found = []
    for path in paths:
        if path is base:
            continue
        value = mean_stayed(path, until)[0] - mean_stayed(base, until)[0]
        error = error_apart(path, base, until)
        half = float(stats.norm.ppf(0.5 + level / 2)) * error
        found.append(
            Estimate(
                key=f"leaving_days.{slug(path.name)}-{slug(reference)}",
                name=f"days stayed of the first {until:,.0f}: {path.name} − {reference}",
                value=value,
                low=value - half,
                high=value + half,
                level=level,
                unit="days",
                n=path.curve.n + base.curve.n,
                method="difference of restricted means, not adjusted",
                p=float(2 * stats.norm.sf(abs(value) / error)) if error > 0 else NAN,
            )
        )
    return found


def _tests(paths: list[FollowedPath]) -> list[Estimate]:
    """The log-rank test of all paths, then of each pair with p by Holm."""
    pairs = list(combinations(paths, 2))
    counted = _counted(paths)
    places = list(combinations(range(len(paths)), 2))
    results = [logrank.compare(counted, pair) for pair in places]
    adjusted = adjust(np.array([p for _, _, p in results]))
    how = "log-rank" if paths[0].clusters is None else "log-rank, variance between clusters"
    value, freedom, p = logrank.compare(counted, range(len(paths)))
    unit = {"unit": "statistic"}
    whole = Estimate(
        key="leaving_test",
        name="test that all paths leave alike",
        value=value,
        n=sum(path.curve.n for path in paths),
        method=f"{how}, {freedom} df, not adjusted for who is on which path",
        p=p,
        **unit,
    )
    return [whole] + [
        Estimate(
            key=f"leaving_test.{slug(b.name)}-{slug(a.name)}",
            name=f"test: {b.name} − {a.name}",
            value=value,
            n=a.curve.n + b.curve.n,
            method=f"{how}; p by Holm for {len(pairs)} pairs",
            p=float(p),
            **unit,
        )
        for (a, b), (value, _, _), p in zip(pairs, results, adjusted, strict=True)
    ]


def _counted(paths: list[FollowedPath]) -> logrank.Watched:
    """The customers of all paths, counted once for every test."""
    join = {
        name: np.concatenate([getattr(path, name) for path in paths])
        for name in ("days", "left", "entry", "clusters")
        if getattr(paths[0], name) is not None
    }
    groups = np.repeat(np.arange(len(paths)), [path.curve.n for path in paths])
    return logrank.watched(
        join["days"],
        join["left"],
        groups,
        entry=join.get("entry"),
        clusters=join.get("clusters"),
    )


def _line(path: FollowedPath, ticks: tuple[float, ...], level: float, min_cell: int) -> Line:
    """What is drawn of a path, up to its last day with enough customers at risk."""
    inside = path.curve.times <= path.until
    steps = inside & (path.curve.events > 0)
    at = np.linspace(0, path.until, POINTS)
    value, error, _ = still_there(path, at)
    low, high = log_log(value, error, level)
    place = np.searchsorted(path.curve.times, ticks, side="left")
    risk = np.r_[path.curve.at_risk, 0][place]
    if path.entry is None:
        risk = np.where(np.asarray(ticks) <= path.curve.times[0], path.curve.n, risk)
    heights = np.r_[1.0, path.curve.survival[steps]]
    return Line(
        name=path.name,
        days=np.r_[0.0, path.curve.times[steps], path.until],
        stayed=np.r_[heights, heights[-1]],
        at=at,
        low=low,
        high=high,
        at_risk=tuple(int(n) if n >= min_cell else 0 for n in risk),
    )
