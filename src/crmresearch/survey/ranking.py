"""Accounts ranked by shrunken scores, and how far such a ranking can be trusted.

Nothing here names an account or shows one with fewer people than the minimum: the ranking is shown
in bands of accounts, by position alone. Who answered for an account is held equal by its part.
"""

import numpy as np

from crmresearch.methods import shrinkage, standing
from crmresearch.methods.shrinkage import Shrunken
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey.accounts import People, outcome
from crmresearch.survey.sample import WORDS

BANDS = 10
WRONG = 0.05  # of the accounts called better or worse than average, those expected to be neither
MOST_NAMED = 15  # at each end of the ranking


def ranking(
    who: People | None,
    *,
    seed: int,
    level: float = 0.95,
    min_cell: int = 10,
    named: bool = False,
) -> list[Estimate]:
    """Bands of accounts by shrunken score, and what can be told apart.

    Parameters
    ----------
    min_cell : every band holds at least this many people
    named : also name accounts of at least `min_cell` people, up to 15 at each end of the ranking;
        for use inside the company

    Returns
    -------
    ``accounts.band`` for each band, lowest first: mean score with the mean ends of the accounts'
    own intervals, which is what an account in it could be; ``accounts.reliability``, the share of
    the variance of scores that is not chance; ``accounts.lowest``, of the accounts placed in the
    lowest tenth those that belong there; ``accounts.ranks``, the mean width of their intervals of
    ranks; ``accounts.below`` and ``accounts.above``, those that can be called so with 5% of the
    calls expected to be wrong, also by brand. Empty where no account has two answers or answers
    within accounts do not differ.
    """
    role = outcome(who) if who else ""
    found = _shrunken(who, role) if role else None
    if found is None:
        return []
    rng = np.random.default_rng(seed)
    bands = _bands(who, found, role, level, min_cell)
    names = _named(who, found, role, level, min_cell) if named else []
    return bands + _told_apart(who, found, rng, level, min_cell) + names


def _shrunken(who: People, role: str) -> Shrunken | None:
    kinds = who.labels("stakeholder")
    dummies = None
    if kinds is not None:
        dummies = (kinds.codes[:, None] == np.arange(len(kinds.categories))[1:]).astype(float)
    sums = shrinkage.collect(who.values(role), who.codes, dummies)
    return None if sums is None else shrinkage.shrink(sums)


def _bands(who: People, found: Shrunken, role: str, level: float, min_cell: int) -> list[Estimate]:
    """As many bands of equal numbers of accounts, up to ten, as leave enough people in each."""
    sizes = found.sums.sizes
    heard = np.flatnonzero(sizes > 0)
    order = heard[np.argsort(found.mean[heard], kind="stable")]
    for number in range(min(BANDS, len(order)), 1, -1):
        bands = np.array_split(order, number)
        if min(sizes[band].sum() for band in bands) >= min_cell:
            break
    else:
        return []
    low, high = found.interval(level)
    return [
        Estimate(
            key="accounts.band",
            name=f"{WORDS[role].capitalize()} by shrunken score",
            group=f"{who.words.capitalize()}: {_place(place, number)}",
            value=float(found.mean[band].mean()),
            low=float(low[band].mean()),
            high=float(high[band].mean()),
            level=level,
            unit="scale points",
            n=int(sizes[band].sum()),
            method=(
                f"{len(band):,} {who.words} by shrunken mean; the interval is the mean of the "
                f"{who.words}' own, random intercepts, unweighted"
            ),
        )
        for place, band in enumerate(bands)
    ]


def _place(place: int, number: int) -> str:
    if place in (0, number - 1):
        return "lowest band" if place == 0 else "highest band"
    return f"band {place + 1} of {number}"


def _told_apart(
    who: People, found: Shrunken, rng: np.random.Generator, level: float, min_cell: int
) -> list[Estimate]:
    """How reliable the scores are, how sure the ranks, and whom the average does not cover."""
    heard = found.sums.sizes > 0
    n = int(heard.sum())
    common = {"level": level, "n": n, "n_dropped": len(heard) - n}
    value, low, high = standing.reliability(found, level=level)
    places = standing.ranks(found, rng=rng, level=level)
    model = "random intercepts, averaged over the intraclass correlation, unweighted"
    width = float(np.nanmean(places.high - places.low)) / max(n - 1, 1)
    some = who.words.capitalize()
    estimates = [
        Estimate(key="accounts.reliability", name=f"Reliability of the scores of {who.words}",
                 value=value, low=low, high=high, unit="coefficient",
                 method=f"mean over {who.words}, {model}", **common),
        Estimate(key="accounts.lowest", name=f"{some} in the lowest tenth that belong there",
                 value=places.truly[0], low=places.truly[1], high=places.truly[2], unit="share",
                 method=f"{places.placed:,} {who.words}, simulated from the model; {model}",
                 **common),
        Estimate(key="accounts.ranks", name="Mean width of the interval of ranks, of all ranks",
                 value=width, unit="share", method=f"simulated from the model; {model}", **common),
    ]  # fmt: skip
    brands = who.account_groups(("brand",), min_cell)
    groups = [("", heard), *((group, rows & heard) for group, rows in brands)]
    called = standing.clear(found, wrong=WRONG)
    words = f"{WRONG:.0%} of the calls expected to be wrong; {model}"
    for key, sign, side in (("below", -1, "below"), ("above", 1, "above")):
        name = f"{some} that can be called {side} average"
        estimates += [
            Estimate(key=f"accounts.{key}", name=name, group=group, level=level, unit="share",
                     value=float((called[rows] == sign).mean()), n=int(rows.sum()), method=words)
            for group, rows in groups
            if rows.any()
        ]  # fmt: skip
    return estimates


def _named(who: People, found: Shrunken, role: str, level: float, min_cell: int) -> list[Estimate]:
    """The lowest and highest accounts by name, of those large enough to be shown."""
    sizes = found.sums.sizes.astype(int)
    family = {str(place): int(sizes[place]) for place in np.flatnonzero(sizes)}
    secret = hidden_groups(family, min_cell)
    shown = np.array([int(place) for place in family if place not in secret], dtype=int)
    order = shown[np.argsort(found.mean[shown], kind="stable")]
    if len(order) > 2 * MOST_NAMED:
        order = np.concatenate([order[:MOST_NAMED], order[-MOST_NAMED:]])
    low, high = found.interval(level)
    return [
        Estimate(
            key="accounts.named",
            name=f"{WORDS[role].capitalize()}, shrunken score",
            group=f"{who.word.capitalize()}: {who.names[place]}",
            value=float(found.mean[place]),
            low=float(low[place]),
            high=float(high[place]),
            level=level,
            unit="scale points",
            n=int(sizes[place]),
            method="shrunken mean, random intercepts, unweighted",
        )
        for place in order
    ]
