"""The warm parent: imports once, then forks a kernel for each request until its owner is gone.

It is started by `owner`, has one thread and computes nothing. Messages are JSON, one a packet.
The owner asks on one socket, sending with each request a channel for that kernel alone, on which
the parent tells that it has started and how it ended, and the owner sends signals. A closed
channel ends its kernel, a closed socket ends them all, the parent and its folder.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crmresearch.run.disk import clear
from crmresearch.run.warm import preload
from crmresearch.run.warm.child import become_kernel

IMPORTS = "imports.json"  # in the folder: what to import, as the owner asks for it
GRACE = 2.0  # seconds between the request to end and the kill
_TRIES = 5  # throw-away processes for what one kernel imported itself
_PACKET = 1 << 20


@dataclass(slots=True, kw_only=True)
class _Kernel:
    pid: int
    channel: socket.socket
    late: int  # where it tells what it had to import itself
    killed_at: float = float("inf")


class Parent:
    """Forks kernels for `owner`; `folder` is the place of their sockets, removed at the end."""

    def __init__(self, owner: socket.socket, folder: Path):
        self.owner = owner
        self.folder = folder
        self.kernels: dict[int, _Kernel] = {}
        self.ahead: frozenset[str] = frozenset()  # modules that kernels find imported
        self.learnt: set[str] = set()  # those of them that a kernel had imported before
        self.refused: set[str] = set()  # modules that each kernel must import itself
        self.wake, self.woken = os.pipe()

    def prepare(self, statements: list[str], modules: list[str]) -> bool:
        """Import everything and tell the owner that kernels can be had, or what forbids them."""
        preload.kernel_itself()
        for text, run in [
            *((text, preload.run) for text in statements),
            *((name, preload.run_module) for name in modules),
        ]:
            try:
                run(text)
            except preload.Noticed:
                _send(self.owner, {"unfit": text})  # it cannot be undone: the owner starts anew
                return False
        self._settle()
        alone = preload.forks_alone()
        _send(self.owner, {"ready": alone})
        return alone

    def serve(self) -> None:
        """Answer until the owner closes its socket or dies."""
        os.set_blocking(self.woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.woken, warn_on_full_buffer=False)
        while True:
            channels = {kernel.channel: kernel for kernel in self.kernels.values()}
            ready, _, _ = select.select(
                [self.owner, self.wake, *channels], [], [], self._patience()
            )
            if self.wake in ready:
                os.read(self.wake, 4096)
            for channel in ready:
                if channel in channels:
                    self._told(channels[channel])
            self._see_who_ended()
            if self.owner in ready and not self._asked():
                return

    def close(self) -> None:
        """End every kernel with what it started, tell what was learnt, remove the folder."""
        for kernel in self.kernels.values():
            _kill(kernel.pid, signal.SIGKILL)
        for kernel in self.kernels.values():
            os.waitpid(kernel.pid, 0)
        _send(self.owner, {"learnt": sorted(self.learnt)})
        clear(self.folder)  # the owner would, unless it was killed

    def _asked(self) -> bool:
        """Fork the kernel that the owner asks for; False where the owner is gone."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.owner, _PACKET, 1)
        except ConnectionError:
            return False
        if not message:
            return False
        request, channel = json.loads(message), socket.socket(fileno=descriptors[0])
        told, late = os.pipe()
        os.set_blocking(told, False)
        os.set_blocking(late, False)
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:  # too many processes, or no memory: the owner sees the channel closed
            channel.close()
            os.close(told)
            os.close(late)
            return True
        if not pid:
            try:
                self._let_go(channel, told)
                become_kernel(**request, parent=parent, ahead=self.ahead, late=late)
            finally:
                os._exit(1)  # nothing of the kernel's may go on as the parent
        os.close(late)
        self.kernels[pid] = _Kernel(pid=pid, channel=channel, late=told)
        _send(channel, {"pid": pid})
        return True

    def _let_go(self, *own: socket.socket | int) -> None:
        """In the fork: what belongs to the parent alone."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for kernel in self.kernels.values():
            kernel.channel.close()
            os.close(kernel.late)
        for item in (self.owner, *own):
            item.close() if isinstance(item, socket.socket) else os.close(item)
        os.close(self.wake)
        os.close(self.woken)

    def _told(self, kernel: _Kernel) -> None:
        """Pass a signal on; a closed channel is the wish that the kernel be gone."""
        try:
            message = kernel.channel.recv(_PACKET)
        except ConnectionError:
            message = b""
        number = json.loads(message)["signal"] if message else signal.SIGKILL
        if number == signal.SIGTERM:
            kernel.killed_at = time.monotonic() + GRACE
            os.kill(kernel.pid, number)  # what it started is ended with it, not before it
        else:
            _kill(kernel.pid, number)

    def _patience(self) -> float | None:
        first = min((kernel.killed_at for kernel in self.kernels.values()), default=float("inf"))
        return None if first == float("inf") else max(0.0, first - time.monotonic())

    def _see_who_ended(self) -> None:
        """Reap the kernels that ended, end those that should have, and learn from the former."""
        modules: set[str] = set()
        for kernel in list(self.kernels.values()):
            if time.monotonic() > kernel.killed_at:
                _kill(kernel.pid, signal.SIGKILL)
            if os.waitid(os.P_PID, kernel.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                modules |= self._ended(kernel)
        self._learn(modules - self.ahead)

    def _learn(self, modules: set[str]) -> None:
        """Import for the next kernels what one had to, once a throw-away process has tried it."""
        names = sorted(name for name in modules if not self._refuses(name))
        for _ in range(_TRIES):
            unfit = preload.tried(names) if names else ""
            if not unfit:
                break
            self.refused.add(unfit)
            names = [name for name in names if not self._refuses(name)]
        else:
            self.refused.update(names)
            names = []
        for name in names:
            preload.run_module(name)
        if names:
            self.learnt.update(names)
            self._settle()

    def _refuses(self, name: str) -> bool:
        """Whether importing a module would import one that is unfit: itself or its package."""
        parts = name.split(".")
        return any(".".join(parts[:number]) in self.refused for number in range(1, len(parts) + 1))

    def _settle(self) -> None:
        """Note what is imported, and spare its memory from being copied by collections."""
        self.ahead = frozenset(sys.modules)
        gc.collect()
        gc.freeze()

    def _ended(self, kernel: _Kernel) -> set[str]:
        """Reap one kernel and tell its owner; returns the modules that it imported itself."""
        _kill(kernel.pid, signal.SIGKILL)  # its process group: what it started and left running
        _, status = os.waitpid(kernel.pid, 0)
        del self.kernels[kernel.pid]
        modules = _read(kernel.late)
        os.close(kernel.late)
        _send(kernel.channel, {"status": os.waitstatus_to_exitcode(status), "modules": modules})
        kernel.channel.close()
        return set(modules)


def _send(channel: socket.socket, message: Mapping) -> None:
    with suppress(OSError):  # the owner may be gone; the loop sees that by itself
        channel.send(json.dumps(message).encode())


def _kill(pid: int, number: int) -> None:
    """Signal the process group of a kernel that has not been reaped."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # it has not yet made its own group
        os.kill(pid, number)


def _read(pipe: int) -> list[str]:
    """The names that a kernel left; none where it was killed."""
    try:
        return json.loads(os.read(pipe, 1 << 16) or b"[]")
    except (BlockingIOError, ValueError):
        return []


def main() -> None:
    """Serve the owner whose socket, and the folder whose name, are given as arguments."""
    if sys.path[0] == os.getcwd():
        del sys.path[0]  # a kernel finds its own folder there
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = Parent(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
    try:
        if parent.prepare(**json.loads((parent.folder / IMPORTS).read_text(encoding="utf-8"))):
            parent.serve()
            parent.close()
    finally:
        os._exit(0)  # nothing that the libraries would do at an end is meant for this process


if __name__ == "__main__":
    main()
