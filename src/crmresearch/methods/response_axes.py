"""Principal axes and stationary point of a response surface, where the data tell them.

The first axis runs where the surface falls least or rises most, the second across it. Source:
Edwards & Parry (1993), Academy of Management Journal 36(6):1577-1613.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from crmresearch.methods.response_surface import Surface, wald
from crmresearch.methods.student import t_quantile
from crmresearch.report.estimates import NAN, Estimate

_STEP = 1e-30  # of complex-step derivatives, which have no rounding error


def axes(
    surface: Surface, *, key: str = "surface", name: str = "", level: float = 0.95
) -> list[Estimate]:
    """Intercepts and slopes of the principal axes and the stationary point, by the delta method.

    The first axis, experienced = p10 + p11 expected, runs where the surface falls least or rises
    most, the second across it. Both go through the stationary point, and are taken here from the
    curvatures instead, since a ridge has axes and no stationary point. What the data leave open is
    NaN: directions where curvature might be the same everywhere (F of b4 = 0 and b3 = b5),
    intercepts where it might be nil across the axis, the point where it might be nil along one.
    """
    rows = {
        "p10": ("Intercept of the first principal axis (p10)", _first_intercept, "first"),
        "p11": ("Slope of the first principal axis (p11)", _first_slope, "direction"),
        "p20": ("Intercept of the second principal axis (p20)", _second_intercept, "second"),
        "p21": ("Slope of the second principal axis (p21)", _second_slope, "direction"),
        "x0": ("Stationary point, expected", _stationary_x, "point"),
        "y0": ("Stationary point, experienced", _stationary_y, "point"),
    }
    told = _determined(surface, level)
    return [
        _delta(surface, form, told[need], f"{key}.{feature}", f"{name}{label}", level)
        for feature, (label, form, need) in rows.items()
    ]


def _determined(surface: Surface, level: float) -> dict[str, bool]:
    """Which features of the surface the data tell at this level."""
    if not surface.known:
        return dict.fromkeys(("direction", "first", "second", "point"), False)
    direction = wald(surface, np.array([[0, 0, 0, 1, 0], [0, 0, 1, 0, -1]], dtype=float))[1]
    turned = direction < 1 - level
    return {
        "direction": turned,
        "first": turned and _clear(surface, _lower, level),
        "second": turned and _clear(surface, _upper, level),
        "point": _clear(surface, _determinant, level),
    }


def _clear(surface: Surface, form: Callable, level: float) -> bool:
    value, error = _with_error(surface, form)
    return bool(abs(value) > stats.t.ppf(0.5 + level / 2, surface.fit.df) * error)


def _with_error(surface: Surface, form: Callable) -> tuple[float, float]:
    """A smooth function of b1 to b5 with its delta-method error."""
    values, covariance = surface.slopes
    moved = values + _STEP * 1j * np.eye(len(values))
    slope = np.array([form(row).imag for row in moved]) / _STEP
    return float(form(values.astype(complex)).real), float(np.sqrt(slope @ covariance @ slope))


def _delta(
    surface: Surface,
    form: Callable,
    told: bool,
    key: str,
    name: str,
    level: float,
) -> Estimate:
    value = low = high = NAN
    method = "not determined by these data"
    if told:
        value, error = _with_error(surface, form)
        reach = t_quantile(0.5 + level / 2, surface.fit.df) * error
        low, high = value - reach, value + reach
        method = f"from the polynomial, delta method, {surface.fit.errors} errors"
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit="number",
        n=surface.fit.n,
        n_dropped=surface.fit.n_dropped,
        method=f"{method}; scales centred at {surface.centre:g}",
    )


def _root(b: Sequence) -> complex:
    return np.sqrt((b[2] - b[4]) ** 2 + b[3] ** 2)


def _lower(b: Sequence) -> complex:
    """Curvature across the first axis: half the second derivative."""
    return (b[2] + b[4] - _root(b)) / 2


def _upper(b: Sequence) -> complex:
    """Curvature along the first axis."""
    return (b[2] + b[4] + _root(b)) / 2


def _first_slope(b: Sequence) -> complex:
    if b[2].real > b[4].real:  # the same number, without a difference of nearly equal ones
        return b[3] / (b[2] - b[4] + _root(b))
    return (b[4] - b[2] + _root(b)) / b[3]


def _second_slope(b: Sequence) -> complex:
    return -1 / _first_slope(b)


def _first_intercept(b: Sequence) -> complex:
    return (_first_slope(b) * b[0] - b[1]) / (2 * _lower(b))


def _second_intercept(b: Sequence) -> complex:
    return (_second_slope(b) * b[0] - b[1]) / (2 * _upper(b))


def _determinant(b: Sequence) -> complex:
    return 4 * b[2] * b[4] - b[3] ** 2


def _stationary_x(b: Sequence) -> complex:
    return (b[1] * b[3] - 2 * b[0] * b[4]) / _determinant(b)


def _stationary_y(b: Sequence) -> complex:
    return (b[0] * b[3] - 2 * b[1] * b[2]) / _determinant(b)
