"""Where complaints go, and the steps of the funnel by segment, channel and brand."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.methods import wald
from crmresearch.methods.domains import Domains, domains_of_each
from crmresearch.methods.groups import slug
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.proportions import share
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.funnel import STEPS, gives_away, reached, steps
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import hidden_groups, margins_reveal

CUSTOMERS = ("segment", "channel", "brand")
COMPLAINTS = ("complained_to", "complaint_channel")  # known of complainers alone
MOST = 12  # groups of one variable; of more, the largest are shown


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """One variable of groups: its role, its name for readers, its labels and each row's label."""

    role: str
    name: str
    labels: tuple[str, ...]
    codes: np.ndarray  # (n,) int, -1 where the group is not known


def groupings(cases: Cases, roles: tuple[str, ...]) -> list[Grouping]:
    """The variables of these roles; of more than twelve groups the largest keep their label."""
    found = []
    for role in roles:
        for item in cases.answers.variables(role) if role in cases.answers.roles else ():
            column = cases.answers.answers[item.variable]
            if item.type == "binary":
                column = column.map({0.0: "no", 1.0: "yes"})
            column = column.astype("category").cat.remove_unused_categories()
            codes = column.cat.codes.to_numpy().astype(np.intp)
            labels = tuple(map(str, column.cat.categories))
            found.append(Grouping(role, item.name, labels, codes))
    return found


def destinations(cases: Cases, *, level: float = 0.95, min_cell: int = 10) -> list[Estimate]:
    """Whom customers complained to and by which channel.

    Returns
    -------
    Two estimates a recipient or channel: ``complaints.of_complaints``, its share of complaints
    whose recipient is known, and ``complaints.of_problems``, the share of customers with a problem
    whose complaint went there, where a problem was asked. The second is what surveys of consumers
    quote for complaints that reach head office. Empty without the roles.
    """
    if not cases.has("complained"):
        return []
    complained = cases.frame["complained"].to_numpy()
    voiced = complained == 1
    problem = cases.frame["problem"].to_numpy() == 1 if cases.has("problem") else None
    estimates = []
    for grouping in groupings(cases, COMPLAINTS):
        known = voiced & (grouping.codes >= 0)
        if known.sum() < min_cell:  # shares of those with a problem would tell theirs
            continue
        counts = np.bincount(grouping.codes[known], minlength=len(grouping.labels))
        for at in _largest(counts):
            here = (grouping.codes == at).astype(float)
            told = {"level": level, "group": f"{grouping.name}: {grouping.labels[at]}"}
            of_complaints = share(
                here,
                key="complaints.of_complaints",
                name="share of complaints",
                design=cases.sampling,
                within=known,
                **told,
            )
            estimates.append(of_complaints)
            if problem is not None:
                reached_there = np.where(known, here, np.where(complained == 0, 0.0, np.nan))
                estimates.append(
                    share(
                        reached_there,
                        key="complaints.of_problems",
                        name="share of those with a problem",
                        design=cases.sampling,
                        within=problem,
                        **told,
                    )
                )
    return [item for item in estimates if item.n >= min_cell]


def by_group(
    cases: Cases,
    *,
    roles: tuple[str, ...] = CUSTOMERS + COMPLAINTS,
    level: float = 0.95,
    min_cell: int = 10,
) -> list[Estimate]:
    """Each step as a share of those at the step before it, in every group of customers.

    Groups of complaints, by recipient or channel, are compared on the steps after the complaint.
    A group is shown where neither it nor what is left of all, nor of other groups, is fewer than
    `min_cell` people. Whether a step differs between the groups of a variable is tested once for
    each step and variable, with p by Holm for all these tests: Pearson's chi-squared for a simple
    random sample, Wald's F on linearised variances under another design. Groups chose themselves,
    so a difference does not say what made it.

    Returns
    -------
    ``funnel_by.<step>``, group ``<variable>: <label>``, and ``funnel_test.<step>.<variable>``, a
    ``statistic`` with its p. Empty where no variable has two groups that may be shown.
    """
    shown: list[Estimate] = []
    tests: list[Estimate] = []
    names = steps(cases)
    variables = groupings(cases, roles)
    after = names[names.index("complained") + 1 :] if "complained" in names else []
    for step in names:
        before, _ = reached(cases, step)
        if step == "stayed" and gives_away(cases, before, min_cell):
            continue
        values = cases.frame[step].to_numpy()
        used = before & np.isfinite(values) & (cases.sampling.row_weights() > 0)
        may = [one for one in variables if one.role not in COMPLAINTS or step in after]
        told = _shown(may, used, min_cell)
        groups = [np.where(before, _only(grouping, places), -1) for grouping, places in told]
        sizes = [len(places) for _, places in told]
        means = domains_of_each(values, list(zip(groups, sizes, strict=True)), cases.sampling)
        for (grouping, places), codes, found in zip(told, groups, means, strict=True):
            shown += _shares(cases, step, grouping, places, values, found, codes, level)
            tests.append(_test(cases, step, grouping, found, level))
    adjusted = adjust(np.array([item.p for item in tests])) if tests else []
    family = int(np.isfinite([item.p for item in tests]).sum()) if tests else 0
    return shown + [
        dataclasses.replace(item, p=float(p), method=f"{item.method}; p by Holm for {family} tests")
        for item, p in zip(tests, adjusted, strict=True)
    ]


def _largest(counts: np.ndarray) -> list[int]:
    """The positions of the groups with most people, in the variable's order."""
    order = np.argsort(-counts, kind="stable")[:MOST]
    return sorted(int(at) for at in order if counts[at])


def _shown(
    variables: list[Grouping], used: np.ndarray, min_cell: int
) -> list[tuple[Grouping, list[int]]]:
    """The variables and groups that may be shown of a step beside the share of all.

    No group is small, nor can a small one be had from the figures of two variables; the smallest
    groups of the later variable are merged with the rest until that is so.
    """
    found: list[tuple[Grouping, list[int]]] = []
    crossed: list[np.ndarray] = []
    rows = np.flatnonzero(used)
    for grouping in variables:
        counts = np.bincount(grouping.codes[rows] + 1, minlength=len(grouping.labels) + 1)[1:]
        sizes = {str(at): int(counts[at]) for at in _largest(counts)}
        hidden = hidden_groups(sizes, min_cell, total=len(rows))
        places = [int(at) for at in sizes if at not in hidden]
        while len(places) > 1:
            codes = _only(grouping, places)[rows] + 1  # the rest is 0
            if not any(margins_reveal(_cross(codes, other), min_cell) for other in crossed):
                found.append((grouping, places))
                crossed.append(codes)
                break
            places.remove(min(places, key=lambda at: counts[at]))
    return found


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How many rows have each pair of codes."""
    wide = int(second.max(initial=0)) + 1
    height = int(first.max(initial=0)) + 1
    return np.bincount(first * wide + second, minlength=height * wide).reshape(height, wide)


def _only(grouping: Grouping, places: list[int]) -> np.ndarray:
    """Each row's group among those shown, numbered from 0; -1 for none."""
    new = np.full(len(grouping.labels) + 1, -1)
    new[places] = np.arange(len(places))
    return new[grouping.codes]


def _shares(
    cases: Cases,
    step: str,
    grouping: Grouping,
    places: list[int],
    values: np.ndarray,
    found: Domains,
    groups: np.ndarray,
    level: float,
) -> list[Estimate]:
    return [
        share(
            values,
            key=f"funnel_by.{step}",
            name=f"{STEPS[step]}, share of those at the step before",
            design=cases.sampling,
            within=groups == position,
            level=level,
            group=f"{grouping.name}: {grouping.labels[at]}",
            moments=found.moments(position),
        )
        for position, at in enumerate(places)
    ]


def _test(
    cases: Cases,
    step: str,
    grouping: Grouping,
    found: Domains,
    level: float,
) -> Estimate:
    """Whether the groups shown differ on a step."""
    if cases.sampling.plain:
        value, p, method = pearson(found)
    else:
        taken = np.arange(len(found.n))
        freedom = found.freedom(taken, np.ones(len(taken)))
        value, above, below, p = wald.equal_means(found.means, found.covariance, freedom)
        method = f"Wald's F({above}, {below:g}), {cases.sampling.words}, linearised variance"
    told = np.isfinite(value)
    return Estimate(
        key=f"funnel_test.{step}.{slug(grouping.name)}",
        name=f"{STEPS[step]}, differs by {grouping.name}",
        value=value if told else NAN,
        level=level,
        unit="statistic",
        n=int(found.n.sum()),
        n_dropped=int(found.dropped.sum()),
        method=method,
        p=p if told else NAN,
    )


def pearson(found: Domains) -> tuple[float, float, str]:
    """Pearson's chi-squared that shares are equal, without correction."""
    share_of_all = float(found.means @ found.n / found.n.sum())
    freedom = len(found.n) - 1
    method = f"Pearson's chi-squared({freedom})"
    spread = share_of_all * (1 - share_of_all)
    if not spread > 0:
        return NAN, NAN, f"{method}: not computed, all groups alike"
    value = float((found.n * (found.means - share_of_all) ** 2).sum() / spread)
    return value, float(stats.chi2.sf(value, freedom)), method
