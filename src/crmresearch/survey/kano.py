"""Which parts of the offer are expected, wanted, or a surprise: Kano's classification."""

from dataclasses import dataclass

import numpy as np

from crmresearch.data.codebook import Variable
from crmresearch.data.kano_pairs import pairs
from crmresearch.data.rules import effective_range
from crmresearch.data.survey import Survey
from crmresearch.methods import kano
from crmresearch.report.estimates import Estimate, find
from crmresearch.survey.sample import sampling

SURE = 0.95  # of resamples, for a category to be decided


def classified(
    survey: Survey,
    *,
    seed: int,
    table: str = "standard",
    resamples: int = 1000,
    level: float = 0.95,
    min_cell: int = 10,
) -> list[Estimate]:
    """Each part of the offer: shares of the categories, coefficients, and how sure the first is.

    The keys are those of `methods.kano.estimates`, with the functional question's variable at
    their end. Left out: parts with fewer than `min_cell` respondents who gave both answers, and
    coefficients that fewer than that count for.
    """
    basis = sampling(survey)
    weights = basis.row_weights()
    codes, names = {}, {}
    for construct, (functional, dysfunctional) in pairs(survey.codebook.values()).items():
        answers = (_places(survey, item) for item in (functional, dysfunctional))
        found = kano.classify(*answers, table=table)
        if ((found >= 0) & (weights > 0)).sum() >= max(min_cell, 1):
            codes[functional.variable], names[functional.variable] = found, construct
    if not codes:
        return []
    rng = np.random.default_rng(seed)
    chances = kano.probabilities(codes, rng=rng, design=basis, resamples=resamples)
    return [
        item
        for key, found in codes.items()
        for item in kano.estimates(
            found, chances[key], attribute=key, name=names[key], design=basis, level=level
        )
        if item.n >= min_cell or item.key.startswith(("kano.better", "kano.worse")) and not item.n
    ]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the answers decide of one part of the offer.

    Parameters
    ----------
    attribute, name : as in the keys and the names of its estimates
    first, second : the two most frequent categories, as readers know them
    share : of the first
    decided : whether Fong's test and the bootstrap both tell the first from all others
    """

    attribute: str
    name: str
    first: str
    second: str
    share: Estimate
    decided: bool


def verdicts(estimates: list[Estimate]) -> list[Verdict]:
    """One for each part of the offer, in the order of `classified`.

    A category is decided where the counts pass Fong's test and it is the most frequent in 95% of
    resamples, which also respect weights and clusters.
    """
    found = []
    for fong in estimates:
        if not fong.key.startswith("kano.fong."):
            continue
        attribute = fong.key.split(".", 2)[2]
        shares = {
            letter: find(estimates, f"kano.share.{letter}.{attribute}")
            for letter in kano.CATEGORIES
        }
        first, second = sorted(shares, key=lambda letter: -shares[letter].value)[:2]
        chance = find(estimates, f"kano.chance.{first}.{attribute}")
        found.append(
            Verdict(
                attribute,
                shares[first].name.rpartition(", ")[0],
                kano.WORDS[first],
                kano.WORDS[second],
                shares[first],
                bool(fong.value >= 1 and chance.value >= SURE),
            )
        )
    return found


def _places(survey: Survey, item: Variable) -> np.ndarray:
    """The answers to one question from 1 (like) to 5 (dislike), NaN where missing."""
    answers = survey.answers[item.variable]
    if item.type == "category":
        codes = answers.cat.codes.to_numpy().astype(float)
        return np.where(codes < 0, np.nan, codes + 1)
    low, _ = effective_range(item)
    return answers.to_numpy(float) - low + 1
