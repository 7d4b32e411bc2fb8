"""The question of `crmresearch why`: two builds chosen, put back, compared and run crosswise."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crmresearch.errors import RequestError
from crmresearch.run.disk import remove, try_lock
from crmresearch.run.history.blobs import check_private
from crmresearch.run.history.builds import Build
from crmresearch.run.history.keeping import History
from crmresearch.run.history.libraries import libraries_of
from crmresearch.run.kernels.limits import USUAL, Limits
from crmresearch.run.project import did_you_mean, listed, shown
from crmresearch.run.publishing.publish import Busy
from crmresearch.run.why.attribution import Move, Swapped, Turn, moves, turns
from crmresearch.run.why.crossing import Crossed, crossed, differ
from crmresearch.run.why.differences import Differences, differences
from crmresearch.run.why.reruns import Reruns, Runs
from crmresearch.run.why.restored import Restored, restore
from crmresearch.run.why.results import Outcome, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What may be used to find out.

    Parameters
    ----------
    jobs : how many runs at the same time
    exact : run every combination, however many there are
    old_python : the interpreter of an environment with the versions of the old build
    old_data : where to look for data that were too large to keep
    tell : called with a line for each thing that is done
    """

    jobs: int = 1
    exact: bool = False
    old_python: str = ""
    old_data: Sequence[Path] = ()
    limits: Limits = USUAL
    tell: Callable[[str], None] = lambda line: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What differs between two builds of a report, and what each difference moved.

    Parameters
    ----------
    factors : the ingredients that differ and could be swapped
    before, after : the published results; `summary` says what the report is of
    moves : of values and bounds, by the estimate's key, group and field
    verdicts, presence : claims, and estimates that came or went
    data_alone : the results with nothing new but the data; None where that was not run
    versions : whether versions differ that could not be swapped
    failed : the runs that have no results, with the reason
    runs : how many were made
    """

    old: Build
    new: Build
    differences: Differences
    factors: tuple[str, ...]
    before: Outcome
    after: Outcome
    summary: Mapping[str, object]
    moves: list[Move]
    verdicts: list[Turn]
    presence: list[Turn]
    data_alone: Outcome | None
    versions: bool
    failed: Mapping[Swapped, str] = field(default_factory=dict)
    runs: int = 0


def ask(root: Path, key: str, *, old: str = "", new: str = "", means: Means) -> Answer:
    """Why the report `key` changed between two of its kept builds.

    Parameters
    ----------
    old, new : builds by their names, or the beginning of these; the last two that differ unless
        given

    Raises
    ------
    UserError
        If there are no such builds, or what is kept of them is damaged.
    """
    history = History(root)
    before, after = chosen(history, key, old, new)
    if before.study != after.study:
        raise RequestError(
            f"build {before.id} of '{key}' is of the study {before.study} and {after.id} of "
            f"{after.study}; what they came to cannot be compared. Name two builds of one study "
            "with --from and --to."
        )
    with _workplace(history) as folder:
        with history.blobs.held():  # no build that ends meanwhile may sweep what is read
            restored = tuple(
                restore(history, build, folder / name, data=means.old_data)
                for name, build in (("old", before), ("new", after))
            )
            results, about = zip(*(stored(history, x.build) for x in restored), strict=True)
        found = differences(history, *restored)
        if "versions" in found.found and means.old_python:
            _check_python(history, means.old_python, before, after)
        return _answer(root, restored, results, about[1], found, means)


def chosen(history: History, key: str, old: str, new: str) -> tuple[Build, Build]:
    """The two builds that are asked about, the older one first."""
    builds = history.builds(key)
    if not builds:
        known = history.keys()
        there = f" Builds are kept of: {', '.join(known[:20])}." if known else ""
        raise RequestError(
            f"nothing is kept of a report {shown(key)}.{did_you_mean(key, known)}{there} The "
            "ingredients of a report are kept when it is built, unless that is turned off."
        )
    later = _named(builds, new, "--to") if new else builds[0]
    if old:
        return _named(builds, old, "--from"), later
    earlier = [x for x in builds[builds.index(later) + 1 :] if not x.same(later)]
    if not earlier:
        raise RequestError(
            f"of report '{key}' one build is kept, {later.id}, and none before it that differs; "
            "there is nothing to compare it with yet."
        )
    return earlier[0], later


def _named(builds: Sequence[Build], name: str, option: str) -> Build:
    found = [build for build in builds if build.id.startswith(name)]
    if len(found) != 1:
        listed = ", ".join(build.id for build in builds)
        raise RequestError(
            f"{option} {shown(name)} names {'no build' if not found else 'several builds'} of "
            f"'{builds[0].key}'. Kept are, the last one first: {listed}."
        )
    return found[0]


def _answer(
    root: Path,
    restored: tuple[Restored, Restored],
    results: tuple[Outcome, Outcome],
    summary: Mapping[str, object],
    found: Differences,
    means: Means,
) -> Answer:
    old, new = restored
    factors, pythons, versions = _swapped(found, means)
    before, after = results
    crossing = Crossed(factors=factors, outcomes={}, made=Runs())
    if len(found.found) > 1 and differ(before, after):
        reruns = Reruns(
            root=root, old=old, new=new, limits=means.limits, jobs=means.jobs, pythons=pythons,
            tell=means.tell,
        )  # fmt: skip
        crossing = crossed(reruns, factors, results, exact=means.exact)
    return Answer(
        old=old.build,
        new=new.build,
        differences=found,
        factors=crossing.factors,
        before=before,
        after=after,
        summary=summary,
        data_alone=_data_alone(found, crossing, after),
        versions=versions,
        failed=crossing.made.failed,
        runs=len(crossing.made.outcomes) + len(crossing.made.failed),
        **_attributed(before, after, crossing),
    )


def _attributed(before: Outcome, after: Outcome, crossing: Crossed) -> dict[str, list]:
    """What moved and turned, by name of the field of `Answer`."""

    def told(of: Callable, what: Callable[[Outcome], Mapping]) -> list:
        runs = {chosen: what(item) for chosen, item in crossing.outcomes.items()}
        return of(what(before), what(after), runs, crossing.factors)

    return {
        "moves": told(moves, Outcome.numbers),
        "verdicts": told(turns, lambda item: item.verdicts),
        "presence": told(turns, Outcome.present),
    }


def _data_alone(found: Differences, crossing: Crossed, after: Outcome) -> Outcome | None:
    if tuple(found.found) == ("data",):
        return after
    return crossing.outcomes.get(frozenset({"data"}))


def _swapped(found: Differences, means: Means) -> tuple[tuple[str, ...], tuple[str, str], bool]:
    """The ingredients to swap, the Pythons to do it with, and whether versions are left out."""
    names = tuple(found.found)
    others = tuple(name for name in names if name != "versions")
    if others == names or not others:
        return names, ("", ""), False
    if means.old_python:
        return names, (means.old_python, ""), False
    return others, ("", ""), True


def _check_python(history: History, python: str, old: Build, new: Build) -> None:
    """Refuse an interpreter that has other versions than the old build, where they matter."""
    found = libraries_of(python)
    if found is None:
        raise RequestError(
            f"--old-python: {python} is not a Python that can be run. Name the interpreter of an "
            "environment, such as .venv/bin/python."
        )
    before, after = (json.loads(history.blobs.read(x.libraries)) for x in (old, new))
    names = [*sorted(before), *sorted(after.keys() - before)]  # those it needs stand first
    wrong = [
        f"{name} {found[name]} in place of {before.get(name, 'none')}"
        if name in found
        else f"no {name} in place of {before[name]}"
        for name in names
        if before.get(name) != after.get(name) and found.get(name) != before.get(name)
    ]
    if wrong:
        raise RequestError(
            f"--old-python: {python} is not what build {old.id} was made with: "
            f"{listed(wrong, 10, ' …')}. Install the versions of its lock: "
            f"{history.blobs.path(old.lock) if old.lock else 'none was kept'}"
        )


@contextmanager
def _workplace(history: History) -> Iterator[Path]:
    """A private folder that is gone at the end, also where a killed process left it."""
    check_private(history.folder)
    folder = history.folder / "work"
    with (history.folder / ".why").open("a") as handle:
        if not try_lock(handle.fileno()):
            raise Busy("another `crmresearch why` is running in this project. Wait for its end.")
        remove(folder)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            remove(folder)
