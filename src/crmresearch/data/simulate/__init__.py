"""The demonstration data, and worlds like it with other constants, whose truth is known.

``python -m crmresearch.data.simulate [folder]`` writes ``data/telecom`` again, byte for byte.
``clean(World(...))`` draws the answers of another world, `truth` says what is true in it.
"""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.answers import answers
from crmresearch.data.simulate.constants import DEMO, SEED, World
from crmresearch.data.simulate.files import render
from crmresearch.data.simulate.mess import export
from crmresearch.data.simulate.people import People, people
from crmresearch.data.simulate.readme import readme
from crmresearch.data.simulate.truth import Truth, truth

__all__ = [
    "DEMO",
    "SEED",
    "Truth",
    "World",
    "clean",
    "folder",
    "responses",
    "themes",
    "truth",
]


def clean(world: World = DEMO, *, seed: int = SEED) -> tuple[People, pd.DataFrame]:
    """Who answers, and their answers before anything is missing or misspelled.

    The hidden columns ``path`` and ``type`` tell what happened to each respondent.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    who = people(rng, world)
    return who, answers(rng, who, world)


def responses(world: World = DEMO, *, seed: int = SEED) -> pd.DataFrame:
    """The survey file, every cell text as in ``responses.csv``."""
    return _file(world, seed)[0]


def themes(world: World = DEMO, *, seed: int = SEED) -> pd.DataFrame:
    """The themes that each comment of `responses` was composed of: a row a row, a column a theme.

    All False where there is no comment, where it has no theme, and in the hostile ones.
    """
    return _file(world, seed)[1]


def _file(world: World, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    who, said = clean(world, seed=seed)
    return export(seed + 1, who, said, world)


def folder() -> dict[str, bytes]:
    """The files of ``data/telecom``, by name."""
    file = responses()
    return render(file, readme(truth(), len(file)))
