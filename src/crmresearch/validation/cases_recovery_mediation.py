"""What the cases of the mechanism ask of the mediation estimators."""

import numpy as np
import pandas as pd
from numpy.random import default_rng

from crmresearch.methods import mediation, mediation_effects, resample_intervals
from crmresearch.methods.mediation import Model
from crmresearch.methods.regression import ordinary_least_squares
from crmresearch.methods.weighting import design
from crmresearch.validation.references import FOLDER, golden_table

HELD = ["prior", "severity"]


def simple(names: list[str], values: dict[str, list[float]]) -> dict[str, float]:
    """Cause, mediator and outcome: coefficients with their errors, the product with Sobel's."""
    cause, mediator, outcome = names
    table = pd.DataFrame(values)
    model = _model(table[names], [0, 1, 2])
    found = {"a": model.slopes[1, 0], "b": model.slopes[2, 1], "c_direct": model.slopes[2, 0]}
    routes = model.routes(cause, outcome)
    found["c"] = float(mediation.along(model.slopes, routes))
    found["ab"] = float(mediation.along(model.slopes, routes[1:]))
    found["sobel"] = mediation_effects.delta_error(model, routes[1:])
    found["z"] = found["ab"] / found["sobel"]
    for name, route in (("a", [(0, 1)]), ("b", [(1, 2)]), ("c_direct", [(0, 2)])):
        found[f"{name}_error"] = mediation_effects.delta_error(model, route)
    total = ordinary_least_squares(table[outcome], table[[cause]], errors="classical")
    found["c_error"] = float(total.covariance[1, 1]) ** 0.5
    return found


def simple_golden() -> dict[str, float]:
    names = ["recovered", "justice", "loyalty"]
    table = golden_table("recovery")
    return simple(names, {name: table[name].tolist() for name in names})


def serial() -> dict[str, float]:
    """Recovered, justice, trust, loyalty, one after the other; errors by maximum likelihood."""
    return _ways([0, 1, 2, 3])


def parallel() -> dict[str, float]:
    """The same with justice and trust side by side."""
    return _ways([0, 1, 1, 2])


def _ways(stages: list[int]) -> dict[str, float]:
    names = ["recovered", "justice", "trust", "loyalty"]
    model = _model(golden_table("recovery")[names], stages)
    routes = model.routes("recovered", "loyalty")
    ways = {
        "-".join(names[place] for place in route[1:-1]) or "direct": [route] for route in routes
    }
    ways |= {
        f"{names[source]}_{names[target]}": [(source, target)]
        for source in range(3)
        for target in range(source + 1, 4)
        if stages[source] < stages[target]
    }
    found = {}
    for name, some in (ways | {"total": routes}).items():
        found[name] = float(mediation.along(model.slopes, some))
        found[f"{name}_error"] = mediation_effects.delta_error(model, some, divisor="n")
    return found


def correlated_errors(rho: float) -> dict[str, float]:
    """What goes through justice were its error and loyalty's correlated by `rho`, in points."""
    table = golden_table("recovery")
    model = _model(table[["recovered", "justice", "loyalty"]], [0, 1, 2], table[HELD])
    route = model.routes("recovered", "loyalty")[1:]
    settings = {"key": "k", "name": "n"}
    found = mediation_effects.at_correlation(model, route, rho, as_is=["recovered"], **settings)
    zero = mediation_effects.zero_correlation(model, "justice", "loyalty", **settings)
    return {"indirect": found.value * float(table["loyalty"].std(ddof=0)), "zero": zero.value}


def weighted_clusters() -> dict[str, float]:
    """A product under weights, left out one cluster after the other."""
    answers = golden_table("survey")
    model = _model(
        answers[["x1", "x2", "overall"]],
        [0, 1, 2],
        answers[["x3"]],
        design=design(len(answers), answers["w"], clusters=answers["psu"]),
    )
    route = model.routes("x1", "overall")[1:]
    left_out = mediation.along(mediation.slopes(model.without.squares, model.stages), route)
    number = len(left_out)
    spread = float(((left_out - left_out.mean()) ** 2).sum())
    return {
        "product": float(mediation.along(model.slopes, route)),
        "jackknife_error": ((number - 1) / number * spread) ** 0.5,
        "acceleration": resample_intervals.acceleration(left_out),
    }


def plain() -> dict[str, float]:
    """The same without weights and clusters: Sobel's error, and in standard deviations."""
    answers = golden_table("survey")
    model = _model(answers[["x1", "x2", "overall"]], [0, 1, 2], answers[["x3"]])
    route = model.routes("x1", "overall")[1:]
    found = mediation_effects.effect(model, route, key="k", name="n")
    return {
        "product": float(mediation.along(model.slopes, route)),
        "sobel": mediation_effects.delta_error(model, route),
        "standardised": found.value,
    }


def bootstrap_intervals() -> dict[str, float]:
    """Intervals of a correlation from resamples that are given, with its jackknife."""
    x, y = golden_table("boot").to_numpy().T
    chosen = np.loadtxt(FOLDER / "golden" / "data" / "boot_idx.csv", delimiter=",", dtype=int) - 1
    draws = np.array([np.corrcoef(x[rows], y[rows])[0, 1] for rows in chosen])
    value = float(np.corrcoef(x, y)[0, 1])
    kept = ~np.eye(len(x), dtype=bool)
    left_out = np.array([np.corrcoef(x[rows], y[rows])[0, 1] for rows in kept])
    found = {
        "bias": resample_intervals.bias(value, draws),
        "acceleration": resample_intervals.acceleration(left_out),
        "error": float(draws.std(ddof=1)),
    }
    for kind in resample_intervals.KINDS:
        ends = resample_intervals.interval(value, draws, left_out, level=0.95, kind=kind)
        found[f"{kind}_low"], found[f"{kind}_high"] = ends
    return found


def _model(variables: pd.DataFrame, stages: list[int], held=None, **given) -> Model:
    return mediation.fit(
        variables, stages, covariates=held, rng=default_rng(0), resamples=100, **given
    )
