import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmresearch.data.codebook import TYPES, Variable
from crmresearch.data.codebook_file import fold, parse_values, read_codebook, write_codebook
from crmresearch.errors import DataError


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "codebook.csv"
    path.write_text(text, encoding=encoding)
    return read_codebook(path)


def problems(
    tmp_path, *lines, header="variable,label,type,role,construct,low,high,reverse,missing,values"
):
    return [str(problem) for problem in read(tmp_path, "\n".join([header, *lines]))[1]]


def test_a_row_is_read(tmp_path):
    book, found = read(
        tmp_path,
        "variable,label,type,role,construct,low,high,reverse,missing,values\n"
        'q1,"Trust, in all",Scale,item; satisfaction,trust,1,"7,0",yes,-99; Blank,'
        "1=Low|none; 7=High\n",
    )
    assert not found
    assert book["q1"] == Variable(
        variable="q1",
        label="Trust, in all",
        type="scale",
        roles=("item", "satisfaction"),
        construct="trust",
        low=1,
        high=7,
        reverse=True,
        missing=("-99", "Blank"),
        values={"1": ("Low", "none"), "7": ("High",)},
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spreadsheets_may_save_it_their_way(tmp_path, delimiter, encoding):
    text = delimiter.join(["variable", "type", "label"]) + "\n"
    text += delimiter.join(["q1", "text", "Größe"]) + "\n"
    book, found = read(tmp_path, text, encoding)
    assert not found
    assert book["q1"].label == "Größe"


NAMES = st.text(st.characters(blacklist_categories=["C", "Z"]), min_size=1, max_size=8)
LABELS = NAMES


@settings(max_examples=75, deadline=None)
@given(
    NAMES,
    st.dictionaries(st.integers(-9, 9).map(str) | LABELS, LABELS, max_size=5).filter(
        lambda values: len(set(values.values())) == len(values)
    ),
    st.lists(LABELS, max_size=3, unique=True),
)
def test_what_is_written_is_read_back(tmp_path_factory, name, values, missing):
    item = Variable(
        variable=name,
        label="A label; with | signs",
        type="category",
        missing=tuple(missing),
        values={code: (label,) for code, label in values.items()},
        note="n",
    )
    book, _ = read(tmp_path_factory.mktemp("book"), write_codebook([item]))
    assert book == {name: item}


def test_values_may_share_a_code_and_escape_signs():
    assert parse_values(r"1=Yes|ja; 2=No\; never|a\|b\=c; 3; x\=y=C:\\") == {
        "1": ("Yes", "ja"),
        "2": ("No; never", "a|b=c"),
        "3": (),
        "x=y": ("C:\\",),
    }


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("1=Yes; 1=No", "the code '1' stands twice"),
        ("1=Yes; 2=Yes", "the label 'Yes' stands for '1' and '2'"),
        ("=Yes", "has no code"),
        ("1=Poor, 2=Fair", "has a second '='; between two answers stands ';'"),
    ],
)
def test_values_that_do_not_parse(cell, says):
    with pytest.raises(DataError, match=says):
        parse_values(cell)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "q1,,scael,,,1,7,,,",
            "line 2, column 'q1': its type is 'scael' but there is no such type.",
        ),
        ("q1,,scael,,,1,7,,,", "Did you mean 'scale'?"),
        ("q1,,scale,satisfied,,1,7,,,", "Did you mean 'satisfaction'?"),
        ("q1,,scale,,,7,1,,,", "low is 7 and high is 1 but low must be less than high"),
        ("q1,,scale,,,one,7,,,", "low is 'one' but it must be a number"),
        ("q1,,scale,,,,,,,", "a scale must say where it begins and ends"),
        ("q1,,scale,,,1,7,,,9=Never", "it labels '9' but its range is 1 to 7"),
        ("q1,,scale,,,1,7,maybe,,", "reverse is 'maybe'"),
        ("q1,,text,,,,,yes,,", "only an item with a range can be reversed"),
        ("q1,,category,segment,,1,7,,,", "only a scale or a number has a range"),
        ("q1,,binary,,,,,,,1=Yes; 2=No", "binary codes are 1 (yes) and 0"),
        ("q1,,scale,,,1,5,,5,5=Good", "'5' stands in values and missing"),
        ("q1,,scale,recommend,,1,10,,,", "the role 'recommend' on a scale from 1 to 10"),
        ("q1,,text,weight,,,,,,", "the survey weight must be number"),
        ("q1,,ignore,weight,,,,,,", "its type ignore is not read"),
        ("q1,,binary,indicator,good,,,,,", "an indicator's construct is positive or negative"),
        ("q1,,scale,,,1,5,,,Poor; Good", "a scale has numeric codes"),
        ("q1,,category,,,,,,,1=A; 1=B", "its values do not parse: the code '1' stands twice"),
        (",,scale,,,1,5,,,", "no variable is named"),
        ("q1,,text,,,,,,,,,x", "12 cells stand in it but the header has 10"),
    ],
)
def test_mistakes_are_named(tmp_path, line, says):
    assert any(says in problem for problem in problems(tmp_path, line)), problems(tmp_path, line)


def test_all_mistakes_come_at_once(tmp_path):
    lines = [
        "q1,,scael,,,,,,,",
        "q1,,text,,,,,,,",
        "w,,number,weight,,,,,,",
        "v,,number,weight,,,,,,",
    ]
    found = problems(tmp_path, *lines)
    assert len(found) == 3
    assert "'q1' is described a second time" in found[1]
    assert "the role 'weight' is given to 'w', 'v' but one variable at most may have it" in found[2]


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("variable,type,missin", "Did you mean 'missing'?"),
        ("name,type", "the column 'variable' is missing"),
        ("variable,type,type", "the column 'type' stands twice"),
        ("", "the column 'variable' is missing"),
    ],
)
def test_a_wrong_header_is_named(tmp_path, header, says):
    assert any(says in problem for problem in problems(tmp_path, "q1,text", header=header))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("book") / "codebook.csv"
    path.write_bytes(raw)
    book, found = read_codebook(path)
    assert book or found
    assert all(item.type in TYPES for item in book.values())


def test_nothing_in_a_draft_is_a_formula(tmp_path):
    item = Variable(
        variable="=x", label="@sum", type="scale", low=-1234567, high=0.125, note="+cmd"
    )
    text = write_codebook([item])
    assert text.splitlines()[1] == " =x, @sum,scale,,,-1234567,0.125,,,, +cmd"
    assert read(tmp_path, text)[0]["=x"].low == -1234567


def test_fold():
    assert fold("  a \n\t b\u00a0c ") == "a b c"


def test_a_codebook_as_a_spreadsheet_saves_it(tmp_path):
    path = tmp_path / "codebook.csv"
    path.write_bytes(
        b"\xef\xbb\xbfsep=;\r\nvariable;type;role;;\r\nq1;Number;Satisfaction;;\r\n;;;;\r\n"
    )
    book, problems = read_codebook(path)
    assert not problems
    assert (book["q1"].type, book["q1"].roles) == ("number", ("satisfaction",))
    path.write_bytes("variable,type\nq1,number\ngröße,number\n".encode("cp1252"))
    [problem] = read_codebook(path)[1]
    assert 'line 3 is not UTF-8. Save it as CSV in UTF-8; a spreadsheet calls that "CSV UTF-8"' in (
        str(problem)
    )


def test_missing_codes_with_a_comma_between_them(tmp_path):
    path = tmp_path / "codebook.csv"
    path.write_text('variable,type,missing\nq1,number,"98, 99"\n', encoding="utf-8")
    [problem] = read_codebook(path)[1]
    assert "missing holds '98, 99' but ';' stands between two codes. Write them as 98; 99." in (
        str(problem)
    )
