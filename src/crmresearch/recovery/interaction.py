"""A moderator on a contrast of customers: the fit that tests it, and whom it rests on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.methods.interactions import Moderated, moderated
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.contrasts import pooled_scale, spread
from crmresearch.recovery.moderators import Declared, Focus, Moderator, foci


@dataclass(frozen=True, slots=True)
class Interaction:
    """A moderator on a contrast: the fit that tests it, and whom it rests on.

    Parameters
    ----------
    used : (n,) bool, the customers in the fit
    sizes : customers in each of the two groups
    values : the moderator, categories too small to show made missing
    others : what is adjusted for, for all n customers
    sd : of the outcome within the two groups, corrected so that dividing by it gives Hedges' g
    """

    outcome: Outcome
    focus: Focus
    moderator: Moderator
    found: Moderated
    used: np.ndarray
    sizes: tuple[int, int]
    values: pd.Series
    others: pd.DataFrame
    sd: float

    @property
    def ends(self) -> str:
        """How its keys end: ``loyalty.resolved.severity``."""
        return f"{self.outcome.key}.{self.focus.key}.{self.moderator.key}"

    @property
    def name(self) -> str:
        return f"{self.moderator.name}: {self.focus.name}"

    @property
    def per(self) -> float:
        """What one unit of the product is worth in SD of the outcome per SD of the moderator."""
        return self.sd if self.moderator.categories else self.sd / self.found.spread


def interactions(
    cases: Cases, outcome: Outcome, asked: Declared, *, min_cell: int = 10
) -> list[Interaction]:
    """Every declared moderator on every contrast that it is known for, in the order declared.

    Ordinary least squares of the outcome on the contrast, the moderator, their product,
    satisfaction before the problem and the covariates; weighted where the data have weights; errors
    hold under unequal variances (HC3) or under any dependence within accounts or persons.

    A moderator is left out where it does not vary among the customers compared, or where one of
    the two groups has fewer than `min_cell` of them. So are categories in which either group is
    that small.
    """
    found = [
        _interaction(cases, outcome, focus, moderator, min_cell)
        for focus in foci(cases, outcome, min_cell=min_cell)
        for moderator in asked.found
    ]
    return [item for item in found if item is not None]


def _interaction(
    cases: Cases, outcome: Outcome, focus: Focus, moderator: Moderator, min_cell: int
) -> Interaction | None:
    weights = cases.sampling.weights
    itself = [column.equals(moderator.asked) for _, column in cases.covariates.items()]
    others = cases.covariates.loc[:, [not same for same in itself]]
    if len(focus.beside.columns):
        others = focus.beside.join(others)
    values = cases.frame[outcome.key].to_numpy()
    used = np.isfinite(focus.member) & np.isfinite(values) & others.notna().all(axis=1).to_numpy()
    if weights is not None:
        used &= weights > 0
    kept = _large(moderator, focus.member, used, min_cell)
    used &= kept.notna().to_numpy()
    member = focus.member[used]
    sizes = (int((member == 0).sum()), int((member == 1).sum()))
    if min(sizes) < min_cell or kept[used].nunique() < 2:
        return None
    found = moderated(
        values[used],
        member,
        kept[used],
        others[used],
        cluster=None if cases.sampling.clusters is None else cases.sampling.clusters[used],
        weights=None if weights is None else weights[used],
    )
    counted = cases.sampling.row_weights()[used]
    one, two = (spread(values[used], counted, member == side) for side in (1, 0))
    sd = pooled_scale(one, two)
    if not (sd > 0 and _told(found)):
        return None
    return Interaction(outcome, focus, moderator, found, used, sizes, kept, others, sd)


def _told(found: Moderated) -> bool:
    """Whether every product has an error, so that there is something to test."""
    if not set(found.products) <= set(found.fit.terms):
        return False
    at = [found.fit.terms.index(term) for term in found.products]
    return bool((np.diag(found.fit.covariance)[at] > 0).all())


def _large(moderator: Moderator, member: np.ndarray, used: np.ndarray, min_cell: int) -> pd.Series:
    """The moderator without the categories in which either group is too small to be shown.

    No others need hiding: only differences within categories are shown, never their levels, so
    that those of a small category cannot be had from totals.
    """
    if not moderator.categories:
        return moderator.values
    codes, names = moderator.values.cat.codes.to_numpy(), moderator.values.cat.categories
    asked = used & (codes >= 0)
    places = codes[asked].astype(int) * 2 + (member[asked] == 1)
    counts = np.bincount(places, minlength=2 * len(names)).reshape(-1, 2)
    return moderator.values.cat.remove_categories(names[counts.min(axis=1) < min_cell])
