"""All that a listing asks for, as plans: what can start, what cannot, and what is left out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
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
        except UserError as error:
            found.failed[entry.key] = error
        else:
            jobs += expanded.jobs
            found.left_out.extend(expanded.left_out)
    if not wrong:
        _refuse_twice(jobs, listing.name)
        jobs = select(jobs, only, listing.name) if jobs or not found.failed else []
    for job in jobs:
        try:
            found.plans.append(plan(root, job, base=base, shelf=shelf))
        except RequestError as error:
            wrong.setdefault(str(error), []).append(job.key)
        except UserError as error:
            found.failed[job.key] = error
    if wrong:
        raise RequestError(
            "\n".join(f"{listing.name}, {_told(keys)}: {text}" for text, keys in wrong.items())
        )
    return found


def _wanted(entries: Iterable[Entry], only: Sequence[str]) -> list[Entry]:
    """The entries that can hold a report of `only`, so that no others' data are read."""
    known = list(entries)

    def possible(entry: Entry, word: str) -> bool:
        beginning, star, _ = word.partition("*")
        if star:
            return beginning.startswith(entry.key) or entry.key.startswith(beginning)
        return entry.holds(word)

    wanted = [entry for entry in known if any(possible(entry, word) for word in only)]
    return wanted if only and wanted else known


def _refuse_twice(jobs: Sequence[Job], name: str) -> None:
    twice = [key for key, times in Counter(job.key for job in jobs).items() if times > 1]
    if twice:
        raise RequestError(
            "\n".join(
                f"{name}: two entries come to a report of the key {shown(key)}. Give one of them "
                "another key."
                for key in twice
            )
        )


def _told(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - 1:,} more" if len(keys) > 1 else ""
    return f"report '{keys[0]}'{more}"
