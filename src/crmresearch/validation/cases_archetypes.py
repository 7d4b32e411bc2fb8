"""What the archetypes study's cases ask of its estimators."""

from functools import cache

import numpy as np
import pandas as pd

from crmresearch.archetypes import latent
from crmresearch.archetypes.patterns import collapse
from crmresearch.validation.references import golden_table, table

STARTS = 20
SEED = 20260101


def classes(data: str, k: int) -> dict[str, float]:
    """A latent class model of a published table of patterns and counts, or of R's data."""
    model = fitted(data, k)
    shares = {f"share_{row}": float(share) for row, share in enumerate(model.shares, start=1)}
    return {
        "log_likelihood": model.loglik,
        "parameters": model.parameters,
        "AIC": model.aic,
        "BIC": model.bic,
        "adjusted_BIC": model.abic,
        "CAIC": model.caic,
        "entropy": model.entropy,
        **shares,
    }


def class_answers(data: str, k: int, row: int, category: int) -> dict[str, float]:
    """Probability of one category of each indicator in one class, 1 the largest."""
    model = fitted(data, k)
    columns = model.patterns.starts + category - 1
    chances = model.probs[row - 1, columns]
    return {f"item_{item}": float(chance) for item, chance in enumerate(chances, start=1)}


def kinds(data: str, k: int) -> dict[str, float]:
    """A latent class model of ordinal, continuous or mixed indicators."""
    model = _of_kinds(data, k)
    shares = {f"share_{row}": float(share) for row, share in enumerate(model.shares, start=1)}
    return {
        "log_likelihood": model.loglik,
        "parameters": model.parameters,
        "BIC": model.bic,
        **shares,
    }


def kinds_answers(data: str, k: int, row: int) -> dict[str, float]:
    """What one class of such a model answers, 1 the largest."""
    model, found = _of_kinds(data, k), {}
    patterns = model.patterns
    for name, kind, first, count in zip(
        patterns.names, patterns.kinds, patterns.starts, patterns.counts, strict=True
    ):
        own = model.probs[row - 1, first : first + count]
        if kind == "continuous":
            found |= {f"{name}_mean": float(own[1]), f"{name}_variance": float(own[2])}
        else:
            found |= {f"{name}_{place}": float(p) for place, p in enumerate(own, start=1)}
    return found


@cache
def _of_kinds(data: str, k: int) -> latent.LatentClasses:
    answers = golden_table("lca_kinds_missing" if data == "missing" else "lca_kinds")
    letters = {"ordinal": "o", "continuous": "q", "own": "q"}.get(data, "boq")
    answers = answers[[name for name in answers if name[0] in letters]]
    of_letter = {"b": "nominal", "o": "ordinal", "q": "continuous"}
    patterns = collapse(
        answers,
        kinds={name: of_letter[name[0]] for name in answers},
        spread="own" if data == "own" else "equal",
    )
    return latent.fit(patterns, k, starts=STARTS, rng=np.random.default_rng(SEED))


def answers_of(data: str) -> pd.DataFrame:
    """A row a respondent: of a published table of patterns and counts, or R's data."""
    if data.startswith("golden_"):
        frame = golden_table(data.removeprefix("golden_"))
        return frame[[f"y{item}" for item in range(1, 9)]]
    counts = table(data)
    rows = counts.loc[counts.index.repeat(counts["count"]), "pattern"]
    return pd.DataFrame([[int(answer) for answer in pattern] for pattern in rows])


@cache
def fitted(data: str, k: int) -> latent.LatentClasses:
    """The model of k nominal classes, which several cases ask for."""
    near = fitted(data, k - 1) if k > 1 else None
    rng = np.random.default_rng(SEED)
    return latent.fit(collapse(answers_of(data)), k, starts=STARTS, rng=rng, near=near)
