"""Intraclass correlations against printed tables, R and simulation."""

import numpy as np
import pytest

from crmresearch.methods.intraclass import icc_one_way, one_way, shrout_fleiss
from crmresearch.validation.references import golden, golden_table

PRINTED = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def one(values, codes, **settings):
    return icc_one_way(values, codes, key="a", name="A", **settings)


def test_the_six_forms_of_shrout_and_fleiss():
    found = [item.value for item in shrout_fleiss(PRINTED, key="a", name="A")]
    assert found == pytest.approx([0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093], abs=5e-5)


def test_the_six_forms_and_their_intervals_agree_with_r():
    long, out = golden_table("raters"), golden()["icc"]["out"]
    ratings = long.pivot(index="case", columns="rater", values="rating").to_numpy(float)
    found = shrout_fleiss(ratings, key="a", name="A")
    for field, numbers in (("value", out["icc"]), ("low", out["lo"]), ("high", out["hi"])):
        assert [getattr(item, field) for item in found] == pytest.approx(numbers, abs=1e-10)


def test_equal_groups_have_the_interval_of_the_one_way_form():
    n, k = PRINTED.shape
    six = shrout_fleiss(PRINTED, key="a", name="A")
    codes = np.repeat(np.arange(n), k)
    for mine, theirs in zip(one(PRINTED.ravel(), codes), (six[0], six[3]), strict=True):
        assert (mine.value, mine.low, mine.high) == pytest.approx(
            (theirs.value, theirs.low, theirs.high), abs=1e-9
        )


@pytest.mark.parametrize(("rho", "sizes"), [(0.15, [1, 1, 1, 2, 3, 6]), (0.0, [1, 3]), (0.5, [9])])
def test_the_interval_holds_for_groups_of_any_sizes(rho, sizes):
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(250):
        codes = np.repeat(np.arange(36), rng.choice(sizes, 36))
        values = np.sqrt(rho) * rng.normal(size=36)[codes]
        values += np.sqrt(1 - rho) * rng.normal(size=len(codes))
        found = one(values, codes)[0]
        inside.append(found.low <= rho <= found.high)
    assert 0.915 <= np.mean(inside) <= 0.985


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.15, 0.6])
def test_the_interval_holds_exactly(rho):
    rng = np.random.default_rng(12)
    below = above = 0
    for _ in range(6000):
        codes = np.repeat(np.arange(25), rng.choice([1, 1, 2, 9], 25))
        values = np.sqrt(rho) * rng.normal(size=25)[codes]
        found = one(values + np.sqrt(1 - rho) * rng.normal(size=len(codes)), codes)[0]
        below += found.high < rho
        above += found.low > rho
    assert below / 6000 == pytest.approx(0.025, abs=0.006)
    assert above / 6000 == pytest.approx(0.025, abs=0.006)


def test_a_huge_group_among_single_people():
    rng = np.random.default_rng(1)
    codes = np.concatenate([np.zeros(5000, dtype=int), np.arange(1, 60)])
    one_, two = one(rng.normal(size=len(codes)) + 1e6, codes)
    assert one_.low < one_.value < one_.high
    assert one_.low >= -1 / 4999
    assert 0 < one_.high < 1
    assert two.high < 1


def test_rows_left_out_are_counted():
    values = np.array([1.0, 2.0, np.nan, 4.0, 5.0, 9.0])
    found = one(values, np.array([0, 0, 0, 1, 1, -1]))[0]
    assert (found.n, found.n_dropped) == (4, 2)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([], []),
        ([1.0], [0]),
        ([1.0, 2.0, 4.0], [0, 1, 2]),  # a single person each
        ([1.0, 2.0, 4.0], [0, 0, 0]),  # a single group
        ([3.0, 3.0, 3.0, 3.0], [0, 0, 1, 1]),
        ([np.nan] * 4, [0, 0, 1, 1]),
    ],
)
def test_what_cannot_be_told_is_missing(values, codes):
    found = one(np.array(values), np.array(codes, dtype=int))
    assert all(np.isnan([item.value, item.low, item.high]).all() for item in found)


def test_people_alike_in_every_group_agree_wholly_without_interval():
    found = one(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0, 0, 1, 1]))
    assert [item.value for item in found] == [1.0, 1.0]
    assert np.isnan(found[0].low)


def test_groups_with_equal_means_resemble_each_other_less_than_chance():
    found = one(np.array([1.0, 3.0, 1.0, 3.0, 1.0, 3.0]), np.repeat([0, 1, 2], 2))
    assert found[0].value == pytest.approx(-1.0)
    assert np.isnan(found[1].value)


def test_adding_groups_up_by_size_changes_nothing():
    rng = np.random.default_rng(3)
    codes = np.repeat(np.arange(20), rng.integers(1, 5, 20))
    values = rng.normal(size=len(codes))
    table = one_way(values, codes)
    means = np.array([values[codes == code].mean() for code in range(20)])
    sizes = np.bincount(codes)
    assert table.ratio(0.0) == pytest.approx(sizes @ (means - values.mean()) ** 2)
    assert table.n == len(codes)


@pytest.mark.parametrize("ratings", [[[1.0, 2.0]], [[1.0], [2.0]], [[2.0, 2.0], [2.0, 2.0]]])
def test_judges_without_spread_or_company_give_nothing(ratings):
    found = shrout_fleiss(np.array(ratings), key="a", name="A")
    assert len(found) == 6
    assert np.isnan([item.value for item in found]).all()


def test_targets_with_a_missing_rating_are_left_out():
    ratings = np.vstack([PRINTED.astype(float), [np.nan, 1, 2, 3]])
    found = shrout_fleiss(ratings, key="a", name="A")
    assert (found[0].n, found[0].n_dropped) == (6, 1)
    assert found[0].value == pytest.approx(0.1657, abs=5e-5)
