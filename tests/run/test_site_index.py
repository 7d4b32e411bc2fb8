"""When the site's index is made again, and of which reports."""

import json

import pytest

from crmresearch.run.publishing import site_index


@pytest.fixture
def site(tmp_path):
    """A project of two listed reports and a site on which three more stand."""
    listing = "".join(f'[[report]]\nkey = "{key}"\nstudy = "tiny"\n' for key in ("two", "one"))
    (tmp_path / "reports.toml").write_text(listing)
    for key in ("one", "two", "older", "compare-tiny", ".staging"):
        (tmp_path / "reports" / key).mkdir(parents=True)
        about = {"study": "tiny", "title": f"Title of {key}", "n": 12}
        if key.startswith("compare"):
            about["kind"] = "comparison"
        (tmp_path / "reports" / key / "report.json").write_text(json.dumps(about))
    return tmp_path


@pytest.fixture
def update(site):
    """Updates the index and returns what was told, or None where it was left as it is."""

    def update():
        told, page = [], site / "reports" / "index.html"
        page.touch()
        before = page.stat().st_ino
        site_index.update(site, site / "reports", told.append)
        return None if page.stat().st_ino == before else told

    return update


def test_the_index_lists_what_stands_in_the_folder_in_the_listing_s_order(site, update):
    assert update() == []
    page = (site / "reports" / "index.html").read_text("utf-8")
    places = [page.index(f'"{key}/') for key in ("compare-tiny", "two", "one", "older")]
    assert places == sorted(places)
    assert "Title of .staging" not in page


def test_the_index_is_made_again_only_when_a_report_has_changed(site, update):
    assert update() == []
    assert update() is None
    about = site / "reports" / "one" / "report.json"
    about.write_text(about.read_text("utf-8").replace("Title of one", "Another"))
    assert update() == []
    assert "Another" in (site / "reports" / "index.html").read_text("utf-8")
    assert update() is None
    (site / "reports" / "index.html").write_text("tampered")
    assert update() == []
    (site / "reports" / "older" / "report.json").unlink()
    assert update() == []
    assert "Title of older" not in (site / "reports" / "index.html").read_text("utf-8")


def test_a_damaged_report_sinks_no_other_and_is_told(site, update):
    (site / "reports" / "one" / "report.json").write_bytes(b"\xff")
    (site / "reports" / "two" / "report.json").unlink()
    (site / "reports" / "two" / "report.json").mkdir()
    first, second = update()
    assert first.startswith("two: left out of the site's index, its report.json cannot be read (")
    assert second == (
        "one: left out of the site's index, its report.json is not JSON. "
        "Make the report again, or delete its folder."
    )
    page = (site / "reports" / "index.html").read_text("utf-8")
    assert "1 report," in page
    assert "Title of older" in page


def test_reports_that_nobody_asks_for_are_named_but_not_comparisons(site):
    [line] = site_index.unlisted(site, site / "reports")
    assert line == "also on the site, not in reports.toml: older"
    for number in range(7):
        (site / "reports" / f"x{number}").mkdir()
        (site / "reports" / f"x{number}" / "report.json").write_text("{")
    [line] = site_index.unlisted(site, site / "reports")
    assert line.endswith("not in reports.toml: older, x0, x1, x2, x3 and 3 more")


def test_a_site_of_listed_reports_alone_names_none(site):
    (site / "reports" / "older" / "report.json").unlink()
    assert site_index.unlisted(site, site / "reports") == []
