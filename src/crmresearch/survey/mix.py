"""A change divided into who answered and how they answered: the mix of groups, and within them."""

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.methods.decomposition import Decomposition, decompose
from crmresearch.methods.weighting import Design, t_interval
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey.change import shown_waves
from crmresearch.survey.metrics import Measure, grouped, headline_measures
from crmresearch.survey.panel import linked
from crmresearch.survey.segments import distinct

RESTORED = "restored"  # the mix of groups whose shares the weights set alike in every wave
BY = ("segment", "brand", "channel", "stakeholder")
UNSTATED = "not stated"


def decomposition(survey: Survey, *, level: float = 0.95, min_cell: int = 2) -> list[Estimate]:
    """The latest change of the first measure divided over every grouping, others over the first.

    The change between the last two waves is what the groups' shares changed by (the mix) and what
    their figures changed by (within); the two add up to it exactly. Other groupings divide the
    same change otherwise, and what varies within groups stays unseen. Groups with fewer than
    `min_cell` answers in one of the waves are put together with the next smallest, since the parts
    would show their figures.

    Where the weights are raked to the shares of a grouping, in every wave the same, its mix cannot
    have changed in the weighted figures whoever answered: that part then says nothing of it.

    Returns
    -------
    ``mix.nps.segment.composition`` and ``.within`` and so on, with ``.restored`` in place of
    ``.composition`` where the weights set the shares; for the first measure also what each
    group adds to either, with its name in ``group``. Empty with a single wave or no
    grouping of two groups.
    """
    basis = linked(survey)
    found: list[Estimate] = []
    members = grouped(survey, BY)
    keys = dict(zip(members, _keys(survey, list(members)), strict=True))
    restored = _restored(survey)
    for position, measure in enumerate(headline_measures(survey)):
        waves = shown_waves(survey, measure, basis, min_cell)[-2:]
        if len(waves) < 2:
            continue
        later = np.full(basis.n, -1)
        for side, (_, rows) in enumerate(waves):
            later[rows] = side
        shown: list[np.ndarray] = []
        for variable, groups in list(members.items())[: None if position == 0 else 1]:
            codes, names = merged(groups, _answered(measure, basis), later, min_cell)
            if len(names) < 2 or _reveals(codes, later, shown, min_cell):
                continue
            split = decompose(measure.values, codes, later, basis)
            if split is None:
                continue
            shown.append(codes)
            key = f"mix.{measure.key}.{keys[variable]}"
            span = f"{waves[0][0]} to {waves[1][0]}"
            part = RESTORED if variable in restored else "composition"
            found += _sums(split, measure, variable, (key, part), span, basis, level)
            if position == 0:
                found += _parts(split, measure, variable, names, (key, part), basis, level)
    return found


def merged(
    groups: dict[str, np.ndarray], answered: np.ndarray, later: np.ndarray, min_cell: int
) -> tuple[np.ndarray, list[str]]:
    """Groups of at least `min_cell` (and two) answers in either wave, the small put together.

    Groups whose figures over all waves are hidden elsewhere stand together from the start.

    Parameters
    ----------
    groups : name to (n,) bool rows; rows in none are a group of their own
    later : (n,) 0 and 1 for the waves, -1 for neither

    Returns
    -------
    (n,) codes, -1 for rows that do not count, and the names in their order
    """
    counted = answered & (later >= 0)
    codes = np.full(len(answered), -1)
    for position, rows in enumerate(groups.values()):
        codes[rows & counted] = position
    codes[counted & (codes < 0)] = len(groups)
    names = [[name] for name in (*groups, UNSTATED)]
    everyone = {name: int((rows & answered).sum()) for name, rows in groups.items()}
    hidden = hidden_groups(everyone, min_cell, total=int(answered.sum()))
    unseen = [at for at, name in enumerate(groups) if name in hidden]
    for at in unseen[1:]:  # another partner would give the hidden away beside its own figure
        codes[codes == at] = unseen[0]
        names[unseen[0]] += names[at]
    least = max(min_cell, 2)
    while True:
        cells = np.bincount((codes * 2 + later)[counted], minlength=2 * len(names))
        sizes = cells.reshape(len(names), 2)
        there = [at for at in range(len(names)) if sizes[at].any()]
        small = [at for at in there if sizes[at].min() < least]
        if not small or len(there) < 2:
            break
        first, second = sorted(there, key=lambda at: (sizes[at].min(), sizes[at].sum()))[:2]
        codes[codes == first] = second
        names[second] = [*names[second], *names[first]]
    final = {at: position for position, at in enumerate(there)}
    lookup = np.array([final.get(at, -1) for at in range(len(names))] + [-1])
    order = {name: at for at, name in enumerate((*groups, UNSTATED))}
    texts = [" and ".join(sorted(names[at], key=order.get)) for at in there]
    return lookup[codes], texts


def _keys(survey: Survey, variables: list[str]) -> list[str]:
    """The role of each variable, numbered where several have one role."""
    of = {item.name.replace(":", ","): role for role in BY for item in survey.variables(role)}
    return distinct([of[variable] for variable in variables])


def _restored(survey: Survey) -> set[str]:
    """The groupings, as readers know them, whose shares the weights are raked to."""
    raked = survey.about.margins if survey.raking() is not None else ()
    return {survey.codebook[name].name.replace(":", ",") for name in raked}


def _answered(measure: Measure, basis: Design) -> np.ndarray:
    return np.isfinite(measure.values) & (basis.row_weights() > 0)


def _reveals(codes: np.ndarray, later: np.ndarray, shown: list[np.ndarray], min_cell: int) -> bool:
    """Whether a group holds all but a few of another grouping's group in a wave, or the reverse.

    The figure of those few would be the difference of two that are shown.
    """
    used = codes >= 0
    for others in shown:
        cells = codes[used] * 2 + later[used], others[used] * 2 + later[used]
        table = np.zeros((cells[0].max(initial=0) + 1, cells[1].max(initial=0) + 1), dtype=int)
        np.add.at(table, cells, 1)
        rest_of_row = table.sum(axis=1, keepdims=True) - table
        rest_of_column = table.sum(axis=0) - table
        nested = (table > 0) & ((rest_of_row == 0) | (rest_of_column == 0))
        rest = rest_of_row + rest_of_column
        if (nested & (rest > 0) & (rest < min_cell)).any():
            return True
    return False


def _sums(
    split: Decomposition,
    measure: Measure,
    variable: str,
    keys: tuple[str, str],
    span: str,
    basis: Design,
    level: float,
) -> list[Estimate]:
    key, mix = keys
    answered = "who answered" + (", set by the weights" if mix == RESTORED else "")
    sums = (
        (mix, answered, split.composition.sum(), split.composition_error),
        ("within", "within groups", split.within.sum(), split.within_error),
    )
    return [
        _estimate(
            f"{key}.{part}",
            f"{measure.name}, {span}, by {variable}: {words}",
            float(value),
            error,
            split,
            measure,
            basis,
            level,
        )
        for part, words, value, error in sums
    ]


def _parts(
    split: Decomposition,
    measure: Measure,
    variable: str,
    names: list[str],
    keys: tuple[str, str],
    basis: Design,
    level: float,
) -> list[Estimate]:
    """What each group adds to the two parts of the change."""
    key, mix = keys
    sides = (
        (mix, "added by its share", split.composition, split.composition_errors),
        ("within", "added by its answers", split.within, split.within_errors),
    )
    return [
        _estimate(
            f"{key}.{part}",
            f"{measure.name}, {words}",
            float(values[at]),
            float(errors[at]),
            split,
            measure,
            basis,
            level,
            group=f"{variable}: {name}",
            n=int(split.n[at]),
        )
        for at, name in enumerate(names)
        for part, words, values, errors in sides
    ]


def _estimate(
    key: str,
    name: str,
    value: float,
    error: float,
    split: Decomposition,
    measure: Measure,
    basis: Design,
    level: float,
    *,
    group: str = "",
    n: int | None = None,
) -> Estimate:
    low, high = t_interval(value, error if error > 0 else NAN, split.freedom, level)
    words = "each wave a simple random sample" if basis.plain else basis.words
    return Estimate(
        key=key,
        name=name,
        value=value,
        low=low,
        high=high,
        level=level,
        unit=measure.unit,
        n=int(split.n.sum()) if n is None else n,
        method=f"Kitagawa decomposition, {words}, linearised jointly, t interval, "
        f"{split.freedom:,} df",
        group=group,
    )
