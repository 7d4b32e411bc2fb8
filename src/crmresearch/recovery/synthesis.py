"""One contrast in several groups or runs, and its random-effects synthesis.

The groups are brands, waves or segments of the data, the runs are published reports on other data.
Each gives the adjusted contrast as it is judged, in pooled standard deviations or in shares of
customers, so that different scales can be pooled; the synthesis says what holds on average, how
much it varies, and what to expect of one more group like these.
"""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from crmresearch.data.locate import named_path
from crmresearch.data.margins import labels_of
from crmresearch.methods import meta
from crmresearch.recovery.cases import Cases, Outcome, known
from crmresearch.recovery.contrasts import GROUPS, available, baseline, compare, family
from crmresearch.recovery.pooling import synthesised, usable
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number
from crmresearch.report.published import Published, published
from crmresearch.report.suppression import hidden_groups

JOINED = " x "  # between two roles whose combinations are the groups


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
    Estimates in the unit that the contrast is judged in, as `pooling.synthesised` makes them, under
    ``synthesis.<outcome>.<contrast>``; none where the role is absent or fewer than two groups are
    large enough.
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
                estimates=synthesised(parts, f"synthesis.{outcome.key}.{contrast}", outcome, level),
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
        if not usable(own):
            continue
        found = {
            label: item
            for label, other in others.items()
            if usable(item := find(other.estimates, own.key)) and item.unit == own.unit
        }
        if not found:
            continue
        parts = [dataclasses.replace(own, group="report: this one")] + [
            dataclasses.replace(item, group=f"report: {label}") for label, item in found.items()
        ]
        absent = [label for label in others if label not in found]
        return Synthesis(
            estimates=synthesised(parts, f"runs.{outcome.key}.{contrast}", outcome, level),
            note=_left_out_runs(absent, without),
            caveats=_few(parts, "runs", "report"),
        )
    return Synthesis(note=_left_out_runs(list(others), without))


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
    used = used.to_numpy() & (cases.sampling.row_weights() > 0)
    sides = [known(cases.frame[GROUPS[contrast][1]]), baseline(cases)]
    names = list(labels.cat.categories)
    kept = set(names)
    for side in sides:
        inside = labels[side & used]
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
    return [found] if usable(found) else []


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
    codes = labels.cat.codes.to_numpy()
    if cases.sampling.clusters is None or not (codes >= 0).any():
        return []
    clusters, codes = cases.sampling.clusters[codes >= 0], codes[codes >= 0]
    last = np.zeros(int(clusters.max()) + 1, dtype=codes.dtype)
    last[clusters] = codes  # the group of each one's last answer
    several = np.bincount(clusters, weights=codes != last[clusters]) > 0
    inside = several[clusters].mean()
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
