"""Who has which type: the chances of the types by brand, segment and other characteristics.

A multinomial logit of the type on all characteristics at once (see `membership`), told in
percentage points: how much larger a type's share would be among customers like these with one
value of a characteristic rather than another. Cross-sections: it goes with them, no more.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from crmresearch.archetypes.classification import Classification, Linear, classify
from crmresearch.archetypes.membership import METHODS, Crossed, Membership, fit
from crmresearch.archetypes.one_step import OneStep, one_step
from crmresearch.archetypes.predictors import Characteristic, Predictors, read_predictors
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.groups import slug
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.wald import equal_means
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count

WORDS = {
    "ml": "three-step ML",
    "bch": "BCH",
    "modal": "likeliest type",
    "one": "one-step ML",
}


@dataclass(frozen=True, slots=True, eq=False)
class Who:
    """Models of the type on the characteristics, by method; those without an end are left out.

    `one` is the one-step model beside them, where there are few enough respondents for it.
    """

    types: Types
    classified: Classification
    predictors: Predictors
    models: dict[str, Membership]
    one: OneStep | None
    _slopes: dict[tuple[str, str], Linear] = field(default_factory=dict, init=False, repr=False)

    def slopes(self, method: str, item: Characteristic) -> Linear:
        """Log odds of one characteristic, made once."""
        at = (method, item.name)
        if at not in self._slopes:
            self._slopes[at] = self.models[method].slopes(item.columns).settled()
        return self._slopes[at]

    @property
    def best(self) -> Membership | None:
        """The model that is reported: by maximum likelihood, else by BCH."""
        return self.models.get("ml") or self.models.get("bch")

    @property
    def dropped(self) -> int:
        """Respondents with a type of whom a characteristic is missing."""
        return int((self.classified.placed & (self.predictors.row < 0)).sum())


def who_has_which(types: Types, survey: Survey, *, min_cell: int = 1) -> Who | None:
    """Fit the types on the characteristics; None without characteristics or with one type only."""
    if types.model.classes < 2:
        return None
    classified = classify(types)
    usable = classified.placed & (classified.design.row_weights() > 0)
    predictors = read_predictors(survey, usable, min_cell=min_cell)
    if not predictors.characteristics:
        return None
    crossed = crossed_with(predictors, classified)
    methods = METHODS[:1] if classified.certain else METHODS  # with nothing to correct, all agree
    fitted = {method: fit(crossed, classified, method=method) for method in methods}
    models = {method: model for method, model in fitted.items() if model is not None}
    return Who(types, classified, predictors, models, _one_step(classified, predictors, models))


def _one_step(
    classified: Classification, predictors: Predictors, models: dict[str, Membership]
) -> OneStep | None:
    """All at once, where three steps have shown that there is a maximum and types are estimated."""
    if classified.certain or "ml" not in models or models["ml"].eased:
        return None
    model, start = classified.types.model, models["ml"].coefficients
    parts = (predictors.matrix, predictors.row, classified.design)
    return one_step(model, *parts, start=start)


def crossed_with(predictors: Predictors, classified: Classification) -> Crossed:
    """The combinations of characteristics with how many were put into each type."""
    used = predictors.row >= 0
    wide = len(classified.table)
    cell = predictors.row[used] * wide + classified.assigned[used]
    weight = classified.design.row_weights()[used]
    counts = np.bincount(cell, weight, len(predictors.matrix) * wide).reshape(-1, wide)
    return Crossed(predictors.matrix, counts, predictors.row)


def share_differences(who: Who | None) -> list[Estimate]:
    """Differences in the types' shares that go with each characteristic, the others held.

    Average marginal effects: every respondent's chances with one value of the characteristic less
    those with the other, averaged.

    Returns
    -------
    Two estimates or more a characteristic: Wald's F that its log odds are zero for every type
    (``who.<characteristic>``, p by Holm over characteristics), then a difference a type and
    contrast (``who.share.<number of the type>``, group the characteristic and its values).
    """
    model = None if who is None else who.best
    if model is None:
        return []
    tests = [_test(who, model, item) for item in who.predictors.characteristics]
    adjusted = adjust(np.array([item.p for item in tests]), method="holm")
    words = f"p by Holm over {count(len(tests), 'characteristic')}"
    tests = [
        replace(item, p=float(p), method=f"{item.method}, {words}")
        for item, p in zip(tests, adjusted, strict=True)
    ]
    shares = [
        estimate
        for item in who.predictors.characteristics
        for estimate in _differences(who, model, item)
    ]
    return [*tests, *shares]


def log_odds(who: Who | None) -> list[Estimate]:
    """Log odds of each type against the first, by every method that could be had.

    Key ``odds.<method>.<number of the type>``, group the characteristic and its values; by
    likeliest type they are drawn towards zero, and their errors take the types as known.
    """
    if who is None:
        return []
    return [
        estimate
        for item in who.predictors.characteristics
        for method in (*who.models, *(["one"] if who.one and who.one.slopes else []))
        for estimate in _slopes(who, item, method)
    ]


def who_caveats(who: Who | None) -> list[Caveat]:
    """What was left out of the models, and which could not be had."""
    if who is None:
        return []
    eased = [WORDS[method] for method, model in who.models.items() if model.eased]
    methods = METHODS[:1] if who.classified.certain else METHODS
    failed = [WORDS[method] for method in methods if method not in who.models]
    texts = {
        "missing": f"{count(who.dropped, 'respondent')} with a missing characteristic left out of "
        "who has which type: if those who did not tell differ, so would the result."
        if who.dropped
        else "",
        "left-out": "Left out of who has which type, for being constant, too rare, given by the "
        f"others or of too many names: {', '.join(who.predictors.left_out)}."
        if who.predictors.left_out
        else "",
        "eased": "Some type hardly occurs with some characteristic, so that log odds by "
        f"{' and '.join(eased)} would have no end: as many respondents as there are predictors "
        "were added, spread like all, which draws these towards zero."
        if eased
        else "",
        "failed": f"Log odds of the types by {' and '.join(failed)} have no finite value: some "
        "type hardly occurs with some characteristic. Join its rare answers, or ask for fewer "
        "types."
        if failed
        else "",
    }
    return [Caveat(key=f"who.{key}", text=text) for key, text in texts.items() if text]


def _words(model: Membership) -> str:
    return WORDS[model.method] + (", respondents added (Clogg)" if model.eased else "")


def _test(who: Who, model: Membership, item: Characteristic) -> Estimate:
    slopes = who.slopes(model.method, item)
    covariance, freedom = slopes.covariance()
    size = len(slopes.value)
    wider = np.zeros((size + 1, size + 1))  # after a number that is zero for certain
    wider[1:, 1:] = covariance
    value, above, below, p = equal_means(np.append(0.0, slopes.value), wider, freedom)
    return Estimate(
        key=f"who.{slug(item.name)}",
        name=f"{item.name}: types in the same shares",
        value=value,
        level=who.types.level,
        unit="statistic",
        n=int(slopes.used.sum()),
        n_dropped=who.dropped,
        method=f"Wald F of the log odds, {_words(model)}, {above} and {below:,.0f} df",
        p=p,
    )


def _differences(who: Who, model: Membership, item: Characteristic) -> list[Estimate]:
    parts = []
    for contrast in item.contrasts:
        sides = []
        for values in (contrast.high, contrast.low):
            matrix = who.predictors.matrix.copy()
            matrix[:, item.columns] = values
            sides.append(model.shares(matrix))
        parts.append([high - low for high, low in zip(*sides, strict=True)])
    value, gradients, direct = zip(*parts, strict=True)
    found = model.numbers(np.concatenate(value), np.concatenate(gradients), np.hstack(direct))
    wide = len(who.types.labels)
    return [
        _estimate(
            who, found, at * wide + k, key=f"who.share.{k + 1}", name=label,
            unit="share difference", n=contrast.n, group=f"{item.name}: {contrast.words}",
            method=f"average marginal effect, {_words(model)}",
        )
        for at, contrast in enumerate(item.contrasts)
        for k, label in enumerate(who.types.labels)
    ]  # fmt: skip


def _slopes(who: Who, item: Characteristic, method: str) -> list[Estimate]:
    wide = len(who.types.labels) - 1
    if method == "one":
        found, first_at, words = who.one.slopes, item.columns[0] * wide, WORDS[method]
    else:
        found, first_at, words = who.slopes(method, item), 0, _words(who.models[method])
    first = who.types.labels[0]
    return [
        _estimate(
            who, found, first_at + at * wide + k, key=f"odds.{method}.{k + 2}", unit="log odds",
            name=f"{label} against {first}, {WORDS[method]}", n=item.contrasts[at].n,
            method=f"multinomial logit, {words}", group=f"{item.name}: {term}",
        )
        for at, term in enumerate(item.terms)
        for k, label in enumerate(who.types.labels[1:])
    ]  # fmt: skip


def _estimate(who: Who, found: Linear, at: int, *, method: str, **fields) -> Estimate:
    low, high, p, words = found.interval(np.eye(len(found.value))[at], who.types.level)
    return Estimate(
        **fields,
        value=float(found.value[at]),
        low=low,
        high=high,
        level=who.types.level,
        n_dropped=who.dropped,
        method=f"{method}, {words}",
        p=p if p == p else NAN,
    )
