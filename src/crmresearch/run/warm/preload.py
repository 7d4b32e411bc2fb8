"""Importing ahead of the kernels, so that a cell cannot tell that it was done ahead.

Only imports are run here, never anything that computes: a process that has used a pool of
threads hangs the processes forked from it. An import that a cell would notice is left out, and
the kernel does it itself.
"""

import builtins
import importlib
import importlib.util
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from types import SimpleNamespace

BACKEND = "module://matplotlib_inline.backend_inline"  # ipykernel's own, where none is asked for
_KERNELS = ("pandas",)  # may ask for the shell at import: the answer is the same in every kernel


class Noticed(Exception):
    """An import that cells would notice, or that forbids forking; the text says why."""


def run(statement: str) -> None:
    """Run one import statement; what fails fails again in the cell, which then says so.

    Raises
    ------
    Noticed
        When the import did what only a kernel should do.
    """
    with _watched() as why:
        try:
            exec(statement, {"__name__": "crmresearch.preloaded"})
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
    if why():
        raise Noticed(why())


def run_module(name: str) -> None:
    """Import one module by name, as `run` does."""
    run(f"import importlib; importlib.import_module({name!r})")


def tasks() -> int:
    """How many threads this process has, those of libraries included."""
    return len(os.listdir("/proc/self/task"))


def forks_alone() -> bool:
    """Whether a fork leaves this process with one thread: some libraries start theirs then."""
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)
    return tasks() == 1


def tried(names: Sequence[str]) -> str:
    """The first of the modules that would be noticed, found in a throw-away process."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            for name in names:
                last = name
                run_module(name)
            last = ""
        finally:
            os.write(writing, last.encode())
            os._exit(0)
    os.close(writing)
    found = os.read(reading, 4096).decode()
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    return found


@contextmanager
def _watched() -> Iterator[Callable[[], str]]:
    """Watch what an import does beyond importing; yields what says it, empty where nothing."""
    streams = {name: _Later(name) for name in ("stdout", "stderr")}
    asked: set[str] = set()
    kept = {name: getattr(sys, name) for name in streams}
    with _shell(asked):
        for name, stream in streams.items():
            setattr(sys, name, stream)
        try:
            yield lambda: _why(streams.values(), asked)
        finally:
            for name, stream in kept.items():
                setattr(sys, name, stream)


def _why(streams: Sequence["_Later"], asked: set[str]) -> str:
    if tasks() > 1:
        return "it starts threads"
    if any(stream.written for stream in streams):
        return "it prints"
    return f"{min(asked)} asks for the notebook's shell" if asked else ""


class _Later:
    """Stands for a stream that the kernel sets up later, for modules that keep hold of it."""

    def __init__(self, name: str):
        self.name = name
        self.written = False

    def write(self, text: str) -> int:
        stream = getattr(sys, self.name)
        if stream is not self:
            return stream.write(text)
        self.written = True
        return len(text)

    def __getattr__(self, name: str):
        stream = getattr(sys, self.name)
        return getattr(getattr(sys, f"__{self.name}__") if stream is self else stream, name)


@contextmanager
def _shell(asked: set[str]) -> Iterator[None]:
    """Answer like a kernel's shell where it is safe, and note who else asks for it."""
    from IPython.core.interactiveshell import InteractiveShell

    def answered() -> object:
        name = _asking()
        if name.partition(".")[0] not in _KERNELS:
            asked.add(name)
        return SimpleNamespace(kernel=True)

    def initialized() -> bool:
        asked.add(_asking())
        return False

    InteractiveShell.initialized = staticmethod(initialized)
    builtins.get_ipython = answered
    try:
        yield
    finally:
        del InteractiveShell.initialized
        del builtins.get_ipython


def _asking() -> str:
    """The module whose code asks for the shell."""
    frame = sys._getframe(2)
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == "IPython":
        frame = frame.f_back
    return frame.f_globals.get("__name__", "") if frame else ""


@contextmanager
def without(name: str) -> Iterator[None]:
    """Let imports in the body find that the module `name` is not installed."""
    missing = name not in sys.modules
    if missing:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if missing:
            del sys.modules[name]


def kernel_itself() -> None:
    """Import what every kernel needs, with the plotting backend that a kernel would choose.

    Without the debugger: nobody steps through a cell here, and it can be imported by a kernel
    alone, which then costs every kernel more than the rest of its start. A cell still can.
    """
    if not os.environ.get("MPLBACKEND"):
        os.environ["MPLBACKEND"] = BACKEND
    for name in ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell"):
        importlib.import_module(name)
    with without("debugpy"):
        importlib.import_module("ipykernel.debugger")
    if importlib.util.find_spec("debugpy"):
        sys.breakpointhook = _breakpoint


def _breakpoint(*given: object, **named: object) -> object:
    """What ``breakpoint()`` does in an ordinary kernel, where the debugger's import has set it."""
    sys.breakpointhook = sys.__breakpointhook__
    with redirect_stderr(io.StringIO()):  # where it warns of what is not the cell's doing
        importlib.import_module("debugpy.server.api")
    return sys.breakpointhook(*given, **named)
