import json
import stat
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmresearch.data import only
from crmresearch.data.kept_part import FILES, is_kept, keep
from crmresearch.data.load import load
from crmresearch.data.locate import locate
from crmresearch.data.roles import Needs
from crmresearch.data.sources import files_read
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError, RequestError

ASKED = "brand = Aster; wave = 2025"


@pytest.fixture(scope="module")
def demo() -> Survey:
    return load("telecom")


def kept(survey: Survey, folder: Path, text: str = ASKED) -> Path:
    mapping = only.parse(text)
    keep(only.choose(survey, mapping), mapping, folder)
    return folder


@pytest.mark.parametrize("text", [ASKED, "brand = Cirrus", "channel = Phone; segment = Small"])
def test_a_kept_part_is_read_as_it_is_taken_from_the_whole(demo, tmp_path, text):
    taken = only.choose(demo, only.parse(text))
    read = load(kept(demo, tmp_path / "part", text), only=text)
    pd.testing.assert_frame_equal(read.answers, taken.answers, check_exact=True)
    assert replace(read, answers=None) == replace(taken, answers=None)
    assert list(read.codebook) == list(taken.codebook)
    assert list(read.flow) == list(taken.flow)
    assert read.description() == taken.description()
    for name, column in taken.answers.items():
        assert read.answers[name].dtype == column.dtype
        if column.dtype.kind == "f":  # sums depend on how numbers lie in memory
            assert read.answers[name].to_numpy().tobytes() == column.to_numpy().tobytes()
    items = [item.variable for item in taken.variables("satisfaction")]
    one, other = (survey.answers[items].to_numpy() for survey in (taken, read))
    assert one.flags == other.flags
    read.answers.loc[0, items[0]] = 1.0  # not read-only, as the file is


def test_awkward_answers_are_kept_as_they_are(tmp_path, small):
    codebook = small.header + (
        "x,,number,,,,,,,,\nname,,text,,,,,,,,\nday,,date,,,,,,,,\n"
        "mood,,category,segment,,,,,,a=Glad; b=Not asked; c=\\;\\=,\n"
        "town,,category,brand,,,,,,,\nwhere,,category,channel,,,,,,,\n"
    )
    cells = (
        "x,name,day,mood,town,where\n"
        '0.1,"two\nlines",2026-01-02 03:04:05.678901,a,"Köln, ""West""",1\n'
        "-0,,,c,,2\n1e-300,é\u0301\u202e,1999-12-31,,Ulm,1\n"
    )
    survey = load(small.write(tmp_path / "d", cells * 1, codebook, small.about + "min_cell = 1\n"))
    odd = survey.answers.assign(x=[-0.0, np.nan, 5e-324])
    part = only.choose(replace(survey, answers=odd), {"channel": "1"})
    keep(part, {"channel": "1"}, tmp_path / "part")
    read = load(tmp_path / "part", only="channel = 1")
    pd.testing.assert_frame_equal(read.answers, part.answers, check_exact=True)
    assert np.signbit(read.answers["x"][0])
    assert read.answers["mood"].cat.categories.tolist() == ["Glad", "Not asked", ";="]


def test_what_is_kept_is_for_its_owner_alone(demo, tmp_path):
    folder = kept(demo, tmp_path / "part")
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert files_read(locate(folder)) == sorted((folder / name).resolve() for name in FILES)
    assert "Boreal" not in (folder / "part.json").read_text(encoding="utf-8").replace(
        demo.about.population, ""
    )


def test_a_kept_part_is_no_other_part(demo, tmp_path):
    folder = kept(demo, tmp_path / "part")
    for text in ("", "brand = Boreal"):
        with pytest.raises(RequestError) as error:
            load(folder, only=text)
        assert str(error.value) == (
            f"part keeps the part 'brand = Aster; wave = 2025', not '{text}'. Name the dataset "
            "itself."
        )


def test_needs_are_asked_of_a_kept_part(demo, tmp_path):
    folder = kept(demo, tmp_path / "part")
    with pytest.raises(DataError, match="this study needs the role 'brand'"):
        load(folder, only=ASKED, needs=Needs(required=(("brand",),)))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("change", [b"", b"{}", b"ARROW1\0\0 and no more"])
def test_a_damaged_part_is_refused(demo, tmp_path, name, change):
    folder = kept(demo, tmp_path / "part")
    (folder / name).write_bytes(change)
    assert is_kept(folder)
    with pytest.raises(DataError) as error:
        load(folder, only=ASKED)
    assert str(error.value) == (
        "the part kept in part is damaged. Name the dataset itself, or run `crmresearch build` "
        "again."
    )


def test_a_changed_answer_is_noticed(demo, tmp_path):
    folder = kept(demo, tmp_path / "part")
    described = json.loads((folder / "part.json").read_text(encoding="utf-8"))
    described["about"]["title"] = "Another"
    (folder / "part.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(DataError, match="is damaged"):
        load(folder, only=ASKED)


def test_names_that_are_no_path_keep_no_part():
    assert not is_kept(Path("telecom"))
    assert not is_kept(Path("x" * 5000))
    assert not is_kept(Path("a\0b"))
