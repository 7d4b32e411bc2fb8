"""Whether the mechanism can be told at all: scales, their likeness, and what else would explain it.

Conventions: HTMT surely below .85 tells two scales apart and surely above .90 does not (Henseler,
Ringle & Sarstedt 2015, Journal of the Academy of Marketing Science 43, 115-135); a reliability
surely below .70 fails.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmresearch.methods import scales, validity
from crmresearch.methods.cfa_rows import complete_rows
from crmresearch.methods.mediation import Model, Route
from crmresearch.methods.mediation_effects import at_correlation, effect, zero_correlation
from crmresearch.recovery.cases import Outcome
from crmresearch.recovery.chain import Chain, Scale
from crmresearch.recovery.mechanism import Models
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import MARK, Caveat
from crmresearch.report.numbers import format_number

APART, ONE = 0.85, 0.90
RELIABLE = 0.70
CORRELATIONS = tuple(round(0.1 * step, 1) for step in range(-6, 7))


def measures(chain: Chain, *, level: float = 0.95) -> list[Estimate]:
    """How reliable each mediator's scale is, and whether any two can be told apart.

    Returns
    -------
    ``mechanism.reliability.<scale>`` (omega; of two items the Spearman-Brown coefficient) and
    ``mechanism.htmt.<scale>.<scale>``, of scales of two items or more and of those asked.
    """
    several = [scale for scale in chain.mediators if scale.items.shape[1] > 1]
    asked = {scale: scale.items[np.isfinite(scale.values)] for scale in several}
    found = []
    for scale in several:
        rows = np.isfinite(scale.values)
        estimator = scales.standardised_alpha if scale.items.shape[1] == 2 else scales.omega_total
        kind = "Spearman-Brown" if scale.items.shape[1] == 2 else "omega"
        item = estimator(
            asked[scale],
            key=f"mechanism.reliability.{scale.key}",
            name=f"{scale.name}, reliability ({kind})",
            design=chain.design.take(rows),
            level=level,
        )
        found += [item] if item.value == item.value and item.n >= chain.enough else []
    return found + _pairs(chain, several, level)


def _pairs(chain: Chain, several: Sequence[Scale], level: float) -> list[Estimate]:
    """HTMT of every pair of scales, of those who answered every question of all of them."""
    if len(several) < 2:
        return []
    items = pd.concat([scale.items for scale in several], axis=1)
    asked = np.isfinite([scale.values for scale in several]).all(axis=0)
    factor = np.repeat(range(len(several)), [scale.items.shape[1] for scale in several])
    rows = complete_rows(items, chain.design, np.where(asked, 0, -1))
    if rows.n < chain.enough or (np.ptp(rows.values, axis=0) == 0).any():
        return []
    found = validity.htmt(rows, factor)
    estimates = []
    for place, (k, j) in enumerate(zip(*np.tril_indices(len(several), -1), strict=True)):
        value, error = float(found.values[place]), float(found.errors[place])
        low, high = validity.interval(value, error, rows.freedom, level, "ratio")
        one, other = several[j], several[k]
        estimates.append(
            Estimate(
                key=f"mechanism.htmt.{one.key}.{other.key}",
                name=f"{one.name} and {other.name}, HTMT",
                value=value,
                low=low,
                high=high,
                level=level,
                unit="coefficient",
                n=rows.n,
                method=f"arithmetic HTMT, {rows.design}, delta method, complete answers",
            )
        )
    return estimates


def failing(measured: Sequence[Estimate]) -> dict[str, str]:
    """Key of each scale that fails to why: surely unreliable, or surely one with another.

    A pair is keyed by both scales, ``distributive.handling``.
    """
    found = {}
    for item in measured:
        kind, _, key = item.key.removeprefix("mechanism.").partition(".")
        if kind == "reliability" and item.high < RELIABLE:
            found[key] = f"“{item.name.rpartition(', ')[0]}” is unreliable ({item})"
        if kind == "htmt" and item.low > ONE:
            names = item.name.rpartition(", ")[0]
            found[key] = f"{names} cannot be told apart (HTMT {item})"
    return found


def marked(
    chain: Chain, estimates: Sequence[Estimate], measured: Sequence[Estimate]
) -> list[Estimate]:
    """The estimates, with a dagger behind those that rest on a scale that fails.

    Two justices that cannot be told apart blur what is said of either, and any order, not of all
    together; a
    justice that cannot be told from the handling blurs all that goes through it.
    """
    last = chain.last.key if chain.last else ""
    bad = [set(key.split(".")) for key in failing(measured)]
    alone = {key for one in bad for key in one}
    whole = any(len(one) == 1 or last in one for one in bad)
    compared = {"mechanism.order", "mechanism.lead"} if bad else set()

    def rests(item: Estimate) -> bool:
        return (
            whole
            or item.key in compared
            or bool(alone & set(item.key.replace("-", ".").split(".")))
        )

    return [
        dataclasses.replace(item, name=f"{item.name}{MARK}") if rests(item) else item
        for item in estimates
    ]


def note(chain: Chain, measured: Sequence[Estimate]) -> str:
    """Which scales fail, to stand under what is marked; else empty."""
    reasons = list(failing(measured).values())
    return f"{MARK} {'; '.join(reasons)}: read this with the caveats." if reasons else ""


def sensitivity(chain: Chain, fitted: Models, *, level: float = 0.95) -> list[Estimate]:
    """What an unmeasured cause of handling and outcome would have to be, and the order reversed.

    Returns
    -------
    For each outcome ``mechanism.rho.<outcome>``, the correlation of errors at which nothing goes
    through the last mediator; ``mechanism.reversed.<outcome>``, what goes from the causes of the
    mediator (the justices together, or else each cause) to it through the outcome, were the order
    the other way round; and ``mechanism.at.<outcome>.<step>``, what would go through the mediator
    were the errors correlated by so much. All in SD but the correlation.
    """
    if chain.last is None:
        return []
    families = [("", chain.beside)] if chain.beside else []
    families = families or [(f".{cause.key}", (cause,)) for cause in chain.causes]
    return [
        item
        for outcome in chain.outcomes
        if outcome.key in fitted
        for item in _questioned(chain, fitted[outcome.key], outcome, families, level)
    ]


def _questioned(
    chain: Chain,
    model: Model,
    outcome: Outcome,
    families: Sequence[tuple[str, Sequence[Scale]]],
    level: float,
) -> list[Estimate]:
    mediator, as_is = chain.last, [cause.key for cause in chain.causes]
    found = [
        zero_correlation(
            model,
            mediator.key,
            outcome.key,
            key=f"mechanism.rho.{outcome.key}",
            name=f"{outcome.name}: correlation of errors at which nothing goes through "
            f"{mediator.name}",
            level=level,
        )
    ]
    for ends, sources in families:
        keys = [source.key for source in sources]
        words = chain.family if len(keys) > 1 else sources[0].name
        found.append(_reversed(chain, model, outcome, keys, f"{ends}: {words}", level))
        found += [
            at_correlation(
                model,
                _through(model, keys, mediator.key, outcome.key),
                correlation,
                key=f"mechanism.at.{outcome.key}{ends}.{step}",
                name=f"{outcome.name}: {words}, through {mediator.name}, were errors correlated "
                f"by {format_number(correlation, 'correlation')}",
                level=level,
                as_is=as_is,
            )
            for step, correlation in enumerate(CORRELATIONS)
        ]
    return found


def _reversed(
    chain: Chain, model: Model, outcome: Outcome, keys: Sequence[str], source: str, level: float
) -> Estimate:
    """What would go to the mediator through the outcome; `source` is the key's end and a name."""
    ends, _, words = source.partition(": ")
    turned = _turned(model, chain.last.key, outcome.key)
    return effect(
        turned,
        _through(turned, keys, outcome.key, chain.last.key),
        key=f"mechanism.reversed.{outcome.key}{ends}",
        name=f"{chain.last.name}: {words}, through {outcome.name}, the order reversed",
        level=level,
        as_is=[cause.key for cause in chain.causes],
        method=chain.method,
    )


def _through(model: Model, sources: Sequence[str], mediator: str, outcome: str) -> list[Route]:
    """From each source to the mediator at once, and from there to the outcome."""
    last = model.place(outcome)
    return [(model.place(source), model.place(mediator), last) for source in sources]


def _turned(model: Model, mediator: str, outcome: str) -> Model:
    """The same answers with the outcome before the mediator."""
    stages, pair = model.stages.copy(), [model.place(mediator), model.place(outcome)]
    stages[pair] = stages[pair[::-1]]
    return dataclasses.replace(model, stages=stages)


def caveats(
    chain: Chain, measured: Sequence[Estimate], checked: Sequence[Estimate]
) -> list[Caveat]:
    """What changes the reading of the mechanism; none where there is none to read."""
    if not checked:
        return []
    text = (
        "Mediators and outcomes were answered by the same person at one time. Neither their order "
        "in time nor their direction is known, and every order of them fits these answers equally "
        "well."
    )
    if chain.randomised:
        text = (
            "Chance assigned the arms but not what participants felt: the ways through mediators "
            "are associations among answers of the same person, and every order of them fits "
            "equally well."
        )
    return [Caveat(key="mechanism.same_source", text=text), *_scale_caveats(measured)]


def _scale_caveats(measured: Sequence[Estimate]) -> list[Caveat]:
    """The scales that fail, and the pairs of which it cannot be said."""
    reasons = "; ".join(failing(measured).values())
    alike = "; ".join(
        item.name.rpartition(", ")[0]
        for item in measured
        if item.key.startswith("mechanism.htmt.") and item.high >= APART and not item.low > ONE
    )
    texts = {
        "mechanism.measures": f"Of the scales behind the mechanism: {reasons}. What is marked "
        f"{MARK} rests on them."
        if reasons
        else "",
        "mechanism.alike": f"Whether customers tell these apart cannot be said: {alike}. How much "
        "belongs to either is uncertain beyond the intervals."
        if alike
        else "",
    }
    return [Caveat(key=key, text=text) for key, text in texts.items() if text]
