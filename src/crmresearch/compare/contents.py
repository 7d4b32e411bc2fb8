"""The page of a comparison as cells with outputs, which `report.page` writes like a notebook's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from crmresearch.compare import figures, headlines
from crmresearch.compare.analysis import Compared
from crmresearch.compare.matching import Quantity
from crmresearch.compare.naming import Lineup
from crmresearch.compare.rest import folded, rest, with_estimates
from crmresearch.compare.standings import Standing
from crmresearch.compare.verdicts import Row
from crmresearch.report import rows
from crmresearch.report.estimates import Estimate
from crmresearch.report.exhibits import Shown, as_cells, show, show_caveats, show_data
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number

DRAWN = ("value.", "mean.", "predicted.")  # starts of the keys of what a forest plot shows
COLUMNS = 12  # reports that have a column each; of more, counts are told


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that the page tells.

    Parameters
    ----------
    main : the quantities that are drawn, with one of `main_tests` each
    others : those that are not, with one of `other_tests` and of `standings` each
    rows : the verdicts on each claim
    bounds : the smallest effect of interest by key, where a claim names one
    changes : of each of `main` its changes from wave to wave; empty without waves of one dataset
    """

    lineup: Lineup
    main: Sequence[Compared]
    main_tests: Sequence[Estimate]
    others: Sequence[Quantity]
    other_tests: Sequence[Estimate]
    standings: Sequence[Standing]
    rows: Sequence[Row] = ()
    bounds: Mapping[str, float] = field(default_factory=dict)
    caveats: Sequence[Caveat] = ()
    changes: Sequence[Sequence[Estimate]] = ()


def cells(found: Comparison) -> list[dict]:
    """The cells, as those of an executed notebook."""
    return as_cells(_items(found))


def _items(found: Comparison) -> Iterator[str | Shown]:
    yield show_data(_sheet(found.lineup))
    yield show_caveats(found.caveats)
    yield "## At a glance"
    yield _glance(found)
    yield "## The main numbers"
    for item, test in zip(found.main, found.main_tests, strict=True):
        yield _forest(item, test, found.lineup)
        if item.pairs and (item.clear or item.quantity.key in found.bounds):
            yield _pairs(item, test, found)
    yield "## Ranks"
    for item in found.main[:1]:
        yield _ranks(item, found.lineup)
    yield _league(found)
    if any(found.changes):
        yield "## From wave to wave"
        yield from _changes(found)
    if found.others:
        yield "## Everything else"
        yield from rest(found.others, found.other_tests, found.standings, found.lineup)
    if found.rows:
        yield "## Verdicts"


def _sheet(lineup: Lineup) -> dict:
    """The data sheet: which data, which parts, how many people."""
    datasets = list(dict.fromkeys(item.dataset for item in lineup.reports))
    designs = list(dict.fromkeys(item.design for item in lineup.reports if item.design))
    common = "; ".join(f"{name}: {label}" for name, label in lineup.common.items())
    facts = {
        "Compared": f"{len(lineup.reports):,} {lineup.what}",
        "Data": "; ".join(datasets) if len(datasets) <= COLUMNS else f"{len(datasets):,} datasets",
        "In all reports": common,
        "Design": "; ".join(designs),
    }
    return {
        "title": datasets[0] if len(datasets) == 1 else f"{len(datasets):,} datasets",
        "period": "",
        "n": lineup.n,
        "unit": lineup.reports[0].unit,
        "design": designs[0] if len(designs) == 1 else "",
        "min_cell": lineup.min_cell,
        "facts": {label: text for label, text in facts.items() if text},
        "flow": {},
        "changes": [],
        "private": [],
    }


def _glance(found: Comparison) -> Shown:
    """The main numbers of all reports in one table, with a mark where one is told apart."""
    rows = _columns(found) if len(found.lineup.reports) <= COLUMNS else _counts(found)
    note = "p is of any difference among the reports, corrected for all these quantities (Holm)"
    if len(found.lineup.reports) > 2:
        note = (
            "▲ clearly above the mean of the other reports, ▼ clearly below it: all reports of one "
            f"quantity at once. {note}, so that a mark can stand where p is above .05"
        )
    return show(
        "glance",
        pd.DataFrame(rows),
        title=headlines.glance_title(found.main_tests),
        note=f"{note}.",
        units={"p of any difference": "p"},
        min_cell=found.lineup.min_cell,
    )


def _columns(found: Comparison) -> Iterator[dict]:
    for item, test in zip(found.main, found.main_tests, strict=True):
        cells = dict.fromkeys(found.lineup.labels, "–")
        for x in item.shown:
            mark = {1: "▲", -1: "▼"}.get(item.marks.get(x.group, 0), "")
            cells[figures.label_of(x)] = format_number(x.value, x.unit) + mark
        yield {
            "Quantity": headlines.sentence(item.quantity.words),
            **cells,
            "p of any difference": test.p,
        }


def _counts(found: Comparison) -> Iterator[dict]:
    for item, test in zip(found.main, found.main_tests, strict=True):
        low, *_, high = sorted(item.shown, key=lambda x: x.value)
        marks = list(item.marks.values())
        yield {
            "Quantity": headlines.sentence(item.quantity.words),
            "Reports": len(item.shown),
            "Mean": format_number(item.mean.value, item.mean.unit) if item.mean else "–",
            "Lowest": f"{format_number(low.value, low.unit)} {figures.label_of(low)}",
            "Highest": f"{format_number(high.value, high.unit)} {figures.label_of(high)}",
            "Clearly above ▲": marks.count(1),
            "Clearly below ▼": marks.count(-1),
            "p of any difference": test.p,
        }


def _forest(item: Compared, test: Estimate, lineup: Lineup) -> Shown:
    return show(
        f"forest.{item.quantity.place}",
        [*item.shown, *item.pooled, *item.against, test],
        title=headlines.forest_title(item, test),
        draw=lambda data, figure: figures.forest(
            [x for x in data if x.key.startswith(DRAWN)], figure, marks=item.marks
        ),
        note=_forest_note(item),
        min_cell=lineup.min_cell,
    )


def _forest_note(item: Compared) -> str:
    k, scale = len(item.shown), item.quantity.recovered.scale.name
    if item.quantity.picked:
        return "Each report picked this by its own answers for its size, so no mean is pooled."
    if not item.pooled:
        return "Two reports say nothing of how much reports differ, so no mean is pooled."
    text = f"The band is the interval of the mean, pooled by random effects on {scale}."
    if k < 5:
        text += f" {k} reports say little of how much the true values vary."
    uneven = int((~item.quantity.recovered.even).sum())
    if uneven:
        text += (
            f" {count(uneven, 'interval is', 'intervals are')} not symmetric on any known scale; "
            "the mean takes the longer side."
        )
    return text


def _pairs(item: Compared, test: Estimate, found: Comparison) -> Shown:
    return show(
        f"pairs.{item.quantity.place}",
        item.pairs,
        title=headlines.difference_title(item, test),
        draw=partial(figures.pair_differences, zone=found.bounds.get(item.quantity.key)),
        note="Made of the published intervals as they are, also where these are not symmetric "
        "(MOVER). They hold for all pairs of this quantity at once, not for all quantities: one "
        "can leave zero out where the test of any difference, which is corrected for all main "
        "numbers (Holm), tells nothing apart. An interval that holds zero does not say that there "
        "is no difference.",
        min_cell=found.lineup.min_cell,
    )


def _changes(found: Comparison) -> Iterator[Shown]:
    """What changed between the waves of each series: a table, and rows on one axis a quantity."""
    all_of = [x for changes in found.changes for x in changes]
    yield show(
        "changes",
        all_of,
        title=headlines.changes_title(all_of),
        note=headlines.CHANGES_NOTE,
        min_cell=found.lineup.min_cell,
    )
    forests = [
        rows.forest(
            item.quantity.words,
            [(figures.label_of(x), x.value, x.low, x.high) for x in changes],
            unit=changes[0].unit,
            level=changes[0].level,
            note="a wave" if changes[0].key.startswith("slope.") else "",
        )
        for item, changes in zip(found.main, found.changes, strict=True)
        if changes
    ]
    yield folded("The changes of the main numbers as rows", forests, is_open=True)


def _ranks(item: Compared, lineup: Lineup) -> Shown:
    return show(
        f"ranks.{item.quantity.place}",
        item.ranks,
        title=headlines.ranks_title(item),
        draw=figures.ranks,
        note="The intervals hold for all ranks at once.",
        min_cell=lineup.min_cell,
    )


def _league(found: Comparison) -> Shown:
    """The rank intervals of all main quantities."""
    spans = {
        headlines.sentence(item.quantity.words): {figures.label_of(x): _span(x) for x in item.ranks}
        for item in found.main
    }
    labels = found.lineup.labels
    if len(labels) <= COLUMNS:
        rows = [
            {"Quantity": name} | {label: own.get(label, "–") for label in labels}
            for name, own in spans.items()
        ]
    else:
        rows = [
            {"Report": label} | {name: own.get(label, "–") for name, own in spans.items()}
            for label in labels
        ]
    shown = show(
        "league",
        pd.DataFrame(rows),
        title="Which ranks each report may have",
        note="1 is the highest. The ranks of one quantity hold for all reports at once.",
        min_cell=found.lineup.min_cell,
    )
    return with_estimates(shown, [x for item in found.main[1:] for x in item.ranks])


def _span(item: Estimate) -> str:
    return f"{item.low:.0f}" if item.low == item.high else f"{item.low:.0f} to {item.high:.0f}"
