"""Forked kernels: like ordinary ones to a cell, apart from one another, and gone at the end."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crmresearch.run import disk, runner
from crmresearch.run.kernels import sockets
from crmresearch.run.kernels.judging import KernelLost, TimedOut
from crmresearch.run.kernels.limits import Limits

OWN = """\
import os
print(os.getpid(), random.random(), np.random.rand(), np.random.default_rng().random())
print(os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid())"""
MARK = """\
import os
pd.set_option("display.max_rows", 7)
np.marked = random.marked = True
warnings.simplefilter("once")
os.environ["MARKED"] = "yes" """
SEEN = """\
import os
print(pd.get_option("display.max_rows"), hasattr(np, "marked"), hasattr(random, "marked"))
print("MARKED" in os.environ, "once" in [entry[0] for entry in warnings.filters], os.getppid())"""
START = """\
import os, subprocess
started = [subprocess.Popen(["sleep", "600"], start_new_session=own) for own in (False, True)]
open("child.txt", "w").write(" ".join(str(each.pid) for each in started))"""
LIKE = """\
import os, signal, sys
import matplotlib
print(matplotlib.rcParams["backend"], sys.argv[0], len(sys.argv), os.getcwd(), sys.path)
print({"one", "two", "three"}, sorted(map(str, warnings.filters)), signal.getsignal(signal.SIGINT))
print(sys.stdin.read(), os.environ["PYTHONHASHSEED"], __name__, sys.modules["__main__"].__name__)
print(sorted(os.environ.keys() - {"JPY_PARENT_PID"}), os.readlink("/proc/self/fd/1") != "")"""
SHOWN = [
    "import matplotlib.pyplot as plt\nplt.plot([3, 1, 2]);",
    "pd.DataFrame(np.arange(90.0).reshape(3, 30))",
    "import warnings; warnings.warn('mind'); print('b', file=sys.stderr) if 'sys' in dir() else 1",
]


def _when(condition, seconds: float = 30):
    """The first true value of `condition`, or its last one after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


def _gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def _all_gone(path: Path) -> bool:
    """Whether every process has ended that START has noted, that in a session of its own too."""
    return all(_gone(int(pid)) for pid in path.read_text().split())


def test_each_has_its_own_process_random_state_and_modules(outputs, warm, said):
    first, second = (outputs(warm, OWN)[0].splitlines() for _ in range(2))
    assert not set(first[0].split()) & set(second[0].split())
    assert first[1] == second[1] == "True True"
    parent = outputs(warm, SEEN)[0].split()[-1]
    assert outputs(warm, MARK, SEEN)[1] == f"7 True True\nTrue True {parent}"
    assert outputs(warm, SEEN)[0] == f"60 False False\nFalse False {parent}"
    assert int(parent) != os.getpid()
    assert said == []


def test_a_cell_sees_what_it_sees_in_an_ordinary_kernel(outputs, warm, said):
    forgotten = "breakpoint()\nprint('past')"
    forked, ordinary = (
        "\n".join(outputs(kernels, LIKE, forgotten)).splitlines() for kernels in (warm, None)
    )
    assert ordinary[-1] == "past"
    for seen, expected in zip(forked, ordinary, strict=True):
        assert seen.split() == expected.split()  # words, of which a failure names the first
    assert said == []  # the first was forked indeed


def test_reports_are_the_same_bytes(small, add, new_notebook):
    shows = (
        "from crmresearch.report.exhibits import show\n"
        "def draw(data, figure):\n    figure.subplots().plot(data['a'])\n    return 'A line.'\n"
        "show('line', pd.DataFrame({'a': [1.0, 3.0, 2.0]}), title='A', draw=draw)"
    )
    add("tiny", new_notebook("import numpy as np\nimport pandas as pd", *SHOWN, shows))
    listing = "".join(f'[[report]]\nkey = "{key}"\nstudy = "tiny"\n' for key in ("one", "two"))
    (small / "reports.toml").write_text(listing)
    made = []
    for warm in (True, False):  # the second warm one finds imported what the first imported late
        runner.build(force=True, warm=warm, history=False, jobs=1, only=["one", "two"][not warm :])
        folder = small / "reports" / "two"
        made.append({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})
    assert made[0] == made[1]
    assert b"data:image/webp" in made[0]["index.html"]


def test_ends_that_are_not_the_kernels_own_leave_nothing(outputs, warm, small, said):
    """A time-out, and the death of the parent: its kernels end, later ones are ordinary."""
    note = "import os, time\nopen('pids.txt', 'w').write(f'{os.getpid()} {os.getppid()}')"
    path = small / "notebooks" / "pids.txt"
    with pytest.raises(TimedOut):
        outputs(warm, note, "time.sleep(600)", limits=Limits(cell=1))
    kernel, parent = map(int, path.read_text().split())
    assert _gone(kernel)
    with pytest.raises(KernelLost):
        outputs(warm, START, note, f"os.kill({parent}, 9)", "time.sleep(600)")
    assert _when(lambda: _gone(int(path.read_text().split()[0])))
    assert _when(lambda: _all_gone(path.with_name("child.txt")))
    assert outputs(warm, note, "print(2)")[1] == "2"
    assert int(path.read_text().split()[1]) == os.getpid()
    assert said == [
        "each report starts a kernel of its own, which takes some seconds more: "
        "the process that forks them has ended."
    ]


def test_what_a_kernel_leaves_of_temporary_files_goes(outputs, warm):
    leave = "import os, tempfile\nprint(tempfile.mkdtemp(), flush=True)"
    in_warm, in_ordinary = (Path(outputs(kernels, leave)[0]).parent for kernels in (warm, None))
    assert in_warm.parent == warm.folder
    assert in_ordinary.parent.name.startswith("crmresearch-")
    assert not in_warm.exists()
    assert not in_ordinary.parent.exists()


BATCH = """\
import sys
from contextlib import nullcontext
from pathlib import Path
from crmresearch.run.kernels.running import environment, execute
from crmresearch.run.request.notebooks import read_notebook
from crmresearch.run.warm.owner import warmed

path = Path(sys.argv[1])
notebook = read_notebook(path)
in_warm = warmed(path.parent, [notebook], environment(), say=print)
with in_warm if sys.argv[2] == "warm" else nullcontext() as warm:
    execute(notebook, {}, shown={}, folder=path.parent, warm=warm)
"""
NOTED = """\
pids = f"{os.getpid()} {os.getppid()} {os.environ['TMPDIR']}"
open("writing.txt", "w").write(pids)
os.rename("writing.txt", "pids.txt")"""


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")
@pytest.mark.parametrize(("kernels", "parent_too"), [("warm", 0), ("warm", 1), ("ordinary", 0)])
def test_nothing_outlives_a_batch_that_is_killed(small, add, new_notebook, kernels, parent_too):
    path = add("long", new_notebook(START, NOTED, "import time; time.sleep(600)"))
    found, children = path.with_name("pids.txt"), path.with_name("child.txt")
    process = subprocess.Popen([sys.executable, "-c", BATCH, path, kernels])
    try:
        assert _when(found.exists)
        kernel, parent, temporary = found.read_text().split()
        if parent_too:  # nobody is left to know of what the kernel started
            os.kill(int(parent), signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    assert _when(lambda: _gone(int(kernel)) and _gone(int(parent)))
    if parent_too or kernels == "ordinary":  # the next batch sees to it
        disk._sweep.cache_clear()
        with sockets.socket_folder():
            pass
    assert _when(lambda: _all_gone(children))
    assert _when(lambda: not Path(temporary).parent.exists())


def test_kernels_run_side_by_side_in_threads(outputs, warm):
    found = []
    wait = "import time; time.sleep(0.2)"
    run = [threading.Thread(target=lambda: found.append(outputs(warm, OWN, wait))) for _ in "12"]
    for thread in run:
        thread.start()
    for thread in run:
        thread.join()
    assert len({text[0].split()[0] for text in found}) == 2


def test_one_that_dies_takes_with_it_what_it_started_and_no_other(outputs, warm, small, said):
    child = small / "notebooks" / "child.txt"
    with pytest.raises(KernelLost, match="ended its kernel"):
        outputs(warm, START, "os.kill(os.getpid(), 9)")
    assert _when(lambda: _all_gone(child))
    for kernels in (warm, None):
        outputs(kernels, START)
        assert _when(lambda: _all_gone(child))
    with pytest.raises(KernelLost):
        outputs(warm, "import ctypes; ctypes.string_at(0)")
    assert outputs(warm, "print(1)") == ["1"]
    assert said == []
