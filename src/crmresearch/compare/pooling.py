"""The mean of a quantity over reports, what to expect of one more, and how much reports vary."""

import dataclasses

from crmresearch.compare.matching import Quantity
from crmresearch.methods import meta
from crmresearch.report.estimates import NAN, Estimate

LEAST_POOLED = 3  # reports; two say nothing of how much reports differ


def pooled(quantity: Quantity) -> list[Estimate]:
    """The mean of the true values, what to expect of one more report, and how much they vary.

    Returns
    -------
    ``mean``, ``predicted``, ``between`` and ``inconsistency``, each with the quantity's place;
    nothing with fewer than `LEAST_POOLED` reports, and of what each report's answers picked for
    its size: the largest of several is above zero in every report though all are alike, and a
    mean of such numbers is sure of what none of them shows.
    """
    if len(quantity.rows) < LEAST_POOLED or quantity.picked:
        return []
    item = quantity.recovered
    found = meta.pool(item.transformed, item.errors**2)
    return [*_centre(quantity, found), *_spread(quantity, found)]


def _centre(quantity: Quantity, found: meta.Pooled) -> list[Estimate]:
    """The mean and what to expect of one more report, back in the published unit."""
    item, level = quantity.recovered, quantity.level
    scale = item.scale
    few = ", factor at least 1" if found.k < meta.FEW else ""
    on = f"random effects on {scale.name}, REML, k = {found.k}"
    low, high = item.possible([float(scale.back(x)) for x in found.interval(level)])
    ahead = item.possible([float(scale.back(x)) for x in found.prediction(level)])
    mean = dataclasses.replace(
        whole(quantity),
        key=f"mean.{quantity.place}",
        name=f"{quantity.words}: mean of the reports",
        value=float(scale.back(found.mean)),
        low=float(low),
        high=float(high),
        method=f"{on}, Hartung-Knapp t({found.df:.0f}) interval{few}",
    )
    predicted = dataclasses.replace(
        mean,
        key=f"predicted.{quantity.place}",
        name=f"{quantity.words}: one more like these",
        low=float(ahead[0]),
        high=float(ahead[1]),
        method=f"{on}, prediction interval, t({found.k - 2})",
    )
    return [mean, predicted]


def _spread(quantity: Quantity, found: meta.Pooled) -> list[Estimate]:
    """How much the true values vary, and what share of the observed spread that is."""
    item = quantity.recovered
    variances = item.errors**2
    ends = meta.between_interval(item.transformed, variances, level=quantity.level)
    inside = [min(meta.inconsistency(end, variances), 1.0) for end in ends]
    return [
        dataclasses.replace(
            whole(quantity),
            key=f"between.{quantity.place}",
            name=f"{quantity.words}: SD of the true values",
            value=found.tau2**0.5,
            low=ends[0] ** 0.5,
            high=ends[1] ** 0.5,
            unit="number",
            method=f"tau on {item.scale.name}, REML, Q-profile interval",
        ),
        dataclasses.replace(
            whole(quantity),
            key=f"inconsistency.{quantity.place}",
            name=f"{quantity.words}: spread that is not sampling error (I²)",
            value=found.i2,
            low=inside[0],
            high=inside[1],
            unit="share",
            method="I² at the REML variance, Q-profile interval",
        ),
    ]


def whole(quantity: Quantity) -> Estimate:
    """An estimate of all reports together, without key, name, value and method."""
    return Estimate(
        key="",
        name="",
        value=NAN,
        level=quantity.level,
        unit=quantity.unit,
        n=sum(item.n for item in quantity.estimates),
        n_dropped=sum(item.n_dropped for item in quantity.estimates),
        method="",
    )
