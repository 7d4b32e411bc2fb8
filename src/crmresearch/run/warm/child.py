"""From a fork of the warm parent to an ordinary ipykernel."""

import atexit
import ctypes
import gc
import json
import os
import runpy
import signal
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def become_kernel(
    command: Sequence[str],
    folder: str,
    environment: Mapping[str, str],
    *,
    parent: int,
    ahead: Collection[str],
    late: int,
) -> None:
    """Run the kernel that `command` asks for in `folder`; the process ends with it.

    Parameters
    ----------
    command : as it would be executed: python, ``-m``, module, arguments
    environment : its environment variables, in place of the parent's
    parent : process id of the warm parent, without which the kernel ends too
    ahead : the modules that the parent has imported
    late : a pipe that takes the names of the modules which the kernel had to import itself
    """
    os.setsid()
    _die_with(parent)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None  # where the parent's temporary files go, if it has asked
    os.chdir(folder)
    _reseed()
    signal.signal(signal.SIGTERM, lambda *_: _end(ahead, late))
    sys.path.insert(0, os.getcwd())  # as `python -m` does; the kernel's launcher drops it
    sys.argv = list(command[2:])
    runpy.run_module(command[2], run_name="__main__", alter_sys=True)
    _end(ahead, late)


def _die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it was asked
        os._exit(1)


def _reseed() -> None:
    """A random state of its own, as a fresh process has; `random` sees to itself."""
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()


def _end(ahead: Collection[str], late: int) -> None:
    """What a process does at its end, without taking its memory apart piece by piece."""
    try:
        gc.disable()
        names = [name for name in sorted(set(sys.modules) - set(ahead)) if _importable(name)]
        os.write(late, json.dumps(names).encode())
        atexit._run_exitfuncs()
    finally:
        os._exit(0)


def _importable(name: str) -> bool:
    """Whether another process finds the module by its name: not one from the working folder."""
    spec = getattr(sys.modules[name], "__spec__", None)
    if spec is None or spec.name != name or not spec.has_location:
        return False
    return not str(spec.origin).startswith(os.getcwd() + os.sep)
