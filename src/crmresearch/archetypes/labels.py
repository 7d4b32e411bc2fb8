"""Working labels of the types, given by rule and unlike one another."""

import numpy as np

from crmresearch.archetypes.indicators import Indicators
from crmresearch.archetypes.latent import LatentClasses

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
    "Working labels name the two indicators in which a type differs most from all respondents "
    "together. They are not names of relationships: naming a type after a metaphor would need a "
    "check outside these answers."
)
LABEL_RULE_CHOSEN = (
    "The types are those that the customers chose from cards: their own word, and nothing that was "
    "found in other answers."
)


def rule(indicators: Indicators) -> str:
    """How the labels were given, for a note."""
    if indicators.as_chosen:
        return LABEL_RULE_CHOSEN
    return LABEL_RULE if indicators.sided else LABEL_RULE_UNSIDED


def labels(
    indicators: Indicators, model: LatentClasses, position: np.ndarray, overall: np.ndarray
) -> tuple[str, ...]:
    """K texts: the number of the type and what tells it from the others, or what was chosen.

    Parameters
    ----------
    position, overall : see `types.Types`
    """
    if indicators.as_chosen:
        names = indicators.patterns.categories[0]
        words = [str(names[at]) for at in model.probs.argmax(axis=1)]
    elif indicators.sided:
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
