"""Groups of customers compared on every headline measure, corrected for the many comparisons."""

import dataclasses
from collections.abc import Callable
from itertools import combinations

import numpy as np

from crmresearch.data.roles import ROLES
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError
from crmresearch.methods.groups import slug
from crmresearch.methods.multiplicity import METHODS, adjust, widest
from crmresearch.methods.weighting import Design
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey.change import CORRECTIONS, smallest
from crmresearch.survey.metrics import (
    Measure,
    by_group,
    contrast,
    difference,
    grouped,
    headline_measures,
)
from crmresearch.survey.sample import sampling

MOST_COMPARED = 12  # groups of one variable; more would make more pairs than anybody reads
EVERY = "segment, brand, channel, stakeholder"  # not the waves, which have a section of their own
PRIVATE = {"account", "person", "id", "verbatim", "weight"}


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """Two groups to compare on a measure.

    Parameters
    ----------
    measure : key of the measure
    at : gives the difference, later group less earlier, with an interval of the level asked for
    """

    measure: str
    at: Callable[[float], Estimate]


def compare(
    survey: Survey,
    *,
    groups: str = "segment",
    correction: str = "holm",
    level: float = 0.95,
    min_cell: int = 2,
) -> list[Estimate]:
    """Every pair of groups compared on every headline measure.

    All comparisons of the groups of one role are one family. Under ``holm`` the intervals are
    Bonferroni's and hold for the whole family at once; Holm's p is never the larger of the two, so
    a difference may be told from chance by it though its interval still touches zero. Under
    ``fdr_bh`` the intervals are those of Benjamini and Yekutieli (2005), of which a share of 1 -
    `level` among the selected is expected to miss, and they are clear of zero exactly where the
    adjusted p is below 1 - `level`, save for shares in a simple random sample, whose interval and
    test differ. The groups chose themselves: a difference does not say what made it.

    Parameters
    ----------
    groups : roles whose variables are compared, separated by commas
    correction : ``holm`` or ``fdr_bh``
    min_cell : groups that may not be shown for being smaller, nor those hidden with them, are not
        compared, as a difference from a known figure would show them

    Returns
    -------
    Keys ``{role}.{measure}.{variable}.{later}-{earlier}``, after each its ``.detectable``: the
    true difference that would be found with 80% power by a test at the family's strictest limit.
    Empty where no variable has two to twelve groups of `min_cell`.
    """
    found = []
    for role in roles(groups):
        family = [pair for pairs in _families(survey, role, min_cell).values() for pair in pairs]
        found += _corrected(family, CORRECTIONS[correction], level)
    return found


def widest_gaps(
    survey: Survey, *, groups: str = EVERY, level: float = 0.95, min_cell: int = 2
) -> list[Estimate]:
    """The widest of all true differences between groups, whichever pair it belongs to, in SD.

    Intervals that hold for all pairs of a measure at once bound it: it is at least as wide as the
    clearest pair's nearer end and no wider than the farthest end of any. In standard deviations of
    all respondents, so that measures and groupings can be held against each other. Each line's
    interval holds for that line.

    Returns
    -------
    ``{role}.{measure}.widest``, one a role and measure.
    """
    basis = sampling(survey)
    measures = {measure.key: measure for measure in headline_measures(survey)}
    found = []
    for role in roles(groups):
        by = _named(survey, role)
        for key, pairs in _families(survey, role, min_cell).items():
            each = 1 - (1 - level) / len(pairs)
            known = [item for pair in pairs if (item := pair.at(each)).low == item.low]
            found += _widest(known, measures[key], basis, (role, by), level)
    return found


def roles(groups: str) -> list[str]:
    """The roles named in a text, each once; an error that says which may be named."""
    names = list(dict.fromkeys(filter(None, (name.strip() for name in groups.split(",")))))
    may = [role.name for role in ROLES.values() if "category" in role.types]
    may = [name for name in may if name not in PRIVATE]
    wrong = [name for name in names if name not in may]
    if wrong:
        raise RequestError(
            f"groups: found {', '.join(map(repr, wrong))}, which is no role of groups that can be "
            f"compared. Name one or more of {', '.join(may)}, separated by commas."
        )
    return names


def _named(survey: Survey, role: str) -> str:
    """What readers know a grouping by: its variable where there is one, else the role."""
    variables = survey.variables(role)
    return variables[0].name if len(variables) == 1 else role


def _families(survey: Survey, role: str, min_cell: int) -> dict[str, list[Pair]]:
    """The pairs of groups of a role's variables, by measure."""
    basis = sampling(survey)
    members = grouped(survey, (role,))
    keys = dict(zip(members, distinct(list(members)), strict=True))
    found: dict[str, list[Pair]] = {}
    for measure in headline_measures(survey):
        known = np.isfinite(measure.values) & (basis.row_weights() > 0)
        pairs = []
        for variable, groups in members.items():
            shown = _shown(groups, known, min_cell)
            if 2 <= len(shown) <= MOST_COMPARED:
                named = f"{variable}: " if len(members) > 1 else ""
                key = f"{role}.{measure.key}.{keys[variable]}"
                between = (
                    _rows_compared(measure, groups)
                    if basis.plain
                    else _contrasts(measure, groups, survey, variable)
                )
                pairs += _pairs(measure.key, shown, between, key, f"{measure.short}, {named}")
        if pairs:
            found[measure.key] = pairs
    return found


def _shown(groups: dict[str, np.ndarray], known: np.ndarray, min_cell: int) -> list[str]:
    sizes = {label: int((rows & known).sum()) for label, rows in groups.items()}
    hidden = hidden_groups(sizes, min_cell, total=int(known.sum()))
    return [label for label in groups if sizes[label] and label not in hidden]


def distinct(labels: list[str]) -> list[str]:
    """Labels as parts of keys, told apart where they read alike: ``a``, ``a_2``."""
    found: list[str] = []
    for label in labels:
        part, number = slug(label), 2
        while part in found:
            part, number = f"{slug(label)}_{number}", number + 1
        found.append(part)
    return found


def _pairs(measure: str, labels: list[str], between: Callable, key: str, name: str) -> list[Pair]:
    """A comparison for every two groups."""
    slugs = dict(zip(labels, distinct(labels), strict=True))
    return [
        Pair(measure, between(a, b, f"{key}.{slugs[b]}-{slugs[a]}", f"{name}{b} − {a}"))
        for a, b in combinations(labels, 2)
    ]


def _rows_compared(measure: Measure, groups: dict[str, np.ndarray]) -> Callable:
    """Differences in a simple random sample, of the rows of the two groups alone."""
    values = {label: measure.values[rows] for label, rows in groups.items()}

    def between(a: str, b: str, key: str, name: str) -> Callable[[float], Estimate]:
        both = measure._replace(values=np.concatenate([values[a], values[b]]))
        first = np.arange(len(both.values)) < len(values[a])
        settings = {"key": key, "name": name, "design": Design(len(first))}
        return lambda level: difference(both, first, ~first, level=level, **settings)

    return between


def _contrasts(
    measure: Measure, groups: dict[str, np.ndarray], survey: Survey, variable: str
) -> Callable:
    """Linearised differences, from the joint covariance of all groups of the variable."""
    means, basis = by_group(survey, measure, variable, groups), sampling(survey)
    at_label = {label: at for at, label in enumerate(groups)}

    def between(a: str, b: str, key: str, name: str) -> Callable[[float], Estimate]:
        sides, told = (at_label[a], at_label[b]), {"key": key, "name": name}
        return lambda level: contrast(measure, means, sides, basis, level=level, **told)

    return between


def _corrected(family: list[Pair], correction: str, level: float) -> list[Estimate]:
    """The family's differences with adjusted p and intervals, each before its detectable one."""
    first = [pair.at(level) for pair in family]
    p = np.array([item.p for item in first])
    tests = max(int(np.isfinite(p).sum()), 1)
    adjusted = adjust(p, method=correction)
    strictest = 1 - (1 - level) / tests
    selected = int((adjusted < 1 - level).sum()) if correction == "bh" else 1
    each = 1 - (1 - level) * max(selected, 1) / tests
    kind = "false-coverage-rate" if correction == "bh" else "Bonferroni"
    words = f"; {kind} interval and {METHODS[correction]} p for {tests} comparisons"
    found = []
    for pair, plain, q in zip(family, first, adjusted, strict=True):
        item = dataclasses.replace(pair.at(each), level=level, p=float(q))
        if not item.n or item.value != item.value:
            continue
        found.append(dataclasses.replace(item, method=item.method + words))
        if plain.low < plain.high:
            found.append(smallest(plain, level=strictest))
    return found


def _widest(
    known: list[Estimate],
    measure: Measure,
    basis: Design,
    grouping: tuple[str, str],
    level: float,
) -> list[Estimate]:
    """The widest difference of a measure; `grouping` is the role and its name for readers."""
    answered = np.isfinite(measure.values) & (basis.row_weights() > 0)
    values, weights = measure.values[answered], basis.row_weights()[answered]
    sd = 0.0
    if len(values) > 1:
        centre = weights @ values / weights.sum()
        sd = float(np.sqrt(weights @ (values - centre) ** 2 / weights.sum()))
    if not known or not sd > 0:
        return []
    low, high = widest((item.low, item.high) for item in known)
    most = max(known, key=lambda item: abs(item.value))
    role, by = grouping
    words = "difference" if len(known) == 1 else "simultaneous intervals of differences"
    return [
        Estimate(
            key=f"{role}.{measure.key}.widest",
            name=f"{measure.short}, by {by}",
            value=abs(most.value) / sd,
            low=low / sd,
            high=high / sd,
            level=level,
            unit="SD",
            n=len(values),
            n_dropped=int(basis.n - len(values)),
            method=f"widest difference between any two groups ({most.name.rpartition(', ')[2]}); "
            f"bounds from {len(known)} {words}, divided by the SD of all, {sd:.2f}",
        )
    ]
