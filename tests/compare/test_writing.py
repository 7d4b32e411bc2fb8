"""A comparison from the published files of its reports to the page."""

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import norm

from crmresearch.compare import files, headlines, rest
from crmresearch.compare.analysis import compare, overall
from crmresearch.compare.matching import match
from crmresearch.compare.naming import line_up
from crmresearch.compare.reports import read
from crmresearch.compare.standings import stand
from crmresearch.compare.writing import found_in, write
from crmresearch.errors import DataError, RequestError
from crmresearch.methods import meta, ranks
from crmresearch.methods.multiplicity import adjust
from crmresearch.report.estimates import NAN, Estimate, find
from crmresearch.report.published import published
from crmresearch.report.suppression import HIDDEN

from .conftest import CLAIM, estimate

Z = 1.959963984540054


def test_the_whole_page(three, site, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("made")
    found = found_in(site, three)
    write(found, tmp_path, key="compare-survey", provenance={"Made from": "reports"})
    page = (tmp_path / "index.html").read_text()
    summary = json.loads((tmp_path / "report.json").read_text())
    assert (summary["kind"], summary["n"]) == ("comparison", 150)
    assert [item["key"] for item in summary["reports"]] == three
    sentences = [line["sentence"] for line in summary["brief"]]
    assert sentences[0] == "Of 2 main numbers 1 differs between the reports beyond chance."
    assert sentences[1].startswith("Satisfaction is 1.00 scale points (95% CI 0.66 to 1.34) higher")
    assert sentences[2] == "Not told apart between the reports: Loyalty."
    assert "Unlike verdicts, but the estimates are not told apart." in page
    assert "<script" not in page
    assert "no difference between" not in page
    assert '<a href="../survey-aster/index.html">Aster</a>' in page
    described = re.findall(r'<img src="[^"]+" alt="([^"]+)"', page)
    assert len(described) == page.count("<img ") == 4  # two forests, one of pairs, one of ranks
    assert described[0].startswith("Lowest is Boreal at 4.00 scale points (95% CI 3.80 to 4.20);")


def test_numbers_are_those_of_the_methods(three, site):
    lineup = line_up(read(site, three))
    [quantity] = [item for item in match(lineup) if item.key == "satisfaction"]
    item = compare(quantity, lineup.labels)
    errors = np.full(3, 0.2 / Z)
    pooled = meta.pool([5.0, 4.0, 4.1], errors**2)
    assert_allclose(
        [item.mean.value, item.mean.low, item.mean.high], [pooled.mean, *pooled.interval()]
    )
    half = ranks.tukey(0.95, 3) * errors[0] * np.sqrt(2)
    assert_allclose([x.value for x in item.pairs], [1.0, 0.9, -0.1])
    assert_allclose([x.high - x.value for x in item.pairs], half)
    assert all((x.p < 0.05) == (x.low > 0 or x.high < 0) for x in item.pairs + item.against)
    assert_array_equal([(x.low, x.high) for x in item.ranks], [(1, 1), (2, 3), (2, 3)])
    assert item.marks == {"report: Aster": 1, "report: Boreal": -1, "report: Cirrus": -1}
    [test] = overall([quantity])
    fixed = meta.pool([5.0, 4.0, 4.1], errors**2, method="FE")
    assert_allclose([2 * test.value, test.p], [fixed.q, fixed.q_p], rtol=1e-4)


def test_pairs_of_a_quantity_that_is_not_told_apart_are_said_to_be_by_themselves(publish, site):
    """Two reports with p of .03 by itself, which is .06 among two main numbers."""
    keys = [
        publish(
            brand,
            [estimate("satisfaction", value, 0.2), estimate("loyalty", 0.8, 0.3)],
            verdict="supported",
        )
        for brand, value in (("A", 4.0), ("B", 4.3132))
    ]
    found = found_in(site, keys)
    item, test = found.main[0], found.main_tests[0]
    assert_allclose([item.pairs[0].p, test.p], [0.03, 0.06], rtol=0.01)
    told = "Satisfaction: the difference of the two reports is beyond chance"
    assert headlines.difference_title(item, test) == f"{told}, this quantity taken by itself"
    sure = dataclasses.replace(test, p=0.04)
    assert headlines.difference_title(item, sure) == told
    assert headlines.forest_title(item, test) == "Satisfaction: the reports are not told apart"


def test_what_a_report_hides_is_left_out_of_the_pooled_numbers(publish, site):
    shown = [publish(x, [estimate("a", v, 0.2)]) for x, v in (("A", 1.0), ("B", 2.0), ("C", 3.0))]
    hidden = Estimate(
        key="a", name="A", value=NAN, unit="scale points", n=0, method=f"{HIDDEN}: too few"
    )
    few = publish("D", [hidden])
    small = publish("E", [estimate("a", 9.0, 0.1, n=9)])
    lineup = line_up(read(site, [*shown, few, small]))
    [quantity] = match(lineup)
    assert quantity.rows == (0, 1, 2)
    item = compare(quantity, lineup.labels)
    assert item.mean.n == 150
    assert item.mean.value == pytest.approx(2.0)


def test_two_reports_have_a_difference_and_no_mean(publish, site):
    keys = [publish(x, [estimate("a", v, 0.2)]) for x, v in (("A", 1.0), ("B", 2.0))]
    found = found_in(site, keys)
    [item] = found.main
    assert item.pooled == ()
    assert item.against == ()
    assert_allclose(
        [item.pairs[0].low, item.pairs[0].high], -1 + np.array([-1, 1]) * 0.2 * np.sqrt(2)
    )
    assert "No mean is pooled of two." in found.caveats[-1].text


def test_levels_are_made_one(publish, site):
    keys = [
        publish("A", [estimate("a", 1.0, 1.959963984540054)]),
        publish("B", [estimate("a", 1.0, 1.6448536269514722, level=0.9)]),
    ]
    found = found_in(site, keys)
    assert_allclose([x.high - x.low for x in found.main[0].shown], 2 * Z)
    assert "do not have one confidence level (90% or 95%)" in found.caveats[-1].text


def test_no_interval_reaches_beyond_what_a_unit_has(publish, site):
    """Of a score from -100 to 100 few values, far apart, and one interval of another level."""
    keys = [
        publish(brand, [estimate("nps", value, 30.0, unit="points", level=level)])
        for brand, value, level in (("A", -68.0, 0.9), ("B", 10.0, 0.95), ("C", 68.0, 0.95))
    ]
    [item] = found_in(site, keys).main
    recovered = item.quantity.recovered
    known = meta.pool(recovered.transformed, recovered.errors**2)
    assert known.prediction()[0] < -100 < 100 < known.prediction()[1]
    assert [(x.low, x.high) for x in item.pooled[:2]] == [(-100, 100)] * 2
    assert [x.low for x in item.shown] == [-100, -20, 38]
    unsure = [
        publish(brand, [estimate("nps", value, 80.0, unit="points", level=0.5)])
        for brand, value in (("D", -20.0), ("E", 20.0))
    ]
    [[pair]] = [item.pairs for item in found_in(site, unsure).main]
    half = 80 * 2**0.5
    assert_allclose([pair.low, pair.high], [-40 - half, -40 + half], rtol=1e-5)
    unsure[0] = publish("F", [estimate("nps", -20.0, 80.0, unit="points", level=0.4)])
    [[pair]] = [item.pairs for item in found_in(site, unsure).main]  # both at 95%
    assert (pair.low, pair.high) == (-200, 200)


def test_a_pooled_verdict_needs_one_rule(publish, site):
    other = CLAIM | {"bound": 0.4}
    keys = [
        publish("A", [estimate("loyalty", 0.9, 0.1)], verdict="supported"),
        publish("B", [estimate("loyalty", 0.9, 0.1)], verdict="supported", claim=other),
        publish("C", [estimate("loyalty", 0.9, 0.1)], verdict="supported"),
    ]
    [row] = found_in(site, keys).rows
    assert (row.together, row.why_not, row.flips) == ("", "judged by different bounds", False)


def test_reports_that_share_people_are_refused(publish, site):
    a = publish("A", [estimate("a", 1, 0.2)])
    whole = publish("whole", [estimate("a", 1, 0.2)], part={})
    wave = publish("wave", [estimate("a", 1, 0.2)], part={"Wave": "2025"})
    same = publish("same", [estimate("a", 1, 0.2)], part={"Brand": "B"}, data_sha256=a)
    with pytest.raises(RequestError) as refused:
        found_in(site, [a, whole, wave, same])
    assert str(refused.value) == (
        "6 pairs of these reports share people, and a comparison takes them for different ones:\n"
        "  survey-a and survey-same: both are of the same answers.\n"
        "  survey-a and survey-whole: one is of a part of the data of the other.\n"
        "  survey-a and survey-wave: the parts Brand: A and Wave: 2025 can overlap.\n"
        "  survey-whole and survey-wave: one is of a part of the data of the other.\n"
        "  survey-whole and survey-same: one is of a part of the data of the other.\n"
        "  … and 1 more.\n"
        "Name reports of different data, or of parts that one question tells apart, such as one "
        "report a brand."
    )


def test_waves_of_a_panel_are_a_caveat(publish, site):
    keys = [
        publish(x, [estimate("a", 1, 0.2)], part={"Wave": x}, design="panel")
        for x in ("2024", "2025")
    ]
    assert "compare.panel" in [item.key for item in found_in(site, keys).caveats]


def test_damaged_reports_are_told_all_at_once(three, site):
    (site / three[0] / "findings.json").write_text("[{}]")
    (site / three[1] / "report.json").write_text("{")
    with pytest.raises(DataError) as refused:
        found_in(site, three)
    assert str(refused.value) == (
        "2 problem(s) with the reports to compare:\n"
        "  1. survey-aster/findings.json: found a finding without a claim but a report that "
        "crmresearch published keeps that form. Publish the report again, or take its folder away."
        "\n  2. survey-boreal/report.json: found what is not JSON but a report that crmresearch "
        "published keeps that form. Publish the report again, or take its folder away."
    )


def test_reports_of_two_studies_and_one_alone_are_refused(publish, site):
    a = publish("A", [estimate("a", 1, 0.2)])
    b = publish("B", [estimate("a", 1, 0.2)], study="recovery")
    with pytest.raises(
        RequestError, match=r"different studies .*\(survey: survey-a; recovery: surv"
    ):
        read(site, [a, b])
    with pytest.raises(RequestError, match="found 1 report to compare but a comparison is of 2 to"):
        read(site, [a, a])


def test_many_reports_are_drawn_without_labels_and_counted(publish, site, tmp_path):
    rng = np.random.default_rng(4)
    keys = [publish(f"B{i:02}", [estimate("a", float(rng.normal()), 0.3)]) for i in range(30)]
    found = found_in(site, keys)
    write(found, tmp_path, key="compare-x", provenance={})
    table = (tmp_path / "tables" / "glance.csv").read_text().splitlines()
    assert table[0].startswith("Quantity,Reports,Mean,Lowest,Highest,Clearly above")
    assert len(found.main[0].pairs) == 0
    assert len(found.main[0].against) == 30


def test_a_synthesis_of_reports_passes_comparisons_over(three, site):
    folder = site / "compare-survey"
    folder.mkdir()
    write(found_in(site, three), folder, key="compare-survey", provenance={})
    assert [item.key for item in published(site)] == three


def test_names_are_escaped(publish, site, tmp_path):
    keys = [
        publish(x, [estimate("a", v, 0.2, name="<b>A</b>")], part={"Brand": f"<i>{x}</i>"})
        for x, v in (("A", 1.0), ("B", 2.0))
    ]
    write(found_in(site, keys), tmp_path, key="compare-x", provenance={})
    page = (tmp_path / "index.html").read_text()
    assert "<i>A" not in page
    assert "<b>A" not in page
    assert "&lt;i&gt;A" in page
    assert find(found_in(site, keys).main[0].pairs, "pair.a", "pair: <i>A</i> − <i>B</i>")


def test_quantities_that_are_not_drawn_are_rows_and_in_the_file(publish, site, tmp_path_factory):
    keys = [
        publish(x, [estimate("satisfaction", 4, 0.2), *(estimate(f"b.{i}", v, 0.2) for i in "cd")])
        for x, v in (("A", 1.0), ("B", 2.0), ("C", 2.2))
    ]
    folder = tmp_path_factory.mktemp("made")
    write(found_in(site, keys), folder, key="compare-x", provenance={})
    page = (folder / "index.html").read_text("utf-8")
    [fold] = re.findall(r'<details class="forests long">.*?</details>', page, re.DOTALL)
    assert "<summary>B: B.c, and 1 more; 2 of 2 told apart</summary>" in fold
    assert fold.count("<tr>") == 2 * (1 + 3 + 1)  # names of columns, reports, mean
    assert "<td>1.00 (0.80 to 1.20)<td>▼ −1.10 (−1.40 to −0.80)<td>3" in fold
    assert "differs, p &lt; .001" in fold
    told = (folder / "estimates.csv").read_text("utf-8").splitlines()
    assert sum(line.startswith("value.b.") for line in told) == 2 * 3
    assert sorted(x.name for x in (folder / "files").iterdir()) == ["pairs.csv", "standings.csv"]
    standings = pd.read_csv(folder / "files" / "standings.csv")
    pairs = pd.read_csv(folder / "files" / "pairs.csv")
    assert list(standings["report"]) == ["A", "B", "C"] * 2
    assert list(pairs["pair"]) == ["A − B", "A − C", "B − C"] * 2
    assert_array_equal(standings[["rank_low", "rank_high"]][:3], [[3, 3], [1, 2], [1, 2]])
    assert '<a href="files/pairs.csv" download>' in page
    assert page.count("they are the clearest partly by chance") == 1


def test_contrasts_of_what_is_not_drawn_are_those_of_what_is(three, site):
    """The same numbers as of a main quantity; p by Holm over all contrasts of a kind."""
    found = found_in(site, three)
    both = [item.quantity for item in found.main]
    labels = found.lineup.labels
    stood = stand(both, labels, [])
    for one, item in zip(stood, found.main, strict=True):
        for told, drawn in ((one.against, item.against), (one.pairs, item.pairs)):
            assert_allclose(told.found.low, [x.low for x in drawn])
            assert_allclose(told.found.high, [x.high for x in drawn])
        assert_array_equal(one.ranks, [(x.low, x.high) for x in item.ranks])
        assert one.changes is None
    alone = np.concatenate([one.pairs.found.alone for one in stood])
    assert_allclose(np.concatenate([one.pairs.p for one in stood]), adjust(alone))
    error = 0.2 / Z * 2**0.5
    assert_allclose(stood[0].pairs.found.alone[0], 2 * norm.sf(1.0 / error), rtol=1e-4)
    assert_array_equal(stood[0].pairs.marks, [1, 1, 0])


def test_names_in_files_are_text_to_a_spreadsheet(publish, site):
    keys = [
        publish(x, [estimate("a", v, 0.2, name="=A"), estimate("satisfaction", v, 0.2)])
        for x, v in (("+x", 1.0), ("B", 2.0), ("C", 2.1))
    ]
    text = files.against(found_in(site, keys).standings)
    assert text.splitlines()[1].startswith("a,,'=A,'+x,")


def test_rows_beyond_what_a_page_holds_are_counted(publish, site, tmp_path, monkeypatch):
    monkeypatch.setattr(rest, "MOST", 1_500)
    many = [f"b.{i}" for i in range(9)]
    keys = [
        publish(x, [estimate("satisfaction", v, 0.2), *(estimate(key, v, 0.2) for key in many)])
        for x, v in (("A", 1.0), ("B", 2.0))
    ]
    folder = tmp_path / "made"
    folder.mkdir()
    write(found_in(site, keys), folder, key="compare-x", provenance={})
    page = (folder / "index.html").read_text("utf-8")
    drawn = page.count('<table class="rows')
    assert 0 < drawn < 9
    assert f"{9 - drawn} quantities that differ least clearly are not drawn" in page
    assert (folder / "estimates.csv").read_text("utf-8").count("value.b.") == 18


def test_quantities_of_one_name_are_told_apart_by_their_keys(publish, site):
    keys = ("gap.loyalty.adjusted", "gap.trust.adjusted", "gap.trust", "other")
    made = [
        publish(x, [*(estimate(key, v, 0.2, name="Gap") for key in keys[:2]), estimate("b", v, 1)])
        for x, v in (("A", 1.0), ("B", 2.0))
    ]
    words = [item.words for item in match(line_up(read(site, made)))]
    assert words == ["Gap (loyalty)", "Gap (trust)", "B"]
    more = [
        publish(x, [estimate(key, v, 0.2, name="Gap") for key in keys[1:]])
        for x, v in (("C", 1.0), ("D", 2.0))
    ]
    words = [item.words for item in match(line_up(read(site, more)))]
    assert words == ["Gap (gap trust adjusted)", "Gap (gap trust)", "Gap (other)"]
