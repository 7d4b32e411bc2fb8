"""The reference material that is shipped."""

import hashlib
import runpy
import shutil

import pytest

from crmresearch.validation import references
from crmresearch.validation.references import FOLDER, golden_number, golden_table, table


def test_golden_numbers_are_found_by_path():
    assert golden_number("cronbach_alpha.feldt.0") == (0.779879716622, 1e-6)
    assert golden_number("lca.enum.2.ll") == (-3421.96056354, 1e-4)


def test_an_unknown_path_raises():
    with pytest.raises(KeyError):
        golden_number("cronbach_alpha.omega")


def test_shipped_data_are_what_the_script_makes(tmp_path):
    shutil.copy(FOLDER / "golden" / "make_data.py", tmp_path)
    runpy.run_path(str(tmp_path / "make_data.py"))
    shipped = sorted((FOLDER / "golden" / "data").iterdir())
    assert [path.name for path in shipped] == [
        "boot.csv", "boot_idx.csv", "kano.csv", "lca.csv", "lca_groups.csv", "lca_kinds.csv",
        "lca_kinds_missing.csv", "lca_missing.csv", "meta.csv", "raters.csv", "recovery.csv",
        "survey.csv", "teams.csv",
    ]  # fmt: skip
    for path in shipped:
        made = (tmp_path / "data" / path.name).read_bytes()
        assert hashlib.sha256(made).digest() == hashlib.sha256(path.read_bytes()).digest(), path


@pytest.mark.parametrize(("name", "n"), [("carcinoma", 118), ("values", 216), ("cheating", 319)])
def test_pattern_tables_have_their_published_size(name, n):
    counts = table(name)
    assert counts["count"].sum() == n
    assert counts["pattern"].is_unique
    assert set("".join(counts["pattern"])) == {"1", "2"}


def test_data_sheet_counts_the_numbers():
    sheet = references.description(203)
    assert (sheet["n"], sheet["unit"]) == (203, "reference number")
    assert sheet["facts"]["Computed"].startswith("R version 4.2.2")


def test_material_is_small_and_golden_tables_are_complete():
    files = [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 450_000
    assert len(golden_table("survey")) == 360
    assert golden_table("lca_missing").isna().to_numpy().any()
