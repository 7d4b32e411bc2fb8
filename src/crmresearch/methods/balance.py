"""How far apart two groups are in what was measured, before and after weighting."""

import numpy as np

from crmresearch.report.estimates import NAN


def standardised_differences(
    columns: np.ndarray,
    member: np.ndarray,
    weights: np.ndarray,
    *,
    base: np.ndarray | None = None,
) -> np.ndarray:
    """Differences of the columns' means under `weights`, in SD.

    The SD is the root mean square of the two groups' own, without balancing (with the survey
    weights `base`), so that it is the same before and after; NaN where a column does not vary.
    """
    base = np.ones(len(member)) if base is None else base
    means, variances = [], []
    for rows in (member, ~member):
        part, plain = weights * rows, base * rows
        means.append(part @ columns / part.sum())
        centre = plain @ columns / plain.sum()
        bessel = rows.sum() / max(rows.sum() - 1, 1)
        variances.append(plain @ (columns - centre) ** 2 / plain.sum() * bessel)
    spread = np.sqrt((variances[0] + variances[1]) / 2)
    return (means[0] - means[1]) / np.where(spread > 1e-12, spread, NAN)
