"""What is imported ahead: read from the cells, kept from earlier runs."""

from pathlib import Path

import pytest

from crmresearch.run.request.notebooks import Notebook
from crmresearch.run.warm import learnt


def made(name: str, *sources: str, digest: str = "0") -> Notebook:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    cells.insert(0, {"cell_type": "markdown", "source": "import nothing"})
    return Notebook(name=name, sha256=digest, content={"cells": cells}, parameters={})


def test_the_imports_of_all_cells_are_found_once_in_their_order():
    first = made(
        "a",
        "%matplotlib inline\n!ls\nimport os, json as j\nfrom a.b import (\n    c,\n    d as e,\n)",
        "if True:\n    import late\nvalue = 1\n\ndef f():\n    from inner import *\n",
    )
    second = made("b", ["import os, json as j\n", "import second"], "this is not Python")
    assert learnt.import_statements([first, second]) == [
        "import os, json as j", "from a.b import c, d as e", "import late",
        "from inner import *", "import second",
    ]  # fmt: skip


def test_late_modules_are_kept_by_notebook_until_it_changes(tmp_path: Path):
    one, two = made("one"), made("two")
    assert learnt.read_late(tmp_path, [one, two]) == {"one": set(), "two": set()}
    learnt.keep_late(tmp_path, [one, two], {"one": {"b", "a"}, "two": {"c"}})
    assert learnt.read_late(tmp_path, [one, two]) == {"one": {"a", "b"}, "two": {"c"}}
    learnt.keep_late(tmp_path, [two], {"two": {"d"}})
    assert learnt.read_late(tmp_path, [one, two]) == {"one": {"a", "b"}, "two": {"d"}}
    changed = made("one", digest="1")
    assert learnt.read_late(tmp_path, [changed]) == {"one": set()}
    learnt.keep_late(tmp_path, [changed], {"one": {"e"}})
    assert learnt.read_late(tmp_path, [one]) == {"one": set()}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"one 0": 3}', '{"one 0": ["a", 3]}'])
def test_a_damaged_record_is_no_record(tmp_path: Path, text: str):
    (tmp_path / ".build").mkdir()
    (tmp_path / learnt.KEPT).write_text(text)
    assert learnt.read_late(tmp_path, [made("one")]) == {"one": set()}
