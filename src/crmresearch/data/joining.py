"""Join the waves of a dataset: one row a respondent, one column a variable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crmresearch.data.agreement import united
from crmresearch.data.codebook import Variable
from crmresearch.data.parts import Part
from crmresearch.data.problems import Problem, counted, listed, quoted

NAME = "wave"  # of the variable that is added where the files have none
_UNEVEN = 2.0  # times that the mean weight of one wave may be that of another without a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The answers of all waves, one below the other, with their codebook."""

    answers: dict[str, pd.Series]
    codebook: dict[str, Variable]
    sound: frozenset[str]
    problems: list[Problem]
    changes: list[str]
    flow: dict[str, int]


def join(parts: Sequence[Part], book: Mapping[str, Variable]) -> Joined:
    """One set of answers out of `parts`, described by `book`, the codebook of all waves.

    A variable that a wave does not have is missing there. Every column of a part is given up
    when it has been joined, so that the answers stand twice in memory a column at a time.
    """
    wave, problems = _wave(parts, book)
    names = [name for name in book if any(name in part.answers for part in parts)]
    names = [wave.variable, *(name for name in names if name != wave.variable)]
    described = {name: wave if name == wave.variable else book[name] for name in names}
    changes = [f"{part.source.wave}: {text}" for part in parts for text in part.changes]
    changes += _not_asked(parts, [name for name in names if name != wave.variable])
    problems += _uneven(parts, described)
    sound = {
        name for name in names if all(name in part.sound for part in parts if name in part.answers)
    }
    answers = {}
    for name, item in described.items():
        if name == wave.variable:
            answers[name] = _labels_of_waves(parts, wave)
            for part in parts:
                part.answers.pop(name, None)
            continue
        columns = [part.answers.pop(name, None) for part in parts]
        answers[name] = _stacked(columns, item, parts)
        if "id" in item.roles:
            answers[name], sentences = _distinct(answers[name], parts)
            changes += sentences
    return Joined(
        answers=answers,
        codebook=described,
        sound=frozenset(sound | {wave.variable}),
        problems=problems,
        changes=changes,
        flow=_flow(parts),
    )


def _wave(parts: Sequence[Part], book: Mapping[str, Variable]) -> tuple[Variable, list[Problem]]:
    """The variable that says the wave, and where what the files say of it is something else."""
    labels = [part.source.wave for part in parts]
    values = {label: (label,) for label in labels}
    own = next((item for item in book.values() if "wave" in item.roles), None)
    if own is None:
        made = Variable(
            variable=NAME, label="Wave", type="category", roles=("wave",), values=values
        )
        return made, [_taken(part) for part in parts if NAME in part.answers]
    problems = []
    for part in parts:
        if own.variable not in part.answers or own.variable not in part.sound:
            continue
        said = sorted({str(x) for x in part.answers[own.variable].dropna().unique()})
        if own.type != "category" or any(label != part.source.wave for label in said):
            problems.append(_contradicted(part, own, said))
    return replace(own, type="category", low=None, high=None, values=values), problems


def _taken(part: Part) -> Problem:
    return Problem(
        where=part.source.codebook.name,
        column=NAME,
        found=f"a variable of the name {quoted(NAME)}",
        rule="that name is given to the wave that about.toml says",
        fix="Give it the role wave if that is what it is, or another name and its own under "
        "column.",
    )


def _contradicted(part: Part, own: Variable, said: list[str]) -> Problem:
    return Problem(
        where=part.source.file.name,
        column=own.heading,
        found=f"its wave is {listed(said, quote=True)}",
        rule=f"about.toml says that this file is the wave {quoted(part.source.wave)}",
        fix="Correct the label in about.toml or in the codebook, which must name it alike, or "
        "take the role wave from the variable.",
    )


def _labels_of_waves(parts: Sequence[Part], wave: Variable) -> pd.Series:
    rows = np.repeat(np.arange(len(parts), dtype=np.int16), [part.rows for part in parts])
    return pd.Series(pd.Categorical.from_codes(rows, list(wave.values), ordered=True))


def _stacked(
    columns: Sequence[pd.Series | None], item: Variable, parts: Sequence[Part]
) -> pd.Series:
    """The answers of all waves to one variable, missing where a wave does not have it."""
    if item.type == "category":
        return _categories(columns, item, parts)
    present = next(column for column in columns if column is not None)
    filled = [
        pd.Series(index=pd.RangeIndex(part.rows), dtype=present.dtype) if column is None else column
        for column, part in zip(columns, parts, strict=True)
    ]
    return pd.concat(filled, ignore_index=True)


def _categories(
    columns: Sequence[pd.Series | None], item: Variable, parts: Sequence[Part]
) -> pd.Series:
    """Codes of each wave turned into those of the labels of all waves."""
    labels = [names[0] if names else code for code, names in item.values.items()]
    found = [list(column.cat.categories) for column in columns if column is not None]
    labels = united([labels, *found]) if labels else united(found)
    place = {label: index for index, label in enumerate(labels)}
    codes = []
    for column, part in zip(columns, parts, strict=True):
        if column is None:
            codes.append(np.full(part.rows, -1, dtype=np.int32))
            continue
        # the code -1, no answer, takes the last place
        turn = np.array([*(place[label] for label in column.cat.categories), -1], dtype=np.int32)
        codes.append(turn[column.cat.codes.to_numpy()])
    return pd.Series(pd.Categorical.from_codes(np.concatenate(codes), labels, ordered=True))


def _distinct(ids: pd.Series, parts: Sequence[Part]) -> tuple[pd.Series, list[str]]:
    """Ids with the wave put before them where two waves count from 1."""
    again = int((ids.duplicated() & ids.notna()).sum())
    if not again:
        return ids, []
    waves = np.repeat([part.source.wave for part in parts], [part.rows for part in parts])
    sentence = (
        f"{counted(again, 'id')} of {ids.name or 'the respondents'} used in more than one wave: "
        "the wave was put before each."
    )
    return (pd.Series(waves, dtype=ids.dtype) + "-" + ids), [sentence]


def _not_asked(parts: Sequence[Part], names: Sequence[str]) -> list[str]:
    lacking: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        waves = tuple(part.source.wave for part in parts if name not in part.answers)
        if waves:
            lacking.setdefault(waves, []).append(name)
    rows = {part.source.wave: part.rows for part in parts}
    return [
        f"Not in {listed(waves)}, and missing for its "
        f"{counted(sum(rows[wave] for wave in waves), 'respondent')}: {listed(found, most=20)}."
        for waves, found in lacking.items()
    ]


def _uneven(parts: Sequence[Part], book: Mapping[str, Variable]) -> list[Problem]:
    """A note where the weights of the waves are on different footings."""
    name = next((item.variable for item in book.values() if "weight" in item.roles), "")
    means = {
        part.source.wave: float(part.answers[name].mean())
        for part in parts
        if name in part.sound and part.answers[name].notna().any()
    }
    low, high = min(means.values(), default=1.0), max(means.values(), default=1.0)
    if high <= _UNEVEN * low or len(means) < 2:
        return []
    said = ", ".join(f"{mean:.4g} in {wave}" for wave, mean in means.items())
    return [
        Problem(
            where="about.toml",
            found=f"the mean of the weights {quoted(name)} is {said}",
            fix="Where waves are put together, one counts more than another: give all the same "
            "footing, unless that is meant.",
            blocks=False,
        )
    ]


def _flow(parts: Sequence[Part]) -> dict[str, int]:
    """What became of the rows of all files together."""
    found: dict[str, int] = {}
    for part in parts:
        for label, count in part.flow.items():
            found[label] = found.get(label, 0) + count
    if len(parts) > 1:
        found = {"Rows in the files": found.pop("Rows in the file", 0), **found}
    return found
