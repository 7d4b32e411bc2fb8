"""The site's index: when it is made again, and of which reports."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crmresearch.report.entries import standing, summary
from crmresearch.run import manifest
from crmresearch.run.project import CONFIGURATION, listed
from crmresearch.run.request.listing import Entry, read_listing

_NAMED = 5  # reports that a line names; of more it says how many


def update(root: Path, reports: Path, tell: Callable[[str], None]) -> None:
    """Write the index of the folder `reports` where a report or what makes it has changed.

    What the maker of the site should know is told: a report that is damaged and left out, or
    reports that together give people away.
    """
    keys = [key for part in on_site(root, reports) for key in part]
    parts = {"package": manifest.package_digest(), "reports": _digest(reports, keys)}
    if not keys or manifest.is_fresh(reports, parts):
        return
    from crmresearch.report.site import write_site

    for line in write_site(reports, keys):
        tell(line)
    manifest.write(reports, parts, [reports / "index.html"])


def on_site(root: Path, reports: Path) -> tuple[list[str], list[str]]:
    """The reports that stand in the folder: those of ``reports.toml`` in its order, then others."""
    path = root / CONFIGURATION
    entries = read_listing(path) if path.is_file() else []
    found = standing(reports)
    asked = dict.fromkeys(key for entry in entries for key in _held(entry, found))
    return list(asked), [key for key in found if key not in asked]


def _held(entry: Entry, found: Sequence[str]) -> Iterator[str]:
    """The keys of the sorted `found` that are the entry's: they stand together in it."""
    for place in range(bisect_left(found, entry.key), len(found)):
        if not found[place].startswith(entry.key):
            return
        if entry.holds(found[place]):
            yield found[place]


def unlisted(root: Path, reports: Path) -> list[str]:
    """A line that names the reports of the site that ``reports.toml`` does not ask for, if any."""
    _, others = on_site(root, reports)
    # comparisons and changes are made of reports; no listing asks for them by their keys
    keys = [key for key in others if not summary(reports / key).get("kind")]
    named = listed(keys, _NAMED)
    return [f"also on the site, not in {CONFIGURATION}: {named}"] if keys else []


def _digest(reports: Path, keys: Sequence[str]) -> str:
    """One hash of the summaries of the reports `keys`; one that cannot be read counts as such."""
    found = []
    for key in keys:
        try:
            found.append((key, manifest.file_hash(reports / key / "report.json")))
        except OSError as error:
            found.append((key, type(error).__name__))
    return manifest.digest(found)
