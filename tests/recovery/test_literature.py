"""Published findings: the file keeps its own rules, and nothing agrees that does not."""

import dataclasses

import numpy as np
import pytest

from crmresearch.recovery import literature
from crmresearch.recovery.headlines import synthesis as headlines
from crmresearch.recovery.literature import Published, comparison
from crmresearch.report.estimates import Estimate
from crmresearch.report.tables import CELL_LIMIT

FINDING = Published(
    finding="F", source="S", design="D", read="source", direction="above", compares=("k",)
)


def ours(low: float, high: float, **fields) -> Estimate:
    shown = {"key": "k", "name": "N", "unit": "SD", "n": 100, "method": "m"}
    return Estimate(**shown | {"value": (low + high) / 2, "low": low, "high": high} | fields)


def test_the_file_is_whole_and_fits_its_cells():
    found = literature.findings()
    assert len(found) > 15
    for item in found:
        assert item.direction or item.printed
        assert bool(item.printed) == (item.low == item.low) or item.why_not
        assert max(map(len, (item.finding, item.design, item.why_not))) < CELL_LIMIT - 30
        assert not item.doi or item.doi.startswith("10.")
    assert len({item.finding for item in found}) == len(found)


def test_numbers_of_other_people_or_years_are_no_range():
    """A share between that of 1976 and that of 2013 agrees with neither."""
    by = {item.finding: item for item in literature.findings()}
    rage = next(item for name, item in by.items() if "rage study" in name)
    assert comparison(rage, ours(0.28, 0.40)).startswith("Below what was printed")
    consumers, business = (
        item for name, item in by.items() if name.endswith("complain to the front line.")
    )
    assert comparison(consumers, ours(0.60, 0.70)).startswith("Above what was printed")
    assert comparison(business, ours(0.60, 0.70)).startswith("Below what was printed")


def test_no_number_is_given_where_only_a_direction_is_known():
    for item in literature.findings():
        if not item.printed:
            assert item.low != item.low
            assert item.high != item.high


@pytest.mark.parametrize(
    ("direction", "low", "high", "words"),
    [
        ("above", 0.1, 0.5, "Same direction: above zero"),
        ("below", -0.5, -0.1, "Same direction: below zero"),
        ("above", -0.5, -0.1, "Opposite direction: above zero as published, below zero here"),
        ("above", -0.1, 0.3, "Undecided here: the interval holds zero"),
        ("unclear", 0.1, 0.3, "Undecided there: not significant as published, above zero here"),
        ("unclear", -0.1, 0.3, "Undecided in both"),
    ],
)
def test_directions_agree_only_where_both_have_one(direction, low, high, words):
    finding = dataclasses.replace(FINDING, direction=direction)
    assert comparison(finding, ours(low, high)).startswith(words)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.6, 0.7, "Above what was printed"), (0.1, 0.2, "Below what was"), (0.3, 0.5, "Compatible")],
)
def test_printed_numbers_are_compared_with_the_interval(low, high, words):
    finding = dataclasses.replace(FINDING, direction="", printed="37%", low=0.37, high=0.37)
    assert comparison(finding, ours(low, high, unit="share")).startswith(words)


def test_a_finding_says_what_it_compares_with_or_why_it_does_not():
    with pytest.raises(ValueError, match="either"):
        dataclasses.replace(FINDING, why_not="because")
    with pytest.raises(ValueError, match="sideways"):
        dataclasses.replace(FINDING, direction="sideways")


def test_the_table_takes_the_first_estimate_that_is_there():
    estimates = [
        ours(0.1, 0.3, key="paradox.loyalty.delighted.adjusted", name="delighted"),
        ours(0.1, 0.3, key="paradox.satisfaction.delighted.adjusted", group="brand: A"),
        ours(np.nan, np.nan, key="paradox.word_of_mouth.delighted.adjusted"),
        ours(0.5, 0.6, key="funnel.complained.of_previous", unit="share", n=5),
    ]
    table = literature.beside(estimates)
    compared = table[~table["Comparison"].str.startswith("Not compared")]
    assert list(compared["This study"]) == ["loyalty, delighted: +0.20 SD (95% CI +0.10 to +0.30)"]
    assert compared["Printed"].iloc[0] == "direction only"
    assert headlines.literature(table).startswith("1 of 20 published findings can be compared")


def test_without_anything_in_common_one_line_says_so():
    table = literature.beside([])
    assert table["Comparison"].str.startswith("Not compared").all()
    assert headlines.literature(table) == (
        "None of 20 published findings can be compared with these data."
    )


def test_fairness_is_correlated_among_complainers(cases, make_world):
    world = make_world(3)
    rng = np.random.default_rng(3)
    fair = np.where(world["complained"] == 1, rng.normal(4, 1, 3000), np.nan)
    fair = fair + 0.8 * np.nan_to_num(world["recovery_satisfaction"])
    customers = cases(**world, justice_distributive=fair)
    [found] = literature.fairness(customers)
    used = world["complained"] == 1
    expected = np.corrcoef(fair[used], world["recovery_satisfaction"][used])[0, 1]
    assert found.key == "literature.justice_distributive"
    assert found.value == pytest.approx(expected)
    assert found.n == int(used.sum())
    assert literature.fairness(cases(loyalty=world["loyalty"], problem=world["problem"])) == []
