"""Verdicts over reports, and what may be said of all of them together."""

import numpy as np
import pytest

from crmresearch.compare.analysis import overall
from crmresearch.compare.headlines import brief, flip_words, ranks_title
from crmresearch.compare.matching import match
from crmresearch.compare.naming import line_up
from crmresearch.compare.reports import read
from crmresearch.compare.writing import found_in

from .conftest import CLAIM, estimate

BRANDS = ("Aster", "Boreal", "Cirrus")


def test_the_largest_of_several_is_neither_pooled_nor_judged_together(publish, site):
    # Of six reports whose groups were all alike, 69 to 99 in a hundred pooled means were above zero
    key = "segment.loyalty.widest"
    claim = CLAIM | {"decided_by": key, "rule": "differs", "bound": 0.05}
    picked = estimate(key, 0.15, 0.15, unit="SD")
    keys = [publish(x, [picked], verdict="inconclusive", claim=claim) for x in BRANDS]
    found = found_in(site, keys)
    [row] = found.rows
    assert row.together == ""
    assert row.why_not == "of what each report picked by its own answers, which no mean tells"
    assert found.main[0].pooled == ()
    [text] = [item.text for item in found.caveats if item.key == "compare.picked"]
    assert text == (
        "Each report picked by its own answers what these are of: Segment.loyalty.widest. The "
        "largest of several is as a rule larger than it truly is, the more so the fewer answers a "
        "report has: no mean is made of these, and a difference between reports may be one of "
        "their sizes."
    )


def test_a_flip_of_a_report_without_the_estimate_is_not_judged(publish, site):
    keys = [publish(x, [estimate("loyalty", 0.9, 0.3)], verdict="supported") for x in BRANDS[:2]]
    keys.append(publish("Cirrus", [estimate("effort", 0.9, 0.3)], verdict="contradicted"))
    [row] = found_in(site, keys).rows
    assert (row.flips, row.differs) == (True, None)
    assert flip_words(row) == "Unlike verdicts; whether the estimates differ cannot be told."


def test_a_family_of_tests_has_one_level(publish, site):
    keys = [
        publish(
            brand,
            [
                estimate("a", 0.0, 1.0),
                estimate("b", 0.0, 1.0),
                estimate("fit.rmsea", x, 0.02, level=0.9),
            ],
        )
        for brand, x in zip(BRANDS, (0.05, 0.06, 0.07), strict=True)
    ]
    assert {test.level for test in overall(match(line_up(read(site, keys))))} == {0.95}


def test_a_pair_that_is_not_told_apart_is_given_no_direction(publish, site):
    values = np.array([1.0, 1.4, 1.0, 1.4, 1.0, 1.4])
    keys = [publish(f"B{i}", [estimate("satisfaction", x, 0.28)]) for i, x in enumerate(values)]
    found = found_in(site, keys)
    [main] = found.main
    assert found.main_tests[0].p < 0.05
    assert main.clear == ()
    told = [text for text, _ in brief(found.main, found.main_tests, [], [])]
    assert told[1] == "Satisfaction ranges from 1.00 in B0 to 1.40 in B5."


@pytest.mark.parametrize(("reports", "df", "told"), [(13, 9, True), (12, 9, False), (7, 4, True)])
def test_many_reports_of_few_clusters_are_a_caveat(publish, site, reports, df, told):
    method = (
        f"mean, clustered by branch, {df + 1} branchs, linearised variance, t interval, {df} df"
    )
    keys = [
        publish(f"B{i}", [estimate("satisfaction", i, 1.0, method=method)]) for i in range(reports)
    ]
    texts = [item.text for item in found_in(site, keys).caveats if item.key == "compare.small"]
    assert bool(texts) == told
    if told:
        assert texts[0].startswith(f"Standard errors rest on as few as {df} degrees of freedom, ")


def test_being_the_highest_is_not_called_being_first(publish, site):
    keys = [
        publish(x, [estimate("satisfaction", at, 0.1)])
        for x, at in zip(BRANDS, (5, 1, 1), strict=True)
    ]
    [item] = found_in(site, keys).main
    assert ranks_title(item) == "Aster is beyond chance the highest on Satisfaction"
