"""Executing: the notebook as the page gets it, and each way in which a cell can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

from crmresearch.run import runner
from crmresearch.run.kernels.limits import Limits
from crmresearch.run.kernels.running import NotebookFailed, execute
from crmresearch.run.request.notebooks import read_notebook

SHOWS = """\
import os
import random

import pandas as pd

from crmresearch.data.load import load
from crmresearch.report.exhibits import show, show_data

answers = load(data, codebook=codebook)
show_data(answers.description())"""
TABLE = """\
print(sorted({"b", "a"}), {"one", "two", "three"}, len(os.listdir(".")) > 0)
table = answers.answers.groupby("answer", as_index=False).size()
show("sizes", table, title="Answers", draw=lambda data, figure: "An empty figure.", min_cell=1)"""
PARAMETERS = """\
data: str = "small"  # a folder under data/
codebook: str = ""  # path of the codebook
level: float = 0.95  # confidence level [0.5, 0.999]
"""


def failure(add, content, *, seconds: int = 60) -> NotebookFailed:
    path = add("bad", content)
    with pytest.raises(NotebookFailed) as failed:
        execute(read_notebook(path), {}, shown={}, folder=path.parent, limits=Limits(cell=seconds))
    return failed.value


def test_same_inputs_give_the_same_bytes_wherever_they_lie(
    small_data, small, add, new_notebook, tmp_path
):
    add("tiny", new_notebook(SHOWS, TABLE, parameters=PARAMETERS))
    first = runner.run("tiny", data="data/small/responses.csv", settings=["level=0.9"])
    made = {path.name: path.read_bytes() for path in first.parent.iterdir() if path.is_file()}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for path in small_data.iterdir():
        path.rename(elsewhere / path.name)
    again = runner.run(
        "tiny", data=str(elsewhere / "responses.csv"), settings=["level=0.9"], force=True
    )
    assert again == first
    assert {p.name: p.read_bytes() for p in again.parent.iterdir() if p.is_file()} == made
    page = made["index.html"].decode()
    assert str(tmp_path) not in page
    assert "Ten people" in page
    assert "An empty figure." in page


def test_a_failing_cell_is_named_with_its_error(add, new_notebook):
    failed = failure(add, new_notebook("x = 1", "# divide\nx / 0", "print('never')"))
    assert str(failed) == (
        "notebooks/bad.ipynb, cell 4 of 5 ('part-1') failed:\n"
        "  ZeroDivisionError: division by zero\n"
        "    # divide\n"
        "    x / 0"
    )
    assert [cell["id"] for cell in failed.notebook.cells] == [
        "title", "parameters", "part-0", "part-1", "part-2",
    ]  # fmt: skip
    assert failed.notebook.cells[3].outputs[0].ename == "ZeroDivisionError"


def test_a_users_mistake_is_told_by_its_text_alone(add, new_notebook):
    source = "from crmresearch.errors import DataError\nraise DataError('1 problem:\\n  1. x')"
    content = new_notebook(source)
    del content["metadata"]["language_info"]  # as some editors leave it
    failed = failure(add, content)
    assert str(failed) == "1 problem:\n  1. x"
    assert failed.exit_code == 1


def test_an_error_in_the_package_says_where(add, new_notebook):
    source = "from crmresearch.run.request.jobs import default_key\ndefault_key('study', 3)"
    text = str(failure(add, new_notebook(source)))
    assert "failed (raised in crmresearch/run/request/jobs.py:" in text
    assert "Traceback" not in text


def test_a_cell_that_takes_too_long_is_ended(add, new_notebook):
    failed = failure(add, new_notebook("import time", "time.sleep(600)"), seconds=1)
    assert str(failed) == (
        "notebooks/bad.ipynb, cell 4 of 4 ('part-1') took longer than 1 second. Raise the limit "
        "with --timeout.\n    time.sleep(600)"
    )


def test_a_kernel_that_dies_is_told(add, new_notebook):
    failed = failure(add, new_notebook("import os, signal", "os.kill(os.getpid(), 9)"))
    assert str(failed) == (
        "notebooks/bad.ipynb, cell 4 of 4 ('part-1') ended its kernel (often: out of memory).\n"
        "    os.kill(os.getpid(), 9)"
    )


def test_an_environment_without_a_kernel_is_told(add, new_notebook, monkeypatch, tmp_path):
    from jupyter_client import kernelspec

    def missing(manager, name):
        raise kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", missing)
    failed = failure(add, new_notebook("level"))
    assert str(failed).startswith("notebooks/bad.ipynb: no kernel could be started: it has no kern")
    assert "python3" in str(failed)


def test_a_notebook_that_leaves_early_has_failed(add, new_notebook):
    failed = failure(add, new_notebook("import sys; sys.exit(0)", "print('never')"))
    assert "('part-0') failed:\n  SystemExit: 0" in str(failed)


def test_a_killed_run_leaves_the_last_report_and_no_kernel(small, add, new_notebook):
    path = add("tiny", new_notebook("level"))
    good = runner.run("tiny").read_bytes()
    marker = small / "notebooks" / "kernel.txt"
    add("tiny", new_notebook("import os, time\nopen('kernel.txt', 'w').write(str(os.getpid()))",
                             "time.sleep(600)"))  # fmt: skip
    command = "from crmresearch.cli import main; main(['run', 'tiny'])"
    process = subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.DEVNULL)
    kernel = int(_when(lambda: marker.exists() and marker.read_text()))
    process.kill()
    process.wait()
    assert (small / "reports" / "tiny" / "index.html").read_bytes() == good
    assert _when(lambda: not _alive(kernel))
    path.write_text(path.read_text().replace("time.sleep(600)", "time"))
    runner.run("tiny")
    assert not (small / "reports" / ".staging").exists()


def _when(condition, seconds: float = 60):
    """The first true value of `condition`, or its last one after `seconds`."""
    import time

    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


def _alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
