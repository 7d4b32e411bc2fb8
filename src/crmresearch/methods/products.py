"""An estimate times an amount less a cost, with an interval that allows for all three.

What an effect is worth depends on figures that no survey holds, such as a margin. Who states them
says how far they may be off; the estimate brings its sampling error. The interval below is made of
the distribution of the result, which is integrated, not simulated, so that it needs no seed.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

from crmresearch.report.estimates import NAN

NODES = 32


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure and what is not known of it.

    Parameters
    ----------
    value : the best guess
    off : half the width of the range around it in which every value is as likely (uniform)
    error : its standard error where it was estimated (normal)
    """

    value: float
    off: float = 0.0
    error: float = 0.0

    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """Values and their chances, by which a function of the amount is averaged (Gauss)."""
        values, chances = np.array([self.value]), np.ones(1)
        if self.off > 0:
            places, weights = np.polynomial.legendre.leggauss(NODES)
            values, chances = self.value + self.off * places, weights / 2
        if self.error > 0:
            places, weights = np.polynomial.hermite_e.hermegauss(NODES)
            values = np.add.outer(values, self.error * places).ravel()
            chances = np.multiply.outer(chances, weights / weights.sum()).ravel()
        return values, chances


def worth(
    effect: float,
    error: float,
    freedom: float,
    *,
    factor: Amount,
    less: Amount | None = None,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """`effect` times `factor`, `less` a cost, with its interval.

    Parameters
    ----------
    effect, error, freedom : the estimate, its standard error and degrees of freedom: the effect
        is taken as Student's t around the estimate
    factor, less : what one unit of the effect is worth, and what is taken off; none when None
    level : confidence level

    Returns
    -------
    value, low, high. The interval leaves the same chance on either side of it, where the effect,
    the factor and the cost vary independently of each other. NaN where the effect has no error;
    with figures known exactly it is the t interval of the effect, multiplied and moved.
    """
    less = less or Amount(0.0)
    value = effect * factor.value - less.value
    if not (np.isfinite(effect) and error > 0 and freedom > 0 and np.isfinite(factor.value)):
        return (value if np.isfinite(value) else NAN), NAN, NAN
    factors, chances = factor.nodes()
    costs, shares = less.nodes()
    weight = np.multiply.outer(chances, shares)

    def below(x: float) -> float:
        """Chance that the result is below `x`."""
        moved = np.add.outer(np.zeros(len(factors)), x + costs)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = (moved / factors[:, None] - effect) / error
        chance = special.stdtr(freedom, scaled)
        chance = np.where(factors[:, None] < 0, 1 - chance, chance)
        chance = np.where(factors[:, None] == 0, moved >= 0, chance)
        return float((weight * chance).sum())

    reach = abs(effect) + error * stats.t.ppf(1 - (1 - level) / 8, freedom)
    width = reach * np.abs(factors).max() + np.abs(costs - less.value).max() + abs(value)
    width = max(width, np.finfo(float).tiny)
    ends = []
    for chance in ((1 - level) / 2, (1 + level) / 2):
        low, high = value - width, value + width
        while below(low) > chance:
            low -= width
        while below(high) < chance:
            high += width
        ends.append(float(brentq(lambda x, p=chance: below(x) - p, low, high, xtol=1e-11 * width)))
    return value, *ends
