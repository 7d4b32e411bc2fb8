"""The page: one HTML file a report, without script or network request, and its downloads.

The answer comes first, the evidence next, the machinery last. Every text is escaped by the
template; what a record says is drawn from the record, never from the HTML beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from crmresearch.report import cells, downloads, exhibits, gate, prose, rows, style, summary, tables
from crmresearch.report.collect import Results, collect, file_name
from crmresearch.report.groups import OF_ALL
from crmresearch.report.numbers import count

if TYPE_CHECKING:
    from nbformat import NotebookNode

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; "
    "form-action 'none'; base-uri 'none'"
)
FIRST_CAVEATS = 5  # that stand open at the top, the weightiest; the others are folded below them
OPEN_ROWS = 12  # of a table without a figure; longer ones are folded
PRINTED_ROWS = 40  # of a table; paper leaves out longer ones and says where they are
OPEN_CLAIMS = 3  # that cannot be tested and still stand open; more are folded
TEXT_LIMIT = 1_500  # characters of one title, caption or note that the page shows


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents list."""

    level: int
    anchor: str
    text: str


def write_report(
    notebook: NotebookNode, folder: Path, *, study: str, key: str, provenance: Mapping[str, str]
) -> None:
    """Write the page of an executed `notebook` and its downloads into the empty `folder`.

    Parameters
    ----------
    study : the study that the notebook is of.
    key : the report's name, unique on the site.
    provenance : label to text, shown at the end of the page in the order given.

    Raises
    ------
    UserError
        If the notebook's records contradict each other, or something in it could identify a
        person or names a path of this computer. Nothing has been written then.
    """
    write_page(
        notebook,
        folder,
        lambda results: summary.summarise(notebook, results, study=study, key=key),
        study=study,
        key=key,
        provenance=provenance,
    )


def write_page(
    notebook: NotebookNode | Mapping,
    folder: Path,
    summarise: Callable[[Results], Mapping],
    *,
    study: str,
    key: str,
    provenance: Mapping[str, str],
) -> None:
    """The same for any cells and outputs, under a summary of the form of `summary.summarise`."""
    results = collect(notebook, study)
    blocks = cells.blocks(notebook)
    gate.check(results, passages(blocks), name=f"report {key!r}")
    report = summarise(results)
    files = {"index.html": render(notebook, blocks, results, report, provenance)}
    files["report.json"] = _json(report)
    files["findings.json"] = _json(results.findings)
    files["estimates.csv"] = downloads.estimates_csv(results.estimates)
    sheets = {}
    for exhibit in results.exhibits:
        table = tables.from_record(exhibit["table"])
        name = file_name(exhibit["key"])
        files[f"tables/{name}.csv"] = downloads.table_csv(table)
        sheets[name] = (exhibit["title"], table)
    carried = [item["file"] for item in results.exhibits if item.get("file")]
    files |= {f"files/{item['name']}": item["text"] for item in carried}
    for part in ("tables", *(["files"] if carried else [])):
        (folder / part).mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "tables.xlsx").write_bytes(downloads.workbook(sheets))


def render(
    notebook: NotebookNode,
    blocks: list[cells.Block],
    results: Results,
    report: Mapping,
    provenance: Mapping[str, str],
) -> str:
    """The page as HTML."""
    taken = {"brief", "caveats", "method", "contents", "top"}
    taken |= {summary.exhibit_anchor(item["key"]) for item in results.exhibits}
    parts, contents = [], []
    for block in cells.condensed(blocks):
        if block.kind == "prose":
            text, headings = prose.with_headings(
                block.html, lambda words: cells.anchor(words, taken)
            )
            contents += [Entry(*heading) for heading in headings if heading[0] == 2]
            parts.append((block, Markup(text)))
        else:
            if block.kind == "exhibit" and not block.absent:
                anchor = summary.exhibit_anchor(block.record["key"])
                contents.append(Entry(3, anchor, block.record["title"]))
            parts.append((block, Markup(block.html)))
    return template("page.html").render(
        policy=POLICY,
        css=Markup(stylesheet()),
        report=report,
        of_all=OF_ALL,
        results=results,
        parts=parts,
        contents=contents,
        open_rows=OPEN_ROWS,
        printed_rows=PRINTED_ROWS,
        open_claims=OPEN_CLAIMS,
        first_caveats=FIRST_CAVEATS if len(results.caveats) > FIRST_CAVEATS + 1 else None,
        parameters=cells.parameters(notebook),
        provenance=provenance,
    )


@cache
def stylesheet(*more: str) -> str:
    """The style sheet, with the palette of `report.style`, and `more` sheets of the template."""
    folder = Path(__file__).parent / "template"
    sheets = (folder / name for name in ("page.css", *more))
    source = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    colours = {
        "LIGHT": "".join(f"--{name}:{value};" for name, value in style.PAGE.items()),
        "DARK": "".join(f"--{name}:{value};" for name, value in style.PAGE_DARK.items()),
    }
    for name, text in colours.items():
        source = source.replace(f"/* {name} */", text)
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)).strip()


@cache
def template(name: str) -> jinja2.Template:
    """A template of this package; whatever it prints is cleaned and escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "template"),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "chip": lambda verdict: Markup(exhibits.verdict_chip(verdict)),
        "strong": _strong,
        "shared_start": cells.shared_start,
        "linked": _linked,
        "short": tables.shorten,
        "bare": lambda sentence: sentence.rstrip("."),
        "image": Markup,  # checked where it was taken from the output; too long to be cleaned
        "html_table": _html_table,
        "forests": lambda record: Markup(rows.as_html(record)),
        "pairs": _pairs,
        "parameter_table": _parameter_table,
        "people": lambda n, unit: count(n, unit),
        "file_name": file_name,
        "exhibit_anchor": summary.exhibit_anchor,
        "claim_anchor": summary.claim_anchor,
    }
    return environment.get_template(name)


def _shown(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        text = tables.clean(value[: TEXT_LIMIT * 4])
        return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"
    return value


_NUMBER = re.compile(
    r"[+\u2212]?\d[\d,]*(?:\.\d+)?%?(?: [A-Za-z][A-Za-z ]*?)? \([\d.]+% CI [^()]*\)"
)
_DOI = re.compile(r"\b(?:doi:\s?|https://doi\.org/)(10\.\d{4,9}/[^\s;,<>\"']+[^\s;,.<>\"')])")


def _strong(sentence: str) -> Markup:
    """A sentence with its numbers and intervals in bold."""
    text = tables.escape(_shown(sentence)).replace("n = ", "n\u00a0=\u00a0")
    return Markup(_NUMBER.sub(lambda match: f"<strong>{match[0]}</strong>", text))


def _linked(reference: str) -> Markup:
    """A reference whose DOI is a link."""
    text = tables.escape(_shown(reference))
    return Markup(
        _DOI.sub(r'<a href="https://doi.org/\1" rel="noopener noreferrer">doi:\1</a>', text)
    )


def _html_table(record: Mapping, caption: str) -> Markup:
    return Markup(tables.as_html(tables.from_record(record), caption=_shown(caption)))


def _pairs(facts: Mapping[str, object], caption: str, label: str, value: str) -> Markup:
    table = tables.Table(columns=(label, value), rows=tuple(facts.items()))
    return Markup(tables.as_html(table, caption=caption))


def _parameter_table(parameters: list[cells.Parameter]) -> Markup:
    table = tables.Table(
        columns=("Parameter", "Value", "Meaning"),
        rows=tuple((item.name, item.value, item.meaning) for item in parameters),
    )
    return Markup(tables.as_html(table, caption="Parameters of this run"))


def passages(blocks: list[cells.Block]) -> Iterator[gate.Passage]:
    """Every text of the notebook's own, for the privacy gate."""
    for number, block in enumerate(blocks, start=1):
        if block.kind not in {"prose", "code", "html", "printed"}:
            continue
        words = prose.words_of(block.html)
        place = f"{block.kind} no. {number} ({' '.join(words.split())[:40]!r})"
        columns = ()
        if block.kind == "html":
            columns = prose.table_columns(block.html)
        elif block.kind == "printed":
            columns = prose.printed_columns(words)
        yield gate.Passage(place, words, block.kind in {"html", "printed"}, columns)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
