"""Whether waves asked the same people, what changed for these, and who did not answer again."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import Estimate
from crmresearch.survey.metrics import Measure, difference
from crmresearch.survey.sample import sampling

MOSTLY = 0.9  # of the people of both waves, from which on the waves are called a panel


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Who can be followed from one wave to the next.

    Parameters
    ----------
    people : (n,) int code of each row's person, -1 where unknown; None where no role tells
    earlier, later : (n,) bool, the rows of the two waves
    names : what the waves are called
    """

    people: np.ndarray | None
    earlier: np.ndarray
    later: np.ndarray
    names: tuple[str, str]

    def both(self, answered: np.ndarray) -> np.ndarray:
        """(n,) bool, the rows of people with an answered row in both waves."""
        inside = self._present(answered & self.earlier) & self._present(answered & self.later)
        return (self.people >= 0) & inside[self.people]

    def count(self, rows: np.ndarray) -> int:
        """How many people these rows come from; a row of nobody known counts as one."""
        return int(self._present(rows).sum() + (rows & (self.people < 0)).sum())

    def _present(self, rows: np.ndarray) -> np.ndarray:
        size = int(self.people.max(initial=-1)) + 2  # the last place is that of nobody
        return np.bincount(self.people[rows & (self.people >= 0)], minlength=size) > 0


def linked(survey: Survey) -> Design:
    """The survey's design with the answers of one person in one cluster, whatever the account.

    People nested in accounts change nothing. Somebody who answered for two accounts, or whose
    account is missing in one wave, joins these clusters, so that no two answers of one person are
    taken as independent.
    """
    basis = sampling(survey)
    people = codes(survey)
    if people is None or basis.clusters is None or basis.cluster_name == "person":
        return basis
    known = people >= 0
    size = int(basis.clusters.max()) + 1
    pairs = np.unique(np.column_stack([people[known], basis.clusters[known]]), axis=0)
    if len(pairs) == len(np.unique(pairs[:, 0])):
        return basis
    nodes = size + int(people.max()) + 1
    edges = (np.ones(len(pairs)), (pairs[:, 1], size + pairs[:, 0]))
    groups = sparse.csgraph.connected_components(sparse.csr_matrix(edges, shape=(nodes, nodes)))[1]
    name = f"{basis.cluster_name} joined by people in several"
    return dataclasses.replace(basis, clusters=groups[basis.clusters], cluster_name=name)


def codes(survey: Survey) -> np.ndarray | None:
    """A number for each row's person, -1 where missing; None without the role person."""
    if "person" not in survey.roles:
        return None
    column = survey.answers[survey.variables("person")[0].variable]
    return pd.factorize(column.where(column.astype(str) != ""))[0]


def kept(found: Followed) -> list[Estimate]:
    """Share of the earlier wave's people who answered again, and of the later's who had before.

    ``panel.again`` and ``panel.before``; counted, so without an interval. Empty where people
    cannot be followed.
    """
    if found.people is None:
        return []
    everybody = np.ones(len(found.people), dtype=bool)
    both = found.both(everybody)
    first, second = found.names
    sides = (
        ("panel.again", f"People of {first} who answered again in {second}", found.earlier),
        ("panel.before", f"People of {second} who had answered in {first}", found.later),
    )
    shared = found.count(both & found.later)
    return [
        Estimate(
            key=key,
            name=name,
            value=shared / found.count(rows),
            unit="share",
            n=found.count(rows),
            method=f"{shared:,} people counted in both waves; {_kind(found, shared)}",
        )
        for key, name, rows in sides
        if rows.any()
    ]


def _kind(found: Followed, shared: int) -> str:
    sizes = found.count(found.earlier), found.count(found.later)
    if not shared:
        return "a repeated cross-section: the waves are compared as two samples"
    if shared >= MOSTLY * max(sizes):
        return "a panel: the change is that of the same people"
    return "a panel in part: people in both waves are counted once in every error"


def followed(
    measure: Measure, found: Followed, basis: Design, *, level: float, min_cell: int
) -> tuple[Estimate | None, Estimate | None]:
    """The change of people who answered in both waves, and how the others differed before.

    Parameters
    ----------
    measure : what is compared; a row counts where it has a value
    min_cell : neither is made where those who stayed, left or joined are fewer people than this,
        since the difference from all would show them

    Returns
    -------
    ``change.<key>.same``, and ``panel.<key>``, in the earlier wave: those who did not answer again
    less those who did. None where nobody, or everybody, answered in both.
    """
    if found.people is None:
        return None, None
    answered = np.isfinite(measure.values) & (basis.row_weights() > 0)
    both = found.both(answered) & answered
    alone = answered & ~both & (found.people >= 0)
    unknown = answered & (found.people < 0)
    parts = [
        rows & wave for rows in (both, alone, unknown) for wave in (found.earlier, found.later)
    ]
    sizes = [found.count(rows) for rows in parts]
    if not both.any() or any(0 < size < max(min_cell, 2) for size in sizes):
        return None, None
    first, second = found.names
    common = {"design": basis, "level": level}
    same = left = None
    if any(sizes[2:]):
        name = f"{measure.name}, {first} to {second}, the same people"
        key = f"change.{measure.key}.same"
        same = difference(measure, parts[0], parts[1], key=key, name=name, **common)
    if sizes[2]:
        name = f"{measure.name} in {first}, those who did not answer again less those who did"
        key = f"panel.{measure.key}"
        left = difference(measure, parts[0], parts[2], key=key, name=name, **common)
    return same, left
