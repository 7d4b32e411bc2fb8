"""Principal axes: where the surface falls least, and honest where nothing tells."""

import numpy as np
from numpy.testing import assert_allclose

from crmresearch.methods.response_axes import axes

from .test_response_surface import PLANE, by_key, surface


def test_axes_go_through_the_stationary_point_at_right_angles():
    at = by_key(axes(surface(n=4000, slopes=(0.1, 0.3, -0.3, 0.3, -0.5))))
    value = {key: item.value for key, item in at.items()}
    assert_allclose(value["p11"] * value["p21"], -1)
    for axis in ("1", "2"):
        on_axis = value[f"p{axis}0"] + value[f"p{axis}1"] * value["x0"]
        assert_allclose(on_axis, value["y0"])


def test_the_first_axis_is_where_the_surface_falls_least():
    found = surface(n=4000, slopes=(0.0, 0.0, -0.6, 0.3, -0.2))
    slope = by_key(axes(found))["p11"].value
    angles = np.linspace(0, np.pi, 20001)
    b = found.slopes[0]
    x, y = np.cos(angles), np.sin(angles)
    best = np.argmax(b[2] * x * x + b[3] * x * y + b[4] * y * y)
    assert_allclose(slope, np.tan(angles[best]), rtol=1e-3)


def test_a_ridge_has_axes_and_no_stationary_point():
    at = by_key(axes(surface(seed=4, n=3000)))
    assert at["p11"].low < 1 < at["p11"].high
    assert at["p10"].low < 0 < at["p10"].high
    for name in ("x0", "y0", "p20"):
        assert np.isnan(at[name].value)
        assert at[name].method.startswith("not determined")


def test_a_plane_has_no_axes():
    assert all(np.isnan(item.value) for item in axes(surface(seed=2, slopes=PLANE)))
