"""What every benchmark shares: the CPU seconds of a process tree, and figures as they are kept."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 7200  # seconds that one command may take
# What the kit gives its kernels is given to all that is measured beside it: more threads than
# that cost CPU seconds without making small tables faster.
_ALIKE = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def studies() -> list[str]:
    """The notebooks of the project."""
    return sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def figure(name: str, value: float, unit: str, against: str) -> dict:
    """One figure as `bench.py` prints and keeps it."""
    return {"name": name, "value": round(value, 4), "unit": unit, "against": against}


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of whatever is measured; without it every kernel compiles every library."""
    known = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return known | _ALIKE | dict(more or {})


def cpu_seconds(command: Sequence[str], folder: Path = ROOT) -> float:
    """CPU seconds of `command` and all it starts; whatever still runs at the end is ended."""
    before = used()
    process = subprocess.Popen(
        command, cwd=folder, env=environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        _, errors = process.communicate(timeout=LONGEST)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        sys.exit(f"{' '.join(command[1:4])} failed:\n{errors[-2000:]}")
    return used() - before


def used() -> float:
    """CPU seconds of the processes that this one started and that have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
