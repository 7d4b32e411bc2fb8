"""Whether the questions measure the scales that they were written for: a factor model of all.

Each scale of the codebook is a factor, its questions measure nothing else, and the factors may go
together. Answers are taken as numbers, which is close enough from five points on. Fit, errors and
tests allow for skewed answers, weights and clusters.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods import cfa, cfa_checks, validity
from crmresearch.methods.cfa import Solution
from crmresearch.methods.cfa_fit import RMSEA_LEVEL, Fit, fit_measures
from crmresearch.methods.cfa_robust import Robust, robust
from crmresearch.methods.cfa_rows import Rows, complete_rows
from crmresearch.methods.cfa_saturated import saturated
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import count
from crmresearch.survey.sample import sampling
from crmresearch.survey.scales import declared

ASKED = 0.5  # a scale that fewer of the respondents answered in full was asked of some only
GOOD = {"cfi": 0.95, "tli": 0.95, "rmsea": 0.06, "srmr": 0.08}  # Hu & Bentler's conventions
HTMT_APART, HTMT_ONE = 0.85, 0.90  # surely below: told apart; surely above: not (conventions)
KIND = "maximum likelihood"
NAMES = {"cfi": "CFI", "tli": "TLI", "rmsea": "RMSEA", "srmr": "SRMR"}


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """The factor model of a survey's scales, or why there is none.

    Parameters
    ----------
    scales : key to name, in the order of the factors
    items : the questions, in the order of the model; `names` of them for readers
    factor : the scale that each measures
    left_out : names of scales that were asked of some respondents only
    trouble : why the model cannot be fitted or its solution cannot be true, in words; or empty
    rows : None where the answers cannot carry a model
    solution, robust, fit, plain : None where there is no solution; `fit` is the robust one and
        `plain` that of normal answers
    """

    scales: dict[str, str]
    items: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    factor: list[int] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    trouble: str = ""
    rows: Rows | None = None
    solution: Solution | None = None
    robust: Robust | None = None
    fit: Fit | None = None
    plain: Fit | None = None

    @property
    def method(self) -> str:
        """How the model was fitted, in words."""
        rows = self.rows
        some = f" from {count(len(rows.values), 'row')}" if rows.thinned else ""
        return f"{KIND}, {rows.design}, robust errors{some}, complete answers"


def measurement(survey: Survey) -> Measurement:
    """Fit the model of all scales of two questions or more.

    A question belongs to the first scale that names it. A scale that fewer than half of the
    respondents answered in full, such as one on complaints, is left out, since only respondents
    who answered everything count. A single scale needs three questions.
    """
    wanted, left_out = _scales(survey)
    scales = {key: name for key, (name, _) in wanted.items()}
    columns = [column for _, own in wanted.values() for column in own]
    factor = [k for k, (_, own) in enumerate(wanted.values()) for _ in own]
    names = [survey.codebook[column].name for column in columns]
    common = {
        "scales": scales,
        "items": columns,
        "names": names,
        "factor": factor,
        "left_out": left_out,
    }
    if not columns:
        return Measurement(**common)
    rows = complete_rows(survey.answers[columns], sampling(survey).without_margins())
    model = cfa.model(factor)
    why = cfa_checks.unfit(rows, model, names)
    if why:
        return Measurement(**common, trouble=why)
    try:
        solution = cfa.fit(model, rows.moments)
        if not solution.steps:
            return Measurement(**common, rows=rows, trouble="the estimates did not converge")
        if not cfa_checks.identified(solution):
            raise np.linalg.LinAlgError
        free = saturated(rows)
        sandwich = robust(solution, rows, free)
    except np.linalg.LinAlgError:
        why = "these answers do not tell its parameters from each other"
        return Measurement(**common, rows=rows, trouble=why)
    return Measurement(
        **common,
        trouble="; ".join(cfa_checks.improper(solution, names, list(scales.values()))),
        rows=rows,
        solution=solution,
        robust=sandwich,
        fit=fit_measures(solution, trace=sandwich.trace, independence=free.independence),
        plain=fit_measures(solution),
    )


def fit(model: Measurement, *, level: float = 0.95) -> list[Estimate]:
    """Fit of the model, and every question's standardised loading on its scale.

    Returns
    -------
    ``fit.rmsea`` (its interval at 90%, by convention), ``fit.cfi``, ``fit.tli``, ``fit.srmr``,
    ``fit.chi2`` (robust) and ``fit.chi2.normal``; none where every model would fit. Where the
    solution cannot be true they are keyed ``improper.rmsea`` and so on, so that no claim rests on
    them. Then ``loading.trust.trust_1`` and so on. Empty where the model cannot be fitted.
    """
    if model.solution is None:
        return []
    indices = _indices(model) if model.fit.freedom else []
    return indices + _loadings(model, level)


def _indices(model: Measurement) -> list[Estimate]:
    found, start = model.fit, "improper" if model.trouble else "fit"
    common = {"n": model.rows.n, "n_dropped": model.rows.dropped}
    freedom = count(found.freedom, "df", "df")
    words = f"{model.method}, {freedom}"
    indices = []
    for key in ("rmsea", "cfi", "tli", "srmr"):
        sense = "at most" if key in ("rmsea", "srmr") else "at least"
        ends = {"low": found.rmsea_low, "high": found.rmsea_high, "level": RMSEA_LEVEL}
        indices.append(
            Estimate(
                key=f"{start}.{key}",
                name=f"{NAMES[key]} ({sense} {f'{GOOD[key]:.2f}'.lstrip('0')} by convention)",
                value=getattr(found, key),
                unit="fit",
                method=words,
                **common,
                **(ends if key == "rmsea" else {}),
            )
        )
    tests = (
        ("chi2", "Chi-squared, robust", found, f"{words}, scaling {found.scaling:.3f}"),
        ("chi2.normal", "Chi-squared of normal answers", model.plain, f"{KIND}, {freedom}"),
    )
    return indices + [
        Estimate(
            key=f"{start}.{key}",
            name=name,
            value=part.chi2,
            unit="statistic",
            p=part.p,
            method=method,
            **common,
        )
        for key, name, part, method in tests
    ]


def _loadings(model: Measurement, level: float) -> list[Estimate]:
    keys, words = list(model.scales), list(model.scales.values())
    found = validity.standardised(model.solution, model.robust.covariance).loadings
    return [
        _estimate(
            model,
            found,
            position,
            key=f"loading.{keys[k]}.{model.items[position]}",
            name=f"{model.names[position]}, loading on {words[k]}",
            scale="correlation",
            level=level,
        )
        for position, k in enumerate(model.factor)
    ]


def note(model: Measurement) -> str:
    """What the reader should know of the model: the conventions, who counts, what is left out."""
    if model.solution is None:
        return ""
    texts = [
        "The bounds are Hu & Bentler's (1999, Structural Equation Modeling 6, 1-55), conventions "
        "from simulations and no laws. Answers count as numbers, and only of respondents who "
        f"answered all {count(len(model.items), 'question')}."
    ]
    if model.left_out:
        texts.append(f"Asked of some only and left out: {', '.join(model.left_out)}.")
    return " ".join(texts)


def convergent(model: Measurement, *, level: float = 0.95) -> list[Estimate]:
    """What every scale's questions share (``ave.trust``) and its composite reliability (``cr.``).

    Without the scales of which a question has a negative unique variance; empty where there is no
    solution.
    """
    if model.solution is None:
        return []
    found = validity.standardised(model.solution, model.robust.covariance)
    doubtful = np.array(model.factor)[model.solution.group(0).uniques < 0]
    return [
        _estimate(
            model,
            measured,
            position,
            key=f"{key}.{scale}",
            name=f"{name}, {words}",
            scale="share",
            level=level,
        )
        for key, words, measured in (
            ("ave", "average variance extracted", found.extracted),
            ("cr", "composite reliability", found.reliability),
        )
        for position, (scale, name) in enumerate(model.scales.items())
        if position not in doubtful
    ]


def discriminant(model: Measurement, *, level: float = 0.95) -> list[Estimate]:
    """HTMT of every pair of scales: ``htmt.satisfaction.trust``; needs no model to fit."""
    if model.rows is None:
        return []
    factor = np.array(model.factor)
    found = validity.htmt(model.rows, factor)
    keys, names = list(model.scales), list(model.scales.values())
    return [
        _estimate(
            model,
            found,
            position,
            key=f"htmt.{keys[j]}.{keys[k]}",
            name=f"{names[j]} and {names[k]}, HTMT",
            scale="ratio",
            level=level,
            method=f"arithmetic HTMT, {model.rows.design}, delta method, complete answers",
        )
        for position, (k, j) in enumerate(zip(*np.tril_indices(len(keys), -1), strict=True))
    ]


def _estimate(
    model: Measurement,
    found: validity.Measured,
    position: int,
    *,
    key: str,
    name: str,
    scale: str,
    level: float,
    method: str = "",
) -> Estimate:
    value, error = float(found.values[position]), float(found.errors[position])
    low, high = validity.interval(value, error, model.rows.freedom, level, scale)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="coefficient",
        n=model.rows.n,
        n_dropped=model.rows.dropped,
        method=method or f"{model.method}, delta method",
    )


def _scales(survey: Survey) -> tuple[dict[str, tuple[str, list[str]]], list[str]]:
    """Key to name and questions of the scales in the model; names of those asked of some only."""
    found, left_out, taken = {}, [], set()
    least = ASKED * _most(survey)
    for key, (name, items) in declared(survey).items():
        own = [column for column in items.columns if column not in taken]
        if len(own) < 2:
            continue
        answered = items[own].notna().all(axis=1)
        if not answered.any() or answered.mean() < least:
            left_out.append(name)
            continue
        found[key] = (name, own)
        taken.update(own)
    return found, left_out


def _most(survey: Survey) -> float:
    """The largest share of respondents who answered some scale in full."""
    shares = [items.notna().all(axis=1).mean() for _, items in declared(survey).values()]
    return float(pd.Series(shares).max()) if shares else NAN
