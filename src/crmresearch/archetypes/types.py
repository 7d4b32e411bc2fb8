"""The types found: their profiles and shares with intervals, and a working label by rule."""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

from crmresearch.archetypes import labels
from crmresearch.archetypes.indicators import VALENCES, Indicators
from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.uncertainty import Uncertainty, uncertainty
from crmresearch.data.codebook import Variable
from crmresearch.methods.means import mean
from crmresearch.methods.proportions import share
from crmresearch.report.estimates import NAN, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """The chosen model as types of relationship, the largest first.

    Parameters
    ----------
    labels : K texts, ``1 warm``, unlike one another
    position : (K, J) mean position of the type on each indicator, 0 lowest to 1 highest answer;
        NaN where answers have no order
    overall : (J,) the same of all respondents
    kept : what several later steps need, made once
    """

    indicators: Indicators
    model: LatentClasses
    errors: Uncertainty
    labels: tuple[str, ...]
    position: np.ndarray
    overall: np.ndarray
    level: float
    kept: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def label_rule(self) -> str:
        """How the labels were given, for a note."""
        return labels.rule(self.indicators)

    def mean_of(self, valence: str) -> np.ndarray:
        """(K,) mean position of each type on the indicators of one side."""
        chosen = self.indicators.of(valence) & np.isfinite(self.overall)
        return (
            self.position[:, chosen].mean(axis=1)
            if chosen.any()
            else np.full(len(self.labels), NAN)
        )

    def slope(self, j: int) -> np.ndarray:
        """What a class's parameters of indicator `j` are multiplied by to give its position."""
        return _slope(self.indicators, j)

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
    slopes = [_slope(indicators, j) for j in range(len(indicators.variables))]
    position = np.column_stack(
        [
            model.probs[:, first : first + len(slope)] @ slope
            for first, slope in zip(indicators.patterns.starts, slopes, strict=True)
        ]
    )
    overall = model.shares @ position
    return Types(
        indicators=indicators,
        model=model,
        errors=uncertainty(model, design=indicators.design),
        labels=labels.labels(indicators, model, position, overall),
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


OF_SCALE = "as a share of the scale"  # in the method of such a mean, which is no share of people


def profiles(types: Types) -> list[Estimate]:
    """What each type says: one estimate an indicator for all respondents, then one a type.

    For a yes-or-no indicator the probability of yes; for a scale or rating the mean answer as a
    share of the way from the lowest to the highest answer; for a quantity without declared ends
    its mean; for unordered answers the probability of each. n is the expected number of the type's
    respondents who answered. Empty where the types are those that were chosen, which say nothing
    else.
    """
    if types.indicators.as_chosen:
        return []
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
    if model.classes == 1 or types.indicators.as_chosen:
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
    patterns = types.model.patterns
    answering = patterns.rows * patterns.answered[:, j]
    # rounded so that the types add up: a rest of one would pass for a group that must be hidden
    counts = np.diff(np.rint(np.cumsum(answering @ types.model.posterior)), prepend=0.0)
    n = int(counts[k])
    if item.type in ("scale", "number"):
        return [_class_mean(types, k, j, item, n)]
    first = int(patterns.starts[j])
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


def _class_mean(types: Types, k: int, j: int, item: Variable, n: int) -> Estimate:
    """The mean answer of a type, between the declared ends or in the answers' own unit."""
    patterns, slope = types.model.patterns, _slope(types.indicators, j)
    ends = types.indicators.ends[j]
    first = int(patterns.starts[j])
    error = types.errors.mean_error(k, slice(first, first + len(slope)), slope)
    value, reach = float(types.position[k, j]), _normal(types.level) * error
    own = _in_own_unit(item)
    low, high = (-np.inf, np.inf) if own else (0.0, 1.0)
    interval = (max(low, value - reach), min(high, value + reach)) if error == error else (NAN, NAN)
    scale = (lambda share: ends[0] + share * (ends[1] - ends[0])) if own else float
    words = "latent class mean" if own else f"latent class mean {OF_SCALE}"
    return _estimate(
        types,
        k,
        key=_key(item),
        name=item.name,
        value=scale(value),
        interval=(scale(interval[0]), scale(interval[1])),
        n=n,
        n_dropped=0,
        method=f"{words}, {types.errors.words}",
        unit="number" if own else "share",
    )


def _in_own_unit(item: Variable) -> bool:
    """Whether an indicator is a quantity that has no ends to tell its place between."""
    return item.type == "number" and (item.low is None or item.high is None)


def _overall(types: Types, j: int, item: Variable) -> Estimate:
    settings = {"key": _key(item), "name": item.name, "level": types.level}
    position, design = types.indicators.position[:, j], types.indicators.design
    if item.type == "binary":
        return share(position, design=design, **settings)
    if _in_own_unit(item):
        low, high = types.indicators.ends[j]
        values = low + position * (high - low)
        return mean(values, design=design, unit="number", **settings)
    return mean(position, design=design, unit="share", low=0.0, high=1.0, **settings)


def _key(item: Variable) -> str:
    return f"profile.{item.construct if item.construct in VALENCES else 'sign'}.{item.variable}"


def _estimate(types: Types, k: int, *, interval: tuple[float, float], **fields) -> Estimate:
    return Estimate(
        **({"unit": "share"} | fields),
        low=interval[0],
        high=interval[1],
        level=types.level,
        group=f"type: {types.labels[k]}",
    )


def _columns(indicators: Indicators) -> list[tuple[Variable, np.ndarray]]:
    return list(zip(indicators.variables, indicators.patterns.categories, strict=True))


def _slope(indicators: Indicators, j: int) -> np.ndarray:
    """What a class's parameters of an indicator are multiplied by to give its mean position."""
    found, (low, high) = indicators.patterns.categories[j], indicators.ends[j]
    if not low < high:
        return np.full(indicators.patterns.counts[j], NAN)
    if indicators.patterns.kinds[j] == "continuous":
        return np.array([-low, 1.0, 0.0]) / (high - low)
    return (found.astype(float) - low) / (high - low)


def _normal(level: float) -> float:
    return float(stats.norm.ppf(0.5 + level / 2))
