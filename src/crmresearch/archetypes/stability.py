"""Would other respondents have given the same types? Resamples refitted and compared."""

import numpy as np

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.matching import align, shared
from crmresearch.archetypes.refits import refit, resampled, starts_near
from crmresearch.archetypes.types import Types
from crmresearch.methods.resample_intervals import interval
from crmresearch.report.estimates import Estimate

RESAMPLES = 100
_FEWEST = 20  # respondents
_RANDOM = 3  # starts beside the types found
_WORK, _LEAST = 8e7, 40  # numbers refitted at once, beyond which resamples are fewer, to this many


def stability(types: Types, *, resamples: int = RESAMPLES, seed: int = 20260101) -> list[Estimate]:
    """How far resamples of the respondents give the same types.

    Each resample, of whole clusters where there are any, is fitted from the types found and from
    random starts; everybody is placed by its types and by those found. Agreement of the two
    placings is the adjusted Rand index (Hubert & Arabie 1985, Journal of Classification
    2:193-218), 1 for the same and 0 for what chance would give. A type is recovered as far as
    the respondents whom both put there are a share of those whom either does (the Jaccard
    coefficient; Hennig 2007, Computational Statistics & Data Analysis 52:258-271), its partner
    being found by whom the types hold, since their order means nothing.

    Parameters
    ----------
    resamples : how many; fewer of a very large table of answers, as the method then tells

    Returns
    -------
    ``type.stability``, and ``type.recovered`` of each type: medians over the resamples, and the
    range that holds the middle `level` of them, which is how much a new sample may differ and not
    a confidence interval.
    """
    patterns, classes = types.model.patterns, types.model.classes
    if classes == 1 or types.indicators.as_chosen or patterns.n < _FEWEST:
        return []
    rng = np.random.default_rng([seed, 102])
    one = patterns.onehot.size * classes * (1 + _RANDOM)
    resamples = min(resamples, max(_LEAST, int(_WORK // one)))
    weights = resampled(patterns, types.indicators.design, resamples, rng)
    found = refit(patterns, weights, *starts_near(types.model, resamples, _RANDOM, rng))
    agreement, recovered = np.empty(resamples), np.empty((resamples, classes))
    for draw in range(resamples):
        placed = posterior(patterns, found.shares[:, draw], found.probs[:, draw])[1]
        table = shared(types.model.posterior, placed, patterns.weight) * patterns.n
        agreement[draw] = adjusted_rand(table)
        recovered[draw] = jaccard(table)
    return [
        _estimate(types, agreement, key="type.stability", name="Agreement of resampled types"),
        *(
            _estimate(
                types,
                recovered[:, k],
                key="type.recovered",
                name="Recovered in resamples",
                group=f"type: {label}",
                n=round(float(types.model.shares[k]) * patterns.n),
            )
            for k, label in enumerate(types.labels)
        ),
    ]


def adjusted_rand(table: np.ndarray) -> float:
    """Agreement of two partitions, 1 for the same and 0 on average for unrelated ones.

    `table` counts respondents by their part in the first and in the second.
    """
    together, rows, columns, most = (
        float((counts * (counts - 1)).sum()) / 2
        for counts in (table, table.sum(axis=1), table.sum(axis=0), table.sum())
    )
    chance = rows * columns / most
    middle = (rows + columns) / 2
    return 1.0 if middle == chance else (together - chance) / (middle - chance)


def jaccard(table: np.ndarray) -> np.ndarray:
    """(K,) of each row's part: those also in its partner, of those in either of the two."""
    either = table.sum(axis=1)[:, None] + table.sum(axis=0) - table
    partner = align(-table)
    known = partner >= 0
    rows = np.flatnonzero(known)
    shared_by = np.zeros(len(table))
    shared_by[known] = table[rows, partner[known]] / np.maximum(either[rows, partner[known]], 1e-9)
    return shared_by


def _estimate(types: Types, draws: np.ndarray, *, n: int | None = None, **fields) -> Estimate:
    patterns, design = types.model.patterns, types.indicators.design
    value = float(np.median(draws))
    low, high = interval(value, draws, level=types.level)
    of = f"resampled by {design.cluster_name}" if design.clusters is not None else "resamples"
    measure = "adjusted Rand index" if n is None else "Jaccard coefficient"
    return Estimate(
        **fields,
        value=value,
        low=low,
        high=high,
        level=types.level,
        unit="coefficient",
        n=patterns.n if n is None else n,
        n_dropped=patterns.n_dropped if n is None else 0,
        method=f"{measure}, median of {len(draws)} {of}, and the range of the middle ones",
    )
