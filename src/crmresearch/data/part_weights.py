"""Weights of a part of the respondents, where they are raked to margins of the population."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from crmresearch.data.codebook import Variable
from crmresearch.data.labels import labels_in
from crmresearch.data.problems import listed
from crmresearch.data.survey import Survey


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWeights:
    """The variable that holds them, its answers in the part, and what the data sheet says."""

    item: Variable
    values: np.ndarray
    words: str


def part_weights(survey: Survey, chosen: Mapping[str, str], rows: np.ndarray) -> PartWeights | None:
    """The raked weights of the part's `rows`; None where the dataset declares no margins.

    The margins describe everybody, so everybody is raked and the part keeps its weights (domain
    estimation). A wave is raked by itself, as ever: where one is chosen, its weights do not depend
    on the others, to the last digit. The part takes the weights as given.

    Parameters
    ----------
    chosen : the variables that tell the part, to the answer of all in it
    rows : places of the part's people in `survey`
    """
    if not survey.about.margins:
        return None
    waves = [item for item in survey.variables("wave") if item.variable in chosen]
    sample, of = survey, "of all respondents"
    if waves:
        label = chosen[waves[0].variable]
        codes = labels_in(survey, waves[0])
        inside = np.flatnonzero(codes.codes == codes.place(label))
        sample = survey.once(f"sample.{label}", lambda: _wave(survey, inside))
        rows, of = np.searchsorted(inside, rows), "of all respondents of this wave"
    raking = sample.raking()
    if raking is None:
        return None
    names = [sample.codebook[name].name for name in sample.about.margins]
    words = (
        f"The weights {of} were raked to the population's shares of: {listed(names)} (who did not "
        "answer one is a group that keeps its share); this part keeps the weights of its people, "
        "which the intervals take as given."
    )
    return PartWeights(item=_variable(survey), values=raking.weights[rows], words=words)


def _wave(survey: Survey, inside: np.ndarray) -> Survey:
    """One wave as a sample of its own, with the margins that it asked about."""
    needed = [item.variable for role in ("weight", "wave") for item in survey.variables(role)]
    columns = dict.fromkeys([*survey.about.margins, *needed])
    answers = survey.answers[list(columns)].take(inside).reset_index(drop=True)
    margins = {
        name: shares for name, shares in survey.about.margins.items() if answers[name].notna().any()
    }
    codebook = {name: survey.codebook[name] for name in columns}
    about = replace(survey.about, margins=margins)
    return Survey(answers=answers, codebook=codebook, about=about)


def _variable(survey: Survey) -> Variable:
    """The weight's variable, in whose place the raked weights stand, or a new one."""
    for item in survey.variables("weight"):
        return replace(item, low=None, high=None, values={}, missing=())
    name = "weight"
    while name in survey.codebook:
        name += "_"
    return Variable(variable=name, label="Weight", type="number", roles=("weight",))
