"""What is installed for a Python: this one, or another that runs this file as a script.

It therefore needs nothing but the standard library.
"""

import json
import platform
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions

_PATIENCE = 60  # seconds that another Python may take


@cache
def libraries() -> dict[str, str]:
    """The name and version of every library, of Python and of the machine."""
    found = {item.name: item.version for item in distributions() if item.name}
    return {"Python": platform.python_version(), "machine": platform.machine()} | found


def libraries_of(python: str) -> dict[str, str] | None:
    """The same of another interpreter; None where it is no Python that can be run."""
    try:
        done = subprocess.run(
            [python, __file__],
            capture_output=True, timeout=_PATIENCE, check=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


if __name__ == "__main__":
    json.dump(libraries(), sys.stdout)
