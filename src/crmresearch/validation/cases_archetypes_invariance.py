"""What the archetypes study's cases ask of its comparison of types between groups."""

from functools import cache

import numpy as np

from crmresearch.archetypes import latent
from crmresearch.archetypes.groupings import Groups
from crmresearch.archetypes.multigroup import Multigroup, all_freed, multigroup
from crmresearch.archetypes.patterns import Patterns, collapse
from crmresearch.archetypes.score_tests import Scores, Test, group_scores
from crmresearch.archetypes.uncertainty import uncertainty
from crmresearch.methods.weighting import Design, design
from crmresearch.validation.references import golden_table

SEED = 20260101
ITEMS = 5


def groups_fit(freed: list[int]) -> dict[str, float]:
    """Log-likelihood, and share of the class that says yes more often in each group."""
    found, _, plain, _ = _models(tuple(freed))
    high = _high(found)
    errors = found.share_errors(uncertainty(found.model, design=plain))
    numbers = enumerate(zip(found.shares[high], errors[high], strict=True), 1)
    return {"log_likelihood": found.loglik} | {
        name: float(value)
        for at, pair in numbers
        for name, value in zip((f"share_{at}", f"error_{at}"), pair, strict=True)
    }


def own_fit() -> dict[str, float]:
    """Log-likelihood with all profiles by group."""
    same, patterns, _, _ = _models(())
    return {"log_likelihood": all_freed(same, patterns)[0]}


def item_tests(item: int, clustered: bool) -> dict[str, float]:
    """Score test of equal profiles in one item."""
    return _numbers(_scores(clustered).item_test(item - 1), clustered)


def all_test(clustered: bool) -> dict[str, float]:
    """Score test of equal profiles in all items."""
    return _numbers(_scores(clustered).all_items(), clustered)


def item_changes(item: int) -> dict[str, float]:
    """Expected changes of the chance of yes from the first group to the second and third."""
    scores = _scores(False)
    change, _ = scores.changes(item - 1)
    first = len(scores.layout.shares)
    own = first + np.flatnonzero(scores.item == item - 1)
    order = [_high(_models(())[0]), 1 - _high(_models(())[0])]
    found = {}
    for group in (1, 2):
        for at, k in enumerate(order):
            slope = scores.layout.prob_jacobian(scores.part, k)[2 * item - 1, own]
            found[f"change_{2 * (group - 1) + at + 1}"] = float(slope @ (change[group] - change[0]))
    return found


@cache
def _models(freed: tuple[int, ...]) -> tuple[Multigroup, Patterns, Design, Design]:
    data = golden_table("lca_groups")
    patterns = collapse(data.iloc[:, :ITEMS])
    common = latent.fit(patterns, 2, rng=np.random.default_rng(SEED))
    codes = data["group"].astype("category").cat.codes.to_numpy(np.intp)
    found = multigroup(common, Groups("brand", ("a", "b", "c"), codes), [j - 1 for j in freed])
    return found, patterns, Design(len(data)), design(len(data), clusters=data["family"])


def _scores(clustered: bool) -> Scores:
    same, patterns, plain, families = _models(())
    return group_scores(same, patterns, families if clustered else plain)


def _high(found: Multigroup) -> int:
    return int(found.model.probs[:, 1].argmax())


def _numbers(test: Test, clustered: bool) -> dict[str, float]:
    if clustered:
        return {"F": test.value, "df": test.freedom, "p": test.p}
    return {"chi2": test.value * test.freedom, "df": test.freedom, "p": test.p}
