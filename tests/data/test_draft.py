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


def test_commas_between_thousands_are_no_decimal_commas(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text('a,b\n"1,234",x\n"2,000",y\n"3,456",x\n', encoding="utf-8")
    draft_codebook(path, output=tmp_path / "d")
    assert "decimal" not in (tmp_path / "d" / "about.toml").read_text("utf-8")
    assert drafted(path)["a"].type == "text"
    path.write_text("a;b\n1.234;x\n2.000;y\n3;x\n", encoding="utf-8")
    assert "1.234 is read as a fraction, not as thousands" in drafted(path)["a"].note


def test_decimal_commas_among_whole_numbers(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("w;n\n1,5;1\n2;2\n;3\nn/a;4\n0,25;5\n", encoding="utf-8")
    assert drafted(path)["w"].type == "number"


def test_numbers_with_leading_zeros_are_names(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("shop,n\n007,1\n008,2\n007,3\n010,1\n", encoding="utf-8")
    item = drafted(path)["shop"]
    assert (item.type, list(item.values)) == ("category", ["007", "008", "010"])


def test_what_a_draft_leaves_out_is_told(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("a,a,\n1,2,3\n2,3,4\n", encoding="utf-8")
    said = draft_codebook(path, output=tmp_path / "wave 1.2")
    assert (tmp_path / "wave 1.2" / "codebook.csv").is_file()
    assert "1 column with cells but no name in the header (column 3)" in said
    assert "more than one column is named 'a': the first is described" in said


def test_an_about_file_beside_the_codebook_says_how_to_read(tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes("größe,b\n1,2\n2,3\n".encode("cp1252"))
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "about.toml").write_text('title = "x"\n[file]\nencoding = "cp1252"\n')
    draft_codebook(path, output=tmp_path / "d")
    assert "größe" in read_codebook(tmp_path / "d" / "codebook.csv")[0]
