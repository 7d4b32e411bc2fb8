"""Guards: what a kernel may take and took, without a kernel: any process of ours will do."""

import subprocess
import sys
import time

import psutil
import pytest

from crmresearch.run.kernels import guards
from crmresearch.run.kernels.guards import Guard
from crmresearch.run.kernels.limits import Limits

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
HOLDS = "held = b'x' * 90_000_000; print('held', flush=True); input()"
WAITS = "print('waits', flush=True); input()"


@pytest.fixture
def process():
    """Starts Python with the code that it is given, and waits until that has printed."""
    started = []

    def start(code: str) -> subprocess.Popen:
        command = [sys.executable, "-c", code]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, start_new_session=True, text=True, **pipes))
        started[-1].stdout.readline()
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.communicate()


def test_the_next_cell_may_take_what_is_left_of_the_reports_time(process):
    guard = Guard(Limits(cell=600, report=30))
    assert guard.cell_seconds() == 600  # the report's time begins with its first cell
    guard.attach(process(WAITS).pid)
    assert 0 < guard.cell_seconds() <= 30
    assert guard.time_is_up().startswith("took longer than 600 seconds.")
    guard._until = time.monotonic()
    assert guard.cell_seconds() > 0  # for the client none would be no limit
    assert guard.time_is_up().startswith(
        "was running when the report's cells had taken 30 seconds "
    )


def wait_for_zombie(pid: int) -> None:
    while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="processes end there without being waited for")
def test_what_a_process_took_is_known_after_its_end(process):
    guard = Guard(Limits(memory=10**9))
    running = process(HOLDS)
    with guard:
        guard.attach(running.pid)
        guard.measure()
        assert guard.used.peak_memory > 90_000_000
        assert guard.used.cpu_seconds > 0
        last = guard.used
        running.kill()
        wait_for_zombie(running.pid)
        for _ in ("not yet waited for", "gone"):
            guard.attach(running.pid)
            guard.measure()
            running.wait()
    assert guard.used == last


def test_all_that_run_are_ended_and_no_others(process):
    running, over, other = process(WAITS), process(WAITS), process(WAITS)
    with Guard(Limits()) as first:
        first.attach(running.pid)
        with Guard(Limits()) as second:
            second.attach(over.pid)
        guards.end_all()
        guards.end_all()
        assert running.wait(10) != 0
    assert over.poll() is None
    assert other.poll() is None


@linux
def test_the_system_refuses_more_memory_than_a_report_may_hold(process):
    asks = "print(1, flush=True); input(); b'x' * 90_000_000; print('held', flush=True)"
    for memory, ends_with in ((60_000_000, "MemoryError\n"), (900_000_000, "")):
        running = process(asks)
        Guard(Limits(memory=memory)).attach(running.pid)
        assert running.communicate("\n")[1].endswith(ends_with)
        assert running.returncode == bool(ends_with)


def test_elsewhere_a_kernel_that_holds_too_much_is_ended(process, monkeypatch):
    monkeypatch.setattr(guards.sys, "platform", "darwin")
    monkeypatch.setattr(guards, "_POLLED", 0.01)
    running, modest = process(HOLDS), process(WAITS)
    with Guard(Limits(memory=60_000_000)) as guard, Guard(Limits(memory=60_000_000)) as other:
        guard.attach(running.pid)
        other.attach(modest.pid)
        assert running.wait(20) != 0
        assert (guard.over, other.over) == (True, False)
        assert modest.poll() is None


def test_a_process_that_is_gone_troubles_nobody(process):
    running = process(WAITS)
    running.kill()
    running.wait()
    with Guard(Limits(memory=10**9)) as guard:
        guard.attach(running.pid)
        guard.measure()
        guards.end_all()
    assert guard.used.cpu_seconds is None
