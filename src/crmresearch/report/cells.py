"""Cells: an executed notebook as the blocks of a page, in the notebook's order."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from crmresearch.report import prose
from crmresearch.report.collect import record_of
from crmresearch.report.numbers import MISSING

if TYPE_CHECKING:
    from nbformat import NotebookNode

_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_EMBEDDED = re.compile(r'<img src="(data:image/webp;base64,[A-Za-z0-9+/]+={0,2})"')
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_TITLE = re.compile(r"\A\s*#[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_HEADING = re.compile(r"<h[1-6][^>]*>.*?</h[1-6]>", re.DOTALL)
IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of the page.

    `kind` is ``prose``, ``html``, ``image``, ``printed``, ``code``, or the kind of a record
    (``exhibit``, ``data``, ``caveats``, ``findings``), or ``absent`` for several exhibits of
    nothing, whose `records` these are; `html` is safe to insert as it is; `image` is the address of
    an embedded picture.
    """

    kind: str
    html: str = ""
    image: str = ""
    alt: str = ""
    record: Mapping | None = None
    records: tuple[Mapping, ...] = ()

    @property
    def absent(self) -> bool:
        """Whether this is an exhibit of nothing: its title says what these data lack."""
        return self.kind == "exhibit" and not self.image and not self.record["table"]["rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a run, with the comment that explains it in the notebook."""

    name: str
    value: str
    meaning: str


def title_of(notebook: NotebookNode, default: str) -> str:
    """The title that a request gave the notebook, or its first heading."""
    if notebook.metadata.get("title"):
        return prose.text_of(prose.markdown(notebook.metadata["title"]))
    match = _TITLE.match(_first_prose(notebook))
    return prose.text_of(prose.markdown(match[1])) if match else default


def question_of(notebook: NotebookNode, default: str) -> str:
    """The paragraph of the first cell that starts with "Question", else `default`."""
    for paragraph in re.split(r"\n\s*\n|\n(?=\*\*)", _first_prose(notebook)):
        match = re.match(r"\*\*Question[.:]?\*\*[.:]?\s*(.+)", paragraph.strip(), re.DOTALL)
        if match:
            return prose.text_of(prose.markdown(match[1]))
    return default


def blocks(notebook: NotebookNode) -> list[Block]:
    """The notebook's prose, outputs and code; without its title, which heads the page."""
    found: list[Block] = []
    first = True
    for cell in notebook["cells"]:
        source = _joined(cell["source"])
        if cell["cell_type"] == "markdown":
            if first:
                source = _TITLE.sub("", source, count=1)
            first = False
            if source.strip():
                text = prose.markdown(_attached(source, cell.get("attachments", {})))
                found.append(Block(kind="prose", html=text))
        elif cell["cell_type"] == "code":
            found.extend(b for output in cell.get("outputs", ()) for b in _output(output))
            if source.strip() and "injected-parameters" not in _tags(cell):
                _append_code(found, prose.printed(source))
    return found


def condensed(parts: list[Block]) -> list[Block]:
    """The blocks without the prose that introduces nothing but absent exhibits.

    A reader who is told that a question was not asked need not read how it would be analysed: the
    headings stay, and the code of absent exhibits in a row is one fold after them, which are one
    list.
    """
    kept: list[Block] = []
    for passage in _passages(parts):
        told = [block for block in passage if block.kind not in {"prose", "code"}]
        if told and all(block.absent for block in told):
            passage = [_headings(block) if block.kind == "prose" else block for block in passage]
        kept.extend(block for block in passage if block.html or block.kind != "prose")
    done: list[Block] = []
    code: list[str] = []
    for block in kept:
        if block.kind == "code" and (code or done[-1:] and done[-1].absent):
            code.append(block.html)
            continue
        if code and not block.absent:
            done.append(Block(kind="code", html="\n\n".join(code)))
            code = []
        done.append(block)
    return _listed(done + ([Block(kind="code", html="\n\n".join(code))] if code else []))


def _listed(parts: list[Block]) -> list[Block]:
    """The blocks with two and more absent exhibits in a row as a single one."""
    found: list[Block] = []
    for absent, blocks in groupby(parts, key=lambda block: block.absent):
        row = list(blocks)
        if absent and len(row) > 1:
            row = [Block(kind="absent", records=tuple(block.record for block in row))]
        found.extend(row)
    return found


def shared_start(titles: Sequence[str]) -> str:
    """What all of these sentences say before a colon; empty where that differs."""
    starts = {title.partition(": ")[0] if ": " in title else "" for title in titles}
    return starts.pop() + ": " if len(starts) == 1 and "" not in starts else ""


def _passages(parts: list[Block]) -> list[list[Block]]:
    """Each prose block with what follows it until the next."""
    passages: list[list[Block]] = [[]]
    for block in parts:
        if block.kind == "prose":
            passages.append([])
        passages[-1].append(block)
    return passages


def _headings(block: Block) -> Block:
    return Block(kind="prose", html="".join(_HEADING.findall(block.html)))


def _append_code(found: list[Block], source: str) -> None:
    """Code, folded together with the cell before it where nothing was shown between them."""
    if found and found[-1].kind == "code":
        source = f"{found.pop().html}\n\n{source}"
    found.append(Block(kind="code", html=source))


def parameters(notebook: NotebookNode) -> list[Parameter]:
    """The parameters as this run had them; a path shows only its last part."""
    found: dict[str, Parameter] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook["cells"]:
            if tag in _tags(cell):
                _read_parameters(_joined(cell["source"]), found)
    return list(found.values())


def _read_parameters(source: str, found: dict[str, Parameter]) -> None:
    lines = source.splitlines()
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if not isinstance(target, ast.Name) or node.value is None:
            continue
        try:
            value = ast.literal_eval(node.value)
        except ValueError:
            continue
        comment = lines[node.end_lineno - 1][node.end_col_offset :].partition("#")[2].strip()
        known = found.get(target.id)
        meaning = comment or (known.meaning if known else "")
        found[target.id] = Parameter(name=target.id, value=_last_part(value), meaning=meaning)


def _last_part(value: object) -> str:
    text = str(value)
    if isinstance(value, str) and re.search(r"[/\\]", text):
        return re.split(r"[/\\]", text.rstrip("/\\"))[-1]
    return text or MISSING


def _output(output: Mapping) -> list[Block]:
    record = record_of(output)
    if record is not None:
        markup = _joined(output["data"].get("text/html", ""))
        image = _EMBEDDED.search(markup)
        return [Block(kind=record["kind"], record=record, image=image[1] if image else "")]
    if output["output_type"] == "stream":
        text = _joined(output["text"]) if output["name"] == "stdout" else ""
        return [Block(kind="printed", html=prose.printed(text))] if text.strip() else []
    if output["output_type"] not in {"display_data", "execute_result"}:
        return []  # an error is the researcher's, not the reader's
    return _foreign(output["data"], output.get("metadata", {}))


def _foreign(data: Mapping, metadata: Mapping) -> list[Block]:
    """The richest form that the page can show of what a researcher's own cell displayed."""
    if "text/html" in data:
        return [Block(kind="html", html=prose.sanitise(_joined(data["text/html"])))]
    for mime in IMAGES:
        encoded = _joined(data.get(mime, ""))
        if encoded and _BASE64.fullmatch(encoded):
            alt = metadata.get(mime, {}).get("alt") or metadata.get("alt") or ""
            address = f"data:{mime};base64,{''.join(encoded.split())}"
            return [Block(kind="image", image=address, alt=alt or "Figure without a description")]
    if "text/markdown" in data:
        return [Block(kind="prose", html=prose.markdown(_joined(data["text/markdown"])))]
    text = _ADDRESS.sub("", _joined(data.get("text/plain", "")))
    return [Block(kind="printed", html=prose.printed(text))] if text.strip() else []


def _attached(source: str, attachments: Mapping) -> str:
    """Pictures pasted into a Markdown cell, embedded where the text refers to them."""
    for name, forms in attachments.items():
        for mime, encoded in forms.items():
            if mime in IMAGES and _BASE64.fullmatch(_joined(encoded)):
                address = f"data:{mime};base64,{''.join(_joined(encoded).split())}"
                source = source.replace(f"(attachment:{name})", f"({address})")
    return source


def _first_prose(notebook: NotebookNode) -> str:
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    return _joined(next(cells, {"source": ""})["source"])


def _tags(cell: Mapping) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _joined(text: str | list[str]) -> str:
    """Multi-line text, which a notebook file may hold as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def anchor(text: str, taken: set[str]) -> str:
    """A unique id for a heading: its words joined by hyphens, as JupyterLab links to them."""
    base = re.sub(r"[^\w-]", "", "-".join(html.unescape(text).split()))[:80] or "section"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name
