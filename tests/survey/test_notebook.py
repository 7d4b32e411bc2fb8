"""The notebook runs on a tiny dataset of few roles, and says what is not in it."""

import json
from pathlib import Path

import pandas as pd
import papermill
import pytest

MIME = "application/vnd.crmresearch+json"


@pytest.fixture
def tiny(tmp_path: Path, make) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    frame = make(24, keep="sat1 sat2 loy1 size").answers
    frame.to_csv(folder / "responses.csv", index=False)
    rows = [
        ("sat1", "Satisfied overall", "scale", "satisfaction", "satisfaction", 1, 7, ""),
        ("sat2", "As expected", "scale", "satisfaction", "satisfaction", 1, 7, ""),
        ("loy1", "Will stay", "scale", "loyalty", "", 1, 7, ""),
        ("size", "Size", "category", "segment", "", "", "", "Small; Medium; Large"),
    ]
    columns = ["variable", "label", "type", "role", "construct", "low", "high", "values"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "codebook.csv", index=False)
    (folder / "about.toml").write_text('title = "Tiny"\n', encoding="utf-8")
    return folder


def test_it_runs_on_a_tiny_dataset_from_any_folder(tiny: Path, project: Path, tmp_path: Path):
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        project / "notebooks" / "survey.ipynb",
        out,
        parameters={"data": str(tiny), "min_cell": 5, "resamples": 100},
        progress_bar=False,
        request_save_on_cell_execute=False,
        cwd=tmp_path,
    )
    notebook = json.loads(out.read_text(encoding="utf-8"))
    records = [
        output["data"][MIME]
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    ]
    exhibits = {item["key"]: item for item in records if item["kind"] == "exhibit"}
    assert exhibits["nps"]["title"].startswith("Not in these data: nobody was asked")
    assert exhibits["satisfaction"]["title"].startswith("Mean satisfaction is ")
    assert exhibits["change"]["title"].startswith("Not in these data: a single wave")
    assert len(exhibits["satisfied"]["estimates"]) == 4
    [findings] = [item["items"] for item in records if item["kind"] == "findings"]
    verdicts = {item["claim"]["id"]: item["verdict"] for item in findings}
    assert verdicts["nps-changed"] == "not testable here"
    assert verdicts["satisfaction-scale-reliable"] != "not testable here"
    printed = [x for cell in notebook["cells"] for x in cell.get("outputs", []) if "text" in x]
    assert printed == []
