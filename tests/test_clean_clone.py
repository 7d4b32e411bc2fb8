"""What a newcomer does: clone the project, type one command, open the site."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

INSIDE = "CRMRESEARCH_CLEAN_CLONE"


@pytest.fixture(scope="module")
def clone(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project's last commit, in which nothing has been made yet."""
    if os.environ.get(INSIDE):
        pytest.skip("this is already the clone of a clone")
    for program in ("git", "make"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    if not (project / ".git").exists():
        pytest.skip("this folder is no git checkout")
    folder = tmp_path_factory.mktemp("clean") / "crmresearch"
    subprocess.run(
        ["git", "clone", "--quiet", str(project), str(folder)], check=True, env=environment()
    )
    yield folder
    shutil.rmtree(folder)  # its environment is large


def environment() -> dict[str, str]:
    """The variables of a new terminal: nothing of the make, git or pytest that runs this."""
    inherited = re.compile(r"(GIT_|MAKE|MFLAGS|PYTEST_|CRMRESEARCH_|PYTHONPATH|VIRTUAL_ENV)")
    kept = {name: text for name, text in os.environ.items() if not inherited.match(name)}
    return {**kept, INSIDE: "1"}


def test_one_command_publishes_every_report(clone: Path) -> None:
    python = Path(sys._base_executable)  # the one this environment was made with
    made = subprocess.run(
        ["make", "reports", f"PYTHON={python}"],
        cwd=clone,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-4000:]
    plan = tomllib.loads((clone / "reports.toml").read_text(encoding="utf-8"))
    index = (clone / "reports" / "index.html").read_text(encoding="utf-8")
    for report in plan["report"]:
        page = clone / "reports" / report["key"] / "index.html"
        assert page.is_file(), f"{report['key']} was not published"
        assert "<h1" in page.read_text(encoding="utf-8")
        assert f'href="{report["key"]}/' in index
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, env=environment(),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert changed.stdout == "", "building changed files of the project"
