"""What is installed for a Python: this one, or another that runs this file as a script.

It therefore needs nothing but the standard library.
"""

import json
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import Distribution, distributions

_PATIENCE = 60  # seconds that another Python may take
_FIELD = re.compile(r"^(Name|Version):[ \t]*(.*?)\s*$", re.MULTILINE)


@cache
def libraries() -> dict[str, str]:
    """The name and version of every library, of Python and of the machine."""
    about = (_about(item) for item in distributions())
    found = {item["Name"]: item["Version"] for item in about if item.keys() == {"Name", "Version"}}
    return {"Python": platform.python_version(), "machine": platform.machine()} | found


def _about(item: Distribution) -> dict[str, str]:
    """Its name and version, without parsing all that it says of itself as the item would."""
    text = item.read_text("METADATA") or item.read_text("PKG-INFO") or ""
    return dict(_FIELD.findall(text.replace("\r\n", "\n").partition("\n\n")[0]))


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
