"""A fitted model apart from its respondents: what a later study needs to keep its types."""

from dataclasses import dataclass, field, replace
from importlib.metadata import version

import numpy as np

from crmresearch.archetypes.em import posterior
from crmresearch.archetypes.information import Layout
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.types import Types
from crmresearch.data.codebook import Variable
from crmresearch.data.survey import Survey

ROLES = ("indicator", "experienced", "relationship")  # of what types are found in
LONGEST = 500  # characters of a text
_DIGITS = 12  # significant ones of the covariances, which are known to two or three


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SavedModel:
    """A model of K types with P free parts, apart from the data it was fitted to.

    Parameters
    ----------
    title, sha256, n, design : the data it was fitted to, how many respondents, how they count
    seed, package : the random seed, and the version of this package that fitted it
    variables : J indicators: name, label, type and construct
    patterns : their columns, without a pattern
    labels : K names of types
    shares, probs : (K,) and (K, M), as of `LatentClasses`
    covariance : (P, P) of shares and profiles, see `told`; NaN where not determined
    """

    title: str
    sha256: str
    n: int
    design: str
    seed: int
    package: str
    variables: tuple[Variable, ...]
    patterns: Patterns = field(repr=False)
    labels: tuple[str, ...]
    shares: np.ndarray
    probs: np.ndarray
    covariance: np.ndarray = field(repr=False)

    @property
    def model(self) -> LatentClasses:
        """The model without a respondent, for its columns and parameters."""
        return without_rows(self.patterns, self.shares, self.probs)


def saved(types: Types, survey: Survey, *, seed: int) -> SavedModel:
    """What of `types` is to be kept."""
    model, errors = types.model, types.errors
    layout = Layout.of(model)
    jacobian = np.vstack(
        [
            layout.share_jacobian(model)[1:],
            *(layout.prob_jacobian(model, k)[told(model.patterns)] for k in range(model.classes)),
        ]
    )
    covariance = jacobian @ errors.covariance @ jacobian.T
    return SavedModel(
        title=_one_line(survey.about.title),
        sha256=survey.source.get("sha256", ""),
        n=model.patterns.n,
        design=types.indicators.design.words,
        seed=seed,
        package=version("crmresearch"),
        variables=tuple(_indicator(item) for item in types.indicators.variables),
        patterns=_columns_of(model.patterns),
        labels=tuple(map(_one_line, types.labels)),
        shares=model.shares,
        probs=model.probs,
        covariance=_rounded((covariance + covariance.T) / 2),
    )


def _indicator(item: Variable) -> Variable:
    """Only what the file holds of it, in text that it may hold."""
    return Variable(
        variable=item.variable,
        label=_one_line(item.label),
        type=item.type,
        roles=(next(role for role in ROLES if role in item.roles),),
        construct=_one_line(item.construct),
        low=item.low,
        high=item.high,
    )


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST]


def too_few(types: Types, min_cell: int) -> list[str]:
    """What in a file of these types would tell of fewer than `min_cell` people; none is safe.

    A type that so few are of, or so few of whom answered an indicator; and an answer that so few
    gave in all, since shares and probabilities together tell how often it was given.
    """
    model, patterns = types.model, types.model.patterns
    expected = model.posterior.T @ (patterns.rows[:, None] * patterns.answered)
    rare = [
        f"type {label}"
        for label, answering in zip(types.labels, expected, strict=True)
        if answering.min() < min_cell
    ]
    for j, item in enumerate(types.indicators.variables):
        if patterns.kinds[j] == "continuous":
            continue
        given = np.bincount(
            patterns.codes[:, j] + 1, patterns.rows, minlength=patterns.counts[j] + 1
        )[1:]
        if ((given > 0) & (given < min_cell)).any():
            rare.append(f"an answer to “{item.name}”")
    return rare


def told(patterns: Patterns) -> np.ndarray:
    """Columns whose covariances are kept: all but the first of each indicator, which follows."""
    return np.setdiff1d(np.arange(len(patterns.item)), patterns.starts)


def without_rows(patterns: Patterns, shares: np.ndarray, probs: np.ndarray) -> LatentClasses:
    """A model of these parameters, with the patterns of some respondents or of none."""
    density, chances = posterior(patterns, shares, probs)
    return LatentClasses(
        patterns=patterns,
        shares=shares,
        probs=probs,
        posterior=chances,
        loglik=float(density @ patterns.weight),
        starts=0,
        finished=0,
        replicated=0,
        converged=True,
    )


def _columns_of(patterns: Patterns) -> Patterns:
    """The columns of `patterns` alone; the range of a quantity is somebody's answer and is left."""
    categories = tuple(
        np.array([]) if kind == "continuous" else values
        for values, kind in zip(patterns.categories, patterns.kinds, strict=True)
    )
    return columns_only(
        names=patterns.names,
        kinds=patterns.kinds,
        categories=categories,
        spread=patterns.spread,
        centre=patterns.centre,
        scale=patterns.scale,
    )


def columns_only(
    *, names: tuple[str, ...], categories: tuple[np.ndarray, ...], **fields
) -> Patterns:
    """Patterns of nobody."""
    none = np.zeros(0)
    found = Patterns(
        codes=np.zeros((0, len(names)), dtype=np.int16),
        names=names,
        categories=categories,
        weight=none,
        square=none,
        rows=none.astype(int),
        row=none.astype(int),
        row_weight=none,
        weighted=False,
        onehot=none[:, None],
        **fields,
    )
    return replace(found, onehot=np.zeros((len(found.item), 0)))


def _rounded(matrix: np.ndarray) -> np.ndarray:
    return np.array([[float(f"{value:.{_DIGITS}g}") for value in row] for row in matrix])
