"""Which processes end with a folder of temporary files, and which do not."""

import os
import subprocess
import sys

import pytest

from crmresearch.run.leftovers import end_users_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="others do not tell whose they are")


@pytest.fixture
def started():
    """Starts a process with these variables, in a session of its own."""
    running = []

    def start(user: int | None = None, **variables: str) -> subprocess.Popen:
        command = [sys.executable, "-c", "print(flush=True); input()"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        if user is not None:
            command = ["/bin/sh", "-c", "echo; read line"]
        process = subprocess.Popen(
            command, env=os.environ | variables, start_new_session=True, user=user, **pipes
        )
        running.append(process)
        process.stdout.readline()
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_users_of_a_folder_end_and_nobody_else(started, tmp_path):
    folder = tmp_path / "crmresearch-a"
    (folder / "inner").mkdir(parents=True)
    users = [started(TMPDIR=str(folder)), started(TMPDIR=str(folder / "inner"))]
    others = [
        started(TMPDIR=f"{folder}b"),
        started(TMPDIR=str(tmp_path)),
        started(TMPDIR=f"{folder}b", OTHER=f"TMPDIR={folder}", MYTMPDIR=str(folder)),
        started(TMPDIR=f"{tmp_path}/other{folder}"),
    ]
    if os.getuid() == 0:
        others.append(started(user=65534, TMPDIR=str(folder)))
    end_users_of(folder)
    assert [process.wait(10) for process in users] == [-9, -9]
    assert [process.poll() for process in others] == [None] * len(others)


def test_whoever_asks_does_not_end_itself(tmp_path):
    code = "import sys; from crmresearch.run.leftovers import end_users_of as end; end(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0
