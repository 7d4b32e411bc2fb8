"""The studies' own notebooks on one part of the demo data."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from crmresearch.run.runner import run

PART = "brand = Boreal; wave = 2025"


def changed(project: Path, folder: Path) -> Path:
    """The demo data with other answers of everybody outside the part, and a new wave."""
    shutil.copytree(project / "data" / "telecom", folder)
    path, book = folder / "responses.csv", folder / "codebook.csv"
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    at = {name: place for place, name in enumerate(names)}
    for row in rows:
        if row[at["wave"]] == "2026":
            row[at["satisfaction_1"]], row[at["comment"]] = "1", "Changed"
    for number, row in enumerate(rows[:300]):
        later = list(row)
        later[at["respondent"]], later[at["wave"]] = f"N{number}", "2027"
        rows.append(later)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    text = book.read_text(encoding="utf-8")
    book.write_text(text.replace("2026=2026", "2026=2026; 2027=2027"), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("study", ["survey", "recovery", "archetypes"])
def test_a_report_of_a_part_says_nothing_of_others(study, project, tmp_path, monkeypatch):
    monkeypatch.chdir(project)
    made = {}
    for name, data in (
        ("before", "telecom"),
        ("after", str(changed(project, tmp_path / "telecom"))),
    ):
        page = run(
            study, data=data, reports=tmp_path / name, key="part", settings=[f"only={PART}"],
            history=False,
        )  # fmt: skip
        files = [path for path in page.parent.rglob("*") if path.is_file()]
        made[name] = {path.relative_to(page.parent): path.read_bytes() for path in files}
    assert made["before"] == made["after"]
    summary = json.loads(made["before"][Path("report.json")])
    assert summary["part"] == {"Provider": "Boreal", "Wave": "2025"}
