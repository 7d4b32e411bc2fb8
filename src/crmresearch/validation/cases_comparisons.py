"""What the cases of comparisons of reports ask of the methods behind them.

Every call starts where a comparison does: from values with their published intervals.
"""

import numpy as np
from scipy import stats

from crmresearch.methods import meta, ranks, recovered, welch
from crmresearch.methods.clearance import clearance
from crmresearch.methods.proportions import wilson
from crmresearch.validation.references import golden_table, table


def shares(first: list[int], second: list[int]) -> dict[str, float]:
    """The difference of two shares, each given as how many of how many, from Wilson's intervals."""
    values = [yes / n for yes, n in (first, second)]
    ends = [wilson(*first), wilson(*second)]
    item = recovered.recover(values, *zip(*ends, strict=True), [0.95] * 2, unit="share")
    return _pair(item, 0, 1)


def correlations(values: list[float], n: list[int]) -> dict[str, float]:
    """The difference of two correlations from Fisher's intervals."""
    half = recovered.reaches(0.95, np.inf) / np.sqrt(np.array(n) - 3)
    places = np.arctanh(values)
    ends = np.tanh(places - half), np.tanh(places + half)
    item = recovered.recover(values, *ends, [0.95] * 2, unit="correlation")
    return _pair(item, 0, 1)


def means(first: list[float], second: list[float]) -> dict[str, float]:
    """The difference of two means from their t intervals."""
    return _pair(_of_samples([np.array(first), np.array(second)]), 0, 1)


def segments() -> dict[str, float]:
    """Every pair of three segments from the t intervals of their means, and the test of all."""
    data = golden_table("survey").dropna(subset=["loyalty", "segment"])
    parts = [group["loyalty"].to_numpy() for _, group in data.groupby("segment", sort=True)]
    item = _of_samples(parts)
    tested = welch.alike(item.values, item.errors**-2.0, item.freedom)
    found = {"F": tested.f, "p": tested.p}
    for name, later, earlier in (
        ("plus_basic", 1, 0), ("premium_basic", 2, 0), ("premium_plus", 2, 1)
    ):  # fmt: skip
        found |= {f"{name}_{x}": y for x, y in _pair(item, later, earlier).items()}
    return found


def alike(values: list[float], error: float) -> dict[str, float]:
    """Adjusted p of every pair of means with one error."""
    values = np.array(values)
    half = error * recovered.reaches(0.95, np.inf)
    item = recovered.recover(values, values - half, values + half, [0.95] * len(values), unit="SD")
    first, second = np.triu_indices(len(values), 1)
    touching = clearance(lambda q: recovered.pairs(item, first, second, q), len(first))
    p = ranks.tukey_p(touching, len(values))
    return {f"p_{i + 1}_{j + 1}": x for i, j, x in zip(first, second, p, strict=True)}


def quantile(level: float, k: int, freedom: float = np.inf) -> dict[str, float]:
    """How many standard errors the simultaneous intervals of all pairs reach."""
    return {"reach": float(ranks.tukey(level, k, freedom))}


def studentised(level: float, k: int, freedom: float = np.inf) -> dict[str, float]:
    """The studentised range, as it is printed in tables."""
    return {"q": float(ranks.tukey(level, k, freedom) * np.sqrt(2))}


def with_others(freedom: list[float]) -> dict[str, float]:
    """Twelve studies, each less the mean of the others; those numbered 1, 7 and 12 are told."""
    studies = golden_table("meta")
    values, errors = studies["yi"].to_numpy(), np.sqrt(studies["vi"].to_numpy())
    half = errors * recovered.reaches(0.95, np.inf)
    levels = [0.95] * len(values)
    known = recovered.recover(values, values - half, values + half, levels, unit="SD")
    reach = recovered.reaches(0.95 ** (1 / len(values)), np.inf)
    value, low, high = recovered.against_others(known, reach)
    half = errors * recovered.reaches(0.95, np.array(freedom))
    unsure = recovered.recover(
        values, values - half, values + half, levels, unit="SD", freedom=freedom
    )
    df = recovered.freedom_against_others(unsure)
    tested = welch.alike(unsure.values, unsure.errors**-2.0, unsure.freedom)
    found = {"F": tested.f, "F_within": tested.within, "F_p": tested.p}
    for row in (0, 6, 11):
        told = {"value": value, "low": low, "high": high, "df": df}
        found |= {f"{name}_{row + 1}": float(x[row]) for name, x in told.items()}
    return found


def vaccine() -> dict[str, float]:
    """Risk ratios of the BCG vaccine from their intervals: pooled, and predicted."""
    places, half = _trials()
    ends = np.exp(places - half), np.exp(places + half)
    item = recovered.recover(np.exp(places), *ends, [0.95] * len(places), unit="ratio")
    pooled = meta.pool(item.transformed, item.errors**2)
    names = ("mean", "low", "high", "predicted_low", "predicted_high")
    told = (pooled.mean, *pooled.interval(), *pooled.prediction())
    return {name: float(item.scale.back(x)) for name, x in zip(names, told, strict=True)}


def vaccine_ranks() -> dict[str, float]:
    """The ranks that each trial's log risk ratio may have."""
    places, half = _trials()
    k = len(places)
    item = recovered.recover(places, places - half, places + half, [0.95] * k, unit="SD")
    first, second = np.triu_indices(k, 1)
    _, low, high = recovered.pairs(item, first, second, ranks.tukey(0.95, k))
    above = np.zeros((k, k), dtype=bool)
    above[first, second], above[second, first] = low > 0, high < 0
    highest, lowest = ranks.from_pairs(above)
    found = {f"first_{row}": float(x) for row, x in enumerate(highest, start=1)}
    return found | {f"last_{row}": float(x) for row, x in enumerate(lowest, start=1)}


def _trials() -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios and the half width of their intervals."""
    trials = table("bcg")
    treated, control = trials["tpos"] + trials["tneg"], trials["cpos"] + trials["cneg"]
    places = np.log(trials["tpos"] / treated) - np.log(trials["cpos"] / control)
    errors = np.sqrt(1 / trials["tpos"] - 1 / treated + 1 / trials["cpos"] - 1 / control)
    return places.to_numpy(), (errors * recovered.reaches(0.95, np.inf)).to_numpy()


def _of_samples(samples: list[np.ndarray]) -> recovered.Recovered:
    """The means of samples, recovered from their t intervals."""
    values = np.array([x.mean() for x in samples])
    freedom = np.array([len(x) - 1 for x in samples])
    errors = np.array([x.std(ddof=1) / np.sqrt(len(x)) for x in samples])
    half = errors * stats.t.ppf(0.975, freedom)
    levels = [0.95] * len(values)
    return recovered.recover(
        values, values - half, values + half, levels, unit="SD", freedom=freedom
    )


def _pair(item: recovered.Recovered, one: int, other: int) -> dict[str, float]:
    """One report less another, as simultaneous with all other pairs of them."""
    k = len(item.values)
    df = recovered.freedom_of_pairs(item, [one], [other])
    value, low, high = recovered.pairs(item, [one], [other], ranks.tukey(0.95, k, df))
    touching = clearance(lambda q: recovered.pairs(item, [one], [other], q), 1)
    return {
        "value": float(value[0]),
        "low": float(low[0]),
        "high": float(high[0]),
        "df": float(df[0]),
        "p": float(ranks.tukey_p(touching, k, df)[0]),
    }
