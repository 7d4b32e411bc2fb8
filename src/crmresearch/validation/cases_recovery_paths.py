"""What the cases of the paths, the funnel and the money ask of their estimators."""

import numpy as np
import pandas as pd

from crmresearch.methods.comparisons import Compared, Named, compare
from crmresearch.methods.domains import domain_means
from crmresearch.methods.means import mean_difference
from crmresearch.methods.products import Amount, worth
from crmresearch.methods.weighting import Design, design, mean_contrast
from crmresearch.recovery.funnel_groups import pearson
from crmresearch.validation.references import golden_table

SEGMENTS = ("basic", "plus", "premium")


def pair(outcome: str, later: str, earlier: str) -> dict[str, float]:
    """Two of three segments under weights, strata and clusters, Tukey's interval and g."""
    found, key = _compared(outcome), f"{later}-{earlier}"
    gap = next(item for item in found.pairs if item.key.endswith(key))
    g = next(item for item in found.standardised if item.key.endswith(key))
    return {
        "value": gap.value,
        "low": gap.low,
        "high": gap.high,
        "p": gap.p,
        "g": g.value,
        "g_low": g.low,
        "g_high": g.high,
    }


def all_segments(outcome: str) -> dict[str, float]:
    """Wald's test that three segments have one mean."""
    test = _compared(outcome).test
    return {"F": test.value, "p": test.p}


def planned() -> dict[str, float]:
    """One segment against the two others together: difference, and t from its error."""
    answers, basis = _survey()
    other = (answers["segment"] != "basic").to_numpy()
    sides = {"first": ~other, "second": other}
    found = mean_difference(answers["loyalty"], **sides, design=basis, key="gap", name="gap")
    error = mean_contrast(answers["loyalty"], basis, [(1.0, other), (-1.0, ~other)])[1]
    return {"value": found.value, "t": found.value / error}


def main_effect(factor: str) -> dict[str, float]:
    """A factor of two crossed ones, cells weighted equally, under the design."""
    answers, basis = _survey()
    later = (answers["wave"] == 2).to_numpy()
    high = (answers["x1"] > answers["x1"].median()).to_numpy()
    signs = {"second": [-0.5, -0.5, 0.5, 0.5], "high": [-0.5, 0.5, -0.5, 0.5]}[factor]
    cells = domain_means(answers["loyalty"], 2 * later + high, 4, basis)
    value, error, _ = cells.contrast(signs)
    return {"value": value, "error": error}


def shares_by_group() -> dict[str, float]:
    """Pearson's chi-squared that the share of promoters is the same in three segments."""
    answers, _ = _survey()
    codes = pd.Categorical(answers["segment"], SEGMENTS).codes
    means = domain_means(_promoter(answers), codes, 3, Design(len(answers)))
    value, p, _ = pearson(means)
    return {"chi2": value, "p": p}


def worth_of_an_effect(
    effect: float, error: float, df: float, margin: float, off: float, spread: float, cost: float
) -> dict[str, float]:
    """An effect times a margin (off by a range, or with an error of its own) less a cost."""
    factor = Amount(margin, off=off * margin, error=spread)
    less = Amount(cost, off=off * cost) if cost else None
    value, low, high = worth(effect, error, df, factor=factor, less=less)
    return {"value": value, "low": low, "high": high}


def _survey() -> tuple[pd.DataFrame, Design]:
    answers = golden_table("survey")
    return answers, design(len(answers), answers["w"], answers["stratum"], answers["psu"])


def _promoter(answers: pd.DataFrame) -> np.ndarray:
    return (answers["nps"] >= 9).to_numpy(dtype=float)


def _compared(outcome: str) -> Compared:
    answers, basis = _survey()
    values = _promoter(answers) if outcome == "promoter" else answers[outcome]
    segments = pd.Series(pd.Categorical(answers["segment"], SEGMENTS))
    named = Named(test="test", pairs="pair", standardised="g", name=outcome)
    return compare(values, segments, basis, named=named)
