"""Code and notebooks keep to the project's style, as `make lint` checks it."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("check", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_has_nothing_to_say(check: list[str], project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *check, "--quiet", "--no-cache", "."],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
