"""What the cases of break-even ask of its estimators."""

import numpy as np

from crmresearch.methods import splines
from crmresearch.methods.dose import Response, first_reached, respond
from crmresearch.methods.weighting import Design, design
from crmresearch.validation.references import golden_table

GRID = (2.0, 3.0, 4.0, 5.0)


def curve(weighted: bool) -> dict[str, float]:
    """Loyalty over justice among the recovered, beside the level of the others.

    Unweighted with independent rows, or with weights 1, 2, 3, … and every five rows an account.
    """
    found = _fit(weighted, np.array(GRID))
    errors = np.sqrt(np.diag(found.covariance))
    gaps = np.sqrt(np.diag(found.gap_covariance))
    numbers = {"level": found.level, "level_error": errors[-1], "straight": found.bend[0]}
    for place, at in enumerate(GRID):
        numbers |= {
            f"curve_{at:g}": found.curve[place],
            f"curve_error_{at:g}": errors[place],
            f"gap_error_{at:g}": gaps[place],
        }
    fine = np.linspace(3.6, 4.0, 801)
    numbers["crossing"] = first_reached(fine, _fit(weighted, fine, lower=6.0).gap)
    return {name: float(value) for name, value in numbers.items()}


def knots() -> dict[str, float]:
    """Four knots of justice among the recovered."""
    data = golden_table("recovery")
    places = splines.knots(data.loc[data["recovered"] == 1, "justice"].to_numpy())
    return {f"knot_{place}": float(value) for place, value in enumerate(places)}


def _fit(weighted: bool, grid: np.ndarray, *, lower: float = 0.0) -> Response:
    data = golden_table("recovery")
    row, treated = np.arange(len(data)), (data["recovered"] == 1).to_numpy()
    justice = data["justice"].to_numpy(float)
    sampling = design(len(data), 1 + row % 3, None, row // 5) if weighted else Design(len(data))
    return respond(
        data["loyalty"].to_numpy(float) - lower * treated,
        justice,
        treated,
        ~treated,
        data[["severity", "prior"]].to_numpy(float),
        design=sampling,
        grid=grid,
        places=splines.knots(justice[treated]),
        resamples=1,
        rng=np.random.default_rng(0),
    )
