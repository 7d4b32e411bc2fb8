"""People who were placed in two waves that follow each other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.panel import consecutive


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """People placed in two waves that follow each other.

    Parameters
    ----------
    earlier, later : (pairs,) rows of the survey
    weight : (n,) weight of the pair at its later row, adding up to 1; 0 in other rows
    twice, alone : people who were placed in two waves that follow each other, and who were not
    """

    earlier: np.ndarray
    later: np.ndarray
    weight: np.ndarray
    twice: int
    alone: int


def read_pairs(types: Types, survey: Survey) -> Pairs | None:
    """Who was placed twice; None without the roles person and wave, or where nobody was."""
    if not {"person", "wave"} <= survey.roles:
        return None
    person = people(survey)
    wave = survey.items("wave").iloc[:, 0].astype("category").cat.codes.to_numpy(copy=True)
    heavy = types.indicators.design.row_weights()
    placed = (types.of_row >= 0) & (heavy > 0)
    wave[~placed] = -1
    earlier, later = consecutive(np.where(person < 0, np.nan, person), wave)
    if not len(later):
        return None
    weight = np.zeros(len(wave))
    weight[later] = heavy[later] / heavy[later].sum()
    known = placed & (wave >= 0) & (person >= 0)
    twice = _different(person[later])
    return Pairs(earlier, later, weight, twice, _different(person[known]) - twice)


def people(survey: Survey) -> np.ndarray:
    """(n,) a number for each row's person, -1 where missing; made once."""

    def numbered() -> np.ndarray:
        column = survey.items("person").iloc[:, 0]
        codes, names = pd.factorize(column)
        return np.where(np.append(names == "", True)[codes], -1, codes)

    return survey.once("archetypes.people", numbered)


def _different(codes: np.ndarray) -> int:
    return int(np.count_nonzero(np.bincount(codes)))
