"""Building: what runs, what stays, what a failure leaves, without starting kernels."""

import errno
import json

import pytest

from crmresearch.errors import RequestError, UserError
from crmresearch.run import manifest, runner
from crmresearch.run.batch import log, making
from crmresearch.run.kernels.running import NotebookFailed
from crmresearch.run.project import find_root

TWO = """
[[report]]
key = "one"
study = "tiny"
[[report]]
key = "two"
study = "tiny"
title = "The second & last"
parameters = { level = 0.9 }
"""


def pages(root) -> dict[str, bytes]:
    reports = root / "reports"
    return {
        path.relative_to(reports).as_posix(): path.read_bytes()
        for path in sorted(reports.rglob("*"))
        if path.is_file() and path.name not in (".lock", log.NAME)
    }


@pytest.fixture
def two(small, faked):
    (small / "reports.toml").write_text(TWO)
    return small


def test_all_reports_are_built_once(two, faked, capsys):
    page = runner.build()
    assert page == two / "reports" / "index.html"
    assert faked == ["notebooks/tiny.ipynb"] * 2
    assert "The second &amp; last" in (two / "reports" / "two" / "index.html").read_text()
    before = pages(two)

    runner.build()
    assert len(faked) == 2
    assert "one: unchanged\ntwo: unchanged\n" in capsys.readouterr().err

    runner.build(force=True, only=["two"])
    assert len(faked) == 3
    assert pages(two) == before


def test_what_a_report_is_made_from_decides(two, faked, add, new_notebook, monkeypatch):
    runner.build()
    add("tiny", new_notebook("level + 1"))
    runner.build()
    assert len(faked) == 4
    (two / "requirements.lock").write_text("pandas==3")
    runner.build()
    assert len(faked) == 6
    (two / "reports.toml").write_text(TWO.replace("0.9", "0.8"))
    runner.build()
    assert len(faked) == 7
    monkeypatch.setattr(manifest, "package_digest", lambda: "changed")
    runner.build()
    assert len(faked) == 9
    monkeypatch.setattr(manifest, "versions", lambda: {"Python": "3.99.0"})
    runner.build()
    assert len(faked) == 11
    (two / "reports" / "one" / "index.html").write_text("tampered")
    runner.build()
    assert len(faked) == 12


def test_changed_data_are_read_again(small, small_data, add, new_notebook, faked):
    add("tiny", new_notebook("data", parameters='data: str = "small"  # a dataset\n'))
    runner.build()
    runner.build()
    assert len(faked) == 1
    (small_data / "about.toml").write_text('title = "The same ten people"\n')
    runner.build()
    assert len(faked) == 2


def test_a_change_in_any_wave_makes_a_report_stale(small, add, new_notebook, faked):
    folder = small / "data" / "small"
    folder.mkdir(parents=True)
    book = "variable,label,type\nwho,,id\nanswer,,number\n"
    waves = ""
    for year in ("2025", "2026"):
        (folder / f"{year}.csv").write_text("who,answer\n1,2\n2,3\n")
        (folder / f"book_{year}.csv").write_text(book)
        waves += f'[[wave]]\nlabel = "{year}"\nfile = "{year}.csv"\ncodebook = "book_{year}.csv"\n'
    (folder / "about.toml").write_text('title = "Two waves"\n' + waves)
    (folder / "unused.csv").write_text("x\n1\n")
    add("tiny", new_notebook("data", parameters='data: str = "small"  # a dataset\n'))
    runner.build()
    (folder / "unused.csv").write_text("x\n2\n")
    runner.build()
    assert len(faked) == 1
    for changed, text in (
        ("2025.csv", "who,answer\n1,2\n2,4\n"),
        ("2026.csv", "who,answer\n1,2\n2,4\n"),
        ("book_2025.csv", book.replace("answer,,", "answer,Answer,")),
        ("book_2026.csv", book.replace("answer,,", "answer,Answer,")),
    ):
        already = len(faked)
        (folder / changed).write_text(text)
        runner.build()
        assert len(faked) == already + 1, changed


def test_one_failure_leaves_the_others_and_the_last_good_report(two, monkeypatch, capsys):
    runner.build()
    good = pages(two)
    run_notebook = making.execute

    def fails_at_90(notebook, values, **options):
        if values:
            raise NotebookFailed("notebooks/tiny.ipynb, cell 3 of 3 ('part-0') failed:", {"a": 1})
        return run_notebook(notebook, values, **options)

    monkeypatch.setattr(making, "execute", fails_at_90)
    with pytest.raises(UserError) as failed:
        runner.build(force=True)
    assert failed.value.exit_code == 1
    assert str(failed.value) == (
        "1 of 2 reports failed.\n\n"
        "two: notebooks/tiny.ipynb, cell 3 of 3 ('part-0') failed:\n"
        "The notebook as far as it ran: .build/failed/two.ipynb"
    )
    assert "one: published" in capsys.readouterr().err
    assert pages(two) == good
    kept = two / ".build" / "failed" / "two.ipynb"
    assert json.loads(kept.read_text()) == {"a": 1}

    monkeypatch.setattr(making, "execute", run_notebook)
    runner.build(force=True)
    assert not kept.exists()


def test_a_fault_of_ours_is_told_like_any_failure(two, monkeypatch):
    def breaks(notebook, values, **options):
        raise KeyError("lost" if values else "other")

    monkeypatch.setattr(making, "execute", breaks)
    with pytest.raises(UserError) as failed:
        runner.build()
    assert str(failed.value).splitlines()[0] == "2 of 2 reports failed."
    assert (
        "two: a fault of crmresearch, not of yours: KeyError: 'lost'\n"
        "Where it happened: .build/failed/two.txt"
    ) in str(failed.value)
    assert "breaks" in (two / ".build" / "failed" / "two.txt").read_text()
    assert not (two / "reports" / "index.html").exists()


def test_a_full_disk_leaves_the_last_good_report(two, monkeypatch):
    runner.build()
    good = pages(two)

    def full(folder, made_from, files=None):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(manifest, "write", full)
    with pytest.raises(UserError) as failed:
        runner.build(force=True)
    assert str(failed.value) == (
        "2 of 2 reports failed.\n\none, two: the report cannot be written: No space left on device."
    )
    assert pages(two) == good


def test_a_report_that_may_not_leave_is_kept_back(two, add, new_notebook):
    add("tiny", new_notebook("# write to someone@example.org\nlevel"))
    with pytest.raises(UserError, match=r"one: report 'one'[\s\S]*e-mail address"):
        runner.build()
    assert not (two / "reports" / "one").exists()
    assert not (two / "reports" / "two").exists()
    assert (two / ".build" / "failed" / "one.ipynb").exists()


def test_wrong_requests_stop_everything_before_any_run(small, faked):
    (small / "reports.toml").write_text(
        '[[report]]\nkey = "a"\nstudy = "tiny"\nparameters = { levle = 1 }\n'
        '[[report]]\nkey = "b"\nstudy = "tinny"\n'
        '[[report]]\nkey = "c"\nstudy = "tiny"\ndata = "x"\n'
    )
    with pytest.raises(RequestError) as refused:
        runner.build()
    assert str(refused.value).splitlines() == [
        "reports.toml, report 'a': notebooks/tiny.ipynb has no parameter 'levle'. Did you mean "
        "'level'? It has: level, seed, rule, quick.",
        "reports.toml, report 'b': there is no study 'tinny'. Did you mean 'tiny'? notebooks/ has: "
        "tiny.",
        "reports.toml, report 'c': notebooks/tiny.ipynb takes no data: it has no such parameter.",
    ]
    assert faked == []
    assert not (small / "reports").exists()


def test_a_damaged_notebook_fails_its_own_report_alone(small, faked, add):
    add("torn", b"{")
    (small / "reports.toml").write_text(TWO + '[[report]]\nkey = "torn"\nstudy = "torn"\n')
    with pytest.raises(UserError, match=r"1 of 3 reports failed\.\n\ntorn: .*not JSON"):
        runner.build()
    assert (small / "reports" / "two" / "index.html").exists()


def test_wrong_data_are_told_before_a_kernel_starts(small_data, add, new_notebook, faked):
    add("tiny", new_notebook("data", parameters='data: str = "small"  # a dataset\n'))
    (small_data / "responses.csv").write_text("who,answer\n1,99\n2,lots\n")
    with pytest.raises(UserError) as refused:
        runner.run("tiny", data="small")
    assert "'answer'" in str(refused.value)
    assert refused.value.exit_code == 1
    assert faked == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"data": "smal"}, "there is no dataset 'smal'"),
        ({"data": "../../../../nowhere"}, "there is no dataset '../../../../nowhere'"),
        ({"data": "small\0"}, "the path of the data holds a control character"),
        ({"data": "x" * 5000}, "there is no dataset 'xxx"),
        ({"data": "small", "codebook": "nowhere"}, "there is no codebook 'nowhere'"),
        ({"settings": ["data=../.."]}, "'data' is not set among the parameters"),
        ({"settings": ["import os=1"]}, "has no parameter 'import os'"),
        ({"key": "../up"}, "the key '../up' is not allowed"),
        ({"key": "a\0"}, "the key 'a\\x00' is not allowed"),
    ],
)
def test_hostile_requests_are_refused(small_data, add, new_notebook, faked, options, message):
    add("tiny", new_notebook("data", parameters='data: str = "small"  #\ncodebook: str = ""  #\n'))
    with pytest.raises(RequestError) as refused:
        runner.run("tiny", **options)
    assert message in str(refused.value)
    assert len(str(refused.value)) < 600
    assert faked == []


def test_a_folder_that_is_no_dataset_is_not_read(small, small_data, add, new_notebook, faked):
    add("tiny", new_notebook("data", parameters='data: str = "small"  #\n'))
    with pytest.raises(UserError, match="codebook"):
        runner.run("tiny", data="..")
    assert faked == []


def test_a_run_publishes_under_study_and_dataset(small_data, small, add, new_notebook, faked):
    add("tiny", new_notebook("data", parameters='data: str = "x"  #\ncodebook: str = ""  #\n'))
    page = runner.run("tiny", data=str(small_data / "responses.csv"))
    assert page == small / "reports" / "tiny-responses" / "index.html"
    text = page.read_text()
    assert str(small) not in text
    assert manifest.file_hash(small_data / "responses.csv") in text
    assert "tiny-responses/" in (small / "reports" / "index.html").read_text()


def test_the_site_lists_what_the_folder_holds_in_the_files_order(two, faked, capsys):
    runner.build()
    runner.run("tiny", key="extra")
    (two / "reports.toml").write_text('[[report]]\nkey = "two"\nstudy = "tiny"\n')
    capsys.readouterr()
    runner.build()
    index = (two / "reports" / "index.html").read_text()
    places = [index.index(f'"{key}/') for key in ("two", "extra", "one")]
    assert places == sorted(places)
    assert "also on the site, not in reports.toml: extra, one\n" in capsys.readouterr().err


def test_the_project_is_found_from_any_folder_in_it(small, monkeypatch):
    assert find_root() == small
    monkeypatch.chdir(small / "notebooks")
    assert find_root() == small
