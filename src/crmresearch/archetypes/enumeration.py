"""How many types: models of one class and more, compared by information criteria."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.indicators import Indicators
from crmresearch.archetypes.latent import LatentClasses, fit, parameters
from crmresearch.errors import RequestError
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
    "Entropy": "coefficient",
    "Smallest type": "share",
    "Least certain type": "probability",
    "Starts": "count",
    "Finished": "count",
    "At the best": "count",
    "At 0 or 1": "count",
}


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


def criteria(found: Enumeration) -> pd.DataFrame:
    """One row a model: likelihood, criteria, how sharp its classes are, how sure the solution is.

    "Smallest type" is its share. "Least certain type" is the lowest, over the types, of the mean
    probability with which those assigned to a type belong to it. "Finished" counts
    the starts that were followed to the end, "At the best" those of them that ended at the
    log-likelihood shown, and "At 0 or 1" the probabilities on that boundary.
    """
    return pd.DataFrame(
        [
            {
                "Types": model.classes,
                "Log-likelihood": model.loglik,
                "Parameters": model.parameters,
                "AIC": model.aic,
                "BIC": model.bic,
                "aBIC": model.abic,
                "CAIC": model.caic,
                "Entropy": model.entropy,
                "Smallest type": float(model.shares.min()),
                "Least certain type": float(np.nanmin(model.certainty)),
                "Starts": model.starts,
                "Finished": model.finished,
                "At the best": model.replicated,
                "At 0 or 1": int(model.at_edge.sum()),
                "Chosen": "chosen" if model is found.chosen else _rank(found, model),
            }
            for model in found.models
        ]
    )


def enumeration_caveats(found: Enumeration) -> list[Caveat]:
    """What makes the number of types, or the solution itself, less sure."""
    caveats = []
    model, most = found.chosen, found.models[-1].classes
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
    return caveats


def _rank(found: Enumeration, model: LatentClasses) -> str:
    if model is found.best:
        return "lowest BIC"
    return "runner-up" if model is found.runner_up and found.chosen is found.best else ""
