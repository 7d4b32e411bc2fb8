"""Whether waves asked the same people, what changed for these, and who did not answer again."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from crmresearch.data.survey import Survey
from crmresearch.methods.domains import domain_means
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import Estimate
from crmresearch.survey.metrics import Measure, contrast
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
    single : whether nobody answered twice in a wave; rows of one wave are then people
    """

    people: np.ndarray | None
    earlier: np.ndarray
    later: np.ndarray
    names: tuple[str, str]
    single: bool

    def both(self, answered: np.ndarray) -> np.ndarray:
        """(n,) bool, the rows of people with an answered row in both waves."""
        inside = self._present(answered & self.earlier) & self._present(answered & self.later)
        return (self.people >= 0) & inside[self.people]

    def count(self, rows: np.ndarray) -> int:
        """How many people these rows come from; a row of nobody known counts as one."""
        if self.single:
            return int(rows.sum())
        return int(self._present(rows).sum() + (rows & (self.people < 0)).sum())

    def _present(self, rows: np.ndarray) -> np.ndarray:
        size = int(self.people.max(initial=-1)) + 2  # the last place is that of nobody
        return np.bincount(self.people[rows & (self.people >= 0)], minlength=size) > 0


def following(
    people: np.ndarray | None, earlier: np.ndarray, later: np.ndarray, names: tuple[str, str]
) -> Followed:
    """`Followed` of the rows of two waves."""
    once = True
    if people is not None:
        once = all(
            np.bincount(people[rows & (people >= 0)]).max(initial=0) < 2
            for rows in (earlier, later)
        )
    return Followed(people, earlier, later, names, once)


def linked(survey: Survey) -> Design:
    """The survey's design with the answers of one person in one cluster, whatever the account.

    People nested in accounts change nothing. Somebody who answered for two accounts, or whose
    account is missing in one wave, joins these clusters, so that no two answers of one person are
    taken as independent. It is made once.
    """
    return survey.once("linked", lambda: _linked(survey))


def _linked(survey: Survey) -> Design:
    basis = sampling(survey)
    people = codes(survey)
    if people is None or basis.cluster_name == "person":
        return basis
    clusters = np.arange(basis.n) if basis.clusters is None else basis.clusters
    known = people >= 0
    first = np.zeros(int(people.max(initial=-1)) + 1, dtype=np.int64)
    first[people[known]] = clusters[known]
    if (first[people[known]] == clusters[known]).all():  # people are nested in clusters
        return basis
    size = int(clusters.max()) + 1
    nodes = size + len(first)
    edges = (np.ones(known.sum()), (clusters[known], size + people[known]))
    groups = sparse.csgraph.connected_components(sparse.csr_matrix(edges, shape=(nodes, nodes)))[1]
    name = f"{basis.cluster_name} joined by people in several"
    return dataclasses.replace(basis, clusters=groups[clusters], cluster_name=name)


def codes(survey: Survey) -> np.ndarray | None:
    """A number for each row's person, -1 where missing; None without the role person."""
    return survey.once("people", lambda: _codes(survey))


def _codes(survey: Survey) -> np.ndarray | None:
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
    which = np.full(len(both), -1, dtype=np.int8)
    for place, rows in enumerate(parts[:3]):
        which[rows] = place
    means = domain_means(measure.values, which, 3, basis)
    same = left = None
    if any(sizes[2:]):
        name = f"{measure.name}, {first} to {second}, the same people"
        key = f"change.{measure.key}.same"
        same = contrast(measure, means, (0, 1), basis, key=key, name=name, level=level)
    if sizes[2]:
        name = f"{measure.name} in {first}, those who did not answer again less those who did"
        key = f"panel.{measure.key}"
        left = contrast(measure, means, (0, 2), basis, key=key, name=name, level=level)
    return same, left
