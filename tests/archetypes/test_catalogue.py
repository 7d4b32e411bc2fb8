"""The catalogue: what it holds, distances, and a researcher's own with everything wrong at once."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes.catalogue import (
    DIMENSIONS,
    as_frame,
    distances,
    poles,
    read_catalogue,
)
from crmresearch.archetypes.nearest import NEAR
from crmresearch.errors import DataError, RequestError

FOURNIER = {
    "arranged-marriage", "buddies", "marriage-of-convenience", "committed-partnership",
    "best-friends", "compartmentalised-friendship", "kinship", "rebound", "childhood-friendship",
    "courtship", "dependency", "fling", "enmity", "secret-affair", "enslavement",
}  # fmt: skip
AVERY = {
    "best-friends", "buddies", "fling", "master-slave", "basic-exchange", "business-partners",
    "ex-friends",
}  # fmt: skip
GOOD = "id,label,definition,valence,closeness,power\na,Ally,Helps.,1,0.5,0\nb,Foe,Harms.,-1,-1,\n"


@pytest.fixture
def own(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "own.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_catalogue_holds_what_is_attested_and_nothing_else():
    kinds = read_catalogue()
    status = dict(zip(kinds.ids, kinds.status, strict=True))
    assert set(status) >= FOURNIER | AVERY
    assert all(status[name] == "confirmed" for name in AVERY)
    assert set(status) - FOURNIER - AVERY == {
        "acquaintance", "frenemy", "one-night-stand", "strangers"
    }  # fmt: skip
    assert {status[x] for x in set(status) - FOURNIER - AVERY} == {"working"}
    assert len(set(kinds.labels)) == len(kinds.labels)
    assert all(source for source in kinds.sources)
    assert all(len(text) > 30 for text in kinds.definitions)


def test_every_type_lies_on_three_dimensions_or_more_within_their_ends():
    place = read_catalogue().place
    assert (np.isfinite(place).sum(axis=1) >= 3).all()
    assert np.nanmax(np.abs(place)) == 1
    assert_allclose(place[np.isfinite(place)] * 4, np.round(place[np.isfinite(place)] * 4))


def test_nine_in_ten_pairs_lie_further_apart_than_a_name_is_given_from():
    kinds = read_catalogue()
    apart = kinds.distances(kinds.place)[np.triu_indices(len(kinds.ids), 1)]
    apart = apart[np.isfinite(apart)]
    assert apart.min() > 0
    assert np.mean(apart <= NEAR) <= 0.10


def test_every_source_is_used_and_every_dimension_has_ends():
    folder = files("crmresearch.archetypes")
    about = tomllib.loads((folder / "catalogue.toml").read_text(encoding="utf-8"))
    cells = (folder / "catalogue.csv").read_text(encoding="utf-8")
    assert all(key in cells for key in about["sources"])
    assert set(about["dimensions"]) == set(DIMENSIONS)
    assert poles("closeness") == ("distant", "close")


def test_it_is_nowhere_called_the_original_list():
    root = Path(str(files("crmresearch")))
    notebook = root.parents[1] / "notebooks" / "archetypes.ipynb"
    texts = [path.read_text(encoding="utf-8") for path in (root / "archetypes").rglob("*.*")
             if path.suffix in (".py", ".toml", ".csv")]  # fmt: skip
    if notebook.is_file():
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells]
    assert len(texts) > 10
    for text in texts:
        assert "original 29" not in text.lower()
        assert "29 types" not in text.lower()
    assert read_catalogue().name.startswith("working list after Fournier (1998)")


def test_distance_is_over_what_both_have_and_needs_three():
    first = np.array([[0.0, 1.0, -1.0, np.nan], [0.5, np.nan, np.nan, 0.0]])
    second = np.array([[0.5, 0.5, -0.5, 1.0]])
    found = distances(first, second)
    assert_allclose(found, [[0.5], [np.inf]])


def test_types_are_found_by_label_or_id_whatever_their_case():
    rows = read_catalogue().rows_of(["best FRIENDS ", "business-partners", "Nobody", None])
    kinds = read_catalogue()
    assert [kinds.labels[row] if row >= 0 else "" for row in rows] == [
        "Best friends", "Business partners", "", ""
    ]  # fmt: skip


def test_an_own_catalogue_takes_the_place_of_the_other(own):
    kinds = read_catalogue(own(GOOD))
    assert kinds.labels == ("Ally", "Foe")
    assert kinds.status == ("working", "working")
    assert kinds.name == "the catalogue own.csv"
    assert_allclose(kinds.of("valence"), [1, -1])
    assert list(as_frame(kinds).columns) == [
        "Type", "Definition", "Status", "Valence", "Closeness", "Power", "Source"
    ]  # fmt: skip


def test_everything_wrong_in_the_cells_is_told_at_once(own):
    text = (
        "id,label,definition,valence,closeness,power,status\n"
        "a,A,One.,2,1,1,confirmd\n"
        f'a,"B\x07",,x,1,inf,\nc,{"long" * 30},Three.,0,0,0,\n'
    )
    with pytest.raises(DataError) as refused:
        read_catalogue(own(text))
    told = str(refused.value).splitlines()
    assert told[0] == "8 data problem(s):"
    assert told[1] == (
        "  1. own.csv, row 2, column 'valence': found '2' but a place is a number from -1 to 1 "
        "with a decimal point. Leave the cell empty where it is not known."
    )
    assert "Did you mean 'confirmed'?" in told[2]
    assert "found 'B\\x07' but a text is one line" in told[3]
    assert "found nothing but every type has its definition" in told[4]
    assert "found 'x'" in told[5]
    assert "found 'inf'" in told[6]
    assert "found 120 characters but at most 60" in told[7]
    assert "found 2 rows with 'a'" in told[8]


def test_everything_wrong_with_the_columns_is_told_at_once(own):
    with pytest.raises(DataError) as refused:
        read_catalogue(own("id,label,valence,closenes,id\na,A,1,1,a\n"))
    told = str(refused.value)
    assert told.startswith("4 data problem(s):")
    assert "Did you mean 'closeness'?" in told
    assert "found 2 columns of that name" in told
    assert "found no column 'definition'" in told
    assert "found 1 of the dimensions" in told


@pytest.mark.parametrize("text", ["", "id,label,definition,valence,closeness,power\n", "\0\1"])
def test_an_empty_or_broken_file_is_refused(own, text):
    with pytest.raises(DataError):
        read_catalogue(own(text))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError, match="there is no catalogue of types"):
        read_catalogue(str(tmp_path / "nowhere.csv"))
    with pytest.raises(DataError, match="it is no file"):
        read_catalogue(str(tmp_path))
