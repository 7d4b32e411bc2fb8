"""From an entry to its reports: every combination once, under a key that does not move."""

import re
import shutil
from functools import partial

import pytest

from crmresearch.errors import DataError, RequestError
from crmresearch.run.request import grids
from crmresearch.run.request.grids import expand
from crmresearch.run.request.listing import Entry
from crmresearch.run.request.plans import files_of
from crmresearch.run.request.shelf import Shelf


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


def test_who_gets_no_report_is_told_once_for_all_settings(brands, monkeypatch):
    answers = brands / "data" / "small" / "responses.csv"
    answers.write_text(answers.read_text() + "Aster,,4\n,2025,4\n")
    grid = {"level": (0.8, 0.9, 0.95)}
    found = expanded(brands, by=("brand", "wave"), grid=grid).left_out
    assert found == [
        "x: left out, 2 of 89 people, who did not answer 'brand' or 'wave'",
        "x-mega-2026-level-0-8 and 2 more: left out, 3 people, fewer than 10 could be identified",
    ]
    monkeypatch.setattr(grids, "_TOLD", 1)
    assert expanded(brands, by=("brand", "wave"), grid=grid).left_out == [
        found[0], "x: left out, 1 more for such reasons",
    ]  # fmt: skip


def test_letters_that_are_two_in_small_stay_in_the_key(brands):
    for name in ("codebook.csv", "responses.csv"):
        path = brands / "data" / "small" / name
        path.write_text(path.read_text().replace("Aster", "Größe"))
    assert "x-grosse" in keys(brands, by=("brand",))


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
    with pytest.raises(
        RequestError, match=r"^'brand' stands in both 'by' and the parameter 'only'"
    ):
        expanded(brands, by=("brand",), parameters=({"only": "brand = Aster"},))


def test_a_wrong_dataset_leaves_the_parts_of_the_others(brands):
    wrong = shutil.copytree(brands / "data" / "small", brands / "wrong")
    (wrong / "responses.csv").write_text("brand,wave,answer\nAster,2025,9\n")
    found = expanded(brands, by=("wave",), data=("small", "wrong"))
    assert [job.key for job in found.jobs] == ["x-small-2025", "x-small-2026"]
    assert isinstance(found.failed.pop("x-wrong"), DataError)
    assert not found.failed
