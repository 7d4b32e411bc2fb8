"""Measure what one more report of a batch costs, beside its cells alone and beside plain tools.

    python scripts/bench_batch.py [STUDY ...] [--more 4] [--rounds 2]

CPU seconds over whole process trees. Of each study a batch of two reports is built and one of
`more` besides, every report with a seed of its own: the difference divided by `more` is what one
more report costs, made, checked, published and listed. The floor is `floor.py` with the same seeds.
The plain way is papermill and nbconvert as their documentation calls them, on the same notebook.
A machine's pace changes within minutes, so that the ways take turns in rounds; a figure is the
mean of its rounds, and a ratio is told with those of the rounds.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from costs import ROOT, cpu_seconds, environment, figure, studies

from crmresearch.run.project import notebook_path
from crmresearch.run.request.notebooks import read_notebook

FEW = 2  # reports of the smaller batch: a single one would not be forked from a warm parent
MORE = 4
ROUNDS = 2
PLAIN = "papermill and nbconvert --to html on the same notebook"
FLOOR = "its cells in a process forked from a warm parent"
BOUNDS = {"floor": 1.15, "plain": 0.40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of one study in one round: as one more of a batch, and the other ways."""

    marginal: float
    floor: float
    plain: float
    alone: float  # a batch of one report
    fresh: float  # nothing has changed


def figures(quick: bool) -> Iterator[dict]:
    """What `bench.py` prints and records."""
    names, more, rounds = (["recovery"], 1, 1) if quick else (studies(), MORE, ROUNDS)
    yield from told((name, costs(name, more, rounds)) for name in names)


def told(measured: Iterable[tuple[str, list[Cost]]]) -> Iterator[dict]:
    """The figures of each study once it is measured, and of all of them together."""
    every = []
    for study, rounds in measured:
        every.append(rounds)
        ours, floor, plain, alone, fresh = (
            statistics.mean(getattr(cost, field.name) for cost in rounds) for field in fields(Cost)
        )
        known = f"floor {floor:.3g}, plain {plain:.3g} CPU s"
        yield figure(f"{study}: one more report of a batch", ours, "CPU s", known)
        yield from _ratios(study, [rounds])
        yield figure(f"{study}: a batch of this report alone", alone / plain, "ratio", PLAIN)
        yield figure(f"{study}: nothing has changed", fresh, "CPU s", f"anew {alone:.3g}")
    if len(every) > 1:
        yield from _ratios("all", every)


def _ratios(name: str, every: Sequence[Sequence[Cost]]) -> Iterator[dict]:
    """Both ratios of these studies together: over all rounds, and from the least to the most."""
    for way, words in (("floor", FLOOR), ("plain", PLAIN)):
        ours, other = (
            [sum(getattr(cost, field) for cost in turn) for turn in zip(*every, strict=True)]
            for field in ("marginal", way)
        )
        each = sorted(one / of for one, of in zip(ours, other, strict=True))
        bound = f"{words}; {each[0]:.2f} to {each[-1]:.2f} by round; the bound is {BOUNDS[way]}"
        ratio = sum(ours) / sum(other)
        yield figure(f"{name}: one more report of a batch", ratio, "ratio", bound)


def costs(study: str, more: int, rounds: int) -> list[Cost]:
    """Measure one study, in each round every way once."""
    with tempfile.TemporaryDirectory() as name:
        project = new_project(Path(name))
        list_reports(project, [study], [1])
        build(project)  # compiles, and fills the caches that every way profits from
        return [cost(project, study, turn * (more + FEW), more) for turn in range(rounds)]


def cost(project: Path, study: str, before: int, more: int) -> Cost:
    """Measure every way once, with the seeds that follow `before`."""
    seeds = list(range(before + 1, before + more + FEW + 1))
    list_reports(project, [study], seeds[:FEW])
    few = build(project, "--force")
    floor = floor_seconds(study, seeds[FEW:])
    list_reports(project, [study], seeds)
    many = build(project, "--force")
    plain = plain_seconds(project.parent, ROOT / "notebooks" / f"{study}.ipynb")
    list_reports(project, [study], seeds[:1])
    alone = build(project, "--force")
    fresh = build(project)
    return Cost(
        marginal=(many - few) / more, floor=floor, plain=plain, alone=alone, fresh=fresh
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
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often every way is taken")
    options = parser.parse_args()
    measured = ((name, costs(name, options.more, options.rounds)) for name in options.study)
    for line in told(measured):
        print(f"{line['name']}: {line['value']:.4g} {line['unit']} ({line['against']})", flush=True)
