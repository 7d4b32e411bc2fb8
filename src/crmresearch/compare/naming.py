"""What the reports of a comparison are called, and the one order in which all exhibits list them.

Reports of parts of the data are called by what tells their parts apart, others by their data or
title; the order is that of the parts' names.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crmresearch.compare.reports import Report
from crmresearch.report.groups import natural


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """The reports in their order.

    Parameters
    ----------
    reports, labels : one a report; no two labels are alike
    apart : the names of what tells the parts apart, such as Brand and Wave; empty for reports that
        are not of parts
    common : what all parts have in common, name to label
    by : the name that was asked to come first, if any
    """

    reports: tuple[Report, ...]
    labels: tuple[str, ...]
    apart: tuple[str, ...]
    common: dict[str, str]
    by: str

    @property
    def min_cell(self) -> int:
        """The largest of the reports' smallest cells, which holds for the comparison too."""
        return max(item.min_cell for item in self.reports)

    @property
    def n(self) -> int | None:
        """How many people the reports are of; None where one does not say, or some count twice."""
        known = [item.n for item in self.reports]
        again = any(item.wave.get("again") for item in self.reports)
        return None if again or None in known else sum(known)

    @property
    def what(self) -> str:
        """What is compared, in the plural: ``reports by brand and wave``, or just ``reports``."""
        return f"reports by {' and '.join(self.apart)}" if self.apart else "reports"


def line_up(reports: Sequence[Report], *, by: str = "") -> Lineup:
    """The reports in order; first by the part `by`, which is one of the names of their parts."""
    names = list(dict.fromkeys(name for item in reports for name in item.part))
    values = {name: {item.part.get(name) for item in reports} for name in names}
    apart = tuple(sorted((x for x in names if len(values[x]) > 1), key=lambda name: name != by))
    common = {name: next(iter(found)) for name, found in values.items() if name not in apart}
    labels = dict(zip((item.key for item in reports), _labels(reports, apart), strict=True))
    ordered = sorted(
        reports,
        key=lambda item: (
            [natural(item.part.get(name, "")) for name in apart],
            natural(labels[item.key]),
        ),
    )
    return Lineup(
        reports=tuple(ordered),
        labels=tuple(labels[item.key] for item in ordered),
        apart=apart,
        common=common,
        by=by,
    )


def _labels(reports: Sequence[Report], apart: Sequence[str]) -> list[str]:
    found = [
        ", ".join(item.part[name] for name in apart if name in item.part) or item.data or item.title
        for item in reports
    ]
    times = Counter(found)
    if apart or len(times) == len(found):
        return [
            label if times[label] == 1 else f"{label} ({item.key})"
            for label, item in zip(found, reports, strict=True)
        ]
    titles = Counter(item.title for item in reports)
    return [
        item.title if titles[item.title] == 1 else f"{item.title} ({item.key})" for item in reports
    ]
