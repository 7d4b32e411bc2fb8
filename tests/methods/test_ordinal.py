"""Ordinal alpha and omega against psych and factanal, and by simulation."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.methods.ordinal import ordinal_reliability
from crmresearch.methods.weighting import design
from crmresearch.validation.references import golden_table

NAMES = {"key": "k", "name": "scale"}


@pytest.fixture
def items():
    return golden_table("survey")[["sa1", "sa2", "sa3", "sa4"]].astype(float)


def test_values_match_r(items):
    # psych::alpha and factanal of lavaan::lavCor, R 4.2.2
    alpha, omega = ordinal_reliability(items, **NAMES)
    assert alpha.value == pytest.approx(0.844695644207, abs=1e-6)
    assert omega.value == pytest.approx(0.850242694798, abs=1e-6)
    assert (alpha.key, omega.key) == ("ordinal_alpha.k", "ordinal_omega.k")
    assert omega.low < omega.value < omega.high


def test_intervals_cover_what_lies_behind_the_categories():
    loadings = np.array([1, 0.8, 0.7, 0.9])
    standard = loadings / np.sqrt(loadings**2 + 1)
    correlations = np.outer(standard, standard) + np.diag(1 - standard**2)
    truths = 4 / 3 * (1 - 4 / correlations.sum()), standard.sum() ** 2 / correlations.sum()
    rng, hits = np.random.default_rng(41), np.zeros(2)
    for _ in range(150):
        mood = np.repeat(rng.normal(size=(75, 5)), 4, axis=0) + rng.normal(size=(300, 5))
        made = mood[:, :1] * loadings + mood[:, 1:]
        frame = pd.DataFrame(np.digitize(made / np.sqrt(2), [-1.2, -0.3, 0.4, 1.5]))
        basis = design(300, clusters=np.repeat(np.arange(75), 4))
        found = ordinal_reliability(frame, design=basis, **NAMES)
        hits += [item.low <= truth <= item.high for item, truth in zip(found, truths, strict=True)]
    assert (hits / 150 > 0.9).all()
    assert (hits / 150 < 0.99).all()


def test_two_items_have_alpha_only(items):
    [alpha] = ordinal_reliability(items[["sa1", "sa2"]], **NAMES)
    assert alpha.key == "ordinal_alpha.k"


def test_what_cannot_be_told_says_why(items):
    for frame in (items.assign(sa2=items["sa1"]), items.assign(sa1=3.0), items[:0]):
        found = ordinal_reliability(frame, **NAMES)
        assert all(np.isnan([x.value, x.low, x.high]).all() for x in found)
        assert all("; none, as sa" in x.method for x in found)


def test_gaps_are_left_out_and_counted(items):
    items.iloc[:10, 0] = np.nan
    found = ordinal_reliability(items, **NAMES)[0]
    assert (found.n, found.n_dropped) == (350, 10)
    assert found.value == pytest.approx(ordinal_reliability(items[10:], **NAMES)[0].value)
