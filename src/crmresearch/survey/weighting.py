"""What the weights change, what they cost, and the population they stand for."""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.data.weighting import Margin
from crmresearch.methods.design_effects import design_effect, weighting_shift
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import nps, share
from crmresearch.methods.weighting import Design, kish, method_words, t_interval
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count
from crmresearch.survey.metrics import headline_measures
from crmresearch.survey.sample import sampling

EFFECTS = ["Measure", "Answers", "Design effect", "Worth"]


def compare(survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Every headline measure weighted, unweighted, and the one less the other.

    All three rest on the same people, those who have a weight; the interval of the difference
    takes that into account and is far narrower than those of its sides.

    Returns
    -------
    Keys ``weighting.nps.weighted``, ``.unweighted`` and ``.difference`` and so on; empty where
    everybody counts alike.
    """
    basis = sampling(survey)
    if basis.weights is None:
        return []
    found = []
    for key, label, unit, values in headline_measures(survey):
        if not (np.isfinite(values) & (basis.weights > 0)).any():
            continue
        scores = survey.score("recommend").to_numpy() if key == "nps" else values
        estimator = nps if key == "nps" else share if unit == "share difference" else mean
        for word, side in (("weighted", basis), ("unweighted", basis.unweighted())):
            found.append(
                estimator(
                    scores,
                    key=f"weighting.{key}.{word}",
                    name=f"{label}, {word}",
                    design=side,
                    within=basis.weights > 0,
                    level=level,
                )
            )
        found.append(_difference(key, label, unit, values, basis, level))
    return found


def _difference(
    key: str, label: str, unit: str, values: np.ndarray, basis: Design, level: float
) -> Estimate:
    value, error, freedom, n = weighting_shift(values, basis)
    low, high = t_interval(value, error, freedom, level)
    return Estimate(
        key=f"weighting.{key}.difference",
        name=f"{label}, weighted less unweighted",
        value=value,
        low=low,
        high=high,
        level=level,
        unit=unit,
        n=n,
        n_dropped=basis.n - n,
        method=f"difference of two means of the same people, {method_words(basis, freedom)}",
    )


def effects(survey: Survey) -> pd.DataFrame:
    """What weights, clusters and strata cost: design effects of every headline measure.

    The first row is Kish's design effect of the weights alone, 1 + cv², the others the variance
    under the design over that of a simple random sample of as many answers.

    Returns
    -------
    Columns `EFFECTS`; ``Worth`` is the answers of a simple random sample that would be as precise.
    Empty for a simple random sample.
    """
    basis = sampling(survey)
    rows = []
    if basis.weights is not None:
        counted = int((basis.weights > 0).sum())
        effective, effect = kish(basis.weights, counted)
        rows.append(("Weights alone (Kish)", counted, effect, effective))
    for _, label, _, values in headline_measures(survey) if not basis.plain else ():
        effect = design_effect(values, basis)
        n = int((np.isfinite(values) & (basis.row_weights() > 0)).sum())
        if np.isfinite(effect) and effect > 0:
            rows.append((label, n, effect, n / effect))
    return pd.DataFrame(rows, columns=EFFECTS)


def margins(survey: Survey) -> list[Estimate]:
    """Each raked variable's shares in the population, among respondents and by the weights.

    Returns
    -------
    For every answer ``margin.population``, ``margin.sample`` (respondents counted alike),
    ``margin.delivered`` (where weights were delivered) and ``margin.raked``, in the group
    ``variable: answer``; then the raked weights' smallest, largest and coefficient of variation.
    Empty where no margins are declared.
    """
    raking = survey.raking()
    if raking is None:
        return []
    delivered = survey.base_weights() is not None
    sweeps = f"{count(raking.sweeps, 'sweep')}{', each wave by itself' if raking.waves else ''}"
    found = [
        estimate for margin in raking.margins for estimate in _shares(margin, delivered, sweeps)
    ]
    weights = raking.weights[raking.base > 0]
    spread = weights.std() / weights.mean()
    named = (("smallest", weights.min()), ("largest", weights.max()), ("variation", spread))
    words = {
        "smallest": "Smallest raked weight, the mean being 1",
        "largest": "Largest raked weight, the mean being 1",
        "variation": "Coefficient of variation of the raked weights",
    }
    return found + [
        Estimate(
            key=f"margin.weights.{name}",
            name=words[name],
            value=float(value),
            unit="ratio",
            n=len(weights),
            n_dropped=len(raking.base) - len(weights),
            method=f"raked in {sweeps}, not trimmed",
        )
        for name, value in named
    ]


def _shares(margin: Margin, delivered: bool, sweeps: str) -> list[Estimate]:
    variable = margin.name.replace(":", ",")
    kinds = {
        "population": ("Population", margin.population, "declared"),
        "sample": ("Respondents", margin.sample, "counted alike"),
        "delivered": ("Delivered weights", margin.base, "before raking"),
        "raked": ("Raked weights", margin.raked, f"after {sweeps}"),
    }
    if not delivered:
        del kinds["delivered"]
    return [
        Estimate(
            key=f"margin.{kind}",
            name=name,
            value=float(shares[place]),
            unit="share",
            n=int(margin.n[place]),
            method=f"share, {method}; {margin.unknown:,} without an answer are left out",
            group=f"{variable}: {label}",
        )
        for place, label in enumerate(margin.labels)
        for kind, (name, shares, method) in kinds.items()
    ]
