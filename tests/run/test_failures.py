"""What failed: one screen for any number of reports, and the rest in a file."""

import pytest

from crmresearch.errors import DataError
from crmresearch.run.batch import failures
from crmresearch.run.batch.failures import Failure
from crmresearch.run.kernels.judging import KernelLost, NotebookFailed


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_reason_is_told_once_for_all_that_it_befell(root):
    failed = {
        "a": Failure("no data."),
        "b": Failure("cell 3 failed:\n  x", "The notebook as far as it ran: .build/failed/b.ipynb"),
        "c": Failure("no data."),
    }
    assert str(failures.together(root, failed, 9)) == (
        "3 of 9 reports failed.\n\n"
        "a, c: no data.\n\n"
        "b: cell 3 failed:\n  x\n"
        "The notebook as far as it ran: .build/failed/b.ipynb"
    )
    assert not (root / ".build").exists()


def test_the_only_report_tells_its_reason_alone(root):
    assert str(failures.together(root, {"a": Failure("x", "y")}, 1)) == "x\ny"


def test_thousands_of_failures_stay_one_screen(root):
    failed = {f"r{n}": Failure("no such role.", "kept") for n in range(2900)}
    failed |= {f"s{n}": Failure(f"cell {n} failed") for n in range(100)}
    text = str(failures.together(root, failed, 10_000))
    assert text.startswith(
        "3,000 of 10,000 reports failed.\n\n"
        "r0, r1, r2, r3, r4 and 2,895 more: no such role.\n"
        "What is kept of them is in .build/failed\n\n"
        "s0: cell 0 failed\n\n"
    )
    assert text.endswith(
        "91 more for 91 other reasons.\n\nEvery report that failed, and why: .build/failed/_all.txt"
    )
    assert len(text.splitlines()) < 40
    whole = (root / ".build" / "failed" / "_all.txt").read_text()
    assert all(f"{key}" in whole for key in failed)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotebookFailed("the answer 'x'", {}, kind="ValueError", cell="cell 3 of 9 ('fit')"),
         "ValueError in cell 3 of 9 ('fit')"),
        (NotebookFailed("x", {}, kind="a name: with an answer"), "NotebookFailed"),
        (KernelLost("x"), "KernelLost"),
        (DataError("row 3: 'secret'"), "DataError"),
        (PermissionError(13, "Permission denied", "/secret/place"),
         "PermissionError: Permission denied"),
        (KeyError("secret"), "KeyError"),
    ],
)  # fmt: skip
def test_the_log_is_told_no_text_of_an_error(error, said):
    assert failures.short(error) == said
