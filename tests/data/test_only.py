import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmresearch.data import only
from crmresearch.data.codebook import About
from crmresearch.data.load import load
from crmresearch.data.roles import Needs
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError, RequestError

CODEBOOK = (
    "variable,label,type,role,construct,low,high,reverse,missing,values\n"
    "id,,id,id,,,,,,\n"
    "maker,Make of the phone,category,brand,,,,,,1=Northwind|NW; 2=Öst; 3=A\\; B \\= C; 4=Nobody\n"
    "year,Year,category,wave,,,,,,2025; 2026\n"
    "upset,Had a problem,binary,covariate,,,,,,1=Yes; 0=No\n"
    "tier,Tier,scale,covariate,,1,3,yes,,1=Low; 3=High\n"
    "town,,category,segment,,,,,,\n"
    "street,,category,segment,,,,,,\n"
    "spent,Spent,number,,,,,,,\n"
    "day,,date,date,,,,,,\n"
    "said,,text,verbatim,,,,,,\n"
    "happy,Satisfied,scale,satisfaction,,1,7,,99,\n"
    "later,Asked in 2026 only,scale,loyalty,,1,7,,,\n"
)
ABOUT = (
    'title = "Phones"\ncollected = "2025 and 2026"\npopulation = "Buyers"\nmin_cell = 3\n'
    'weights = "None were delivered."\ninvited = 900\n'
    'paths = ["happy -> later"]\n'
)
MARGINS = "[margins.upset]\nYes = 0.4\nNo = 0.6\n"
HEADER = "id,maker,year,upset,tier,town,street,spent,day,said,happy,later\n"


def rows(n: int, *, maker: str = "1", year: str = "2025", town: str = "Ulm", start: int = 0) -> str:
    later = "4" if year == "2026" else ""
    return "".join(
        f"{year}{maker[:1]}{i},{maker},{year},{i % 2},{i % 3 + 1},{town},Main,{i}.5,"
        f"{year}-03-{i % 28 + 1:02d},word {i} é,{i * i % 7 + 1},{later}\n"
        for i in range(start, start + n)
    )


RESPONSES = HEADER + rows(20) + rows(14, year="2026") + rows(12, maker="2", town="Bonn")


@pytest.fixture
def phones(tmp_path, small):
    def made(responses: str = RESPONSES, codebook: str = CODEBOOK, about: str = ABOUT):
        return load(small.write(tmp_path, responses, codebook, about))

    return made


def refused(call, *given, error=RequestError) -> str:
    with pytest.raises(error) as caught:
        call(*given)
    return str(caught.value)


def assert_same(one: Survey, other: Survey) -> None:
    pd.testing.assert_frame_equal(one.answers, other.answers, check_exact=True)
    assert replace(one, answers=None) == replace(other, answers=None)


words = st.text(min_size=1)


@given(st.dictionaries(words, st.text()))
@example({"brand": 'A; "B" = \\ C', 'n"a;me': " blank ends ", "x": "", "y": "a\nb\u2028\x00\x7f"})
@example({"brand": "\ud800"})
def test_every_part_is_read_as_it_was_written(mapping):
    text = only.written(mapping)
    assert only.parse(text) == mapping
    assert text.isprintable()


def test_a_part_is_written_as_people_write_it():
    assert only.parse(" brand=Northwind ;wave = 2025; ") == {"brand": "Northwind", "wave": "2025"}
    assert only.parse(" ; ") == only.parse("") == {}
    assert only.written({"brand": "Crème & Söhne (UK)", "wave": "2025"}) == (
        "brand = Crème & Söhne (UK); wave = 2025"
    )
    assert only.written({"brand": "A; B"}) == 'brand = "A; B"'


def test_a_text_that_is_no_part_is_refused_with_every_fault():
    text = refused(only.parse, 'brand; wave = 2025 region = EU; a = "b\\d"; x = 1; x = 2; y = "z')
    form = (
        " names no part of the respondents: it must be a name, = and an answer. Write it as "
        "brand = Northwind; wave = 2025; an answer that holds one of these signs stands in "
        'quotation marks, as in brand = "A; B".'
    )
    assert text == "\n".join(
        [
            f"'brand'{form}",
            f"'wave = 2025 region = EU'{form}",
            '\'a = "b\\d"\' cannot be read: within quotation marks write \\" for a quotation mark '
            "and \\\\ for a backslash.",
            "'x = 2' names 'x' a second time. Give it one answer.",
            f"'y = \"z'{form}",
        ]
    )


def test_the_part_holds_its_respondents_and_no_word_of_others(phones):
    part = only.choose(phones(), {"brand": "NW", "year": "2025"})
    assert len(part.answers) == 20
    assert part.answers.index.equals(pd.RangeIndex(20))
    assert part.answers["id"].str.startswith("20251").all()
    assert not {"maker", "year", "later"} & set(part.codebook)  # constant; nobody was asked
    assert list(part.answers) == list(part.codebook)
    assert not {"brand", "wave", "loyalty"} & part.roles
    assert part.answers["town"].cat.categories.tolist() == ["Ulm"]
    sheet = part.description()
    assert sheet["dataset"] == "Phones"
    assert sheet["part"] == {"Make of the phone": "Northwind", "Year": "2025"}
    assert sheet["title"] == "Phones: Northwind, 2025"
    assert sheet["n"] == 20
    assert sheet["flow"] == {"Respondents in this part": 20}
    assert sheet["facts"] == {
        "Title": "Phones: Northwind, 2025",
        "Part of the data": "Make of the phone: Northwind; Year: 2025",
        "Population": "Buyers (the whole survey)",
        "Collected": "2025 and 2026 (the whole survey)",
        "Design": "cross-section",
        "Weights": "None were delivered.",
        "File": "responses.csv",
        "SHA-256 of the part": only.part_digest(part),
    }
    assert part.about.paths == ()  # they name a question that nobody in it answered


def test_a_part_does_not_change_with_the_answers_of_others(phones):
    part = {"brand": "Northwind", "wave": "2025"}
    before = only.choose(phones(about=ABOUT + MARGINS), part)
    more = rows(9, maker="3", year="2026", town="Aachen", start=5).replace("word", "other")
    after = only.choose(phones(RESPONSES + more, about=ABOUT + MARGINS), part)
    assert_same(before, after)
    changed = only.choose(phones(RESPONSES.replace("word 3 é", "word 3 e", 1)), part)
    assert changed.source["sha256"] != only.choose(phones(), part).source["sha256"]


def test_parts_are_told_by_answers_of_every_closed_kind(phones):
    survey = phones()
    for mapping, n in (
        ({"brand": "Öst"}, 12),
        ({"maker": "2"}, 12),  # a code
        ({"upset": "Yes"}, 23),
        ({"upset": "1"}, 23),
        ({"tier": "High"}, 14),
        ({"tier": "1", "wave": "2026"}, 5),
        ({"tier": "2"}, 16),
        ({"town": "Bonn"}, 12),
    ):
        part = only.choose(survey, mapping)
        assert len(part.answers) == n, mapping
    assert only.choose(survey, {"tier": "High"}).about.title == "Phones: Tier High"
    assert only.choose(survey, {}) is survey


def test_names_and_answers_that_tell_no_part_are_refused_at_once(phones):
    can = "A part can be told by: brand, wave, town, street."
    mapping = {"brnd": "x", "spent": "3", "segment": "Ulm", "industry": "Cars"}
    assert refused(only.choose, phones(), mapping).splitlines() == [
        f"Phones: 'brnd' is neither a role nor a variable. Did you mean 'brand'? {can}",
        "Phones: 'spent' is of the type number, but a part is told by a category, a binary "
        f"variable or a scale of at most 11 points. {can}",
        "Phones: the role 'segment' is carried by 'town', 'street'. Name one of them.",
        f"Phones: these data have no variable with the role 'industry'. {can}",
    ]
    assert refused(only.choose, phones(), {"satisfaction": "3"}) == (
        "Phones: 'satisfaction' is satisfaction now, one item or several, which studies analyse: "
        "among those selected by it their shares and comparisons would say how the part was "
        f"chosen. {can}"
    )
    mapping = {"brand": "Nortwind", "wave": "2027", "town": "\x1b[31m"}
    assert refused(only.choose, phones(), mapping).splitlines() == [
        "Phones: nobody answered 'Nortwind' to 'brand'. Did you mean 'Northwind'? There are: "
        "'Northwind', 'Öst'.",
        "Phones: nobody answered '2027' to 'wave'. Did you mean '2026'? There are: '2025', '2026'.",
        "Phones: nobody answered '\\x1b[31m' to 'town'. There are: 'Bonn', 'Ulm'.",
    ]
    assert refused(only.choose, phones(), {"maker": "Öst", "brand": "Öst"}) == (
        "'maker', 'brand' are the same variable. Name it once."
    )
    assert refused(only.combinations, phones(), ["spent"]).startswith("Phones: 'spent' is of the")


def test_a_role_that_is_also_the_name_of_another_variable_is_refused(phones):
    codebook = CODEBOOK.replace("spent,Spent,number,", "brand,Shop,category,")
    survey = phones(RESPONSES.replace("spent", "brand"), codebook)
    assert refused(only.choose, survey, {"brand": "Öst"}) == (
        "Phones: 'brand' is the role of 'maker' and the name of another variable. Give that one "
        "another name in the codebook (and its own under column)."
    )


def test_a_part_of_few_people_is_refused_and_does_not_say_how_many(phones):
    survey = phones(RESPONSES + rows(2, maker="3"))
    text = refused(only.choose, survey, {"brand": "A; B = C"}, error=DataError)
    assert text == (
        "Phones: the part 'maker = \"A; B = C\"' has fewer than 3 respondents, and no report is "
        "made of so few (min_cell in about.toml). Take a larger part."
    )
    text = refused(only.choose, survey, {"brand": "Öst", "wave": "2026"}, error=DataError)
    assert "has no respondents" in text


def test_who_did_not_answer_is_in_no_part(phones):
    survey = phones(RESPONSES.replace("202510,1,", "202510,,"))
    assert sum(n for _, n in only.combinations(survey, ["brand"])) == 45
    assert len(only.choose(survey, {"brand": "Northwind"}).answers) == 33


def test_combinations_are_those_in_the_data_in_the_codebooks_order(phones):
    survey = phones(HEADER + rows(4, maker="2") + rows(3, year="2026") + rows(5))
    assert only.combinations(survey, ["wave", "maker"]) == [
        ({"wave": "2025", "maker": "Northwind"}, 5),
        ({"wave": "2025", "maker": "Öst"}, 4),
        ({"wave": "2026", "maker": "Northwind"}, 3),
    ]
    assert only.combinations(survey, ["tier", "upset"])[0] == (
        {"tier": "Low", "upset": "Yes"},
        2,
    )


def test_a_part_knows_whether_all_of_its_accounts_are_in_it(phones):
    codebook = CODEBOOK.replace("street,,category,segment", "street,,category,account")
    responses = RESPONSES.replace(",Bonn,Main,", ",Bonn,Side,")  # the account Side is in Bonn
    survey = phones(responses, codebook)
    for mapping, whole in (
        ({"town": "Bonn"}, True),
        ({"town": "Ulm"}, True),
        ({"wave": "2025"}, True),  # Main was asked again, which is another wave of it
        ({"brand": "Northwind"}, True),
        ({"upset": "Yes"}, False),
        ({"upset": "Yes", "wave": "2026"}, False),
        ({"town": "Ulm", "wave": "2026"}, True),
    ):
        part = only.choose(survey, mapping)
        assert part.whole_accounts is whole, mapping
        told = "Others of the same accounts are not in this part, so that it cannot tell how much"
        assert any(text.startswith(told) for text in part.changes) is not whole
    assert only.choose(phones(responses), {"upset": "Yes"}).whole_accounts  # there are none


def weighted(survey: Survey, mapping: dict[str, str]) -> np.ndarray:
    """The whole survey's weights of the people of a part, scaled to a mean of 1."""
    told = np.logical_and.reduce([survey.answers[name] == label for name, label in mapping.items()])
    weights = survey.weights()[told]
    return weights / weights.mean()


@pytest.mark.parametrize("delivered", [False, True])
def test_a_part_keeps_the_weights_that_its_people_have_in_the_whole(phones, delivered):
    codebook = CODEBOOK.replace("spent,Spent,number,", "spent,Spent,number,weight")
    survey = phones(about=ABOUT + MARGINS, codebook=codebook if delivered else CODEBOOK)
    for mapping in ({"maker": "Northwind"}, {"maker": "Northwind", "year": "2025"}):
        part = only.choose(survey, mapping)
        np.testing.assert_allclose(part.weights(), weighted(survey, mapping), rtol=1e-8)
        assert part.raking() is None
        [item] = part.variables("weight")
        assert item.variable == ("spent" if delivered else "weight")
    assert part.description()["facts"]["Weights"] == (
        "None were delivered. The weights of all respondents of this wave were raked to the "
        "population's shares of: Had a problem (who did not answer one is a group that keeps its "
        "share); this part keeps the weights of its people, which the intervals take as given."
    )
    whole = only.choose(survey, {"maker": "Northwind"}).description()["facts"]["Weights"]
    assert "The weights of all respondents were raked" in whole


def test_a_wave_that_was_not_asked_for_a_margin_keeps_its_weights(phones):
    margins = MARGINS + "[margins.town]\nUlm = 0.5\nBonn = 0.5\n"
    later = rows(7, year="2026") + rows(7, year="2026", town="Bonn", start=7)
    rest = HEADER + rows(20, town="") + later
    survey = phones(rest, about=ABOUT + margins)
    mapping = {"maker": "Northwind", "year": "2025"}
    np.testing.assert_allclose(
        only.choose(survey, mapping).weights(), weighted(survey, mapping), rtol=1e-8
    )


def test_a_part_without_a_weight_is_refused(phones):
    codebook = CODEBOOK.replace("spent,Spent,number,", "spent,Spent,number,weight")
    idle = re.sub(r"Main,\d+\.5", "Main,0", rows(5, maker="2"))
    responses = HEADER + rows(5) + idle
    text = refused(only.choose, phones(responses, codebook), {"brand": "Öst"}, error=DataError)
    assert text == (
        "Phones: nobody in the part 'maker = Öst' has a weight above 0. Correct the weights, or "
        "clear the role weight."
    )


def test_load_takes_a_part_after_the_whole_file_was_checked(tmp_path, small):
    folder = small.write(tmp_path, RESPONSES, CODEBOOK, ABOUT)
    survey = load(folder, only="brand = Northwind; wave = 2025")
    assert_same(survey, only.choose(load(folder), {"brand": "Northwind", "wave": "2025"}))
    folder = small.write(
        tmp_path, RESPONSES.replace("Bonn,Main,3.5", "Bonn,Main,x"), CODEBOOK, ABOUT
    )
    text = refused(lambda: load(folder, only="brand = Northwind"), error=DataError)
    assert text.startswith("1 data problem(s):\n  1. responses.csv, column 'spent': found 'x' in")


def test_what_a_study_needs_is_asked_of_the_part(tmp_path, small):
    folder, needs = (
        small.write(tmp_path, RESPONSES, CODEBOOK, ABOUT),
        Needs(required=(("loyalty",),)),
    )
    assert len(load(folder, only="wave = 2026", needs=needs).answers) == 14
    text = refused(lambda: load(folder, only="wave = 2025", needs=needs), error=DataError)
    assert text.startswith("Phones: 2025: this study needs the role 'loyalty' (")


def test_the_digest_is_that_of_the_answers_and_what_describes_them(phones):
    survey = phones()
    before = only.part_digest(survey)
    unseen = {**survey.source, "sha256": "", "codebook_sha256": ""}
    assert before == only.part_digest(replace(survey, source=unseen))
    answers, codebook = survey.answers, survey.codebook
    changed = {
        "cell": answers.assign(spent=answers["spent"].where(answers["spent"] != 3.5, 3.25)),
        "no answer": answers.assign(happy=answers["happy"].mask(answers.index == 3)),
        "text": answers.assign(said=answers["said"].str.replace("word 3 ", "word 3")),
        "moved": answers.assign(said=answers["said"].str[:-1] + ""),
        "date": answers.assign(day=answers["day"] + pd.Timedelta("1us")),
        "columns": answers[answers.columns[::-1]],
        "rows": answers[::-1],
        "labels": answers.assign(maker=answers["maker"].cat.rename_categories({"Öst": "Ost"})),
        "order": answers.assign(town=answers["town"].cat.reorder_categories(["Ulm", "Bonn"])),
    }
    digests = {name: only.part_digest(replace(survey, answers=x)) for name, x in changed.items()}
    item = replace(codebook["happy"], label="Happy")
    digests["question"] = only.part_digest(replace(survey, codebook={**codebook, "happy": item}))
    digests["about"] = only.part_digest(replace(survey, about=replace(survey.about, unit="user")))
    for name, shown in (("source", {}), ("flow", {}), ("changes", ()), ("part", {"Shop": "A"})):
        digests[name] = only.part_digest(replace(survey, **{name: shown}))
    assert before not in digests.values()
    assert len(set(digests.values())) == len(digests)


def test_the_digest_does_not_know_how_cells_lie_in_memory(phones):
    survey = phones()
    parts = [survey.answers.iloc[:7], survey.answers.iloc[7:]]
    again = pd.concat(parts, ignore_index=True).copy()
    again["spent"] = again["spent"].where(again["spent"] != 0, -0.0)
    assert only.part_digest(replace(survey, answers=again)) == only.part_digest(survey)


def test_no_answer_and_an_empty_text_differ():
    one, other = (
        Survey(
            answers=pd.DataFrame({"x": pd.Series(x, dtype="str")}),
            codebook={},
            about=About(title=""),
        )
        for x in (["ab", None, "c"], ["ab", "", "c"])
    )
    third = replace(one, answers=pd.DataFrame({"x": pd.Series(["a", None, "bc"], dtype="str")}))
    assert len({only.part_digest(x) for x in (one, other, third)}) == 3


def test_the_digest_is_the_same_in_another_process(phones, tmp_path):
    here = only.part_digest(phones())
    code = (
        "import sys; from crmresearch.data import only; from crmresearch.data.load import load; "
        "print(only.part_digest(load(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == here
    )


def test_a_part_of_a_wave_knows_the_order_of_waves_and_who_answered_before(phones):
    codebook = CODEBOOK + "who,,id,person,,,,,,,\n"
    lines = [f"{line},{i % 20}" for i, line in enumerate(RESPONSES.splitlines()[1:])]
    survey = phones(f"{HEADER.strip()},who\n" + "\n".join(lines) + "\n", codebook)
    first = only.choose(survey, {"wave": "2025"})
    second = only.choose(survey, {"brand": "Northwind", "year": "2026"})
    assert first.wave == {"name": "Year", "place": 0, "again": 0.0}
    assert second.wave == {"name": "Year", "place": 1, "again": 1.0}
    assert second.description()["wave"] == second.wave
    assert only.choose(survey, {"brand": "Northwind"}).wave == {}
    assert "wave" not in only.choose(survey, {"brand": "Northwind"}).description()
    assert only.choose(phones(), {"wave": "2026"}).wave["again"] is None


def test_few_who_answered_before_are_counted_as_the_smallest_number_that_is_told(phones):
    codebook = CODEBOOK + "who,,id,person,,,,,,,\n"
    lines = [f"{line},{max(i - 19, 0)}" for i, line in enumerate(RESPONSES.splitlines()[1:])]
    lines[20] = lines[20].rpartition(",")[0] + ",0"  # one of the 14 of 2026, min_cell is 3
    survey = phones(f"{HEADER.strip()},who\n" + "\n".join(lines) + "\n", codebook)
    assert only.choose(survey, {"wave": "2026"}).wave["again"] == 0.22
