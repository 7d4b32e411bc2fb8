"""Holding a running kernel to what its report may take, and measuring what it took."""

import math
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import TracebackType

import psutil

from crmresearch.report.numbers import count
from crmresearch.run.kernels.limits import Limits, Used, size_text

_POLLED = 0.5  # seconds between looks at a kernel's memory where the system cannot cap it
_SHORTEST = 0.01  # seconds; a time-out of 0 would be none

_guards: set["Guard"] = set()  # of the kernels that run
_changing = threading.Lock()


def end_all() -> None:
    """End every kernel that this process runs; their reports fail as `KernelLost`."""
    with _changing:
        for guard in _guards:
            guard.end()


class Guard:
    """One kernel's: a context while its notebook runs, that `attach` tells of its process.

    On Linux the system itself refuses the kernel more memory than it may hold, so that the cell
    which asks for it fails with a MemoryError. Elsewhere its memory is looked at twice a second
    and the kernel ended: `over` is true then.
    """

    def __init__(self, limits: Limits):
        self.used = Used()
        self.over = False
        self._limits = limits
        self._until = math.inf
        self._process: psutil.Process | None = None
        self._gone = threading.Event()

    def __enter__(self) -> "Guard":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _calls: TracebackType | None,
    ) -> None:
        self._gone.set()
        with _changing:
            _guards.discard(self)

    def cell_seconds(self) -> float:
        """How long the next cell may take."""
        return max(min(self._limits.cell, self._until - time.monotonic()), _SHORTEST)

    def time_is_up(self) -> str:
        """Why a cell was ended that ran out of its time, or of the report's."""
        if time.monotonic() >= self._until:
            taken = count(self._limits.report, "second")
            return (
                f"was running when the report's cells had taken {taken} together. Raise the limit "
                "with --report-timeout."
            )
        most = count(self._limits.cell, "second")
        return f"took longer than {most}. Raise the limit with --timeout."

    def attach(self, pid: int) -> None:
        """Hold the kernel that runs as process `pid` to its memory; call it before each cell."""
        if self._process is None:
            if self._limits.report:
                self._until = time.monotonic() + self._limits.report
            with suppress(psutil.Error), _changing:
                self._process = psutil.Process(pid)
                _guards.add(self)
            if self._limits.memory and sys.platform != "linux":
                threading.Thread(target=self._poll, name="memory", daemon=True).start()
        if self._limits.memory and sys.platform == "linux":
            _cap(pid, self._limits.memory)

    def measure(self) -> None:
        """Note what the kernel has taken so far; call it after each cell."""
        if self._process is None:
            return
        with suppress(psutil.Error, OSError, KeyError):  # a process that has ended has no memory
            times = self._process.cpu_times()
            children = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            peak = max(_peak(self._process), self.used.peak_memory or 0)
            self.used = Used(times.user + times.system + children, peak)

    def end(self) -> None:
        """Kill the kernel and what it started."""
        with suppress(psutil.Error, OSError):
            if self._process is None or not self._process.is_running():
                return
            if hasattr(os, "killpg") and os.getpgid(self._process.pid) == self._process.pid:
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def _poll(self) -> None:
        with suppress(psutil.Error):
            while not self._gone.wait(_POLLED):
                if self._process.memory_info().rss > self._limits.memory:
                    self.over = True
                    self.end()
                    return


def memory_text(limits: Limits) -> str:
    """Why a cell failed that asked for more memory than `limits` leave it."""
    return (
        f"needs more than the {size_text(limits.memory)} of memory that a report may hold. Raise "
        "the limit with --memory, or let the cell hold less at a time."
    )


def _cap(pid: int, memory: int) -> None:
    """Let the kernel `pid` hold `memory` bytes of its own at most.

    The system counts addresses set aside, and libraries set aside far more than they use (Arrow a
    whole gigabyte). So what is set aside but not used so far comes on top.
    """
    import resource

    with suppress(OSError, KeyError):  # it may just have ended
        status = _status(pid)
        limit = memory + max(status["VmData"] - status["RssAnon"], 0)
        resource.prlimit(pid, resource.RLIMIT_DATA, (limit, resource.RLIM_INFINITY))


def _peak(process: psutil.Process) -> int:
    if sys.platform == "linux":
        return _status(process.pid)["VmHWM"]
    memory = process.memory_info()
    return getattr(memory, "peak_wset", memory.rss)


def _status(pid: int) -> dict[str, int]:
    """The sizes in a process's status, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as lines:
        found = (line.split() for line in lines)
        return {
            words[0].rstrip(":"): int(words[1]) * 1024 for words in found if words[2:] == ["kB"]
        }
