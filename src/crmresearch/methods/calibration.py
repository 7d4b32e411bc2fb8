"""Calibration: what is known of the population takes its part out of a standard error.

Weights that were raked to known shares leave no chance variation in those shares. What an estimate
owes to them is therefore no error: its linearised contributions are replaced by their residuals
from a regression on the margins, weighted by the weights before raking. Source: Deville & Särndal
(1992), Journal of the American Statistical Association 87, 376-382. The results agree with R's
``survey::calibrate(calfun = "raking")``. R's ``rake`` makes the same weights but regresses with
equal weights, ten sweeps over the margins; `base` of ones gives its errors too.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Raked(Protocol):
    """What is needed of a raking.

    Parameters
    ----------
    cells : (n,) integer codes of the combinations of the margins' answers
    table : (C, m) code of each margin's answer in each combination
    base : (n,) weights before raking, 0 for rows that do not count
    """

    cells: np.ndarray
    table: np.ndarray
    base: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The margins that weights were raked to; made by `calibration`.

    Parameters
    ----------
    cells : (n,) the combination of the margins' answers of each row
    base : (n,) weights before raking
    margins : (C, p) one 0/1 column an answer of a margin, one row a combination
    inverse : (p, p) generalised inverse of the weighted cross-products of the columns
    number : how many margins
    """

    cells: np.ndarray
    base: np.ndarray
    margins: np.ndarray
    inverse: np.ndarray
    number: int

    def residuals(self, influence: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Contributions (n,) to an estimate without what the margins explain of them.

        Parameters
        ----------
        influence : (n,) contributions, each the row's weight times its linearised value; 0 where
            the weight is
        weights : (n,) the raked weights
        """
        ratio = np.divide(self.base, weights, out=np.zeros_like(influence), where=weights > 0)
        sums = np.bincount(self.cells, weights=influence * ratio, minlength=len(self.margins))
        fitted = self.margins @ (self.inverse @ (self.margins.T @ sums))
        return influence - weights * fitted[self.cells]


def calibration(raking: Raked | None) -> Calibration | None:
    """The `Calibration` of a design whose weights were raked, such as ``Survey.raking()``."""
    if raking is None:
        return None
    margins = np.column_stack(
        [column[:, None] == np.arange(column.max() + 1) for column in raking.table.T]
    ).astype(float)
    totals = np.bincount(raking.cells, weights=raking.base, minlength=len(raking.table))
    products = margins.T @ (totals[:, None] * margins)
    return Calibration(
        cells=raking.cells,
        base=raking.base,
        margins=margins,
        inverse=np.linalg.pinv(products, rcond=1e-10, hermitian=True),
        number=raking.table.shape[1],
    )
