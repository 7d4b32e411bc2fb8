"""The index: every report with its findings, and every claim with its verdicts."""

import json

import pytest

from crmresearch.report.page import POLICY, write_report
from crmresearch.report.site import write_site

from .test_page import study
from .test_tables import Reader


@pytest.fixture
def reports(tmp_path):
    for key in ("survey-telecom", "survey-bank"):
        (tmp_path / key).mkdir()
        write_report(study(), tmp_path / key, study="survey", key=key, provenance={})
    return tmp_path


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
    path.write_text(json.dumps(bank | {"data": "Bank"}), "utf-8")
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
    other = json.loads(path.read_text("utf-8")) | {"study": "validation", "data": "Published"}
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
    (reports / "survey-bank" / "report.json").unlink()
    wrong = write_site(reports, ["survey-telecom", "survey-bank"])
    assert wrong == {"survey-bank": "its report.json cannot be read (No such file or directory)"}
    page = (reports / "index.html").read_text("utf-8")
    assert page.count('<article class="report">') == 1
