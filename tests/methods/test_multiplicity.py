"""Adjusted p values, against R's p.adjust."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from crmresearch.methods.multiplicity import adjust
from crmresearch.validation.references import golden_number


@pytest.mark.parametrize(("method", "name"), [("holm", "holm"), ("bh", "BH")])
def test_adjusted_values_match_r(method, name):
    given, expected = (
        [golden_number(f"p_adjust.{field}.{place}")[0] for place in range(12)]
        for field in ("p", name)
    )
    assert_allclose(adjust(np.array(given), method=method), expected, atol=1e-12)


def test_what_was_not_tested_is_no_member_of_the_family():
    assert_allclose(adjust([0.01, np.nan, 0.04]), [0.02, np.nan, 0.04])
    assert adjust([]).size == 0
    assert np.isnan(adjust([np.nan])).all()


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="'fdr' is not one of"):
        adjust([0.1], method="fdr")
