"""The detectable difference against power tables and simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from crmresearch.methods.power import detectable_g, power


def test_power_matches_r():
    # R 4.2.2
    # > power.t.test(n = 20, delta = 1, sd = 1)$power   0.8689528
    assert power(1.0, 20, 20) == pytest.approx(0.8689528, abs=5e-7)


def test_detectable_difference_matches_the_well_known_64():
    # Cohen 1988: 64 in each group find half a standard deviation with power .80 (.8015)
    found = detectable_g(64, 64, key="g", name="g")
    assert found.value == pytest.approx(0.499, abs=1e-3)
    assert power(found.value, 64, 64) == pytest.approx(0.8, abs=1e-9)


def test_ten_delighted_customers_show_only_large_differences():
    """Of 1,000 customers 20% fail, half of them complain, 10% are delighted: ten people."""
    assert detectable_g(10, 800, key="g", name="g").value == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize(("first", "second"), [(0, 50), (1, 1), (0, 0)])
def test_groups_too_small_for_any_test(first, second):
    assert math.isnan(detectable_g(first, second, key="g", name="g").value)


def test_more_people_and_less_power_detect_less():
    values = [detectable_g(n, 100, key="g", name="g").value for n in (5, 20, 80)]
    assert values == sorted(values, reverse=True)
    assert (
        detectable_g(20, 100, key="g", name="g", wanted=0.5).value
        < detectable_g(20, 100, key="g", name="g", wanted=0.9).value
    )


def test_simulated_power_is_the_promised_one():
    rng = np.random.default_rng(5)
    g = detectable_g(15, 40, key="g", name="g").value
    first, second = rng.normal(g, 1, (4000, 15)), rng.normal(0, 1, (4000, 40))
    found = (stats.ttest_ind(first, second, axis=1).pvalue < 0.05).mean()
    assert found == pytest.approx(0.8, abs=0.025)
