"""Before any result: whom each contrast speaks for, and what it could have shown."""

import dataclasses

from crmresearch.methods.power import contrast_design_effects, detectable_g
from crmresearch.methods.proportions import share
from crmresearch.recovery.cases import Cases, Outcome, known, withheld
from crmresearch.recovery.contrasts import (
    GROUPS,
    available,
    baseline,
    judged_unit,
    pooled_scale,
    spread,
)
from crmresearch.report.estimates import Estimate


def reach(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Whom each contrast speaks for, and the difference it could have shown: read before results.

    Returns
    -------
    For each contrast ``speaks_for.<contrast>``, the share of all customers in the group, and
    ``detectable.<contrast>``, what `detectable` gives for the outcome.
    """
    least = detectable(cases, outcome, level=level, min_cell=min_cell)
    estimates: list[Estimate] = []
    for name, found in zip(available(cases), least, strict=True):
        speaks = share(
            cases.frame[GROUPS[name][1]].to_numpy(),
            key=f"speaks_for.{name}",
            name=f"{GROUPS[name][0]}, share of all customers",
            design=cases.sampling,
            level=level,
        )
        estimates += [speaks, dataclasses.replace(found, key=f"detectable.{name}")]
    return estimates


def detectable(
    cases: Cases, outcome: Outcome, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """The true difference that each raw contrast would find four times out of five.

    In SD, or in percentage points for a share, whose spread is that of the answers. It allows for
    weights and for answers that share an account or person. Adjustment for something that goes
    with the outcome makes smaller differences detectable, something that goes with the group
    larger ones.

    Returns
    -------
    ``detectable.<outcome>.<contrast>`` for each contrast, widest first.
    """
    values, weights = cases.frame[outcome.key].to_numpy(), cases.sampling.row_weights()
    told = ~(values != values) & (weights > 0)
    base, unit = baseline(cases) & told if available(cases) else told, judged_unit(outcome)
    members = [known(cases.frame[GROUPS[name][1]]) & told for name in available(cases)]
    allowed = contrast_design_effects(values, cases.sampling, members, base)
    in_share, scale = unit == "share difference", 1.0
    rest = spread(values, weights, base) if in_share else None
    estimates = []
    for name, member, effect in zip(available(cases), members, allowed, strict=True):
        sizes = int(member.sum()), int(base.sum())
        if in_share:
            scale = pooled_scale(spread(values, weights, member), rest)
        found = detectable_g(
            *sizes,
            key=f"detectable.{outcome.key}.{name}",
            name=f"{GROUPS[name][0]}, detectable difference",
            alpha=1 - level,
            design_effect=effect,
            scale=scale,
            unit=unit,
        )
        estimates.append(withheld(found, min(sizes), min_cell))
    return estimates
