"""What customers write in their own words: themes, how common they are and what goes with them.

Only words that many people use leave this module, unless quotations are asked for, and those are
cut down to such words. No answer is shown as it was written.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods.groups import slug
from crmresearch.methods.means import mean_difference
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.proportions import share
from crmresearch.methods.themes import Themes, find_themes, sentences
from crmresearch.methods.words import clean, redacted, vocabulary
from crmresearch.report.estimates import Estimate
from crmresearch.report.suppression import LISTED, reveals
from crmresearch.survey.drivers import outcome
from crmresearch.survey.sample import WORDS, sampling

TELLING = 0.7  # share of a quotation's words that must be left for it to be worth reading
SHORTEST, LONGEST = 20, 240  # characters of a quotation


def find(
    survey: Survey, *, seed: int, themes: int = 12, min_cell: int = 10
) -> dict[str, Themes | None]:
    """The themes of every question answered in own words, by the question's variable.

    Parameters
    ----------
    themes : how many are looked for in a question; those not found again in halves are left out
    min_cell : people that must use a word, and mention a theme, for it to count

    Returns
    -------
    None for a question in whose answers no theme stands out. Empty without such questions.
    """
    people = _people(survey)
    return {
        item.variable: find_themes(
            texts(survey, item.variable), seed=seed, people=people, fewest=min_cell, themes=themes
        )
        for item in survey.variables("verbatim")
    }


def texts(survey: Survey, variable: str) -> list[str]:
    """The answers to one question, empty where nothing was written."""
    return survey.answers[variable].astype(object).fillna("").astype(str).str.strip().tolist()


def prevalence(
    survey: Survey, found: Mapping[str, Themes | None], *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Share of respondents who wrote anything, and the share of these who mention each theme.

    An answer may mention several themes or none. A theme is left out where, beside those before
    it, it would set apart fewer than `min_cell` people: the writers whom it leaves, or those who
    mention one of two nested themes and not the other. The intervals are those of a share; that
    the themes themselves were learnt from the answers is told by their stability, in the method.

    Returns
    -------
    Keys ``comments.{variable}`` and ``theme.{variable}.{word}``, most frequent first.
    """
    basis, made, told = sampling(survey), [], []
    common = {"design": basis, "level": level}
    for variable, themes in found.items():
        question = survey.codebook[variable].name
        wrote = _wrote(survey, variable)
        name = f"Wrote an answer: {question}"
        made.append(share(wrote.astype(float), key=f"comments.{variable}", name=name, **common))
        for at, (key, label) in _apart(themes, wrote, told, min_cell):
            item = share(
                themes.mentions[:, at].astype(float),
                key=f"theme.{variable}.{key}",
                name=label,
                within=wrote,
                **common,
            )
            stable = (
                f"; found again in half the answers with a likeness of {themes.stability[at]:.2f}"
            )
            made.append(dataclasses.replace(item, method=item.method + stable))
    return _several(survey, found, [x for x in made if _large(x, min_cell)])


def scores(
    survey: Survey, found: Mapping[str, Themes | None], *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Mean satisfaction of those who mention a theme less that of the others who wrote.

    The first estimate of a question compares those who wrote with those who did not, since the
    themes speak of the former alone. Bonferroni intervals and Holm p values over all themes of a
    question. As in `prevalence`, a theme that would give away the answers of fewer than `min_cell`
    people is left out.

    Returns
    -------
    Keys ``writers.{variable}`` and ``themescore.{variable}.{word}`` in scale points. Empty without
    satisfaction, recommendation or loyalty.
    """
    role, made, told = outcome(survey), [], []
    if not role:
        return []
    values, basis = survey.score(role).to_numpy(float), sampling(survey)
    known = np.isfinite(values)
    for variable, themes in found.items():
        wrote = _wrote(survey, variable)
        sides = [(f"writers.{variable}", "Wrote anything, against nothing", ~wrote, wrote)]
        for at, (key, label) in _apart(themes, known & wrote, told, min_cell):
            said = themes.mentions[:, at]
            sides.append((f"themescore.{variable}.{key}", label, wrote & ~said, wrote & said))
        shown = [
            side for side in sides if min((known & rows).sum() for rows in side[2:]) >= min_cell
        ]
        made += _compared(values, shown, basis, level)
    return _several(survey, found, made)


def quotations(
    survey: Survey, found: Mapping[str, Themes | None], *, quotes: int, min_cell: int = 10
) -> pd.DataFrame:
    """A few sentences a theme, redacted; empty unless `quotes` are asked for.

    Every word left is one that at least `min_cell` people use; figures, addresses, names written
    with a capital and rare words are gaps. The sentences most wholly about their theme come first.
    """
    rows, people = [], _people(survey)
    for variable, themes in found.items() if quotes else ():
        cleaned = [clean(text) for text in texts(survey, variable)]
        common = vocabulary(cleaned, people, fewest=min_cell)
        lower = {word for text in cleaned for word in text.split() if word.islower()}
        for at, (_, label) in enumerate(_named(themes)):
            shown: list[str] = []
            for row in np.argsort(-themes.strength[:, at], kind="stable"):
                if len(shown) == quotes or themes.strength[row, at] <= 0.5:
                    break
                sentence = sentences(cleaned[row])[themes.sentence[row, at]]
                text, left = redacted(sentence, common, lower)
                if SHORTEST <= len(text) <= LONGEST and left >= TELLING and text not in shown:
                    shown.append(text)
            rows += [{"Theme": label, "In their words, redacted": text} for text in shown]
    return pd.DataFrame(rows, columns=["Theme", "In their words, redacted"])


def measure(survey: Survey) -> str:
    """What `scores` compares, in words; empty where nothing was measured."""
    return WORDS.get(outcome(survey), "")


def _compared(values: np.ndarray, sides: list[tuple], basis, level: float) -> list[Estimate]:
    each = 1 - (1 - level) / max(len(sides) - 1, 1)
    made = [
        mean_difference(
            values, first, second, key=key, name=label, design=basis,
            level=level if key.startswith("writers.") else each,
        )
        for key, label, first, second in sides
    ]  # fmt: skip
    themed = [item for item in made if not item.key.startswith("writers.")]
    adjusted = adjust(np.array([item.p for item in themed])) if themed else []
    words = f"; Bonferroni interval for {len(themed)} themes, Holm p"
    corrected = [
        dataclasses.replace(item, level=level, p=float(p), method=item.method + words)
        for item, p in zip(themed, adjusted, strict=True)
    ]
    first = [item for item in made if item.key.startswith("writers.")]
    return first + sorted(corrected, key=lambda item: item.value)


def _people(survey: Survey) -> np.ndarray | None:
    if "person" not in survey.roles:
        return None
    column = survey.answers[survey.variables("person")[0].variable]
    codes = pd.factorize(column)[0]
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return codes


def _wrote(survey: Survey, variable: str) -> np.ndarray:
    return np.array([bool(text) for text in texts(survey, variable)], dtype=bool)


def _named(themes: Themes | None) -> list[tuple[str, str]]:
    """A key and a label a theme; two themes led by one word are told apart by their number."""
    named: list[tuple[str, str]] = []
    for at in range(0 if themes is None else len(themes.patterns)):
        label = themes.label(at)
        key = slug(label.partition(",")[0])
        taken = {name for name, _ in named}
        named.append((f"{key}-{at + 1}" if key in taken else key, f"“{label}”"))
    return named


def _apart(
    themes: Themes | None, wrote: np.ndarray, told: list[np.ndarray], min_cell: int
) -> list[tuple[int, tuple[str, str]]]:
    """The themes, with their place, that do not tell of too few beside what is `told` already.

    What is shown is added to `told`, since a writer may answer several questions.
    """
    shown = []
    if wrote.sum() >= min_cell:
        told.append(wrote)
    for at, named in enumerate(_named(themes)):
        said = themes.mentions[:, at] & wrote
        if not _tells(told, said, min_cell):
            told.append(said)
            shown.append((at, named))
    return shown


def _tells(told: list[np.ndarray], said: np.ndarray, min_cell: int) -> bool:
    if len(told) < LISTED:
        return reveals([*told, said], min_cell)
    return any(reveals([rows, said], min_cell) for rows in told)  # all at once would take too long


def _large(item: Estimate, min_cell: int) -> bool:
    """Whether neither those who did nor those who did not are too few to be shown."""
    fewer = min(item.value, 1 - item.value) * item.n
    return item.n >= min_cell and (fewer >= min_cell or fewer == 0)


def _several(
    survey: Survey, found: Mapping[str, Themes | None], made: list[Estimate]
) -> list[Estimate]:
    """Where there are several questions, each estimate says which it belongs to."""
    if len(found) < 2:
        return made
    names = {variable: survey.codebook[variable].name.replace(":", ",") for variable in found}
    return [
        dataclasses.replace(item, group=f"Question: {names[item.key.split('.')[1]]}")
        for item in made
    ]
