"""Whether the types of today are those of before: their shares, their meaning, their number.

Before is a saved model, or else the wave before the last one of these data. Three questions are
kept apart: have the shares moved, with the same profiles; do the types still answer each indicator
as they did; and would types found in the later answers alone be the same ones, and as many.
"""

from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from crmresearch.archetypes.classification import Linear, classify
from crmresearch.archetypes.drift_tests import Change, saved_scores, share_change
from crmresearch.archetypes.em import climb, posterior
from crmresearch.archetypes.enumeration import Enumeration
from crmresearch.archetypes.groupings import Groups, groups_of
from crmresearch.archetypes.invariance import LEAST, Comparison
from crmresearch.archetypes.latent import LatentClasses, random_starts, with_splits
from crmresearch.archetypes.matching import Match, match, same_columns
from crmresearch.archetypes.patterns import Patterns
from crmresearch.archetypes.profile_gaps import largest_gap
from crmresearch.archetypes.refits import refit, starts_near
from crmresearch.archetypes.saved_model import SavedModel, without_rows
from crmresearch.archetypes.types import Types
from crmresearch.data.survey import Survey
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.weighting import method_words
from crmresearch.report.estimates import NAN

STARTS = 5  # random ones, beside the types of before and these split
_CYCLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drift:
    """The types before and after.

    Parameters
    ----------
    before, after : what the two are called
    change : of the shares
    p, gap : (J,) adjusted p of each indicator, and (J, 3) the largest change of a type's answers
        with its bounds; empty where not tested
    returned : the types of before among those found in the later answers alone
    anew : how many those are by BIC, with one more and one fewer tried
    n : respondents after
    scored : (K,) mean probability of each type with the shares as saved too
    """

    types: Types
    before: str
    after: str
    change: Change
    p: np.ndarray
    gap: np.ndarray
    tested: str
    returned: Match
    anew: int
    n: int
    scored: np.ndarray | None = None

    def expected(self, k: int) -> int:
        """Expected respondents of a type after."""
        return round(float(self.change.after[k]) * self.n) if self.change.after[k] > 0 else 0


def drift(
    types: Types,
    survey: Survey,
    *,
    saved: SavedModel | None = None,
    anew: Enumeration | None = None,
    same: list[Comparison] | None = None,
    min_cell: int = 1,
    seed: int = 20260101,
) -> Drift | None:
    """What has drifted since the model was saved, or else between the last two waves.

    Parameters
    ----------
    types : of `saved` where that is given, see `frozen.frozen_types`
    anew : types found in these data whatever the saved model says; found again when None
    same : the tests of equal profiles in groups, of which those of the waves are taken

    Returns
    -------
    None without a saved model and without two waves of `invariance.LEAST` respondents, with one
    type, or where types were chosen by the respondents.
    """
    if types.model.classes < 2 or types.indicators.as_chosen or not types.errors.identified:
        return None
    if saved is not None:
        return _since_saved(types, saved, anew, seed)
    placed = types.model.patterns.row >= 0
    waves = groups_of(survey, "wave", placed, least=max(LEAST, min_cell))
    return None if waves is None else _between_waves(types, waves, same or [], seed)


def _since_saved(types: Types, saved: SavedModel, anew: Enumeration | None, seed: int) -> Drift:
    scores = saved_scores(types, saved)
    items = range(len(saved.variables)) if scores is not None else ()
    returned, number = _returned(types.model, anew) or _refitted(
        types.model, types.model.patterns, seed
    )
    return Drift(
        types=types,
        before="the saved model",
        after="these data",
        change=share_change(types, saved),
        p=adjust(np.array([scores.item_test(j).p for j in items]), method="bh"),
        gap=np.array([largest_gap(scores, types.model.patterns, j, types.level) for j in items]),
        tested="score test of the saved profile, the errors of both counted, others free; "
        "false discovery rate",
        returned=returned,
        anew=number,
        n=types.model.patterns.n,
        scored=_scored(types.model, saved),
    )


def _scored(model: LatentClasses, saved: SavedModel) -> np.ndarray:
    """Shares as scores would add up to them, each respondent's prior being the saved shares."""
    chances = posterior(model.patterns, saved.shares, saved.probs)[1]
    return model.patterns.weight @ chances / model.patterns.total


def _between_waves(types: Types, waves: Groups, same: list[Comparison], seed: int) -> Drift:
    found = next((item for item in same if item.role == "wave" and item.scores is not None), None)
    patterns, last = types.model.patterns, waves.number - 1
    codes = np.where(waves.within(patterns), waves.codes, -1)
    start = types.model.shares[:, None], types.model.probs[:, None]
    with threadpool_limits(1):
        earlier = climb(_of_rows(patterns, codes == last - 1), *start, cycles=_CYCLES)
    later = _of_rows(patterns, codes == last)
    before = without_rows(later, earlier.shares[:, 0], earlier.probs[:, 0])
    returned, anew = _refitted(before, later, seed)
    return Drift(
        types=types,
        before=waves.names[last - 1],
        after=waves.names[last],
        change=_between(types, codes == last - 1, codes == last),
        p=np.array([]) if found is None else found.p,
        gap=np.zeros((0, 3)) if found is None else found.gap,
        tested="score test of equal profiles in all waves, false discovery rate",
        returned=returned,
        anew=anew,
        n=later.n,
    )


def _between(types: Types, first: np.ndarray, second: np.ndarray) -> Change:
    """Shares (BCH) of two waves; people and accounts in both are counted once in the errors."""
    placing = classify(types)
    weights = placing.weights()
    if weights is None:
        size = types.model.classes
        nothing = np.full(size, NAN)
        how = "types cannot be told apart"
        return Change(
            before=nothing, after=nothing, covariance=np.full((size, size), NAN), freedom=0, how=how
        )
    heavy = placing.design.row_weights() * placing.placed
    parts, influence = [], np.zeros_like(weights)
    for rows, sign in ((first, -1.0), (second, 1.0)):
        own = np.where(rows, heavy, 0.0)
        own /= own.sum()
        parts.append(own @ weights)
        influence += sign * own[:, None] * (weights - parts[-1])
    moved = parts[1] - parts[0]
    for k in range(len(moved)):
        influence[:, k] += placing.influence(-np.outer(moved, placing.inverse[:, k]))
    used = (first | second) & placing.placed
    covariance, freedom = Linear(
        moved, influence, placing.placed, used, placing.design
    ).covariance()
    return Change(
        before=parts[0],
        after=parts[1],
        covariance=covariance,
        freedom=freedom,
        how=f"BCH, {method_words(placing.design, freedom)}",
    )


def _returned(before: LatentClasses, anew: Enumeration | None) -> tuple[Match, int] | None:
    """As `_refitted`, of models that were fitted already; None where they cannot be compared."""
    models = [] if anew is None else list(anew.models)
    same = next((model for model in models if model.classes == before.classes), None)
    if same is None or not same_columns(same.patterns, before.patterns):
        return None
    return match(before, same), anew.best.classes


def _refitted(before: LatentClasses, later: Patterns, seed: int) -> tuple[Match, int]:
    """Types found anew in the later answers beside those of before, and BIC's number."""
    rng = np.random.default_rng([seed, 105])
    classes = before.classes
    same = _best(later, *starts_near(before, 1, STARTS, rng))
    models = [same]
    if classes > 1:
        shares, probs = random_starts(later, classes - 1, STARTS, rng)
        models.append(_best(later, shares[:, None], probs[:, None]))
    if classes < len(later.codes):
        shares, probs = random_starts(later, classes + 1, STARTS, rng)
        shares, probs = with_splits(same, shares, probs)
        models.append(_best(later, shares[:, None], probs[:, None]))
    return match(before, same), min(models, key=lambda model: model.bic).classes


def _best(patterns: Patterns, shares: np.ndarray, probs: np.ndarray) -> LatentClasses:
    """The best solution from the starts (K, 1, S) and (K, 1, S, M)."""
    found = refit(patterns, patterns.weight[None], shares, probs)
    return without_rows(patterns, found.shares[:, 0], found.probs[:, 0])


def _of_rows(patterns: Patterns, rows: np.ndarray) -> Patterns:
    """The same columns with the patterns of some rows only."""
    chosen = rows & (patterns.row >= 0)
    size = len(patterns.codes)
    kept = np.bincount(patterns.row[chosen], minlength=size) > 0
    number = np.cumsum(kept) - 1
    row = np.where(chosen, number[patterns.row], -1)
    own, weight = row[chosen], patterns.row_weight[chosen]
    return replace(
        patterns,
        codes=patterns.codes[kept],
        onehot=patterns.onehot[:, kept],
        weight=np.bincount(own, weight),
        square=np.bincount(own, weight**2),
        rows=np.bincount(own),
        row=row,
    )
