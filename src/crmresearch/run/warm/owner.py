"""The batch's side of the warm parent: starting it, asking it for kernels, ending it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from crmresearch.run.kernels.sockets import socket_folder
from crmresearch.run.request.notebooks import Notebook
from crmresearch.run.warm import parent
from crmresearch.run.warm.learnt import import_statements, keep_late, read_late

START_SECONDS = 120  # for all imports, on a busy machine
END_SECONDS = 30  # for the kernels that still run
_PACKET = 1 << 20
_GONE = "the process that forks them has ended"
_LEFT_OUT = 20  # imports found unfit, one start each, before ordinary kernels are used instead


class Unavailable(Exception):
    """No kernel can be forked; the text says why."""


@contextmanager
def warmed(
    root: Path,
    notebooks: Sequence[Notebook],
    environment: Mapping[str, str],
    *,
    say: Callable[[str], None],
) -> Iterator["Warm | None"]:
    """A warm parent that has imported what `notebooks` import, or None where there cannot be one.

    Parameters
    ----------
    root : the project's folder, which keeps what is learnt of the notebooks' late imports
    environment : the environment variables that the libraries are imported under
    say : told once, in plain words, when ordinary kernels are used instead
    """
    if not _possible():
        say(_ordinary("only Linux lets kernels be forked safely"))
        yield None
        return
    with socket_folder() as folder:
        if folder is None:
            say(_ordinary("the folder for temporary files has too long a name"))
            yield None
            return
        late = read_late(root, notebooks)
        warm = Warm(folder, import_statements(notebooks), late, environment, say)
        try:
            yield warm
        finally:
            warm.close()
            with suppress(OSError):
                keep_late(root, notebooks, warm.late)


def _possible() -> bool:
    return sys.platform == "linux" and Path("/proc/self/task").is_dir()


def _ordinary(why: str) -> str:
    return f"each report starts a kernel of its own, which takes some seconds more: {why}."


class Warm:
    """A running warm parent; its methods may be called from several threads at once.

    Attributes
    ----------
    folder : private, for the sockets of kernels
    late : by notebook's name, the modules that its runs import after their import cells
    """

    def __init__(
        self,
        folder: Path,
        statements: Sequence[str],
        late: Mapping[str, set[str]],
        environment: Mapping[str, str],
        say: Callable[[str], None],
    ):
        self.folder = folder
        self.late = {name: set(names) for name, names in late.items()}
        self._environment = dict(environment) | {"TMPDIR": str(folder)}  # as its kernels have it
        self._imports = {
            "statements": list(statements),
            "modules": sorted(set().union(*late.values())),
        }
        self._known = set(self._imports["modules"])
        self._say = say
        self._lock = threading.Lock()
        self._ready = False
        self._left_out = 0
        self._why = ""  # why it cannot fork, once that is known
        self._process: subprocess.Popen | None = None  # started when the first kernel is asked for

    def fork(self, command: Sequence[str], folder: str, environment: Mapping[str, str]) -> "Forked":
        """A kernel for `command` in `folder` with these environment variables.

        Raises
        ------
        Unavailable
            When none can be had, now or ever; that is said once.
        """
        with self._lock:
            self._await_ready()
            mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                request = {"command": list(command), "folder": folder, "environment": environment}
                with suppress(OSError):
                    message = json.dumps(request).encode()
                    socket.send_fds(self._socket, [message], [theirs.fileno()])
            started = _received(mine, START_SECONDS)
            if "pid" not in started:
                mine.close()
                if self._process.poll() is not None:
                    self._give_up(_GONE)
                raise Unavailable("the system has no room for another process now")
        return Forked(mine, started["pid"])

    def used_late(self, notebook: str, modules: Sequence[str]) -> None:
        """Take note of what a kernel had to import itself."""
        with self._lock:
            self.late.setdefault(notebook, set()).update(modules)

    def close(self) -> None:
        """End the parent with all its kernels, and keep of what was late what can be ahead."""
        if self._process is None:
            return
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        message = _received(self._socket, END_SECONDS)
        self._end()
        known = self._known | set(message.get("learnt", []))
        self.late = {name: names & known for name, names in self.late.items()}

    def _start(self) -> None:
        (self.folder / parent.IMPORTS).write_text(json.dumps(self._imports), encoding="utf-8")
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", parent.__name__, str(theirs.fileno()), str(self.folder)],
                cwd=self.folder,
                env=self._environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _await_ready(self) -> None:
        """Wait until all is imported; what is unfit to be imported ahead is left to the kernels."""
        if self._why:
            raise Unavailable(self._why)
        if self._process is None:
            try:
                self._start()
            except OSError as error:
                self._give_up(f"no process that forks them can be started ({error.strerror})")
        while not self._ready:
            message = _received(self._socket, START_SECONDS)
            if message.get("ready"):
                self._ready = True
            elif "unfit" in message and self._left_out < _LEFT_OUT:
                self._leave_out(message["unfit"])
            elif message:
                self._give_up("a library starts threads when a process is forked")
            else:
                self._give_up(_GONE)

    def _leave_out(self, unfit: str) -> None:
        self._process.wait()
        self._socket.close()
        self._left_out += 1
        for listed in self._imports.values():
            if unfit in listed:
                listed.remove(unfit)
        self._known.discard(unfit)
        self._start()

    def _give_up(self, why: str) -> NoReturn:
        self._why = why
        self._say(_ordinary(why))
        raise Unavailable(why)

    def _end(self) -> None:
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # its kernels die with it
            self._process.wait()
        self._socket.close()


class Forked:
    """A forked kernel, which is not a child of this process, with what `Popen` has for one."""

    stdin = stdout = stderr = None

    def __init__(self, channel: socket.socket, pid: int):
        self.pid = pid
        self.returncode: int | None = None
        self.modules: list[str] = []  # that it imported itself, once it has ended
        self._channel = channel

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""
        return self._see(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code once it has ended, or None after `timeout` seconds."""
        return self._see(timeout)

    def send_signal(self, number: int) -> None:
        """Have the parent signal it: only the parent knows that the number is still its."""
        with suppress(OSError):
            self._channel.send(json.dumps({"signal": number}).encode())

    def terminate(self) -> None:
        """Ask it to end; the parent kills it where it does not within a short time."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, with what it started."""
        self.send_signal(signal.SIGKILL)

    def _see(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._channel.settimeout(timeout)
            try:
                message = json.loads(self._channel.recv(_PACKET) or b"{}")
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                message = {}
            if "status" not in message:  # it has died with the parent; end what it started
                with suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)
            self.returncode = message.get("status", -signal.SIGKILL)
            self.modules = message.get("modules", [])
            self._channel.close()
        return self.returncode


def _received(channel: socket.socket, seconds: float) -> dict:
    """The next message; nothing where the other side has ended or takes too long."""
    channel.settimeout(seconds)
    try:
        return json.loads(channel.recv(_PACKET) or b"{}")
    except OSError:
        return {}
