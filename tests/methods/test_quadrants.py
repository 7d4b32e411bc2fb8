"""Quadrants of importance and performance."""

import numpy as np
from numpy.testing import assert_allclose

from crmresearch.methods.quadrants import QUADRANTS, quadrant_shares


def test_each_item_lies_in_its_quadrant():
    importance = np.tile([0.4, 0.4, 0.1, 0.1], (50, 1))
    performance = np.tile([3.0, 5.0, 3.0, 5.0], (50, 1))
    assert_allclose(quadrant_shares(importance, performance), np.eye(4))
    assert len(QUADRANTS) == 4


def test_shares_tell_how_sure_a_place_is():
    rng = np.random.default_rng(1)
    importance = np.array([0.5, 0.3, 0.2]) + 0.01 * rng.normal(size=(2000, 3))
    performance = np.array([4.0, 4.0, 4.0]) + rng.normal(size=(2000, 3))
    found = quadrant_shares(importance, performance)
    assert_allclose(found.sum(axis=1), 1)
    assert_allclose(found[0], [0.5, 0.5, 0, 0], atol=0.05)


def test_equal_items_are_not_above_their_mean():
    found = quadrant_shares(np.full((10, 3), 1 / 3), np.full((10, 3), 4.1))
    assert_allclose(found[:, 2], 1)


def test_without_draws_nothing_is_known():
    assert np.isnan(quadrant_shares(np.empty((0, 2)), np.empty((0, 2)))).all()
