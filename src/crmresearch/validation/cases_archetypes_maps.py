"""What the cases of the map ask: axes, places and the inertia that chance makes."""

import numpy as np
import pandas as pd

from crmresearch.archetypes.chosen import as_chosen
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.mix_table import mix_table
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.correspondence import Axes, chance, correspondence
from crmresearch.validation.references import golden_table

STAFF = ("senior", "junior", "employees", "assistants", "secretaries")
SMOKING = [[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]]


def printed() -> dict[str, float]:
    """Inertias, standard coordinates on two axes, and Pearson's test by the moments of chance."""
    counts = np.array(SMOKING, dtype=float)
    axes = _of_counts(counts)
    standard = axes.places / np.sqrt(axes.inertia)
    standard *= np.sign(standard[1]) * [1, -1, 1]  # the signs as printed
    shares = counts.sum(axis=0) / counts.sum()
    alike = np.zeros((*counts.shape, *counts.shape))
    for group, n in enumerate(counts.sum(axis=1)):
        alike[group, :, group] = (np.diag(shares) - np.outer(shares, shares)) / n
    test = chance(axes, alike, 1e12)
    return {
        **{f"axis_{axis + 1}": value for axis, value in enumerate(axes.inertia)},
        **{
            f"{name}_{axis + 1}": standard[group, axis]
            for group, name in enumerate(STAFF)
            for axis in range(2)
        },
        "chi_squared": axes.total * counts.sum(),
        "p": test.p,
    }


def counted() -> dict[str, float]:
    """Axes of a table of counts of R's data: regions and the answers to an item."""
    answers = golden_table("survey")
    counts = pd.crosstab(answers["region"], answers["sa1"])
    axes = _of_counts(counts.to_numpy(float))
    groups, categories = _oriented(axes.places), _oriented(axes.categories)
    return {
        **{f"axis_{axis + 1}": value for axis, value in enumerate(axes.inertia)},
        **_named(groups[:, :2], counts.index),
        **_named(categories[:, :2], [f"answer_{answer}" for answer in counts.columns]),
        "chi_squared": axes.total * counts.to_numpy().sum(),
    }


def weighted() -> dict[str, float]:
    """The map of R's data as the study makes it of chosen types, with weights and clusters."""
    answers = golden_table("survey")
    frame = pd.DataFrame(
        {
            "type": pd.Categorical(answers["sa1"].astype(str)),
            "brand": pd.Categorical(answers["region"]),
            "account": answers["psu"].astype(str),
            "weight": answers["w"],
        }
    )
    kinds = {"type": "relationship", "brand": "brand", "account": "account", "weight": "weight"}
    types = {"type": "category", "brand": "category", "account": "id", "weight": "number"}
    book = {
        name: Variable(variable=name, label=name, type=types[name], roles=(role,))
        for name, role in kinds.items()
    }
    survey = Survey(answers=frame, codebook=book, about=About(title="R's data"))
    indicators = read_indicators(survey)
    table = mix_table(find_types(indicators, as_chosen(indicators.patterns)), survey, "brand")
    axes = correspondence(table.shares, table.masses)
    test = chance(axes, table.covariance, table.freedom)
    errors = np.sqrt(np.einsum("gaa->ga", test.covariance(axes.onto)))
    return {
        **{f"axis_{axis + 1}": value for axis, value in enumerate(axes.inertia)},
        **_named(_oriented(axes.places)[:, :2], table.names),
        **{f"{name}_error": value for name, value in _named(errors[:, :2], table.names).items()},
        "chance": test.expected,
        "value": test.value,
        "above": test.above,
        "below": test.below,
        "p": test.p,
    }


def _of_counts(counts: np.ndarray) -> Axes:
    sizes = counts.sum(axis=1)
    return correspondence(counts / sizes[:, None], sizes)


def _oriented(places: np.ndarray) -> np.ndarray:
    """Axes have no sign: the point furthest out lies on the positive side."""
    furthest = places[np.abs(places).argmax(axis=0), np.arange(places.shape[1])]
    return places * np.sign(furthest)


def _named(places: np.ndarray, names) -> dict[str, float]:
    return {
        f"{name}_{axis + 1}": float(value)
        for name, row in zip(names, places, strict=True)
        for axis, value in enumerate(row)
    }
