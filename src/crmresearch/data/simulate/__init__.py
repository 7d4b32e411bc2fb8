"""The demonstration data and small worlds with known truth, for tests.

``python -m crmresearch.data.simulate [folder]`` writes ``data/telecom`` again, byte for byte.
"""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.answers import answers
from crmresearch.data.simulate.constants import DEMO, SEED, World
from crmresearch.data.simulate.mess import export
from crmresearch.data.simulate.people import People, people

__all__ = ["DEMO", "SEED", "World", "clean", "responses"]


def clean(world: World = DEMO, *, seed: int = SEED) -> tuple[People, pd.DataFrame]:
    """Who answers, and their answers before anything is missing or misspelled."""
    rng = np.random.Generator(np.random.PCG64(seed))
    who = people(rng, world)
    return who, answers(rng, who, world)


def responses(world: World = DEMO, *, seed: int = SEED) -> pd.DataFrame:
    """The survey file, every cell text as in ``responses.csv``."""
    who, said = clean(world, seed=seed)
    rng = np.random.Generator(np.random.PCG64(seed + 1))
    return export(rng, who, said, world)
