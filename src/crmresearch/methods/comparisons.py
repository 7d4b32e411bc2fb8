"""Every pair of groups compared under the sampling design: a test of all, differences, and g.

In a simple random sample these are Welch's test, Games-Howell intervals and Hedges' g. Where
answers are weighted, stratified or clustered, they are Wald's test, Tukey's simultaneous intervals
and a g whose interval rests on the linearised error, so that customers of one account are not
taken as independent and unequal weights are paid for.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from crmresearch.methods import wald
from crmresearch.methods.domains import Domains, domain_means
from crmresearch.methods.effects import hedges_g, pooled_sd, small_sample_factor
from crmresearch.methods.groups import games_howell, sample, slug, split, welch_anova
from crmresearch.methods.ranges import all_pairs
from crmresearch.methods.weighting import Design, method_words
from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True)
class Compared:
    """All groups compared; made by `compare`.

    Parameters
    ----------
    test : of the hypothesis that all have one mean, a ``statistic``
    pairs : every two groups, the later less the earlier, with simultaneous intervals
    standardised : Hedges' g of the same pairs
    scales : the standard deviation within each pair, in the unit of the values; NaN without one
    """

    test: Estimate
    pairs: tuple[Estimate, ...]
    standardised: tuple[Estimate, ...]
    scales: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """How the estimates of a comparison are called: keys, the outcome's name, level and unit."""

    test: str
    pairs: str
    standardised: str
    name: str
    all_groups: str = "all groups"
    level: float = 0.95
    unit: str = "scale difference"
    randomised: bool = False


def compare(
    values: ArrayLike, groups: pd.Series, design: Design, *, named: Named
) -> Compared | None:
    """Compare all groups on their means; None with fewer than two groups that have an answer.

    Parameters
    ----------
    values : (n,) float, NaN where missing
    groups : (n,) labels, missing where unknown; in the order of a categorical
    design : of all n rows
    named : keys start as it says, ``<pairs>.<later>-<earlier>`` and
        ``<standardised>.<later>-<earlier>``

    Returns
    -------
    Differences and their errors agree with R's ``svyby(covmat = TRUE)`` and ``svycontrast``, the
    test with ``regTermTest`` of a ``svyglm``.
    """
    values, groups = np.asarray(values, dtype=float), pd.Series(groups)
    if design.plain:
        return _simple(values, groups, named)
    codes, labels = _coded(groups)
    means = domain_means(values, codes, len(labels), design)
    present = np.flatnonzero(means.n)
    if len(present) < 2:
        return None
    pairs = list(combinations(present.tolist(), 2))
    spread = _spread(values, codes, design, means)
    scales = tuple(_pooled(spread, means.n, pair) for pair in pairs)
    slugs = {pair: f"{slug(labels[pair[1]])}-{slug(labels[pair[0]])}" for pair in pairs}
    names = {pair: f"{named.name}: {labels[pair[1]]} − {labels[pair[0]]}" for pair in pairs}
    standardised = [
        _standardised(
            means,
            pair,
            scale,
            design,
            key=f"{named.standardised}.{slugs[pair]}",
            name=names[pair],
            level=named.level,
            randomised=named.randomised,
        )
        for pair, scale in zip(pairs, scales, strict=True)
    ]
    return Compared(
        test=_test(means, design, named),
        pairs=tuple(_pairs(means, pairs, design, named, slugs, names)),
        standardised=tuple(standardised),
        scales=scales,
    )


def difference_in_sd(
    values: ArrayLike,
    first: np.ndarray,
    second: np.ndarray,
    *,
    design: Design,
    key: str,
    name: str,
    level: float = 0.95,
    randomised: bool = False,
    means: Domains | None = None,
) -> Estimate:
    """Hedges' g under the design: mean of the rows `second` less that of the rows `first`.

    The difference of weighted means over the weighted standard deviation within the two, with the
    exact small-sample factor; the interval inverts the noncentral t at the linearised error and
    the design's degrees of freedom. In a simple random sample it is `effects.hedges_g`.

    Parameters
    ----------
    first, second : (n,) bool, not overlapping
    means : of `first` and `second`, where they are known already
    """
    values = np.asarray(values, dtype=float)
    told = {"key": key, "name": name, "level": level, "randomised": randomised}
    if design.plain:
        return hedges_g(values[second], values[first], **told)
    codes = np.where(first, 0, np.where(second, 1, -1))
    means = means or domain_means(values, codes, 2, design)
    scale = _pooled(_spread(values, codes, design, means), means.n, (0, 1))
    return _standardised(means, (0, 1), scale, design, **told)


def _simple(values: np.ndarray, groups: pd.Series, named: Named) -> Compared | None:
    parts, _ = split(values, groups)
    if len(parts) < 2:
        return None
    shown = {"name": named.name, "level": named.level, "randomised": named.randomised}
    standardised, scales = [], []
    for a, b in combinations(parts, 2):
        key = f"{named.standardised}.{slug(b)}-{slug(a)}"
        told = shown | {"name": f"{named.name}: {b} − {a}"}
        standardised.append(hedges_g(parts[b], parts[a], key=key, **told))
        scales.append(pooled_sd(sample(parts[a]), sample(parts[b])))
    test = welch_anova(
        values, groups, key=named.test, name=f"{named.name}, {named.all_groups}", level=named.level
    )
    pairs = games_howell(values, groups, key=named.pairs, unit=named.unit, **shown)
    return Compared(test, tuple(pairs), tuple(standardised), tuple(scales))


def _coded(groups: pd.Series) -> tuple[np.ndarray, list[str]]:
    """The groups as numbers, -1 for none, in the order of `groups.split`."""
    if isinstance(groups.dtype, pd.CategoricalDtype):
        return groups.cat.codes.to_numpy(), [str(name) for name in groups.cat.categories]
    codes, names = pd.factorize(groups)
    return codes, [str(name) for name in names]


def _test(means: Domains, design: Design, named: Named) -> Estimate:
    present = np.flatnonzero(means.n)
    freedom = means.freedom(present, np.ones(len(present)))
    value, above, below, p = wald.equal_means(means.means, means.covariance, freedom)
    told = np.isfinite(value)
    return Estimate(
        key=named.test,
        name=f"{named.name}, {named.all_groups}",
        value=value if told else NAN,
        level=named.level,
        unit="statistic",
        n=int(means.n.sum()),
        n_dropped=int(means.dropped.sum()),
        method=f"Wald's F({above}, {below:g}), {design.words}, linearised variance"
        if told
        else "Wald's F: not computed, fewer than two groups whose answers vary",
        p=p if told else NAN,
        randomised=named.randomised,
    )


def _pairs(
    means: Domains,
    pairs: list[tuple[int, int]],
    design: Design,
    named: Named,
    slugs: dict[tuple[int, int], str],
    names: dict[tuple[int, int], str],
) -> list[Estimate]:
    found = [means.contrast(_signs(pair, len(means.n))) for pair in pairs]
    value, error, freedom = (np.array(part, dtype=float) for part in zip(*found, strict=True))
    size = int(np.count_nonzero(means.n))
    half, p = all_pairs(value, error, freedom, groups=size, level=named.level)
    return [
        Estimate(
            key=f"{named.pairs}.{slugs[pair]}",
            name=names[pair],
            value=float(value[row]),
            low=float(value[row] - half[row]),
            high=float(value[row] + half[row]),
            level=named.level,
            unit=named.unit,
            n=int(means.n[list(pair)].sum()),
            n_dropped=int(means.dropped[list(pair)].sum()),
            method=f"difference of means, {_words(design, freedom[row])}, "
            f"Tukey-simultaneous for {len(pairs)} pairs; p adjusted",
            p=float(p[row]),
            randomised=named.randomised,
        )
        for row, pair in enumerate(pairs)
    ]


def _words(design: Design, freedom: float) -> str:
    return method_words(design, int(freedom)).replace("t interval, ", "")


def _signs(pair: tuple[int, int], size: int) -> np.ndarray:
    signs = np.zeros(size)
    signs[pair[0]], signs[pair[1]] = -1.0, 1.0
    return signs


def _spread(
    values: np.ndarray, codes: np.ndarray, design: Design, means: Domains
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted squares of each group around its mean, and its sum of weights: (k,) both."""
    weights, size = design.row_weights(), len(means.n)
    used = np.flatnonzero(np.isfinite(values) & (weights > 0) & (codes >= 0))
    code, weight = codes[used].astype(np.intp), weights[used]
    squares = weight * (values[used] - means.means[code]) ** 2
    squares = np.bincount(code, weights=squares, minlength=size)
    return squares, np.bincount(code, weights=weight, minlength=size)


def _pooled(spread: tuple[np.ndarray, np.ndarray], n: np.ndarray, pair: tuple[int, int]) -> float:
    """Weighted standard deviation within two groups; NaN where it is unknown or zero."""
    both = list(pair)
    squares, weights = (float(part[both].sum()) for part in spread)
    people = int(n[both].sum())
    if people < 3 or (n[both] < 1).any() or not squares > 1e-20 * weights:
        return NAN
    return (squares / weights * people / (people - 2)) ** 0.5


def _standardised(
    means: Domains,
    pair: tuple[int, int],
    scale: float,
    design: Design,
    *,
    key: str,
    name: str,
    level: float,
    randomised: bool,
) -> Estimate:
    value, error, freedom = means.contrast(_signs(pair, len(means.n)))
    n = int(means.n[list(pair)].sum())
    correction = small_sample_factor(n - 2)
    g = low = high = NAN
    if scale == scale and correction == correction:
        g = value / scale * correction
    if g == g and error > 0 and freedom > 0:
        tails = ((1 + level) / 2, (1 - level) / 2)
        low, high = (
            float(special.nctdtrinc(freedom, tail, value / error)) * error / scale * correction
            for tail in tails
        )
    return Estimate(
        key=key,
        name=name,
        value=g,
        low=low,
        high=high,
        level=level,
        unit="SD",
        n=n,
        n_dropped=int(means.dropped[list(pair)].sum()),
        method="Hedges' g, exact correction, noncentral t interval on the linearised error, "
        f"{_words(design, freedom)}",
        randomised=randomised,
    )
