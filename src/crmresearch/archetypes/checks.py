"""What asks for care in the types found: pairs of signs, certainty, stability, size."""

from collections.abc import Iterable

import numpy as np

from crmresearch.archetypes.residuals import pair_residuals
from crmresearch.archetypes.types import Types
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number

MISFIT = 3.84  # bivariate residual, a chi-squared per degree of freedom
MISFIT_SHARE = 0.02  # of respondents in a cell of the pair's table, so that large n is no alarm
UNSURE = 0.7  # mean certainty of a type's members
STABLE = 0.7  # adjusted Rand index of the types of resamples
DISSOLVED = 0.5  # Jaccard coefficient of a type and its partner in resamples (Hennig 2007)
FEW = 50  # expected respondents of a type


def type_caveats(types: Types, trust: Iterable[Estimate] = ()) -> list[Caveat]:
    """What in these types asks for care; `trust` holds the estimate of `stability`."""
    if types.model.classes == 1:
        return []
    trust = list(trust)
    found = [
        _unidentified(types),
        _unstable(find(trust, "type.stability")),
        _dissolved(trust),
        _dependence(types),
        _unsure(types),
        _small(types),
    ]
    return [caveat for caveat in found if caveat is not None]


def _unstable(agreement: Estimate | None) -> Caveat | None:
    if agreement is None or agreement.value >= STABLE:
        return None
    return Caveat(
        key="types.stability",
        text=f"Types found in resamples of these data agree with those shown only to "
        f"{format_number(agreement.value, agreement.unit)} (adjusted Rand index; {STABLE:g} or "
        "more would be steady): a new sample may give somewhat different types.",
    )


def _dissolved(trust: Iterable[Estimate]) -> Caveat | None:
    lost = [item for item in trust if item.key == "type.recovered" and item.value < DISSOLVED]
    if not lost:
        return None
    texts = [
        f"{item.group.partition(': ')[2]} ({format_number(item.value, item.unit)})" for item in lost
    ]
    return Caveat(
        key="types.dissolved",
        text=f"In resamples, no type holds much the same respondents as {', '.join(texts)}: in "
        f"brackets, the share of those in either type who are in both, of which below "
        f"{DISSOLVED:g} counts as dissolved.",
    )


def _dependence(types: Types) -> Caveat | None:
    residual, largest = pair_residuals(types.model)
    bad = np.triu((residual > MISFIT) & (largest > MISFIT_SHARE), 1)
    if not bad.any():
        return None
    row, column = np.unravel_index(np.where(bad, residual, 0.0).argmax(), bad.shape)
    names = [item.name for item in types.indicators.variables]
    pairs = count(int(bad.sum()), "pair of signs goes", "pairs of signs go")
    return Caveat(
        key="types.dependence",
        text=f"{pairs} together more, or less, than the types explain (bivariate residual over "
        f"{MISFIT:g}, and {MISFIT_SHARE:.0%} of respondents or more): most of all “{names[row]}” "
        f"with “{names[column]}”. More types, or dropping a sign that repeats another, may "
        "describe the answers better.",
    )


def _unsure(types: Types) -> Caveat | None:
    certainty = types.model.certainty
    unsure = [k for k in range(types.model.classes) if not certainty[k] >= UNSURE]
    if not unsure:
        return None
    texts = [f"{types.labels[k]} ({format_number(certainty[k], 'probability')})" for k in unsure]
    return Caveat(
        key="types.certainty",
        text=f"Respondents cannot be placed with confidence in {', '.join(texts)}: in brackets, "
        f"the mean probability of belonging there, which should be {UNSURE:g} or more. Use the "
        "corrected means and shares, never lists of people by type.",
    )


def _small(types: Types) -> Caveat | None:
    expected = types.model.shares * types.model.patterns.n
    small = [k for k in range(types.model.classes) if expected[k] < FEW]
    if not small:
        return None
    texts = [f"{types.labels[k]} (about {expected[k]:.0f})" for k in small]
    return Caveat(
        key="types.small",
        text=f"Few respondents carry {', '.join(texts)}; types this small often vanish in a new "
        "sample.",
    )


def _unidentified(types: Types) -> Caveat | None:
    if types.errors.identified:
        return None
    return Caveat(
        key="types.identified",
        text=f"These answers do not determine the {types.model.classes} types: other shares and "
        "profiles fit equally well, so no intervals are given. Ask for fewer types.",
    )
