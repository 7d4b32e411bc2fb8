"""Restricted cubic splines."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.splines import basis, knots


def test_straight_beyond_the_knots_and_smooth_at_them():
    places = np.array([1.0, 2.0, 4.0, 7.0])
    curve = basis(np.array([-3.0, -2, -1, 8, 9, 10]), places) @ [1.0, 2.0, -3.0]
    assert curve[0] - 2 * curve[1] + curve[2] == pytest.approx(0, abs=1e-9)
    assert curve[3] - 2 * curve[4] + curve[5] == pytest.approx(0, abs=1e-9)
    near = basis(np.array([4 - 1e-4, 4.0, 4 + 1e-4]), places)
    assert_allclose(near[0] + near[2], 2 * near[1], atol=1e-6)


def test_columns_are_independent():
    x = np.linspace(0, 1, 200)
    table = np.column_stack([np.ones(200), basis(x, knots(x, number=5))])
    assert np.linalg.matrix_rank(table) == 5


@pytest.mark.parametrize(
    ("values", "number"),
    [
        (np.linspace(0, 1, 500), 4),
        (np.linspace(0, 1, 99), 3),  # few
        (np.repeat(np.arange(1.0, 8), 60), 3),  # a scale of seven points
        (np.repeat([1.0, 2, 3], 50), 3),
        (np.r_[np.ones(200), 2, 3, 4], 3),  # quantiles fall together
        (np.repeat([0.0, 1], 80), 0),
        (np.ones(50), 0),
        (np.array([2.0]), 0),
    ],
)
def test_as_many_knots_as_the_values_bear(values, number):
    places = knots(values)
    assert len(places) == number
    assert (np.diff(places) > 0).all()
    assert basis(values, places).shape == (len(values), max(number - 1, 1))
