import json
import os
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crmresearch.data.load import load
from crmresearch.run.batch.kept_parts import FOLDER, KeptParts
from crmresearch.run.disk import try_lock
from crmresearch.run.history.workspaces import laid_out
from crmresearch.run.kernels.limits import USUAL, Used
from crmresearch.run.request.jobs import Job
from crmresearch.run.request.plans import Plan, plan
from crmresearch.run.request.shelf import Shelf
from crmresearch.run.runner import build

PARAMETERS = (
    'data: str = "small"  # a folder under data/\ncodebook: str = ""  # path of a codebook\n'
    'only: str = ""  # part of the respondents\n'
)


@pytest.fixture
def shops(small: Path, small_data: Path, add, new_notebook) -> Path:
    """The small project with a dataset of two brands, and the study `tiny` on one of them."""
    rows = "".join(f"{number},{'AB'[number % 2]},{number % 7 + 1}\n" for number in range(30))
    (small_data / "responses.csv").write_text("who,shop,answer\n" + rows)
    with (small_data / "codebook.csv").open("a") as book:
        book.write("shop,Shop,category,brand,,,,,,A; B\n")
    add("tiny", new_notebook("data, only", parameters=PARAMETERS))
    (small / "reports.toml").write_text(
        '[[report]]\nkey = "tiny"\nstudy = "tiny"\nby = ["brand"]\n'
    )
    return small


def planned(root: Path, shelf: Shelf, only: str = "brand = A", **given: str) -> Plan:
    job = Job(key="tiny", study="tiny", parameters={"only": only} if only else {}, **given)
    return plan(root, job, base=root, shelf=shelf)


def test_the_kernel_reads_the_part_and_readers_see_the_dataset(shops):
    shelf = Shelf()
    item = planned(shops, shelf, codebook="data/small")
    with KeptParts(shops, shelf) as parts:
        reading = parts.plan(item)
        folder = Path(reading.values["data"])
        assert folder.parent.parent == shops / FOLDER
        assert reading.values == {"only": "brand = A", "data": str(folder)}
        assert replace(reading, values=item.values, files=item.files) == item
        read, taken = (load(data, only="brand = A") for data in (folder, "small"))
        pd.testing.assert_frame_equal(read.answers, taken.answers, check_exact=True)
        assert read.description() == taken.description()
        assert parts.plan(item) == reading
        assert Path(parts.plan(planned(shops, shelf, "brand = B")).values["data"]) != folder
        if sys.platform != "win32":
            assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
            assert stat.S_IMODE(folder.parent.parent.stat().st_mode) == 0o700
        sent = laid_out(reading)  # to a worker elsewhere: the part and nothing else
        assert {path.parent for path in sent.files.values()} == {folder.resolve()}
    assert not list((shops / FOLDER).iterdir())


def test_what_a_part_is_called_is_what_it_is_asked_for_by(shops):
    """Two ways to write one part are kept apart, because a kept part knows its name."""
    shelf = Shelf()
    with KeptParts(shops, shelf) as parts:
        for text in ("brand = A", "shop = A"):
            reading = parts.plan(planned(shops, shelf, text))
            assert len(load(reading.values["data"], only=text).answers) == 15


def test_a_report_of_everybody_reads_the_dataset(shops):
    shelf = Shelf()
    with KeptParts(shops, shelf) as parts:
        item = planned(shops, shelf, "")
        assert parts.plan(item) is item
    assert not (shops / FOLDER).exists()


def test_a_dataset_that_is_not_in_memory_is_left_to_the_kernel(shops):
    item = planned(shops, Shelf())
    with KeptParts(shops, Shelf()) as parts:
        assert parts.plan(item) is item


def test_where_nothing_can_be_kept_the_kernel_reads_the_dataset(shops):
    (shops / ".build").write_text("a file is in the way")
    shelf = Shelf()
    item = planned(shops, shelf)
    with KeptParts(shops, shelf) as parts:
        assert parts.plan(item) is item


def test_what_a_killed_build_left_is_removed_and_that_of_a_running_one_is_not(shops):
    place = shops / FOLDER
    for name in ("killed", "running"):
        (place / name / "part").mkdir(parents=True)
        (place / name / "lock").touch()
    with (place / "running" / "lock").open("a") as held:
        assert try_lock(held.fileno())
        shelf = Shelf()
        with KeptParts(shops, shelf) as parts:
            parts.plan(planned(shops, shelf))
            there = {path.name for path in place.iterdir()}
    assert "running" in there
    assert len(there) == 2  # and its own
    assert "killed" not in there
    assert os.listdir(place) == ["running"]


def test_a_build_by_brand_hands_each_kernel_its_part(shops, monkeypatch):
    import nbformat

    from crmresearch.run.batch import making

    asked = {}

    def execute(notebook, values, *, shown, **_):
        survey = load(values["data"], only=values["only"])
        asked[values["only"]] = (Path(values["data"]).parent.parent.name, dict(shown))
        assert survey.part == {"Shop": values["only"][-1]}
        return nbformat.from_dict(dict(notebook.content)), Used()

    monkeypatch.setattr(making, "execute", execute)
    build(limits=USUAL, jobs=2, history=False, warm=False)
    assert asked == {f"brand = {shop}": ("parts", {"only": f"brand = {shop}"}) for shop in "AB"}
    summary = json.loads((shops / "reports" / "tiny-a" / "report.json").read_text())
    assert str(shops) not in json.dumps(summary)
    assert not list((shops / FOLDER).iterdir())
