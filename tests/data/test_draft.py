import pandas as pd
import pyreadstat
import pytest

from crmresearch.data.checking import check, draft_codebook
from crmresearch.data.codebook_file import read_codebook
from crmresearch.data.draft import draft
from crmresearch.errors import DataError, RequestError


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "export.csv"
    lines = ["respondent_id;nps;satisfied;comment;weight;shop;mail;constant"]
    for i in range(60):
        nps = 11 if i == 7 else i % 11
        satisfied = "Blank" if i == 3 else i % 5 + 1
        lines.append(f"{i + 100};{nps};{satisfied};they said {i};0,{i + 1};{'AB'[i % 2]};a{i}@b;x")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def drafted(path):
    return {item.variable: item for item in draft(path)[0]}


def test_types_and_guesses(export):
    items = drafted(export)
    assert {name: (item.type, item.roles) for name, item in items.items()} == {
        "respondent_id": ("id", ("id",)),
        "nps": ("scale", ("recommend",)),
        "satisfied": ("scale", ("satisfaction",)),
        "comment": ("text", ()),
        "weight": ("number", ("weight",)),
        "shop": ("category", ()),
        "mail": ("id", ()),
        "constant": ("ignore", ()),
    }
    assert all(item.guess == bool(item.roles) for item in items.values())
    assert (items["nps"].low, items["nps"].high) == (0, 10)
    assert "11 may mean no answer" in items["nps"].note
    assert "Blank may mean no answer" in items["satisfied"].note
    assert items["satisfied"].missing == ()  # suspected, not decided
    assert items["satisfied"].values == {}
    assert "B: 30" in items["shop"].note
    assert "they said" not in items["comment"].note


def test_labels_and_missing_codes_of_the_file_are_copied(tmp_path):
    path = tmp_path / "export.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q1": [1.0, 2.0, 99.0, 5.0] * 5}),
        path,
        column_labels=["How satisfied are you?"],
        variable_value_labels={"q1": {1.0: "Low", 5.0: "High; indeed", 99.0: "No answer"}},
        missing_ranges={"q1": [99]},
    )
    [item] = drafted(path).values()
    assert (item.type, item.low, item.high, item.missing) == ("scale", 1, 5, ("99",))
    assert item.values == {"1": ("Low",), "5": ("High; indeed",)}
    assert item.label == "How satisfied are you?"
    assert item.roles == ("satisfaction",)


def test_the_draft_is_a_codebook_that_waits_for_its_guesses(export):
    folder = export.parent / "dataset"
    said = draft_codebook(export, output=folder)
    assert said.splitlines()[:2] == [str(folder / "codebook.csv"), str(folder / "about.toml")]
    assert "4 roles guessed and marked with '?'" in said
    book, problems = read_codebook(folder / "codebook.csv")
    assert [str(problem)[:40] for problem in problems] == [
        "codebook.csv: 4 guessed roles, marked by"
    ]
    text = (folder / "codebook.csv").read_text("utf-8").replace("?,", ",")
    text = text.replace("satisfaction,,1,5,,,", "satisfaction,,1,5,,Blank,")
    text = text.replace("recommend,,0,10,,,", "recommend,,0,10,,11,")
    (folder / "codebook.csv").write_text(text, "utf-8")
    report, fit = check(export, codebook=folder)
    assert fit, report
    assert "survey: yes" in report
    with pytest.raises(RequestError, match="exists already"):
        draft_codebook(export, output=folder)


def test_an_about_file_carries_what_was_found_of_the_format(export):
    folder = export.parent / "dataset"
    draft_codebook(export, output=folder)
    assert (folder / "about.toml").read_text("utf-8").splitlines()[-4:] == [
        "[file]",
        'name = "export.csv"',
        'delimiter = ";"',
        'decimal = ","',
    ]


def test_a_file_that_cannot_be_read_has_no_draft(tmp_path):
    (tmp_path / "export.csv").write_bytes(b"a\n\xff\n")
    with pytest.raises(DataError, match="is not utf-8"):
        draft(tmp_path / "export.csv")
    with pytest.raises(RequestError, match="there is no dataset"):
        draft_codebook(tmp_path / "none.csv")
    with pytest.raises(RequestError, match="is a folder"):
        draft_codebook(tmp_path)
