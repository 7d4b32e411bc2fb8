"""One part of the respondents, such as one brand in one wave: how it is asked for and taken.

``brand = Northwind; wave = 2025`` names roles or variables and an answer to each. The part is taken
from data that have been read, checked and weighted as a whole, and says nothing of the answers of
anybody else: its report stays the same when only these change. Of a wave it is known which share of
its people had answered in an earlier one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.conditions import Condition, asked, variables_named
from crmresearch.data.digests import part_digest
from crmresearch.data.labels import labels_in
from crmresearch.data.part_text import parse, written
from crmresearch.data.part_weights import part_weights
from crmresearch.data.paths import path_faults
from crmresearch.data.problems import quoted
from crmresearch.data.survey import Survey
from crmresearch.data.weighting import crossed
from crmresearch.errors import DataError

__all__ = ["choose", "combinations", "parse", "part_digest", "written"]
_WHOLE = "the whole survey"
_READ = (
    "The whole survey was read and checked, and then this part taken without the questions that "
    "nobody in it answered; `crmresearch check` tells what reading changed."
)

_SPLIT = (
    "Others of the same accounts are not in this part, so that it cannot tell how much of an "
    "account was heard."
)
_OF_ITS_OWN = {"wave", "brand", "industry"}  # roles of which each answer is asked for by itself


def choose(survey: Survey, mapping: Mapping[str, str]) -> Survey:
    """The respondents of `survey` who gave the answers of `mapping`, as a survey of their own.

    The variables that tell the part are taken away, since all in it are alike in them, and so are
    those that nobody in it answered: what a study would do with them is "not in these data". The
    margins of ``about.toml`` are those of everybody: weights are raked before the part is taken.

    Parameters
    ----------
    mapping : role or variable to a label (or code) of the codebook; see `parse`

    Raises
    ------
    RequestError
        With every name that tells no part and every answer that nobody gave.
    DataError
        Where the part has fewer people than a report may be about, or none with a weight.
    """
    if not mapping:
        return survey
    conditions = asked(survey, mapping)
    rows = np.flatnonzero(np.logical_and.reduce([one.met for one in conditions]))
    _refuse_few(survey, conditions, rows)
    gone = {one.item.variable: one.label for one in conditions}
    weights = part_weights(survey, gone, rows)
    columns = survey.once("columns", lambda: _columns(survey.answers))
    answers = {name: column.take(rows) for name, column in columns.items() if name not in gone}
    codebook = dict(survey.codebook)
    if weights:
        answers[weights.item.variable] = weights.values
        codebook[weights.item.variable] = weights.item
    answers = _only_its_own(answers, codebook)
    codebook = {name: item for name, item in codebook.items() if name in answers}
    whole = _whole_accounts(survey, conditions)
    told = _told_by(conditions)
    part = Survey(
        answers=answers,
        codebook=codebook,
        about=_about(survey, conditions, codebook, weights.words if weights else ""),
        changes=(_READ,) if whole else (_READ, _SPLIT),
        flow={"Respondents in this part": len(rows)},
        source=_source(survey, conditions),
        part=told,
        wave=_wave(survey, dict(zip(told, conditions, strict=True))),
        whole_accounts=whole,
    )
    return replace(part, source={**part.source, "sha256": part_digest(part)})


def combinations(survey: Survey, names: Sequence[str]) -> list[tuple[dict[str, str], int]]:
    """The parts that roles or variables divide the respondents into, with how many are in each.

    Those who did not answer one of them are in no part. The order is that of the codebook's labels,
    the first name's first.

    Raises
    ------
    RequestError
        With every name that tells no part.
    """
    labels = [labels_in(survey, item) for item in variables_named(survey, names)]
    known = np.logical_and.reduce([one.codes >= 0 for one in labels])
    cells, table = crossed([one.codes[known] for one in labels])
    counts = np.bincount(cells, minlength=len(table))
    return [
        (
            {name: one.labels[at] for name, one, at in zip(names, labels, row, strict=True)},
            int(n),
        )
        for row, n in zip(table, counts, strict=True)
    ]


def _refuse_few(survey: Survey, conditions: Sequence[Condition], rows: np.ndarray) -> None:
    """Refuse a part of which no report can be made without telling of single people, or at all."""
    least, weights = max(survey.about.min_cell, 1), survey.base_weights()
    part = quoted(written({one.item.variable: one.label for one in conditions}), length=120)
    if len(rows) < least:
        few = f"fewer than {least} respondents" if len(rows) else "no respondents"
        raise DataError(
            f"{survey.about.title}: the part {part} has {few}, and no report is made of so few "
            "(min_cell in about.toml). Take a larger part."
        )
    if weights is not None and not (weights[rows] > 0).any():
        raise DataError(
            f"{survey.about.title}: nobody in the part {part} has a weight above 0. Correct the "
            "weights, or clear the role weight."
        )


def _whole_accounts(survey: Survey, conditions: Sequence[Condition]) -> bool:
    """Whether no account has people on both sides, in the waves and of the brands of the part."""
    accounts = survey.variables("account")
    dividing = [one for one in conditions if not _OF_ITS_OWN.intersection(one.item.roles)]
    if not dividing or not accounts:
        return True
    column = survey.answers[accounts[0].variable]
    codes, names = survey.once("account codes", lambda: pd.factorize(column))
    within = codes >= 0
    for one in conditions:
        if one not in dividing:
            within &= one.met
    inside = np.logical_and.reduce([one.met for one in dividing])
    both = [
        np.bincount(codes[within & side], minlength=len(names)) > 0 for side in (inside, ~inside)
    ]
    return not (both[0] & both[1]).any()


def _wave(survey: Survey, told_by: Mapping[str, Condition]) -> dict[str, str | int | float | None]:
    """Of which wave a part is, see `Survey`; empty where it is of none."""
    for name, one in told_by.items():
        if "wave" in one.item.roles:
            inside = np.logical_and.reduce([item.met for item in told_by.values()])
            place = one.labels.place(one.label)
            earlier = (one.labels.codes >= 0) & (one.labels.codes < place)
            return {"name": name, "place": place, "again": _again(survey, inside, earlier)}
    return {}


def _again(survey: Survey, inside: np.ndarray, earlier: np.ndarray) -> float | None:
    """Up to which share of the people inside had answered earlier; None where nobody is known.

    Later waves do not count: with them every wave would change the reports of those before it. It
    is in whole per cent and counts no fewer people than may be told of, but for none.
    """
    people = survey.variables("person")
    if not people:
        return None
    column = survey.answers[people[0].variable]
    codes, names = survey.once("person codes", lambda: pd.factorize(column))
    now, before = (np.bincount(codes[side & (codes >= 0)], minlength=len(names)) > 0
                   for side in (inside, earlier))  # fmt: skip
    n, both = int(now.sum()), int((now & before).sum())
    return min(math.ceil(100 * max(both, survey.about.min_cell) / n) / 100, 1.0) if both else 0.0


def _told_by(conditions: Sequence[Condition]) -> dict[str, str]:
    """What readers see of the part, under the variables' own names where two are labelled alike."""
    names = [one.item.name for one in conditions]
    if len(set(names)) < len(names):
        names = [one.item.variable for one in conditions]
    return {name: one.label for name, one in zip(names, conditions, strict=True)}


def _columns(answers: pd.DataFrame) -> dict[str, np.ndarray | pd.api.extensions.ExtensionArray]:
    """The cells of each column: taking from these is many times as quick as from the columns."""
    return {
        name: column.array if pd.api.types.is_extension_array_dtype(column) else column.to_numpy()
        for name, column in answers.items()
    }


def _only_its_own(columns: Mapping, codebook: Mapping[str, Variable]) -> pd.DataFrame:
    """Those of `columns` that somebody answered, without unlisted labels that nobody gave."""
    kept = {name: column for name, column in columns.items() if not pd.isna(column).all()}
    for name, column in kept.items():
        if codebook[name].type == "category" and not codebook[name].values:
            kept[name] = column.remove_unused_categories()
    return pd.DataFrame(kept, copy=False)


def _about(
    survey: Survey,
    conditions: Sequence[Condition],
    codebook: Mapping[str, Variable],
    weights: str,
) -> About:
    """The description with the part in its title, and without what is known of everybody only."""
    about = survey.about
    named = [
        one.label if one.item.type == "category" else f"{one.item.name} {one.label}"
        for one in conditions
    ]
    collected, population = (
        text and f"{text} ({_WHOLE})" for text in (about.collected, about.population)
    )
    lost = path_faults(about.paths, codebook, "")
    return replace(
        about,
        title=f"{about.title}: {', '.join(named)}",
        population=population,
        collected=collected,
        weights=" ".join(filter(None, [about.weights, weights])),
        invited=None,
        reached=None,
        file={},
        margins={},
        paths=() if lost else about.paths,
        wave=(),
    )


def _source(survey: Survey, conditions: Sequence[Condition]) -> dict[str, str]:
    """The file's name: of waves in files of their own, that of the wave where one is chosen."""
    waves = {one.label for one in conditions if "wave" in one.item.roles}
    files = [wave.file for wave in survey.about.wave if wave.label in waves]
    file = files[0] if files else survey.source.get("file", "")
    return {"file": file, "whole": survey.source.get("whole") or survey.about.title}
