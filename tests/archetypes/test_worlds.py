"""Types of relationship in worlds of known truth: how many, what they say and how surely.

Classes come out in any order (here by size); they are paired with the true types by what they say.
"""

import numpy as np
import pytest

from crmresearch.archetypes.enumeration import enumerate_classes
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import LatentClasses, fit
from crmresearch.archetypes.matching import align
from crmresearch.archetypes.types import Types, find_types, type_shares
from crmresearch.data.simulate import TYPE_WORLDS, survey, type_truth

SMALL, LARGE = 12, 400
NUMBERS = [SMALL, pytest.param(LARGE, marks=pytest.mark.slow)]
FIRST_SEED = 4000


def signs(name: str, seed: int, customers: int):
    """The signs of one draw."""
    drawn = survey(
        TYPE_WORLDS[name], seed=seed, customers=customers, aftermath=False, relation=False
    )
    return read_indicators(drawn)


def yes(model: LatentClasses) -> np.ndarray:
    """(K, 8) the chance of a yes to every sign."""
    return model.probs[:, model.patterns.starts + 1]


def paired(model: LatentClasses, name: str) -> np.ndarray:
    """The class of each true type."""
    true = type_truth(TYPE_WORLDS[name]).profiles["2025"]
    return align(((true[:, None] - yes(model)) ** 2).sum(axis=-1))


@pytest.mark.parametrize(
    ("name", "within"), [("separated types", 0.03), ("overlapping types", 0.09)]
)
def test_types_are_recovered(name, within):
    model = fit(signs(name, 1, 12_000).patterns, 4, starts=10, rng=np.random.default_rng(1))
    true, order = type_truth(TYPE_WORLDS[name]), paired(model, name)
    np.testing.assert_allclose(model.shares[order], true.shares["2025"], atol=within)
    np.testing.assert_allclose(yes(model)[order], true.profiles["2025"], atol=within)
    assert (model.entropy > 0.85) == (name == "separated types")


def test_order_of_the_classes_is_no_part_of_the_answer():
    """Another seed numbers classes of the same size otherwise; what they say is the same."""
    patterns = signs("separated types", 2, 3000).patterns
    models = [fit(patterns, 4, starts=5, rng=np.random.default_rng(seed)) for seed in (1, 2, 3)]
    aligned = [yes(model)[paired(model, "separated types")] for model in models]
    for other in aligned[1:]:
        np.testing.assert_allclose(other, aligned[0], atol=1e-3)
    shuffled = yes(models[0])[[2, 0, 3, 1]]
    cost = ((yes(models[0])[:, None] - shuffled) ** 2).sum(axis=-1)
    assert align(cost).tolist() == [1, 3, 0, 2]


def test_number_of_types_is_found_by_bic():
    """In every draw where types are apart; where they overlap small samples show fewer."""
    found = {
        (name, customers): [
            enumerate_classes(
                signs(name, FIRST_SEED + draw, customers), max_classes=5, starts=4, seed=draw
            ).best.classes
            for draw in range(3)
        ]
        for name, customers in (("separated types", 900), ("overlapping types", 4200))
    }
    assert found["separated types", 900] == [4] * 3
    assert found["overlapping types", 4200].count(4) >= 2
    few = enumerate_classes(signs("overlapping types", 1, 300), max_classes=4, starts=4, seed=1)
    assert few.best.classes < 4


def shares(name: str, number: int) -> np.ndarray:
    """(draws, types, 3) share with its interval of each true type."""
    found = []
    for draw in range(number):
        indicators = signs(name, FIRST_SEED + draw, 1800)
        model = fit(indicators.patterns, 4, starts=6, rng=np.random.default_rng(draw))
        types: Types = find_types(indicators, model)
        estimates = [item for item in type_shares(types) if item.key == "type.share"]
        rows = np.array([[item.value, item.low, item.high] for item in estimates])
        found.append(rows[paired(model, name)])
    return np.array(found)


@pytest.mark.parametrize("number", NUMBERS)
def test_intervals_of_shares_hold_the_truth(number):
    true = type_truth(TYPE_WORLDS["separated types"]).shares["2025"]
    found = shares("separated types", number)
    held = ((found[..., 1] <= true) & (true <= found[..., 2])).mean()
    room = 0.02 if number == LARGE else 0.15
    assert 0.95 - room <= held <= min(1.0, 0.95 + max(room, 0.05 if number == SMALL else 0.02))
    error = found[..., 0].std(axis=0, ddof=1) / np.sqrt(number)
    assert (np.abs(found[..., 0].mean(axis=0) - true) < 4.5 * error).all(), "biased"
