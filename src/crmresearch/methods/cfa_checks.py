"""When a factor model cannot be fitted, or has a solution that cannot be true: said in words."""

from collections.abc import Sequence

import numpy as np

from crmresearch.methods.cfa import Model, Solution
from crmresearch.methods.cfa_rows import Rows
from crmresearch.report.numbers import count, format_number

SINGULAR = 1e-9  # smallest eigenvalue of correlations that still tells items apart


def unfit(rows: Rows, model: Model, names: Sequence[str]) -> str:
    """Why these answers cannot carry the model, in words; empty where they can.

    Parameters
    ----------
    names : of the items, for readers
    """
    slots = model.slots
    p = slots.items
    needed = p + 1
    if len(rows.moments.sizes) < model.groups:
        return "a group has no complete answers"
    for g in range(model.groups):
        if int((rows.groups == g).sum()) < needed:
            return (
                f"{count(p, 'item')} need at least {needed:,} complete answers"
                f"{' in each group' if model.groups > 1 else ''}"
            )
    if model.groups * rows.n < model.free:
        return f"{rows.n:,} complete answers are fewer than the model's {model.free:,} parameters"
    sizes = np.bincount(slots.factor)
    if slots.factors == 1 and sizes[0] < 3:
        return "a single scale of two items leaves nothing to test"
    if sizes.min() < 2:
        return "a scale of one item has no model of its own"
    for covariance in rows.moments.covariances:
        root = np.sqrt(np.diag(covariance))
        still = [names[a] for a in np.flatnonzero(root <= 1e-9)]
        if still:
            return f"everybody answered {' and '.join(map(_quoted, still))} alike"
        correlations = covariance / np.outer(root, root)
        if np.linalg.eigvalsh(correlations)[0] < SINGULAR:
            np.fill_diagonal(correlations, 0.0)
            a, b = np.unravel_index(np.abs(correlations).argmax(), correlations.shape)
            pair = sorted((int(a), int(b)))
            if abs(correlations[a, b]) > 1 - 1e-6:
                return f"{_quoted(names[pair[0]])} and {_quoted(names[pair[1]])} say the same"
            return "some items follow exactly from others"
    return ""


def improper(solution: Solution, names: Sequence[str], factors: Sequence[str]) -> list[str]:
    """What makes a converged solution one that cannot be true, in words; empty where it may be.

    An improper solution means that the model is wrong for these answers, or that they are too few
    for it; its numbers describe neither.
    """
    found = []
    for g in range(solution.model.groups):
        part = solution.group(g)
        for a in np.flatnonzero(part.uniques < 0):
            share = part.uniques[a] / solution.moments.covariances[g][a, a]
            found.append(
                f"{_quoted(names[a])} has a negative unique variance "
                f"({format_number(share, 'share')} of its variance)"
            )
        variances = np.diag(part.spread)
        if (variances <= 0).any():
            found.append("a factor has no positive variance")
            continue
        root = np.sqrt(variances)
        correlations = part.spread / np.outer(root, root)
        beyond = np.argwhere(np.tril(np.abs(correlations), -1) > 1)
        found += [
            f"{_quoted(factors[k])} and {_quoted(factors[i])} are correlated at "
            f"{format_number(correlations[i, k], 'fit')}, beyond 1"
            for i, k in beyond
        ]
        if not len(beyond) and np.linalg.eigvalsh(correlations)[0] <= 0:
            found.append("the correlations of the factors contradict each other")
    return list(dict.fromkeys(found))


def identified(solution: Solution) -> bool:
    """Whether the answers tell every parameter from the others at the solution."""
    information = solution.information()
    diagonal = np.diag(information)
    if (diagonal <= 0).any():
        return False
    scale = 1 / np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(information * np.outer(scale, scale))[0] > 1e-8)


def _quoted(name: str) -> str:
    return f"“{name}”"
