"""Double deviation: failing a customer again, and the order of a good and a bad recovery.

Who is failed again, or helped the second time, was not left to chance: all of this is association,
adjusted for satisfaction before the problem and the covariates alone.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.moderation import detectable
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.regression import Fit, adjusted_mean, contrast, ordinary_least_squares
from crmresearch.recovery.cases import Cases, Outcome, withheld
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import hidden_groups

BEFORE, NOW, BOTH = "(failed before)", "(failed now)", "(failed before and now)"
ORDERS = {  # (earlier complaint resolved, this one resolved): in words
    (0, 0): "unresolved, then unresolved",
    (0, 1): "unresolved, then resolved",
    (1, 0): "resolved, then unresolved",
    (1, 1): "resolved, then resolved",
}
PLANNED = {  # contrasts of the four cells: name and weights, in the order of ORDERS
    "order": ("unresolved, then resolved − the reverse", (0, 1, -1, 0)),
    "twice": ("unresolved twice − once", (1, -0.5, -0.5, 0)),
    "beyond": ("unresolved twice − sum of both losses", (1, -1, -1, 1)),
}


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of the problem before this one.

    `had` is 1 where there was one, `resolved` whether the complaint about it was resolved; (n,)
    float with NaN where unknown, None where the data cannot tell. `source` is where from, in words.
    """

    had: np.ndarray | None
    resolved: np.ndarray | None
    source: str


def earlier(cases: Cases) -> Earlier:
    """The earlier problem as customers recalled it or, where that was not asked, from a panel.

    In a panel (person and wave) it is the problem of the same person's answer in the wave before.
    """
    answers = cases.answers
    seen = _wave_before(cases)
    had = resolved = None
    if "earlier_problems" in answers.roles:
        number = answers.score("earlier_problems").to_numpy()
        had = np.where(np.isnan(number), np.nan, number > 0)
    elif seen is not None and cases.has("problem"):
        had = seen["problem"].to_numpy()
    if "earlier_resolved" in answers.roles:
        resolved = answers.score("earlier_resolved").to_numpy()
    elif seen is not None and cases.has("resolved", "complained"):
        resolved = seen["resolved"].where(seen["complained"] == 1).to_numpy()
    recalled = answers.roles & {"earlier_problems", "earlier_resolved"}
    return Earlier(had, resolved, "as recalled" if recalled else "from the wave before")


def everything(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """`again` and `orders` of the main outcome and of the first one that customers did."""
    first, *more = cases.outcomes
    chosen = [first, *[outcome for outcome in more if outcome.behaviour][:1]]
    return [
        item
        for outcome in chosen
        for make in (again, orders)
        for item in make(cases, outcome, level=level, min_cell=min_cell)
    ]


def again(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Whether an unresolved complaint goes with a greater loss after an earlier problem.

    Returns
    -------
    In the outcome's unit, among complainers: ``deviation.<outcome>.first`` and ``.again``,
    unresolved less resolved of those without and with an earlier problem;
    ``deviation.<outcome>.interaction``, the second less the first, below zero where failing again
    costs more; and ``deviation.<outcome>.unresolved``, those left unresolved after an earlier
    problem less those left so after none. ``deviation_detectable.<outcome>.interaction`` is the
    size that would be found with 80% power. Empty where the data cannot tell.
    """
    past = earlier(cases)
    if past.had is None or not cases.has("resolved"):
        return []
    now = 1 - _resolved_now(cases)
    columns = {BEFORE: past.had, NOW: now, BOTH: past.had * now}
    fit, used = _fit(cases, outcome, columns)
    cells = [int((used & (past.had == a) & (now == b)).sum()) for a in (0, 1) for b in (0, 1)]
    planned = {
        "first": ("unresolved − resolved, first problem", {NOW: 1.0}),
        "again": ("unresolved − resolved, later problem", {NOW: 1.0, BOTH: 1.0}),
        "interaction": ("(unresolved − resolved), later − first problem", {BOTH: 1.0}),
        "unresolved": (
            "unresolved, later − first problem",
            {BEFORE: 1.0, BOTH: 1.0},
        ),
    }
    words = f"{past.source}, {_words(cases)}"
    found = _planned(fit, outcome, "deviation", planned, words, level)
    found.append(_detectable(fit, found[2], planned["interaction"][1], len(planned), level))
    return [withheld(item, min(cells), min_cell) for item in found]


def orders(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Two complaints in their order: does it matter which of them was resolved?

    Returns
    -------
    ``order_mean.<outcome>``, the adjusted mean of each of the four orders, and three planned
    contrasts in the outcome's unit: ``order.<outcome>.order``, unresolved and then resolved less
    the reverse; ``.twice``, unresolved twice less once; ``.beyond``, twice less the sum of both
    losses. ``order_detectable.<outcome>.order`` is the size of the first that would be found with
    80% power. Empty where the data do not hold the order.
    """
    past = earlier(cases)
    if past.resolved is None or not cases.has("resolved"):
        return []
    now = _resolved_now(cases)
    known = np.isfinite(past.resolved) & np.isfinite(now)
    inside = {
        name: np.where(known, (past.resolved == before) & (now == after), np.nan)
        for (before, after), name in ORDERS.items()
    }
    others = list(ORDERS.values())[1:]  # the first is what the others are compared with
    fit, used = _fit(cases, outcome, {name: inside[name] for name in others})
    sizes = {name: int((used & (inside[name] == 1)).sum()) for name in inside}
    hidden = hidden_groups(sizes, min_cell) | {name for name, n in sizes.items() if n < min_cell}
    means = [
        withheld(
            _mean(fit, outcome, name, others, sizes[name], level),
            0 if name in hidden else n,
            min_cell,
        )
        for name, n in sizes.items()
    ]
    words = f"{past.source}, {_words(cases)}"
    planned = {key: (name, _of(weights, others)) for key, (name, weights) in PLANNED.items()}
    found = _planned(fit, outcome, "order", planned, words, level)
    needed = [_of(weights, ORDERS.values()).keys() for _, weights in PLANNED.values()]
    found.append(_detectable(fit, found[0], planned["order"][1], len(planned), level))
    return means + [
        withheld(item, 0 if hidden & cells else min_cell, min_cell)
        for item, cells in zip(found, [*needed, needed[0]], strict=True)
    ]


def _of(weights: tuple[float, ...], names: Iterable[str]) -> dict[str, float]:
    """Those of the weights of the four orders that are not zero and belong to `names`."""
    kept = set(names)
    pairs = zip(ORDERS.values(), weights, strict=True)
    return {name: weight for name, weight in pairs if weight and name in kept}


def _resolved_now(cases: Cases) -> np.ndarray:
    """1 and 0 for complainers, NaN for everybody else."""
    found = cases.frame["resolved"]
    if cases.has("complained"):
        found = found.where(cases.frame["complained"] == 1)
    return found.to_numpy(dtype=float)


def _wave_before(cases: Cases) -> pd.DataFrame | None:
    """What happened to the same person in the wave before; None without a panel."""
    if not {"person", "wave"} <= cases.answers.roles:
        return None
    wave = cases.answers.items("wave").iloc[:, 0].astype("category").cat.codes.to_numpy()
    person = pd.factorize(cases.answers.items("person").iloc[:, 0])[0]
    events = cases.frame.reindex(columns=["problem", "complained", "resolved"]).to_numpy(
        dtype=float
    )
    order = np.lexsort((wave, person))
    before = np.full(events.shape, np.nan)
    earlier_row, row = order[:-1], order[1:]
    same = (person[row] == person[earlier_row]) & (person[row] >= 0) & (wave[earlier_row] >= 0)
    same &= wave[earlier_row] < wave[row]
    before[row[same]] = events[earlier_row[same]]
    found = pd.DataFrame(before, columns=["problem", "complained", "resolved"])
    return found if same.any() else None


def _fit(cases: Cases, outcome: Outcome, columns: dict[str, np.ndarray]) -> tuple[Fit, np.ndarray]:
    """The outcome on these columns, what is adjusted for and nothing else, and whom it rests on."""
    values, weights = cases.frame[outcome.key].to_numpy(), cases.sampling.weights
    first = np.isfinite(np.column_stack(list(columns.values()))).all(axis=1)
    used = first & np.isfinite(values) & cases.covariates.notna().all(axis=1).to_numpy()
    if weights is not None:
        used &= weights > 0
    predictors = pd.DataFrame({name: column[used] for name, column in columns.items()})
    others = cases.covariates[used].set_axis(predictors.index)
    fit = ordinary_least_squares(
        values[used],
        predictors.join(others),
        cluster=None if cases.sampling.clusters is None else cases.sampling.clusters[used],
        weights=None if weights is None else weights[used],
    )
    return fit, used


def _planned(
    fit: Fit,
    outcome: Outcome,
    family: str,
    planned: dict[str, tuple[str, dict[str, float]]],
    words: str,
    level: float,
) -> list[Estimate]:
    """Contrasts with intervals that hold for all of them at once, and p by Holm."""
    wide = 1 - (1 - level) / len(planned)
    found = [
        contrast(
            fit,
            weights,
            key=f"{family}.{outcome.key}.{key}",
            name=f"{outcome.name}: {name}",
            level=wide,
            unit=outcome.difference,
            method=f"planned contrast, earlier problem {words}",
        )
        for key, (name, weights) in planned.items()
    ]
    adjusted = adjust(np.array([item.p for item in found]))
    note = f"Bonferroni interval and p by Holm for {len(found)} planned contrasts"
    return [
        dataclasses.replace(item, level=level, p=float(p), method=f"{item.method}; {note}")
        for item, p in zip(found, adjusted, strict=True)
    ]


def _detectable(
    fit: Fit, item: Estimate, weights: dict[str, float], number: int, level: float
) -> Estimate:
    """The true size of a planned contrast that is found four times out of five, by its error."""
    vector = np.array([weights.get(term, 0.0) for term in fit.terms])
    error = (
        float(vector @ fit.covariance @ vector) ** 0.5 if set(weights) <= set(fit.terms) else NAN
    )
    family, _, rest = item.key.partition(".")
    return dataclasses.replace(
        item,
        key=f"{family}_detectable.{rest}",
        name=f"{item.name}, detectable",
        value=detectable(error, fit.df, alpha=(1 - level) / number),
        low=NAN,
        high=NAN,
        p=NAN,
        method=f"found with 80% power at {1 - level:g} / {number}, from its standard error",
    )


def _mean(
    fit: Fit, outcome: Outcome, name: str, others: list[str], n: int, level: float
) -> Estimate:
    found = adjusted_mean(
        fit,
        {other: float(other == name) for other in others},
        key=f"order_mean.{outcome.key}",
        name=f"{outcome.name}, alike in what was measured before",
        group=f"order: {name}",
        level=level,
        unit=outcome.unit,
        n=n,
    )
    return dataclasses.replace(found, p=NAN)  # of a mean of zero, which nobody asks


def _words(cases: Cases) -> str:
    names = ", ".join(map(str, cases.covariates))
    return f"adjusted for {names}" if names else "unadjusted"
