"""From an entry to its reports: every combination once, under a key that does not move."""

import re
from functools import partial

import pytest

from crmresearch.errors import DataError, RequestError
from crmresearch.run.request.grids import expand
from crmresearch.run.request.listing import Entry
from crmresearch.run.request.plans import files_of
from crmresearch.run.request.shelf import Shelf

PARAMETERS = """\
data: str = "small"  # a folder under data/
codebook: str = ""  # path of the codebook
only: str = ""  # part of the respondents
level: float = 0.95  # confidence level [0.5, 0.999]
"""
BOOK = """\
variable,label,type,role,construct,low,high,reverse,missing,values
brand,Brand,category,brand,,,,,,Aster; A & B; A-B; Ωmega
wave,Wave,category,wave,,,,,,2025; 2026
answer,Answer,scale,satisfaction,,1,7,,,
"""


@pytest.fixture
def brands(small, add, new_notebook):
    """Four brands in two waves, twelve answers each, but for three of `Ωmega` in 2026."""
    folder = small / "data" / "small"
    folder.mkdir(parents=True)
    rows = [
        f"{brand},{wave},{number % 7 + 1}"
        for brand in ("Aster", "A & B", "A-B", "Ωmega")
        for wave in ("2025", "2026")
        for number in range(3 if (brand, wave) == ("Ωmega", "2026") else 12)
    ]
    (folder / "responses.csv").write_text("brand,wave,answer\n" + "\n".join(rows) + "\n")
    (folder / "codebook.csv").write_text(BOOK)
    (folder / "about.toml").write_text('title = "Four brands"\n')
    add("tiny", new_notebook("level", parameters=PARAMETERS))
    add("other", new_notebook("level", parameters=PARAMETERS))
    return small


def expanded(root, **entry):
    shelf = Shelf()
    asked = Entry(**{"key": "x", "studies": ("tiny",)} | entry)
    return expand(
        asked, base=root, files_of=partial(files_of, root, base=root, shelf=shelf), shelf=shelf
    )


def keys(root, **entry) -> list[str]:
    return [job.key for job in expanded(root, **entry).jobs]


def test_one_report_keeps_the_key_as_it_is(small):
    assert keys(small) == ["x"]


def test_every_combination_of_lists_and_grids_is_there_once(small):
    assert keys(small, studies=("tiny", "other"), grid={"level": (0.9, 0.95), "seed": (1, 2)}) == [
        f"x-{study}-level-{level}-seed-{seed}"
        for study in ("tiny", "other")
        for level in ("0-9", "0-95")
        for seed in (1, 2)
    ]
    jobs = expanded(small, parameters=({}, {"level": 0.9}), data=("one", "sub/two.csv")).jobs
    assert [(job.key, job.data, dict(job.parameters)) for job in jobs] == [
        ("x-one-defaults", "one", {}),
        ("x-one-level-0-9", "one", {"level": 0.9}),
        ("x-two-defaults", "sub/two.csv", {}),
        ("x-two-level-0-9", "sub/two.csv", {"level": 0.9}),
    ]


def test_a_pattern_names_the_datasets_that_match(small):
    (small / "waves").mkdir()
    for year in (2026, 2025):
        (small / "waves" / f"{year}.csv").touch()
    jobs = expanded(small, data=("waves/*.csv",)).jobs
    assert [(job.key, job.data) for job in jobs] == [
        ("x-2025", "waves/2025.csv"), ("x-2026", "waves/2026.csv"),
    ]  # fmt: skip
    with pytest.raises(RequestError) as refused:
        expanded(small, data=("none/*.csv",))
    assert str(refused.value) == (
        "no dataset matches 'none/*.csv', which is seen from project/. Correct the pattern."
    )


def test_each_part_of_the_respondents_gets_a_report(brands):
    found = expanded(brands, by=("brand", "wave"))
    by_part = {job.parameters["only"]: job.key for job in found.jobs}
    assert by_part["brand = Aster; wave = 2025"] == "x-aster-2025"
    assert by_part["brand = Aster; wave = 2026"] == "x-aster-2026"
    assert len(by_part) == len({*by_part.values()}) == 7
    both = [by_part[f"brand = {name}; wave = 2025"] for name in ("A & B", "A-B")]
    assert all(re.fullmatch(r"x-a-b-2025-[0-9a-f]{8}", key) for key in both)
    assert found.left_out == [
        "x-mega-2026: left out, 3 people, fewer than 10 could be identified"
    ]  # fmt: skip


def test_a_part_within_a_part(brands):
    jobs = expanded(brands, by=("wave",), parameters=({"only": "brand = Aster"},)).jobs
    assert [(job.key, job.parameters["only"]) for job in jobs] == [
        ("x-2025", "brand = Aster; wave = 2025"), ("x-2026", "brand = Aster; wave = 2026"),
    ]  # fmt: skip


def test_long_names_are_cut_and_stay_apart(brands):
    long = {"level": (0.9,), "a" * 40: ("b" * 40, "b" * 39 + "c")}
    found = keys(brands, grid=long)
    assert len(set(found)) == 2
    assert all(re.fullmatch(r"[a-z0-9-]{1,60}", key) for key in found)


def test_what_the_data_do_not_hold_is_refused(brands):
    with pytest.raises(RequestError, match=r"bramd"):
        expanded(brands, by=("bramd",))
    (brands / "data" / "small" / "responses.csv").write_text("brand,wave,answer\nAster,2025,9\n")
    with pytest.raises(DataError):
        expanded(brands, by=("brand",))
