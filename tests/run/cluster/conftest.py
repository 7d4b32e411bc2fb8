"""A real scheduler and two real workers on this machine's loopback, each a process."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

# Runs a command of Dask's, after some Python of the test's own.
COMMAND = """import runpy, sys
{}
runpy.run_module("distributed.cli." + sys.argv.pop(1), run_name="__main__")
"""
MARK = "CRMRESEARCH_TEST_CLUSTER"  # in the environment of every process of the cluster


def when(condition: Callable[[], object], seconds: float = 60) -> object:
    """The first true value of `condition`, or its last one after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value


class Machines:
    """The processes of one cluster; notebooks find the folder `marks` in their environment."""

    def __init__(self, folder: Path):
        self.name = uuid.uuid4().hex
        self.marks = folder / "marks"
        self.marks.mkdir()
        self.scratch = folder / "scratch"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self._port}"
        self.workers: dict[str, subprocess.Popen] = {}
        self._log = (folder / "log.txt").open("wb")
        self._scheduler = self._start(
            "dask_scheduler",
            "--port",
            str(self._port),
            "--no-jupyter",
            "--idle-timeout",
            "5 minutes",
        )

    def wait(self) -> None:
        """Until the scheduler listens."""

        def listens() -> bool:
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", self._port)) == 0

        assert when(listens), Path(self._log.name).read_text()

    def add(self, name: str, before: str = "pass") -> None:
        """Start a worker of one thread, after running some Python in its process."""
        self.workers[name] = self._start(
            "dask_worker", self.address, "--name", name, "--no-nanny", "--nthreads", "1",
            "--local-directory", str(self.scratch), "--death-timeout", "60",
            before=before, worker=name,
        )  # fmt: skip

    def kill(self, name: str) -> None:
        worker = self.workers.pop(name)
        worker.kill()
        worker.wait()

    def environment(self, worker: str = "") -> dict[str, str]:
        return {
            MARK: self.name,
            "CRMRESEARCH_TEST_MARKS": str(self.marks),
            "CRMRESEARCH_TEST_WORKER": worker,
        }

    def left(self) -> list[str]:
        """The command lines of all processes that belong to this cluster, kernels included."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and process.environ().get(MARK) == self.name:
                    found.append(" ".join(process.cmdline()))
            except psutil.Error:
                continue
        return [command for command in found if command]  # without those that have just ended

    def end(self) -> None:
        for process in [*self.workers.values(), self._scheduler]:
            process.kill()
            process.wait()
        self._log.close()

    def _start(
        self, command: str, *options: str, before: str = "pass", worker: str = ""
    ) -> subprocess.Popen:
        settings = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
        return subprocess.Popen(
            [
                sys.executable, "-c", COMMAND.format(before), command, *options,
                "--host", "127.0.0.1", "--no-dashboard",
            ],
            env=os.environ | self.environment(worker) | settings,
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A cluster of the workers ``a`` and ``b``; nothing of it is left running."""
    cluster = Machines(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.add("a")
        cluster.add("b")
        cluster.wait()
        yield cluster
    finally:
        cluster.end()
        assert when(lambda: not cluster.left()), cluster.left()


@pytest.fixture
def cluster(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Machines:
    """The cluster; what runs in this process finds the same folder of marks."""
    for name, value in machines.environment().items():
        if name != MARK:
            monkeypatch.setenv(name, value)
    return machines
