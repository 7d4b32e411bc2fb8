"""Change from one wave to the next, beside the change that these samples could have shown."""

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.methods.means import detectable, mean_difference, standard_error
from crmresearch.methods.proportions import nps_difference, share_difference
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey.metrics import headline_measures
from crmresearch.survey.sample import parts, sampling

POWER = 0.8
SIZES = {  # the unsigned unit of each signed one
    "points difference": "points",
    "share difference": "percentage points",
    "scale difference": "scale points",
}


def between_waves(survey: Survey, *, level: float = 0.95, min_cell: int = 2) -> list[Estimate]:
    """Change of every headline measure, and the smallest change that would have been found.

    People and accounts that answered in both waves are counted as one cluster each, so that the
    interval is that of a panel as far as the data are one.

    Parameters
    ----------
    min_cell : waves that may not be shown for being smaller are not compared either

    Returns
    -------
    ``change.nps`` and so on from the last wave but one to the last, without a group; the same
    between earlier waves with the group ``waves: A to B``; after each ``change.nps.detectable``,
    the true change that would be found with 80% power. Empty with a single wave.
    """
    everyone = {label: rows for _, label, rows in parts(survey, ("wave",))}
    basis = sampling(survey)
    found = []
    for measure in headline_measures(survey):
        known = np.isfinite(measure[3])
        sizes = {label: int((rows & known).sum()) for label, rows in everyone.items()}
        hidden = hidden_groups(sizes, min_cell)
        waves = [(label, rows) for label, rows in everyone.items() if label not in hidden]
        if measure[0] == "nps":  # the estimator takes the answers themselves
            measure = (*measure[:3], survey.score("recommend").to_numpy())
        for position in range(len(waves) - 1, 0, -1):
            pair = waves[position - 1], waves[position]
            last = position == len(waves) - 1
            found += _change(measure, *pair, basis, level, last)
    return found


def _change(
    measure: tuple[str, str, str, np.ndarray],
    earlier: tuple[str, np.ndarray],
    later: tuple[str, np.ndarray],
    basis: Design,
    level: float,
    last: bool,
) -> list[Estimate]:
    key, label, unit, values = measure
    settings = {
        "key": f"change.{key}",
        "name": f"{label}, {earlier[0]} to {later[0]}",
        "design": basis,
        "level": level,
        "group": "" if last else f"waves: {earlier[0]} to {later[0]}",
    }
    if key == "nps":
        change = nps_difference(values, earlier[1], later[1], **settings)
    elif unit == "share difference":
        change = share_difference(values, earlier[1], later[1], **settings)
    else:
        change = mean_difference(values, earlier[1], later[1], unit=unit, **settings)
    if not change.low <= change.high:
        return [change] if change.value == change.value else []
    smallest = Estimate(
        key=f"change.{key}.detectable",
        name=f"{settings['name']}: smallest change that would be found",
        value=detectable(standard_error(change), level=level, power=POWER),
        level=level,
        unit=SIZES[unit],
        n=change.n,
        n_dropped=change.n_dropped,
        method=f"two-sided test, {POWER:.0%} power, from the standard error of the change",
        group=settings["group"],
    )
    return [change, smallest]
