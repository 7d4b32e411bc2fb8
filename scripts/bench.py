"""Measure what the kit costs and write reports/bench.json; `make bench` calls it.

    python scripts/bench.py [--quick] [--only NAME]

Each figure is CPU seconds over the whole process tree, or the ratio of two of them measured one
after the other in the same run: machines and their load differ, ratios hold. Beside the figures
made here, every `bench_*.py` in this folder gives its own by `figures(quick) -> list of dict` with
the keys name, value, unit and against.
"""

import argparse
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from crmresearch.run.publish import locked

ROOT = Path(__file__).resolve().parents[1]
PLAIN = "papermill and nbconvert --to html on the same notebook"
LONGEST = 1800  # seconds that one command may take


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one notebook, small files, no rest")
    parser.add_argument("--only", metavar="NAME", help="reports, or the name of a bench_NAME.py")
    parser.add_argument("--output", type=Path, default=ROOT / "reports" / "bench.json")
    options = parser.parse_args(arguments)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or every kernel compiles every library
    found = []
    try:
        for figure in figures(options.quick, options.only):
            value = f"{figure['value']:.4g} {figure['unit']}"
            print(f"{figure['name']}: {value} ({figure['against']})", flush=True)
            found.append(figure)
    finally:  # what was measured is kept when a later figure fails
        if found:
            write(options.output, found)
    if not found:
        parser.error(f"there is no bench_{options.only}.py")


def write(path: Path, found: list[dict]) -> None:
    with locked(path.parent):
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)


def figures(quick: bool, only: str | None = None) -> Iterator[dict]:
    """Every figure as it is measured."""
    if only in (None, "reports"):
        with tempfile.TemporaryDirectory() as folder:
            yield from report_figures(Path(folder), ["recovery"] if quick else studies())
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if only in (None, path.stem.removeprefix("bench_")):
            yield from importlib.import_module(path.stem).figures(quick)


def studies() -> list[str]:
    return sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def report_figures(folder: Path, names: list[str]) -> Iterator[dict]:
    """What running and publishing costs against the plain tools, and what it costs when fresh."""
    reports, total = folder / "reports", [0.0, 0.0]
    for name in names:
        command = [sys.executable, "-m", "crmresearch", "run", name, "--reports", str(reports)]
        if name == names[0]:
            cpu_seconds(command)  # compiles, and fills the caches that both ways profit from
        ours = cpu_seconds([*command, "--force"])
        plain = plain_seconds(folder, name)
        total = [total[0] + ours, total[1] + plain]
        yield figure(f"{name}: run and publish", ours, "CPU s", f"{PLAIN}: {plain:.3g} CPU s")
        yield figure(f"{name}: run and publish", ours / plain, "ratio", PLAIN)
    if len(names) > 1:
        yield figure("all: run and publish", total[0] / total[1], "ratio", PLAIN)
    fresh = cpu_seconds(command)
    yield figure(
        f"{names[-1]}: nothing has changed", fresh, "CPU s", f"made anew: {ours:.3g} CPU s"
    )
    yield figure(f"{names[-1]}: nothing has changed", fresh / ours, "ratio", "made anew")


def plain_seconds(folder: Path, name: str) -> float:
    """CPU seconds of papermill and nbconvert, as their own documentation calls them."""
    notebook, executed = ROOT / "notebooks" / f"{name}.ipynb", folder / f"{name}.ipynb"
    return cpu_seconds(
        [sys.executable, "-m", "papermill", str(notebook), str(executed)]
    ) + cpu_seconds([sys.executable, "-m", "nbconvert", "--to", "html", str(executed)])


def figure(name: str, value: float, unit: str, against: str) -> dict:
    return {"name": name, "value": round(value, 4), "unit": unit, "against": against}


def cpu_seconds(command: list[str]) -> float:
    """CPU seconds of `command` and all it starts; whatever still runs at the end is ended."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        _, errors = process.communicate(timeout=LONGEST)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        sys.exit(f"{' '.join(command[1:4])} failed:\n{errors[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
