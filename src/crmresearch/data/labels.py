"""The answers of a variable as places in a short list of labels: what divides people into parts."""

from dataclasses import dataclass

import numpy as np

from crmresearch.data.codebook import Variable
from crmresearch.data.margins import answers_of
from crmresearch.data.numerals import numeric_key
from crmresearch.data.rules import effective_range
from crmresearch.data.survey import Survey

MOST_POINTS = 11  # of a scale that people are divided by
TELLING = frozenset(  # roles that say who a respondent is, or was asked about
    [
        "wave", "brand", "industry", "segment", "channel", "stakeholder", "account", "branch",
        "stratum", "covariate",
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Everybody's answer to one variable.

    Parameters
    ----------
    codes : (n,) int32, place of the answer in `labels`, -1 where there is none
    labels : the answers that there may be, in the codebook's order
    aliases : other texts that stand for an answer, such as its code, to its label
    """

    codes: np.ndarray
    labels: tuple[str, ...]
    aliases: dict[str, str]

    def label(self, text: str) -> str:
        """The label that `text` stands for, itself or as an alias; empty for none."""
        return text if text in self.labels else self.aliases.get(text, "")

    def place(self, label: str) -> int:
        """The code of `label`."""
        return self.labels.index(label)

    def given(self) -> list[str]:
        """The labels that somebody answered."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))
        return [label for label, n in zip(self.labels, counts, strict=True) if n]


def may_divide(item: Variable) -> bool:
    """Whether people can be told apart by a variable: who they are, in a few listed answers.

    Not by what a study finds out of them: among those selected for having complained, the share of
    complainers is no finding.
    """
    return has_few_answers(item) and TELLING.issuperset(item.roles)


def has_few_answers(item: Variable) -> bool:
    """Whether a variable has few answers, all of them known beforehand."""
    if item.type == "scale":
        low, high = effective_range(item)
        return None not in (low, high) and high - low < MOST_POINTS
    return item.type in ("category", "binary")


def labels_in(survey: Survey, item: Variable) -> Labels:
    """The labels of a variable that `may_divide`, made once a survey."""
    return survey.once(f"labels.{item.variable}", lambda: _labels(survey, item))


def _labels(survey: Survey, item: Variable) -> Labels:
    column = survey.answers[item.variable]
    if item.type == "category":
        codes = column.cat.codes.to_numpy().astype(np.int32)
        return Labels(codes, tuple(map(str, column.cat.categories)), answers_of(item))
    low, high = effective_range(item)
    values = column.to_numpy()
    known = ~np.isnan(values)
    codes = np.full(len(values), -1, dtype=np.int32)
    codes[known] = (high - values[known]) if item.reverse else (values[known] - low)
    points = [low + step for step in range(int(high - low) + 1)]
    if item.type == "binary":
        return _binary(item, codes)
    named = {numeric_key(code): names[0] for code, names in item.values.items() if names}
    plain = [f"{point:g}" for point in points]
    labels = [named.get(point, text) for point, text in zip(points, plain, strict=True)]
    if len(set(labels)) < len(labels):  # one is labelled with the number of another
        labels = plain
    return Labels(codes, tuple(labels), dict(zip(plain, labels, strict=True)))


def _binary(item: Variable, codes: np.ndarray) -> Labels:
    """Labels of a binary variable, whose codebook may list yes before no."""
    known = answers_of(item)
    numbers = {
        label: int(numeric_key(code)) for code, label in known.items() if code in item.values
    }
    numbers = numbers or {"1": 1, "0": 0}
    for number in {0, 1} - set(numbers.values()):
        numbers[str(number)] = number
    turn = np.array([list(numbers.values()).index(number) for number in (0, 1)] + [-1], np.int32)
    return Labels(turn[codes], tuple(numbers), known)
