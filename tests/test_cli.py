"""The command line: what it prints where, and its exit codes; a user never meets a traceback."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from crmresearch.cli import main
from crmresearch.errors import UserError

NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A small study"},
        {"cell_type": "code", "id": "parameters", "metadata": {"tags": ["parameters"]},
         "source": "level: float = 0.95  # confidence level [0.5, 0.999]\n",
         "execution_count": None, "outputs": []},
        {"cell_type": "code", "id": "work", "metadata": {}, "source": "1 / (level - 0.9)",
         "execution_count": None, "outputs": []},
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"},
                 "language_info": {"name": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}  # fmt: skip


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "tiny.ipynb").write_text(json.dumps(NOTEBOOK))
    (tmp_path / "reports.toml").write_text('[[report]]\nkey = "tiny"\nstudy = "tiny"\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def called(capsys, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return (ended.value.code or 0, *capsys.readouterr())


def test_the_version(capsys):
    assert called(capsys, "--version") == (0, f"crmresearch {version('crmresearch')}\n", "")


def test_help_names_every_command(capsys):
    code, text, _ = called(capsys, "--help")
    assert code == 0
    for command in ("run", "build", "check", "codebook", "score", "validate", "approve"):
        assert f" {command} " in text


def test_help_waits_for_no_library():
    code = """
import sys
import crmresearch.cli
try:
    crmresearch.cli.main(["run", "--help"])
except SystemExit:
    print("loaded", sorted({"pandas", "numpy", "papermill", "matplotlib"} & {*sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "loaded []" in done.stdout, done.stderr


def test_run_and_build_print_the_page_and_say_what_is_unchanged(small, capsys):
    code, out, err = called(capsys, "run", "tiny")
    assert (code, out) == (0, f"{Path('reports/tiny/index.html')}\n")
    assert err.startswith("tiny: published in ")
    assert called(capsys, "build") == (0, f"{Path('reports/index.html')}\n", "tiny: unchanged\n")


def test_a_failing_report_exits_with_one_and_a_screen(small, capsys):
    code, out, err = called(capsys, "run", "tiny", "-p", "level=0.9")
    assert (code, out) == (1, "")
    assert err == (
        "tiny: failed\n"
        "crmresearch: notebooks/tiny.ipynb, cell 4 of 4 ('work') failed:\n"
        "  ZeroDivisionError: float division by zero\n"
        "    1 / (level - 0.9)\n"
        "The notebook as far as it ran: .build/failed/tiny.ipynb\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "tiny", "-p", "levle=0.9"], "notebooks/tiny.ipynb has no parameter 'levle'. "
         "Did you mean 'level'? It has: level."),
        (["run", "tiny", "-p", "level=high"], "notebooks/tiny.ipynb: parameter 'level' takes "
         "float, not 'high'."),
        (["run", "tiny", "-p", "level=2"], "notebooks/tiny.ipynb: parameter 'level' takes 0.5 to "
         "0.999, not 2.0."),
        (["run", "tiny", "-p", "import os; os.abort()#=1"], "notebooks/tiny.ipynb has no parameter "
         "'import os; os.abort()#'. It has: level."),
        (["run", "tini"], "there is no study 'tini'. Did you mean 'tiny'? notebooks/ has: tiny."),
        (["run", "../notebooks/tiny"], "there is no study '../notebooks/tiny'. notebooks/ has: "
         "tiny."),
        (["run", "tiny", "--data", "x"], "notebooks/tiny.ipynb takes no data: it has no such "
         "parameter."),
        (["run", "tiny", "--key", "../up"], "the key '../up' is not allowed: small letters, digits "
         "and hyphens, starting with a letter or digit, at most 60."),
        (["build", "--only", "tyni"], "reports.toml has no report 'tyni'. It has: tiny."),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_line_and_exit_two(small, capsys, arguments, message):
    assert called(capsys, *arguments) == (2, "", f"crmresearch: {message}\n")
    assert not (small / "reports").exists()


def test_an_unknown_option_is_exit_two(small, capsys):
    code, _, err = called(capsys, "run", "tiny", "--dta", "x")
    assert code == 2
    assert "--data" in err
    assert "Traceback" not in err


def test_a_number_of_jobs_that_is_a_slip_is_exit_two(small, capsys):
    code, _, err = called(capsys, "build", "--jobs", "99999999999999999999")
    assert code == 2
    assert "Invalid value for '--jobs'" in err


def test_a_project_that_is_none_is_told(tmp_path, monkeypatch, capsys):
    (tmp_path / "reports.toml").touch()
    monkeypatch.chdir(tmp_path)
    code, _, err = called(capsys, "build")
    assert code == 2
    assert err.startswith(f"crmresearch: no project found in {tmp_path} or above it")


def test_a_message_cannot_steer_the_terminal(monkeypatch, capsys):
    from crmresearch.run import runner

    def refuses(listing, **options):
        raise UserError("found '\x1b[2J\x07\u202e' in 1 row\nand é")

    monkeypatch.setattr(runner, "build", refuses)
    code, _, err = called(capsys, "build")
    assert (code, err) == (1, "crmresearch: found '\\x1b[2J\\x07\\u202e' in 1 row\nand é\n")


def test_plain_papermill_runs_a_notebook_from_any_folder(small, project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(small / "notebooks" / "tiny.ipynb"), "out.ipynb",
         "-p", "level", "0.8", "--progress-bar"],
        cwd=elsewhere, capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "injected-parameters" in (elsewhere / "out.ipynb").read_text()


def test_an_empty_path_is_not_the_demo_data(small, capsys):
    for option in ("--data", "--codebook"):
        code, out, err = called(capsys, "run", "tiny", option, "")
        assert (code, out) == (2, "")
        assert "it is empty" in err
    assert not (small / "reports").exists()


def test_what_check_prints_cannot_steer_the_terminal(small, capsys):
    (small / "responses.csv").write_text("a\n1\n2\n")
    (small / "codebook.csv").write_text("variable,type\na,number\n")
    (small / "about.toml").write_text('title = "\\u001b[31mred"\n')
    code, out, _ = called(capsys, "check", str(small))
    assert code == 0
    assert out.startswith("\\x1b[31mred: responses.csv (2 rows, 1 variable)\n")


def test_the_command_that_drafts_can_be_pasted(small, capsys):
    folder = small / "my data"
    folder.mkdir()
    (folder / "wave 1.csv").write_text("a\n1\n2\n")
    code, _, err = called(capsys, "check", "my data/wave 1.csv")
    assert code == 1
    assert "`crmresearch codebook 'my data/wave 1.csv' -o 'my data'`, or name one" in err
    assert called(capsys, "codebook", "my data/wave 1.csv", "-o", "my data")[0] == 0
    assert called(capsys, "check", "my data/wave 1.csv")[0] == 0
    (folder / "codebook.csv").unlink()
    _, _, err = called(capsys, "check", "my data")
    assert (
        "the folder my data has no codebook.csv. Draft one with `crmresearch codebook FILE" in err
    )
