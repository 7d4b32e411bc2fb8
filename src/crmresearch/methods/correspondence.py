"""Correspondence analysis: how far groups differ in their shares, and along which axes.

Source: Greenacre (2017), *Correspondence Analysis in Practice*, 3rd edition; the arrows are those
of his contribution biplot (2013, Journal of Computational and Graphical Statistics 22(1):107-122).
The test of the inertia is the second-order correction of Rao & Scott (1984), Annals of Statistics
12(1):46-60, with the F reference of Thomas & Rao (1987), Journal of the American Statistical
Association 82, 630-636.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from crmresearch.report.estimates import NAN

_NOTHING = 1e-12  # inertia of an axis that is rounding alone


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """The axes along which G groups differ most in their shares of K categories.

    Parameters
    ----------
    profiles : (G, K) shares of each group
    masses : (G,) weights of the groups, which add up to 1
    centre : (K,) the weighted mean of the profiles
    inertia : (R,) of each axis: weighted mean square of the groups' places on it
    arrows : (K, R) direction of each category; the squares on an axis add up to 1 and are the
        parts of its inertia that the categories make up
    """

    profiles: np.ndarray
    masses: np.ndarray
    centre: np.ndarray
    inertia: np.ndarray
    arrows: np.ndarray

    @property
    def total(self) -> float:
        """Inertia of all axes: Pearson's chi-squared over the sum of the table, where it is one."""
        return float(self.inertia.sum())

    @property
    def shown(self) -> np.ndarray:
        """(R,) share of the inertia of each axis."""
        return self.inertia / self.total if self.total > 0 else np.full(len(self.inertia), NAN)

    @property
    def onto(self) -> np.ndarray:
        """(K, R) what a share adds to a place: places are differences of shares times this."""
        return self.arrows / np.sqrt(self.centre)[:, None]

    @property
    def places(self) -> np.ndarray:
        """(G, R) principal coordinates of the groups: their distances are chi-squared distances."""
        return (self.profiles - self.centre) @ self.onto

    @property
    def categories(self) -> np.ndarray:
        """(K, R) principal coordinates of the categories."""
        return self.onto * np.sqrt(self.inertia)


def correspondence(profiles: np.ndarray, masses: np.ndarray) -> Axes:
    """The axes of the groups' `profiles` (G, K) with `masses` (G,), of any sum.

    Profiles that were corrected for error may hold shares a little below 0. Categories that nobody
    is in have no place and no arrow. Axes point to where their longest arrow does.

    Raises
    ------
    ValueError
        Where a mass is negative or all are zero, or a category is on the whole below zero.
    """
    masses = np.asarray(masses, dtype=float)
    if (masses < 0).any() or not masses.sum() > 0:
        raise ValueError("masses are positive numbers, at least one above zero")
    masses = masses / masses.sum()
    centre = masses @ profiles
    if (centre < 0).any():
        raise ValueError("a category has a negative share on the whole")
    held = centre > 0
    apart = (profiles[:, held] - centre[held]) / np.sqrt(centre[held])
    _, lengths, axes = np.linalg.svd(np.sqrt(masses)[:, None] * apart, full_matrices=False)
    kept = slice(0, int((lengths**2 > _NOTHING).sum()))
    arrows = np.zeros((len(centre), len(lengths[kept])))
    arrows[held] = axes[kept].T
    longest = np.abs(arrows).argmax(axis=0) if arrows.size else np.zeros(0, dtype=int)
    arrows *= np.where(arrows[longest, np.arange(arrows.shape[1])] < 0, -1.0, 1.0)
    positive = np.where(held, centre, 1.0)
    return Axes(profiles, masses, positive, lengths[kept] ** 2, arrows)


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """What chance makes of the inertia and of the groups' places.

    Parameters
    ----------
    expected : inertia that chance alone makes on average
    value, above, below, p : F of the inertia against it, its degrees of freedom and p
    apart : (G, K, K) covariance of each profile's difference from the centre
    """

    expected: float
    value: float
    above: float
    below: float
    p: float
    apart: np.ndarray = field(repr=False)

    def covariance(self, onto: np.ndarray) -> np.ndarray:
        """(G, R, R) of the groups' places on axes (K, R)."""
        return np.einsum("ka,gkl,lb->gab", onto, self.apart, onto, optimize=True)


def chance(axes: Axes, covariance: np.ndarray, freedom: float) -> Chance:
    """Test that all groups have the same shares, and how surely their profiles are known.

    Parameters
    ----------
    covariance : (G, K, G, K) of the profiles
    freedom : degrees of freedom of the covariance
    """
    groups, width = axes.profiles.shape
    from_centre = np.eye(groups) - axes.masses  # a profile less the centre, which is made of all
    moved = np.einsum("gh,hkil,ji->gkjl", from_centre, covariance, from_centre, optimize=True)
    scale = np.sqrt(axes.masses)[:, None] / np.sqrt(axes.centre)
    standard = (scale[:, :, None, None] * moved * scale).reshape(groups * width, -1)
    expected, square = float(np.trace(standard)), float((standard**2).sum())
    apart = np.einsum("gkgl->gkl", moved)
    if not (expected > 0 and freedom > 0):
        return Chance(NAN, NAN, NAN, NAN, NAN, apart)
    above = expected**2 / square
    value = axes.total / expected
    p = float(stats.f.sf(value, above, above * freedom))
    return Chance(expected, value, above, above * freedom, p, apart)


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """How many standard errors the interval or the region of a place reaches.

    Parameters
    ----------
    single : (R,) on each of the axes drawn
    joint : on all of them together, as a radius in the metric of their covariance
    """

    single: np.ndarray
    joint: float


def reach(
    axes: Axes,
    covariance: np.ndarray,
    made: Chance,
    *,
    drawn: int = 2,
    level: float = 0.95,
    freedom: float,
    draws: int = 400,
    seed: int = 0,
) -> Reach:
    """What an interval must reach to hold a group's true place on the axes found.

    Axes are turned to where the groups lie furthest apart, by chance as well, so that normal
    quantiles reach too little, the less the surer the axes are. Tables are drawn around the
    profiles and analysed anew, after the profiles were drawn together until chance would make the
    inertia found (into one where the test does not tell it from chance). The reach is the quantile,
    over draws and groups, of how far a place lies from the true one on the draw's own axes. Normal
    draws are stretched to Student's t.

    Parameters
    ----------
    covariance : (G, K, G, K) of the profiles
    drawn : axes, at most as many as there are
    """
    groups, width = axes.profiles.shape
    scale = np.sqrt(axes.masses)[:, None] / np.sqrt(axes.centre)
    kept = np.sqrt(max(0.0, 1 - made.expected / axes.total)) if made.p < 1 - level else 0.0
    flat = covariance.reshape(groups * width, -1)
    tiny = 1e-10 * np.trace(flat) / len(flat) * np.eye(len(flat))
    root = np.linalg.cholesky(flat + tiny)
    noise = np.random.default_rng(seed).standard_normal((draws, len(flat))) @ root.T
    noise = noise.reshape(draws, groups, width)
    noise -= (axes.masses @ noise)[:, None, :]
    table = scale * (kept * (axes.profiles - axes.centre) + noise)
    turned = np.linalg.eigh(table.transpose(0, 2, 1) @ table)[1][:, :, : -drawn - 1 : -1]
    onto = turned / np.sqrt(axes.centre)[:, None]
    away = noise @ onto
    spread = np.einsum("dka,gkl,dlb->dgab", onto, made.apart, onto, optimize=True)
    across = np.sqrt(np.einsum("dgaa->dga", spread))
    with np.errstate(invalid="ignore", divide="ignore"):
        single = np.nanquantile(np.abs(away) / across, level, axis=(0, 1))
    least = 1e-10 * np.einsum("dgaa->dg", spread)[..., None, None] + np.finfo(float).tiny
    inverse = np.linalg.inv(spread + least * np.eye(drawn))
    square = np.einsum("dga,dgab,dgb->dg", away, inverse, away, optimize=True)
    wider = stats.t.ppf(0.5 + level / 2, freedom) / stats.norm.ppf(0.5 + level / 2)
    both = stats.f.ppf(level, drawn, freedom) * drawn / stats.chi2.ppf(level, drawn)
    return Reach(single * wider, float(np.sqrt(np.quantile(square, level) * both)))


def region(place: np.ndarray, covariance: np.ndarray, reach: float, points: int = 60) -> np.ndarray:
    """(points, 2) outline of the ellipse around a place that reaches so many standard errors."""
    sizes, turned = np.linalg.eigh(covariance)
    angle = np.linspace(0, 2 * np.pi, points)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return place + reach * (circle * np.sqrt(sizes.clip(min=0))) @ turned.T
