"""Prose: Markdown and foreign HTML of a notebook, made safe to stand in the page.

A researcher's own cells may print or display anything, and survey texts may end up in them; so
nothing passes that is not on the lists here: no script, style, form, frame, event handler or
address outside the page other than a web link.
"""

import html
import re
from collections.abc import Callable
from itertools import pairwise

import mistune
import nh3

from crmresearch.report.tables import DIRECTION

TAGS = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "ol", "ul", "li", "dl", "dt", "dd"),
    *("a", "abbr", "b", "code", "del", "em", "i", "kbd", "q", "s", "small", "span", "strong"),
    *("sub", "sup", "u", "br", "hr", "div", "pre", "img", "figure", "figcaption", "details"),
    *("summary", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href"},
    "abbr": {"title"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
TEXT_LIMIT = 20_000  # characters of one printed output that the page shows

_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_LINK = re.compile(r"https?://[^\s\"'<>]+|#[^\s\"'<>]*")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?")
_MARKUP = re.compile(r"<[^>]*>")

_render = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])


def markdown(source: str) -> str:
    """Markdown as safe HTML."""
    return sanitise(_render(source))


def sanitise(foreign: str) -> str:
    """HTML of unknown origin as safe HTML; tables get a frame in which they can scroll."""
    kept = nh3.clean(
        visible(foreign),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "svg"},
        url_schemes={"http", "https", "data"},
        link_rel="noopener noreferrer",
        strip_comments=True,
    )
    kept = re.sub(r"<img(?![^>]* src=)[^>]*>", "", kept)
    kept = re.sub(r"<img(?![^>]* alt=)", '<img alt="Figure without a description"', kept)
    frame = '<div class="table" tabindex="0" role="region" aria-label="Table"><table>'
    return kept.replace("<table>", frame).replace("</table>", "</table></div>")


def with_headings(
    safe: str, anchor: Callable[[str], str]
) -> tuple[str, list[tuple[int, str, str]]]:
    """Give every heading of `safe` HTML an id, and its level in the page; empty ones go.

    The page's own title is its only first-level heading. `anchor` makes a unique id of a text.

    Returns
    -------
    The HTML, and the level, id and text of each heading in order.
    """
    headings: list[tuple[int, str, str]] = []

    def replace(match: re.Match) -> str:
        level, inner = max(int(match[1]), 2), match[2]
        words = text_of(inner)
        if not words:
            return inner
        identity = anchor(words)
        headings.append((level, identity, words))
        return f'<h{level} id="{html.escape(identity, quote=True)}">{inner}</h{level}>'

    return _HEADING.sub(replace, safe), headings


def text_of(safe: str) -> str:
    """The words of safe HTML, without its markup."""
    return " ".join(html.unescape(_MARKUP.sub("", safe)).split())


def words_of(safe: str) -> str:
    """The text of safe HTML with what separate elements say kept apart."""
    return html.unescape(_MARKUP.sub(" ", safe))


def table_columns(safe: str) -> tuple[str, ...]:
    """The headings of the tables in safe HTML."""
    return tuple(text_of(cell) for cell in re.findall(r"<th[^>]*>(.*?)</th>", safe, re.DOTALL))


def printed_columns(text: str) -> tuple[str, ...]:
    """The column names of data frames in printed text: the words above a row numbered 0."""
    lines = text.splitlines()
    return tuple(
        word
        for above, line in pairwise(lines)
        if line.startswith(("0 ", "0\t"))
        for word in above.split()
    )


def printed(text: str) -> str:
    """What a cell printed, as escaped text with its line breaks."""
    kept = visible(_ANSI.sub("", text)).rstrip()
    if len(kept) > TEXT_LIMIT:
        kept = f"{kept[:TEXT_LIMIT]}\n… cut after {TEXT_LIMIT:,} characters"
    return html.escape(kept, quote=True)


def visible(text: str) -> str:
    """Text of several lines without characters that a reader cannot see but that change it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if lines.replace("\n", "").replace("\t", "").isprintable():
        return lines  # nothing to take out
    return "".join(c for c in lines if c in "\n\t" or (c.isprintable() and c not in DIRECTION))


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _LINK.fullmatch(value) else None
    if name == "src":
        return value if _IMAGE.fullmatch(value) else None
    if name == "scope":
        return value if value in {"row", "col", "rowgroup", "colgroup"} else None
    return value
