"""How far the importance of drivers can be trusted: overlap, halo, prediction of new answers."""

import numpy as np

from crmresearch.methods.drivers import Fit
from crmresearch.methods.importance import Division
from crmresearch.methods.moments import Contributions, correlations, moments, percentiles
from crmresearch.methods.student import t_quantile
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import count

FOLDS = 10
REPEATS = 5  # divisions into folds; fewer where units are so many that one is like another
ENOUGH_UNITS = 2_000
REPEATED = 1e-10  # share of a driver's variance that others do not explain, below which it repeats


def inflation(matrices: np.ndarray) -> np.ndarray:
    """Variance inflation factors (..., p) from correlation matrices with the outcome last.

    1 / (1 - R²) of each driver on the others; NaN for one that repeats others exactly.
    """
    among = matrices[..., :-1, :-1]
    values, vectors = np.linalg.eigh(among)
    inverse = (vectors**2 / values.clip(min=REPEATED / 10)[..., None, :]).sum(axis=-1)
    return np.where(inverse > 1 / (REPEATED * 100), NAN, inverse)


def slopes(matrices: np.ndarray) -> np.ndarray:
    """Standardised regression coefficients (..., p) of the outcome, the last variable.

    Drivers that repeat each other share theirs equally.
    """
    among, outcome = matrices[..., :-1, :-1], matrices[..., :-1, -1:]
    return (np.linalg.pinv(among, rcond=1e-10, hermitian=True) @ outcome)[..., 0]


def held(matrices: np.ndarray) -> np.ndarray:
    """Correlation of each driver with the outcome, the mean of the other drivers held, (..., p).

    The drivers are standardised before the mean is taken. NaN for a single driver.
    """
    among, outcome = matrices[..., :-1, :-1], matrices[..., :-1, -1]
    p = among.shape[-1]
    if p < 2:
        return np.full(outcome.shape, NAN)
    rows = among.sum(axis=-1)
    with_rest = rows - 1  # covariance of each driver with the sum of the others
    rest = rows.sum(axis=-1)[..., None] - 2 * rows + 1  # its variance
    rest_outcome = outcome.sum(axis=-1)[..., None] - outcome
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = with_rest / np.sqrt(rest), rest_outcome / np.sqrt(rest)
        left = np.sqrt((1 - a**2).clip(min=0) * (1 - b**2).clip(min=0))
        return np.where(left > REPEATED, (outcome - a * b) / left, NAN)


def general(matrices: np.ndarray) -> np.ndarray:
    """R² of the mean of all standardised drivers alone, (...)."""
    among, outcome = matrices[..., :-1, :-1], matrices[..., :-1, -1]
    return outcome.sum(axis=-1) ** 2 / among.sum(axis=(-1, -2))


def first_component(matrices: np.ndarray) -> np.ndarray:
    """Share of the variance of all variables that their first principal component has, (...)."""
    return np.linalg.eigvalsh(matrices)[..., -1] / matrices.shape[-1]


def cross_validated(
    fit: Fit, *, key: str, name: str, rng: np.random.Generator, level: float = 0.95
) -> Estimate:
    """R² in answers that the model was not fitted to, by 10-fold cross-validation.

    Whole units (rows, or clusters) are held out; each fold's model is made from the moments of the
    others, and its squared error follows from the moments of the fold, each product over the rows
    that have both variables. Five random divisions into folds are averaged, one is used with 2,000
    units or more.

    Returns
    -------
    One less the mean squared error over the variance, with an interval from the linearised
    variance of that ratio between units, on the scale of log(1 - R²). The interval takes the
    fitted models as given (it tells how well they predict, not how well other samples' would).
    NaN where a fold would leave too few rows to fit.
    """
    parts = fit.parts
    number = len(parts.sums)
    folds = min(FOLDS, number)
    repeats = REPEATS if number < ENOUGH_UNITS else 1
    value = error = NAN
    if fit.n * (1 - 1 / folds) > parts.size + 1:
        rounds = [
            held_out(parts, rng.permutation(np.arange(number) % folds)) for _ in range(repeats)
        ]
        value = float(np.mean([one[0] for one in rounds]))
        error = _between(np.mean([one[1] for one in rounds], axis=0), parts.strata)
    low = high = NAN
    if np.isfinite(value) and value < 1 and np.isfinite(error) and error > 0:
        reach = t_quantile(0.5 + level / 2, number - 1) * error / (1 - value)
        low, high = (float(1 - (1 - value) * np.exp(sign * reach)) for sign in (1, -1))
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="R2",
        n=fit.n,
        n_dropped=fit.n_dropped,
        method=f"{folds}-fold cross-validation over {parts.unit}, {count(repeats, 'division')}, "
        f"linearised interval of log(1 - R²), {fit.words.partition(',')[0]}",
    )


def held_out(parts: Contributions, fold: np.ndarray) -> tuple[float, np.ndarray]:
    """R² of answers held out, and the influence of each unit on it.

    Parameters
    ----------
    fold : (units,) integer codes; each fold is predicted from the moments of all others
    """
    size, last = parts.size, parts.size - 1
    weight, x, squares, product = moments(parts.sums, size)
    totals = parts.total()
    own = range(size)
    all_weight = moments(totals, size)[0]
    errors, known = np.empty((len(fold), size, size)), weight
    for one in np.unique(fold):
        inside = fold == one
        others = totals - parts.sums[inside].sum(axis=0)
        w, sums, twos, _ = (part[own, own] for part in moments(others, size))
        means = sums / w
        spread = np.sqrt((twos / w - means**2).clip(min=0))
        matrix = correlations(others, size)
        if not (np.isfinite(matrix).all() and (spread > 0).all()):
            return NAN, np.full(len(fold), NAN)
        rule = np.append(slopes(matrix) * spread[last] / spread[:-1], -1.0)
        moved = product[inside] - means[:, None] * x[inside].swapaxes(1, 2)
        moved += means[:, None] * means * weight[inside] - means * x[inside]
        errors[inside] = moved * rule[:, None] * rule
    missed = errors.sum(axis=0) / all_weight
    loss = missed.sum()
    by_unit = ((errors - missed * known) / all_weight).sum(axis=(1, 2))
    total = all_weight[last, last]
    mean = x[:, last, last].sum() / total
    around = squares[:, last, last] - 2 * mean * x[:, last, last] + mean**2 * weight[:, last, last]
    variance = around.sum() / total
    spread_by_unit = (around - variance * weight[:, last, last]) / total
    ratio = loss / variance
    return float(1 - ratio), -(by_unit - ratio * spread_by_unit) / variance


def _between(influence: np.ndarray, strata: np.ndarray | None) -> float:
    """Standard error of a sum of the units' contributions, between units within strata."""
    codes = np.zeros(len(influence), dtype=int) if strata is None else strata
    sizes = np.bincount(codes)
    means = np.bincount(codes, weights=influence) / np.maximum(sizes, 1)
    means[sizes == 1] = influence.mean()
    factors = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    return float(np.sqrt((factors[codes] * (influence - means[codes]) ** 2).sum()))


def overall(
    fit: Fit, division: Division, *, key: str, rng: np.random.Generator, level: float = 0.95
) -> list[Estimate]:
    """R² when held out, what fitting flatters it by, and how far the ratings rise together.

    ``{key}.cv``, ``{key}.optimism``, ``{key}.component`` (the first principal component of drivers
    and outcome) and ``{key}.general`` (R² of the mean of all drivers alone).
    """
    common = {"level": level, "n": fit.n, "n_dropped": fit.n_dropped}
    tested = cross_validated(
        fit, key=f"{key}.cv", name="R² in held-out answers", rng=rng, level=level
    )
    optimism = Estimate(
        key=f"{key}.optimism",
        name="R² less R² in held-out answers",
        value=division.r2 - tested.value,
        unit="R2",
        method=tested.method,
        **common,
    )
    found = [tested, optimism]
    for name, words, unit, of in (
        ("general", "R² of the mean of all ratings alone", "R2", general),
        ("component", "Variance in the first component of ratings and outcome", "share",
         first_component),
    ):  # fmt: skip
        low, high = percentiles(of(fit.draws), level)
        found.append(
            Estimate(
                key=f"{key}.{name}",
                name=words,
                value=float(of(fit.matrix)),
                low=low,
                high=high,
                unit=unit,
                method=f"percentile interval, {fit.words}",
                **common,
            )
        )
    return found


KINDS = (
    ("alone", "alone", "correlation", "correlation", lambda one: one[..., :-1, -1]),
    ("held", "the mean of the other ratings held", "correlation", "partial correlation", held),
    ("beta", "all others held", "coefficient", "standardised coefficient", slopes),
    ("vif", "variance inflation", "ratio", "1 / (1 - R²) on the others", inflation),
)


def of_drivers(fit: Fit, *, key: str, names: dict[str, str], level: float = 0.95) -> list[Estimate]:
    """Each driver's association alone, with the general level held, with all others held, and VIF.

    The keys are ``{key}.alone.{driver}``, ``.held.``, ``.beta.`` and ``.vif.``; drivers without
    spread are left out.
    """
    found = []
    for kind, words, unit, method, of in KINDS:
        values, draws = of(fit.matrix), of(fit.draws)
        for position, column in enumerate(fit.columns):
            known = draws[:, position][np.isfinite(draws[:, position])]
            low, high = percentiles(known, level)
            found.append(
                Estimate(
                    key=f"{key}.{kind}.{column}",
                    name=f"{names.get(column, column)}, {words}",
                    value=float(values[position]),
                    low=low,
                    high=high,
                    level=level,
                    unit=unit,
                    n=fit.n,
                    n_dropped=fit.n_dropped,
                    method=f"{method}, percentile interval, {fit.words}",
                )
            )
    return found
