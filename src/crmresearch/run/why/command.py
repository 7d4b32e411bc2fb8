"""The command `why`: ask, tell, and publish the page where nobody can be known from it."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from crmresearch.errors import RequestError
from crmresearch.report import entries
from crmresearch.run.batch.interruption import interruptible
from crmresearch.run.history.keeping import FOLDER, History
from crmresearch.run.project import find_root, relative
from crmresearch.run.publishing import site_index
from crmresearch.run.publishing.publish import check_place, locked, publish, staging
from crmresearch.run.why import console, page
from crmresearch.run.why.asking import Means, ask
from crmresearch.run.why.record import KIND, record

_MIN_CELL = 10  # where a report states no other minimum


def why(
    key: str,
    *,
    old: str = "",
    new: str = "",
    means: Means,
    as_json: bool = False,
    reports: Path | None = None,
) -> str:
    """Print why the report `key` changed, publish its page and return what to say of that.

    Parameters
    ----------
    old, new : names of two builds; the last two that differ unless given
    reports : the folder of the site that the page goes to; none where it stands in no site yet
    """
    root = find_root()
    with interruptible("interrupted; nothing was changed."):
        answer = ask(root, key, old=old, new=new, means=means)
    found = record(answer)
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        console.tell(found, Console())
    site = (reports or root / "reports").resolve()
    reason = page.withheld(found, int(answer.summary.get("min_cell") or _MIN_CELL))
    if reason:
        return f"No page: {reason}"
    if not (site / key).is_dir():
        return f"No page: {site.name}/ has no report '{key}'."
    return relative(_published(root, site, found, means), Path.cwd())


def builds(key: str = "") -> None:
    """Print the builds that are kept, of one report or of all."""
    history = History(find_root())
    keys = [key] if key else history.keys()
    shown = Console(soft_wrap=True)
    for name in keys:
        kept = history.builds(name)
        shown.print(f"{name}: {len(kept)} kept", markup=False, highlight=False)
        console.listed(kept, shown)
    if not any(history.builds(name) for name in keys):
        print(f"Nothing is kept{f' of {key}' if key else ''}.")


def forget(key: str = "") -> str:
    """Remove what is kept of one report, or of all."""
    found = History(find_root()).forget(key)
    if key and not found:
        raise RequestError(f"nothing is kept of a report '{key}'.")
    if not found:
        return f"Nothing was kept in {FOLDER.as_posix()}/."
    return f"Removed what was kept of: {', '.join(found)}."


def _published(root: Path, site: Path, found: Mapping, means: Means) -> Path:
    """Put the page in place and return it."""
    key = page.page_key(found["of"])
    with locked(site):
        check_place(site, key)
        if (site / key).exists() and entries.summary(site / key).get("kind") != KIND:
            raise RequestError(
                f"{key} in {site.name}/ is another report, which the page must not replace. Give "
                "that report another key."
            )
        page.write(found, staging(site, key))
        publish(site, key)
        site_index.update(root, site, means.tell)
    return site / key / "index.html"
