"""Execute the cells of a notebook in processes forked from a parent that imported its libraries.

    python scripts/floor.py NOTEBOOK SEED [SEED ...]

No kernel, no messages, no page: what is left is what the cells themselves cost, and so the least
that a report can. Each cell's result is formatted as a kernel formats it, once for every MIME type
that it offers. A first process, which is not counted, tells which modules the cells import on
their way, so that the others start with these as well. Prints a list of CPU seconds, one a seed.
"""

import ast
import contextlib
import importlib
import io
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

PIPE = 65_536  # bytes that a pipe holds until they are read


def main(notebook: Path, seeds: list[int]) -> None:
    """Import once, then one process a seed."""
    from IPython.core.interactiveshell import InteractiveShell

    cells = [c for c in json.loads(notebook.read_text("utf-8"))["cells"] if _is_code(c)]
    os.chdir(notebook.parent)
    for cell in cells:
        for node in ast.parse("".join(cell["source"])).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                exec(ast.unparse(node), {})  # the notebook's own imports, and nothing else of it
    reading, writing = os.pipe()
    _forked(lambda: _tell_modules(InteractiveShell.instance(), cells, seeds[0], writing))
    os.close(writing)
    with os.fdopen(reading) as told:
        for name in json.load(told):
            with contextlib.suppress(Exception):  # made while running, or not to be imported alone
                importlib.import_module(name)
    found = []
    for seed in seeds:
        before = _used()
        _forked(lambda seed=seed: _execute(InteractiveShell.instance(), cells, seed))
        found.append(_used() - before)
    print(json.dumps(found))


def _forked(work: Callable[[], None]) -> None:
    """Do `work` in a process of its own and wait for it."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1]:
        sys.exit("a cell failed")


def _tell_modules(shell, cells: list[dict], seed: int, pipe: int) -> None:
    before = set(sys.modules)
    _execute(shell, cells, seed)
    names = json.dumps(sorted(set(sys.modules) - before)).encode()
    if len(names) > PIPE:
        sys.exit("more modules than can be told")
    os.write(pipe, names)


def _execute(shell, cells: list[dict], seed: int) -> None:
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            done = shell.run_cell("".join(cell["source"]))
        if not done.success:
            print(printed.getvalue()[-2000:], file=sys.stderr)
            sys.exit(1)
        if done.result is not None:
            shell.display_formatter.format(done.result)
        if "parameters" in cell["metadata"].get("tags", []):
            shell.user_ns["seed"] = seed


def _is_code(cell: dict) -> bool:
    return cell["cell_type"] == "code"


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), [int(text) for text in sys.argv[2:]])
