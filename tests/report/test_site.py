"""The index: every report with its findings, and every claim with its verdicts."""

import base64
import json
import re
import shutil
from hashlib import sha256

import pytest

from crmresearch.report import site
from crmresearch.report.entries import COMPARISON, Entry
from crmresearch.report.page import POLICY, write_report
from crmresearch.report.site import render, write_site

from .sites import entry, many
from .test_page import study
from .test_tables import Reader


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    for key in ("survey-telecom", "survey-bank"):
        (folder / key).mkdir()
        write_report(study(), folder / key, study="survey", key=key, provenance={})
    return folder


@pytest.fixture
def reports(published, tmp_path):
    return shutil.copytree(published, tmp_path / "reports")


def test_a_disk_without_room_leaves_the_last_index_and_nothing_else(reports, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    write_site(reports, ["survey-telecom"])
    before = {path: path.is_file() and path.read_bytes() for path in reports.iterdir()}
    monkeypatch.setattr(site.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_site(reports, ["survey-telecom", "survey-bank"])
    assert {path: path.is_file() and path.read_bytes() for path in reports.iterdir()} == before


def test_the_index_lists_every_report_and_links_lead_somewhere(reports):
    write_site(reports, ["survey-telecom", "survey-bank"])
    page = (reports / "index.html").read_text("utf-8")
    reader = Reader(page)
    assert reader.tags[2][1]["content"] == POLICY
    assert page.count('<article class="report">') == 2
    for tag, attributes in reader.tags:
        if tag == "a":
            path, _, anchor = attributes["href"].partition("#")
            target = (reports / path).read_bytes()
            assert f'id="{anchor}"'.encode() in target or not anchor


def test_the_matrix_has_a_row_a_claim_and_a_column_a_report(reports):
    path = reports / "survey-bank" / "report.json"
    bank = json.loads(path.read_text("utf-8"))
    bank["findings"] = bank["findings"][1:]
    path.write_text(json.dumps(bank | {"dataset": "Bank"}), "utf-8")
    write_site(reports, ["survey-telecom", "survey-bank"])
    page = (reports / "index.html").read_text("utf-8")
    matrix = page[page.index('class="matrix"') :]
    rows = matrix.split("<tr>")[1:]
    assert [row.count('<th scope="col">') for row in rows] == [3, 0, 0, 0, 0]
    assert [row.count("verdict ") for row in rows] == [0, 1, 2, 2, 2]
    assert ">T</th>" in rows[0]
    assert ">Bank</th>" in rows[0]


def test_studies_of_one_survey_share_its_column(reports):
    path = reports / "survey-bank" / "report.json"
    path.write_text(
        json.dumps(json.loads(path.read_text("utf-8")) | {"study": "recovery"}), "utf-8"
    )
    write_site(reports, ["survey-telecom", "survey-bank"])
    page = (reports / "index.html").read_text("utf-8")
    assert page.count('scope="rowgroup" colspan="2"') == 2


def test_a_study_with_its_own_survey_has_its_own_table(reports):
    path = reports / "survey-bank" / "report.json"
    other = json.loads(path.read_text("utf-8")) | {"study": "validation", "dataset": "Published"}
    path.write_text(json.dumps(other), "utf-8")
    write_site(reports, ["survey-telecom", "survey-bank"])
    page = (reports / "index.html").read_text("utf-8")
    assert page.count('<table class="matrix">') == 2
    assert page.count('scope="rowgroup" colspan="2"') == 2


def test_reports_on_the_same_data_are_told_apart_by_their_keys(reports):
    write_site(reports, ["survey-telecom", "survey-bank"])
    page = (reports / "index.html").read_text("utf-8")
    assert "T (survey-telecom)" in page
    assert "T (survey-bank)" in page


def test_an_empty_site_says_so(tmp_path):
    write_site(tmp_path / "reports", [])
    page = (tmp_path / "reports" / "index.html").read_text("utf-8")
    assert "No report has been published here yet." in page
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["index.html"]


def test_a_damaged_summary_is_left_out_and_told(reports):
    (reports / "survey-bank" / "report.json").write_text("{", "utf-8")
    told = write_site(reports, ["survey-telecom", "survey-bank"])
    assert told == [
        "survey-bank: left out of the site's index, its report.json is not JSON. "
        "Make the report again, or delete its folder."
    ]
    page = (reports / "index.html").read_text("utf-8")
    assert page.count('<article class="report">') == 1


def test_reports_that_give_people_away_are_told(reports):
    for key, n, part in (("survey-telecom", 12, {}), ("survey-bank", 11, {"Brand": "A"})):
        path = reports / key / "report.json"
        about = json.loads(path.read_text("utf-8")) | {"n": n, "part": part}
        path.write_text(json.dumps(about), "utf-8")
    [line] = write_site(reports, ["survey-telecom", "survey-bank"])
    assert line.startswith("survey-telecom: this report and its 1 part by Brand leave fewer than")


def test_few_reports_of_parts_are_cards_that_lead_with_the_part():
    page = render(many(3, 2, studies=("survey", "recovery")))
    assert page.count('<article class="report">') == 12
    assert '<h2><a href="survey-0-0/index.html">Brand 0 · 2020</a></h2>' in page
    assert '<th scope="col">Brand 0 · 2020</th>' in page
    assert "<script" not in page
    assert Reader(page).tags[2][1]["content"] == POLICY


def test_the_whole_has_a_column_of_its_own_beside_its_parts():
    page = render([*many(2, 1), entry("all")])
    heads = re.findall(r'<th scope="col">(.*?)</th>', page)
    assert heads == ["Claim", "Brand 0 · 2020", "Brand 1 · 2020", "Whole sample"]
    other = entry("other", dataset="Cars", part={"Brand": "B"})
    heads = re.findall(r'<th scope="col">(.*?)</th>', render([entry("all"), other]))
    assert heads == ["Claim", "Phones", "Cars · B"]


def test_columns_of_one_survey_do_not_repeat_its_name_beside_another_study():
    page = render([*many(2, 1), entry("other", study="validation", dataset="Published")])
    heads = re.findall(r'<th scope="col">(.*?)</th>', page)
    assert heads == ["Claim", "Brand 0 · 2020", "Brand 1 · 2020", "Claim", "Published"]


def test_a_part_s_card_does_not_say_when_the_whole_survey_was():
    part = entry(
        "b", part={"Brand": "B"}, period="2024 to 2026 (the whole survey)", unit="customer"
    )
    page = render([part, entry("all", period="2024 to 2026", unit="customer")])
    facts = re.findall(r'<p class="facts"><b>(.*?)</p>', page)
    assert facts == [
        "Phones</b> · n = 120 customers",
        "Phones</b> · 2024 to 2026 · n = 120 customers",
    ]


def test_many_reports_are_a_line_each_in_the_page_itself():
    entries = many(7, 2)
    page = render(entries)
    assert "<article" not in page
    assert page.count("<li data-v=") == len(entries) == 14
    reader = Reader(page)
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert [link for link in links if link.startswith("survey")] == [
        f"{entry.key}/index.html" for entry in entries
    ]
    line = page[page.index("<li data-v=") : page.index("</li>")]
    assert 'data-v="sci"' in line
    words = " ".join(" ".join(Reader(line).texts).split())
    assert words == (
        "Brand 0 · 2020 March 2020 n = 120 Survey of brand 0 is 0.0 points. "
        "1 supported 1 contradicted 1 inconclusive"
    )


def test_verdicts_of_many_surveys_are_counted():
    page = render(many(13, 1, studies=("survey", "recovery")))
    assert 'class="matrix"' not in page
    assert page.count('<table class="tally"') == 2
    table = page[page.index('<table class="tally" data-study="recovery"') :]
    row = table[table.index('<tr data-claim="c0">') :].split("</tr>")[0]
    assert " ".join(Reader(row).texts).split() == ["Claim", "0", "holds", "4", "3", "3", "3"]
    for percent in (31, 23):
        assert f'w{percent}"></i>' in row
        assert f".w{percent} {{ flex-grow: {percent}; }}" in page


def test_a_comparison_stands_at_the_top_of_its_study():
    compared = Entry(
        key="compare-survey", kind=COMPARISON, study="survey", title="Brands side by side"
    )
    few = render([entry("one"), compared])
    assert '<ul class="compared">\n<li><a href="compare-survey/index.html">Brands' in few
    assert few.count('<article class="report">') == 1
    page = render([*many(7, 2), compared])
    assert "14 reports," in page
    assert page.index("compare-survey/index.html") < page.index("<li data-v=")
    assert '<th scope="col">Brands' not in page


def test_only_the_script_of_the_package_may_run():
    page = render(many(7, 2))
    [code] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    known = base64.b64encode(sha256(code.encode()).digest()).decode()
    policy = f"{POLICY}; script-src 'sha256-{known}'"
    assert Reader(page).tags[2][1]["content"] == policy
    assert "default-src 'none'" in policy
    assert not re.search(r"\b(fetch|XMLHttpRequest|eval|innerHTML|import|Function)\b", code)
    assert not re.search(r"<[^>]* on[a-z]+=", page)


def test_five_thousand_reports_are_a_page_that_opens_at_once():
    page = render(many(417, 4, studies=("survey", "recovery", "archetypes")))
    assert page.count("<li data-v=") == 5004
    assert len(page.encode()) < 2_000_000
