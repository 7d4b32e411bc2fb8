"""How many dimensions a set of ratings has: parallel analysis of their correlations.

Each eigenvalue of the correlation matrix is held against those of answers that have nothing to do
with each other (Horn 1965, *Psychometrika* 30, 179-185). The random matrices are drawn from the
Wishart distribution, which is that of the correlations of independent normal answers, so that a
million respondents cost no more than a hundred. Under weights and clusters they are drawn for the
number of independent, equally weighted respondents with whom correlations of unrelated items would
vary as much.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.correlations import Correlations
from crmresearch.report.estimates import NAN, Estimate

QUANTILE = 0.95  # of the random eigenvalues, as recommended by Glorfeld (1995)


@dataclass(frozen=True, slots=True, eq=False)
class Dimensions:
    """Observed eigenvalues beside random ones; made by `parallel`.

    Parameters
    ----------
    observed, low, high : (p,), the eigenvalues with their intervals, the largest first
    chance, usual : (p,), 95th percentile and mean of the random eigenvalues in the same place
    suggested, least, most : how many of the first eigenvalues lie above the 95th percentile, how
        many do so with their whole interval and how many with any of it
    by_mean : how many lie above the mean
    common : how many lie above the 95th percentile where the diagonal of both matrices holds what
        an item shares with the others (its squared multiple correlation)
    """

    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray
    chance: np.ndarray
    usual: np.ndarray
    suggested: int
    least: int
    most: int
    by_mean: int
    common: int


def parallel(
    found: Correlations, *, rng: np.random.Generator, draws: int = 500, level: float = 0.95
) -> Dimensions:
    """Hold the eigenvalues of a correlation matrix against those of unrelated answers.

    Parameters
    ----------
    draws : random matrices
    """
    observed = np.linalg.eigvalsh(found.matrix)[::-1]
    reach = stats.t.ppf(0.5 + level / 2, max(found.freedom, 1)) * found.errors
    low, high = observed - reach, observed + reach
    random = random_matrices(len(observed), found.effective, draws, rng)
    values = np.linalg.eigvalsh(random)[:, ::-1]
    chance = np.quantile(values, QUANTILE, axis=0)
    shared = np.quantile(np.linalg.eigvalsh(reduced(random))[:, ::-1], QUANTILE, axis=0)
    return Dimensions(
        observed=observed,
        low=low,
        high=high,
        chance=chance,
        usual=values.mean(axis=0),
        suggested=first(observed > chance),
        least=first(low > chance),
        most=first(high > chance),
        by_mean=first(observed > values.mean(axis=0)),
        common=first(np.linalg.eigvalsh(reduced(found.matrix))[::-1] > shared),
    )


def random_matrices(
    size: int, respondents: float, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Correlation matrices (draws, size, size) of independent normal answers.

    Bartlett's decomposition: a triangle of normal numbers with the roots of chi-squared ones on
    its diagonal. It needs more respondents than items; fewer are drawn one by one.
    """
    freedom = respondents - 1
    if freedom > size:
        roots = np.tril(rng.standard_normal((draws, size, size)), k=-1)
        diagonal = np.sqrt(rng.chisquare(freedom - np.arange(size), size=(draws, size)))
        roots[:, range(size), range(size)] = diagonal
    else:
        rows = rng.standard_normal((draws, max(int(respondents), 3), size))
        roots = np.swapaxes(rows - rows.mean(axis=1, keepdims=True), 1, 2)
    product = roots @ np.swapaxes(roots, 1, 2)
    spread = np.sqrt(np.diagonal(product, axis1=1, axis2=2))
    return product / (spread[:, :, None] * spread[:, None, :])


def reduced(matrices: np.ndarray) -> np.ndarray:
    """Correlation matrices (..., p, p) with squared multiple correlations on the diagonal."""
    size = matrices.shape[-1]
    least = np.linalg.eigvalsh(matrices)[..., 0].min()
    inverse = np.linalg.inv(matrices) if least > 1e-9 else np.linalg.pinv(matrices, hermitian=True)
    shared = 1 - 1 / np.maximum(np.diagonal(inverse, axis1=-2, axis2=-1), 1.0)
    return np.where(np.eye(size, dtype=bool), shared[..., None, :], matrices)


def first(above: np.ndarray) -> int:
    """How many of the first are all above, until one is not."""
    return int(np.logical_and.accumulate(above).sum())


def estimates(
    found: Correlations, made: Dimensions, *, key: str, name: str, level: float = 0.95
) -> list[Estimate]:
    """The number of dimensions, by three rules, and each eigenvalue beside the random one.

    Returns
    -------
    ``dimensions.{key}`` (with the interval from `least` to `most`), ``dimensions.{key}.mean`` and
    ``.common``; ``eigenvalue.{key}.1`` and ``chance.{key}.1``, and so on for each place.
    """
    settings = {"n": found.n, "n_dropped": found.n_dropped, "level": level}
    respondents = f"{found.effective:,.0f} independent respondents"
    rule = f"eigenvalues above the 95th percentile of random ones ({respondents})"
    numbers = [
        ("", made.suggested, f"{rule}; interval: whole interval above, to any of it above"),
        (".mean", made.by_mean, f"eigenvalues above the mean of random ones ({respondents})"),
        (".common", made.common, f"common factors: {rule}, squared multiple correlations"),
    ]
    rows = [
        Estimate(
            key=f"dimensions.{key}{suffix}",
            name=f"Dimensions of {name}{', by another rule' if suffix else ''}",
            value=float(value),
            low=NAN if suffix else float(made.least),
            high=NAN if suffix else float(made.most),
            unit="count",
            method=method,
            **settings,
        )
        for suffix, value, method in numbers
    ]
    words = found.words, f"95th percentile of unrelated answers of {respondents}"
    return rows + _places(made, words, key, name, settings)


def _places(
    made: Dimensions, words: tuple[str, str], key: str, name: str, settings: dict
) -> list[Estimate]:
    """Each eigenvalue, and after it the random one in the same place."""
    rows, size = [], len(made.observed)
    for place in range(size):
        label = f"{name}, eigenvalue {place + 1} of {size}"
        observed = Estimate(
            key=f"eigenvalue.{key}.{place + 1}",
            name=label,
            value=float(made.observed[place]),
            low=float(made.low[place]),
            high=float(made.high[place]),
            unit="number",
            method=f"of the correlations, {words[0]}",
            **settings,
        )
        chance = Estimate(
            key=f"chance.{key}.{place + 1}",
            name=f"{label}, by chance",
            value=float(made.chance[place]),
            unit="number",
            method=words[1],
            **settings,
        )
        rows += [observed, chance]
    return rows
