"""What the recovery study's cases ask of its moderated contrasts."""

import pandas as pd
from scipy import stats

from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods import interactions
from crmresearch.methods.moderation import Line, johnson_neyman, line
from crmresearch.methods.regression import contrast, ordinary_least_squares
from crmresearch.recovery import deviation
from crmresearch.recovery.cases import read
from crmresearch.validation.references import golden_table


def johnson_neyman_classical() -> dict[str, float]:
    """Bounds and simple slopes at severity 1 to 5, severity not centred, classical errors."""
    data = golden_table("recovery")
    data["product"] = data["recovered"] * data["severity"]
    terms = ["recovered", "severity", "product", "prior"]
    fit = ordinary_least_squares(data["loyalty"], data[terms], errors="classical")
    found = line(fit, "recovered", "product")
    slopes, errors = found.at(range(1, 6))
    numbers = {f"slope_{at}": float(slope) for at, slope in enumerate(slopes, 1)}
    numbers |= {f"error_{at}": float(error) for at, error in enumerate(errors, 1)}
    return numbers | _bounds(found, {})


def moderated(cluster: bool = False, weights: bool = False) -> dict[str, float]:
    """Resolved against unresolved by severity: slopes one SD apart, interaction and bounds."""
    data = golden_table("recovery")
    found = interactions.moderated(
        data["loyalty"],
        data["recovered"],
        data["severity"],
        data[["prior"]],
        cluster=(data["id"] - 1) // 4 if cluster else None,
        weights=0.5 + data["tenure"] / 4 if weights else None,
    )
    along = found.line
    numbers = {"interaction": along.slope, "interaction_error": float(along.variance[1, 1]) ** 0.5}
    for place, steps in (("below", -1), ("mean", 0), ("above", 1)):
        at = found.at(found.centre + steps * found.spread)
        slope = contrast(found.fit, at, key="slope", name="slope")
        ends = {"low": slope.low, "high": slope.high}
        numbers |= {place: slope.value} | {f"{place}_{end}": at for end, at in ends.items()}
    wide = float((2 * stats.f.ppf(0.95, 2, along.df)) ** 0.5)
    return numbers | _bounds(along, {}) | _bounds(along, {"critical": wide}, "potthoff_")


def categories() -> dict[str, float]:
    """A moderator of three kinds: Wald's F and the contrast in each."""
    data = golden_table("recovery")
    kinds = pd.Categorical.from_codes(data["id"] % 3, ["one", "two", "three"])
    found = interactions.moderated(
        data["loyalty"], data["recovered"], pd.Series(kinds), data[["prior"]]
    )
    test = interactions.joint(found, key="test", name="test")
    numbers = {"F": test.value, "p": test.p}
    for kind in ("one", "two", "three"):
        numbers[kind] = contrast(found.fit, found.effect(kind), key="kind", name=kind).value
    return numbers


def bins() -> dict[str, float]:
    """Resolved against unresolved in thirds of tenure, and whether one line fits them."""
    data = golden_table("recovery")
    found = interactions.binned(data["loyalty"], data["recovered"], data["tenure"], data[["prior"]])
    test = interactions.straight(found, key="test", name="test")
    numbers = {"F": test.value, "p": test.p}
    for part in range(3):
        numbers[f"bin_{part + 1}"] = contrast(
            found.fit, found.at(part), key="bin", name="bin"
        ).value
    return numbers


def orders() -> dict[str, float]:
    """Two complaints in their order, premium customers standing for those resolved before."""
    data = golden_table("recovery")
    roles = {
        "resolved": data["recovered"],
        "earlier_resolved": data["premium"],
        "loyalty": data["loyalty"],
        "prior_satisfaction": data["prior"],
    }
    kinds = {"loyalty": "number", "prior_satisfaction": "number"}
    survey = Survey(
        answers=pd.DataFrame(roles).astype(float),
        codebook={
            role: Variable(variable=role, label=role, type=kinds.get(role, "binary"), roles=(role,))
            for role in roles
        },
        about=About(title="Reference"),
    )
    cases = read(survey)
    found = deviation.orders(cases, cases.outcomes[0])
    numbers = {item.group.partition(": ")[2]: item.value for item in found if item.group}
    for item in found:
        if item.key.startswith("order."):
            name = item.key.rpartition(".")[2]
            ends = {"": item.value, "_low": item.low, "_high": item.high, "_holm": item.p}
            numbers |= {f"{name}{end}": value for end, value in ends.items()}
    return numbers


def _bounds(found: Line, how: dict[str, float], name: str = "") -> dict[str, float]:
    ends = johnson_neyman(found, **how)
    return {f"{name}{side}_bound": end for side, end in zip(("lower", "upper"), ends, strict=True)}
