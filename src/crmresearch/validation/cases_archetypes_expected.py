"""What the archetypes study's cases ask of expectations: surfaces, gaps and stakes."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.archetypes import met, mismatch, priorities
from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.expectations import choices
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.response_axes import axes
from crmresearch.methods.response_surface import (
    RESTRICTIONS,
    Surface,
    congruence,
    fit_surface,
    lines,
    restriction,
)
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import Estimate
from crmresearch.validation.references import golden_table

MIDDLE = 3.0  # of answers from 1 to 5


def surface(weighted: bool = False) -> dict[str, float]:
    """Slopes, curvatures, axes and tests of one surface, with their standard errors."""
    data = golden_table("survey")
    x, y = (data[[f"{name}1", f"{name}2"]].mean(axis=1) for name in ("tr", "sa"))
    across, along = x - y, x + y - 2 * MIDDLE
    found = fit_surface(
        data["overall"] - 0.9 * across**2 - 0.3 * along**2 + 0.3 * (x - MIDDLE),
        x,
        y,
        centre=MIDDLE,
        design=design(len(data), data["w"], None, data["psu"]) if weighted else None,
    )
    numbers: dict[str, float] = {}
    for item in [*lines(found), *axes(found)]:
        numbers |= _with_error(item, item.key.rpartition(".")[2], found)
    slope = congruence(found, near=0.5, ends=(MIDDLE - 0.5, MIDDLE + 0.75))
    numbers |= {"beyond": slope.value, "beyond_low": slope.low, "beyond_high": slope.high}
    for which in RESTRICTIONS:
        numbers[f"{which}_F"] = restriction(found, which).value
    return numbers | {"axis_p": restriction(found, "axis").p}


def _with_error(item: Estimate, name: str, found: Surface) -> dict[str, float]:
    reach = float(stats.t.ppf(0.975, found.fit.df))
    return {name: item.value, f"{name}_error": (item.high - item.low) / 2 / reach}


def stakes() -> dict[str, float]:
    """Loyalty at stake over 100 customers, and the gaps of mean loyalty that it is made of."""
    survey = _survey()
    table = mismatch.tabulate(survey, choices(survey, read_catalogue("")), min_cell=1)
    numbers: dict[str, float] = {}
    for item in priorities.stakes(table, min_cell=1):
        name = f"{item.kind}_{table.rows[item.wanted]}"
        name += f"_{table.columns[item.had]}" if item.kind == "change" else ""
        numbers |= {name: item.amount, f"{name}_error": item.error}
        numbers |= {f"{name}_gap": item.gap, f"{name}_gap_error": item.gap_error}
    return numbers


def matched() -> dict[str, float]:
    """Loyalty of those who have the type they want, the type wanted held."""
    survey = _survey()
    found = met.shares(survey, choices(survey, read_catalogue("")))
    [item] = [item for item in found if item.key == "met.loyalty"]
    units = golden_table("survey")["psu"].nunique()
    reach = float(stats.t.ppf(0.975, units - 1))
    return {"difference": item.value, "error": (item.high - item.low) / 2 / reach}


def gaps() -> dict[str, float]:
    """Means of experienced less expected on two dimensions, each by itself."""
    survey = _survey()
    numbers: dict[str, float] = {}
    for name in ("valence", "closeness"):
        book = {k: v for k, v in survey.codebook.items() if v.construct in ("", name)}
        [item] = [
            item
            for item in met.directions(replace(survey, codebook=book))
            if item.key == "gap.mean"
        ]
        reach = float(stats.t.ppf(0.975, golden_table("survey")["psu"].nunique() - 1))
        numbers |= {name: item.value, f"{name}_error": (item.high - item.low) / 2 / reach}
    return numbers


def _survey() -> Survey:
    """Trust items as what is had, satisfaction items as what is wanted."""
    data = golden_table("survey")
    frame = pd.DataFrame({"had": _category(data["tr1"]), "wanted": _category(data["sa1"])})
    roles = {"had": "relationship", "wanted": "relationship_expected"}
    book = {name: _variable(name, "category", role) for name, role in roles.items()}
    for column, role in (("loyalty", "loyalty"), ("w", "weight")):
        frame[column], book[column] = data[column], _variable(column, "number", role)
    frame["psu"], book["psu"] = data["psu"].astype(str), _variable("psu", "id", "account")
    for prefix, role in (("tr", "expected"), ("sa", "experienced")):
        for item in range(1, 5):
            name = f"{prefix}{item}"
            frame[name] = data[name].astype(float)
            construct = "valence" if item < MIDDLE else "closeness"
            book[name] = _variable(name, "scale", role, construct=construct, low=1.0, high=5.0)
    return Survey(answers=frame, codebook=book, about=About(title="Reference"))


def _category(values: pd.Series) -> pd.Categorical:
    return pd.Categorical(values.astype(str), [str(value) for value in np.unique(values)])


def _variable(name: str, kind: str, role: str, **more: object) -> Variable:
    return Variable(variable=name, label=name, type=kind, roles=(role,), **more)
