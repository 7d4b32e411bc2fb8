"""Why recovery works: fairness, satisfaction with the handling, and what customers say later.

Every regression holds the other mediators of its stage, what caused them and the covariates. In a
cross-section these are associations among answers of one person at one time, whatever they are
called; only the total of a randomised arm is an effect, since nobody assigned the mediators.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from crmresearch.methods import drivers
from crmresearch.methods import importance as dividing
from crmresearch.methods.importance import Division
from crmresearch.methods.mediation import Model, Route, fit
from crmresearch.methods.mediation_effects import effect, share
from crmresearch.methods.separable import differences
from crmresearch.recovery.cases import Outcome
from crmresearch.recovery.chain import Chain, Scale
from crmresearch.report.estimates import Estimate

ORDER = ("distributive", "interactional", "procedural")  # as a meta-analysis has them
Models = Mapping[str, Model]


def models(chain: Chain, *, seed: int, resamples: int = 1000) -> Models:
    """One mediation model an outcome, of the customers with complete answers to it.

    Empty without two stages before the outcome; an outcome with too few complete answers, or where
    some variable repeats others, is left out.
    """
    before = [list(chain.causes), list(chain.beside), [chain.last] if chain.last else []]
    staged = [(stage, scale) for stage, scales in enumerate(before) for scale in scales]
    if len({stage for stage, _ in staged}) < 2:
        return {}
    found = {}
    for outcome in chain.outcomes:
        table = pd.DataFrame({scale.key: scale.values for _, scale in staged})
        table[outcome.key] = chain.scores[outcome.key]
        model = fit(
            table,
            [*(stage for stage, _ in staged), len(before)],
            rng=np.random.default_rng(seed),
            covariates=chain.covariates,
            design=chain.design,
            resamples=resamples,
        )
        if model is not None and model.n >= chain.enough:
            asked = int(chain.rows.sum())
            found[outcome.key] = dataclasses.replace(model, n_dropped=asked - model.n)
    return found


def effects(chain: Chain, fitted: Models, *, level: float = 0.95) -> list[Estimate]:
    """What of each justice goes with each outcome through satisfaction with the handling.

    In SD of the outcome by one SD of a justice, the others held. Empty without justices or without
    a last mediator.

    Returns
    -------
    For every outcome the justices together (one SD more of each): ``mechanism.total.<outcome>``,
    ``mechanism.indirect.<outcome>`` through the last mediator, ``mechanism.direct.<outcome>`` and
    ``mechanism.proportion.<outcome>`` where the total is clear of zero; ``mechanism.points…``, the
    indirect one in scale points by one point of each; then each justice alone,
    ``mechanism.indirect.<outcome>.<justice>`` and so on.
    """
    if chain.last is None or not chain.beside:
        return []
    return [
        item
        for outcome in chain.outcomes
        if outcome.key in fitted
        for item in _of_outcome(chain, fitted[outcome.key], outcome, level)
    ]


def _of_outcome(chain: Chain, model: Model, outcome: Outcome, level: float) -> list[Estimate]:
    ways = {scale: model.routes(scale.key, outcome.key) for scale in chain.beside}
    together = [route for routes in ways.values() for route in routes]
    family = chain.family if len(ways) > 1 else chain.beside[0].name
    found = _three(chain, model, outcome, together, family, "", level)
    found.append(
        share(
            model,
            [route for route in together if len(route) > 2],
            together,
            key=f"mechanism.proportion.{outcome.key}",
            name=f"{outcome.name}: {family}, share through {chain.last.name}",
            level=level,
        )
    )
    if found[-1].value != found[-1].value:
        found.pop()
    found.append(
        effect(
            model,
            [route for route in together if len(route) > 2],
            key=f"mechanism.points.{outcome.key}",
            name=f"{outcome.name}: a point more of {family}, through {chain.last.name}",
            level=level,
            standardised=False,
            method=chain.method,
        )
    )
    if len(ways) > 1:
        for scale, routes in ways.items():
            found += _three(chain, model, outcome, routes, scale.name, f".{scale.key}", level)
    return found


def _three(
    chain: Chain,
    model: Model,
    outcome: Outcome,
    routes: Sequence[Route],
    source: str,
    ends: str,
    level: float,
) -> list[Estimate]:
    parts = {
        "total": ("total", list(routes)),
        "indirect": (f"through {chain.last.name}", [x for x in routes if len(x) > 2]),
        "direct": ("not through it", [x for x in routes if len(x) == 2]),
    }
    return [
        effect(
            model,
            some,
            key=f"mechanism.{part}.{outcome.key}{ends}",
            name=f"{outcome.name}: {source}, {words}",
            level=level,
            method=chain.method,
        )
        for part, (words, some) in parts.items()
    ]


def chains(chain: Chain, fitted: Models, *, level: float = 0.95) -> list[Estimate]:
    """What of each cause goes with each outcome, along every way through the mediators.

    In SD of the outcome; a cause is a yes rather than a no. Empty without a cause.

    Returns
    -------
    ``chain.total.<outcome>.<cause>``, ``chain.direct…`` past all mediators, ``chain.indirect…``
    through any; then ``chain.through.<outcome>.<cause>.<mediators>`` for each way and, where
    several mediators stand side by side, their sums: ``beside`` (through these alone), ``both``
    (through these and then the last). Only the total of a randomised cause is an effect.
    """
    found = []
    for outcome in chain.outcomes:
        for cause in chain.causes if outcome.key in fitted else ():
            found += _of_cause(chain, fitted[outcome.key], outcome, cause, level)
    return found


def _of_cause(
    chain: Chain, model: Model, outcome: Outcome, cause: Scale, level: float
) -> list[Estimate]:
    routes = model.routes(cause.key, outcome.key)
    names = {scale.key: scale.name for scale in chain.mediators}
    ends = f"{outcome.key}.{cause.key}"
    some: dict[tuple[str, str], list[Route]] = {
        (f"chain.total.{ends}", "total"): routes,
        (f"chain.direct.{ends}", "past all mediators"): routes[:1],
        (f"chain.indirect.{ends}", "through any mediator"): routes[1:],
    }
    if len(chain.beside) > 1 and chain.last is not None:
        last = model.place(chain.last.key)
        kinds = {
            "beside": [x for x in routes[1:] if last not in x],
            "both": [x for x in routes[1:] if last in x and len(x) > 3],
        }
        for kind, ways in kinds.items():
            then = f"and then {chain.last.name}" if kind == "both" else "alone"
            some[f"chain.through.{ends}.{kind}", f"through {chain.family} {then}"] = ways
    for route in routes[1:] if len(routes) > 2 else []:
        keys = [model.names[place] for place in route[1:-1]]
        words = "through " + " and then ".join(names[key] for key in keys)
        words += " alone" if len(keys) == 1 else ""
        some[f"chain.through.{ends}.{'-'.join(keys)}", words] = [route]
    return [
        effect(
            model,
            ways,
            key=key,
            name=f"{outcome.name}: {cause.name}, {words}",
            level=level,
            as_is=[item.key for item in chain.causes],
            method=chain.method,
            randomised=chain.randomised and words == "total",
        )
        for (key, words), ways in some.items()
    ]


def divide(chain: Chain, *, seed: int, resamples: int = 1000) -> Division | None:
    """The variance of the last mediator divided among the justices by LMG.

    None without two justices and a last mediator, or with too few answers. Not adjusted for
    covariates, as importance describes what customers see.
    """
    if chain.last is None or len(chain.beside) < 2:
        return None
    rng = np.random.default_rng(seed)
    found = drivers.fit(
        pd.DataFrame({scale.key: scale.values for scale in chain.beside}),
        chain.last.values,
        rng=rng,
        design=chain.design,
        resamples=resamples,
    )
    if found is None or found.complete < chain.enough:
        return None
    found = dataclasses.replace(found, n_dropped=int(chain.rows.sum()) - found.n)
    return dividing.lmg(found, rng=rng)


def importance(chain: Chain, division: Division | None, *, level: float = 0.95) -> list[Estimate]:
    """Each justice's share of the explained variance of satisfaction with the handling.

    Returns
    -------
    ``mechanism.r2``; ``mechanism.share.<justice>``, largest first; ``mechanism.first.<justice>``,
    in which part of the resamples it was largest; ``mechanism.lead``, how far the largest lies
    above the next; ``mechanism.order`` where the three justices of the literature are there.
    """
    if division is None:
        return []
    names = {scale.key: scale.name for scale in chain.beside}
    r2 = dividing.explained(division, key="mechanism.r2", level=level)
    r2 = dataclasses.replace(r2, name=f"variance of {chain.last.name} explained together")
    shares = dividing.shares(division, key="mechanism.share", names=names, level=level)
    first = dividing.rank_probabilities(division)[1]
    ranked = [
        Estimate(
            key=f"mechanism.first.{key}",
            name=f"{names[key]}, part of resamples in which it is first",
            value=float(first[key]),
            level=level,
            unit="probability",
            n=division.fit.n,
            n_dropped=division.fit.n_dropped,
            method=f"rank among shares, {division.fit.words}",
        )
        for key in division.fit.names
    ]
    gaps = differences(division.shares, division.share_draws, level=level)
    lead = dividing.lead(
        division, gaps, key="mechanism.lead", name="lead of the largest share over the next"
    )
    found = [r2, *(shares[at] for at in division.order), *(ranked[at] for at in division.order)]
    return found + ([lead] if lead is not None else []) + _order(division, level)


def _order(division: Division, level: float) -> list[Estimate]:
    """The smaller of the two steps down from distributive over interactional to procedural.

    Both steps are above zero where it is, so that their order is then shown; the bounds are the
    lower ones of the two steps' simultaneous intervals.
    """
    at = {key: place for place, key in enumerate(division.fit.names)}
    if not set(ORDER) <= set(at):
        return []
    places = [at[key] for key in ORDER]
    gaps = differences(division.shares[places], division.share_draws[:, places], level=level)
    steps = ([0, 1], [1, 2])
    return [
        Estimate(
            key="mechanism.order",
            name=" over ".join(ORDER) + " justice: the smaller step of the two",
            value=float(gaps.values[steps].min()),
            low=float(gaps.low[steps].min()),
            high=float(gaps.high[steps].min()),
            level=level,
            unit="share difference",
            n=division.fit.n,
            n_dropped=division.fit.n_dropped,
            method=f"difference of shares, {division.method}, simultaneous bootstrap interval of "
            f"both steps and their sum (max-t), {division.fit.words}",
        )
    ]
