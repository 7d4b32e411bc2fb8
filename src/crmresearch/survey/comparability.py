"""Whether means of the scales may be compared across segments, brands and waves.

A difference of means is one of what is measured only if the questions work alike in all groups:
each goes with its scale as closely (loadings), and people who think alike answer it alike
(intercepts).
"""

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.methods import cfa, cfa_checks, invariance
from crmresearch.methods.cfa_fit import RMSEA_LEVEL, Fit
from crmresearch.methods.cfa_rows import Rows, complete_rows
from crmresearch.methods.invariance import Difference, Step
from crmresearch.methods.weighting import t_interval
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count
from crmresearch.survey.sample import parts, sampling
from crmresearch.survey.structure import Measurement
from crmresearch.survey.verdicts import CFI_LOSS, HELD, RMSEA_RISE, ROLES, TOLERABLE, verdict

LEAST = 100  # complete answers of a group, below which a step's cost in fit is mostly chance
PER_PARAMETER = 2  # and this many for each parameter of a group's model
MOST_GROUPS = 8


def comparability(
    survey: Survey, model: Measurement, *, level: float = 0.95, min_cell: int = 2
) -> list[Estimate]:
    """What holding loadings, then intercepts alike in all groups costs in fit.

    For the first variable of each of the roles segment, brand and wave that has two groups or more
    of at least 100 complete answers, and two for every parameter; the eight largest groups where
    there are more. People and accounts in several groups are one cluster each.

    Returns
    -------
    For ``invariance.wave`` and so on: ``.configural`` (RMSEA) and ``.configural.cfi``, the fit
    without constraints; ``.metric`` and ``.scalar``, the RMSEA of the difference from the step
    before with its interval at 90% and the p of the scaled test; ``.metric.cfi`` and
    ``.metric.rmsea``, how the two indices change; ``.scalar.scale.trust`` and so on, the part of
    one scale's questions, unless the step and they hold; where the step does not hold,
    ``.scalar.release``, the question and group that stand out most. Where the model of a group
    cannot be true, the method of ``.configural`` says so. Empty where the model of all
    respondents cannot be fitted.
    """
    if model.solution is None:
        return []
    found = []
    for role in ROLES:
        variable, labels, rows = _grouped(survey, model, role, min_cell)
        if rows is None:
            continue
        try:
            steps = invariance.steps(rows, model.factor)
        except np.linalg.LinAlgError:
            continue
        if all(cfa_checks.identified(step.solution) and step.solution.steps for step in steps):
            found += _told(model, role, variable, labels, rows, steps, level)
    return found


def _grouped(
    survey: Survey, model: Measurement, role: str, min_cell: int
) -> tuple[str, list[str], Rows | None]:
    """The first variable of a role with two groups that are large enough, and its rows."""
    least = max(LEAST, PER_PARAMETER * model.solution.model.free, min_cell)
    complete = survey.answers[model.items].notna().all(axis=1).to_numpy()
    families: dict[str, list[tuple[str, np.ndarray]]] = {}
    for variable, label, rows in parts(survey, (role,)):
        families.setdefault(variable, []).append((label, rows))
    for variable, groups in families.items():
        sizes = [int((rows & complete).sum()) for _, rows in groups]
        large = sorted(sorted(range(len(groups)), key=lambda g: -sizes[g])[:MOST_GROUPS])
        chosen = [groups[g] for g in large if sizes[g] >= least]
        if len(chosen) < 2:
            continue
        codes = np.full(len(complete), -1)
        for position, (_, rows) in enumerate(chosen):
            codes[rows] = position
        rows = complete_rows(survey.answers[model.items], sampling(survey).without_margins(), codes)
        wanted = cfa.model(model.factor, groups=len(chosen))
        if not cfa_checks.unfit(rows, wanted, model.names):
            return variable, [label for label, _ in chosen], rows
    return "", [], None


def _told(
    model: Measurement,
    role: str,
    variable: str,
    labels: list[str],
    rows: Rows,
    steps: list[Step],
    level: float,
) -> list[Estimate]:
    """The estimates of one variable's groups."""
    some = f" from {count(len(rows.values), 'row')}" if rows.thinned else ""
    words = (
        f"maximum likelihood in {len(labels)} groups, {rows.design}, "
        f"robust test{some}, complete answers"
    )
    common = {"n": rows.n, "n_dropped": rows.dropped}
    key = f"invariance.{role}"
    trouble = cfa_checks.improper(steps[0].solution, model.names, list(model.scales.values()))
    first = f"{words}; no proper solution: {'; '.join(trouble)}" if trouble else words
    found = _pattern(key, variable, steps[0].fit, first, common)
    for before, step in zip(steps, steps[1:], strict=False):
        found += _step(f"{key}.{step.name}", variable, before, step, words, common)
        scales = _by_scale(f"{key}.{step.name}", variable, model, step, words, common)
        holds = verdict(found, role, step.name) == "holds"
        found += [item for item in scales if not (holds and item.high < TOLERABLE)]
        if not holds:
            found += _standing_out(f"{key}.{step.name}", variable, model, labels, step, rows, level)
    return found


def _pattern(key: str, variable: str, fit: Fit, words: str, common: dict) -> list[Estimate]:
    """The fit of the model in which only the pattern is the same; no RMSEA where any would fit."""
    reach = Estimate(
        key=f"{key}.configural",
        name=f"{variable}: same pattern, RMSEA",
        value=fit.rmsea,
        low=fit.rmsea_low,
        high=fit.rmsea_high,
        level=RMSEA_LEVEL,
        unit="fit",
        p=fit.p,
        method=f"{words}, {count(fit.freedom, 'df', 'df')}",
        **common,
    )
    index = Estimate(
        key=f"{key}.configural.cfi",
        name=f"{variable}: same pattern, CFI",
        value=fit.cfi,
        unit="fit",
        method=words,
        **common,
    )
    return [reach, index] if fit.freedom else [index]


def _step(
    key: str, variable: str, before: Step, step: Step, words: str, common: dict
) -> list[Estimate]:
    """What a step costs: the RMSEA of the difference, and the changes of CFI and RMSEA."""
    held = HELD[step.name]
    risen = step.fit.rmsea - (before.fit.rmsea if before.fit.freedom else 0.0)
    changes = (
        ("cfi", "CFI", step.fit.cfi - before.fit.cfi, f"a loss of at most {_bare(CFI_LOSS)}"),
        ("rmsea", "RMSEA", risen, f"a rise of at most {_bare(RMSEA_RISE)}"),
    )
    name = f"{variable}: same {held}, RMSEA of the difference"
    return [
        _cost(key, name, step.difference, words, common),
        *(
            Estimate(
                key=f"{key}.{index}",
                name=f"{variable}: same {held}, change of {label} ({rule} by convention)",
                value=change,
                unit="fit change",
                method=words,
                **common,
            )
            for index, label, change, rule in changes
        ),
    ]


def _by_scale(
    key: str, variable: str, model: Measurement, step: Step, words: str, common: dict
) -> list[Estimate]:
    """The part of every scale's questions in what a step costs."""
    return [
        _cost(
            f"{key}.scale.{scale}",
            f"{variable}: same {HELD[step.name]} of {name}, RMSEA of the difference",
            invariance.by_factor(step, factor=position),
            f"score test, {words}",
            common,
        )
        for position, (scale, name) in enumerate(model.scales.items())
    ]


def _cost(key: str, name: str, difference: Difference, words: str, common: dict) -> Estimate:
    return Estimate(
        key=key,
        name=name,
        value=difference.rmsea,
        low=difference.low,
        high=difference.high,
        level=RMSEA_LEVEL,
        unit="fit",
        p=difference.p,
        method=f"{words}, {count(difference.freedom, 'df', 'df')}",
        **common,
    )


def _standing_out(
    key: str,
    variable: str,
    model: Measurement,
    labels: list[str],
    step: Step,
    rows: Rows,
    level: float,
) -> list[Estimate]:
    """The question and group whose loading or intercept differs most clearly from the others'.

    The interval is widened to hold for all of them, since this one was picked.
    """
    found = invariance.releases(step)
    if len(labels) == 2:  # what one gains the other loses
        found = [item for item in found if item.group == 1]
    if not found:
        return []
    first, many = found[0], len(found)
    change, error = invariance.freed(step, rows, first)
    low, high = t_interval(change, error, rows.freedom, 1 - (1 - level) / many)
    kind = {"metric": "loading, per SD of the scale,", "scalar": "intercept"}[step.name]
    return [
        Estimate(
            key=f"{key}.release",
            name=(
                f"{variable}: {kind} of “{model.names[first.item]}” in {labels[first.group]} "
                "less that of the others"
            ),
            value=change,
            low=low,
            high=high,
            level=level,
            unit="scale difference",
            n=rows.n,
            n_dropped=rows.dropped,
            method=f"picked by score test and freed, robust error, Bonferroni for {many}",
            p=min(1.0, first.p * many),
        )
    ]


def _bare(bound: float) -> str:
    return f"{bound:.3f}".lstrip("0")
