"""Reading notebooks: what cannot run is refused in one message before a kernel starts."""

import json

import pytest

from crmresearch.errors import UserError
from crmresearch.run.request.notebooks import read_notebook


def test_a_notebook_is_read_with_its_parameters(small):
    notebook = read_notebook(small / "notebooks" / "tiny.ipynb")
    assert notebook.name == "notebooks/tiny.ipynb"
    assert list(notebook.parameters) == ["level", "seed", "rule", "quick"]
    assert len(notebook.sha256) == 64


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is empty."),
        (b" \n", "is empty."),
        (b"hello", "is not a notebook: it is not JSON (Expecting value: line 1 column 1 "
         "(char 0))."),
        (b"[" * 100_000, "is not a notebook: it is not JSON"),
        (b"\xff\xff", "is not UTF-8 text (byte 0)."),
        (b"[1]", "is not a notebook: it is JSON without 'nbformat'."),
        (b'{"nbformat": "4", "cells": []}', "has notebook format 4.0; 4.5 or a later 4 is needed."),
        (b'{"worksheets": [], "nbformat": 3}', "has notebook format 3.0; 4.5 or a later 4 is "
         "needed. Open it in JupyterLab and save it."),
        (b'{"nbformat": 4, "nbformat_minor": 5}', "has no cells."),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "is a Git LFS pointer, "
         "not the notebook. Run: git lfs pull"),
        (b'{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> other\n]}', "holds the marks "
         "of an unfinished merge (line 3). Finish the merge."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_notebook(add, raw, message):
    path = add("bad", raw)
    with pytest.raises(UserError) as refused:
        read_notebook(path)
    assert str(refused.value).startswith(f"notebooks/bad.ipynb {message}")
    assert refused.value.exit_code == 1


def without_tag(cells):
    cells[1]["metadata"] = {}


def second_tag(cells):
    cells[2]["metadata"] = {"tags": ["parameters"]}


def same_id(cells):
    cells[2]["id"] = cells[1]["id"]


def no_id(cells):
    del cells[2]["id"]


def odd_type(cells):
    cells[2]["cell_type"] = "sql"


def damaged(cells):
    cells[2]["source"] = [1]


def merge(cells):
    cells[2]["source"] = "x = 1\n<<<<<<< HEAD\nx = 2"


def injected(cells):
    cells[2]["metadata"] = {"tags": ["injected-parameters"]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_tag, "needs exactly one code cell with the tag 'parameters'; it has 0."),
        (second_tag, "needs exactly one code cell with the tag 'parameters'; it has 2."),
        (same_id, "has a missing or repeated cell id (cell 3)."),
        (no_id, "has a missing or repeated cell id (cell 3)."),
        (odd_type, "has a cell of an unknown type (cell 3)."),
        (damaged, "has a damaged cell (cell 3, 'part-0')."),
        (merge, "holds the marks of an unfinished merge (cell 3, 'part-0')."),
        (injected, "holds parameters of an earlier run (cell 3, 'part-0')."),
    ],
)
def test_a_notebook_with_a_wrong_cell(add, new_notebook, change, message):
    content = new_notebook("level")
    change(content["cells"])
    path = add("bad", content)
    with pytest.raises(UserError) as refused:
        read_notebook(path)
    assert str(refused.value).startswith(f"notebooks/bad.ipynb {message}")


def test_a_notebook_of_another_language(add, new_notebook):
    content = new_notebook("level")
    content["metadata"]["kernelspec"] = {"name": "ir", "language": "R"}
    with pytest.raises(UserError, match=r"bad\.ipynb is written for R, not Python"):
        read_notebook(add("bad", content))


def test_a_byte_order_mark_does_no_harm(add, new_notebook):
    path = add("marked", b"\xef\xbb\xbf" + json.dumps(new_notebook("level")).encode())
    assert read_notebook(path).parameters["level"].default == 0.95


def test_a_notebook_that_is_a_folder(small):
    (small / "notebooks" / "odd.ipynb").mkdir()
    with pytest.raises(UserError, match=r"odd\.ipynb cannot be read: Is a directory"):
        read_notebook(small / "notebooks" / "odd.ipynb")
