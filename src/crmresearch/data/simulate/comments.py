"""Which themes a respondent writes about, and the words of the comment.

A rating moves the chance of a theme, so that themes and scores go together by construction.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.data.simulate.constants import THEMES, World
from crmresearch.data.simulate.wording import (
    FILLED,
    HOSTILE,
    LANGUAGES,
    NOTHING,
    PERSONAL,
    WORDS,
)

GOOD_FROM = 5  # the rating from which on a theme is put in the words of a good experience


@dataclass(frozen=True, slots=True)
class Comments:
    """The text of every row, and which themes it was composed of (a column a theme)."""

    text: np.ndarray
    themes: pd.DataFrame


def chances(clean: pd.DataFrame, world: World) -> pd.DataFrame:
    """The chance that a comment mentions each theme, given the ratings of its writer."""
    odds = {
        theme: start + slope * (clean[THEMES[theme]].to_numpy(float) - world.centre)
        for theme, (start, slope) in world.themes.items()
    }
    return pd.DataFrame({theme: 1 / (1 + np.exp(-one)) for theme, one in odds.items()})


def comments(
    rng: np.random.Generator, clean: pd.DataFrame, hostile: np.ndarray, world: World
) -> Comments:
    """Comments of as many as `World.commenting` says; the rows `hostile` hold hostile texts."""
    n = len(clean)
    wrote = rng.random(n) < world.commenting
    wrote[hostile] = False
    chance = chances(clean, world)
    said = (rng.random(chance.shape) < chance.to_numpy()) & wrote[:, None]
    german = rng.random(n) < world.german
    personal = rng.random(n) < world.personal
    luck = rng.random((n, len(THEMES), 4))
    rated = clean[list(THEMES.values())].to_numpy()
    text = np.full(n, "", dtype=object)
    for row in np.flatnonzero(wrote):
        language = LANGUAGES[int(german[row])]
        sentences = [
            _sentence(theme, rated[row, index] >= GOOD_FROM, language, luck[row, index])
            for index, theme in enumerate(THEMES)
            if said[row, index]
        ]
        if not sentences:
            sentences = [_one_of(NOTHING[language], luck[row, 0, 0])]
        if personal[row]:
            sentences.append(_one_of(PERSONAL, luck[row, 0, 1]))
        text[row] = " ".join(sentences)
    text[hostile] = np.array(HOSTILE, dtype=object)
    return Comments(text, pd.DataFrame(said, columns=list(THEMES)))


def _sentence(theme: str, good: bool, language: str, luck: np.ndarray) -> str:
    words = WORDS[theme].good if good else WORDS[theme].poor
    sentence = _one_of(words[language], luck[0])
    filled = {
        name: _one_of(options, luck[1 + place % 3])
        for place, (name, options) in enumerate(FILLED[language].items())
    }
    return sentence.format(**filled)


def _one_of(options: tuple[str, ...], luck: float) -> str:
    return options[int(luck * len(options))]
