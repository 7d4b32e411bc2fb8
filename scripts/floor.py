"""Execute the cells of a notebook in processes forked from a parent that imported its libraries.

    python scripts/floor.py NOTEBOOK SEED [SEED ...]

No kernel, no messages, no page: what is left is what the cells themselves cost, and so the least
that a report can. Each cell's result is formatted as a kernel formats it, once for every MIME type
that it offers. Prints a list of CPU seconds, one for each seed.
"""

import ast
import contextlib
import io
import json
import os
import resource
import sys
from pathlib import Path


def main(notebook: Path, seeds: list[int]) -> None:
    """Import once, then one process a seed."""
    from IPython.core.interactiveshell import InteractiveShell

    cells = [c for c in json.loads(notebook.read_text("utf-8"))["cells"] if _is_code(c)]
    os.chdir(notebook.parent)
    for cell in cells:
        for node in ast.parse("".join(cell["source"])).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                exec(ast.unparse(node), {})  # the notebook's own imports, and nothing else of it
    found = []
    for seed in seeds:
        before = _used()
        child = os.fork()
        if not child:
            status = 1
            with contextlib.suppress(SystemExit):
                _execute(InteractiveShell.instance(), cells, seed)
                status = 0
            os._exit(status)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"{notebook.name} failed with seed {seed}")
        found.append(_used() - before)
    print(json.dumps(found))


def _execute(shell, cells: list[dict], seed: int) -> None:
    for cell in cells:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            done = shell.run_cell("".join(cell["source"]))
        if not done.success:
            sys.exit(printed.getvalue()[-2000:])
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
