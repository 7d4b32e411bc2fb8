"""How long each customer was followed, from dates that may contradict each other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.recovery.cases import Cases

DAY = pd.Timedelta(days=1)
BEFORE = 0.01  # share who left before they answered, up to which the survey is one of survivors


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """Customers watched in time.

    Parameters
    ----------
    days : (n,) float, from the first day to the departure or the last day seen
    left : (n,) bool, whether that was a departure
    entry : (n,) float, from which day on each could be seen to leave; None where from the first
    usable : (n,) bool, the customers whose dates and fate are known and agree
    missing, reversed, early : left out for a missing date or fate, for an end before the start, and
        for an end before the answer
    early_leavers : whether more than a few answered after they had left
    """

    days: np.ndarray
    left: np.ndarray
    entry: np.ndarray | None
    usable: np.ndarray
    missing: int
    reversed: int
    early: int
    early_leavers: bool = False

    @property
    def dropped(self) -> int:
        """Customers left out."""
        return self.missing + self.reversed + self.early


def follow(cases: Cases) -> Following | None:
    """The customers of a survey in time; None without the dates or whether they left.

    A survey of people who are customers on the day of their answer has nobody who left before it.
    Where following starts earlier than that, as from the complaint, each is therefore counted as
    watched only from the answer on (delayed entry): the days before are immortal, since nobody
    who left in them could answer. Where some did answer after they left, no such rule is needed.
    """
    answers = cases.answers
    if not {"followed_from", "followed_until", "churned"} <= answers.roles:
        return None
    first, last = (_day(cases, role) for role in ("followed_from", "followed_until"))
    days = ((last - first) / DAY).to_numpy(dtype=float)
    fate = 1 - cases.frame["stayed"].to_numpy()
    known = np.isfinite(days) & np.isfinite(fate)
    usable = known & (days >= 0)
    entry, early, leavers = None, np.zeros(len(days), dtype=bool), False
    if "date" in answers.roles:
        late = ((_day(cases, "date") - first) / DAY).to_numpy(dtype=float)
        late = np.where(np.isfinite(late), np.maximum(late, 0.0), 0.0)
        after = usable & (late > 0) & (late > days)
        leavers = bool(after.sum() > BEFORE * usable.sum())
        if (late[usable] > 0).any() and not leavers:
            entry = late
            early = usable & (late >= days)
    return Following(
        days=days,
        left=fate == 1,
        entry=entry,
        usable=usable & ~early,
        missing=int((~known).sum()),
        reversed=int((known & (days < 0)).sum()),
        early=int(early.sum()),
        early_leavers=leavers,
    )


def _day(cases: Cases, role: str) -> pd.Series:
    """The day of each customer's date, without its hour."""
    return cases.answers.items(role).iloc[:, 0].dt.normalize()
