"""Ctrl-C, and a system that asks a build to end: an orderly end, and its exit code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crmresearch.errors import UserError

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, a service manager, a terminal that is closed
_waiting: list[int] | None = None  # signals that are put off, where they are


class Interrupted(KeyboardInterrupt):
    """A signal asked this process to end; no error of a report, so nothing that catches those."""

    def __init__(self, number: int):
        super().__init__()
        self.number = number


class Stopped(UserError):
    """The command ended early because it was asked to; the exit code is that of its signal."""

    def __init__(self, interrupted: Interrupted, message: str):
        super().__init__(message)
        self.exit_code = 128 + interrupted.number


@contextmanager
def interruptible(message: str) -> Iterator[None]:
    """Raise `Interrupted` in the body when asked to end, and leave it as `Stopped(message)`.

    A second signal ends the process at once. What was ignored before (``nohup``, a job in the
    background) stays ignored. Elsewhere than in the main thread signals are not ours.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    ours = [number for number in numbers if before[number] not in (signal.SIG_IGN, None)]

    def asked(number: int, _frame: object) -> None:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)
        if _waiting is None:
            raise Interrupted(number)
        _waiting.append(number)

    for number in ours:
        signal.signal(number, asked)
    try:
        yield
    except Interrupted as interrupted:
        raise Stopped(interrupted, message) from None
    finally:
        for number in ours:
            signal.signal(number, before[number])


@contextmanager
def shielded() -> Iterator[None]:
    """Put an interruption off to the end of the body, which is short and done whole or not at all.

    For the main thread alone.
    """
    global _waiting
    _waiting = asked = []
    try:
        yield
    finally:
        _waiting = None
    if asked:
        raise Interrupted(asked[0])
