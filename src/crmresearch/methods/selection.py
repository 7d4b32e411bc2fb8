"""Selection on something that came afterwards: how much a chosen group is flattered by its choice.

People chosen for a high rating differ from all who gave one by more than the rating says, where
whatever else lifted the rating (a good mood, a forgiving nature) lifts the outcome as well.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods.association import spread_of
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import NAN


def intensity(chosen: float) -> float:
    """How far the highest share `chosen` of a normal rating lies above all, in its SD: λ(c).

    φ(c) / (1 − Φ(c)) with c the rating that the share exceeds; 0 where all are chosen.
    """
    if not 0 < chosen <= 1:
        return NAN
    return float(stats.norm.pdf(stats.norm.isf(chosen)) / chosen) if chosen < 1 else 0.0


@dataclass(frozen=True, slots=True)
class Selection:
    """How a group was chosen by a rating; made by `selection`."""

    chosen_by: float  # how far its mean rating lies above that of all, in SD
    spread: float  # SD of the outcome among all who gave a rating
    log_error: float  # standard error of the logarithm of the product of the two
    n: int  # who gave a rating and the outcome
    chosen: int

    @property
    def most(self) -> float:
        """What selection would add, in the outcome's unit, at a correlation of 1."""
        return self.spread * self.chosen_by


def selection(
    rating: np.ndarray,
    outcome: np.ndarray,
    chosen: np.ndarray,
    *,
    design: Design | None = None,
    held: int = 0,
) -> Selection:
    """The intensity of a selection as it happened, whatever the distribution of the rating.

    It supposes that the outcome's error is linear in the rating, not that either is normal; for a
    normal rating that is cut at one value it is `intensity` of the share chosen.

    Parameters
    ----------
    rating, outcome : (n,) float, or what covariates leave of them; rows with NaN are left out
    chosen : (n,) bool
    held : number of covariates that were taken out of both, for the degrees of freedom

    Returns
    -------
    NaN where nobody is chosen, or a side has no spread.
    """
    rating, outcome = np.asarray(rating, dtype=float), np.asarray(outcome, dtype=float)
    design = design or Design(len(rating))
    weights = design.row_weights()
    used = np.isfinite(rating) & np.isfinite(outcome) & (weights > 0)
    picked = np.asarray(chosen, dtype=bool)[used]
    n, share = int(used.sum()), weights[used] / max(weights[used].sum(), 1e-300)
    empty = Selection(NAN, NAN, NAN, n, int(picked.sum()))
    room = n - 1 - held
    if room < 1 or not picked.any():
        return empty
    first, second = (side[used] - share @ side[used] for side in (rating, outcome))
    first_spread, second_spread = (math.sqrt(share @ side**2) for side in (first, second))
    if min(first_spread, second_spread) <= 1e-12 * max(1.0, np.abs(outcome[used]).max()):
        return empty
    standard = first / first_spread
    part = share[picked].sum()
    above = float(share[picked] @ standard[picked] / part)
    # what each row adds to the logarithm of the mean of the chosen over the SD, and of the SD
    influence = np.where(picked, (standard - above) / part, 0.0) / above - (standard**2 - 1) / 2
    influence += ((second / second_spread) ** 2 - 1) / 2
    error, _ = spread_of(share * influence, used, design)
    return Selection(above, second_spread * math.sqrt(n / room), error, n, int(picked.sum()))


def correlation_to_reach(
    value: float, error: float, target: float, found: Selection
) -> tuple[float, float]:
    """The correlation of rating and error at which selection alone leaves `target` of a difference.

    Parameters
    ----------
    value, error : the difference of the chosen group and its standard error, in the outcome's unit
    target : what is to be left: 0 to explain it away

    Returns
    -------
    The correlation, and its standard error by the delta method with difference and selection taken
    for independent. Above 1 no correlation would do; below 0 selection is not what is needed.
    """
    if not found.most > 0:
        return NAN, NAN
    needed = (value - target) / found.most
    return needed, math.hypot(error / found.most, needed * found.log_error)
