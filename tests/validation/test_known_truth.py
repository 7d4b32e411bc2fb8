"""The studies, from the file to the estimate, find what is true in the demonstration data."""

import pytest

from crmresearch.archetypes import enumeration
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.types import find_types, type_shares
from crmresearch.data.load import load
from crmresearch.data.simulate import Truth, truth
from crmresearch.data.survey import Survey
from crmresearch.survey import drivers, scales


@pytest.fixture(scope="module")
def answers() -> Survey:
    return load("telecom")


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth()


def test_reliability_covers_the_truth(answers, known):
    found = {item.key: item for item in scales.reliability(answers)}
    for scale in known.reliability:
        alpha = found[f"alpha.{scale}"]
        assert (
            alpha.low - 0.02 < known.reliability[scale] < alpha.high + 0.02
        )  # answers are rounded


def test_driver_shares_cover_the_truth(answers, known):
    weights = drivers.explain(answers, seed=1, resamples=300)
    found = {item.key: item for item in drivers.importance(answers, weights)}
    for driver, share in known.driver_shares.items():
        estimate = found[f"lmg.{driver}"]
        assert estimate.low < share < estimate.high, driver


def test_as_many_types_as_there_are_with_shares_that_cover_the_truth(answers, known):
    signs = read_indicators(answers)
    found = enumeration.enumerate_classes(signs, max_classes=5, classes=0, starts=10, seed=1)
    assert found.chosen.classes == len(known.type_shares)
    shares = [item for item in type_shares(find_types(signs, found.chosen)) if item.unit == "share"]
    by_size = sorted(known.type_shares.values(), reverse=True)
    for estimate, share in zip(sorted(shares, key=lambda item: -item.value), by_size, strict=True):
        assert estimate.low < share < estimate.high, estimate.name
