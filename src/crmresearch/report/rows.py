"""Small forests: the intervals of many quantities as rows on a common axis, without a picture each.

A record of the kind ``forests`` holds them; here it becomes tables whose middle column draws each
interval by its place on the quantity's own axis, in per cent. Nothing runs and nothing is loaded.
"""

from collections.abc import Iterator, Mapping, Sequence

from crmresearch.report.numbers import UNITS, format_level, format_number
from crmresearch.report.tables import escape, shorten

KIND = "forests"
LABELLED = 24  # rows with a name and numbers of their own; more are drawn as thin lines in order
WIDEST = 3.0  # of the values' spread or of a usual interval, by which the axis goes past the values
WIDE, HEIGHT = 1_000, 4  # of the drawing of thin lines, and of one of them


def forest(
    title: str,
    rows: Sequence[tuple[str, float, float, float]],
    *,
    unit: str,
    level: float,
    mean: tuple[float, float, float] | None = None,
    note: str = "",
    besides: tuple[Sequence[str], Sequence[Sequence[str]]] | None = None,
) -> dict:
    """The record of one forest.

    Parameters
    ----------
    title : the quantity
    rows : label, value, low and high, one a row, all of them finite
    unit : of `report.numbers`
    mean : the pooled mean with its interval, marked in all rows
    note : what is said after the title, such as a p value
    besides : the names of two columns more, and the texts of these one row each
    """
    return {
        "title": title,
        "rows": [list(row) for row in rows],
        "mean": list(mean) if mean else [],
        "unit": unit,
        "level": level,
        "note": note,
        "besides": [list(part) for part in besides] if besides else [],
    }


def section(title: str, forests: Sequence[Mapping], *, is_open: bool = False) -> dict:
    """The record of several forests under one fold, which is printed where it stands open."""
    return {"kind": KIND, "title": title, "forests": list(forests), "open": is_open}


def as_html(record: Mapping) -> str:
    """The forests of a `section`, each a table with a caption and a header for each row."""
    return "".join(one_html(item) for item in record["forests"])


def one_html(item: Mapping) -> str:
    """One forest; the end tags that HTML lets be left out are, in what is repeated by the row."""
    rows, mean = item["rows"], item["mean"]
    low, high = axis([*rows, ["", *mean]] if mean else rows)
    word = UNITS[item["unit"]].word
    told = "; ".join(filter(None, [word, f"{format_level(item['level'])} CI", item["note"]]))
    title = f"{escape(shorten(item['title']))} <small>{escape(told)}</small>"
    places = {"m": mean[0], "l": mean[1], "h": mean[2]} if mean else {}
    places |= {"z": 0.0} if low < 0 < high else {}
    style = "".join(f"--{name}:{_place(at, low, high)};" for name, at in places.items())
    marks = "".join(f" {name}" for name in ("m", "z") if name in places)
    if len(rows) > LABELLED:
        return f'<div class="thin"><p>{title}</p>{_lines(item, low, high)}</div>'
    names, texts = item.get("besides") or ((), [()] * len(rows))
    head = "".join(f"<th>{escape(name)}" for name in names)
    head = f"<thead><tr><td><td><th>Value{head}<tbody>" if names else "<tbody>"
    body = "".join(
        _row(*row, item["unit"], low, high) + "".join(f"<td>{escape(text)}" for text in more)
        for row, more in zip(rows, texts, strict=True)
    )
    if mean:
        body += _row("Mean of the reports", *mean, item["unit"], low, high)
        body += "<td>" * len(names)
    wide = " b" if names else ""
    return (
        f'<table class="rows{marks}{wide}" style="{style}"><caption>{title}</caption>'
        f"{head}{body}</tbody></table>"
    )


def axis(rows: Sequence[Sequence]) -> tuple[float, float]:
    """Both ends of the axis that rows of label, value, low and high share.

    It holds all values; intervals many times as wide as the others are cut, so that these can be
    seen.
    """
    values = [row[1] for row in rows]
    widths = sorted(row[3] - row[2] for row in rows)
    room = WIDEST * max(max(values) - min(values), widths[len(widths) // 2])
    low = max(min(row[2] for row in rows), min(values) - room)
    high = min(max(row[3] for row in rows), max(values) + room)
    low, high = min(low, min(values)), max(high, max(values))
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _row(
    label: str, value: float, from_: float, to: float, unit: str, low: float, high: float
) -> str:
    ends = f"{format_number(from_, unit)} to {format_number(to, unit)}"
    return (
        f"<tr><th>{escape(shorten(label))}<td><i style=--a:{_place(from_, low, high)};"
        f"--b:{100 - _place(to, low, high)};--v:{_place(value, low, high)}></i>"
        f"<td>{format_number(value, unit)} ({ends})"
    )


def _lines(item: Mapping, low: float, high: float) -> str:
    """All rows as thin lines, the highest on top, and the ends in words."""
    rows = sorted(item["rows"], key=lambda row: -row[1])
    spans, dots = [], []
    for number, (_, *ends) in enumerate(rows):
        value, from_, to = (_place(end, low, high, WIDE) for end in ends)
        spans.append(f"M{from_} {HEIGHT * number + 2}H{to}")
        dots.append(f"M{value} {HEIGHT * number + 2}h0")
    tall = HEIGHT * len(rows)
    lines = [_level_line(at, low, high, tall) for at in item["mean"][:1]]
    top, bottom = rows[0], rows[-1]
    words = ", ".join(
        f"{end} {shorten(row[0])} {format_number(row[1], item['unit'])}"
        for end, row in (("highest", top), ("lowest", bottom))
    )
    said = f"{len(rows):,} reports: {words}"
    if item["mean"]:
        said += f", mean {format_number(item['mean'][0], item['unit'])}"
    return (
        f'<svg viewBox="0 0 {WIDE} {tall}" role="img" aria-label="{escape(said)}" '
        f'preserveAspectRatio="none"><path class="span" d="{"".join(spans)}"/>'
        f'<path class="dot" d="{"".join(dots)}"/>{"".join(lines)}</svg><p>{escape(said)}.</p>'
    )


def _level_line(at: float, low: float, high: float, tall: int) -> str:
    return f'<path class="mean" d="M{_place(at, low, high, WIDE)} 0V{tall}"/>'


def _place(at: float, low: float, high: float, wide: int = 100) -> int:
    """Where a number lies on the axis, in whole steps of `wide`; beyond it at its end."""
    return round(wide * min(max((at - low) / (high - low), 0.0), 1.0))


def within(records: Sequence[Mapping], most: int) -> Iterator[Mapping]:
    """The first of these forests that together are at most so many signs of HTML."""
    for item in records:
        most -= len(one_html(item))
        if most < 0:
            return
        yield item
