"""How sure a published standard error is: its degrees of freedom, as the method's words tell them.

An estimate is published with its interval and, in words, with how that was made: ``t interval, 9
df``, ``cluster-robust (10 clusters)``. Where people came in ten stores, ten numbers tell how much
stores vary, however many people answered; a comparison that forgets it finds differences where
none are. Where the words tell no number, the report's clusters or the answers less one are taken.
"""

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from crmresearch.report.estimates import Estimate

_DF = re.compile(r"\b(?:t interval|linearised variance), (\d[\d,]*) df|\bt\((\d[\d,]*)\)")
_UNITS = re.compile(
    r"(?:cluster-robust(?: errors)? \(|errors, )(\d[\d,]*) clusters?\b"
    r"|(\d[\d,]*) (?:random groups of|groups of usual size)"
    r"|(\d[\d,]*) \w+(?: with several parts as clusters| by shrunken mean|, simulated from)"
    r"|(?:ratio of totals|jackknife) over (\d[\d,]*) "
)  # as the methods put it: labels stand among the words, such as "holds 2 accounts"
_STUDENT = re.compile(
    r"\bt interval|, linearised variance, \d|\bt\([\d,]+\)|cluster-robust|linearised errors"
    r"|parts as clusters|\bHC[0-3]\b"
)
_CLUSTERED = re.compile(
    r"clustered|cluster-robust|between clusters|errors, [\d,]+ clusters|parts as clusters"
    r"|(?:of|over) (?:accounts|branch|person)"
)
_KNOWN = re.compile(r"Wilson interval|Clopper|exact binomial")  # a share tells its own error


@lru_cache(maxsize=100_000)
def _told(method: str) -> tuple[float, bool, bool]:
    """The degrees of freedom in a method's words (NaN: none), whether t made it, and clusters."""
    student, clustered = bool(_STUDENT.search(method)), bool(_CLUSTERED.search(method))
    if found := _DF.search(method):
        return _number(found[found.lastindex]), student, clustered
    if found := _UNITS.search(method):
        return _number(found[found.lastindex]) - 1, student, clustered
    if _KNOWN.search(method) and not clustered:
        return math.inf, False, False
    return math.nan, student, clustered


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def of_clusters(estimates: Iterable[Estimate]) -> float:
    """The most degrees of freedom that a report tells of its clusters; infinite without any."""
    found = [_told(item.method) for item in estimates]
    return max((df for df, _, clustered in found if clustered and df == df), default=math.inf)


def of(item: Estimate, clusters: float) -> tuple[float, bool]:
    """Degrees of freedom of an estimate's error, at least 1, and whether t made its interval.

    Parameters
    ----------
    item : an estimate with an interval
    clusters : what `of_clusters` says of its report; taken where the method has clusters but does
        not tell how many. Otherwise there are as many answers, less one, as the estimate is of.
    """
    df, student, clustered = _told(item.method)
    if df != df:
        df = min(item.n - 1, clusters) if clustered else item.n - 1
    return max(float(df), 1.0), student
