"""All that a listing asks for, as plans: what can start, what cannot, and what is left out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.run.project import shown
from crmresearch.run.request.grids import expand
from crmresearch.run.request.jobs import Job, select
from crmresearch.run.request.listing import Entry, read_listing
from crmresearch.run.request.plans import Plan, files_of, plan
from crmresearch.run.request.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The `plans` of a listing; what `failed` by key; and a line for each report `left_out`."""

    plans: list[Plan] = field(default_factory=list)
    failed: dict[str, UserError] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The keys of all that is asked for, planned or not."""
        return list(dict.fromkeys([*self.failed, *(item.job.key for item in self.plans)]))


def planned(root: Path, listing: Path, only: Sequence[str], shelf: Shelf) -> Planned:
    """Plan every report that the file `listing` asks for, or those whose keys are in `only`.

    Relative paths in the file are seen from its folder.

    Raises
    ------
    RequestError
        With every wrong entry, study, path and parameter; nothing is to be run then.
    """
    found, wrong = Planned(), {}
    jobs: list[Job] = []
    base = listing.parent
    for entry in _wanted(read_listing(listing), only):
        try:
            expanded = expand(
                entry, base=base, files_of=partial(files_of, root, base=base, shelf=shelf),
                shelf=shelf,
            )  # fmt: skip
        except RequestError as error:
            wrong.setdefault(str(error), []).append(entry.key)
        else:
            jobs += expanded.jobs
            found.left_out.extend(expanded.left_out)
            found.failed.update(expanded.failed)
    if not wrong:
        jobs = _selected(jobs, only, found.failed, listing.name)
    problems = _twice(jobs, listing.name)
    for job in jobs:
        try:
            found.plans.append(plan(root, job, base=base, shelf=shelf))
        except RequestError as error:
            wrong.setdefault(str(error), []).append(job.key)
        except UserError as error:
            found.failed[job.key] = error
    problems += [f"{listing.name}, {_told(keys)}: {text}" for text, keys in wrong.items()]
    if problems:
        raise RequestError("\n".join(problems))
    return found


def _wanted(entries: Iterable[Entry], only: Sequence[str]) -> list[Entry]:
    """The entries that can hold a report of `only`, so that no others' data are read."""
    known = list(entries)
    wanted = [entry for entry in known if any(_possible(entry.key, word) for word in only)]
    return wanted if only and wanted else known


def _possible(beginning: str, word: str) -> bool:
    """Whether `word`, a key of `only`, can mean a report whose key begins with `beginning`."""
    start, star, _ = word.partition("*")
    if star:
        return start.startswith(beginning) or beginning.startswith(start)
    return word == beginning or word.startswith(f"{beginning}-")


def _selected(
    jobs: list[Job], only: Sequence[str], failed: dict[str, UserError], name: str
) -> list[Job]:
    """The jobs of `only`; of what has `failed` the rest, which `only` does not mean, is dropped."""
    if not only:
        return jobs
    for key in [key for key in failed if not any(_possible(key, word) for word in only)]:
        del failed[key]
    known = [job.key for job in jobs]
    sought = [
        word
        for word in only
        if any(fnmatchcase(key, word) for key in known)
        or not any(_possible(key, word) for key in failed)
    ]
    return select(jobs, sought, name) if sought else []


def _twice(jobs: Sequence[Job], name: str) -> list[str]:
    twice = [key for key, times in Counter(job.key for job in jobs).items() if times > 1]
    return [
        f"{name}: two entries come to a report of the key {shown(key)}. Give one of them another "
        "key."
        for key in twice
    ]


def _told(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - 1:,} more" if len(keys) > 1 else ""
    return f"report '{keys[0]}'{more}"
