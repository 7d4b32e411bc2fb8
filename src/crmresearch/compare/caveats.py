"""Caveats of a comparison: what changes how its numbers should be read."""

from collections.abc import Iterator, Sequence

from crmresearch.compare.matching import Quantity
from crmresearch.compare.naming import Lineup
from crmresearch.methods import meta
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_level

SCALED = {"scale points", "scale difference"}
_NAMED = 3  # quantities that a caveat names
_MANY, _UNSURE = 12, 20  # reports and degrees of freedom: with more and fewer, intervals held less
_FEWEST = 5  # degrees of freedom, with fewer of which this is so for half as many reports


def caveats(lineup: Lineup, main: Sequence[Quantity]) -> list[Caveat]:
    """Those that fire for the reports and for the quantities that are drawn."""
    found = [
        *(_few(lineup), _several_surveys(lineup, main), _levels(main), _names(main)),
        *(_picked(main), _small(main)),
    ]
    return [item for some in found for item in some]


def _few(lineup: Lineup) -> Iterator[Caveat]:
    k = len(lineup.reports)
    if k < meta.FEW:
        pooled = (
            "No mean is pooled of two."
            if k == 2
            else "The interval of a mean of so few is wide, as it must be, and never shorter than "
            "sampling error alone would make it."
        )
        yield Caveat(
            key="compare.few",
            text=f"{count(k, 'report')} say next to nothing of how much the true values vary from "
            f"one report to the next. {pooled}",
        )


def _several_surveys(lineup: Lineup, main: Sequence[Quantity]) -> Iterator[Caveat]:
    """Scale points of two surveys are the same unit only where the scales are."""
    datasets = {item.dataset for item in lineup.reports}
    if len(datasets) > 1 and any(item.unit in SCALED for item in main):
        yield Caveat(
            key="compare.scales",
            text=f"The reports are of {len(datasets):,} surveys. Numbers in scale points are "
            "compared as they are: that makes sense only where the questions and their scales "
            "were the same, which the reports do not tell.",
        )


def _levels(main: Sequence[Quantity]) -> Iterator[Caveat]:
    for quantity in main:
        levels = sorted({item.level for item in quantity.estimates})
        if len(levels) > 1:
            told = " or ".join(format_level(level) for level in levels)
            yield Caveat(
                key="compare.levels",
                text=f"The reports do not have one confidence level ({told}). Their intervals are "
                f"shown at {format_level(quantity.level)}, by the standard errors behind them.",
            )
            return


def _names(main: Sequence[Quantity]) -> Iterator[Caveat]:
    """One key, several names: what the data chose, such as the strongest driver."""
    unlike = [item for item in main if len({x.name for x in item.estimates}) > 1]
    if unlike:
        told = "; ".join(f"{x.name} is elsewhere {_other(x)}" for x in unlike[:_NAMED])
        yield Caveat(
            key="compare.names",
            text=f"{count(len(unlike), 'quantity is', 'quantities are')} not named alike in all "
            f"reports ({told}). They are compared as one quantity because the notebook gives them "
            "one key; what it is of was chosen by the data of each report.",
        )


def _picked(main: Sequence[Quantity]) -> Iterator[Caveat]:
    """The largest of several numbers is above what it truly is, and more so in small reports."""
    picked = [item.words for item in main if item.picked]
    if picked:
        more = f" and {len(picked) - _NAMED} more" if len(picked) > _NAMED else ""
        yield Caveat(
            key="compare.picked",
            text=f"Each report picked by its own answers what these are of: "
            f"{'; '.join(picked[:_NAMED])}{more}. The largest of several is as a rule larger than "
            "it truly is, the more so the fewer answers a report has: no mean is made of these, "
            "and a difference between reports may be one of their sizes.",
        )


def _small(main: Sequence[Quantity]) -> Iterator[Caveat]:
    """Over many reports even t quantiles do not make up for errors that are hardly known."""
    small = [item for item in main if _unsure(item)]
    if small:
        words = [item.words for item in small]
        more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
        fewest = min(float(item.recovered.freedom.min()) for item in small)
        most = max(len(item.rows) for item in small)
        yield Caveat(
            key="compare.small",
            text=f"Standard errors rest on as few as {fewest:,.0f} degrees of freedom, such as "
            f"those of few answers or few clusters, in: {'; '.join(words[:_NAMED])}{more}. The "
            "intervals and tests allow for that, but not wholly where so many reports "
            f"({most:,}) are compared at once: in simulations with 9 degrees of freedom all 95% "
            "intervals of pairs held together in 94 of a hundred samples for 12 reports, in 90 for "
            "40; with 4 in 92 and 82.",
        )


def _unsure(item: Quantity) -> bool:
    k, fewest = len(item.rows), item.recovered.freedom.min()
    return bool((k > _MANY and fewest < _UNSURE) or (k > _MANY / 2 and fewest < _FEWEST))


def _other(quantity: Quantity) -> str:
    """The first name that is not the quantity's."""
    return next(item.name for item in quantity.estimates if item.name != quantity.name)
