"""What the cases of groups and waves ask of the survey study's estimators."""

import numpy as np
from scipy import stats

from crmresearch.methods import decomposition, domains, means, proportions, shares, trend
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.weighting import Design, design
from crmresearch.validation.references import golden_table

OUTCOMES = {
    "points": lambda data: proportions.nps_points(data["nps"]),
    "top": lambda data: proportions.top_box(data["nps"], lowest=9),
    "loyalty": lambda data: data["loyalty"].to_numpy(),
}


def change(outcome: str, people: int = 0) -> dict[str, float]:
    """Second wave less the first: the value, its error and t.

    Parameters
    ----------
    people : the rows come from so many people, clusters without strata; 0 for the given clusters
    """
    data = golden_table("survey")
    values, waves = OUTCOMES[outcome](data), data["wave"].to_numpy()
    basis = _sampled()
    if people:
        basis = design(len(data), data["w"], clusters=np.arange(len(data)) % people)
    function = {"points": proportions.points_difference, "top": shares.share_difference}.get(
        outcome, means.mean_difference
    )
    found = function(values, waves == 1, waves == 2, key="d", name="d", design=basis)
    freedom = int(found.method.rpartition(", ")[2].split()[0].replace(",", ""))
    error = (found.high - found.low) / 2 / stats.t.ppf(0.975, freedom)
    return {"value": found.value, "error": error, "t": found.value / error, "p": found.p}


def panel() -> dict[str, float]:
    """The first 150 of either wave as if they were the same people."""
    data = golden_table("survey")
    sides = [data.loc[data["wave"] == wave, "loyalty"].to_numpy()[:150] for wave in (1, 2)]
    values, later = np.concatenate(sides), np.repeat([False, True], 150)
    basis = design(300, clusters=np.tile(np.arange(150), 2))
    found = means.mean_difference(values, ~later, later, key="d", name="d", design=basis)
    return {"value": found.value, "low": found.low, "high": found.high, "p": found.p}


def line() -> dict[str, float]:
    """The trend over four waves, weighted, in strata and clusters."""
    data = golden_table("survey")
    waves = domains.domain_means(
        data["loyalty"].to_numpy(), np.arange(len(data)) % 4, 4, _sampled()
    )
    found = trend.trend(waves, np.arange(4))
    return {"slope": found.slope, "error": found.error, "wald": found.wald}


def parts_of_change() -> dict[str, float]:
    """The change of loyalty divided over the segments."""
    data = golden_table("survey")
    segments = data["segment"].map({"basic": 0, "plus": 1, "premium": 2}).to_numpy()
    found = decomposition.decompose(
        data["loyalty"].to_numpy(), segments, (data["wave"] == 2).to_numpy().astype(int), _sampled()
    )
    each = {
        f"{name}_{at + 1}{suffix}": float(values[at])
        for at in range(3)
        for name, suffix, values in (
            ("mix", "", found.composition),
            ("mix", "_error", found.composition_errors),
            ("within", "", found.within),
            ("within", "_error", found.within_errors),
        )
    }
    return each | {
        "mix": float(found.composition.sum()),
        "mix_error": found.composition_error,
        "within": float(found.within.sum()),
        "within_error": found.within_error,
        "total": found.total,
        "total_error": found.total_error,
    }


def rates(sizes: list[list[float]], rates: list[list[float]]) -> dict[str, float]:
    """Kitagawa's parts of published rates, per cent, of groups in two populations."""
    size, rate = np.array(sizes), np.array(rates)
    groups = np.tile(np.arange(size.shape[1]), 4)
    later = np.tile(np.repeat([0, 1], size.shape[1]), 2)
    values = np.repeat([100.0, 0.0], size.size)
    weights = np.concatenate([(size * rate).ravel(), (size * (100 - rate)).ravel()])
    found = decomposition.decompose(values, groups, later, design(len(values), weights))
    crude = (found.shares * found.means).sum(axis=1)
    return {
        "earlier": crude[0],
        "later": crude[1],
        "composition": found.composition.sum(),
        "rates": found.within.sum(),
        "change": found.total,
    }


def pairs() -> dict[str, float]:
    """Every pair of segments on two measures: difference, error and adjusted p of the family."""
    data, basis = golden_table("survey"), _sampled()
    segments = data["segment"].map({"basic": 0, "plus": 1, "premium": 2}).to_numpy()
    found, p = {}, []
    for outcome in ("points", "loyalty"):
        groups = domains.domain_means(OUTCOMES[outcome](data), segments, 3, basis)
        for first, second in ((0, 1), (0, 2), (1, 2)):
            sides = np.zeros(3)
            sides[[first, second]] = -1.0, 1.0
            value, error, freedom = groups.contrast(sides)
            name = f"{outcome}_{first + 1}{second + 1}"
            found |= {name: value, f"{name}_error": error}
            p.append(2 * stats.t.sf(abs(value) / error, freedom))
    for method in ("holm", "bh"):
        found |= {f"{method}_{at}": q for at, q in enumerate(adjust(np.array(p), method=method), 1)}
    return found


def shares_apart() -> dict[str, float]:
    """The score test of two shares of a simple random sample."""
    data = golden_table("survey")
    waves = data["wave"].to_numpy()
    found = shares.share_difference(
        OUTCOMES["top"](data), waves == 1, waves == 2, key="d", name="d"
    )
    return {"p": found.p}


def _sampled() -> Design:
    data = golden_table("survey")
    return design(len(data), data["w"], data["stratum"], data["psu"])
