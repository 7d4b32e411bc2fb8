"""What keeps weights from being raked to the declared margins, and how to mend it."""

from collections.abc import Mapping

import numpy as np

from crmresearch.data.problems import Problem, counted, listed


def faults(
    code: np.ndarray,
    name: str,
    wanted: Mapping[str, float],
    counted_in: np.ndarray,
    waves: np.ndarray,
    names: list[str],
) -> list[Problem]:
    """What is wrong with one margin: answers without a share, and shares that nobody can carry.

    Parameters
    ----------
    code : (n,) the answer of each row; the number of `wanted` where unknown, one more where the
        answer has no share
    counted_in : (n,) bool, the rows with a weight
    waves : (n,) the wave of each row
    names : the waves' labels, a single empty one where there is one
    """
    sizes = np.bincount(code[counted_in], minlength=len(wanted) + 2)
    where = "about.toml"
    found = []
    if sizes[len(wanted) + 1]:
        found.append(
            Problem(
                where=where,
                column=name,
                found=f"{counted(int(sizes[len(wanted) + 1]), 'respondent')} gave an answer that "
                "has no share in [margins]",
                rule="a margin must name every answer that was given",
                fix=f"It names {listed(wanted, quote=True)}: add the others with their shares.",
            )
        )
    for at, wave in enumerate(names):
        sizes = np.bincount(code[counted_in & (waves == at)], minlength=len(wanted) + 2)
        if len(names) > 1 and not sizes[: len(wanted)].any():
            continue  # a question that this wave did not ask
        empty = [x for x, n in zip(wanted, sizes, strict=False) if wanted[x] > 0 and not n]
        if empty:
            of = f" of wave {wave!r}" if wave else ""
            found.append(
                Problem(
                    where=where,
                    column=name,
                    found=f"nobody{of} with a weight answered {listed(empty, quote=True)}",
                    rule="no weight can make up for people who are not in the data",
                    fix="Add its share in [margins] to that of a neighbouring answer, and recode "
                    "the variable to match, or take the margin out.",
                )
            )
    return found


def unreached(gap: float, sweeps: int, names: list[str]) -> Problem:
    """The problem that no weights meet all margins together."""
    return Problem(
        where="about.toml",
        found=f"no weights give all margins ({listed(names)}) their shares: after {sweeps:,} "
        f"sweeps one is still {100 * gap:.2g} percentage points off",
        rule="raking must reach all of them at once",
        fix="They contradict one another in these data, in which some combinations of answers do "
        "not occur: take one margin out, or put answers together.",
    )
