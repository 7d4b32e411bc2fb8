import json

import numpy as np

from crmresearch.data.exports import recognise
from crmresearch.data.inspection import inspect
from crmresearch.data.text_files import read_text


def qualtrics(status=("IP Address", "Survey Preview", "IP Address")):
    identifiers = [
        json.dumps({"ImportId": name}).replace('"', '""') for name in ("s", "QID1", "QID2")
    ]
    lines = [
        "Status,Q1,Q2",
        'Response Type,"How\nsatisfied?",Why?',
        ",".join(f'"{text}"' for text in identifiers),
        *(f"{name},{i},text" for i, name in enumerate(status, start=1)),
    ]
    return "\n".join(lines) + "\n"


def test_qualtrics_headers_become_labels_and_previews_go():
    table = recognise(read_text(qualtrics().encode(), "responses.csv", {}))
    assert table.kind == "Qualtrics CSV"
    assert table.column["Q1"].as_list() == ["1", "3"]
    assert table.labels["Q1"] == "How satisfied?"
    assert table.flow == {"Rows of a survey preview": 1}
    assert table.changes == ("1 row left out (survey preview).",)


def test_rows_are_still_counted_as_in_the_file(tmp_path, small):
    codebook = small.header + "Q1,,scale,satisfaction,,1,2,,,,\n"
    [problem] = inspect(small.write(tmp_path, qualtrics(), codebook)).blocking
    # the question of row 2 holds a line break: one record, one spreadsheet row
    assert "found '3' in 1 of 2 rows (row 6)" in str(problem)


def test_coded_status_marks_a_preview_as_well():
    table = recognise(read_text(qualtrics(("0", "1", "0")).encode(), "responses.csv", {}))
    assert table.column["Q1"].as_list() == ["1", "3"]


def test_one_cell_that_looks_like_an_import_id_is_an_answer():
    raw = b'a,b\nx,y\n"{""ImportId"":1}",z\n'
    assert recognise(read_text(raw, "responses.csv", {})).kind == "CSV"


LIMESURVEY = (
    "\ufeffid,submitdate,lastpage,startlanguage,sat[SQ001],brand,brand[other]\n"
    '"1","2026-03-01 10:00:00","3","de","A1","-oth-","Delta"\n'
    '"2","","1","de","A5","AO01",""\n'
)


def test_limesurvey_is_recognised_and_partial_answers_are_counted():
    table = recognise(read_text(LIMESURVEY.encode(), "responses.csv", {}))
    assert table.kind == "LimeSurvey CSV"
    assert table.changes == ("1 row of respondents who did not finish the survey kept.",)
    [note] = table.problems
    assert not note.blocks
    assert "1 of 2 respondents did not finish" in str(note)


def test_limesurvey_codes_are_read_by_the_codebook(tmp_path, small):
    codebook = (
        small.header
        + "id,,id,id,,,,,,,\n"
        + "sat[SQ001],Satisfied,scale,satisfaction,,1,5,,,1=Low|A1; 5=High|A5,\n"
        + "brand,Brand,category,brand,,,,,,AO01=Aster; -oth-=Other,\n"
    )
    survey = inspect(small.write(tmp_path, LIMESURVEY, codebook)).survey
    np.testing.assert_array_equal(survey.answers["sat[SQ001]"], [1, 5])
    assert survey.answers["brand"].tolist() == ["Other", "Aster"]
