"""The page: the answer first, everything escaped, the same bytes every time."""

import csv
import json
import math
import re

import numpy as np
import pandas as pd
import pytest

from crmresearch.errors import UserError
from crmresearch.report import bars, plots
from crmresearch.report.exhibits import show, show_caveats, show_data, show_findings
from crmresearch.report.findings import Caveat, conclude
from crmresearch.report.page import POLICY, write_report

from .examples import claim, estimate
from .notebooks import code, notebook, prose
from .test_collect import SHEET
from .test_tables import Reader


def draw(data, figure):
    figure.subplots().plot([0, 1], [1, 2])
    return "Aster leads at 8.0 points (95% CI 4.4 to 11.6)."


def study(*more):
    nps = [estimate(), estimate(value=21.0, low=15.0, high=27.0, group="brand: Aster")]
    found = conclude(
        [
            claim(),
            claim("below", id="negative", statement="It is negative"),
            claim("above", 8.0, id="high", statement="It is high"),
            claim(id="gone", decided_by="csat", statement="Customers are content"),
        ],
        nps,
    )
    return notebook(
        prose("# Who stays?\n\n**Question.** Do customers stay?"),
        code('data: str = "telecom"  # a folder', tags=["parameters"]),
        code('data = "/Users/jane/acme.csv"', tags=["injected-parameters"]),
        code(
            "show_data()", show_data({**SHEET, "facts": {"Source": "A file"}, "flow": {"Read": 12}})
        ),
        prose("## Standing\n\nSome words."),
        code("show()", show("nps", nps, title="It is 8.0 points", draw=draw, note="A note.")),
        code("show()", show("csat", [], title="Not in these data: satisfaction")),
        *more,
        prose("## Caveats"),
        code("show_caveats()", show_caveats([Caveat(key="k", text="Alpha is 0.61.")])),
        prose("## Findings"),
        code("show_findings()", show_findings(found)),
    )


@pytest.fixture
def publish(tmp_path):
    def write(made, key="survey-telecom"):
        folder = tmp_path / key
        folder.mkdir()
        write_report(made, folder, study="survey", key=key, provenance={"Python": "3.11.2"})
        return folder

    return write


def text_of(markup):
    return " ".join(" ".join(Reader(markup).texts).split())


def test_the_order_is_answer_evidence_machinery(publish):
    page = (publish(study()) / "index.html").read_text("utf-8")
    words = text_of(page[page.index("<main") :])
    order = [
        "Who stays?",
        "n = 12 customers",
        "Cross-section: associations, not effects",
        "In brief",
        "The score is",
        "cannot say what causes what. 1 claim could not be decided and 1 claim could not be tested",
        "Caveats that change the reading Alpha is 0.61.",
        "Do customers stay?",
        "Some words.",
        "Aster leads at",
        "A note.",
        "Two studies found so.",
        "A file",
        "acme.csv",
        "Python 3.11.2",
    ]
    positions = [words.index(text) for text in order]
    assert positions == sorted(positions)


def test_the_page_can_do_nothing(publish):
    page = (publish(study()) / "index.html").read_text("utf-8")
    reader = Reader(page)
    assert [tag for tag, _ in reader.tags[:3]] == ["html", "head", "meta"]
    assert reader.tags[2][1] == {"http-equiv": "Content-Security-Policy", "content": POLICY}
    assert not {tag for tag, _ in reader.tags} & {"script", "iframe", "form", "object", "embed"}
    for _, attributes in reader.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        assert attributes.get("src", "data:").startswith("data:")


def test_a_brief_line_holds_number_verdict_and_way_to_the_evidence(publish):
    folder = publish(study())
    page = (folder / "index.html").read_text("utf-8")
    brief = page[page.index('id="brief"') : page.index('id="caveats"')]
    assert "<strong>8.0 points (95% CI 4.4 to 11.6)</strong>" in brief
    verdicts = re.findall(r'class="verdict (\w+)"', brief)
    assert verdicts == ["supported", "contradicted", "inconclusive"]
    assert brief.count('href="#exhibit-nps"') == 3
    assert 'id="exhibit-nps"' in page


def test_every_link_inside_the_page_and_to_its_files_leads_somewhere(publish):
    folder = publish(study())
    page = (folder / "index.html").read_text("utf-8")
    reader = Reader(page)
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in reader.tags:
        target = attributes.get("href", "")
        if tag != "a" or target.startswith("https://doi.org/") or target == "../index.html":
            continue
        if target.startswith("#"):
            assert target[1:] in ids
        else:
            assert (folder / target).is_file()


def test_files_beside_the_page(publish):
    folder = publish(study())
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert names == [
        "estimates.csv",
        "findings.json",
        "index.html",
        "report.json",
        "tables.xlsx",
        "tables/csat.csv",
        "tables/nps.csv",
    ]
    [header, *rows] = csv.reader((folder / "estimates.csv").open(encoding="utf-8", newline=""))
    assert [row[header.index("study")] for row in rows] == ["survey", "survey"]
    findings = json.loads((folder / "findings.json").read_text("utf-8"))
    assert [item["claim"]["id"] for item in findings] == ["positive", "negative", "high", "gone"]


def test_the_summary_is_what_the_index_needs(publish):
    summary = json.loads((publish(study()) / "report.json").read_text("utf-8"))
    assert (summary["key"], summary["study"]) == ("survey-telecom", "survey")
    assert (summary["title"], summary["question"]) == ("Who stays?", "Do customers stay?")
    assert (summary["data"], summary["period"], summary["n"]) == ("T", "2026", 12)
    assert (summary["unit"], summary["design"]) == ("customer", "cross-section")
    assert [item["verdict"] for item in summary["findings"]] == [
        "supported", "contradicted", "inconclusive", "not testable here",
    ]  # fmt: skip
    assert summary["headline"][0]["value"] == 8.0


def test_equal_notebooks_are_equal_bytes(publish):
    one, other = (publish(study(), key) for key in ("survey-a", "survey-b"))
    for path in one.rglob("*.*"):
        twin = other / path.relative_to(one)
        assert path.read_bytes() == twin.read_bytes().replace(b"survey-b", b"survey-a")


def test_the_code_is_folded_and_the_run_s_own_cell_is_not_shown(publish):
    page = (publish(study()) / "index.html").read_text("utf-8")
    assert '<details class="code"><summary>Code</summary>' in page
    assert "show_data()" in page
    assert "jane" not in page


def test_a_leak_stops_the_report_before_anything_is_written(publish, tmp_path):
    leak = code("print(answers)", "R0001 jane.doe@example.com\n")
    with pytest.raises(UserError, match=r"survey-telecom.*not published(?s:.*)an e-mail address"):
        publish(study(leak))
    assert list((tmp_path / "survey-telecom").iterdir()) == []


@pytest.mark.parametrize(
    "made",
    [notebook(), notebook(prose("Words only.")), notebook(code("show()", show("a", [], title="")))],
)
def test_a_notebook_with_almost_nothing_is_still_a_page(publish, made):
    page = (publish(made) / "index.html").read_text("utf-8")
    assert "<h1>" in page


def test_without_findings_the_brief_states_the_exhibits(publish):
    made = notebook(prose("# T"), code("a", show("nps", [estimate()], title="It is 8.0 points")))
    summary = json.loads((publish(made) / "report.json").read_text("utf-8"))
    assert [line["sentence"] for line in summary["brief"]] == ["It is 8.0 points."]


def test_headlines_come_before_the_claims_and_absent_ones_nowhere(publish):
    made = study(
        code("a", show("one", [estimate(key="one")], title="One", headline=True)),
        code("b", show("two", [], title="Not in these data: two", headline=True)),
    )
    brief = json.loads((publish(made) / "report.json").read_text("utf-8"))["brief"]
    assert [line["sentence"] for line in brief][0] == "One."
    assert [bool(line["verdict"]) for line in brief] == [False, True, True, True]


def test_prose_that_introduces_only_what_is_absent_is_not_shown(publish):
    made = notebook(
        prose("# T"),
        prose("## Waves\n\nHow waves are compared."),
        code("first()", show("a", [], title="Not in these data: waves")),
        prose("And how drift is found."),
        code("second()", show("b", [], title="Not in these data: drift")),
        prose("## Scores\n\nHow scores are read."),
        code("third()", show("nps", [estimate()], title="It is 8.0 points")),
        code("fourth()", show("c", [], title="Not in these data: effort")),
    )
    page = (publish(made) / "index.html").read_text("utf-8")
    words = text_of(page[page.index("<main") :])
    order = ["Waves", "data: waves drift", "first() second()", "How scores are read"]
    assert sorted(order, key=words.index) == order
    assert "compared" not in words
    assert "drift is found" not in words
    assert "third()" in words
    assert "fourth()" in words


def test_what_is_absent_in_a_row_is_one_list(publish):
    made = notebook(
        prose("# T\n\n## Weights"),
        code("first()", show("a", [], title="Not in these data: weights", note="Of weights.")),
        code("second()", show("b", [], title="Not in these data: margins")),
        prose("## Other\n\nMore."),
        code("third()", show("c", [], title="Not asked for: quotations")),
        code("fourth()", show("d", [], title="Nothing at all")),
    )
    page = (publish(made) / "index.html").read_text("utf-8")
    words = text_of(page[page.index("<main") :])
    assert words.count("Not in these data:") == 1
    for text in ("weights", "margins", "Not asked for: quotations", "Nothing at all"):
        assert re.search(rf"<li id=[^>]*>{text}</li>", page), text
    assert "Of weights" not in words


@pytest.mark.parametrize(("number", "folded"), [(6, 0), (9, 4)])
def test_many_caveats_are_folded_after_the_first(publish, number, folded):
    items = [Caveat(key=f"a.{at}", text=f"Caveat no. {at}.") for at in range(number)]
    made = notebook(prose("# T"), code("a", show_caveats(items)))
    page = (publish(made) / "index.html").read_text("utf-8")
    assert all(f"Caveat no. {at}." in page for at in range(number))
    assert ("more caveat" in page) == bool(folded)
    if folded:
        place = page.index(f"{folded} more caveats")
        assert page.index("Caveat no. 4.") < place < page.index("Caveat no. 5.")


def test_an_estimate_without_a_number_is_blank_everywhere(publish):
    missing = estimate(value=math.nan, low=math.nan, high=math.nan, n=0)
    folder = publish(notebook(code("a", show("nps", [missing], title="t", draw=None))))
    assert "nan" not in (folder / "estimates.csv").read_text("utf-8").lower()
    assert "NaN" not in (folder / "report.json").read_text("utf-8")


def test_what_cannot_be_tested_and_long_tables_are_folded(publish):
    lost = [claim(id=f"gone-{at}", decided_by="csat", statement=f"Lost {at}") for at in range(4)]
    many = [estimate(group=f"brand: {at}") for at in range(13)]
    made = notebook(
        prose("# T"),
        code("a", show("one", [estimate()], title="One")),
        code("b", show("many", many, title="Many")),
        code("c", show_findings(conclude([claim(), *lost], [estimate()]))),
    )
    page = (publish(made) / "index.html").read_text("utf-8")
    assert re.findall(r'<details class="data wide"( open)?>', page) == [" open", ""]
    fold = page.index("4 claims not testable on these data")
    assert page.index('class="claim"') < fold < page.index("<h3>Lost 0")


def test_a_part_s_first_line_does_not_say_when_the_whole_survey_was(publish):
    sheet = show_data({**SHEET, "period": "2024 to 2026 (the whole survey)"})
    page = (publish(notebook(prose("# T"), code("a", sheet))) / "index.html").read_text("utf-8")
    [facts] = re.findall(r'<p class="facts">(.*?)</p>', page)
    assert "2024" not in facts


def test_six_figures_stay_small(publish):
    rng = np.random.default_rng(1)

    def rows(name, number):
        values = rng.uniform(0.2, 0.8, number)
        return [
            estimate(f"{name}.{i}", v, v - 0.1, v + 0.1, unit="share", name=f"Answer no. {i}")
            for i, v in enumerate(values)
        ]

    def answers(data, figure):
        shares = pd.DataFrame(rng.dirichlet(np.ones(7), 12), columns=list("ABCDEFG"))
        bars.stack(figure.subplots(), shares.set_axis([f"Question {i}" for i in range(12)]))
        return "Answers"

    def cloud(data, figure):
        ax = figure.subplots()
        ax.scatter(*rng.normal(size=(2, 800)), s=12, alpha=0.4)
        ax.fill_between([-3, 3], [-2, 1], [-1, 2], alpha=0.2)
        return "Answers of people"

    def forest(data, figure):
        plots.intervals(data, figure, reference=0.5, zone=0.05)
        return "Estimates"

    kinds = [forest, forest, lambda *it: plots.groups(*it) and "", answers, answers, cloud]
    cells = []
    for number, kind in enumerate(kinds):
        items = rows(f"k{number}", 18)
        cells.append(prose(f"## Part {number}\n\n" + "Some words on what is seen. " * 20))
        cells.append(code("show()" * 40, show(f"k{number}", items, title="Shares", draw=kind)))
    folder = publish(notebook(prose("# T"), *cells))
    page = (folder / "index.html").read_text("utf-8")
    assert page.count("data:image/webp;base64,") == 6
    assert len(page.encode()) < 400_000


def test_what_is_absent_for_one_reason_is_said_once(publish):
    made = notebook(
        prose("# T\n\n## Arms"),
        code("first()", show("a", [], title="Not in these data: arms")),
        code("second()", show("b", [], title="Not in these data: arms")),
    )
    page = (publish(made) / "index.html").read_text("utf-8")
    assert page.count(">arms</li>") == 1


def test_a_file_that_an_exhibit_carries_is_offered_byte_for_byte(publish):
    text = '{\n "share": 0.1,\n "label": "gr\u00fcn"\n}\n'
    shown = show("model", [estimate("model.k")], title="Four types", file=("model.json", text))
    folders = [publish(study(code("show()", shown)), key=key) for key in ("one", "two")]
    assert [(folder / "files" / "model.json").read_bytes() for folder in folders] == [
        text.encode("utf-8")
    ] * 2
    page = (folders[0] / "index.html").read_text("utf-8")
    assert '<a href="files/model.json" download>model.json</a>' in page
    assert not (publish(study(), key="three") / "files").exists()


def test_a_file_with_an_address_is_not_published(publish):
    shown = show(
        "model", [estimate("model.k")], title="t", file=("m.json", '{"a": "x@example.org"}')
    )
    with pytest.raises(UserError, match=r"exhibit 'model', file 'm.json': found an e-mail address"):
        publish(study(code("show()", shown)))
