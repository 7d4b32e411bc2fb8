"""What the cases on the number of types, and on kinds or degrees, ask of their estimators."""

import numpy as np

from crmresearch.archetypes.bootstrap_test import bootstrap_test
from crmresearch.archetypes.dimension import fit_located, fit_normal
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.patterns import collapse
from crmresearch.validation.cases_archetypes import SEED, STARTS, answers_of, fitted


def number(data: str, k: int, draws: int = 0) -> dict[str, float]:
    """The likelihood-ratio statistic of k classes against one fewer, and its bootstrap p."""
    null, other = fitted(data, k - 1), fitted(data, k)
    if not draws:
        return {"statistic": 2 * (other.loglik - null.loglik)}
    rng = np.random.default_rng(SEED)
    outcome = bootstrap_test(null, other, draws=draws, alpha=1.0, rng=rng)  # never settled early
    return {"statistic": outcome.statistic, "p": outcome.p}


def dimension(data: str, places: int = 0, cut: int = 0) -> dict[str, float]:
    """One dimension with ordered answers, normal or with so many places.

    With a `cut`, answers above it are a yes.
    """
    answers = answers_of(data)
    if cut:
        answers = (answers > cut).astype(float)
    patterns = collapse(answers, kinds=dict.fromkeys(map(str, answers.columns), "ordinal"))
    two = fit(patterns, 2, starts=STARTS, rng=np.random.default_rng(SEED))
    found = fit_normal(two)
    if places:
        found = fit_located(found, two, places)
    first = int((patterns.counts - 1).sum())
    slopes = np.abs(found.vector[first : first + len(patterns.names)])
    return {
        "log_likelihood": found.loglik,
        "parameters": found.parameters,
        "AIC": 2 * found.parameters - 2 * found.loglik,
        "BIC": found.bic,
        **{f"slope_{item}": float(slope) for item, slope in enumerate(slopes, start=1)},
    }
