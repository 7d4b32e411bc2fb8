"""Prose: Markdown and foreign HTML keep their structure and lose whatever could act."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmresearch.report import prose

from .test_tables import Reader

HOSTILE = [
    "<script>steal()</script>kept",
    "<img src=x onerror=steal()>kept",
    '<img src="https://example.invalid/p.png">kept',
    '<a href="javascript:steal()">kept</a>',
    '<a href="data:text/html,x">kept</a>',
    "<iframe src=https://example.invalid></iframe>kept",
    "<svg onload=steal()><script>steal()</script></svg>kept",
    '<meta http-equiv=refresh content="0;url=https://example.invalid">kept',
    '<base href="https://example.invalid">kept',
    "<form action=https://example.invalid><input name=a></form>kept",
    '<style>@import "https://example.invalid"</style>kept',
    '<p style="background:url(https://example.invalid)" onclick=steal()>kept</p>',
    "kept<math><mtext><table><mglyph><style><img src=x onerror=steal()>",
    "<!-- --!><script>steal()</script> -->kept",
    '<details open ontoggle="steal()">kept</details>',
    "[kept](javascript:steal())",
    "![kept](https://example.invalid/p.png) kept",
    "<kept@example.invalid> kept",
    "kept\u202e\x00\x1b[31m",
]
ALLOWED = {"href", "src", "alt", "title", "rel", "class", "tabindex", "role", "aria-label"}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("render", [prose.markdown, prose.sanitise])
def test_nothing_alive_survives(text, render):
    safe = render(text)
    reader = Reader(safe)
    assert "kept" in " ".join([*reader.texts, *(a.get("alt", "") for _, a in reader.tags)])
    assert {tag for tag, _ in reader.tags} <= prose.TAGS
    for _, attributes in reader.tags:
        assert set(attributes) <= ALLOWED
        assert not attributes.get("src", "data:image/").startswith("http")
        assert attributes.get("href", "#").startswith(("#", "http"))
    assert not set("\u202e\x00\x1b") & set(safe)


@given(st.text())
def test_any_text_is_made_safe(text):
    for safe in (prose.markdown(text), prose.sanitise(text)):
        tags = {tag for tag, _ in Reader(safe).tags}
        assert tags <= prose.TAGS


def test_what_a_researcher_writes_is_kept():
    safe = prose.markdown(
        "## Two *words*\n\nA [link](https://example.org/a?b=1&c=2), `code`, ~~gone~~.\n\n"
        "| a | b |\n|---|--:|\n| 1 | 2 |\n\n> quoted\n\n1. one\n2. two"
    )
    tags = [tag for tag, _ in Reader(safe).tags]
    assert tags[:6] == ["h2", "em", "p", "a", "code", "del"]
    assert {"table", "th", "td", "blockquote", "ol", "li"} <= set(tags)
    assert 'href="https://example.org/a?b=1&amp;c=2"' in safe


def test_a_table_gets_a_frame_that_scrolls_and_can_be_focused():
    safe = prose.sanitise('<table border="1" class="dataframe"><tr><td>1</td></tr></table>')
    assert safe == (
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table><tbody><tr>'
        "<td>1</td></tr></tbody></table></div>"
    )


def test_an_embedded_picture_stays_and_has_a_text_alternative():
    picture = "data:image/png;base64,iVBORw0KGgo="
    assert prose.sanitise(f'<img src="{picture}" alt="Two bars">') == (
        f'<img src="{picture}" alt="Two bars">'
    )
    assert 'alt="Figure without a description"' in prose.sanitise(f'<img src="{picture}">')


def test_headings_get_unique_ids_and_leave_the_first_level_to_the_page():
    taken = iter(["One", "One-2"])
    text, headings = prose.with_headings(
        "<h1>One</h1><h2> </h2><h3>One</h3>", lambda words: next(taken)
    )
    assert text == '<h2 id="One">One</h2> <h3 id="One-2">One</h3>'
    assert headings == [(2, "One", "One"), (3, "One-2", "One")]


def test_printed_text_is_escaped_with_its_lines_and_cut_when_endless():
    assert prose.printed("a <b>\r\n\tc\x1b[31mred\x1b[0m\n\n") == "a &lt;b&gt;\n\tcred"
    assert prose.printed("x" * 50_000).endswith("… cut after 20,000 characters")
