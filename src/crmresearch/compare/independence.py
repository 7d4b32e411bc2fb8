"""Whether the reports are of different people, which every comparison of them supposes.

Reports of the same people are refused where that can be told from what is published: two reports of
the same data, of the whole and a part of it, or of parts that are told by different questions and
so overlap. Parts of one dataset by one question are of different answers; but one person may have
answered in two waves, and people of one account may stand in several parts. That cannot be told
from the reports alone, and is a caveat.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from crmresearch.compare.naming import Lineup
from crmresearch.compare.reports import Report
from crmresearch.errors import RequestError
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count

TOLD = 5  # pairs of reports that an error names


def refuse_overlap(reports: Sequence[Report]) -> None:
    """Refuse reports that are known to share people.

    Raises
    ------
    RequestError
        With the first pairs found, why they overlap, and what to name instead.
    """
    datasets: dict[str, list[Report]] = defaultdict(list)
    for item in reports:
        datasets[item.dataset].append(item)
    hashes: dict[str, list[Report]] = defaultdict(list)
    for item in reports:
        if item.data_sha256:
            hashes[item.data_sha256].append(item)
    problems = {
        (one.key, other.key): f"{one.key} and {other.key}: both are of the same answers"
        for same in hashes.values()
        for one, other in combinations(same, 2)
    }
    for same in datasets.values():
        for one, other in combinations(same, 2):
            if not apart(one, other) and (why := _overlap(one, other)):
                problems.setdefault((one.key, other.key), f"{one.key} and {other.key}: {why}")
    if problems:
        lines = [f"\n  {text}." for text in list(problems.values())[:TOLD]]
        more = f"\n  … and {len(problems) - TOLD} more." if len(problems) > TOLD else ""
        raise RequestError(
            f"{count(len(problems), 'pair')} of these reports share people, and a comparison "
            f"takes them for different ones:{''.join(lines)}{more}\nName reports of different "
            "data, or of parts that one question tells apart, such as one report a brand."
        )


def apart(one: Report, other: Report) -> bool:
    """Whether two parts of one dataset are told apart by a question that both are parts by."""
    return any(other.part.get(name, label) != label for name, label in one.part.items())


def _overlap(one: Report, other: Report) -> str:
    """Why two reports of one dataset share people; empty where that cannot be told."""
    if one.part and other.part:
        return f"the parts {_told(one)} and {_told(other)} can overlap"
    if one.part or other.part:
        return "one is of a part of the data of the other"
    return ""  # of two files of one title


def _told(item: Report) -> str:
    return "; ".join(f"{name}: {label}" for name, label in item.part.items())


def caveats(lineup: Lineup) -> list[Caveat]:
    """What may keep the reports from being of different people though their parts are."""
    datasets: dict[str, list[Report]] = defaultdict(list)
    for item in lineup.reports:
        datasets[item.dataset].append(item)
    shared = [items for items in datasets.values() if len(items) > 1]
    found = []
    if who := _again(shared):
        found.append(
            Caveat(
                key="compare.panel",
                text=f"{who} The answers of one person go together, so that where people answered "
                "twice the intervals of differences between waves are as a rule wider than they "
                "need be and miss changes that are there, while those of pooled means are too "
                "narrow. The survey study of all waves together tells change within people.",
            )
        )
    if any(_clustered(item) for items in shared for item in items):
        found.append(
            Caveat(
                key="compare.clusters",
                text="People of one cluster, such as an account, may stand in several of these "
                "reports. Every report allows for its own clusters but the comparison takes the "
                "reports for independent: intervals of differences then tend to be too wide, and "
                "those of pooled means too narrow.",
            )
        )
    return found


def _again(shared: Sequence[Sequence[Report]]) -> str:
    """Who may have answered in several waves, in words; empty where nobody did."""
    waves = [item.wave for items in shared for item in items if item.wave]
    told = [wave["again"] for wave in waves if wave["again"] is not None]
    if told and max(told) > 0:
        return (
            f"The waves share people: up to {max(told):.0%} of the people of a wave had answered "
            "in an earlier one."
        )
    if any(item.design == "panel" for items in shared for item in items):
        return "The data are of a panel: the same people may have answered in several reports."
    if len({wave["place"] for wave in waves}) > 1 and len(told) < len(waves):
        return "The data do not tell whether the same people answered in several waves."
    return ""


def _clustered(item: Report) -> bool:
    return any(
        "clustered" in x.method or "cluster-robust" in x.method for x in item.estimates.values()
    )
