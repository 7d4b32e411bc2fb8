"""Reliability of every scale that the codebook declares."""

import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods import scales
from crmresearch.methods.groups import slug
from crmresearch.methods.ordinal import ordinal_reliability
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import enough
from crmresearch.survey.sample import sampling

ENOUGH = 0.70  # the convention for comparing groups; single customers need more
BY_ROLE = ("satisfaction", "loyalty", "effort", "word_of_mouth", "recovery_satisfaction")


def declared(survey: Survey) -> dict[str, tuple[str, pd.DataFrame]]:
    """Every scale: its key, its name for readers and the answers to its items, made once.

    A scale whose items all have one role is keyed by that role (``satisfaction``), so that claims
    find it whatever the codebook calls it; any other by its construct.
    """
    return survey.once("scales", lambda: _declared(survey))


def _declared(survey: Survey) -> dict[str, tuple[str, pd.DataFrame]]:
    found = {}
    for construct, columns in survey.scales().items():
        roles = set.intersection(*(set(survey.codebook[column].roles) for column in columns))
        role = next((role for role in BY_ROLE if role in roles and role not in found), "")
        found[role or slug(construct)] = (construct, survey.columns(columns))
    for role in BY_ROLE:
        columns = [item.variable for item in survey.variables(role) if item.type == "scale"]
        if role not in found and len(columns) > 1:
            found[role] = (survey.label(role), survey.columns(columns))
    return found


def reliability(
    survey: Survey, *, ordinal: bool = False, level: float = 0.95, min_cell: int = 1
) -> list[Estimate]:
    """Alpha, standardised alpha and omega total of every scale: ``alpha.trust``, ``omega.trust``.

    Each uses the respondents who answered every item of its scale. Of two items the standardised
    alpha, ``standardised.trust``, is the Spearman-Brown coefficient, and there is no omega.

    Parameters
    ----------
    ordinal : add what the ratings would have as ordered categories, ``ordinal_alpha.trust`` and
        ``ordinal_omega.trust``, the reliability of a score that nobody has measured; where it
        cannot be told it has no value, and its method says why
    min_cell : a scale answered by fewer people is left out, also of the caveats
    """
    basis = sampling(survey)
    found = []
    for key, (name, items) in declared(survey).items():
        pair, data = items.shape[1] == 2, scales.complete(items, basis)
        kinds = {
            "alpha": (scales.alpha, "alpha"),
            "standardised": (
                scales.standardised_alpha,
                "Spearman-Brown" if pair else "standardised alpha",
            ),
        }
        if not pair:
            kinds["omega"] = (scales.omega_total, "omega")
        made = [
            estimator(data, key=f"{kind}.{key}", name=f"{name}, {words}", level=level)
            for kind, (estimator, words) in kinds.items()
        ]
        found += [item for item in made if item.value == item.value]
        if ordinal and items.shape[1] > 1:
            found += ordinal_reliability(items, key=key, name=name, design=basis, level=level)
    return enough(found, min_cell)


def item_rest(survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Correlation of each item with the rest of its scale: ``item.trust.trust_4``."""
    basis = sampling(survey)
    found = []
    for key, (_, items) in declared(survey).items():
        names = {column: survey.codebook[column].name for column in items.columns}
        found += scales.item_rest(items, key=f"item.{key}", names=names, design=basis, level=level)
    return [item for item in found if item.value == item.value]


def unreliable(estimates: list[Estimate]) -> list[Estimate]:
    """The scales whose whole interval lies below .70: omega's where there is one, else alpha's."""
    return [item for item in _deciding(estimates) if item.high < ENOUGH]


def doubtful(estimates: list[Estimate]) -> list[Estimate]:
    """The scales whose interval includes .70, so that it cannot be told."""
    return [item for item in _deciding(estimates) if item.low < ENOUGH <= item.high]


def _deciding(estimates: list[Estimate]) -> list[Estimate]:
    chosen: dict[str, Estimate] = {}
    for item in estimates:
        kind, _, key = item.key.partition(".")
        if kind in ("alpha", "omega") and item.low == item.low:
            chosen[key] = item if kind == "omega" else chosen.get(key, item)
    return list(chosen.values())
