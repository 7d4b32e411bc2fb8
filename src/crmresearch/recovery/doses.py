"""What complainers may have had more or less of: good handling, or time until the answer."""

from dataclasses import dataclass, field

import numpy as np

from crmresearch.recovery.cases import Cases
from crmresearch.report.estimates import NAN


@dataclass(frozen=True, slots=True)
class Dose:
    """What there may be more or less of: ``handling`` or ``response_time``.

    `low` and `high` are the ends of its scale, NaN without one; `rising` says whether more is
    better.
    """

    key: str
    name: str
    values: np.ndarray = field(repr=False)
    unit: str
    rising: bool
    low: float = NAN
    high: float = NAN


def handling(cases: Cases) -> Dose | None:
    """How well complainers found the complaint handled, on its own scale; None where not asked."""
    if not cases.has("handling"):
        return None
    answers = cases.answers
    first = answers.variables("recovery_satisfaction")[0]
    score = answers.score("recovery_satisfaction")
    low = score.min() if first.low is None else first.low
    high = score.max() if first.high is None else first.high
    values = (low + cases.frame["handling"] * (high - low)).to_numpy()
    return Dose("handling", "handling", values, "scale points", True, float(low), float(high))


def response_time(cases: Cases) -> Dose | None:
    """How long the answer to the complaint took, in the unit of the data; None without."""
    if "response_time" not in cases.answers.roles or not cases.has("complained"):
        return None
    time = cases.answers.score("response_time").where(cases.frame["complained"] == 1)
    name = cases.answers.label("response_time")
    return Dose("response_time", name, time.to_numpy(), "number", False)
