"""What goes with the types: means and shares by type, corrected for classification error.

Respondents are put into their likeliest type, which is wrong for some, so that plain means of the
groups lie closer together than those of the types. The BCH method undoes this: each respondent
counts for every type with a weight from the inverse of the classification table, which may be
negative. Source: Bolck, Croon & Hagenaars (2004), Political Analysis 12(1):3-27; Vermunt (2010),
Political Analysis 18(4):450-469. It is the one to rely on, since maximum likelihood, given beside
it, goes wrong where the outcome is not distributed as supposed: Bakk & Vermunt (2016), Structural
Equation Modeling 23(1):20-31.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from crmresearch.archetypes.classification import Classification, Linear, classify, share_bounds
from crmresearch.archetypes.distal import likelihood_means
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.domains import domain_means
from crmresearch.methods.means import mean
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.wald import equal_means
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat

DIFFERENCES = {"share": "share difference", "amount": "amount difference"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What may go with the types, with the name and unit that a reader knows it by."""

    role: str
    name: str
    unit: str = "scale points"

    @property
    def difference(self) -> str:
        """The unit of a difference."""
        return DIFFERENCES.get(self.unit, "scale difference")


OUTCOMES = (
    Outcome("loyalty", "Loyalty"),
    Outcome("satisfaction", "Satisfaction"),
    Outcome("recommend", "Recommendation"),
    Outcome("word_of_mouth", "Word of mouth"),
    Outcome("churned", "Share who left", "share"),
    Outcome("revenue", "Revenue", "amount"),
)
ROLES = tuple(item.role for item in OUTCOMES)


def outcomes_of(survey: Survey, roles: Sequence[str] = ROLES) -> Iterator[Outcome]:
    """The outcomes that the survey has; one that was asked as yes or no is a share."""
    for item in OUTCOMES:
        if item.role not in roles or item.role not in survey.roles:
            continue
        asked = survey.variables(item.role)
        name = survey.label(item.role).capitalize() if len(asked) > 1 else item.name
        binary = {variable.type for variable in asked} == {"binary"}
        yield Outcome(item.role, name, "share" if binary else item.unit)


def outcome_means(types: Types, survey: Survey, roles: Sequence[str] = ROLES) -> list[Estimate]:
    """Means of each outcome for each type, and a test that they are alike.

    Returns
    -------
    For every outcome and type the BCH mean (``<role>.bch``), the one by maximum likelihood
    (``.ml``, normal with a variance of its own for each type, or a share) where it can be had, and
    the plain one by likeliest type (``.modal``); then Wald's F of equal BCH means (``.equal``), its
    p by Holm over the outcomes. Types that were chosen leave nothing to correct and have
    ``.bch`` only. Empty without an outcome or with one type only.
    """
    if types.model.classes < 2:
        return []
    classified, found, tests = classify(types), [], []
    for outcome in outcomes_of(survey, roles):
        values = survey.score(outcome.role).to_numpy(float)
        plain = _modal(types, outcome, values)
        corrected = corrected_means(values, classified)
        n = [item.n for item in plain]
        name = "of those who chose it" if classified.certain else "corrected"
        if corrected is not None:
            found += _means(types, outcome, corrected, n, "bch", name)
        if not classified.certain:
            fitted = likelihood_means(values, classified, share=outcome.unit == "share")
            if fitted is not None:
                found += _means(types, outcome, fitted, n, "ml", "by likelihood")
            found += plain
        if corrected is not None:
            tests.append(_equal(types, outcome, corrected))
    adjusted = adjust(np.array([item.p for item in tests]), method="holm")
    return found + [
        replace(item, p=float(p), method=f"{item.method}, p by Holm over {len(tests)}")
        for item, p in zip(tests, adjusted, strict=True)
    ]


def corrected_means(values: np.ndarray, classified: Classification) -> Linear | None:
    """BCH means of `values` (n,) by type; rows with NaN are left out."""
    if classified.inverse is None:
        return None
    design, placed = classified.design, classified.placed
    used = np.isfinite(values) & placed & (design.row_weights() > 0)
    weight = np.where(used, design.row_weights(), 0.0)
    known, put = np.where(used, values, 0.0), np.where(placed, classified.assigned, 0)
    wide = len(classified.table)
    total = np.bincount(put, weight, wide) @ classified.inverse
    if (total <= 0).any():
        return None
    value = np.bincount(put, weight * known, wide) @ classified.inverse / total
    influence = (classified.inverse / total)[put]
    influence *= weight[:, None]
    influence *= known[:, None] - value
    # a change dD of the table moves what is undone by it by -amount dD D^-1
    amounts = total * (value - value[:, None]) / total[:, None]
    influence += classified.influence(-np.einsum("kt,sk->kts", amounts, classified.inverse))
    return Linear(value, influence, placed, used, design)


def _modal(types: Types, outcome: Outcome, values: np.ndarray) -> list[Estimate]:
    bounds = {"low": 0.0, "high": 1.0} if outcome.unit == "share" else {}
    design, codes = types.indicators.design, types.of_row
    found = domain_means(values, codes, len(types.labels), design)
    return [
        mean(
            values,
            key=f"{outcome.role}.modal",
            name=f"{outcome.name}, likeliest type",
            design=design,
            within=codes == k,
            moments=found.moments(k),
            unit=outcome.unit,
            level=types.level,
            group=f"type: {label}",
            **bounds,
        )
        for k, label in enumerate(types.labels)
    ]


def _means(
    types: Types, outcome: Outcome, means: Linear, n: list[int], key: str, name: str
) -> list[Estimate]:
    found = []
    limits = (0.0, 1.0) if outcome.unit == "share" else (-np.inf, np.inf)
    words = {"bch": "BCH mean", "ml": "three-step maximum likelihood"}[key]
    for k, label in enumerate(types.labels):
        low, high, _, interval = means.interval(np.eye(len(n))[k], types.level)
        if outcome.unit == "share":
            people = means.effective() * float(types.model.shares[k])
            low, high, by_wilson = share_bounds(
                float(means.value[k]), (low, high), people, types.level
            )
            interval += by_wilson
        found.append(
            Estimate(
                key=f"{outcome.role}.{key}",
                name=f"{outcome.name}, {name}",
                value=float(np.clip(means.value[k], *limits)),
                low=low,
                high=high,
                level=types.level,
                unit=outcome.unit,
                n=n[k],
                method=f"{words}, {interval}; n is those whose likeliest type it is",
                group=f"type: {label}",
            )
        )
    return found


def outcome_caveats(estimates: list[Estimate]) -> list[Caveat]:
    """Outcomes whose means by maximum likelihood are missing, or belie the corrected ones."""
    at = {(item.key, item.group): item for item in estimates}
    away, absent = [], []
    for item in estimates:
        role, _, kind = item.key.partition(".")
        if kind != "bch" or item.low != item.low:
            continue
        name, fitted = item.name.partition(",")[0], at.get((f"{role}.ml", item.group))
        if fitted is None:
            absent.append(name)
        elif not item.low <= fitted.value <= item.high:
            away.append(name)
    texts = {
        "away": (
            "the mean by maximum likelihood lies outside the interval of the corrected one: the "
            "outcome is not as normal within types as it supposes, and the corrected one is the "
            "one to rely on",
            away,
        ),
        "absent": ("there is no proper maximum of the likelihood", absent),
    }
    return [
        Caveat(key=f"outcomes.{key}", text=f"For {', '.join(dict.fromkeys(names))}, {text}.")
        for key, (text, names) in texts.items()
        if names and any(".ml" in item.key for item in estimates)
    ]


@dataclass(frozen=True, slots=True)
class Equality:
    """Wald's F that all types have one mean, with its degrees of freedom and p."""

    value: float
    above: int
    below: float
    p: float


def equality(means: Linear) -> Equality:
    """Test of equal means under the design."""
    covariance, freedom = means.covariance()
    return Equality(*equal_means(means.value, covariance, freedom))


def _equal(types: Types, outcome: Outcome, means: Linear) -> Estimate:
    test = equality(means)
    return Estimate(
        key=f"{outcome.role}.equal",
        name=f"{outcome.name}: the same in every type",
        value=test.value,
        level=types.level,
        unit="statistic",
        n=int(means.used.sum()),
        n_dropped=int((~means.used).sum()),
        method=f"Wald F of BCH means, {test.above} and {test.below:,.0f} df",
        p=test.p,
    )
