"""What befalls the reports of a build, told alike to the person who waits and to the run log."""

from dataclasses import dataclass, field

from crmresearch.run.kernels.limits import Used

STARTED = "started"
RETRIED = "retried"
PUBLISHED = "published"
UNCHANGED = "unchanged"
FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that befell a report.

    Parameters
    ----------
    name : what befell it, one of the names above
    key, study, part : the report, its notebook and the part of the data that it is of
    attempt : which try it was, from 1; 0 where nothing was run
    seconds : what this try took, from its start to the report's being in place
    reason : why it failed or is tried again: the kind of error and the cell, never its text
    made_from : the hash of all that the report was made from
    """

    name: str
    key: str
    study: str = ""
    part: str = ""
    attempt: int = 0
    seconds: float | None = None
    used: Used = field(default_factory=Used)
    reason: str = ""
    made_from: str = ""
