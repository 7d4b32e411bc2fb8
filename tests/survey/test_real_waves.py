"""Two real waves: the change by our functions and by plain arithmetic on the files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.load import load
from crmresearch.report.estimates import find
from crmresearch.survey import NEEDS
from crmresearch.survey.change import between_waves
from crmresearch.survey.mix import decomposition
from crmresearch.survey.segments import compare


@pytest.fixture(scope="module")
def airport(real_data: Path, project: Path):
    book = project / "data" / "codebooks" / "sfo_airport"
    return load(real_data / "sfo_airport", codebook=book, needs=NEEDS)


def by_hand(real_data: Path, year: int) -> tuple[float, float, int]:
    """Weighted mean of Q7ALL, its error (rows as units) and how many answered."""
    frame = pd.read_csv(real_data / "sfo_airport" / f"sfo_{year}.csv", dtype=str)
    frame.columns = frame.columns.str.strip()
    columns = [pd.to_numeric(frame[name], errors="coerce") for name in ("Q7ALL", "WEIGHT")]
    answer, weight = (column[columns[0].between(1, 5)].to_numpy() for column in columns)
    mean = weight @ answer / weight.sum()
    influence = weight * (answer - mean) / weight.sum()
    return mean, float((influence**2).sum()), len(answer)


def test_the_airports_satisfaction_has_hardly_changed(airport, real_data):
    found = find(between_waves(airport), "change.satisfaction")
    first, second = (by_hand(real_data, year) for year in (2016, 2017))
    assert found.n == first[2] + second[2]
    assert found.value == pytest.approx(second[0] - first[0], abs=1e-9)
    reach = 1.9604 * (first[1] + second[1]) ** 0.5  # t with some 5,600 degrees of freedom
    assert (found.high - found.low) / 2 == pytest.approx(reach, rel=1e-3)
    assert found.low < 0 < found.high


def test_recommendation_asked_in_one_wave_has_no_change(airport):
    assert find(between_waves(airport), "change.nps") is None


def test_the_airports_change_is_divided_over_its_areas(airport):
    change = find(between_waves(airport, min_cell=10), "change.satisfied")
    found = decomposition(airport, min_cell=10)
    parts = [x for x in found if x.key.startswith("mix.satisfied.segment.") and not x.group]
    assert sum(item.value for item in parts) == pytest.approx(change.value, abs=1e-12)
    assert min(item.n for item in found) >= 10


def test_the_airports_areas_are_compared_in_one_family(airport):
    found = [x for x in compare(airport, min_cell=10) if "difference" in x.unit]
    assert len(found) > 50
    assert all(f"for {np.sum([x.p == x.p for x in found])} comparisons" in x.method for x in found)
