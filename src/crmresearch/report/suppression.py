"""Small cells: nothing is shown about a group of fewer people than the minimum.

Hiding one group of a partition is not enough where the total is shown too, since the rest gives it
back by subtraction; so the next smallest are hidden with it until at least two groups, and together
at least the minimum number of people, are hidden.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from crmresearch.report.estimates import NAN, Estimate

MANY = 1 << 20  # combinations of groups that are counted without sorting
LISTED = 14  # dimensions of which all corners are tried
_TRIED = 16  # groups of which all unions are tried
NOWHERE = ""  # stands for the people of no group
HIDDEN = "not shown"  # how the method of a hidden estimate starts


def is_hidden(estimate: Estimate) -> bool:
    """True for an estimate that `suppress` has blanked, whose n of 0 is not a number of people."""
    return estimate.method.startswith(HIDDEN)


def enough(estimates: Iterable[Estimate], min_cell: int) -> list[Estimate]:
    """The estimates without those of everybody who answered where these are too few.

    A question that three people answered gives their answers away though no group is named.
    """
    return [item for item in estimates if item.group or not 0 < item.n < min_cell]


def suppress(estimates: Iterable[Estimate], min_cell: int) -> tuple[list[Estimate], int]:
    """Blank the group estimates that rest on fewer than `min_cell` people.

    Groups are partitioned by the part of ``group`` before its first colon (``brand: A`` and
    ``brand: B`` belong together). Estimates without a group are left as they are: see `enough`.

    Returns
    -------
    The estimates, those hidden having NaN for value, bounds and p and 0 for n and n_dropped; and
    how many groups were hidden.
    """
    items = list(estimates)
    why = f"{HIDDEN}: fewer than {min_cell} people, or would reveal such a group"
    sizes: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for item in items:
        if item.group:
            family = sizes[item.key, item.group.partition(":")[0]]
            family[item.group] = min(item.n, family.get(item.group, item.n))
    totals = {item.key: item.n for item in items if not item.group}
    hidden = {
        (key, group)
        for (key, _), family in sizes.items()
        for group in hidden_groups(family, min_cell, total=totals.get(key, 0))
    }
    shown = [
        dataclasses.replace(
            item,
            value=NAN,
            low=NAN,
            high=NAN,
            p=NAN,
            n=0,
            n_dropped=0,
            method=why,
        )
        if (item.key, item.group) in hidden
        else item
        for item in items
    ]
    return shown, len({group for _, group in hidden})


def hidden_groups(family: dict[str, int], min_cell: int, *, total: int = 0) -> set[str]:
    """The groups of one partition (group to n) that may not be shown, nor compared with others.

    `total` is the n of everybody where that is shown too: people who belong to no group are one as
    well, since what is left of everybody is theirs.
    """
    small = {group for group, n in family.items() if 0 < n < min_cell}
    rest = total - sum(family.values())
    if 0 < rest < min_cell:
        family = {**family, NOWHERE: rest}
        small.add(NOWHERE)
    others = sorted((n, group) for group, n in family.items() if n >= min_cell)
    while small and others and (len(small) == 1 or sum(family[g] for g in small) < min_cell):
        small.add(others.pop(0)[1])
    return small - {NOWHERE}


def reveals(groups: Sequence[np.ndarray], min_cell: int) -> bool:
    """Whether the means of these groups give away the mean of fewer than `min_cell` people.

    Groups may overlap: 20 customers of whom 17 are satisfied give away the other 3, though nothing
    is shown of them by themselves. People in exactly the same groups cannot be told apart; the sum
    over a set of such parts can be computed where the set is a combination of the groups.

    Parameters
    ----------
    groups : (n,) of bool each, True for the people whose mean and number are shown
    """
    if not groups:
        return False
    parts, sizes = _parts([np.asarray(group, dtype=bool) for group in groups])
    inside = parts.any(axis=1)
    parts, sizes = parts[inside].astype(float), sizes[inside]
    if not len(parts):
        return False
    _, values, axes = np.linalg.svd(parts.T)
    rank = int((values > 1e-9).sum())
    if rank <= LISTED:
        return _told(axes[:rank], sizes, min_cell)
    unseen = axes[rank:]  # what could change while every group's sum stays
    small = np.flatnonzero(sizes < min_cell)
    return any(
        sizes[list(some)].sum() < min_cell
        and np.abs(unseen[:, list(some)].sum(axis=1)).max(initial=0) < 1e-9
        for number in range(1, min(len(small), min_cell) + 1)
        for some in combinations(small, number)
    )


def _told(space: np.ndarray, sizes: np.ndarray, min_cell: int) -> bool:
    """Whether some few parts' sum is a combination of the groups, whose row space is `space`.

    A vector of that space is known by its values at as many parts as the space has dimensions, so
    that all of 0 and 1 can be listed by trying 0 and 1 there.
    """
    rank = len(space)
    rest, pivots = space.copy(), []
    for _ in range(rank):
        pivots.append(int(np.argmax((rest**2).sum(axis=0))))
        column = rest[:, pivots[-1]] / np.linalg.norm(rest[:, pivots[-1]])
        rest = rest - np.outer(column, column @ rest)
    form = np.linalg.solve(space[:, pivots], space)
    tried = ((np.arange(1, 2**rank)[:, None] >> np.arange(rank)) & 1).astype(float)
    for part in form.T:  # one after the other, since few are left after each
        value = tried @ part
        tried = tried[(np.abs(value) < 1e-7) | (np.abs(value - 1) < 1e-7)]
    return bool((np.rint(tried @ form) @ sizes < min_cell).any())


def _parts(groups: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Which combinations of groups people are in (P, groups), and how many are in each (P,)."""
    codes, most = np.zeros(len(groups[0]), dtype=np.intp), 1
    for group in groups:
        codes <<= 1
        codes |= group
        most *= 2
        if most > MANY:  # numbered anew, so that they can be counted
            found, codes = np.unique(codes, return_inverse=True)
            most = len(found)
    sizes = np.bincount(codes)
    someone = np.zeros(len(sizes), dtype=np.int64)
    someone[codes] = np.arange(len(codes))
    present = np.flatnonzero(sizes)
    return np.column_stack([group[someone[present]] for group in groups]), sizes[present]


def margins_reveal(table: np.ndarray, min_cell: int) -> bool:
    """Whether what is shown of two partitions of the same people gives away a few of them.

    Where all but three of segment A use channels B or C, the figures of A, B and C give away the
    three. The numbers of both partitions allow exactly the differences of a union of groups of the
    one and a union of groups of the other that lies within it, and sums of such differences. For
    two partitions it says what `reveals` does, whatever the number of their groups.

    Parameters
    ----------
    table : (k, l) people by group of the first and of the second partition; people of no group,
        or of groups that are not shown, are a row and a column too, since everybody less the
        shown is theirs. Where both have more than sixteen groups, too many unions would have to
        be tried, and they are said to reveal.
    """
    return any(_few_left(counts, min_cell) for counts in (table, table.T))


def _few_left(table: np.ndarray, min_cell: int) -> bool:
    """Whether some union of columns, less the rows that lie within it, leaves a few people."""
    rows, width = table.shape
    if min(rows, width) > _TRIED:
        return True
    unions = _unions(min(rows, width))
    if rows < width:  # a union of more columns than touch the rows within it leaves only more
        unions = unions.astype(float) @ (table > 0) > 0
    outside = (~unions).astype(float) @ table.T.astype(float)
    within = (outside == 0) @ table.sum(axis=1)
    left = np.concatenate([unions @ table.sum(axis=0) - within, table.sum(axis=0)])
    return bool(((left > 0) & (left < min_cell)).any())


def _unions(number: int) -> np.ndarray:
    """(2^number - 1, number) True for the groups of every union."""
    return ((np.arange(1, 2**number)[:, None] >> np.arange(number)) & 1).astype(bool)
