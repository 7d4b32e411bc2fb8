"""The groups that types are compared between: brands, industries, segments, waves."""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.patterns import Patterns
from crmresearch.data.survey import Survey

ROLES = ("brand", "industry", "segment", "wave")
MOST = 20  # groups of one role that are compared, the largest of them


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which group each of n respondents belongs to.

    Parameters
    ----------
    role : what the groups are: ``brand``
    names : of the groups, in the order of the codebook or sorted
    codes : (n,) position in `names`, -1 for respondents of none
    """

    role: str
    names: tuple[str, ...]
    codes: np.ndarray

    @property
    def number(self) -> int:
        return len(self.names)

    def label(self, group: int) -> str:
        """As `Estimate.group` has it."""
        return f"{self.role}: {self.names[group]}"

    def within(self, patterns: Patterns) -> np.ndarray:
        """(n,) True for the respondents of a group whose answers count."""
        return (patterns.row >= 0) & (self.codes >= 0)

    def weights(self, patterns: Patterns) -> np.ndarray:
        """(g, G) sum of the weights of the respondents of each group who show a pattern."""
        used = self.within(patterns)
        at = self.codes[used] * len(patterns.codes) + patterns.row[used]
        found = np.bincount(at, patterns.row_weight[used], self.number * len(patterns.codes))
        return found.reshape(self.number, -1)


def groups_of(survey: Survey, role: str, placed: np.ndarray, *, least: int = 1) -> Groups | None:
    """The groups by the first variable with `role`.

    Parameters
    ----------
    placed : (n,) True for the respondents who count
    least : respondents of a group that is kept

    Returns
    -------
    At most `MOST` groups; None where the data lack the role or fewer than two groups are left.
    """
    if role not in survey.roles:
        return None
    answers = survey.items(role).iloc[:, 0]
    column = answers.astype("category").cat
    codes = np.where(placed, column.codes.to_numpy(np.intp), -1)
    sizes = np.bincount(codes[codes >= 0], minlength=len(column.categories))
    kept = np.flatnonzero(sizes >= max(least, 1))
    if len(kept) > MOST:
        kept = np.sort(kept[np.argsort(-sizes[kept], kind="stable")[:MOST]])
    if len(kept) < 2:
        return None
    place = np.full(len(sizes) + 1, -1)
    place[kept] = np.arange(len(kept))
    names = tuple(str(column.categories[group]) for group in kept)
    return Groups(role, names, place[codes])
