"""Build many reports in one command and see that nothing grows: memory, files, threads, processes.

    python scripts/scale.py [--small 1000] [--full 100] [--jobs 2]

A thousand reports of a tiny notebook and a hundred full ones, every one with a seed of its own.
Some two hundred times the process of the build is looked at from outside, and the folders for
temporary files with it. What it holds comes and goes with the reports in the making, so the least
that it holds in the last third is held against the least in the first: a rise fails. The same
reports made by papermill and nbconvert one after the other are measured on a few and multiplied.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench_batch import PLAIN, list_reports, new_project, plain_seconds
from costs import LONGEST, environment, figure, studies, used

SMALL, FULL, JOBS = 1000, 100, 2
LOOKS = 200  # over a whole build
TRIED = 3  # reports of the tiny notebook that the plain tools make
TINY = (
    ("parameters", "seed: int = 1  # seed of every random step [0, 1000000]"),
    (
        "imports",
        "import numpy as np\n"
        "import pandas as pd\n\n"
        "from crmresearch.report.estimates import Estimate\n"
        "from crmresearch.report.exhibits import show\n"
        "from crmresearch.report.plots import intervals",
    ),
    (
        "means",
        "answers = pd.DataFrame(np.random.default_rng(seed).normal(5, 1, (500, 4)))\n"
        "means = [\n"
        "    Estimate(\n"
        '        key=f"mean.{name}", name=f"Question {name}", value=column.mean(),\n'
        "        low=column.mean() - 2 * column.sem(), high=column.mean() + 2 * column.sem(),\n"
        '        unit="points", n=len(column), method="mean, two standard errors",\n'
        "    )\n"
        "    for name, column in answers.items()\n"
        "]",
    ),
    (
        "shown",
        'show("means", means, title="Four means", '
        'draw=lambda data, figure: intervals(data, figure) and "Four means.")',
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the process of a build holds after some reports."""

    reports: int
    memory: float  # MB of its own
    files: int  # open ones, sockets and pipes
    threads: int
    processes: int  # that it started, and theirs
    temporary: int  # files in the folders for temporary ones


# How much more may be held in the end, of each field of `Look`: the list of what has been made, and
# the handful of sockets by which even a single kernel's files differ from moment to moment.
ALLOWED = {"memory": 30.0, "files": 10.0, "threads": 2.0, "processes": 1.0, "temporary": 8.0}


def figures(small: int = SMALL, full: int = FULL, jobs: int = JOBS) -> Iterator[dict]:
    """What `bench.py --scale` prints and records; ends the command where something grew."""
    grown = []
    for words, names, reports in (("small", ["tiny"], small), ("full", studies(), full)):
        if not reports:
            continue
        with tempfile.TemporaryDirectory() as name:
            project = new_project(Path(name))
            if words == "small":
                write_tiny(project)
            list_reports(project, names, range(1, reports // len(names) + 1))
            looks, seconds, wall = watched(project, jobs)
            plain = sum(
                plain_seconds(Path(name), project / "notebooks" / f"{study}.ipynb")
                for study in names * (TRIED if words == "small" else 1)
            )
            plain /= TRIED if words == "small" else len(names)
        made = f"{looks[-1].reports:,} {words} reports"
        loop = f"{PLAIN}, measured on {TRIED if words == 'small' else len(names)} of them"
        yield figure(f"{made}: all", seconds, "CPU s", f"{wall:.0f} s on {jobs} at a time")
        yield figure(f"{made}: in a loop", plain * looks[-1].reports, "CPU s", loop)
        yield figure(f"{made}: all", seconds / looks[-1].reports / plain, "ratio", loop)
        for field, first, last, each in growth(looks):
            yield figure(
                f"{made}: growth of {field}", each, "MB" if field == "memory" else "",
                f"each 100 reports; the least held was {first:.4g}, in the end {last:.4g}",
            )  # fmt: skip
            if last - first > ALLOWED[field]:
                grown.append(f"{made}: {field}")
        yield figure(f"{made}: left behind", looks[-1].temporary, "files", "when all is done")
    if grown:
        sys.exit(f"something grows with the number of reports. {'; '.join(grown)}")


def growth(looks: Sequence[Look]) -> Iterator[tuple[str, float, float, float]]:
    """Each field, the least held in the first and in the last third, and the slope for 100 reports.

    Without the first tenth, in which libraries are still being imported, and the last look, when
    the build has ended.
    """
    later = looks[len(looks) // 10 : -1]
    third = max(len(later) // 3, 1)
    first, last = later[:third], later[-third:]
    apart = statistics.mean(x.reports for x in last) - statistics.mean(x.reports for x in first)
    for field in ALLOWED:
        low, high = (min(getattr(item, field) for item in part) for part in (first, last))
        yield field, low, high, 100 * (high - low) / max(apart, 1)


def watched(project: Path, jobs: int) -> tuple[list[Look], float, float]:
    """Build what `project` lists: the looks at it, its CPU seconds and its seconds."""
    places = {"TMPDIR": project / "tmp", "JUPYTER_RUNTIME_DIR": project / "runtime"}
    for folder in places.values():
        folder.mkdir()
    listed = (project / "reports.toml").read_text("utf-8").count("[[report]]")
    before, began = used(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "crmresearch", "build", "--jobs", str(jobs)],
        cwd=project, env=environment({key: str(path) for key, path in places.items()}),
        stdout=subprocess.DEVNULL, stderr=(project / "told.txt").open("w"), start_new_session=True,
    )  # fmt: skip
    looks: list[Look] = []
    while process.poll() is None and time.monotonic() - began < LONGEST:
        done = sum(1 for _ in (project / "reports").glob("*/report.json"))
        if done and done >= (looks[-1].reports if looks else 0) + max(listed // LOOKS, 1):
            looks.append(look(process.pid, done, list(places.values())))
        time.sleep(0.5)
    if process.poll() is None:
        process.kill()
    if process.wait():
        sys.exit(f"the build failed:\n{(project / 'told.txt').read_text()[-2000:]}")
    temporary = sum(_files(folder) for folder in places.values())
    looks.append(
        Look(reports=listed, memory=0, files=0, threads=0, processes=0, temporary=temporary)
    )
    return looks, used() - before, time.monotonic() - began


def look(process: int, reports: int, places: Sequence[Path]) -> Look:
    """What the process holds, as the kernel of the operating system tells it."""
    folder = Path(f"/proc/{process}")
    told = dict(
        line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line
    )
    return Look(
        reports=reports,
        memory=int(told["RssAnon"].split()[0]) / 1024,
        files=len(list((folder / "fd").iterdir())),
        threads=int(told["Threads"]),
        processes=len(descendants(process)),
        temporary=sum(_files(place) for place in places),
    )


def descendants(process: int) -> list[int]:
    """The processes that this one started, and theirs."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, waiting = [], [process]
    while waiting:
        born = children.get(waiting.pop(), [])
        found += born
        waiting += born
    return found


def _files(folder: Path) -> int:
    return sum(len(names) for _, _, names in os.walk(folder))


def write_tiny(project: Path) -> None:
    """A notebook `tiny` of one figure and its table."""
    cells = [
        {"cell_type": "code", "id": name, "source": source, "outputs": [], "execution_count": None,
         "metadata": {"tags": [name]} if name == "parameters" else {}}
        for name, source in TINY
    ]  # fmt: skip
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A small report"}
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    content = {"cells": [title, *cells], "metadata": {"kernelspec": kernel}}
    content |= {"nbformat": 4, "nbformat_minor": 5}
    (project / "notebooks" / "tiny.ipynb").write_text(json.dumps(content), "utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=SMALL, help="reports of a tiny notebook")
    parser.add_argument("--full", type=int, default=FULL, help="reports of the studies")
    parser.add_argument("--jobs", type=int, default=JOBS, help="reports at the same time")
    options = parser.parse_args()
    for line in figures(options.small, options.full, options.jobs):
        print(f"{line['name']}: {line['value']:.4g} {line['unit']} ({line['against']})", flush=True)
