"""Exhibits: what a notebook shows, recorded in the notebook as structured data.

Every object here shows itself through a MIME bundle of three parts: HTML for JupyterLab and the
published page, Markdown text for terminals and for reviewable approved notebooks, and the record
itself under `MIME`, from which the runner takes estimates, tables and findings. An executed
notebook therefore contains its own results, and nothing is written beside it.
"""

import base64
import dataclasses
import math
import numbers
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from crmresearch.report import style, tables
from crmresearch.report.estimates import Estimate, as_records
from crmresearch.report.findings import Caveat, Finding
from crmresearch.report.numbers import count
from crmresearch.report.suppression import enough, suppress
from crmresearch.report.tables import Table, escape

MIME = "application/vnd.crmresearch+json"
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.(json|csv|txt)")
_AS_IT_IS = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Shown:
    """Something a notebook cell ends with: it is displayed, and recorded under `MIME`."""

    record: dict
    html: str
    markdown: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {MIME: self.record, "text/html": self.html, "text/plain": self.markdown}

    def __repr__(self) -> str:
        return self.markdown


def show(
    key: str,
    data: Iterable[Estimate] | pd.DataFrame,
    *,
    title: str | Callable[[object], str],
    draw: Callable[[object, Figure], str] | None = None,
    units: Mapping[str, str] | None = None,
    note: str = "",
    min_cell: int = 10,
    headline: bool = False,
    file: tuple[str, str] | None = None,
) -> Shown:
    """One exhibit: a title that states the finding, a figure, its reading and its table.

    Parameters
    ----------
    key : str
        Stable name; it becomes the anchor in the page and the name of the table's files.
    data : estimates, or a frame whose columns carry their reader's names
    title : str or callable
        The finding as a sentence, computed from `data`, never typed. ``title(data) -> str`` gets
        the data without the numbers of hidden groups; give a callable where a title may name a
        group, since text made from all the estimates can tell what the table hides.
    draw : callable, optional
        ``draw(data, figure) -> caption`` draws on an empty `Figure` and returns one or two
        sentences that say what is seen; they are also the figure's text alternative. Where it
        draws no axes there is no figure.
    units : mapping of column name to a unit of `report.numbers`, for a frame
    note : str
        What the reader should know about how it was made or what it cannot say.
    min_cell : int
        Groups of fewer people are hidden in figure, table and files, and what rests on fewer
        people altogether is left out; 10 unless the data's owner declares another minimum.
    headline : bool
        Whether the title is one of the three or so things that a reader in a hurry must know; it
        then also stands at the top of the report and on the site's index.
    file : (name, text), optional
        A text file that the report offers for download beside the table. Nothing is suppressed
        in it: whoever makes the text sees to it that it tells of no person and no small group.

    Nothing is drawn of no data: the title alone says what these data lack.
    """
    estimates: list[Estimate] = []
    if isinstance(data, pd.DataFrame):
        table, told = tables.from_frame(data, units), data
    else:
        estimates, hidden = suppress(enough(data, min_cell), min_cell)
        table = tables.from_estimates(estimates)
        told, data = estimates, [item for item in estimates if item.value == item.value]
        note = f"{note} {_withheld(hidden, min_cell)}".strip()
    words = title(told) if callable(title) else title
    image, caption = _drawn(draw, data) if draw and len(data) else (b"", "")
    record = {
        "kind": "exhibit",
        "key": key,
        "title": words,
        "caption": caption,
        "note": note,
        "headline": headline,
        "table": {part.name: getattr(table, part.name) for part in dataclasses.fields(table)},
        "estimates": as_records(estimates),
    }
    if file is not None:
        record["file"] = {"name": _checked_name(file[0]), "text": file[1]}
        note = f"{note} The report offers the file {file[0]}.".strip()
    return Shown(
        record=_plain(record),
        html=_exhibit_html(key, words, caption, note, table, image),
        markdown=_join(f"**{words}**", caption, _listed(table), note),
    )


def _listed(table: Table) -> str:
    return tables.as_markdown(table) if table.rows else ""


def _checked_name(name: str) -> str:
    """`name`, refused where it could not be a plain file in a report's folder."""
    if not FILE_NAME.fullmatch(name):
        raise ValueError(
            f"file {name!r}: a name is small letters, digits and hyphens and ends in .json, .csv "
            "or .txt"
        )
    return name


def show_data(description: Mapping) -> Shown:
    """The data sheet of a study: what was asked of whom, how many answered, how it was read.

    `description` comes from ``Survey.description()``: text facts under ``facts`` (label to text),
    the counts of the sample flow under ``flow`` (label to int) and what reading the file changed
    under ``changes`` (a list of sentences); ``title``, ``period``, ``n``, ``unit`` and ``design``
    also head the page. The privacy gate refuses tables with a column listed under ``private``.
    """
    rows = (*description["facts"].items(), *description["flow"].items())
    table = Table(columns=("Data", "Value"), rows=rows)
    changes = "".join(f"<li>{escape(change)}</li>" for change in description["changes"])
    return Shown(
        record=_plain({"kind": "data", **description}),
        html=f'<section class="data">{tables.as_html(table, caption="The data")}'
        + (f"<p>Reading the file changed:</p><ul>{changes}</ul>" if changes else "")
        + "</section>",
        markdown=_join(
            tables.as_markdown(table), "\n".join(f"- {line}" for line in description["changes"])
        ),
    )


def show_caveats(*caveats: Iterable[Caveat]) -> Shown:
    """The caveats that fired in these data; with none, a sentence that says so."""
    items = [caveat for group in caveats for caveat in group]
    lines = [item.text for item in items] or ["No check of these data asks for a caveat."]
    return Shown(
        record={"kind": "caveats", "items": [dataclasses.asdict(item) for item in items]},
        html='<ul class="caveats">' + "".join(f"<li>{escape(x)}</li>" for x in lines) + "</ul>",
        markdown="\n".join(f"- {line}" for line in lines),
    )


def show_findings(findings: Iterable[Finding]) -> Shown:
    """The claims with their verdicts, the end of every study."""
    items = list(findings)
    table = Table(
        columns=("Claim", "Verdict", "In these data", "What is known", "Rule"),
        rows=tuple(
            (item.claim.statement, item.verdict, item.sentence, item.claim.evidence, item.rule)
            for item in items
        ),
    )
    rows = "".join(_finding_row(item) for item in items)
    return Shown(
        record=_plain({"kind": "findings", "items": [item.as_record() for item in items]}),
        html='<div class="table" tabindex="0" role="region" aria-label="Verdicts on the claims">'
        '<table class="findings"><caption>Verdicts on the claims</caption><thead><tr>'
        + "".join(f'<th scope="col">{name}</th>' for name in table.columns)
        + f"</tr></thead><tbody>{rows}</tbody></table></div>",
        markdown=_join(
            *(f"**{x.verdict}** {x.claim.statement}\n{x.sentence} (Rule: {x.rule}.)" for x in items)
        ),
    )


def as_cells(items: Iterable[str | Shown]) -> list[dict]:
    """Prose and exhibits as the cells of an executed notebook, for a page made without one."""
    made: list[dict] = []
    for item in items:
        if isinstance(item, str):
            made.append({"cell_type": "markdown", "source": item})
        else:
            output = {"output_type": "display_data", "data": item._repr_mimebundle_()}
            made.append({"cell_type": "code", "source": "", "outputs": [output]})
    return made


def verdict_chip(verdict: str) -> str:
    """The verdict as a word and a shape; the style sheet adds colour, never alone."""
    shapes = {"supported": "✓", "contradicted": "✕", "inconclusive": "?"}
    slug = verdict.split()[0] if verdict in shapes else "untestable"
    return (
        f'<span class="verdict {slug}"><span aria-hidden="true">{shapes.get(verdict, "○")}</span> '
        f"{escape(verdict)}</span>"
    )


def _finding_row(item: Finding) -> str:
    references = "; ".join(item.claim.references)
    known = f"{item.claim.evidence} ({references})" if references else item.claim.evidence
    return (
        f'<tr><th scope="row">{escape(item.claim.statement)}</th>'
        f"<td>{verdict_chip(item.verdict)}</td><td>{escape(item.sentence)}</td>"
        f"<td>{escape(known)}</td><td>{escape(item.rule)}</td></tr>"
    )


def _exhibit_html(key: str, title: str, caption: str, note: str, table: Table, image: bytes) -> str:
    picture = ""
    if image:
        encoded = base64.b64encode(image).decode("ascii")
        picture = (
            f'<figure><img src="data:image/webp;base64,{encoded}" alt="{escape(caption)}" '
            f'width="{style.WIDTH * 96:.0f}">'
            f"<figcaption>{escape(caption)}</figcaption></figure>"
        )
    folded = tables.as_html(table, caption=title) if table.rows else ""
    if image:
        folded = f"<details><summary>Table: {escape(title)}</summary>{folded}</details>"
    remark = f'<p class="note">{escape(note)}</p>' if note else ""
    return (
        f'<section class="exhibit" id="{escape(key)}"><h3>{escape(title)}</h3>'
        f"{picture}{remark}{folded}</section>"
    )


def _withheld(hidden: int, min_cell: int) -> str:
    if not hidden:
        return ""
    groups = count(hidden, "group is", "groups are")
    return (
        f"{groups} not shown because a group of fewer than {min_cell} people could be identified."
    )


def _drawn(draw: Callable[[object, Figure], str], data: object) -> tuple[bytes, str]:
    with style.canvas() as figure:
        caption = draw(data, figure)
        return style.image_bytes(figure) if figure.axes else b"", caption


def _join(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _plain(value: object) -> object:
    """Numbers, text, lists and dictionaries only, so that the record is valid JSON anywhere."""
    if type(value) in _AS_IT_IS:  # which most are: the tests below take longer
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, numbers.Integral):
        return int(value)
    if not isinstance(value, numbers.Real):
        return str(value)
    return _plain(float(value))
