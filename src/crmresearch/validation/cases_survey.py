"""What the survey study's cases ask of its estimators."""

import numpy as np
from scipy import stats

from crmresearch.methods import (
    association,
    means,
    multiplicity,
    proportions,
    scales,
    weighting,
)
from crmresearch.report.estimates import Estimate
from crmresearch.validation.references import golden_table


def wilson(successes: int, n: int) -> dict[str, float]:
    low, high = proportions.wilson(successes, n)
    return {"low": low, "high": high}


def newcombe(first: list[int], second: list[int]) -> dict[str, float]:
    value, low, high = proportions.newcombe_difference(*first, *second)
    return {"difference": value, "low": low, "high": high}


def nps_from_counts(promoters: int, passives: int, detractors: int) -> dict[str, float]:
    """Score, adjusted interval with its centre and error, and the plain error with divisor n."""
    scores = np.repeat([10.0, 8.0, 3.0], [promoters, passives, detractors])
    found = proportions.nps(scores)
    n = len(scores)
    error = weighting.weighted_mean(proportions.nps_points(scores), weighting.Design(n))[1]
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "centre": (found.low + found.high) / 2,
        "error": (found.high - found.low) / 2 / stats.norm.ppf(0.975),
        "standard_error": error * ((n - 1) / n) ** 0.5,
    }


def distribution(counts: dict[str, int], lowest: float) -> dict[str, float]:
    """Mean and share of answers of at least `lowest`, from how often each answer was given."""
    answers = np.repeat([float(answer) for answer in counts], list(counts.values()))
    top = proportions.share(proportions.top_box(answers, lowest=lowest), key="top", name="top")
    return {"mean": means.mean(answers, key="mean", name="mean").value, "top": top.value}


def golden_nps() -> dict[str, float]:
    data = golden_table("survey")
    scores = data["nps"].to_numpy(float)
    promoters = proportions.share(
        proportions.top_box(scores, lowest=9), key="promoters", name="promoters"
    )
    late, early = (data["wave"] == 2).to_numpy(), (data["wave"] == 1).to_numpy()
    change = proportions.nps_difference(scores, early, late, key="change", name="change")
    counts = [
        count
        for side in (late, early)
        for count in (int((scores[side] >= 9).sum()), int(side.sum()))
    ]
    return {
        "promoters_low": promoters.low,
        "promoters_high": promoters.high,
        "value": proportions.nps(scores).value,
        "change": change.value,
        "newcombe_low": proportions.newcombe_difference(*counts)[1],
        "newcombe_high": proportions.newcombe_difference(*counts)[2],
    }


def alpha(items: list[str]) -> dict[str, float]:
    answers = golden_table("survey")[items]
    found = scales.alpha(answers, key="alpha", name="alpha")
    rest = scales.item_rest(answers, key="rest", names={})
    return _with_ends(found) | {f"item_{row}": one.value for row, one in enumerate(rest, start=1)}


def omega(items: list[str]) -> dict[str, float]:
    return _with_ends(scales.omega_total(golden_table("survey")[items], key="omega", name="omega"))


def design_means() -> dict[str, float]:
    """Weighted, stratified, clustered means with their linearised errors."""
    data = golden_table("survey")
    design = weighting.design(len(data), data["w"], data["stratum"], data["psu"])
    loyalty, promoter = data["loyalty"].to_numpy(), (data["nps"] >= 9).to_numpy(float)
    mean, error, freedom, _ = weighting.weighted_mean(loyalty, design)
    share = proportions.share(promoter, key="share", name="share", design=design)
    parts = {
        segment: weighting.weighted_mean(loyalty, design, (data["segment"] == segment).to_numpy())
        for segment in ("basic", "plus", "premium")
    }
    return {
        "mean": mean,
        "standard_error": error,
        "degrees_of_freedom": freedom,
        "promoters": share.value,
        "promoters_low": share.low,
        "promoters_high": share.high,
        **{segment: found[0] for segment, found in parts.items()},
        **{f"{segment}_error": found[1] for segment, found in parts.items()},
    }


def design_change() -> dict[str, float]:
    """Second wave less the first, with clusters that answered in both."""
    data = golden_table("survey")
    design = weighting.design(len(data), data["w"], data["stratum"], data["psu"])
    found = {}
    for name, values in (("mean", data["loyalty"]), ("share", (data["nps"] >= 9).astype(float))):
        parts = [(1.0, (data["wave"] == 2).to_numpy()), (-1.0, (data["wave"] == 1).to_numpy())]
        change, error, _, _ = weighting.mean_contrast(values.to_numpy(), design, parts)
        found |= {name: change, f"{name}_error": error}
    return found


def adjusted_p(method: str, p: list[float]) -> dict[str, float]:
    return {
        f"p_{row}": one
        for row, one in enumerate(multiplicity.adjust(np.array(p), method=method), 1)
    }


def welch_difference() -> dict[str, float]:
    """Loyalty of premium less that of basic customers, as the segments section compares waves."""
    data = golden_table("survey")
    sides = [(data["segment"] == name).to_numpy() for name in ("basic", "premium")]
    found = means.mean_difference(
        data["loyalty"].to_numpy(), *sides, key="gap", name="gap", level=0.9
    )
    return _with_ends(found) | {"p": found.p}


def correlation(x: str, y: str) -> dict[str, float]:
    data = golden_table("recovery")
    return _with_ends(association.correlation(data[x], data[y], key="r", name="r"))


def _with_ends(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}
