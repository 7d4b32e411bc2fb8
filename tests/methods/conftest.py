"""A population whose composites and paths are known, for the tests of the path model."""

from types import SimpleNamespace

import numpy as np
import pytest

from crmresearch.methods.pls import path_model

BLOCKS = {
    "quality": ["q1", "q2", "q3"],
    "value": ["v1", "v2"],
    "satisfaction": ["s1", "s2", "s3"],
    "loyalty": ["l1", "l2"],
}
PATHS = {
    ("quality", "value"): 0.5,
    ("quality", "satisfaction"): 0.45,
    ("value", "satisfaction"): 0.3,
    ("satisfaction", "loyalty"): 0.5,
    ("value", "loyalty"): 0.2,
}
WITHIN = 0.55  # correlation of the items of one construct; equal, so that all weights are


@pytest.fixture(scope="session")
def known() -> SimpleNamespace:
    """`model`, `blocks`, `paths`, `matrix` of the items, and ``sample(n, rng, points=0)``."""
    model = path_model(BLOCKS, list(PATHS))
    size = len(model.names)
    inner = np.eye(size)
    for target in model.targets:
        sources = model.predictors(target)
        slopes = np.array([PATHS[model.names[s], model.names[target]] for s in sources])
        inner[target, :target] = inner[:target, target] = slopes @ inner[sources, :target]
    blocks = model.blocks.astype(float)
    items = blocks.sum(axis=0)
    loadings = np.sqrt((1 + (items - 1) * WITHIN) / items)
    matrix = blocks @ (loadings[:, None] * inner * loadings) @ blocks.T
    matrix[blocks @ blocks.T > 0] = WITHIN
    np.fill_diagonal(matrix, 1.0)

    def sample(n: int, rng: np.random.Generator, points: int = 0) -> np.ndarray:
        """Answers (n, p); on a scale from 1 where `points` is given, which bends the paths."""
        answers = rng.multivariate_normal(np.zeros(len(matrix)), matrix, size=n)
        if not points:
            return answers
        return np.clip(np.rint((points + 1) / 2 + 1.2 * answers), 1, points)

    return SimpleNamespace(model=model, blocks=BLOCKS, paths=PATHS, matrix=matrix, sample=sample)
