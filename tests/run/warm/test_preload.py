"""Importing ahead: what a cell would notice is told apart, in a process of one thread."""

import subprocess
import sys
from pathlib import Path

import pytest

MODULES = {
    "plain": "value = 1",
    "prints": "print('welcome')",
    "warns": "import warnings; warnings.warn('old')",
    "threads": "import threading; threading.Thread(target=threading.Event().wait, daemon=True)"
    ".start()",
    "asks": "from IPython import get_ipython; shell = get_ipython()",
    "fails": "raise RuntimeError",
    "leaves": "raise SystemExit",
    "logs": "import logging; handler = logging.StreamHandler()",
}
TRY = """\
import sys

from crmresearch.run.warm import preload

preload.kernel_itself()
names = ["plain", "fails", "leaves", "prints", "warns", "asks", "logs", "pandas"]
print("tried", [preload.tried([name]) for name in [*names, "threads"]])
print("together", preload.tried(["plain", "asks", "threads"]))
print("untouched", [name for name in names if name in sys.modules])
for name in [*names, "threads", "plain"]:
    try:
        preload.run(f"import {name}")
    except preload.Noticed as why:
        print(name, why)
import io
sys.stderr = io.StringIO()
sys.modules["logs"].handler.stream.write("through")
print(sys.stderr.getvalue(), sys.modules["pandas"].get_option("display.max_columns"))
print(hasattr(__builtins__, "get_ipython"), preload.forks_alone())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
def test_what_cells_would_notice_is_found(tmp_path: Path):
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-c", TRY], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"},
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "tried ['', '', '', 'prints', 'warns', 'asks', '', '', 'threads']",
        "together asks",
        "untouched []",
        "prints it prints",
        "warns it prints",
        "asks asks asks for the notebook's shell",
        "threads it starts threads",
        "plain it starts threads",
        "through 20",
        "False False",
    ]
