"""Restricted cubic splines: smooth curves that are straight beyond their outermost knots."""

import numpy as np

PLACES = {  # Harrell (2015), Regression Modeling Strategies, table 2.3: quantiles of the knots
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
}


def knots(values: np.ndarray, *, number: int = 4) -> np.ndarray:
    """Knots at quantiles of the values, fewer where the values allow no more.

    Parameters
    ----------
    values : (n,) float, without missing
    number : 3, 4 or 5; 3 are taken of fewer than 100 values, or of fewer than twice as many
        different ones

    Returns
    -------
    (k,) rising knots; none where the values differ in fewer than three places, which bears only a
    straight line. Quantiles that fall together, as on a short scale, count once.
    """
    different = np.unique(values)
    if len(different) < 3:
        return np.empty(0)
    if len(values) < 100 or len(different) < 2 * number:
        number = 3
    places = np.unique(np.quantile(values, PLACES[number]))
    if len(places) < 3:
        places = different[[0, len(different) // 2, -1]]
    return places


def basis(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The columns of a restricted cubic spline without its constant.

    Parameters
    ----------
    values : (n,) float
    places : knots (k,), or none for a straight line

    Returns
    -------
    (n, max(k - 1, 1)): the value itself, then one column a bend. They span what R's
    ``splines::ns`` spans with the same knots, of which the first and last are its boundary.

    Source
    ------
    Harrell, F. E. (2015). Regression Modeling Strategies, 2nd ed., section 2.4.5.
    """
    values = np.asarray(values, dtype=float)
    columns = [values]
    if len(places) > 2:
        *inner, before, last = places
        width = (last - places[0]) ** 2
        tails = [np.maximum(values - place, 0.0) ** 3 for place in (before, last)]
        for place in inner:
            bend = np.maximum(values - place, 0.0) ** 3
            bend = bend - tails[0] * (last - place) / (last - before)
            columns.append((bend + tails[1] * (before - place) / (last - before)) / width)
    return np.column_stack(columns)
