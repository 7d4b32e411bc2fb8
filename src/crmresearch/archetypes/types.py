"""The types found: their profiles and shares with intervals, and a working label by rule."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from crmresearch.archetypes.indicators import VALENCES, Indicators
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.uncertainty import Uncertainty, uncertainty
from crmresearch.data.codebook import Variable
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import share
from crmresearch.report.estimates import NAN, Estimate

HALF = 0.5  # of the signs of one side, shown by a type on average: it has that side
WARM = 0.75  # of the positive signs: more than cool
COOL = 1 / 3  # of the positive signs: more than neutral
LABEL_RULE = (
    "Working labels follow from the profile by rule: with half or more of both the positive and "
    "the negative signs a type is ambivalent, with half or more of the negative ones only "
    "negative, with three quarters or more of the positive ones only warm, with a third or more "
    "cool, and neutral otherwise. They are not names of relationships: naming a type after a "
    "metaphor would need a check outside these answers."
)
LABEL_RULE_UNSIDED = (
    "Working labels name the two signs in which a type differs most from all respondents "
    "together. They are not names of relationships: naming a type after a metaphor would need a "
    "check outside these answers."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """The chosen model as types of relationship, the largest first.

    Parameters
    ----------
    labels : K texts, ``1 warm``, unlike one another
    position : (K, J) mean position of the type on each indicator, 0 lowest to 1 highest answer;
        NaN where answers have no order
    overall : (J,) the same of all respondents
    """

    indicators: Indicators
    model: LatentClasses
    errors: Uncertainty
    labels: tuple[str, ...]
    position: np.ndarray
    overall: np.ndarray
    level: float

    @property
    def label_rule(self) -> str:
        """How the labels were given, for a note."""
        return LABEL_RULE if self.indicators.sided else LABEL_RULE_UNSIDED

    def mean_of(self, valence: str) -> np.ndarray:
        """(K,) mean position of each type on the indicators of one side."""
        chosen = self.indicators.of(valence) & np.isfinite(self.overall)
        return (
            self.position[:, chosen].mean(axis=1)
            if chosen.any()
            else np.full(len(self.labels), NAN)
        )

    @property
    def balance(self) -> np.ndarray:
        """(K,) positive less negative signs; NaN without both."""
        return self.mean_of("positive") - self.mean_of("negative")

    @property
    def of_row(self) -> np.ndarray:
        """(n,) the likeliest type of each respondent, -1 where there is none."""
        row = self.model.patterns.row
        return np.where(row >= 0, self.model.modal[row], -1)


def find_types(indicators: Indicators, model: LatentClasses, *, level: float = 0.95) -> Types:
    """Describe the classes of `model` as types, with errors, positions and working labels."""
    values = [_values(item, found) for item, found in _columns(indicators)]
    position = np.column_stack(
        [
            model.probs[:, first : first + len(value)] @ value
            for first, value in zip(indicators.patterns.starts, values, strict=True)
        ]
    )
    overall = model.shares @ position
    return Types(
        indicators=indicators,
        model=model,
        errors=uncertainty(model, design=indicators.design),
        labels=_labels(indicators, model, position, overall),
        position=position,
        overall=overall,
        level=level,
    )


def type_shares(types: Types) -> list[Estimate]:
    """Share of respondents of each type, by the model and not by counting likeliest types."""
    patterns = types.model.patterns
    return [
        _estimate(
            types,
            k,
            key="type.share",
            name="Share of respondents",
            value=float(types.model.shares[k]),
            interval=types.errors.share_interval(k, types.level),
            n=patterns.n,
            n_dropped=patterns.n_dropped,
            method=f"latent class share, arcsine interval, {types.errors.words}",
        )
        for k in range(types.model.classes)
    ]


def profiles(types: Types) -> list[Estimate]:
    """What each type says: one estimate an indicator for all respondents, then one a type.

    For a yes-or-no indicator the probability of yes; for a scale the mean answer as a share of
    the way from the lowest to the highest answer; for unordered answers the probability of each.
    n is the expected number of the type's respondents who answered.
    """
    columns = _columns(types.indicators)
    return [
        *(
            _overall(types, j, item)
            for j, (item, _) in enumerate(columns)
            if item.type != "category"
        ),
        *(
            estimate
            for k in range(types.model.classes)
            for j, (item, found) in enumerate(columns)
            for estimate in _profile(types, k, j, item, found)
        ),
    ]


def separation(types: Types) -> list[Estimate]:
    """How sharply the types are told apart: relative entropy of the classification."""
    model = types.model
    if model.classes == 1:
        return []
    error = types.errors.entropy_error(types.indicators.design)
    reach = _normal(types.level) * error
    return [
        Estimate(
            key="type.entropy",
            name="Relative entropy",
            value=model.entropy,
            low=max(0.0, model.entropy - reach) if np.isfinite(reach) else NAN,
            high=min(1.0, model.entropy + reach) if np.isfinite(reach) else NAN,
            level=types.level,
            unit="coefficient",
            n=model.patterns.n,
            n_dropped=model.patterns.n_dropped,
            method=f"1 less mean uncertainty of membership; linearised, {types.errors.words}",
        )
    ]


def _profile(types: Types, k: int, j: int, item: Variable, found: np.ndarray) -> list[Estimate]:
    first = int(types.indicators.patterns.starts[j])
    patterns = types.model.patterns
    answering = patterns.rows * patterns.answered[:, j]
    n = round(float(types.model.posterior[:, k] @ answering))
    if item.type == "scale":
        error = types.errors.mean_error(k, slice(first, first + len(found)), _values(item, found))
        value, reach = float(types.position[k, j]), _normal(types.level) * error
        interval = (
            (max(0.0, value - reach), min(1.0, value + reach)) if error == error else (NAN, NAN)
        )
        method = f"latent class mean as a share of the scale, {types.errors.words}"
        return [
            _estimate(
                types, k, key=_key(item), name=item.name, value=value,
                interval=interval, n=n, n_dropped=0, method=method,
            )
        ]  # fmt: skip
    method = f"latent class probability, arcsine interval, {types.errors.words}"
    edge = f"latent class probability, profile likelihood interval, {types.errors.words}"
    near = types.errors.near_edge(types.level)[k]
    columns = [first + 1] if item.type == "binary" else range(first, first + len(found))
    return [
        _estimate(
            types,
            k,
            key=_key(item) + ("" if item.type == "binary" else f".{column - first + 1}"),
            name=item.name if item.type == "binary" else f"{item.name}: {found[column - first]}",
            value=float(types.model.probs[k, column]),
            interval=types.errors.prob_interval(k, column, types.level),
            n=n,
            n_dropped=0,
            method=edge if near[column] else method,
        )
        for column in columns
    ]


def _overall(types: Types, j: int, item: Variable) -> Estimate:
    settings = {"key": _key(item), "name": item.name, "level": types.level}
    position, design = types.indicators.position[:, j], types.indicators.design
    if item.type == "binary":
        return share(position, design=design, **settings)
    return mean(position, design=design, unit="share", low=0.0, high=1.0, **settings)


def _key(item: Variable) -> str:
    return f"profile.{item.construct if item.construct in VALENCES else 'sign'}.{item.variable}"


def _estimate(types: Types, k: int, *, interval: tuple[float, float], **fields) -> Estimate:
    return Estimate(
        **fields,
        low=interval[0],
        high=interval[1],
        level=types.level,
        unit="share",
        group=f"type: {types.labels[k]}",
    )


def _columns(indicators: Indicators) -> list[tuple[Variable, np.ndarray]]:
    return list(zip(indicators.variables, indicators.patterns.categories, strict=True))


def _values(item: Variable, found: np.ndarray) -> np.ndarray:
    """Position of each answer that occurs between the lowest and the highest possible."""
    if item.type == "category":
        return np.full(len(found), NAN)
    answers = found.astype(float)
    if item.type == "binary":
        return answers
    low = item.low if item.low is not None else answers.min()
    high = item.high if item.high is not None else answers.max()
    return (answers - low) / (high - low)


def _normal(level: float) -> float:
    return float(stats.norm.ppf(0.5 + level / 2))


def _labels(
    indicators: Indicators, model: LatentClasses, position: np.ndarray, overall: np.ndarray
) -> tuple[str, ...]:
    if indicators.sided:
        positive = position[:, indicators.of("positive") & np.isfinite(overall)].mean(axis=1)
        negative = position[:, indicators.of("negative") & np.isfinite(overall)].mean(axis=1)
        words = [_side(*pair) for pair in zip(positive, negative, strict=True)]
    else:
        words = [_distinct(indicators, row - overall, 2) for row in position]
    for word in {word for word in words if words.count(word) > 1}:
        alike = [k for k, other in enumerate(words) if other == word]
        centre = model.shares[alike] @ position[alike] / model.shares[alike].sum()
        for k in alike:
            words[k] = f"{word}, {_distinct(indicators, position[k] - centre, 1)}"
    return tuple(f"{k} {word}" for k, word in enumerate(words, start=1))


def _side(positive: float, negative: float) -> str:
    if negative >= HALF:
        return "ambivalent" if positive >= HALF else "negative"
    return "warm" if positive >= WARM else "cool" if positive >= COOL else "neutral"


def _distinct(indicators: Indicators, difference: np.ndarray, words: int) -> str:
    """The indicators that differ most, as ``more cheap, less tasty``."""
    known = np.flatnonzero(np.isfinite(difference))
    if not len(known) or np.abs(difference[known]).max() < 0.01:
        return "as all"
    order = known[np.argsort(-np.abs(difference[known]), kind="stable")][:words]
    return ", ".join(
        f"{'more' if difference[j] > 0 else 'less'} {indicators.variables[j].variable}"
        for j in order
    )
