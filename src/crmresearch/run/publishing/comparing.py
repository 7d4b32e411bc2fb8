"""Comparisons on the site: made when asked for, and made again when their reports have changed.

An entry of ``reports.toml`` that makes several reports of one study, a brand or a file each, gets a
comparison of them by itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from crmresearch.errors import RequestError, UserError
from crmresearch.report.entries import COMPARISON, standing, summary
from crmresearch.run import manifest
from crmresearch.run.project import did_you_mean, find_root, listed, shown
from crmresearch.run.publishing import site_index
from crmresearch.run.publishing.publish import check_place, locked, publish, staging
from crmresearch.run.request.jobs import LONGEST, NAMED, checked_key
from crmresearch.run.request.listing import Entry, read_listing

READ = ("report.json", "estimates.csv", "findings.json")  # of each report, what is compared


def compare(
    keys: Sequence[str],
    *,
    study: str = "",
    by: str = "",
    reports: Path | None = None,
    name: str = "",
    tell: Callable[[str], None],
) -> tuple[Path, list[str]]:
    """Compare published reports of one study, and publish the comparison beside them.

    Parameters
    ----------
    keys : the reports; none for all of `study`
    by : which part the reports are listed by first; with `study`, only reports of such a part
    reports : the folder of the site; the project's unless given
    name : the comparison's own key; ``compare-<study>`` unless given
    tell : told what the maker of the site should know

    Returns
    -------
    The page, and what it says in brief.
    """
    site = (reports or find_root() / "reports").resolve()
    known = dict(_reports(site))
    chosen = _chosen(known, keys, study, by)
    name = checked_key(name or f"compare-{study or known[chosen[0]]['study']}"[:LONGEST])
    if name in known:
        raise RequestError(
            f"{shown(name)} is a report, which a comparison must not replace. Name the comparison "
            "otherwise with -o."
        )
    with locked(site):
        said = _make(site, name, chosen, by)
        site_index.update(find_root(), site, tell)
    return site / name / "index.html", said


def refresh(site: Path, listing: Path, tell: Callable[[str], None]) -> None:
    """Make the comparisons that `listing` asks for, and those that stand, where they are stale.

    Call it only while holding the lock of `site`. What cannot be compared is told, and the rest
    still made.
    """
    known = dict(_reports(site))
    entries = read_listing(listing) if listing.is_file() else []
    wanted = {
        item["key"]: ([str(key) for key in item["keys"]], item["by"]) for item in _standing(site)
    } | {name: (members, "") for entry in entries for name, members in _members(entry, known)}
    for name, (keys, by) in wanted.items():
        chosen = [key for key in keys if key in known]
        if len(chosen) < 2 or manifest.is_fresh(site / name, _parts(site, chosen, by)):
            continue
        try:
            _make(site, name, chosen, by)
        except UserError as error:
            tell(f"{name}: not compared. {error}")
        else:
            tell(f"{name}: published")


def names(entry: Entry) -> list[str]:
    """The keys of the comparisons that an entry gets; none where its reports share their data."""
    if entry.varies or not (entry.by or entry.names_datasets):
        return []
    return [_name(entry, study) for study in entry.studies]


def _name(entry: Entry, study: str) -> str:
    words = [entry.key, *([study] if len(entry.studies) > 1 else [])]
    return f"compare-{'-'.join(words)}"[:LONGEST].strip("-")


def _members(entry: Entry, known: Mapping[str, Mapping]) -> Iterator[tuple[str, list[str]]]:
    """The comparisons of an entry with the reports on the site that they are of."""
    if not names(entry):
        return
    for study in entry.studies:
        members = [
            key for key, item in known.items() if entry.holds(key) and item["study"] == study
        ]
        if len(members) > 1:
            yield _name(entry, study), members


def _chosen(known: Mapping[str, Mapping], keys: Sequence[str], study: str, by: str) -> list[str]:
    if keys and study:
        raise RequestError("name the reports by their keys or by --study, not by both.")
    if not keys and not study:
        raise RequestError("name the keys of several reports of one study, or --study STUDY.")
    has = listed(list(known), NAMED, " …")
    unknown = [
        f"there is no report {shown(key)}.{did_you_mean(key, known)} There are: {has or 'none'}."
        for key in keys
        if key not in known
    ]
    if unknown:
        raise RequestError("\n".join(unknown))
    found = list(dict.fromkeys(keys)) or [
        key for key, item in known.items() if item["study"] == study
    ]
    if not found:
        studies = list(dict.fromkeys(item["study"] for item in known.values()))
        raise RequestError(
            f"there is no report of the study {shown(study)}.{did_you_mean(study, studies)} "
            f"There are reports of: {', '.join(studies) or 'none'}."
        )
    parts = {name for key in found for name in known[key]["part"]}
    if by and by not in parts:
        raise RequestError(
            f"none of these reports is of a part by {shown(by)}.{did_you_mean(by, parts)} "
            f"They are parts by: {', '.join(sorted(parts)) or 'nothing'}."
        )
    return [key for key in found if keys or not by or by in known[key]["part"]]


def _make(site: Path, name: str, keys: Sequence[str], by: str) -> list[str]:
    """Make the comparison and put it in place; returns what it says in brief."""
    from crmresearch.compare.writing import found_in, write

    check_place(site, name)
    parts = _parts(site, keys, by)
    folder = staging(site, name)
    found = found_in(site, keys, by=by)
    versions = ", ".join(f"{library} {number}" for library, number in manifest.versions().items())
    provenance = {
        "Made from": "report.json, estimates.csv and findings.json of each report",
        "SHA-256 of these files": manifest.digest(parts["reports"]),
        "SHA-256 of the package": parts["package"],
        "Versions": versions,
    }
    written = write(found, folder, key=name, provenance=provenance)
    manifest.write(folder, parts)
    publish(site, name)
    return [line["sentence"] for line in written["brief"]]


def _parts(site: Path, keys: Sequence[str], by: str) -> dict:
    """What a comparison is made from."""
    return {
        "package": manifest.package_digest(),
        "versions": manifest.versions(),
        "by": by,
        "reports": {key: manifest.files_digest(_read_of(site, key)) for key in keys},
    }


def _read_of(site: Path, key: str) -> list[Path]:
    """The files of a report that are compared and are there; a missing one is told when read."""
    return [path for path in (site / key / name for name in READ) if path.is_file()]


def _reports(site: Path) -> Iterator[tuple[str, dict]]:
    """The reports of a site by key, with their study and part; comparisons are none."""
    for key in standing(site):
        content = summary(site / key)
        if not content.get("kind") and isinstance(content.get("study"), str):
            part = content.get("part")
            yield key, {"study": content["study"], "part": part if isinstance(part, dict) else {}}


def _standing(site: Path) -> Iterator[dict]:
    """The comparisons of a site: of which reports each is, and by what."""
    for key in standing(site):
        content = summary(site / key)
        reports = content.get("reports")
        if content.get("kind") == COMPARISON and isinstance(reports, list):
            keys = [item.get("key") for item in reports if isinstance(item, dict)]
            yield {"key": key, "keys": keys, "by": str(content.get("by") or "")}
