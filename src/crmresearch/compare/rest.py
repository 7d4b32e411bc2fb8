"""The quantities that the page does not draw one by one: a table of all, and rows for each.

The rows that differ most clearly come first where not all of them fit on a page; every number is
in the files beside it.
"""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from crmresearch.compare import headlines
from crmresearch.compare.analysis import differs, shown
from crmresearch.compare.figures import label_of
from crmresearch.compare.matching import Quantity
from crmresearch.compare.pooling import pooled
from crmresearch.report import rows
from crmresearch.report.estimates import Estimate, as_records
from crmresearch.report.exhibits import Shown, show
from crmresearch.report.numbers import count, format_number

MOST = 500_000  # signs of HTML that the rows take, so that the page stays at about a megabyte
LISTED = 40  # quantities in the table: those that differ most clearly


def rest(
    others: Sequence[Quantity], tests: Sequence[Estimate], labels: Sequence[str], min_cell: int
) -> Iterator[str | Shown]:
    """The exhibits and words of these quantities, each with one of `tests`."""
    both = sorted(zip(others, tests, strict=True), key=lambda pair: pair[1].p)
    own = {item.place: shown(item, [labels[row] for row in item.rows]) for item, _ in both}
    means = {item.place: pooled(item) for item, _ in both}
    yield _table(both, own, means, labels, min_cell)
    made = [_forest(own[item.place], means[item.place], item, test) for item, test in both]
    kept = len(list(rows.within(made, MOST)))
    left = len(both) - kept
    yield (
        "Each fold below holds quantities of one kind, a row for every report on one axis: the dot "
        "is the report's own number, the line its interval, the shaded band the mean of the "
        "reports where one is pooled. A dotted line is zero; intervals many times as wide as the "
        "others are cut."
        + (
            f" {count(left, 'quantity', 'quantities')} that differ least clearly are not drawn, "
            "so that the page stays quick. All numbers are in [estimates.csv](estimates.csv)."
            if left
            else ""
        )
    )
    drawn = {item.place: forest for (item, _), forest in zip(both[:kept], made, strict=False)}
    clear = {item.place for item, test in both if differs(test)}
    for items in _sections(item for item in others if item.place in drawn):
        yield folded(headlines.section_title(items, clear), [drawn[x.place] for x in items])


def folded(title: str, forests: Sequence[Mapping], *, is_open: bool = False) -> Shown:
    """Forests of rows under one title, which are no exhibit of their own."""
    record = rows.section(title, forests, is_open=is_open)
    return Shown(record, rows.as_html(record), title)


def with_estimates(exhibit: Shown, estimates: Sequence[Estimate]) -> Shown:
    """An exhibit whose table tells estimates in a form of its own, with these in the record."""
    record = exhibit.record | {"estimates": as_records(estimates)}
    return Shown(record, exhibit.html, exhibit.markdown)


def _table(
    both: Sequence[tuple[Quantity, Estimate]],
    own: Mapping[str, Sequence[Estimate]],
    means: Mapping[str, Sequence[Estimate]],
    labels: Sequence[str],
    min_cell: int,
) -> Shown:
    """The quantities that differ most clearly, a line each, and the numbers of all."""
    lines = [
        {"Quantity": item.words, "Reports": len(item.rows)}
        | _ends(item, labels)
        | {"p, corrected": test.p, "Differs": "yes" if differs(test) else ""}
        for item, test in both[:LISTED]
    ]
    most = f"The table lists the {LISTED} that differ most clearly. " if len(both) > LISTED else ""
    exhibit = show(
        "others",
        pd.DataFrame(lines),
        title=headlines.others_title([test for _, test in both]),
        units={"p, corrected": "p"},
        note="Welch's test of every other quantity that two reports or more estimate with an "
        f"interval, with Holm's correction over these. {most}One that is not told apart may still "
        "differ.",
        min_cell=min_cell,
    )
    numbers = [x for item, test in both for x in (*own[item.place], test, *means[item.place])]
    return with_estimates(exhibit, numbers)


def _ends(item: Quantity, labels: Sequence[str]) -> dict[str, str]:
    order = item.recovered.values.argsort(kind="stable")
    low, high = int(order[0]), int(order[-1])
    return {
        name: f"{format_number(item.estimates[row].value, item.unit)} {labels[item.rows[row]]}"
        for name, row in (("Lowest", low), ("Highest", high))
    }


def _forest(
    own: Sequence[Estimate], means: Sequence[Estimate], quantity: Quantity, test: Estimate
) -> dict:
    mean = means[0] if means else None
    said = "differs" if differs(test) else "not told apart"
    return rows.forest(
        quantity.words,
        [(label_of(x), x.value, x.low, x.high) for x in own],
        unit=quantity.unit,
        level=quantity.level,
        mean=(mean.value, mean.low, mean.high) if mean else None,
        note=f"{said}, p {format_p(test.p)}",
    )


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
