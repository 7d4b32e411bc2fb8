"""Reports that are refused before a kernel starts.

Their data are wrong, or they would, beside others, give a few people away: `report.differencing`
tells it of what stands on a site, and what a build would add to it is kept from being made.
"""

from collections.abc import Sequence
from pathlib import Path

from crmresearch.data.locate import Files
from crmresearch.errors import RequestError, UserError
from crmresearch.report import differencing, entries
from crmresearch.report.differencing import Leak
from crmresearch.report.entries import Entry
from crmresearch.run.request.grids import ONLY
from crmresearch.run.request.plans import Plan, check_data, is_large
from crmresearch.run.request.shelf import Shelf

_NAMED = 3  # reports that a refusal names


def refused_first(reports: Path, stale: Sequence[Plan], shelf: Shelf) -> dict[str, UserError]:
    """Which of the `stale` plans cannot be made, and why: the key of each to what is wrong."""
    wrong = check_data(stale, shelf)
    return wrong | _giving_away(
        reports, [item for item in stale if item.job.key not in wrong], shelf
    )


def _giving_away(reports: Path, stale: Sequence[Plan], shelf: Shelf) -> dict[str, RequestError]:
    """Those that would give people away, beside each other or what stands in `reports`.

    Of a report and its parts the report is refused, or the smallest part where only parts are to
    be made. Of a whole that is too large to be read first nothing is known.
    """
    planned = [_entry(item, item.files, shelf) for item in stale if item.files and _known(item)]
    ours = {entry.key for entry in planned}
    if not ours:
        return {}
    renewed = {item.job.key for item in stale}
    others = [key for key in entries.standing(reports) if key not in renewed]
    standing, _ = entries.read(reports, others)
    wrong = {}
    for leak in differencing.leaks([*planned, *standing]):
        new = [part for part in leak.parts if part.key in ours]
        if leak.whole.key in ours:
            wrong[leak.whole.key] = RequestError(_whole(leak))
        elif new:
            smallest = min(new, key=lambda part: part.n)
            wrong[smallest.key] = RequestError(_part(leak))
    return wrong


def _known(item: Plan) -> bool:
    return bool(item.values.get(ONLY)) or not is_large(item.files)


def _entry(item: Plan, files: Files, shelf: Shelf) -> Entry:
    known = shelf.known(files, str(item.values.get(ONLY, "")))
    return Entry(
        key=item.job.key,
        kind="",
        study=item.job.study,
        title=known.title,
        dataset=known.dataset,
        part=known.part,
        n=known.n,
        min_cell=known.min_cell,
    )


def _whole(leak: Leak) -> str:
    keys = [part.key for part in leak.parts]
    more = " …" if len(keys) > _NAMED else ""
    return (
        f"this report {leak.told()}. Ask for it alone, or for its parts alone "
        f"({', '.join(keys[:_NAMED])}{more})."
    )


def _part(leak: Leak) -> str:
    return (
        f"the report {leak.whole.key} {leak.told()}. Leave this part out, or "
        f"delete {leak.whole.key} and do not ask for it again."
    )
