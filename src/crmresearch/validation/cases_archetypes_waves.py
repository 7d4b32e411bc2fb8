"""What the archetypes study's cases ask of the next wave."""

from functools import cache

import numpy as np
import pandas as pd

from crmresearch.archetypes.drift import drift
from crmresearch.archetypes.frozen import frozen_types
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.pairs import read_pairs
from crmresearch.archetypes.saved_model import saved
from crmresearch.archetypes.transitions import table_of
from crmresearch.archetypes.types import Types, find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.validation.references import golden_table

CLASSES = 3


def changes() -> dict[str, float]:
    """The table of changes between two waves, corrected for classification error."""
    survey = _panel()
    types = _types(survey)
    table = table_of(types, read_pairs(types, survey))
    net = table.joint.sum(axis=0) - table.joint.sum(axis=1)
    return {
        "log_likelihood": types.model.loglik,
        **_numbered("share", types.model.shares),
        **_numbered("placed", np.diag(table.placing.table)),
        "naive_stay": float(np.trace(table.naive)),
        "stay": float(np.trace(table.joint)),
        **_numbered("cell", table.joint.ravel()),
        **_numbered("net", net),
    }


def frozen() -> dict[str, float]:
    """The second wave with the profiles of the first held, and types found in it anew."""
    survey = _panel()
    waves = [_rows(survey, survey.answers["wave"] == name) for name in ("1", "2")]
    kept = saved(_types(waves[0]), waves[0], seed=1)
    types = frozen_types(waves[1], kept)
    found = drift(types, waves[1], saved=kept)
    return {
        **_numbered("before", kept.shares),
        **_numbered("after", types.model.shares),
        "log_likelihood": types.model.loglik,
        **_numbered("scored", found.scored),
        **_numbered("distance", found.returned.distance),
    }


def _numbered(name: str, values: np.ndarray) -> dict[str, float]:
    return {f"{name}_{at}": float(value) for at, value in enumerate(values, start=1)}


@cache
def _panel() -> Survey:
    """The rows as ``transitions.R`` has them: two waves, people paired within their true class."""
    table = golden_table("lca")
    table = table.iloc[: 2 * (len(table) // 2)]
    table["wave"] = np.repeat(["1", "2"], len(table) // 2)
    table = table.sort_values(["wave", "true"], kind="stable", ignore_index=True)
    frame = (table[[f"y{item}" for item in range(1, 9)]] >= 2).astype(float)
    book = {
        name: Variable(variable=name, label=name, type="binary", roles=("indicator",))
        for name in frame
    }
    book["wave"] = Variable(variable="wave", label="", type="category", roles=("wave",))
    book["who"] = Variable(variable="who", label="", type="id", roles=("person",))
    frame["wave"] = pd.Categorical(table["wave"])
    frame["who"] = [str(person) for person in np.tile(np.arange(len(table) // 2), 2)]
    return Survey(answers=frame, codebook=book, about=About(title="Synthetic"))


def _rows(survey: Survey, rows: pd.Series) -> Survey:
    answers = survey.answers[rows].reset_index(drop=True)
    return Survey(answers=answers, codebook=survey.codebook, about=survey.about)


def _types(survey: Survey) -> Types:
    signs = read_indicators(survey)
    return find_types(signs, fit(signs.patterns, CLASSES, rng=np.random.default_rng(1)))
