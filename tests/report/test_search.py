"""The search of a large site, in a real browser under the page's own policy."""

import re
from dataclasses import replace

import pytest

from crmresearch.report.site import render

from .sites import entry, many


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    entries = many(40, 2, studies=("survey", "recovery"))
    entries.append(entry("soehne", part={"Brand": "Müller & Söhne", "Wave": "2020"}))
    (folder / "index.html").write_text(render(entries), "utf-8")
    (folder / "soehne").mkdir()
    (folder / "soehne" / "index.html").write_text("<title>Söhne</title>", "utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture
def page(browser, site):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(site)
    yield page
    assert page.problems == []
    context.close()


def tell(page, text):
    """Wait for what is announced; the page's policy forbids to wait for anything evaluated."""
    page.locator("[role=status]", has_text=re.compile(f"^{re.escape(text)}$")).wait_for()


def said(page):
    return page.locator("[role=status]").inner_text()


def shown(page):
    return page.locator(".listing > li:visible a").all_inner_texts()


def test_words_find_lines_by_any_of_what_they_and_their_groups_say(page, site):
    field = page.get_by_label("Search the reports")
    field.press_sequentially("2021 brand 17")
    tell(page, "4 of 161 reports fit.")  # the headline of brand 31 says 17.0
    field.fill("SURVEY of brand 31 is 17.0 2021")
    field.press("Enter")
    assert said(page) == "1 of 161 reports fits."
    assert shown(page) == ["Brand 31"]
    assert page.url == f"{site}#q=SURVEY+of+brand+31+is+17.0+2021"
    assert page.locator("section.study:visible .count").first.inner_text() == "1 of 81 reports"
    field.fill("muller sohne")
    field.press("Enter")
    assert shown(page) == ["Müller & Söhne"]
    field.fill("no such brand")
    field.press("Enter")
    assert (said(page), shown(page)) == ("No report fits.", [])
    page.get_by_role("button", name="Show all reports").click()
    tell(page, "A report fits when its line has all the words.")
    assert page.url == site
    assert page.locator("section.study:visible .count").first.inner_text() == "81 reports"
    assert page.locator("details.group[open]").count() == 0


def test_many_hits_are_counted_and_stay_folded(page):
    field = page.get_by_label("Search the reports")
    field.fill("brand")
    field.press("Enter")
    assert said(page) == "160 of 161 reports fit. Open a group to see them."
    assert shown(page) == []
    page.locator("details.group summary").first.click()
    assert len(shown(page)) == 40


def test_a_number_in_the_table_of_claims_leads_to_its_reports(page):
    link = page.locator("table.tally[data-study=recovery] tbody tr").first.locator("td a").nth(1)
    counted = int(link.inner_text())
    link.click()
    tell(page, f"{counted} of 161 reports fit.")
    assert len(shown(page)) == counted
    assert page.locator("#claim").input_value() == "recovery/c0"
    page.go_back()
    tell(page, "A report fits when its line has all the words.")
    assert page.locator("#claim").input_value() == ""
    page.locator("#study").select_option("recovery")
    page.locator("#verdict").select_option("inconclusive")
    tell(page, "60 of 161 reports fit.")
    assert page.url.endswith("#study=recovery&verdict=i")


def test_a_search_can_be_linked_to_and_come_back_to(page, site):
    page.goto("about:blank")
    page.goto(f"{site}#q=söhne")
    assert said(page) == "1 of 161 reports fits."
    page.get_by_role("link", name="Müller & Söhne").click()
    assert page.title() == "Söhne"
    page.go_back()
    tell(page, "1 of 161 reports fits.")
    assert page.get_by_label("Search the reports").input_value() == "söhne"
    assert shown(page) == ["Müller & Söhne"]


def test_without_a_script_every_line_is_in_reach(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    assert not page.locator("form.search").is_visible()
    for summary in page.locator("details.group > summary").all():
        summary.click()
    assert page.locator(".listing > li:visible").count() == 161
    context.close()


def test_a_claim_leaves_room_for_a_verdict_on_a_phone(browser, tmp_path):
    claim = replace(entry("x").findings[0], statement="Customers who complained stay " * 6)
    reports = [
        replace(entry(key, part={"Brand": key}), findings=(claim,)) for key in ("a", "b", "c")
    ]
    (tmp_path / "index.html").write_text(render(reports), "utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.goto((tmp_path / "index.html").as_uri())
    box = page.locator(".matrix tbody td").first.bounding_box()
    page.close()
    assert box["x"] + box["width"] <= 360
