"""Measure what one more report of a batch costs, beside its cells alone and beside plain tools.

    python scripts/bench_batch.py [STUDY ...] [--more 4]

CPU seconds over whole process trees. Of each study a batch of two reports is built and one of
`more` besides, every report with a seed of its own: the difference divided by `more` is what one
more report costs, made, checked, published and listed. The floor is `floor.py` with the same seeds.
The plain way is papermill and nbconvert as their documentation calls them, on the same notebook.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from costs import ROOT, cpu_seconds, environment, figure, studies

from crmresearch.run.project import notebook_path
from crmresearch.run.request.notebooks import read_notebook

FEW = 2  # reports of the smaller batch: a single one would not be forked from a warm parent
MORE = 4
PLAIN = "papermill and nbconvert --to html on the same notebook"
FLOOR = "its cells in a process forked from a warm parent"
BOUNDS = {"floor": 1.15, "plain": 0.40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of one study: alone, as one more of a batch, unchanged, and the other ways."""

    study: str
    alone: float
    marginal: float
    fresh: float
    floor: float
    plain: float


def figures(quick: bool) -> Iterator[dict]:
    """What `bench.py` prints and records."""
    names = ["recovery"] if quick else studies()
    yield from told(cost(name, 1 if quick else MORE) for name in names)


def told(measured: Iterable[Cost]) -> Iterator[dict]:
    """The figures of each study once it is measured, and of all of them together."""
    costs = []
    for item in measured:
        costs.append(item)
        known = f"floor {item.floor:.3g}, plain {item.plain:.3g} CPU s"
        yield figure(f"{item.study}: one more report of a batch", item.marginal, "CPU s", known)
        yield from _ratios(item.study, [item])
        yield figure(
            f"{item.study}: a batch of this report alone", item.alone / item.plain, "ratio", PLAIN
        )
        yield figure(
            f"{item.study}: nothing has changed", item.fresh, "CPU s", f"anew {item.alone:.3g}"
        )
    if len(costs) > 1:
        yield from _ratios("all", costs)


def _ratios(name: str, costs: Sequence[Cost]) -> Iterator[dict]:
    ours = sum(item.marginal for item in costs)
    for way, words in (("floor", FLOOR), ("plain", PLAIN)):
        ratio = ours / sum(getattr(item, way) for item in costs)
        bound = f"{words}; the bound is {BOUNDS[way]}"
        yield figure(f"{name}: one more report of a batch", ratio, "ratio", bound)


def cost(study: str, more: int) -> Cost:
    """Measure one study, the ways one after the other."""
    seeds = list(range(1, more + FEW + 1))
    with tempfile.TemporaryDirectory() as name:
        project = new_project(Path(name))
        list_reports(project, [study], seeds[:1])
        build(project)  # compiles, and fills the caches that every way profits from
        fresh = build(project)
        alone = build(project, "--force")
        list_reports(project, [study], seeds[:FEW])
        few = build(project, "--force")
        list_reports(project, [study], seeds)
        many = build(project, "--force")
        floor = floor_seconds(study, seeds[FEW:])
        plain = plain_seconds(Path(name), ROOT / "notebooks" / f"{study}.ipynb")
    return Cost(
        study=study, alone=alone, marginal=(many - few) / more, fresh=fresh, floor=floor,
        plain=plain,
    )  # fmt: skip


def new_project(folder: Path) -> Path:
    """A project in `folder` with the notebooks and data of this checkout."""
    root = folder / "project"
    for name in ("notebooks", "data"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "requirements.lock", root)
    return root


def list_reports(project: Path, names: Sequence[str], seeds: Sequence[int]) -> None:
    """Write a reports.toml with one report of each study a seed, where it takes one."""
    tables = []
    for study in names:
        seeded = "seed" in read_notebook(notebook_path(project, study)).parameters
        tables += [
            f'[[report]]\nkey = "{study}-{seed}"\nstudy = "{study}"\n'
            + (f"parameters = {{ seed = {seed} }}\n" if seeded else "")
            for seed in seeds
        ]
    (project / "reports.toml").write_text("\n".join(tables), "utf-8")


def build(project: Path, *options: str) -> float:
    """CPU seconds of a build of what the project lists."""
    return cpu_seconds([sys.executable, "-m", "crmresearch", "build", *options], project)


def floor_seconds(study: str, seeds: Sequence[int]) -> float:
    """CPU seconds of the cells alone, the mean over `seeds`."""
    command = [sys.executable, str(Path(__file__).with_name("floor.py"))]
    command += [str(ROOT / "notebooks" / f"{study}.ipynb"), *map(str, seeds)]
    done = subprocess.run(
        command, env=environment({"PYTHONHASHSEED": "0"}), stdout=subprocess.PIPE, check=True
    )
    return statistics.mean(json.loads(done.stdout))


def plain_seconds(folder: Path, notebook: Path) -> float:
    """CPU seconds of papermill and nbconvert on one notebook, one command after the other."""
    executed = folder / notebook.name
    run = [sys.executable, "-m", "papermill", str(notebook), str(executed)]
    page = [sys.executable, "-m", "nbconvert", "--to", "html", str(executed)]
    return cpu_seconds(run) + cpu_seconds(page)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", nargs="*", default=studies())
    parser.add_argument("--more", type=int, default=MORE, help="reports beside the first two")
    options = parser.parse_args()
    for line in told(cost(name, options.more) for name in options.study):
        print(f"{line['name']}: {line['value']:.4g} {line['unit']} ({line['against']})", flush=True)
