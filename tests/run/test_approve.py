"""Approved notebooks: what is kept of a run, and that a changed number fails."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from crmresearch.errors import UserError
from crmresearch.run.approve import approve, as_text

PARAMETERS = "text: str = 'nine of ten'  # what is shown"
EXHIBIT = """\
import pandas as pd

from crmresearch.report.exhibits import show

print(text)
show("shares", pd.DataFrame({"Channel": ["Shop"], "Answers": [6 * 7]}), title="A table")"""


@pytest.fixture
def small_project(tmp_path: Path, project: Path) -> Path:
    """A project of one notebook, whose approved copies are compared as in this project."""
    for folder in ("notebooks", "tests/approved"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(project / "pyproject.toml", tmp_path)
    shutil.copy(project / "tests/approved/conftest.py", tmp_path / "tests/approved")
    write_notebook(tmp_path, EXHIBIT)
    return tmp_path


def write_notebook(project: Path, *sources: str) -> None:
    new = nbformat.v4
    notebook = new.new_notebook(
        cells=[
            new.new_markdown_cell("# A small study", id="title"),
            new.new_code_cell(PARAMETERS, id="settings", metadata={"tags": ["parameters"]}),
            *(new.new_code_cell(text, id=f"part-{n}") for n, text in enumerate(sources)),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.write(notebook, project / "notebooks" / "small.ipynb")


def compared(project: Path) -> subprocess.CompletedProcess:
    """The approved notebooks of `project`, run and compared by pytest."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "tests/approved", "-p", "no:cacheprovider"],
        cwd=project, capture_output=True, text=True,
    )  # fmt: skip


def test_text_is_kept_and_a_changed_number_fails(small_project: Path) -> None:
    copy = small_project / "tests/approved/small.ipynb"
    assert approve(root=small_project) == [copy]
    content = nbformat.read(copy, as_version=4)
    printed, shown = content.cells[-1].outputs
    assert printed.text == "nine of ten\n"
    assert list(shown.data) == ["text/plain"]
    assert "Shop" in shown.data["text/plain"]
    assert approve(root=small_project) == []

    passed = compared(small_project)
    assert passed.returncode == 0, passed.stdout
    copy.write_text(copy.read_text(encoding="utf-8").replace("42", "43"), encoding="utf-8")
    failed = compared(small_project)
    assert failed.returncode == 1
    assert "1 failed, 1 passed" in failed.stdout


def test_every_failing_notebook_is_named_and_its_copy_kept(small_project: Path) -> None:
    copy = small_project / "tests/approved/small.ipynb"
    copy.write_text("as it was", encoding="utf-8")
    gone = small_project / "tests/approved/gone.ipynb"
    gone.write_text("{}", encoding="utf-8")
    write_notebook(small_project, "1 / 0")
    with pytest.raises(UserError, match=r"notebooks/small\.ipynb, cell .* \('part-0'\)"):
        approve(root=small_project)
    assert copy.read_text(encoding="utf-8") == "as it was"
    assert not gone.exists()


def test_a_notebook_that_warns_is_refused() -> None:
    warning = nbformat.v4.new_output("stream", name="stderr", text="FutureWarning: soon\n")
    cell = nbformat.v4.new_code_cell("old()", id="old", outputs=[warning])
    with pytest.raises(UserError) as refused:
        as_text(nbformat.v4.new_notebook(cells=[cell]), "notebooks/small.ipynb")
    assert str(refused.value) == (
        "notebooks/small.ipynb, cell 'old' wrote to stderr:\nFutureWarning: soon"
    )


def test_an_output_without_text_is_dropped() -> None:
    picture = nbformat.v4.new_output("display_data", data={"image/png": "aGk="})
    cell = nbformat.v4.new_code_cell("draw()", id="draw", outputs=[picture])
    kept = as_text(nbformat.v4.new_notebook(cells=[cell]), "notebooks/small.ipynb")
    assert kept.cells[0].outputs == []
