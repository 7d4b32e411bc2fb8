"""Placing new respondents by a saved model, one line each: for mailing lists, never for a report.

The model is frozen, shares included: a respondent's probabilities depend on his own answers alone.
Missing answers are left out of the likelihood (full information). Respondents with the same answers
have the same line, so that a million of them cost what their different answers do.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.frozen import asked
from crmresearch.archetypes.patterns import collapse
from crmresearch.archetypes.saved_model import SavedModel
from crmresearch.data.survey import Survey
from crmresearch.report.downloads import plain_text
from crmresearch.report.numbers import count

ROLES = ("id", "person", "account", "wave")  # that tell whom a line is of
WARNING = (
    "The likeliest type is wrong for some, so that groups made from it understate how types "
    "differ: compare types with the archetypes study, and use these lines to reach people."
)
_DIGITS = 6
_PLAIN = re.compile(r"(?:\w[\w .:/-]*)?", re.ASCII)  # text that is its own cell
_TOGETHER = 100_000  # lines that are written at once


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Respondents as a saved model sees them.

    Parameters
    ----------
    identities : columns that tell whom a line is of, by name, each (n,) texts
    row : (n,) pattern of each respondent, -1 without an answer
    chances : (G, K) probability of each type for each pattern
    answered : (G,) indicators that were answered
    """

    saved: SavedModel
    identities: dict[str, np.ndarray]
    row: np.ndarray
    chances: np.ndarray
    answered: np.ndarray

    @property
    def certainty(self) -> float:
        """Mean probability of the likeliest type among those placed; NaN where nobody is."""
        placed = self.row[self.row >= 0]
        return float(self.chances.max(axis=1)[placed].mean()) if len(placed) else float("nan")


def score(survey: Survey, saved: SavedModel) -> Scores:
    """The probabilities of the types of `saved` for every respondent.

    Raises
    ------
    DataError
        With every indicator that the data lack and every answer that the model does not know, or
        where nobody answered any of them.
    """
    answers, _ = asked(survey, saved)
    patterns = collapse(answers, like=saved.patterns)
    columns = [
        item.variable
        for item in survey.codebook.values()
        if set(item.roles).intersection(ROLES) and item.variable in survey.answers
    ]
    return Scores(
        saved=saved,
        identities={
            name: survey.answers[name].astype("string").fillna("").to_numpy(object)
            for name in columns
        },
        row=patterns.row,
        chances=posterior(patterns, saved.shares, saved.probs)[1],
        answered=patterns.answered.sum(axis=1),
    )


def lines(scores: Scores) -> Iterator[str]:
    """The file, some lines at a time: whose they are, answers given, likeliest type, all chances.

    ``row`` counts the respondents from 1 in the order of the data. A text that a spreadsheet would
    take for a formula has an apostrophe before it. Nobody is placed who answered no indicator.
    """
    labels = scores.saved.labels
    header = ["row", *scores.identities, "answered", "type", "probability"]
    yield _csv([[*header, *(f"probability of {label}" for label in labels)]])
    told = [_csv([row])[:-1] for row in _patterns(scores)]
    told.append(_csv([["0", *[""] * (len(labels) + 2)]])[:-1])
    cells = [_cells(values) for values in scores.identities.values()]
    size = len(scores.row)
    for first in range(0, size, _TOGETHER):
        rows = range(first, min(first + _TOGETHER, size))
        whose = zip(*(column[rows.start : rows.stop] for column in cells), strict=True)
        names = (",".join(part) + "," for part in whose) if cells else ("" for _ in rows)
        yield "".join(
            f"{at + 1},{name}{told[scores.row[at]]}\n" for at, name in zip(rows, names, strict=True)
        )


def summary(scores: Scores) -> str:
    """What was placed and how surely, and what the likeliest type is not good for."""
    placed = int((scores.row >= 0).sum())
    text = f"{count(placed, 'respondent')} placed in {count(len(scores.saved.labels), 'type')}"
    if placed < len(scores.row):
        text += f", {len(scores.row) - placed:,} without an answer to any indicator not placed"
    if placed:
        text += f"; the likeliest type has a mean probability of {scores.certainty:.2f}"
    return f"{text}. {WARNING}"


def _patterns(scores: Scores) -> Iterator[list[str]]:
    """What stands in the lines of the respondents of each pattern."""
    best = scores.chances.argmax(axis=1)
    for chances, most, answered in zip(scores.chances, best, scores.answered, strict=True):
        numbers = [f"{chance:.{_DIGITS}f}" for chance in chances]
        yield [str(answered), plain_text(scores.saved.labels[most]), numbers[most], *numbers]


def _cells(values: np.ndarray) -> list[str]:
    """Texts as cells of a CSV file; most need nothing done to them."""
    return [
        text if _PLAIN.fullmatch(text) else _csv([[plain_text(text), ""]])[:-2] for text in values
    ]


def _csv(rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()
