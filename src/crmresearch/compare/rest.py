"""The quantities that the page does not draw one by one: a table of all, and rows for each.

The rows that differ most clearly come first where not all of them fit on a page; every number is
in the files beside it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import pandas as pd

from crmresearch.compare import files, headlines
from crmresearch.compare.analysis import DIFFERENCES, differs, shown
from crmresearch.compare.figures import label_of
from crmresearch.compare.matching import Quantity
from crmresearch.compare.naming import Lineup
from crmresearch.compare.pooling import pooled
from crmresearch.compare.standings import Standing, Told
from crmresearch.report import rows
from crmresearch.report.estimates import Estimate, as_records
from crmresearch.report.exhibits import Shown, show
from crmresearch.report.numbers import count, format_number

MOST = 700_000  # signs of HTML that the rows take, so that the page stays below 1.5 megabytes
LISTED = 40  # lines of a table: those that differ most clearly
_PICKED = (
    "An interval can therefore leave zero out where p is above .05. The clearest of many are as a "
    "rule smaller than they look here, since they are the clearest partly by chance."
)
BESIDES = ("Less the others’ mean", "Ranks")  # that rows of three reports and more have


def rest(
    others: Sequence[Quantity], tests: Sequence[Estimate], found: Sequence[Standing], lineup: Lineup
) -> Iterator[str | Shown]:
    """The exhibits and words of these quantities, each with one of `tests` and of `found`."""
    all_of = sorted(zip(others, tests, found, strict=True), key=lambda one: one[1].p)
    own = {item.place: shown(item, one.names) for item, _, one in all_of}
    means = {item.place: pooled(item) for item, *_ in all_of}
    yield _table(all_of, own, means, lineup)
    yield from _contrasts([one for *_, one in all_of], lineup.min_cell)
    made = [_forest(own[item.place], means[item.place], test, one) for item, test, one in all_of]
    kept = len(list(rows.within(made, MOST)))
    yield _introduction(len(all_of) - kept, len(lineup.reports))
    drawn = {item.place: forest for (item, *_), forest in zip(all_of[:kept], made, strict=False)}
    clear = {item.place for item, test, _ in all_of if differs(test)}
    for items in _sections(item for item in others if item.place in drawn):
        yield folded(headlines.section_title(items, clear), [drawn[x.place] for x in items])


def _introduction(left: int, reports: int) -> str:
    """What the folds show; how many quantities are `left` out of them."""
    text = (
        "Each fold below, which paper leaves out, holds quantities of one kind, a row for every "
        "report on one axis: the dot "
        "is the report's own number, the line its interval, the shaded band the mean of the "
        "reports where one is pooled. p is of any difference, corrected for all these quantities "
        "(Holm). A dotted line is zero; intervals many times as wide as the others are cut."
    )
    if 2 < reports <= rows.LABELLED:
        text += (
            " Then come its difference from the mean of the other reports, whose intervals hold "
            "for all reports at once (Šidák), and the ranks that it may have, 1 the highest, all "
            "at once (Tukey). ▲ and ▼ mark a difference that is beyond chance among those of all "
            "these quantities (Holm)."
        )
    if left:
        text += (
            f" {count(left, 'quantity', 'quantities')} that differ least clearly are not drawn, "
            "so that the page stays quick. All numbers are in [estimates.csv](estimates.csv)."
        )
    return text


def folded(title: str, forests: Sequence[Mapping], *, is_open: bool = False) -> Shown:
    """Forests of rows under one title, which are no exhibit of their own."""
    record = rows.section(title, forests, is_open=is_open)
    return Shown(record, rows.as_html(record), title)


def with_estimates(exhibit: Shown, estimates: Sequence[Estimate]) -> Shown:
    """An exhibit whose table tells estimates in a form of its own, with these in the record."""
    record = exhibit.record | {"estimates": as_records(estimates)}
    return Shown(record, exhibit.html, exhibit.markdown)


def _table(
    all_of: Sequence[tuple[Quantity, Estimate, Standing]],
    own: Mapping[str, Sequence[Estimate]],
    means: Mapping[str, Sequence[Estimate]],
    lineup: Lineup,
) -> Shown:
    """The quantities that differ most clearly, a line each, and the numbers of all."""
    lines = [
        {"Quantity": headlines.sentence(item.words), "Reports": len(item.rows)}
        | _ends(item, lineup.labels)
        | {"p, corrected": test.p, "Differs": "yes" if differs(test) else ""}
        for item, test, _ in all_of[:LISTED]
    ]
    standings = [one for *_, one in all_of if one.against]
    most = (
        f"The table lists the {LISTED} that differ most clearly. " if len(all_of) > LISTED else ""
    )
    exhibit = show(
        "others",
        pd.DataFrame(lines),
        title=headlines.others_title([test for _, test, _ in all_of]),
        units={"p, corrected": "p"},
        note="Welch's test of every other quantity that two reports or more estimate with an "
        f"interval, with Holm's correction over these. {most}One that is not told apart may still "
        "differ."
        + (
            " The file has the difference of each report from the mean of the others and its "
            "ranks, for every quantity."
            if standings
            else ""
        ),
        min_cell=lineup.min_cell,
        file=("standings.csv", files.against(standings)) if standings else None,
    )
    numbers = [x for item, test, _ in all_of for x in (*own[item.place], test, *means[item.place])]
    return with_estimates(exhibit, numbers)


def _contrasts(found: Sequence[Standing], min_cell: int) -> Iterator[Shown]:
    """The clearest differences of pairs, and changes between waves, of all these quantities."""
    paired = [x for x in found if x.pairs]
    if paired:
        yield _clearest(
            "others.pairs",
            "Pair",
            paired,
            lambda x: x.pairs,
            headlines.pairs_title,
            "Intervals hold for all pairs of a quantity at once (Tukey), p for those of all these "
            f"quantities (Holm). {_PICKED}",
            ("pairs.csv", files.pairs(paired)),
            min_cell,
        )
    changed = [x for x in found if x.changes]
    if changed:
        yield _clearest(
            "others.changes",
            "Series",
            changed,
            lambda x: x.changes,
            headlines.others_changes_title,
            "From the first to the last wave of each series. Intervals hold for all series of a "
            f"quantity at once (Šidák), p for those of all these quantities (Holm). {_PICKED}",
            ("changes.csv", files.changes(changed)),
            min_cell,
        )


def _clearest(
    key: str,
    of: str,
    found: Sequence[Standing],
    kind: Callable[[Standing], Told],
    title: Callable[[int, int], str],
    note: str,
    file: tuple[str, str],
    min_cell: int,
) -> Shown:
    """The contrasts of one kind with the least p, a line each, and all of them as a file."""
    every = [(x, kind(x), row) for x in found for row in range(len(kind(x).names))]
    every.sort(key=lambda one: (one[1].p[one[2]], -one[1].found.clearance[one[2]]))
    lines = [
        {
            "Quantity": headlines.sentence(x.quantity.words),
            of: told.names[row],
            "Difference": _with_ends(told, row, x.quantity.unit),
            "p, corrected": float(told.p[row]),
        }
        for x, told, row in every[:LISTED]
    ]
    least = f" The table lists the {LISTED} clearest." if len(every) > LISTED else ""
    return show(
        key,
        pd.DataFrame(lines),
        title=title(sum(int(abs(kind(x).marks).sum()) for x in found), len(every)),
        units={"p, corrected": "p"},
        note=f"{note}{least}",
        min_cell=min_cell,
        file=file,
    )


def _with_ends(told: Told, row: int, unit: str) -> str:
    """``▲ +0.31 (0.10 to 0.52)``."""
    size = DIFFERENCES.get(unit, unit)
    value, low, high = (
        format_number(float(x[row]), size)
        for x in (told.found.value, told.found.low, told.found.high)
    )
    mark = {1: "▲ ", -1: "▼ "}.get(int(told.marks[row]), "")
    return f"{mark}{value} ({low} to {high})"


def _ends(item: Quantity, labels: Sequence[str]) -> dict[str, str]:
    order = item.recovered.values.argsort(kind="stable")
    low, high = int(order[0]), int(order[-1])
    return {
        name: f"{format_number(item.estimates[row].value, item.unit)} {labels[item.rows[row]]}"
        for name, row in (("Lowest", low), ("Highest", high))
    }


def _forest(
    own: Sequence[Estimate], means: Sequence[Estimate], test: Estimate, one: Standing
) -> dict:
    mean, quantity = means[0] if means else None, one.quantity
    said = "differs" if differs(test) else "not told apart"
    return rows.forest(
        headlines.sentence(quantity.words),
        [(label_of(x), x.value, x.low, x.high) for x in own],
        unit=quantity.unit,
        level=quantity.level,
        mean=(mean.value, mean.low, mean.high) if mean else None,
        note=f"{said}, p {format_p(test.p)}",
        besides=(BESIDES, _besides(one)) if one.against and len(own) <= rows.LABELLED else None,
    )


def _besides(one: Standing) -> list[tuple[str, str]]:
    """Of each report its difference from the mean of the others, and its ranks."""
    return [
        (_with_ends(one.against, row, one.quantity.unit), f"{a}" if a == b else f"{a} to {b}")
        for row, (a, b) in enumerate(one.ranks.tolist())
    ]


def format_p(p: float) -> str:
    """``< .001`` or ``= .012``."""
    text = format_number(p, "p")
    return text if text.startswith("<") else f"= {text}"


def _sections(quantities: Iterator[Quantity]) -> list[list[Quantity]]:
    """The quantities of one start of key each, in the order of the reports."""
    found: dict[str, list[Quantity]] = {}
    for item in quantities:
        found.setdefault(item.key.partition(".")[0], []).append(item)
    return list(found.values())
