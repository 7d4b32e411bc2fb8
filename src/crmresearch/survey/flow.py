"""From those invited to those whose answers are counted: what is left after every step."""

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.survey.metrics import headline_measures

COLUMNS = ("Step", "People", "Share of the step before")
FEWEST = 3  # steps up to the rows read; fewer are told by the data sheet
LEFT_OUT = ", left out"  # ends the label of a step that counts those it removed


def steps(survey: Survey) -> pd.DataFrame:
    """The counts of the sample flow, each with its share of the step before.

    Counts of a list of people are no estimates and have no intervals. Rows left out when the file
    was read are not a step: the next one counts who is left.

    Returns
    -------
    Columns ``Step``, ``People`` and ``Share of the step before`` (0 to 1, NaN for the first).
    Empty where fewer than three steps up to the respondents are known.
    """
    known = {name: n for name, n in survey.flow.items() if not name.endswith(LEFT_OUT)}
    if len(known) < FEWEST:
        return pd.DataFrame(columns=list(COLUMNS))
    counts = known | _counted(survey)
    people = np.array(list(counts.values()), dtype=float)
    before = np.r_[np.nan, people[:-1]]
    shares = np.divide(people, before, out=np.full(len(people), np.nan), where=before > 0)
    return pd.DataFrame(dict(zip(COLUMNS, (list(counts), people.astype(int), shares), strict=True)))


def _counted(survey: Survey) -> dict[str, int]:
    """Respondents with a weight, and those of them who answered the headline measures."""
    base = survey.base_weights()
    weighted = np.ones(len(survey.answers), dtype=bool) if base is None else base > 0
    found = {} if base is None else {"With a weight": int(weighted.sum())}
    answered = [np.isfinite(measure.values) & weighted for measure in headline_measures(survey)]
    if answered:
        found["In a headline measure"] = int(np.logical_or.reduce(answered).sum())
    if len(answered) > 1:
        found["In all headline measures"] = int(np.logical_and.reduce(answered).sum())
    return found
