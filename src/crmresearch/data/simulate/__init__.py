"""The demonstration data, and worlds like it with other constants, whose truth is known.

``python -m crmresearch.data.simulate [folder]`` writes ``data/telecom`` again, byte for byte.
``clean(World(...))`` draws the answers of another world, `truth` says what is true in it, and
`survey` gives them as a study reads them; worlds of a known answer are in `WORLDS`: those of
`RECOVERY_WORLDS` about recovery (see `effects`), of `TYPE_WORLDS` about types (see `type_truth`).
"""

import pandas as pd

from crmresearch.data.simulate.aftermath import Aftermath
from crmresearch.data.simulate.constants import DEMO, SEED, World
from crmresearch.data.simulate.drawn import survey
from crmresearch.data.simulate.effects import Effects, draw, effects
from crmresearch.data.simulate.files import render
from crmresearch.data.simulate.mess import export
from crmresearch.data.simulate.people import People
from crmresearch.data.simulate.readme import readme
from crmresearch.data.simulate.relation_truth import Related
from crmresearch.data.simulate.truth import Truth, truth
from crmresearch.data.simulate.type_truth import TypeTruth, type_truth
from crmresearch.data.simulate.type_worlds import TYPE_WORLDS
from crmresearch.data.simulate.worlds import (
    CONFOUNDED,
    DOUBLE_DEVIATION,
    NO_PARADOX,
    RECOVERY_WORLDS,
    SUBGROUP,
    WORLDS,
)

__all__ = [
    "Aftermath",
    "CONFOUNDED",
    "DEMO",
    "DOUBLE_DEVIATION",
    "Effects",
    "NO_PARADOX",
    "RECOVERY_WORLDS",
    "Related",
    "SEED",
    "SUBGROUP",
    "TYPE_WORLDS",
    "Truth",
    "TypeTruth",
    "WORLDS",
    "World",
    "clean",
    "effects",
    "folder",
    "responses",
    "survey",
    "themes",
    "truth",
    "type_truth",
]


def clean(world: World = DEMO, *, seed: int = SEED) -> tuple[People, pd.DataFrame]:
    """Who answers, and their answers before anything is missing or misspelled.

    Columns that no respondent could give are ``path`` and ``type``, what happened to each and
    what kind of relationship it is, and the latent ``handled``, ``before`` and ``loyal``.
    """
    return draw(world, seed)


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
