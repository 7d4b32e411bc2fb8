"""The command `compare`, and the comparisons that a build keeps up to date."""

import json
from pathlib import Path

import pytest

from crmresearch.cli import main
from crmresearch.report.downloads import estimates_csv
from crmresearch.report.estimates import Estimate
from crmresearch.run import manifest
from crmresearch.run.publishing import comparing
from crmresearch.run.publishing.publish import locked
from crmresearch.run.request.listing import read_listing

LISTING = '[[report]]\nkey = "phones"\nstudy = "tiny"\ndata = "small"\nby = ["brand"]\n'


def publish(site: Path, key: str, value: float, study: str = "tiny") -> None:
    folder = site / key
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "key": key, "study": study, "title": "T", "data": f"D: {key}", "dataset": "D",
        "data_sha256": key, "part": {"Brand": key}, "n": 40, "unit": "customer",
    }  # fmt: skip
    item = Estimate(
        key="a", name="A", value=value, low=value - 0.2, high=value + 0.2, unit="SD", n=40,
        method="m",
    )  # fmt: skip
    (folder / "report.json").write_text(json.dumps(about))
    (folder / "findings.json").write_text("[]")
    (folder / "estimates.csv").write_text(estimates_csv([item]))
    manifest.write(folder, {})


@pytest.fixture
def site(small: Path) -> Path:
    """The reports of two brands, in the small project."""
    folder = small / "reports"
    for key, value in (("phones-a", 1.0), ("phones-b", 2.0)):
        publish(folder, key, value)
    (folder / ".lock").touch()
    (small / "reports.toml").write_text(LISTING)
    return folder


def test_the_command_publishes_and_says_what_differs(site, capsys):
    main_ends_well(["compare", "phones-a", "phones-b", "-o", "both"])
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "reports/both/index.html"
    assert told[1] == "The main number differs between the reports."
    assert (
        told[2]
        == "A is 1.00 SD (95% CI 0.71 to 1.29) higher in phones-b (+2.00) than in phones-a (+1.00)."
    )
    assert (site / "both" / "manifest.json").is_file()
    about = json.loads((site / "both" / "report.json").read_text())
    assert about["title"] == "Tiny: 2 reports by Brand compared"
    assert not (site / ".staging").exists()
    assert "both/index.html" in (site / "index.html").read_text()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], "name the keys of several reports of one study, or --study STUDY."),
        (
            ["phones-a", "--study", "tiny"],
            "name the reports by their keys or by --study, not by both.",
        ),
        (
            ["phones-c", "phones-a"],
            "there is no report 'phones-c'. Did you mean 'phones-b'? There are: phones-a, "
            "phones-b.",
        ),
        (
            ["--study", "tny"],
            "there is no report of the study 'tny'. Did you mean 'tiny'? There are reports of: "
            "tiny.",
        ),
        (
            ["--study", "tiny", "--by", "Brnd"],
            "none of these reports is of a part by 'Brnd'. Did you mean 'Brand'? They are parts "
            "by: Brand.",
        ),
        (
            ["phones-a", "phones-b", "-o", "phones-a"],
            "'phones-a' is a report, which a comparison must not replace. Name the comparison "
            "otherwise with -o.",
        ),
        (
            ["phones-a"],
            "found 1 report to compare but a comparison is of 2 to 1,000 different ones. Name the "
            "keys of several reports of one study.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_message(site, capsys, asked, told):
    with pytest.raises(SystemExit) as ended:
        main(["compare", *asked])
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"crmresearch: {told}\n"


def test_a_build_compares_the_parts_of_an_entry_and_only_when_they_change(site, small):
    told = refreshed(site, small)
    assert told == ["compare-phones: published"]
    assert refreshed(site, small) == []
    publish(site, "phones-b", 1.1)
    assert refreshed(site, small) == ["compare-phones: published"]
    publish(site, "phones-c", 3.0)
    assert refreshed(site, small) == ["compare-phones: published"]
    summary = json.loads((site / "compare-phones" / "report.json").read_text())
    assert [item["key"] for item in summary["reports"]] == ["phones-a", "phones-b", "phones-c"]


def test_a_comparison_that_somebody_asked_for_is_kept_up_to_date(site, small):
    (small / "reports.toml").write_text('[[report]]\nkey = "other"\nstudy = "tiny"\n')
    main_ends_well(["compare", "phones-a", "phones-b", "--by", "Brand", "-o", "mine"])
    assert refreshed(site, small) == []
    publish(site, "phones-b", 1.1)
    assert refreshed(site, small) == ["mine: published"]


def test_what_cannot_be_compared_is_told_and_left(site, small):
    (site / "phones-a" / "estimates.csv").write_text("x")
    [told] = refreshed(site, small)
    assert told.startswith("compare-phones: not compared. 1 problem(s) with the reports to compare")
    assert not (site / "compare-phones").exists()


def test_of_many_reports_that_share_nothing_the_first_are_named(site, small):
    for letter in "abcdefg":
        publish(site, f"phones-{letter}", 1.0)
        (site / f"phones-{letter}" / "estimates.csv").write_text(estimates_csv([]))
    assert refreshed(site, small) == [
        "compare-phones: not compared. the reports phones-a, phones-b, phones-c, phones-d, "
        "phones-e and 2 more share no estimate with an interval. Compare reports of one notebook "
        "on data with the same questions."
    ]


def test_reports_of_one_set_of_answers_get_no_comparison(small):
    path = small / "reports.toml"
    path.write_text(
        '[[report]]\nkey = "k"\nstudy = "tiny"\ndata = "small"\ngrid = { level = [0.9, 0.95] }\n'
    )
    assert comparing.names(read_listing(path)[0]) == []


def refreshed(site: Path, root: Path) -> list[str]:
    told: list[str] = []
    with locked(site):
        comparing.refresh(site, root / "reports.toml", told.append)
    return told


def main_ends_well(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code
