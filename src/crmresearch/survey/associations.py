"""How closely satisfaction, recommendation, effort and loyalty go together."""

from itertools import combinations

from crmresearch.data.survey import Survey
from crmresearch.methods.association import correlation
from crmresearch.report.estimates import Estimate
from crmresearch.survey.sample import WORDS, sampling

MEASURES = ("satisfaction", "recommend", "effort", "loyalty", "word_of_mouth")


def correlations(survey: Survey, *, level: float = 0.95) -> list[Estimate]:
    """Correlation of every pair of measures: ``correlation.satisfaction.loyalty``.

    All were answered in one sitting by one person, which by itself makes them agree; and an
    unreliable scale correlates less than what it measures does.
    """
    basis = sampling(survey)
    present = [role for role in MEASURES if role in survey.roles]
    found = [
        correlation(
            survey.score(first).to_numpy(),
            survey.score(second).to_numpy(),
            key=f"correlation.{first}.{second}",
            name=f"{WORDS[first]} and {WORDS[second]}",
            design=basis,
            level=level,
        )
        for first, second in combinations(present, 2)
    ]
    return [item for item in found if item.value == item.value]
