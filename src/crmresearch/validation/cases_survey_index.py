"""What the cases of the satisfaction index ask of its estimators."""

import numpy as np

from crmresearch.methods import pls, pls_quality
from crmresearch.methods.covariances import correlation, moments
from crmresearch.methods.pls_scores import index_weights
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_table, table

ECSI = {
    "image": "IMAG",
    "expectation": "CUEX",
    "quality": "PERQ",
    "value": "PERV",
    "satisfaction": "CUSA",
    "complaints": "CUSCO",
    "loyalty": "CUSL",
}
ECSI_ARROWS = (
    "image expectation, expectation quality, expectation value, quality value, image satisfaction, "
    "expectation satisfaction, quality satisfaction, value satisfaction, satisfaction complaints, "
    "image loyalty, satisfaction loyalty, complaints loyalty"
)
REPUTATION = {"COMP": "comp", "LIKE": "like", "CUSA": "cusa", "CUSL": "cusl"}
REPUTATION_ARROWS = "COMP CUSA, LIKE CUSA, COMP CUSL, LIKE CUSL, CUSA CUSL"
GOLDEN = {
    "offer": ["x1", "x2", "x3"],
    "trust": ["tr1", "tr2", "tr3", "tr4"],
    "satisfaction": ["sa1", "sa2", "sa3", "sa4"],
    "commitment": ["co1", "co2", "co3", "co4"],
    "recommend": ["nps"],
}
GOLDEN_ARROWS = (
    "offer trust, offer satisfaction, trust satisfaction, trust commitment, "
    "satisfaction commitment, satisfaction recommend, commitment recommend"
)


def published(data: str, scheme: str, metric: str = "standardised") -> dict[str, float]:
    """Paths, R² and total effects from the means, deviations and correlations of the items."""
    blocks, drawn = (
        (ECSI, ECSI_ARROWS) if data == "ecsi_correlations" else (REPUTATION, REPUTATION_ARROWS)
    )
    shipped = table(data).set_index("item")
    items = {
        name: [item for item in shipped.index if item.startswith(start)]
        for name, start in blocks.items()
    }
    model = pls.path_model(items, _arrows(drawn))
    below = shipped[shipped.index].to_numpy(float)
    matrix = np.where(np.isnan(below), np.nan_to_num(below).T, below)
    order = [list(shipped.index).index(item) for item in model.items]
    spread = shipped["sd"].to_numpy()[order]
    covariance = matrix[np.ix_(order, order)] * spread * spread[:, None]
    return _numbers(pls.solve(covariance, model, scheme=scheme, metric=metric), model)


def golden(
    scheme: str, metric: str = "standardised", formative: str = "", weighted: bool = False
) -> dict[str, float]:
    """The same, weights, loadings and what rests on them, from the answers that R read."""
    answers = golden_table("survey")
    model = pls.path_model(GOLDEN, _arrows(GOLDEN_ARROWS), formative.split())
    basis = design(len(answers), answers["w"] if weighted else None)
    covariance = moments(
        answers[list(model.items)].to_numpy(float),
        rng=np.random.default_rng(0),
        design=basis,
        resamples=2,
    )
    matrix = covariance.covariance
    solved = pls.solve(matrix, model, scheme=scheme, metric=metric)
    found = _numbers(solved, model)
    measured = correlation(matrix)
    reliable = pls_quality.rho_a(measured, solved, model)
    for item, weight, loading in zip(
        model.items, solved.weights.sum(axis=1), solved.loadings, strict=True
    ):
        found |= {f"weight_{item}": weight, f"loading_{item}": loading}
    for name, ave, rho in zip(
        model.names, pls_quality.communality(solved, model), reliable, strict=True
    ):
        found |= {f"ave_{name}": ave, f"rho_a_{name}": rho}
    freed = _numbers(pls_quality.consistent(solved, reliable, model), model)
    found |= {f"consistent_{name}": value for name, value in freed.items()}
    found["srmr"] = pls_quality.srmr(measured, pls_quality.implied(matrix, solved, model))
    size = len(model.items)
    each = index_weights(solved.weights, matrix, metric, np.ones(size), np.full(size, 5.0))
    place = model.names.index("satisfaction")
    found["index"] = float((covariance.means - 1) @ each[:, place])
    return {name: float(value) for name, value in found.items()}


def _arrows(text: str) -> list[tuple[str, str]]:
    return [tuple(pair.split()) for pair in text.split(", ")]


def _numbers(solved: pls.Solution, model: pls.PathModel) -> dict[str, float]:
    names = model.names
    total = pls_quality.total_effects(solved.paths)
    return {
        **{f"{names[s]}-{names[t]}": float(solved.paths[s, t]) for s, t in model.arrows},
        **{f"r2_{names[t]}": float(solved.r2[t]) for t in model.targets},
        **{
            f"total_{names[s]}-{names[t]}": float(total[s, t])
            for s, t in np.argwhere(pls_quality.total_effects(model.inner * 1.0) > 0)
        },
    }
