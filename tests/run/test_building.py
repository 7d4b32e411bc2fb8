"""Builds with real kernels: killed, interrupted, retried, held to limits; never a process left."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crmresearch.errors import UserError
from crmresearch.run import manifest, runner
from crmresearch.run.kernels.limits import Limits
from crmresearch.run.publishing import site_index

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
# A held report waits for the file `go`; each leaves its process id.
HELD = """\
import os, time
open(f"{seed}.pid", "w").write(str(os.getpid()))
while seed > 2 and not os.path.exists("go"):
    time.sleep(0.05)"""
TROUBLED = """\
import os, time
if what == "dies once" and not os.path.exists("died"):
    open("died", "w").close()
    os._exit(9)
if what == "dies":
    os._exit(9)
if what == "sleeps":
    time.sleep(600)
if what == "eats":
    held = b"x" * 3_000_000_000
if what == "raises":
    raise ValueError("an answer of 7")"""
# An edit of the package between two builds would make every report stale.
AS_IT_IS = """\
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from crmresearch.cli import main
from crmresearch.run import manifest
manifest.package_digest = lambda: 'as it is'
"""
WHAT = 'what: str = "x"  # what happens\n'


@pytest.fixture
def four(small, add, new_notebook) -> Path:
    """A listing of four reports, of which the last two are held."""
    add("tiny", new_notebook(HELD))
    listing(small, *({"seed": number} for number in (1, 2, 3, 4)))
    return small


def listing(root: Path, *parameters: dict) -> None:
    """One report a set of parameters, with the keys r1, r2, …"""
    text = "".join(
        f'[[report]]\nkey = "r{number}"\nstudy = "tiny"\n'
        f"parameters = {{ {', '.join(f'{k} = {json.dumps(v)}' for k, v in each.items())} }}\n"
        for number, each in enumerate(parameters, 1)
    )
    (root / "reports.toml").write_text(text)


STARTED: list[subprocess.Popen] = []


@pytest.fixture(autouse=True)
def _none_is_left() -> Iterator[None]:
    """Builds that a failed test would leave running are ended."""
    yield
    for process in STARTED:
        if process.poll() is None:
            process.kill()
            process.communicate()
    STARTED.clear()


def started(*options: str) -> subprocess.Popen:
    command = f"{AS_IT_IS}main({['build', '--jobs', '2', *options]!r})"
    process = subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.PIPE, text=True)
    STARTED.append(process)
    return process


def when(condition: Callable, process: subprocess.Popen):
    """The first true value of `condition`, while `process` runs."""
    while not (value := condition()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return value


def soon(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def logged(root: Path) -> list[dict]:
    text = (root / "reports" / "build.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def runs(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def half_way(root: Path, process: subprocess.Popen) -> list[int]:
    """Wait until two reports stand and two are being made; the processes of all kernels."""
    places = [root / "notebooks" / f"{number}.pid" for number in (1, 2, 3, 4)]
    pages = [root / "reports" / key / "index.html" for key in ("r1", "r2")]
    when(lambda: all(path.exists() and path.read_text() for path in places), process)
    when(lambda: all(page.exists() for page in pages), process)
    found = [int(path.read_text()) for path in places]
    for path in places:
        path.unlink()
    return found


def whole(root: Path) -> list[str]:
    """The keys of the reports that stand, each of them whole."""
    folders = sorted(path.parent for path in (root / "reports").glob("r*/manifest.json"))
    assert all(manifest.is_fresh(folder, manifest.made_from(folder)) for folder in folders)
    return [folder.name for folder in folders]


@linux
@pytest.mark.parametrize("options", [[], pytest.param(["--no-warm"], marks=pytest.mark.slow)])
def test_a_killed_build_goes_on_where_it_stopped(four, options):
    process = started(*options)
    kernels = half_way(four, process)
    process.kill()
    process.communicate()
    assert whole(four) == ["r1", "r2"]
    assert soon(lambda: not any(map(runs, kernels)))

    (four / "notebooks" / "go").touch()
    process = started(*options)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert "r1: unchanged\nr2: unchanged\n" in said
    assert whole(four) == ["r1", "r2", "r3", "r4"]
    assert not (four / "reports" / ".staging").exists()
    builds = list(dict.fromkeys(line["build"] for line in logged(four)))
    first, second = ([x for x in logged(four) if x["build"] == build] for build in builds)
    assert (first[-1]["event"], first[-1]["reason"]) == ("ended", "killed")
    assert sorted(x["key"] for x in second if x["event"] == "started") == ["r3", "r4"]
    assert {x["event"]: x.get("published") for x in second}["ended"] == 2
    published = [x for x in second if x["event"] == "published"]
    assert all(x["cpu_seconds"] > 0 and x["peak_memory"] > 10**7 for x in published)


@linux
@pytest.mark.parametrize(
    ("number", "options"),
    [
        (signal.SIGINT, []),
        pytest.param(signal.SIGINT, ["--no-warm"], marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, [], marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_build_ends_its_kernels_and_keeps_what_is_published(four, number, options):
    process = started(*options)
    kernels = half_way(four, process)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert not any(map(runs, kernels))
    assert said.endswith(
        "crmresearch: interrupted: 2 published, 2 not made. What is published stays; run the same "
        "command again for the rest.\n"
    )
    assert "tried again" not in said
    assert whole(four) == ["r1", "r2"]
    assert "r2/index.html" in (four / "reports" / "index.html").read_text()
    assert not (four / "reports" / ".staging").exists()
    assert (logged(four)[-1]["event"], logged(four)[-1]["reason"]) == ("ended", "interrupted")


@linux
def test_what_may_not_happen_twice_is_tried_again(small, add, new_notebook, capsys):
    add("tiny", new_notebook(TROUBLED, parameters=WHAT))
    listing(small, *({"what": what} for what in ("dies once", "dies", "sleeps", "eats", "raises")))
    with pytest.raises(UserError) as failed:
        runner.build(jobs=2, limits=Limits(report=6, memory=10**9))
    assert whole(small) == ["r1"]
    code = "\n".join(f"    {line}" for line in TROUBLED.splitlines())
    place = "notebooks/tiny.ipynb, cell 4 of 4 ('part-0')"
    told = str(failed.value)
    assert told.startswith("4 of 5 reports failed.\n\n")
    for key, reason in {
        "r2": "ended its kernel (often: out of memory).",
        "r3": "was running when the report's cells had taken 6 seconds together. Raise the limit "
        "with --report-timeout.",
        "r4": "needs more than the 1G of memory that a report may hold. Raise the limit with "
        "--memory, or let the cell hold less at a time.",
        "r5": "failed:\n  ValueError: an answer of 7",
    }.items():
        kept = f"The notebook as far as it ran: .build/failed/{key}.ipynb"
        assert f"{key}: {place} {reason}\n{code}\n{kept}" in told
    lines = [x for x in logged(small) if x["event"] in ("retried", "failed", "published")]
    assert sorted((x["key"], x["event"], x["attempt"], x.get("reason", "")) for x in lines) == [
        ("r1", "published", 2, ""),
        ("r1", "retried", 1, "KernelLost in cell 4 of 4 ('part-0')"),
        ("r2", "failed", 2, "KernelLost in cell 4 of 4 ('part-0')"),
        ("r2", "retried", 1, "KernelLost in cell 4 of 4 ('part-0')"),
        ("r3", "failed", 2, "TimedOut in cell 4 of 4 ('part-0')"),
        ("r3", "retried", 1, "TimedOut in cell 4 of 4 ('part-0')"),
        ("r4", "failed", 1, "OutOfMemory in cell 4 of 4 ('part-0')"),
        ("r5", "failed", 1, "ValueError in cell 4 of 4 ('part-0')"),
    ]
    assert "answer" not in (small / "reports" / "build.jsonl").read_text()
    said = capsys.readouterr().err
    assert "r2: tried again after: KernelLost in cell 4 of 4 ('part-0')\n" in said
    assert re.search(r"^5 reports in \d+ s: 1 published, 4 failed, 3 tried again; ", said, re.M)


@pytest.mark.slow
@linux
def test_a_disk_without_room_fails_reports_and_leaves_the_last_good_ones(four):
    (four / "notebooks" / "go").touch()
    runner.build(jobs=2)
    before = {key: (four / "reports" / key / "index.html").read_bytes() for key in whole(four)}
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))\n"
        "from crmresearch.cli import main; main(['build', '--force', '--no-history'])"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True)
    assert done.returncode == 1
    assert "r1, r2, r3, r4: the report cannot be written: File too large." in done.stderr
    assert "Traceback" not in done.stderr
    assert {key: (four / "reports" / key / "index.html").read_bytes() for key in before} == before


def test_a_dataset_that_cannot_be_read_sinks_only_its_own_reports(
    small_data, small, add, new_notebook, faked, capsys
):
    add("tiny", new_notebook("data", parameters='data: str = "x"  # a dataset\nseed: int = 1  #\n'))
    bad = small / "data" / "bad"
    bad.mkdir()
    for path in small_data.iterdir():
        (bad / path.name).write_bytes(path.read_bytes())
    (bad / "responses.csv").write_text("who,answer\n1,99\n")
    (small / "reports.toml").write_text(
        "".join(
            f'[[report]]\nkey = "{data}-{seed}"\nstudy = "tiny"\ndata = "{data}"\n'
            f"parameters = {{ seed = {seed} }}\n"
            for data in ("bad", "small")
            for seed in range(7)
        )
    )
    with pytest.raises(UserError) as failed:
        runner.build(jobs=2)
    assert faked == ["notebooks/tiny.ipynb"] * 7
    assert str(failed.value).count("'answer'") == 1
    assert "7 of 14 reports failed.\n\nbad-0, bad-1, bad-2, bad-3, bad-4 and 2 more: " in str(
        failed.value
    )
    assert "14 reports in 0 s: 7 published, 7 failed" in re.sub(
        r"in \d+ s", "in 0 s", capsys.readouterr().err
    )
    assert os.listdir(small / "reports" / "small-3")


def test_new_reports_come_first_and_then_those_that_took_longest(small, add, new_notebook, faked):
    add("tiny", new_notebook("seed"))
    listing(small, *({"seed": number} for number in (1, 2, 3)))
    (small / "reports").mkdir()
    (small / "reports" / ".lock").touch()
    took = {"r1": 1.5, "r2": 9.0}
    (small / "reports" / "build.jsonl").write_text(
        "".join(
            json.dumps({"build": "b", "event": "published", "key": key, "seconds": seconds}) + "\n"
            for key, seconds in took.items()
        )
    )
    runner.build(jobs=1, warm=False)
    order = [line["key"] for line in logged(small) if line["event"] == "started"]
    assert order == ["r3", "r2", "r1"]


def test_an_index_that_finds_no_room_is_told_with_the_reason(small, faked, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "index.html")

    monkeypatch.setattr(site_index, "update", full)
    with pytest.raises(UserError) as refused:
        runner.build()
    alone = "index.html: the site's index stays as it was: No space left on device"
    assert str(refused.value) == alone

    listing(small, *({"seed": number} for number in (1, 2, 3)))
    (small / "reports" / "r2").mkdir()
    (small / "reports" / "r2" / "mine.txt").touch()
    with pytest.raises(UserError) as refused:
        runner.build(jobs=1, warm=False)
    assert str(refused.value).startswith("1 of 3 reports failed.\n\nr2: ")
    assert str(refused.value).endswith(f"\n\n{alone}")
