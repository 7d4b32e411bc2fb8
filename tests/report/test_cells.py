"""Cells: a notebook's prose, outputs and code as the blocks of a page."""

import pytest

from crmresearch.report import cells
from crmresearch.report.exhibits import show

from .examples import estimate
from .notebooks import code, notebook, prose

PNG = "iVBORw0KGgo="


def kinds(*made):
    return [(block.kind, block.html) for block in cells.blocks(notebook(*made))]


def test_the_first_heading_is_the_title_and_not_repeated():
    made = notebook(prose("# Is *it* <b>so</b>?\n\nWords."), prose("# Next"))
    assert cells.title_of(made, "Default") == "Is it so?"
    assert [block.html.strip() for block in cells.blocks(made)] == [
        "<p>Words.</p>",
        "<h1>Next</h1>",
    ]
    assert cells.title_of(notebook(prose("Words only.")), "Default") == "Default"
    assert cells.title_of(notebook(), "Default") == "Default"


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n**Question.** Who\nstays?\n\nMore.",
        "# T\n**Question:** Who stays?\n**Data.** x",
        "# T\n\n**Question** Who stays?",
    ],
)
def test_the_question_is_the_paragraph_called_so(text):
    assert cells.question_of(notebook(prose(text)), "Default") == "Who stays?"


def test_without_one_the_question_is_the_default():
    assert cells.question_of(notebook(prose("# T\n\nWords.")), "Default") == "Default"


def test_outputs_come_before_their_code_and_silent_code_is_joined():
    assert kinds(
        code("import a"),
        code("x = 1 < 2"),
        code("print(x)", "True\n"),
        code("   "),
    ) == [
        ("code", "import a\n\nx = 1 &lt; 2"),
        ("printed", "True"),
        ("code", "print(x)"),
    ]


def test_an_exhibit_carries_its_record_and_its_picture():
    def draw(data, figure):
        figure.subplots()
        return "c"

    [block, _] = cells.blocks(
        notebook(code("show()", show("k", [estimate()], title="t", draw=draw)))
    )
    assert (block.kind, block.record["key"]) == ("exhibit", "k")
    assert block.image.startswith("data:image/webp;base64,")


@pytest.mark.parametrize(
    ("data", "kind", "html"),
    [
        ({"text/html": "<b onclick=x>a</b>", "text/plain": "a"}, "html", "<b>a</b>"),
        ({"image/png": PNG, "text/plain": "<Figure>"}, "image", ""),
        ({"image/png": '"><script>', "text/plain": "plain"}, "printed", "plain"),
        ({"text/markdown": "*a*", "text/plain": "a"}, "prose", "<p><em>a</em></p>\n"),
        ({"text/plain": "<Thing at 0x7f00aa>"}, "printed", "&lt;Thing&gt;"),
    ],
)
def test_what_other_cells_display_is_shown_in_a_safe_form(data, kind, html):
    [shown, _] = cells.blocks(notebook(code("x", data)))
    assert (shown.kind, shown.html) == (kind, html)


def test_a_picture_keeps_its_text_alternative():
    made = notebook(code("x", {"image/png": PNG}))
    made["cells"][0]["outputs"][0]["metadata"] = {"image/png": {"alt": "Two bars"}}
    [shown, _] = cells.blocks(made)
    assert (shown.image, shown.alt) == (f"data:image/png;base64,{PNG}", "Two bars")


def test_errors_and_warnings_are_not_published():
    made = notebook(code("x"))
    made["cells"][0]["outputs"] = [
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
    ]
    assert [block.kind for block in cells.blocks(made)] == ["code"]


def test_a_pasted_picture_is_embedded():
    made = notebook(prose("![Two bars](attachment:a.png)"))
    made["cells"][0]["attachments"] = {"a.png": {"image/png": PNG}}
    [block] = cells.blocks(made)
    assert f'src="data:image/png;base64,{PNG}"' in block.html


def test_parameters_are_those_of_the_run_with_paths_cut_to_their_names():
    made = notebook(
        code(
            'data: str = "telecom"  # a folder under data/\nlevel: float = 0.95  # confidence\n'
            "on: bool = False\nshift: float = -0.5  # sign",
            tags=["parameters"],
        ),
        code(
            'data = "/somewhere/else/acme.csv"\nlevel = 0.9\nextra = None',
            tags=["injected-parameters"],
        ),
    )
    assert [(x.name, x.value, x.meaning) for x in cells.parameters(made)] == [
        ("data", "acme.csv", "a folder under data/"),
        ("level", "0.9", "confidence"),
        ("on", "False", ""),
        ("shift", "-0.5", "sign"),
        ("extra", "None", ""),
    ]
    assert all("somewhere" not in block.html for block in cells.blocks(made))


def test_anchors_follow_the_words_and_are_unique():
    taken = {"brief"}
    names = [cells.anchor(text, taken) for text in ("Two words!", "Two words", "<>", "brief", "")]
    assert names == ["Two-words", "Two-words-2", "section", "brief-2", "section-2"]
