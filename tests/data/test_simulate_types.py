"""Worlds about types of relationship: what is drawn is what their truth says."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.simulate import TYPE_WORLDS, clean, survey, type_truth
from crmresearch.data.simulate.effects import of_size
from crmresearch.data.simulate.relation import ratings
from crmresearch.data.simulate.relation_truth import surface

LARGE = 30_000


def drawn(name: str, customers: int = LARGE) -> pd.DataFrame:
    """Clean answers with wave, brand and person, wave by wave and brand by brand."""
    who, said = clean(of_size(TYPE_WORLDS[name], customers), seed=11)
    return said.assign(wave=who.wave, brand=who.brand, person=who.person)


@pytest.mark.parametrize("name", TYPE_WORLDS)
def test_shares_and_signs_are_those_of_the_truth(name):
    said, true = drawn(name), type_truth(TYPE_WORLDS[name])
    kinds = list(TYPE_WORLDS[name].types)
    for wave, (shares, profiles) in enumerate(
        zip(true.shares.values(), true.profiles.values(), strict=True)
    ):
        rows = said[said["wave"] == wave]
        found = rows["type"].value_counts(normalize=True).reindex(kinds)
        assert found.to_numpy() == pytest.approx(shares, abs=0.02)
        assert shares.sum() == pytest.approx(1)
        yes = rows.groupby("type")[list(true.signs)].mean().reindex(kinds)
        np.testing.assert_allclose(yes, profiles, atol=0.035)


@pytest.mark.parametrize("name", TYPE_WORLDS)
def test_a_type_world_is_a_survey_that_a_study_can_read(name):
    once = survey(TYPE_WORLDS[name], seed=3, customers=300)
    assert len(once.answers) == 300
    assert {"indicator", "experienced", "expected", "relationship", "loyalty"} <= once.roles
    assert once.answers.equals(survey(TYPE_WORLDS[name], seed=3, customers=300).answers)
    assert not once.answers.equals(survey(TYPE_WORLDS[name], seed=4, customers=300).answers)
    lean = survey(TYPE_WORLDS[name], seed=3, customers=300, aftermath=False, relation=False)
    pd.testing.assert_frame_equal(lean.answers, once.answers[list(lean.answers)])


def test_nobody_changes_type_but_in_the_drift():
    for name in TYPE_WORLDS:
        true, said = type_truth(TYPE_WORLDS[name]), drawn(name)
        twice = said[said.duplicated("person", keep=False)].sort_values(["person", "wave"])
        before, after = (twice["type"].to_numpy()[start::2] for start in (0, 1))
        assert (before != after).mean() == pytest.approx(true.movers, abs=0.02), name
        table = pd.crosstab(before, after, normalize="index").reindex(
            index=list(TYPE_WORLDS[name].types), columns=list(TYPE_WORLDS[name].types)
        )
        np.testing.assert_allclose(table, true.transitions, atol=0.05)
        assert (true.movers > 0.2) == (name == "drift")


def test_drift_moves_shares_and_the_meaning_of_two_signs():
    true = type_truth(TYPE_WORLDS["drift"])
    first, last = true.profiles.values()
    assert (abs(last - first) > 0.3).sum() == 2
    assert np.abs(np.subtract(*true.shares.values())).max() > 0.06


def test_brands_differ_in_their_mix_in_the_markets_alone():
    for name, world in TYPE_WORLDS.items():
        mixes = np.array(
            [type_truth(world).by_brand[brand, "2025"] for brand in world.brand_drivers]
        )
        assert (np.ptp(mixes, axis=0).max() > 0.2) == (name == "markets")
    said, true = drawn("markets"), type_truth(TYPE_WORLDS["markets"])
    for index, brand in enumerate(("Aster", "Boreal", "Cirrus")):
        found = said.loc[said["brand"] == index, "type"].value_counts(normalize=True)
        found = found.reindex(list(TYPE_WORLDS["markets"].types))
        assert found.to_numpy() == pytest.approx(true.by_brand[brand, "2026"], abs=0.02)


def test_levels_are_parallel_and_the_types_of_the_other_worlds_are_not():
    for name, world in TYPE_WORLDS.items():
        profiles = type_truth(world).profiles["2025"]
        logits = np.log(profiles / (1 - profiles))
        steps = logits - logits.mean(axis=0)
        steps[:, 5:] *= -1  # a better relationship shows fewer of the negative signs
        parallel = np.allclose(steps, steps[:, :1])
        assert parallel == (name == "levels"), name


def test_loyalty_follows_the_surface_of_the_congruence_world():
    """Slopes on the ratings as given; little is lost where loyalty ends."""
    drawn = survey(TYPE_WORLDS["congruence"], seed=2, customers=60_000, aftermath=False)
    loyalty = drawn.score("loyalty").to_numpy()
    [(dimension, b)] = type_truth(TYPE_WORLDS["congruence"]).surface.items()
    y, x = ratings(drawn.answers, dimension)
    terms = np.column_stack([np.ones(len(x)), x, y, x * x, x * y, y * y])
    found = np.linalg.lstsq(terms, loyalty, rcond=None)[0][1:]
    assert found == pytest.approx(b, abs=0.012)
    for other in ("valence", "formality", "reciprocity"):
        assert surface(*ratings(drawn.answers, other), loyalty) == pytest.approx([0] * 4, abs=0.03)
