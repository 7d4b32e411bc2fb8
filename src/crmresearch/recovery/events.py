"""What happened to each customer: from what was answered to steps that follow from one another.

A step is 1, 0, or NaN where it was not asked or answered. The answers of one customer need not
agree; the rules are these.

- Without a problem nothing was noticed, and nobody complained; without a complaint nothing was
  answered or resolved. Whether there was a problem or complaint being unknown, so is what follows.
- Nobody complains of what he did not notice: a complaint about a problem that "was not noticed"
  shows that it was. A complaint that "was not answered" but was resolved was answered by that.
- A problem that was not noticed, where nothing was asked of a complaint, was not complained of, and
  a complaint that was not answered, where nothing was asked of its resolution, was not resolved.
- What is unknown stays so: a later step does not fill in an earlier one that was not answered,
  since only the yes could be filled in, and shares would rise by the filling.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey

EVENTS = ("problem", "noticed", "complained", "answered", "resolved")
AFTER = {"problem": EVENTS[1:], "complained": EVENTS[3:]}  # steps that a no rules out
SHOWN_BY = {"noticed": "complained", "answered": "resolved"}  # a yes that shows the earlier one
AGAINST = {"problem": "complained", "complained": "resolved"} | SHOWN_BY
CONTRADICTIONS = {
    "problem": "complained without having had a problem, taken as no complaint",
    "noticed": "complained of a problem that they did not notice, taken as noticed",
    "complained": "had a complaint resolved that they did not make, taken as no complaint",
    "answered": "had a complaint resolved that was not answered, taken as answered",
}
NO_PROBLEM = "no problem"
NO_COMPLAINT = "no complaint"
PATHS = (
    NO_PROBLEM,
    NO_COMPLAINT,
    "problem",
    "unnoticed",
    "silent",
    "complained",
    "unresolved",
    "resolved",
    "delighted",
)


def events_of(answers: Survey) -> tuple[dict[str, np.ndarray], Mapping[str, int]]:
    """Each event that was asked, (n,), made to agree, and how many customers' did not.

    Returns
    -------
    The events, and the number of customers by key of `CONTRADICTIONS`; only those above 0.
    """
    events = {name: answers.score(name).to_numpy() for name in EVENTS if name in answers.roles}
    found = {}
    for event in events:
        no, later = events[event] == 0, AGAINST.get(event)
        if later in events:
            found[event] = int((no & (events[later] == 1)).sum())
        if event in SHOWN_BY and later in events:
            events[later] = np.where(no & np.isnan(events[later]), 0.0, events[later])
            events[event] = np.where(no & (events[later] == 1), 1.0, events[event])
        unknown = np.isnan(events[event])
        for name in AFTER.get(event, ()):
            if name in events:
                events[name] = np.where(no, 0.0, np.where(unknown, np.nan, events[name]))
    return events, {event: number for event, number in found.items() if number}


def handling(
    events: Mapping[str, np.ndarray], answers: Survey, delight: float
) -> dict[str, np.ndarray]:
    """How far complainers liked the handling: ``handling``, ``satisfied`` and ``delighted``."""
    if "recovery_satisfaction" not in answers.roles or "complained" not in events:
        return {}
    first = answers.variables("recovery_satisfaction")[0]
    score = answers.score("recovery_satisfaction")
    low = first.low if first.low is not None else score.min()
    high = first.high if first.high is not None else score.max()
    complained = events["complained"]
    reached = np.where(complained == 1, (score.to_numpy() - low) / (high - low), np.nan)

    def above(bar: np.ndarray) -> np.ndarray:
        return np.where(complained == 0, 0.0, np.where(np.isnan(reached), np.nan, bar))

    return {
        "handling": reached,
        "satisfied": above(reached > 0.5),
        "delighted": above(reached >= delight - 1e-9),
    }


def paths_of(frame: pd.DataFrame) -> pd.Series:
    """The most specific path that each customer's answers allow to tell.

    Where handling was asked, a complainer who was delighted is on that path whether or not the
    complaint was resolved; a complainer whose resolution is unknown has no path where others' is,
    nor has a customer with a problem who did not complain and may not have noticed.
    """
    path = np.full(len(frame), -1)
    event = {name: frame[name].to_numpy() for name in frame}
    if "problem" in frame:
        path[event["problem"] == 0] = PATHS.index(NO_PROBLEM)
        if "complained" not in frame:
            path[event["problem"] == 1] = PATHS.index("problem")
    if "complained" in frame:
        silent = event["complained"] == 0
        if "problem" in frame:
            path[silent & (event["problem"] == 1)] = PATHS.index("silent")
        else:
            path[silent] = PATHS.index(NO_COMPLAINT)
        voiced = event["complained"] == 1
        if "resolved" in frame:
            path[voiced & (event["resolved"] == 0)] = PATHS.index("unresolved")
            path[voiced & (event["resolved"] == 1)] = PATHS.index("resolved")
        else:
            path[voiced] = PATHS.index("complained")
        if "delighted" in frame:
            path[voiced & (event["delighted"] == 1)] = PATHS.index("delighted")
    if {"problem", "noticed"} <= set(frame):
        path[(event["problem"] == 1) & (event["noticed"] == 0)] = PATHS.index("unnoticed")
        unsure = (path == PATHS.index("silent")) | (path == PATHS.index("problem"))
        path[unsure & np.isnan(event["noticed"])] = -1
    found = pd.Categorical.from_codes(path, PATHS, ordered=True).remove_unused_categories()
    return pd.Series(found, index=frame.index)
