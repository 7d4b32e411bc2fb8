"""What reports of parts give away together."""

from crmresearch.report.differencing import given_away

from .sites import entry


def reports(whole, *parts, **fields):
    fields = {"min_cell": 10} | fields
    return [entry("all", n=whole, **fields)] + [
        entry(f"p{i}", n=n, part={"Brand": f"B{i}"}, **fields) for i, n in enumerate(parts)
    ]


def test_parts_that_leave_out_a_few_people_are_told():
    assert given_away(reports(108, 60, 41)) == [
        "all: this report and its 2 parts by Brand leave fewer than 10 people in no part, whose "
        "numbers are found by subtraction. Delete all or one of its parts, and do not ask for it "
        "again."
    ]


def test_parts_that_leave_out_nobody_or_enough_people_are_not():
    assert given_away(reports(101, 60, 41)) == []
    assert given_away(reports(111, 60, 41)) == []
    assert given_away(reports(100, 60, 41)) == []  # not parts of this whole
    assert given_away(reports(108, 60, 41)[1:]) == []  # nothing to subtract from


def test_each_way_to_divide_a_part_is_looked_at():
    both = [
        entry("a", n=50, min_cell=10, part={"Brand": "A"}),
        entry("a-1", n=30, min_cell=10, part={"Brand": "A", "Wave": "1"}),
        entry("a-2", n=15, min_cell=10, part={"Wave": "2", "Brand": "A"}),
        entry("b-2", n=15, min_cell=10, part={"Wave": "2", "Brand": "B"}),
    ]
    [line] = given_away(both)
    assert line.startswith("a: this report and its 2 parts by Wave leave fewer than 10 people")


def test_other_studies_and_datasets_are_kept_apart():
    first, second, third = reports(108, 60, 41)
    elsewhere = entry("p1", n=41, min_cell=10, part={"Brand": "B1"}, dataset="Other")
    assert given_away([first, second, elsewhere]) == []
    recovery = entry("p1", n=41, min_cell=10, part={"Brand": "B1"}, study="recovery")
    assert given_away([first, second, recovery]) == []
    assert len(given_away([third, second, first])) == 1


def test_a_report_that_does_not_say_how_many_people_is_passed_over():
    assert given_away(reports(None, 60, 41)) == []
