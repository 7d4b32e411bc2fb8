"""How many types: models of one class and more, compared by information criteria."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.chosen import as_chosen
from crmresearch.archetypes.indicators import Indicators
from crmresearch.archetypes.latent import LatentClasses, fit, parameters
from crmresearch.errors import RequestError
from crmresearch.report.estimates import NAN, Estimate, find
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count

UNITS = {
    "Types": "count",
    "Log-likelihood": "log-likelihood",
    "Parameters": "count",
    "AIC": "criterion",
    "BIC": "criterion",
    "aBIC": "criterion",
    "CAIC": "criterion",
    "ICL": "criterion",
    "Held-out": "held-out",
    "Less the chosen": "held-out difference",
    "From": "held-out difference",
    "To": "held-out difference",
    "LR statistic": "statistic",
    "Bootstrap p": "p",
    "Entropy": "coefficient",
    "Smallest type": "share",
    "Its respondents": "count",
    "Certainty": "probability",
    "Least certain type": "probability",
    "Starts": "count",
    "Finished": "count",
    "At the best": "count",
    "At an edge": "count",
}


BY_CUSTOMERS = "by customers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enumeration:
    """The models tried, one of each number of classes from 1, and which of them was chosen.

    `asked` is the number asked for by the researcher, 0 where BIC chose; `most` is the largest
    number that was to be tried.
    """

    models: tuple[LatentClasses, ...]
    chosen: LatentClasses
    asked: int
    most: int

    @property
    def as_chosen(self) -> bool:
        """True where the types are those that customers chose, so that nothing was fitted."""
        return self.chosen.starts == 0

    @property
    def ranking(self) -> list[LatentClasses]:
        """The models from the lowest BIC to the highest; fewer classes first where equal."""
        return sorted(self.models, key=lambda model: (model.bic, model.classes))

    @property
    def best(self) -> LatentClasses:
        """The model with the lowest BIC."""
        return self.ranking[0]

    @property
    def runner_up(self) -> LatentClasses | None:
        """The model with the second lowest BIC."""
        return self.ranking[1] if len(self.models) > 1 else None


def enumerate_classes(
    indicators: Indicators,
    *,
    max_classes: int = 6,
    classes: int = 0,
    starts: int = 20,
    seed: int = 20260101,
) -> Enumeration:
    """Fit 1 to `max_classes` classes and choose the number with the lowest BIC.

    Where customers chose their type from a list there is nothing to choose: the types are those.

    Parameters
    ----------
    classes : the number to choose whatever BIC says; 0 leaves the choice to BIC
    starts : random starts of one set; see `latent.fit`
    seed : each number of classes has its own stream of random numbers, so that a model does not
        depend on which others were fitted

    Raises
    ------
    RequestError
        Where `classes` is more than these indicators can tell apart.
    """
    if indicators.as_chosen:
        known = as_chosen(indicators.patterns)
        return Enumeration(models=(known,), chosen=known, asked=0, most=1)
    possible = most_classes(indicators)
    if classes > possible:
        raise RequestError(
            f"classes={classes}: {len(indicators.variables)} indicators answered by "
            f"{count(indicators.patterns.n, 'respondent')} can tell at most "
            f"{count(possible, 'class', 'classes')} apart. Ask for fewer, or for 0 to let BIC "
            "choose."
        )
    models: list[LatentClasses] = []
    for number in range(1, min(max(max_classes, classes), possible) + 1):
        rng = np.random.default_rng([seed, number])
        near = models[-1] if models else None
        models.append(fit(indicators.patterns, number, starts=starts, rng=rng, near=near))
    best = min(models, key=lambda model: (model.bic, model.classes))
    chosen = models[classes - 1] if classes else best
    return Enumeration(models=tuple(models), chosen=chosen, asked=classes, most=max_classes)


def most_classes(indicators: Indicators) -> int:
    """The largest number of classes with fewer parameters than possible answers or respondents."""
    patterns = indicators.patterns
    room = min(patterns.cells - 1, patterns.n)
    number = 1
    while parameters(patterns, number + 1) <= room and number + 1 <= len(patterns.codes):
        number += 1
    return number


def criteria(
    found: Enumeration, held_out: Iterable[Estimate] = (), tests: Iterable[Estimate] = ()
) -> pd.DataFrame:
    """One row a model: its likelihood, and everything that may speak for a number of types.

    "Held-out" is the mean log-likelihood of a respondent who was held out of the fit, "Less the
    chosen" its difference from that of the number chosen with an interval "From" and "To". "LR
    statistic" and "Bootstrap p" test the number against one type fewer. `held_out` are the
    estimates of `held_out.by_number`, `tests` those of `bootstrap_test`; the columns of what is
    not given are left out, and so is everything where customers chose their types.
    """
    if found.as_chosen:
        return pd.DataFrame({"Types": [found.chosen.classes], "Chosen": [BY_CUSTOMERS]})
    held_out, tests = list(held_out), list(tests)
    rows = []
    for model in found.models:
        row = {
            "Types": model.classes,
            "Log-likelihood": model.loglik,
            "Parameters": model.parameters,
            "AIC": model.aic,
            "BIC": model.bic,
            "aBIC": model.abic,
            "CAIC": model.caic,
            "ICL": model.icl,
        }
        mean = find(held_out, f"types.held_out.{model.classes}")
        apart = find(held_out, f"types.held_out.less_chosen.{model.classes}")
        test = find(tests, f"types.blrt.{model.classes}")
        if held_out:
            row |= {
                "Held-out": mean.value if mean else NAN,
                "Less the chosen": apart.value if apart else NAN,
                "From": apart.low if apart else NAN,
                "To": apart.high if apart else NAN,
            }
        if tests:
            row |= {
                "LR statistic": test.value if test else NAN,
                "Bootstrap p": test.p if test else NAN,
            }
        rows.append(row | {"Chosen": _mark(found, model)})
    return pd.DataFrame(rows)


def solutions(found: Enumeration, *, min_cell: int = 10) -> pd.DataFrame:
    """One row a model: how sharp and how large its classes are, how sure the solution is.

    "Smallest type" is its share and "Its respondents" how many that is, both missing below
    `min_cell`. "Certainty" is the mean probability of respondents' likeliest type, "Least certain
    type" the lowest of the types' own. "Finished" counts the starts that were followed to the
    end, "At the best" those of them that ended at the log-likelihood shown, and "At an edge" the
    parameters that lie on the boundary of what is possible, where a probability is 0 or 1. Empty
    where customers chose their types.
    """
    if found.as_chosen:
        return pd.DataFrame()
    rows = []
    for model in found.models:
        share = float(model.shares.min())
        seen = share * model.patterns.n >= min_cell
        rows.append(
            {
                "Types": model.classes,
                "Chosen": _mark(found, model),
                "Entropy": model.entropy,
                "Smallest type": share if seen else NAN,
                "Its respondents": round(share * model.patterns.n) if seen else NAN,
                "Certainty": float(
                    np.average(model.posterior.max(axis=1), weights=model.patterns.weight)
                ),
                "Least certain type": float(np.nanmin(model.certainty)),
                "Starts": model.starts,
                "Finished": model.finished,
                "At the best": model.replicated,
                "At an edge": int(model.at_edge.sum()),
            }
        )
    return pd.DataFrame(rows)


def enumeration_caveats(found: Enumeration) -> list[Caveat]:
    """What makes the number of types, or the solution itself, less sure."""
    if found.as_chosen:
        return []
    caveats = []
    model = found.chosen
    if model.classes > 1 and model.replicated < 2:
        caveats.append(
            Caveat(
                key="classes.replication",
                text=f"The best solution with {model.classes} types was reached by 1 of "
                f"{model.starts} starts only: there may be a better one. Raise the parameter "
                "starts.",
            )
        )
    if not model.converged:
        caveats.append(
            Caveat(
                key="classes.convergence",
                text=f"The solution with {model.classes} types was still improving when it was "
                "stopped; its numbers are not final.",
            )
        )
    return caveats + _number_caveats(found)


def _number_caveats(found: Enumeration) -> list[Caveat]:
    """What makes the number of types alone less sure."""
    caveats, most = [], found.models[-1].classes
    if not found.asked and found.best.classes == most == found.most and most > 1:
        caveats.append(
            Caveat(
                key="classes.largest",
                text=f"BIC is lowest at {most} types, the largest number tried: more types may "
                "describe the answers better. Raise the parameter max_classes.",
            )
        )
    if most < found.most:
        caveats.append(
            Caveat(
                key="classes.room",
                text=f"These indicators cannot tell more than {count(most, 'type')} apart, so no "
                "more were tried.",
            )
        )
    return [*caveats, *_counted_in_full(found)]


def _counted_in_full(found: Enumeration) -> list[Caveat]:
    """That the number hangs on weighted answers counting in full, where it does."""
    other = _by_effective(found)
    if other is None:
        return []
    return [
        Caveat(
            key="classes.weights",
            text="BIC counts weighted answers as if all told equally much. By the effective number "
            f"of respondents that unequal weights leave (Kish), it is lowest at "
            f"{count(other, 'type')}. Compare both numbers by the parameter classes.",
        )
    ]


def _by_effective(found: Enumeration) -> int | None:
    """Where BIC would be lowest with the effective number, if not where it is; else None."""
    patterns = found.chosen.patterns
    if found.asked or not patterns.weighted:
        return None
    ratio = patterns.total / patterns.square.sum()

    def criterion(model: LatentClasses) -> float:
        return -2 * ratio * model.loglik + np.log(ratio * patterns.total) * model.parameters

    number = min(found.models, key=criterion).classes
    return number if number != found.best.classes else None


def _mark(found: Enumeration, model: LatentClasses) -> str:
    if model is found.chosen:
        return "chosen"
    if model is found.best:
        return "lowest BIC"
    return "runner-up" if model is found.runner_up and found.chosen is found.best else ""
