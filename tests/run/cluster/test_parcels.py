"""A plan without this machine's paths finds the same files elsewhere."""

import json
import pickle
import shutil
from pathlib import Path

import pytest

from crmresearch.data.locate import locate
from crmresearch.run.cluster.parcels import parcel, unpacked
from crmresearch.run.request.jobs import Job
from crmresearch.run.request.plans import plan
from crmresearch.run.request.shelf import Shelf

PARAMETERS = """\
seed: int = 1  # a seed [0, 100]
data: str = "small"  # a dataset
codebook: str = ""  # its codebook
printed: str = ""  # a file to compare with <file>
runs: str = ""  # reports to compare with <reports>
"""


@pytest.fixture
def sent(small, small_data, add, new_notebook, tmp_path, monkeypatch):
    """Sends the plan of a job; what is unpacked of it elsewhere, with the folder."""
    add("tiny", new_notebook("data", parameters=PARAMETERS))

    def send(**wanted):
        item = plan(small, Job(key="one", study="tiny", **wanted), base=small, shelf=Shelf())
        order, files = parcel(item)
        wire = pickle.dumps(order)
        assert str(small).encode() not in wire
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()

        def copy(known: str, target: Path) -> None:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(files[known], target)

        there = unpacked(pickle.loads(wire), elsewhere, copy)
        monkeypatch.chdir(there.workplace)
        return item, there, elsewhere

    return send


def test_a_dataset_of_the_project_is_found_by_its_name(sent, small_data):
    item, there, elsewhere = sent(parameters={"seed": 3})
    assert there.values == item.values == {"seed": 3}
    found = locate("small")
    assert found.data == elsewhere / "data" / "small"
    assert (found.data / "responses.csv").read_bytes() == (
        small_data / "responses.csv"
    ).read_bytes()
    assert found.about
    assert [path.name for path in there.workplace.iterdir()] == ["tiny.ipynb"]


def test_a_name_that_the_request_gives_stays_a_name(sent):
    item, there, _ = sent(data="small")
    assert there.values == item.values == {"data": "small"}
    assert locate("small").codebook


def test_paths_lead_to_files_of_the_same_names(sent, small_data, tmp_path):
    export, book = tmp_path / "an export", tmp_path / "book"
    export.mkdir()
    book.mkdir()
    (small_data / "responses.csv").rename(export / "new wave.csv")
    (small_data / "codebook.csv").rename(book / "codes.csv")
    (tmp_path / "printed.csv").write_text("a,b\n")
    item, there, elsewhere = sent(
        data=str(export / "new wave.csv"),
        codebook=str(book / "codes.csv"),
        parameters={"printed": str(tmp_path / "printed.csv"), "seed": 2},
    )
    assert list(there.values) == ["seed", "data", "codebook", "printed"]
    paths = {name: Path(str(there.values[name])) for name in ("data", "codebook", "printed")}
    assert all(path.is_file() and path.is_relative_to(elsewhere) for path in paths.values())
    assert {name: path.name for name, path in paths.items()} == {
        "data": "new wave.csv", "codebook": "codes.csv", "printed": "printed.csv",
    }  # fmt: skip
    assert paths["data"].parent.name == "an export"
    assert there.published == item.published
    assert there.parts == item.parts


def test_a_folder_of_reports_keeps_its_form(sent, tmp_path):
    for key in ("a", "b"):
        (tmp_path / "runs" / key).mkdir(parents=True)
        (tmp_path / "runs" / key / "report.json").write_text(json.dumps({"key": key}))
        (tmp_path / "runs" / key / "estimates.csv").write_text("x")
        (tmp_path / "runs" / key / "index.html").write_text("not read")
    _, there, _ = sent(parameters={"runs": str(tmp_path / "runs")})
    found = Path(str(there.values["runs"]))
    assert found.name == "runs"
    assert sorted(path.relative_to(found).as_posix() for path in found.rglob("*.*")) == [
        "a/estimates.csv", "a/report.json", "b/estimates.csv", "b/report.json",
    ]  # fmt: skip
