"""Are the types kinds, or degrees of one thing? Types against one dimension, on the same answers.

Types whose profiles run parallel, each sign a little likelier from one to the next, are levels
that a single scale would describe with fewer numbers; latent classes are found in such answers as
well. So models with one dimension are fitted beside the types (see `dimension`).
"""

from dataclasses import dataclass, field

import numpy as np

from crmresearch.archetypes.dimension import OneDimension, fit_located, fit_normal, refit
from crmresearch.archetypes.enumeration import Enumeration
from crmresearch.archetypes.held_out import FOLDS, HeldOut, design_words
from crmresearch.methods.weighting import t_interval
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import format_number

RULE = (
    "Rule: the types are kinds where they have the lower BIC and predict held-out answers better "
    "than one dimension does, the whole interval above zero; they may be degrees where neither is "
    "so; and it is open otherwise."
)
_WORK = 4e7  # patterns times columns times places, above which nothing is fitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrees:
    """The types beside the best model with one dimension.

    Parameters
    ----------
    line : the model with one dimension that has the lowest BIC
    densities : (F, G) its held-out log densities, on the folds of `held`
    """

    found: Enumeration
    held: HeldOut
    line: OneDimension
    densities: np.ndarray = field(repr=False)

    @property
    def bic_gap(self) -> float:
        """BIC of one dimension less that of the types: positive speaks for types."""
        return self.line.bic - self.found.chosen.bic

    def contrast(self, classes: int) -> tuple[float, float, int]:
        """Held-out gain of `classes` types over one dimension, its error and freedom."""
        return self.held.folds.contrast(self.held.densities[classes], self.densities)


def compare(found: Enumeration, held: HeldOut | None) -> Degrees | None:
    """Fit one dimension in place of the chosen types; None where there is but one type.

    Candidates are a normal distribution and, against three types or more, as many located
    classes as types; the lower BIC represents one dimension. Two classes always lie
    on one line, so that two types are compared with a continuum alone.
    """
    classes = found.chosen.classes
    patterns = found.chosen.patterns
    if held is None or classes < 2 or patterns.onehot.size * (classes + 1) > _WORK:
        return None
    two = found.models[1]
    lines = [fit_normal(two)]
    if classes > 2:
        lines.append(fit_located(lines[0], two, classes))
    line = min(lines, key=lambda model: model.bic)
    densities = np.stack([refit(line, held.folds.training[part]).density for part in range(FOLDS)])
    return Degrees(found=found, held=held, line=line, densities=densities)


def degrees(compared: Degrees | None, *, level: float = 0.95) -> list[Estimate]:
    """What one dimension tells of the answers, and what the types tell beyond.

    ``kinds.dimension`` and ``kinds.gain`` are gains in the mean log-likelihood of held-out
    respondents: of one dimension over a single type, and of the types over one dimension.
    ``kinds.told`` is the first as a share of both together, and ``kinds.bic`` the difference of
    BIC, positive where types are better; it has no interval.
    """
    if compared is None:
        return []
    classes = compared.found.chosen.classes
    over_one = compared.contrast(1)
    common = {"level": level, "compared": compared, "unit": "held-out difference"}
    what = "mean log-likelihood gain a respondent"
    return [
        _estimate(
            key="kinds.dimension",
            name="One dimension over a single type",
            found=(-over_one[0], *over_one[1:]),
            what=f"{what}, {_words(compared.line)}",
            **common,
        ),
        _estimate(
            key="kinds.gain",
            name=f"{classes} types over one dimension",
            found=compared.contrast(classes),
            what=what,
            **common,
        ),
        _estimate(
            key="kinds.told",
            name="Share of the types' gain that one dimension tells",
            found=_told(compared),
            what="ratio of held-out gains, linearised",
            **(common | {"unit": "share"}),
        ),
        Estimate(
            key="kinds.bic",
            name=f"BIC of one dimension less that of {classes} types",
            value=compared.bic_gap,
            unit="criterion",
            n=compared.found.chosen.patterns.n,
            n_dropped=compared.found.chosen.patterns.n_dropped,
            method=f"maximum likelihood, {_words(compared.line)}",
        ),
    ]


def verdict(estimates: list[Estimate]) -> str:
    """``kinds``, ``degrees`` or ``open`` by `RULE`; empty without estimates."""
    at = {item.key: item for item in estimates}
    if "kinds.gain" not in at:
        return ""
    better = at["kinds.gain"].low > 0
    lower = at["kinds.bic"].value > 0
    return "kinds" if better and lower else "open" if better or lower else "degrees"


def degrees_caveats(found: Enumeration, estimates: list[Estimate]) -> list[Caveat]:
    """That the types may be no more than levels of one dimension."""
    classes, decided = found.chosen.classes, verdict(estimates)
    if classes < 2 or found.as_chosen or decided == "kinds":
        return []
    if not decided:
        text = (
            "Whether the types are kinds or degrees of one dimension was not examined: the answers "
            "are too few, or too many and too varied."
        )
    else:
        at = {item.key: item for item in estimates}
        told = format_number(at["kinds.told"].value, "share")
        may = (
            "may be no more than degrees of one dimension"
            if decided == "degrees"
            else "are not clearly more than degrees of one dimension"
        )
        text = (
            f"The {classes} types {may}: a single scale gives {told} of their gain in "
            "predicting held-out answers. Compare mean answers as well as types."
        )
    return [Caveat(key="types.degrees", text=text)]


def _told(compared: Degrees) -> tuple[float, float, int]:
    """Ratio of the held-out gains over a single type, with its linearised error."""
    contrast, held = compared.held.folds.contrast, compared.held
    single, types = held.densities[1], held.densities[compared.found.chosen.classes]
    whole = contrast(types, single)[0]
    ratio = contrast(compared.densities, single)[0] / whole
    left = (compared.densities - single - ratio * (types - single)) / whole
    _, error, freedom = contrast(left, None)
    return ratio, error, freedom


def _words(line: OneDimension) -> str:
    if line.normal:
        return "respondents normally distributed on one dimension"
    return f"respondents at {len(line.places)} places on one dimension"


def _estimate(
    *, compared: Degrees, found: tuple[float, float, int], what: str, level: float, **fields
) -> Estimate:
    indicators = compared.held.folds.indicators
    low, high = t_interval(*found, level)
    return Estimate(
        **fields,
        value=found[0],
        low=low,
        high=high,
        level=level,
        n=indicators.patterns.n,
        n_dropped=indicators.patterns.n_dropped,
        method=f"{what}, {FOLDS}-fold cross-validation{design_words(indicators)}",
    )
