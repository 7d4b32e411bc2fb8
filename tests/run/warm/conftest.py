"""Kernels forked from a warm parent, for notebooks of a few cells."""

import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from crmresearch.run.kernels.limits import USUAL, Limits
from crmresearch.run.kernels.running import environment, execute
from crmresearch.run.request.notebooks import Notebook, read_notebook
from crmresearch.run.warm.owner import Warm, warmed

IMPORTS = "import random, warnings\nimport numpy as np\nimport pandas as pd"


@pytest.fixture
def written(add, new_notebook) -> Callable[..., Notebook]:
    """Writes a notebook of some cells into the small project: one of its own each time."""
    number = count(1)
    return lambda *cells: read_notebook(add(f"tried{next(number)}", new_notebook(IMPORTS, *cells)))


@pytest.fixture
def outputs(written, small) -> Callable[..., list[str]]:
    """Runs cells in a kernel and gives the text that each printed."""

    def run(warm: Warm | None, *cells: str, limits: Limits = USUAL) -> list[str]:
        notebook = written(*cells)
        folder = small / "notebooks"
        done, _ = execute(notebook, {}, shown={}, folder=folder, limits=limits, warm=warm)
        code = [cell for cell in done.cells if cell.cell_type == "code"][2:]
        return ["".join(out.get("text", "") for out in cell.outputs).strip() for cell in code]

    return run


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def warm(small, written, said) -> Iterator[Warm]:
    """A parent that has imported numpy and pandas; nothing of it is left at the end."""
    if sys.platform != "linux":
        pytest.skip("kernels are forked on Linux alone")
    with warmed(small, [written("1")], environment(), say=said.append) as warm:
        yield warm
    assert left_of(warm.folder) == []
    assert not warm.folder.exists()


def left_of(folder: Path) -> list[str]:
    """The processes that have something to do with the folder of a warm parent."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            pass
    return found
