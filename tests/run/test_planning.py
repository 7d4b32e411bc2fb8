"""What a listing comes to before anything runs: plans, what cannot run, what would be refused."""

import json
import shutil

import pytest

from crmresearch.errors import RequestError, UserError
from crmresearch.run.runner import build, dry_run


def told(**options) -> tuple[list[str], str]:
    """The lines of a dry run, and how it ends."""
    lines = []
    try:
        lines.extend(dry_run(**options))
    except UserError as error:
        return lines, str(error)
    return lines, ""


def listed(root, *entries: str) -> None:
    text = "".join(f'[[report]]\nstudy = "tiny"\n{entry}\n' for entry in entries)
    (root / "reports.toml").write_text(text)


def few_of_a_brand(root) -> None:
    """Leave of the brand `Ωmega` three answers of 2025."""
    path = root / "data" / "small" / "responses.csv"
    lines = path.read_text().splitlines()
    others = [line for line in lines if "mega" not in line]
    path.write_text("\n".join([*others, *(["Ωmega,2025,1"] * 3)]) + "\n")


def test_what_cannot_run_is_told_beside_what_would(brands):
    wrong = shutil.copytree(brands / "data" / "small", brands / "wrong")
    (wrong / "responses.csv").write_text("brand,wave,answer\nAster,2025,9\n")
    listed(brands, 'key = "a"\ndata = ["small", "wrong"]\nby = "wave"', 'key = "b"\ndata = "wrong"')
    lines, end = told()
    assert lines[:2] == ["a-small-2025: would run, new", "a-small-2026: would run, new"]
    assert lines[2].startswith("a-wrong and 1 more: cannot run, ")
    assert "9" in lines[2]
    assert lines[3:] == ["2 of 4 reports would run."]
    assert end == "2 of 4 reports cannot run."
    assert told(only=["a-small-2025"]) == (
        ["a-small-2025: would run, new", "1 of 1 reports would run."], "",
    )  # fmt: skip
    lines, _ = told(only=["a-wrong-2025"])
    assert lines[0].startswith("a-wrong: cannot run, ")


def test_all_wrong_entries_are_told_at_once(brands):
    listed(
        brands, 'key = "a"\nby = "wave"', 'key = "a-2025"',
        'key = "b"\nparameters = { levle = 0.9 }',
    )  # fmt: skip
    with pytest.raises(RequestError) as raised:
        list(dry_run())
    twice, unknown = str(raised.value).splitlines()
    assert twice == (
        "reports.toml: two entries come to a report of the key 'a-2025'. Give one of them another "
        "key."
    )
    assert unknown.startswith("reports.toml, report 'b': notebooks/tiny.ipynb has no parameter")


def test_a_whole_whose_parts_give_a_few_people_away_is_refused(brands, faked):
    few_of_a_brand(brands)
    listed(brands, 'key = "all"', 'key = "part"\nby = "brand"')
    lines, end = told()
    assert (
        "all: cannot run, this report and its 3 parts by Brand leave fewer than 10 people in no "
        "part, whose numbers are found by subtraction. Ask for it alone, or for its parts alone "
    ) in lines[-2]
    assert end == "1 of 4 reports cannot run."
    with pytest.raises(UserError, match="found by subtraction"):
        build(history=False, warm=False)
    made = {path.parent.name for path in (brands / "reports").glob("*/report.json")}
    assert "all" not in made
    assert "part-aster" in made


def test_a_part_that_gives_away_beside_a_published_whole_is_refused(brands):
    few_of_a_brand(brands)
    folder = brands / "reports" / "all"
    folder.mkdir(parents=True)
    about = {"study": "tiny", "title": "All", "dataset": "Four brands", "n": 75, "min_cell": 10}
    (folder / "report.json").write_text(json.dumps(about))
    listed(brands, 'key = "part"\nby = "brand"')
    lines, _ = told()
    assert "cannot run, the report all and its 3 parts by Brand leave" in lines[-2]
    assert lines[-1] == "2 of 3 reports would run."


def test_what_befalls_many_parts_alike_is_told_once(brands):
    (brands / "notebooks" / "tiny.ipynb").rename(brands / "notebooks" / "recovery.ipynb")
    text = '[[report]]\nkey = "part"\nstudy = "recovery"\nby = "wave"\n'
    (brands / "reports.toml").write_text(text)
    [line, counted], end = told()
    assert line.startswith(
        "part-2025 and 1 more: cannot run, Four brands: this study needs the role 'problem'"
    )
    assert (counted, end) == ("0 of 2 reports would run.", "2 of 2 reports cannot run.")


def test_a_notebook_that_takes_no_part_is_told_how_to(brands, add, new_notebook):
    add("own", new_notebook("data", parameters='data: str = "small"  # a dataset\n'))
    (brands / "reports.toml").write_text('[[report]]\nkey = "a"\nstudy = "own"\nby = "wave"\n')
    with pytest.raises(RequestError) as raised:
        list(dry_run())
    assert str(raised.value) == (
        "reports.toml, report 'a-2025' and 1 more: notebooks/own.ipynb cannot report on a part of "
        "the respondents, for which 'by' and 'only' ask: add only: str = \"\" to its parameters, "
        "and only=only where it loads the data."
    )
