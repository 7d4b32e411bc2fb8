"""The satisfaction index: a path model between constructs, their level, and what matters most."""

from dataclasses import dataclass

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.methods import pls, pls_fit, pls_measurement, pls_quality, pls_scores
from crmresearch.methods.pls_fit import Fit
from crmresearch.methods.pls_priorities import priorities as map_of
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.survey.index_model import Structure, structure
from crmresearch.survey.sample import GROUPINGS, parts, sampling

KEY = "index"


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """A survey's path model, fitted.

    Parameters
    ----------
    survey : the answers
    structure : the model
    table : (n, p), the answers to its items in the model's order
    low, high : (p,), the declared ends of the items; NaN where none are declared
    fit : the solution and its bootstrap
    target : the construct that the report is about: satisfaction where the model has it
    residual : SRMR and the test of exact fit
    """

    survey: Survey
    structure: Structure
    table: np.ndarray
    low: np.ndarray
    high: np.ndarray
    fit: Fit
    target: str
    residual: Estimate

    @property
    def named(self) -> dict:
        """How constructs are written, for the functions that make estimates."""
        return {"key": KEY, "names": self.structure.names, "slugs": self.structure.slugs}


def fit(
    survey: Survey,
    *,
    paths: str = "",
    scheme: str = "path",
    metric: str = "standardised",
    blanks: str = "listwise",
    seed: int,
    resamples: int = 1000,
    min_cell: int = 10,
) -> Index | None:
    """Fit the path model that `paths` or else the dataset declares.

    Parameters
    ----------
    paths : ``image -> expectation, loyalty; expectation -> quality``
    scheme, metric : see `methods.pls.solve`
    blanks : ``listwise`` leaves out who did not answer every item, ``mean`` puts the item's mean
        in place of a missing answer
    min_cell : with fewer complete respondents nothing is fitted, since they could be identified

    Returns
    -------
    None where there is no model, or too few answers for it.

    Raises
    ------
    RequestError, DataError
        Where the model is not one; see `index_model.structure`.
    """
    found = structure(survey, paths)
    if found is None:
        return None
    table = survey.answers[list(found.model.items)].to_numpy(float)
    fitted = pls_fit.fit(
        table,
        found.model,
        rng=np.random.default_rng(seed),
        design=sampling(survey),
        scheme=scheme,
        metric=metric,
        missing=blanks,
        resamples=resamples,
    )
    if fitted is None or fitted.n < min_cell:
        return None
    low, high = _ends(survey, found)
    return Index(
        survey=survey,
        structure=found,
        table=table,
        low=low,
        high=high,
        fit=fitted,
        target=_target(survey, found),
        residual=pls_fit.exact_fit(fitted, key=f"{KEY}.srmr"),
    )


def _ends(survey: Survey, found: Structure) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and highest answer that each item allows; NaN where none is declared."""
    pairs = []
    for name in found.model.items:
        item = survey.codebook[name]
        pair = (0.0, 1.0) if item.type == "binary" else (item.low, item.high)
        pairs.append([NAN if end is None else end for end in pair])
    low, high = np.array(pairs, dtype=float).T
    return low, high


def _target(survey: Survey, found: Structure) -> str:
    """The construct of satisfaction, else the one that the most others lead to."""
    model = found.model
    for place, name in enumerate(model.names):
        mine = np.array(model.items)[model.blocks[:, place]]
        if all("satisfaction" in survey.codebook[item].roles for item in mine):
            return name
    return model.names[_leading(model).argmax()]


def _leading(model: pls.PathModel) -> np.ndarray:
    """How many constructs lead to each, directly or through others."""
    return (pls_quality.total_effects(model.inner * 1.0) > 0).sum(axis=0)


def paths(index: Index | None, *, level: float = 0.95) -> list[Estimate]:
    """Paths and R², those of the index' target first.

    Keys: ``index.path.quality.satisfaction`` and ``index.r2.satisfaction``.
    """
    if index is None:
        return []
    last = f".{index.structure.slugs[index.target]}"
    drawn = pls_fit.paths(index.fit, **index.named, level=level)
    drawn.sort(key=lambda item: (".r2." in item.key, not item.key.endswith(last)))
    return drawn


def measured(index: Index | None, *, level: float = 0.95) -> list[Estimate]:
    """What else the model has: fit, effects through others, and how well constructs are measured.

    Keys: ``index.srmr``, ``index.total.…`` and ``index.indirect.…`` for effects through others,
    ``index.ave.quality``, ``index.rho_a.quality``, ``index.loading.PERQ1``,
    ``index.weight.PERQ1``.
    """
    if index is None:
        return []
    found = index.fit
    variables = {item: index.survey.codebook[item].name for item in found.model.items}
    return [
        index.residual,
        *pls_fit.effects(found, **index.named, level=level),
        *pls_measurement.constructs(found, **index.named, level=level),
        *pls_measurement.items(found, key=KEY, names=variables, level=level),
    ]


def scores(
    index: Index | None, *, by: tuple[str, ...] = GROUPINGS, level: float = 0.95
) -> list[Estimate]:
    """The index of the target from 0 to 100, ``index.score``, for all and by group.

    The second estimate, ``index.score.equal``, counts every item alike. Empty where the items'
    ranges are not declared.
    """
    if index is None:
        return []
    return pls_scores.index(
        index.fit,
        index.table,
        index.target,
        low=index.low,
        high=index.high,
        design=sampling(index.survey),
        parts=[(f"{variable}: {label}", rows) for variable, label, rows in parts(index.survey, by)],
        key=f"{KEY}.score",
        name=f"Index of {index.structure.names[index.target]}",
        level=level,
    )


def priorities(index: Index | None, *, level: float = 0.95) -> list[Estimate]:
    """Importance for the target beside performance; see `methods.pls_priorities.priorities`.

    Where fewer than two constructs lead to the target, the one that most lead to takes its place.
    """
    if index is None:
        return []
    model = index.fit.model
    leading = _leading(model)
    target = index.target
    if leading[index.fit.place(target)] < 2:
        target = model.names[leading.argmax()]
    return map_of(index.fit, target, low=index.low, high=index.high, **index.named, level=level)
