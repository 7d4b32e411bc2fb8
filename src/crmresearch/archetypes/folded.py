"""Indicators folded into joint tables: the fastest step of few solutions over very many patterns.

Where nearly every respondent gives an answer of their own, collapsing to patterns saves nothing,
and a step costs a product of each pattern's columns with every class. Several indicators together
have few different answers, though: their probability within a class is looked up in a table of
them all, and expected counts are gathered by the same table.
"""

from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.patterns import Patterns

FROM = 50_000  # patterns; of fewer, or with more solutions at once, a matrix product is as fast
MOST = 8  # solutions
_ENTRIES = 1300  # of one table: four indicators of five answers and none
_BLOCK = 32_768  # patterns at once
FAINT = 1e-280  # densities below this have lost digits


@dataclass(frozen=True, slots=True)
class Folded:
    """Groups of indicators.

    Parameters
    ----------
    index : for each group (G,) entry of its table that a pattern is in
    members : for each group (entries, M) which columns of `Patterns.onehot` an entry stands for
    """

    index: tuple[np.ndarray, ...]
    members: tuple[np.ndarray, ...]


def fold(patterns: Patterns, solutions: int) -> Folded | None:
    """The indicators of `patterns` in groups; None where that does not pay."""
    many = len(patterns.codes) >= FROM and solutions <= MOST
    return _folded(patterns) if many and "continuous" not in patterns.kinds else None


def _folded(patterns: Patterns) -> Folded:
    silent = (~patterns.answered).any(axis=0)
    sizes = patterns.counts + silent
    groups: list[list[int]] = [[]]
    for j, size in enumerate(sizes):
        if groups[-1] and size * np.prod(sizes[groups[-1]]) > _ENTRIES:
            groups.append([])
        groups[-1].append(j)
    index, members = [], []
    for group in groups:
        entry = np.zeros(len(patterns.codes), dtype=np.intp)
        for j in group:
            entry = entry * sizes[j] + np.where(
                patterns.codes[:, j] < 0, sizes[j] - 1, patterns.codes[:, j]
            )
        index.append(entry)
        members.append(_members(patterns, group, sizes))
    return Folded(tuple(index), tuple(members))


def _members(patterns: Patterns, group: list[int], sizes: np.ndarray) -> np.ndarray:
    entries = int(np.prod(sizes[group]))
    answers = np.unravel_index(np.arange(entries), sizes[group])
    found = np.zeros((entries, len(patterns.onehot)))
    for j, answer in zip(group, answers, strict=True):
        given = answer < patterns.counts[j]
        found[np.flatnonzero(given), patterns.starts[j] + answer[given]] = 1.0
    return found


def step(
    folded: Folded, coef: np.ndarray, log_shares: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The expectation step of S solutions.

    Parameters
    ----------
    coef : (K, S, M) coefficients of the columns; log_shares : (K, S); weight : (1 or S, G)

    Returns
    -------
    (S,) log-likelihood, (K, S) weight of each class and (K, S, M) expected statistics.
    """
    classes, starts, _ = coef.shape
    logs = [coef @ members.T for members in folded.members]  # (K, S, entries)
    logs[0] = logs[0] + log_shares[..., None]
    gathered = [np.zeros(table.shape) for table in logs]
    loglik = np.zeros(starts)
    for s in range(starts):
        own = [table[:, s] for table in logs]
        tables = [np.exp(table) for table in own]
        mass = weight[min(s, len(weight) - 1)]
        for first in range(0, weight.shape[1], _BLOCK):
            part = slice(first, first + _BLOCK)
            entries = [index[part] for index in folded.index]
            joint, total = _joint(tables, entries)
            if total.min() > FAINT:
                loglik[s] += mass[part] @ np.log(total)
            else:
                joint, total, logged = _joint_by_logs(own, entries)
                loglik[s] += mass[part] @ logged
            ratio = mass[part] / total
            for k in range(classes):
                joint[k] *= ratio
                for sums, entry in zip(gathered, entries, strict=True):
                    sums[k, s] += np.bincount(entry, joint[k], sums.shape[2])
    counts = sum(sums @ members for sums, members in zip(gathered, folded.members, strict=True))
    return loglik, gathered[0].sum(axis=2), counts


def _joint(tables: list[np.ndarray], entries: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(K, B) joint density of class and answers, and its sum over classes."""
    classes, size = len(tables[0]), len(entries[0])
    joint, factor = np.empty((classes, size)), np.empty(size)
    for k in range(classes):
        np.take(tables[0][k], entries[0], out=joint[k], mode="clip")
        for table, entry in zip(tables[1:], entries[1:], strict=True):
            np.take(table[k], entry, out=factor, mode="clip")
            joint[k] *= factor
    return joint, joint.sum(axis=0)


def _joint_by_logs(
    logs: list[np.ndarray], entries: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same as a multiple of the largest class, and the logarithm of the true sum."""
    joint = sum(table[:, entry] for table, entry in zip(logs, entries, strict=True))
    peak = joint.max(axis=0)
    joint = np.exp(joint - peak)
    total = joint.sum(axis=0)
    return joint, total, peak + np.log(total)
