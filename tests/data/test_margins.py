"""Population margins: what about.toml may say, and that it must fit codebook and data."""

import pytest

from crmresearch.data.inspection import inspect
from crmresearch.data.load import load
from crmresearch.data.margins import labels_of, settle_margins, unmatched
from crmresearch.errors import DataError

COLUMNS = "id,q,segment,new\n"
ROWS = "1,5,Retail,1\n2,4,Trade,2\n3,7,Retail,1\n"
BOOK = (
    "id,,id,id,,,,,,,\n"
    "q,,scale,satisfaction,,1,7,,,,\n"
    "segment,,category,segment,,,,,,1=Retail|Einzelhandel; 2=Trade,\n"
    "new,,binary,,,,,,,1=New; 0=Old|2,\n"
)
TITLE = 'title = "T"\n'


@pytest.fixture
def found(small, tmp_path):
    def write(margins, rows=ROWS):
        return inspect(small.write(tmp_path, COLUMNS + rows, small.header + BOOK, TITLE + margins))

    return write


def test_shares_stand_under_the_labels_that_reports_show(found):
    survey = found(
        "[margins.segment]\nEinzelhandel = 70\n2 = 30\n[margins.new]\nNew = 0.5\n0 = 0.5\n"
    ).survey
    assert survey.about.margins == {
        "segment": {"Retail": 0.7, "Trade": 0.3},
        "new": {"New": 0.5, "Old": 0.5},
    }


def test_shares_that_nearly_sum_to_one_do_so_afterwards(found):
    shares = found("[margins.segment]\nRetail = 0.3333\nTrade = 0.6671\n").survey.about.margins
    assert sum(shares["segment"].values()) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("margins", "says"),
    [
        ("margins = 3", "margins is no table but it must be a table of tables"),
        ("[margins]\nsegment = 0.4", "[margins.segment] lists no shares but it must be a table"),
        ("[margins.segment]\n", "[margins.segment] lists no shares"),
        (
            "[margins.segment]\nRetail = 0.6\nTrade = 0.3",
            "the shares in [margins.segment] sum to 0.9 but the shares of all answers sum to 1",
        ),
        ("[margins.segment]\nRetail = 1.2\nTrade = -0.2", "'Trade' is '-0.2' but a share is"),
        ("[margins.segment]\nRetail = 1\nTrade = 0", "'Trade' is '0' but a share is"),
        ("[margins.segment]\nRetail = true\nTrade = nan", "'Retail' is 'True', 'Trade' is 'nan'"),
        ('[margins.segment]\nRetail = "0.6"\nTrade = 0.4', "'Retail' is '0.6' but a share is"),
        ("[margins.segmnt]\nRetail = 1", "no such variable. Correct the name. Did you mean 'segm"),
        ("[margins.q]\n5 = 1", "found [margins.q] but 'q' is a scale. Shares can be given of a"),
        (
            "[margins.segment]\nRetial = 0.6\nTrade = 0.4",
            "gives a share to 'Retial' but the codebook lists no such answer. "
            "Its answers are 'Retail', 'Trade'. Did you mean 'Retail'?",
        ),
        (
            "[margins.segment]\nRetail = 0.5\n1 = 0.1\nTrade = 0.4",
            "gives a share to '1' but 'Retail' has one already. Keep one of the two.",
        ),
        (
            "[margins.segment]\nRetail = 1",
            "[margins.segment] gives no share to 'Trade' but the data have such answers.",
        ),
    ],
)
def test_mistakes_are_named(found, margins, says):
    inspection = found(margins)
    assert inspection.survey is None
    assert any(says in str(problem) for problem in inspection.blocking), inspection.blocking


def test_a_share_of_what_nobody_answered_cannot_be_reached(found):
    [problem] = found("[margins.segment]\nRetail = 0.6\nTrade = 0.4", "1,5,Retail,1\n").blocking
    assert str(problem) == (
        "about.toml: [margins.segment] gives a share to 'Trade' but nobody in the data gave that "
        "answer, and no weight can make up for it. Add its share to that of a similar answer."
    )


def test_all_mistakes_come_at_once(found):
    inspection = found(
        "[margins.segmnt]\nA = 1\n[margins.segment]\nX = 0.5\nY = 0.5\n[margins.new]\nNew = 1\n"
    )
    text = "\n".join(map(str, inspection.blocking))
    for what in ("[margins.segmnt]", "'X'", "'Y'", "[margins.new] gives no share to 'Old'"):
        assert what in text


def test_a_reversed_binary_variable_is_known_by_the_label_that_was_ticked(small, tmp_path):
    book = small.header + "id,,id,id,,,,,,,\nx,,binary,,,,,yes,,1=Yes; 0=No,\n"
    folder = small.write(tmp_path, "id,x\n1,Yes\n2,No\n3,Yes\n", book, TITLE)
    survey = load(folder)
    assert survey.answers["x"].tolist() == [0, 1, 0]
    assert labels_of(survey.answers["x"], survey.codebook["x"]).tolist() == ["Yes", "No", "Yes"]


def test_a_binary_variable_without_labels_has_the_answers_1_and_0(small, tmp_path):
    book = small.header + "id,,id,id,,,,,,,\nx,,binary,,,,,,,,\n"
    about = TITLE + "[margins.x]\n1 = 0.4\n0 = 0.6\n"
    with pytest.raises(DataError, match="Say in its values"):
        load(small.write(tmp_path / "a", "id,x\n1,yes\n2,0\n", book, about))
    survey = load(small.write(tmp_path / "b", "id,x\n1,1\n2,0\n3,\n", book, about))
    assert survey.about.margins == {"x": {"1": 0.4, "0": 0.6}}


def test_a_category_that_lists_nothing_takes_the_answers_in_the_file(small, tmp_path):
    book = small.header + "id,,id,id,,,,,,,\nx,,category,segment,,,,,,,\n"
    about = TITLE + "[margins.x]\nNorth = 0.4\nSouth = 0.6\n"
    survey = load(small.write(tmp_path, "id,x\n1,South\n2,North\n3,\n", book, about))
    assert survey.about.margins == {"x": {"North": 0.4, "South": 0.6}}


def test_without_margins_there_is_nothing_to_settle(found):
    survey = found("").survey
    about, problems = settle_margins(survey.about, survey.codebook, "about.toml")
    assert (dict(about.margins), problems) == ({}, [])
    assert unmatched(survey.about, survey.codebook, dict(survey.answers), "about.toml") == []
