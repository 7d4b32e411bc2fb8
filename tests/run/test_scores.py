"""The command score: a file of one's own, never among reports, never over another by accident."""

import json
import os
from pathlib import Path

import pytest

from crmresearch.cli import main
from crmresearch.errors import RequestError
from crmresearch.run.scores import score

MODEL = {
    "format": "crmresearch relationship types",
    "version": 1,
    "package": "0.1.0",
    "fitted_to": {"title": "T", "sha256": "", "respondents": 100, "design": "", "seed": 1},
    "spread": "equal",
    "indicators": [
        {"variable": name, "label": name, "type": "binary", "role": "indicator", "construct": "",
         "low": None, "high": None, "kind": "nominal", "answers": [0.0, 1.0]}
        for name in ("friendly", "trapped")
    ],
    "types": [
        {"label": "1 warm", "share": 0.5,
         "answers": {"friendly": [0.1, 0.9], "trapped": [0.8, 0.2]}},
        {"label": "2 cold", "share": 0.5,
         "answers": {"friendly": [0.7, 0.3], "trapped": [0.2, 0.8]}},
    ],
    "covariance": None,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    (tmp_path / "model.json").write_text(json.dumps(MODEL), encoding="utf-8")
    (tmp_path / "new.csv").write_text("who,friendly,trapped\nA,1,0\nB,0,1\nC,,\n")
    (tmp_path / "codebook.csv").write_text(
        "variable,label,type,role,construct,low,high,reverse,missing,values,note\n"
        "who,Who,id,person,,,,,,,\n"
        "friendly,Friendly,binary,indicator,,,,,,0=No; 1=Yes,\n"
        "trapped,Trapped,binary,indicator,,,,,,0=No; 1=Yes,\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_written_and_what_it_is_not_good_for_is_said(folder, capsys):
    main_done(["score", "model.json", "new.csv", "-o", "types.csv"])
    text = (folder / "types.csv").read_text(encoding="utf-8")
    assert text.splitlines() == [
        "row,who,answered,type,probability,probability of 1 warm,probability of 2 cold",
        "1,A,2,1 warm,0.923077,0.923077,0.076923",
        "2,B,2,2 cold,0.965517,0.034483,0.965517",
        "3,C,0,,,,",
    ]
    said = capsys.readouterr().out
    assert said.startswith("types.csv\n2 respondents placed in 2 types, 1 without an answer")
    assert "understate how types differ" in said
    if os.name == "posix":
        assert (folder / "types.csv").stat().st_mode & 0o077 == 0


def main_done(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code


def test_another_file_is_not_replaced_unasked(folder):
    (folder / "types.csv").write_text("mine")
    with pytest.raises(RequestError, match="is there already. Add --force"):
        score(Path("model.json"), "new.csv", output=Path("types.csv"))
    assert (folder / "types.csv").read_text() == "mine"
    score(Path("model.json"), "new.csv", output=Path("types.csv"), force=True)
    assert (folder / "types.csv").read_text().startswith("row,")
    assert {path.name for path in folder.iterdir()} == {
        "model.json", "new.csv", "codebook.csv", "types.csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("new.csv", "is a file that is read"),
        ("types.json", "name a file that ends in .csv"),
        ("nowhere/types.csv", "there is no such folder"),
        ("folder.csv", "is there already. Name another."),
        ("bad\0.csv", "is no path"),
    ],
)
def test_a_place_that_will_not_do_is_refused(folder, output, said):
    (folder / "folder.csv").mkdir()
    before = (folder / "new.csv").read_bytes()
    with pytest.raises(RequestError, match=said):
        score(Path("model.json"), "new.csv", output=Path(output), force=True)
    assert (folder / "new.csv").read_bytes() == before


def test_people_never_stand_among_reports(folder):
    (folder / "reports.toml").write_text("")
    (folder / "notebooks").mkdir()
    (folder / "reports" / "one").mkdir(parents=True)
    with pytest.raises(RequestError, match="among published reports"):
        score(Path("model.json"), "new.csv", output=Path("reports/one/types.csv"))
    site = folder / "site"
    (site / "tables").mkdir(parents=True)
    (site / "manifest.json").write_text('{"made_from": "x", "files": {}}')
    with pytest.raises(RequestError, match="among published reports"):
        score(Path("model.json"), "new.csv", output=site / "tables" / "types.csv")


def test_a_model_and_data_that_do_not_fit_are_told(folder, capsys):
    (folder / "new.csv").write_text("who,friendly,trapped\nA,1,0\n")
    broken = {**MODEL, "version": 9}
    (folder / "model.json").write_text(json.dumps(broken), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["score", "model.json", "new.csv", "-o", "types.csv"])
    assert ended.value.code == 1
    assert "its version is '9', and version 1 is read" in capsys.readouterr().err
    assert not (folder / "types.csv").exists()
