"""Indirect, direct and total effects of a mediation model, and what would undo an indirect one.

The word effect is the method's: in a cross-section all of them are associations. The sensitivity is
that of Imai, Keele & Yamamoto (2010), Statistical Science 25(1), 51-71, whose solution for linear
models is exact: an unmeasured cause that both mediator and outcome share makes their errors
correlate, and the indirect effect is zero where that correlation is the partial one.
"""

from collections.abc import Collection, Sequence
from itertools import product

import numpy as np

from crmresearch.methods.mediation import Model, Moments, Route, along, slopes
from crmresearch.methods.resample_intervals import interval
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.numbers import format_number

WORDS = {"percentile": "percentile interval", "bca": "bias-corrected and accelerated interval"}


def effect(
    model: Model,
    routes: Sequence[Route],
    *,
    key: str,
    name: str,
    level: float = 0.95,
    kind: str = "percentile",
    standardised: bool = True,
    as_is: Collection[str] = (),
    method: str = "product of coefficients",
    **fields,
) -> Estimate:
    """What goes along some routes, added up, with its bootstrap interval.

    Parameters
    ----------
    routes : from `Model.routes`; those of several causes may be added
    kind : ``percentile`` or ``bca``. In simulations of 60 to 1,000 rows, 95% percentile intervals
        of a product covered 93 to 99%. Where one of two coefficients was zero they covered 95 to
        96% with 60 to 100 rows, BCa intervals 92 to 93%; where both were, either more than 99%.
    standardised : in standard deviations of the outcome by one of the cause, each as it is in the
        resample; otherwise in their own units
    as_is : causes that are not divided by their spread, such as a yes or no
    """
    settings = (model, routes, standardised, as_is)
    value = float(_amount(*settings, model.whole, model.slopes))
    draws = _amount(*settings, model.drawn, model.drawn_slopes)
    left_out = None
    if kind == "bca":
        left_out = _amount(*settings, model.without, slopes(model.without.squares, model.stages))
    low, high = interval(value, draws, left_out, level=level, kind=kind)
    error = float(draws.std(ddof=1)) if len(draws) > 1 else NAN
    words = f"{method}, {WORDS[kind]}, {model.words}, error {format_number(error, 'error')}"
    if model.plain and routes and min(map(len, routes)) > 2:
        classical = delta_error(model, routes, standardised=standardised, as_is=as_is)
        words += f" (delta method, Sobel: {format_number(classical, 'error')})"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        n=model.n,
        n_dropped=model.n_dropped,
        method=words,
        **({"unit": "SD" if standardised else "scale difference"} | fields),
    )


def share(
    model: Model, part: Sequence[Route], whole: Sequence[Route], *, key: str, name: str,
    level: float = 0.95, **fields,
) -> Estimate:  # fmt: skip
    """What goes along `part` as a share of what goes along `whole`, which must be clear of zero.

    A ratio says nothing where its divisor may be zero: there it has no value. Standard deviations
    of causes as they are, so that routes of several causes are added per one SD of each.
    """
    common = {"key": key, "name": name, "level": level, "unit": "share"} | fields
    common |= {"n": model.n, "n_dropped": model.n_dropped}
    total = effect(model, whole, key=key, name=name, level=level)
    if not (total.low > 0 or total.high < 0):
        return Estimate(value=NAN, method="not told: the total is not clear of zero", **common)
    settings = (True, ())
    parts = [
        _amount(model, part, *settings, moments, found)
        / _amount(model, whole, *settings, moments, found)
        for moments, found in ((model.whole, model.slopes), (model.drawn, model.drawn_slopes))
    ]
    value = float(parts[0])
    low, high = interval(value, parts[1], level=level)
    words = f"indirect by total, percentile interval, {model.words}"
    return Estimate(value=value, low=low, high=high, method=words, **common)


def delta_error(
    model: Model,
    routes: Sequence[Route],
    *,
    divisor: str = "df",
    standardised: bool = False,
    as_is: Collection[str] = (),
) -> float:
    """Error of what goes along some routes by the delta method; of two coefficients it is Sobel's.

    Classical: for independent rows that count alike, and with spreads taken as known.

    Parameters
    ----------
    divisor : of the residual variances: ``df``, as least squares has it, or ``n``, as maximum
        likelihood does
    """
    edges = sorted({pair for route in routes for pair in zip(route, route[1:], strict=False)})
    gradient = np.zeros(len(edges))
    for route in routes:
        factor = _factor(model, route, standardised, as_is, model.whole)
        steps = list(zip(route, route[1:], strict=False))
        for place, step in enumerate(steps):
            others = steps[:place] + steps[place + 1 :]
            slope = np.prod([model.slopes[target, source] for source, target in others])
            gradient[edges.index(step)] += float(factor * slope)
    spread = np.zeros((len(edges), len(edges)))
    for stage in np.unique(model.stages)[1:]:
        own = [at for at, (_, target) in enumerate(edges) if model.stages[target] == stage]
        covariance = _coefficient_covariance(model, stage, divisor)
        for one, other in product(own, own):
            spread[one, other] = covariance(edges[one], edges[other])
    return float(np.sqrt(max(gradient @ spread @ gradient, 0.0)))


def zero_correlation(
    model: Model, mediator: str, outcome: str, *, key: str, name: str, level: float = 0.95, **fields
) -> Estimate:
    """The correlation of errors at which everything that goes from mediator to outcome is zero.

    The partial correlation of the two given all else that the outcome is regressed on. An
    unmeasured cause of both undoes every indirect effect through the mediator where it makes
    their errors correlate so. A cause that explains as much of the one error as of the other must
    then explain this share, without its sign, of each.
    """
    value = float(_partial(model, model.whole, mediator, outcome))
    low, high = interval(value, _partial(model, model.drawn, mediator, outcome), level=level)
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        n=model.n,
        n_dropped=model.n_dropped,
        method=f"partial correlation, percentile interval, {model.words}",
        **({"unit": "correlation"} | fields),
    )


def at_correlation(
    model: Model, routes: Sequence[Route], correlation: float, *, key: str, name: str,
    level: float = 0.95, as_is: Collection[str] = (), **fields,
) -> Estimate:  # fmt: skip
    """What would go along some routes were the errors of the last mediator and outcome correlated.

    Parameters
    ----------
    routes : all through the same mediator last, to the same outcome
    correlation : of the errors, above -1 and below 1; at 0 it is `effect`
    """
    mediator, outcome = routes[0][-2:]
    parts = []
    for moments, found in ((model.whole, model.slopes), (model.drawn, model.drawn_slopes)):
        changed = found.copy()
        names = (model.names[mediator], model.names[outcome])
        changed[..., outcome, mediator] = _slope_at(model, moments, *names, correlation)
        parts.append(_amount(model, routes, True, as_is, moments, changed))
    value = float(parts[0])
    low, high = interval(value, parts[1], level=level)
    words = f"errors correlated by {correlation:g}, percentile interval, {model.words}"
    return Estimate(
        key=key, name=name, value=value, low=low, high=high, level=level, n=model.n,
        n_dropped=model.n_dropped, method=words, **({"unit": "SD"} | fields),
    )  # fmt: skip


def _amount(
    model: Model, routes: Sequence[Route], standardised: bool, as_is: Collection[str],
    moments: Moments, coefficients: np.ndarray,
) -> np.ndarray:  # fmt: skip
    total = np.zeros(coefficients.shape[:-2])
    for route in routes:
        factor = _factor(model, route, standardised, as_is, moments)
        total = total + factor * along(coefficients, [route])
    return total


def _factor(
    model: Model, route: Route, standardised: bool, as_is: Collection[str], moments: Moments
) -> np.ndarray | float:
    if not standardised:
        return 1.0
    unit = 1.0 if model.names[route[0]] in as_is else moments.deviations[..., route[0]]
    return unit / moments.deviations[..., route[-1]]


def _coefficient_covariance(model: Model, stage: int, divisor: str):
    """What gives the covariance of two coefficients (source, target) of one stage's variables."""
    squares = model.whole.squares
    before, own = np.flatnonzero(model.stages < stage), np.flatnonzero(model.stages == stage)
    inverse = np.linalg.inv(squares[np.ix_(before, before)])
    across = squares[np.ix_(before, own)]
    left = squares[np.ix_(own, own)] - across.T @ inverse @ across
    left = left / (model.n - (0 if divisor == "n" else model.covariates + len(before)))
    row = {int(place): at for at, place in enumerate(before)}
    column = {int(place): at for at, place in enumerate(own)}
    return lambda one, other: (
        left[column[one[1]], column[other[1]]] * inverse[row[one[0]], row[other[0]]]
    )


def _residual(model: Model, moments: Moments, mediator: str, outcome: str) -> np.ndarray:
    """Cross-products (..., 2, 2) of mediator and outcome given all else behind the outcome."""
    pair = [model.place(mediator), model.place(outcome)]
    known = np.flatnonzero(model.stages < model.stages[pair[1]])
    given = known[known != pair[0]]
    squares = moments.squares
    own = squares[..., np.array(pair)[:, None], pair]
    if not len(given):
        return own
    across = squares[..., given[:, None], pair]
    solved = np.linalg.solve(squares[..., given[:, None], given], across)
    return own - np.swapaxes(across, -1, -2) @ solved


def _partial(model: Model, moments: Moments, mediator: str, outcome: str) -> np.ndarray:
    left = _residual(model, moments, mediator, outcome)
    return left[..., 0, 1] / np.sqrt(left[..., 0, 0] * left[..., 1, 1])


def _slope_at(
    model: Model, moments: Moments, mediator: str, outcome: str, correlation: float
) -> np.ndarray:
    """The mediator's coefficient were its error and the outcome's correlated so."""
    left = _residual(model, moments, mediator, outcome)
    partial = left[..., 0, 1] / np.sqrt(left[..., 0, 0] * left[..., 1, 1])
    shrink = np.sqrt((1 - partial**2).clip(min=0.0) / (1 - correlation**2))
    return np.sqrt(left[..., 1, 1] / left[..., 0, 0]) * (partial - correlation * shrink)
