"""One contrast in several groups or runs, and its random-effects synthesis.

The groups are brands, waves or segments of the data, the runs are published reports on other data.
Each gives the adjusted contrast in pooled standard deviations, so that different scales can be
pooled; the synthesis says what holds on average, how much it varies, and what to expect of one
more group like these.
"""

import dataclasses
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.data.locate import named_path
from crmresearch.data.margins import labels_of
from crmresearch.methods import meta
from crmresearch.recovery.cases import Cases, Outcome, known
from crmresearch.recovery.contrasts import GROUPS, available, compare, family
from crmresearch.report.estimates import NAN, Estimate, find
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number
from crmresearch.report.published import Published, published
from crmresearch.report.suppression import hidden_groups

JOINED = " x "  # between two roles whose combinations are the groups
_CLUSTERS = re.compile(r"\(([\d,]+) clusters\)")


@dataclass(frozen=True, slots=True)
class Synthesis:
    """`estimates` to show, a `note` on what was left out, and the `caveats` that fire."""

    estimates: list[Estimate] = field(default_factory=list)
    note: str = ""
    caveats: list[Caveat] = field(default_factory=list)


def groups(
    cases: Cases,
    outcome: Outcome,
    *,
    across: str = "brand",
    level: float = 0.95,
    min_cell: int = 10,
) -> Synthesis:
    """The narrowest contrast that two groups or more can show, in each of them and pooled.

    Parameters
    ----------
    across : the role whose groups are synthesised (``brand``, ``wave``, ``segment``…), or two
        roles joined by `JOINED` for their combinations
    min_cell : a group with fewer customers on either side is left out of the synthesis, with the
        next smallest where it could be got back from the whole sample by subtraction

    Returns
    -------
    Estimates in SD as `_synthesis` makes them, under ``synthesis.<contrast>``; none where the role
    is absent or fewer than two groups are large enough.
    """
    name, labels = _labels(cases, across)
    if labels is None:
        return Synthesis()
    for contrast in reversed(available(cases)):
        kept = _large_enough(cases, outcome, contrast, labels, min_cell)
        if len(kept) < 2:
            continue
        parts = [
            dataclasses.replace(found, group=f"{name}: {label}")
            for label in kept
            for found in _contrast(cases, outcome, contrast, labels == label, level, min_cell)
        ]
        if len(parts) >= 2:
            left_out = int(labels.nunique()) - len(parts)
            return Synthesis(
                estimates=_synthesis(parts, f"synthesis.{contrast}", outcome, level),
                note=_left_out_groups(left_out, name, min_cell),
                caveats=[
                    *_few(parts, "synthesis", name),
                    *_shared(cases, labels.where(labels.isin(kept)), name),
                ],
            )
    return Synthesis()


def runs(
    cases: Cases,
    outcome: Outcome,
    gaps: list[Estimate],
    *,
    folder: str,
    level: float = 0.95,
) -> Synthesis:
    """The narrowest contrast of these data and the same contrast of other published reports.

    Parameters
    ----------
    gaps : of `contrasts.compare` on the main outcome
    folder : a folder of published reports, of which ``report.json`` and ``estimates.csv`` are
        read; empty for no synthesis. Reports of other studies are passed over, and so is one made
        from the same data as this.

    Raises
    ------
    DataError
        Where a report is damaged, or two are made from the same data.
    """
    if not folder:
        return Synthesis()
    others, without = _others(cases, named_path(folder, "folder of reports"))
    for contrast in reversed(available(cases)):
        own = _adjusted(cases, outcome, contrast, gaps)
        if own is None or own.low != own.low:
            continue
        found = {
            label: item
            for label, other in others.items()
            if (item := find(other.estimates, own.key)) is not None and item.low < item.high
        }
        if not found:
            continue
        parts = [dataclasses.replace(own, group="report: this one")] + [
            dataclasses.replace(item, group=f"report: {label}") for label, item in found.items()
        ]
        absent = [label for label in others if label not in found]
        return Synthesis(
            estimates=_synthesis(parts, f"runs.{contrast}", outcome, level),
            note=_left_out_runs(absent, without),
            caveats=_few(parts, "runs", "report"),
        )
    return Synthesis(note=_left_out_runs(list(others), without))


def standard_error(item: Estimate) -> float:
    """The standard error behind a symmetric t interval.

    Its degrees of freedom are the clusters less one where the method names clusters, otherwise
    the rows less two: with the covariates taken off as well the error would be smaller by less
    than one part in a hundred from forty rows on.
    """
    found = _CLUSTERS.search(item.method)
    df = int(found[1].replace(",", "")) - 1 if found else item.n - 2
    if df < 1 or not item.low < item.high:
        return NAN
    return (item.high - item.low) / 2 / float(stats.t.ppf((1 + item.level) / 2, df))


def _synthesis(parts: list[Estimate], start: str, outcome: Outcome, level: float) -> list[Estimate]:
    """Each part, the mean, the prediction, the spread, and the synthesis without each part.

    Returns
    -------
    ``<start>.effect`` a part, as it came; ``<start>.weight``, its share in the mean;
    ``<start>.mean`` with Hartung and Knapp's interval; ``<start>.predicted``, the true effect in
    one more part; ``<start>.between``, the SD of the true effects with its Q-profile interval;
    ``<start>.inconsistency``, I squared with the same; ``<start>.test``, Cochran's Q;
    ``<start>.without`` a part, the mean of the others, with three parts or more.
    """
    effects = np.array([item.value for item in parts])
    variances = np.array([standard_error(item) for item in parts]) ** 2
    pooled = meta.pool(effects, variances)
    name = f"{outcome.name}, {parts[0].name}"
    shown = [
        dataclasses.replace(item, key=f"{start}.effect", name=name, study="") for item in parts
    ]
    weights = [
        dataclasses.replace(
            item,
            key=f"{start}.weight",
            name="weight in the synthesis",
            value=float(weight),
            low=NAN,
            high=NAN,
            p=NAN,
            unit="share",
            method="inverse of sampling variance plus variance between",
        )
        for item, weight in zip(shown, pooled.weights, strict=True)
    ]
    total = {"n": sum(x.n for x in parts), "n_dropped": sum(x.n_dropped for x in parts)}
    return [
        *shown,
        *_pooled(pooled, start, name, level, total),
        *_spread(pooled, effects, variances, start, name, level, total),
        *weights,
        *_without_each(shown, effects, variances, start, level),
    ]


def _pooled(
    pooled: meta.Pooled, start: str, name: str, level: float, total: dict
) -> list[Estimate]:
    low, high = pooled.interval(level)
    ahead = pooled.prediction(level)
    factor = ", factor at least 1" if pooled.k < meta.FEW else ""
    how = f"random effects, REML, k = {pooled.k}"
    return [
        Estimate(
            key=f"{start}.mean",
            name=f"{name}: mean of all",
            value=pooled.mean,
            low=low,
            high=high,
            level=level,
            unit="SD",
            method=f"{how}, Hartung-Knapp t({pooled.df:.0f}) interval{factor}",
            p=pooled.p,
            **total,
        ),
        Estimate(
            key=f"{start}.predicted",
            name=f"{name}: one more like these",
            value=pooled.mean,
            low=ahead[0],
            high=ahead[1],
            level=level,
            unit="SD",
            method=f"{how}, prediction interval, t({pooled.k - 2})",
            **total,
        ),
    ]


def _spread(
    pooled: meta.Pooled,
    effects: np.ndarray,
    variances: np.ndarray,
    start: str,
    name: str,
    level: float,
    total: dict,
) -> list[Estimate]:
    ends = meta.between_interval(effects, variances, level=level)
    inside = [meta.inconsistency(end, variances) for end in ends]
    common = {"level": level, **total}
    return [
        Estimate(
            key=f"{start}.between",
            name=f"{name}: SD of the true differences",
            value=pooled.tau2**0.5,
            low=ends[0] ** 0.5,
            high=ends[1] ** 0.5,
            unit="number",
            method="tau in SD of the outcome, REML, Q-profile interval",
            **common,
        ),
        Estimate(
            key=f"{start}.inconsistency",
            name=f"{name}: spread that is not sampling error (I²)",
            value=pooled.i2,
            low=inside[0],
            high=inside[1],
            unit="share",
            method="I² at the REML variance, Q-profile interval",
            **common,
        ),
        Estimate(
            key=f"{start}.test",
            name=f"{name}: any variation (Cochran's Q)",
            value=pooled.q,
            unit="statistic",
            p=pooled.q_p,
            method=f"Q({pooled.q_df}), chi-squared; has little power with few groups",
            **common,
        ),
    ]


def _without_each(
    shown: list[Estimate], effects: np.ndarray, variances: np.ndarray, start: str, level: float
) -> list[Estimate]:
    if len(shown) < 3:
        return []
    estimates = []
    for item, left in zip(shown, meta.leave_one_out(effects, variances), strict=True):
        low, high = left.interval(level)
        others = sum(x.n for x in shown) - item.n
        estimates.append(
            Estimate(
                key=f"{start}.without",
                name="mean without",
                group=item.group,
                value=left.mean,
                low=low,
                high=high,
                level=level,
                unit="SD",
                n=others,
                method=f"as the mean, k = {left.k}",
                p=left.p,
            )
        )
    return estimates


def _labels(cases: Cases, across: str) -> tuple[str, pd.Series | None]:
    """What the groups are of, in words, and the label of each customer; None without the role."""
    roles = across.split(JOINED)
    if not set(roles) <= cases.answers.roles:
        return across, None
    items = [cases.answers.variables(role)[0] for role in roles]
    columns = [labels_of(cases.answers.answers[item.variable], item) for item in items]
    labels = columns[0] if len(columns) == 1 else columns[0].str.cat(columns[1:], sep=", ")
    return " and ".join(item.name for item in items), labels.astype("category")


def _large_enough(
    cases: Cases, outcome: Outcome, contrast: str, labels: pd.Series, min_cell: int
) -> list[str]:
    """The groups with enough customers on both sides, none to be had by subtraction."""
    used = cases.frame[outcome.key].notna() & cases.covariates.notna().all(axis=1)
    base = "problem" if cases.has("problem") else "complained"
    sides = [known(cases.frame[GROUPS[contrast][1]]), (cases.frame[base] == 0).to_numpy()]
    names = list(labels.cat.categories)
    kept = set(names)
    for side in sides:
        inside = labels[side & used.to_numpy()]
        sizes = inside.value_counts().reindex(names, fill_value=0)
        hidden = hidden_groups(
            {name: int(n) for name, n in sizes.items()}, min_cell, total=len(inside)
        )
        kept -= hidden | set(sizes.index[sizes < min_cell])
    return sorted(kept)


def _contrast(
    cases: Cases,
    outcome: Outcome,
    contrast: str,
    rows: pd.Series,
    level: float,
    min_cell: int,
) -> list[Estimate]:
    """The adjusted contrast in SD among these rows; none where it has no interval."""
    part = _part(cases, rows.fillna(False).to_numpy(dtype=bool), outcome, contrast)
    gaps = compare(part, outcome, level=level, min_cell=min_cell)
    found = _adjusted(part, outcome, contrast, gaps)
    return [] if found is None or not found.low < found.high else [found]


def _part(cases: Cases, rows: np.ndarray, outcome: Outcome, contrast: str) -> Cases:
    """Some of the customers, without the columns that other contrasts need."""
    base = "problem" if cases.has("problem") else "complained"
    others = {column for _, column in GROUPS.values()} - {GROUPS[contrast][1], base}
    columns = [name for name in cases.frame if name not in others]
    return dataclasses.replace(
        cases,
        frame=cases.frame.loc[rows, columns],
        path=cases.path[rows],
        covariates=cases.covariates[rows],
        cluster=cases.cluster[rows] if cases.cluster is not None else None,
        condition=cases.condition[rows] if cases.condition is not None else None,
        sampling=cases.sampling.take(rows),
    )


def _adjusted(
    cases: Cases, outcome: Outcome, contrast: str, gaps: list[Estimate]
) -> Estimate | None:
    """The contrast in SD, adjusted where there is something to adjust for."""
    start = f"{family(cases)}.{outcome.key}.{contrast}"
    return find(gaps, f"{start}.adjusted") or find(gaps, f"{start}.raw")


def _others(cases: Cases, folder: Path) -> tuple[dict[str, Published], int]:
    """The other reports of this study by label, and how many are of these same data."""
    own = cases.answers.source.get("sha256", "")
    reports = [item for item in published(folder) if item.study == "recovery"]
    others = [item for item in reports if not (own and item.data_sha256 == own)]
    titles = [item.data for item in others]
    labels = [
        item.data if item.data and titles.count(item.data) == 1 else f"{item.data} ({item.key})"
        for item in others
    ]
    return dict(zip(labels, others, strict=True)), len(reports) - len(others)


def _few(parts: list[Estimate], start: str, name: str) -> list[Caveat]:
    if len(parts) >= meta.FEW:
        return []
    text = (
        f"The synthesis over {name} rests on {count(len(parts), 'contrast')}. So few say little of "
        "how much the true differences vary: read the interval of their SD before the mean, whose "
        "interval here is never shorter than sampling error alone would make it."
    )
    return [Caveat(key=f"{start}.few", text=text)]


def _shared(cases: Cases, labels: pd.Series, name: str) -> list[Caveat]:
    """Fires where one person or account answered in several of the groups."""
    if cases.cluster is None:
        return []
    pairs = pd.DataFrame({"cluster": cases.cluster, "label": labels}).dropna()
    several = pairs.groupby("cluster")["label"].nunique() > 1
    inside = pairs["cluster"].map(several).mean() if len(pairs) else 0.0
    if not inside:
        return []
    text = (
        f"{format_number(float(inside), 'share')} of the answers in the synthesis over {name} come "
        f"from a {cases.cluster_name} that stands in several of its groups, so the groups are not "
        "independent and the pooled interval takes them for so."
    )
    return [Caveat(key="synthesis.shared", text=text.replace("a account", "an account"))]


def _left_out_groups(number: int, name: str, min_cell: int) -> str:
    if not number:
        return ""
    groups_are = count(number, "group of", "groups of")
    return (
        f"{groups_are} {name} left out: fewer than {min_cell} customers on one side, or such a "
        "group could be told from the others."
    )


def _left_out_runs(absent: list[str], same: int) -> str:
    parts = []
    if absent:
        parts.append(f"Without this contrast, and so left out: {', '.join(absent)}.")
    if same:
        parts.append("A report made from these same data was passed over.")
    return " ".join(parts)
