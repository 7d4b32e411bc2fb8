"""The codebooks that ship with the project, and the page that explains them."""

import re
from pathlib import Path

import pytest

from crmresearch.data.about_file import read_about
from crmresearch.data.codebook import COLUMNS, FILE_KEYS, MAY_HAVE, TYPES, WAVE_KEYS
from crmresearch.data.codebook_file import read_codebook
from crmresearch.data.roles import REPEATABLE, ROLES

DATA = Path(__file__).resolve().parents[2] / "data"
BOOKS = sorted(DATA.glob("**/codebook*.csv"))


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shipped_codebook_is_sound(path):
    _, problems = read_codebook(path)
    _, more = read_about(path.with_name("about.toml"), title="")
    assert not [str(problem) for problem in problems + more]


def test_there_are_codebooks():
    assert {"telecom", "sfo_2017", "sfo_airport", "ecsi_mobile"} <= {
        path.parent.name for path in BOOKS
    }


def test_no_answers_of_other_people_are_shipped():
    beside = {path.name for path in (DATA / "codebooks").glob("*/*")}
    books = {path.name for path in BOOKS}
    assert beside == {"about.toml", *books}
    assert books == {"codebook.csv", "codebook_2016.csv", "codebook_2017.csv"}


def test_the_page_lists_every_role_type_and_column():
    page = (DATA / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| ([\w, ]+) \|$", page, re.MULTILINE)
    assert rows == [(role.name, role.meaning, ", ".join(role.types)) for role in ROLES.values()]
    repeatable = re.search(r"may have the roles\s(.*?)\.\n\n", page, re.DOTALL)[1]
    assert set(re.findall(r"`(\w+)`", repeatable)) == REPEATABLE
    assert all(f"`{name}`" in page for name in (*COLUMNS, *MAY_HAVE, *TYPES))
    assert all(re.search(rf"^{key} = ", page, re.MULTILINE) for key in WAVE_KEYS[:3])
    assert all(re.search(rf"^{key} = ", page, re.MULTILINE) for key in FILE_KEYS)
