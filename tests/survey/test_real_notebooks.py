"""The whole notebook on real surveys: every part that their questions allow shows its exhibit.

Run only where CRMRESEARCH_REAL_DATA names the folder of these files, which do not ship.
"""

import json
import os
from pathlib import Path

import papermill
import pytest

from crmresearch.survey.headlines.wording import ABSENT

MIME = "application/vnd.crmresearch+json"
REAL = os.environ.get("CRMRESEARCH_REAL_DATA")
ASKED = {  # dataset: its file or folder, and the exhibits that it can carry
    "ecsi_mobile": (
        "ecsi_mobile/mobi.csv",
        "quality missing reliability item-rest dimensions fit validity satisfied satisfaction "
        "loyalty answers correlations index-paths index-scores priorities drivers ranks "
        "driver-checks penalty-reward",
    ),
    "corp_rep": (
        "corp_rep/corp_rep_data.csv",
        "quality missing reliability item-rest dimensions fit validity satisfied satisfaction "
        "loyalty answers correlations segments index-paths index-scores priorities drivers ranks "
        "driver-checks",
    ),
    "sfo_airport": (
        "sfo_airport",
        "quality sensitivity missing weighting design-effects reliability item-rest dimensions fit "
        "recommend nps satisfied satisfaction answers correlations segments change mix drivers "
        "ranks driver-checks penalty-reward",
    ),
}


@pytest.mark.skipif(
    not REAL, reason="CRMRESEARCH_REAL_DATA does not name the folder of real datasets"
)
@pytest.mark.parametrize("name", ASKED)
def test_every_part_that_the_questions_allow_is_shown(
    name: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, exhibits = ASKED[name]
    for library in ("OPENBLAS", "OMP"):  # as the runner has it
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        project / "notebooks" / "survey.ipynb",
        out,
        parameters={"data": str(Path(REAL) / path), "codebook": name, "resamples": 200},
        progress_bar=False,
        cwd=tmp_path,
    )
    notebook = json.loads(out.read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert not [output for output in outputs if "text" in output], "a cell printed or warned"
    records = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
    titles = {item["key"]: item["title"] for item in records if item["kind"] == "exhibit"}
    absent = [key for key in exhibits.split() if titles[key].startswith(ABSENT)]
    assert absent == []
