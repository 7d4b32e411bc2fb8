"""Groups of the reports of a large site."""

from crmresearch.report.entries import COMPARISON, Entry
from crmresearch.report.groups import LISTED, RUN, WHOLE, by_study, natural

from .sites import entry, many


def lines(group):
    return group.rows + [row for part in group.groups for row in lines(part)]


def test_a_study_that_fits_one_list_is_not_folded():
    found = by_study(many(5, 4) + [entry("r", study="recovery")])
    assert list(found) == ["survey", "recovery"]
    survey, _ = found["survey"]
    assert (survey.label, survey.size, survey.facts) == ("Survey", 20, ("Who stays?", "Phones"))
    assert [row.label for row in survey.rows[:3]] == [
        "Brand 0 · 2020", "Brand 0 · 2021", "Brand 0 · 2022",
    ]  # fmt: skip
    assert survey.rows[0].facts == ("March 2020",)
    [lonely] = found["recovery"][0].rows
    assert (lonely.label, lonely.facts) == ("Who stays?", ())


def test_a_long_list_is_folded_by_the_fact_that_makes_the_fewest_groups():
    [(survey, _)] = by_study(many(100, 4)).values()
    assert [part.label for part in survey.groups] == [f"Wave: {2020 + i}" for i in range(4)]
    assert {part.size for part in survey.groups} == {100}
    assert survey.groups[0].facts == ("March 2020",)
    assert [row.label for row in survey.groups[0].rows[:3]] == ["Brand 0", "Brand 1", "Brand 2"]
    assert survey.groups[0].rows[0].facts == ()


def test_folded_groups_are_folded_again_while_they_are_too_long():
    entries = [
        entry(f"{country}-{brand}-{wave}", part={"Country": str(country), "Brand": str(brand),
              "Wave": str(wave)}, dataset=f"Set {wave % 2}")
        for country in range(12) for brand in range(15) for wave in range(4)
    ]  # fmt: skip
    [(survey, _)] = by_study(entries).values()
    assert [part.label for part in survey.groups] == ["Set 0", "Set 1"]
    assert [part.label for part in survey.groups[0].groups] == ["Wave: 0", "Wave: 2"]
    assert [part.label for part in survey.groups[0].groups[0].groups][:2] == [
        "Country: 0", "Country: 1",
    ]  # fmt: skip
    assert sorted(row.entry.key for row in lines(survey)) == sorted(x.key for x in entries)


def test_what_no_fact_folds_is_folded_in_runs():
    [(survey, _)] = by_study(many(2 * RUN + 1, 1)).values()
    assert [part.size for part in survey.groups] == [RUN, RUN, 1]
    assert survey.groups[0].label == f"Brand 0 to Brand {RUN - 1}"
    [(fits, _)] = by_study(many(RUN, 1)).values()
    assert len(fits.rows) == RUN > LISTED


def test_a_title_of_its_own_names_a_report_that_has_one():
    [(survey, _)] = by_study(
        [entry("a", title="Aster", dataset="X"), entry("b", title="Birch", dataset="Y")]
    ).values()
    assert [(row.label, row.facts) for row in survey.rows] == [("Aster", ("X",)), ("Birch", ("Y",))]


def test_the_whole_stands_beside_its_parts_under_its_own_name():
    [(survey, _)] = by_study([entry("all"), entry("a", part={"Brand": "Aster"})]).values()
    assert [row.label for row in survey.rows] == ["Aster", WHOLE]
    [(large, _)] = by_study([*many(50, 2), entry("all")]).values()
    assert [row.label for row in large.rows] == [WHOLE]
    assert [part.size for part in large.groups] == [50, 50]


def test_the_period_of_all_is_said_once():
    ours = entry("a", part={"Brand": "Aster"}, period="2025 (the whole survey)")
    [(survey, _)] = by_study([entry("all", period="2025"), ours]).values()
    assert survey.facts == ("Who stays?", "Phones", "2025")
    assert [row.facts for row in survey.rows] == [(), ()]


def test_reports_that_nothing_tells_apart_say_their_keys():
    [(survey, _)] = by_study(
        [entry("level-90"), entry("level-95"), entry("c", period="1")]
    ).values()
    assert [(row.label, row.facts) for row in survey.rows] == [
        ("Who stays?", ("1",)),
        ("Who stays?", ("2025", "level-90")),
        ("Who stays?", ("2025", "level-95")),
    ]


def test_a_comparison_belongs_to_its_study_and_is_not_counted():
    compared = Entry(key="compare-survey", kind=COMPARISON, study="survey", title="Side by side")
    [(survey, comparisons)] = by_study([entry("a"), compared]).values()
    assert (survey.size, comparisons) == (1, [compared])


def test_names_are_sorted_as_people_do():
    names = ["Wave 10", "wave 2", "Wave 1b", "Wave", "2 waves", "10 waves", "٣", "²"]
    assert sorted(names, key=natural)[:6] == [
        "2 waves", "10 waves", "Wave", "Wave 1b", "wave 2", "Wave 10",
    ]  # fmt: skip
