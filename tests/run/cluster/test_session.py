"""Reports made by a real Dask cluster: those made here, whatever becomes of its workers."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest

from crmresearch.errors import RequestError, UserError
from crmresearch.run import runner
from crmresearch.run.cluster import connection
from crmresearch.run.cluster.session import Cluster
from crmresearch.run.cluster.worker import Stopped
from crmresearch.run.request.planning import planned
from crmresearch.run.request.shelf import Shelf

from .conftest import when

DATA = 'data: str = "small"  # a dataset\nseed: int = 1  # a seed [0, 100]\n'
READ = """\
import os, time
from pathlib import Path
from crmresearch.data.locate import locate
marks = Path(os.environ["CRMRESEARCH_TEST_MARKS"])
with (marks / "runs").open("a") as file:
    file.write(f"{seed}\\n")
print(seed, len((locate(data).data / "responses.csv").read_text()))
"""
# The first run to come here tells on which worker it is, and waits to be killed.
WAIT = """\
try:
    with (marks / "waits").open("x") as file:
        file.write(os.environ["CRMRESEARCH_TEST_WORKER"])
    time.sleep(600)
except FileExistsError:
    pass
"""


@pytest.fixture
def reports(small, small_data, add, new_notebook, cluster):
    """Writes a reports.toml of as many reports of one dataset, and their notebook."""

    def write(count: int, *sources: str) -> None:
        (small / "reports.toml").write_text(
            "".join(
                f'[[report]]\nkey = "r{number}"\nstudy = "tiny"\nparameters = {{seed = {number}}}\n'
                for number in range(1, count + 1)
            )
        )
        add("tiny", new_notebook(*sources, parameters=DATA))

    for mark in cluster.marks.iterdir():
        mark.unlink()
    return write


def runs(cluster) -> list[str]:
    return sorted((cluster.marks / "runs").read_text().split())


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.glob("r*/**/*")
        if path.is_file()
    }


def plans(root: Path) -> list:
    return planned(root, root / "reports.toml", [], Shelf()).plans


def test_finished_archives_are_taken_and_damaged_ones_made_again(small, reports, cluster):
    reports(2, READ)
    place = small.parent / "shared folder"
    url = f"file://{place.as_posix()}"
    runner.build(cluster=cluster.address, results=url, history=False)
    first = files(small / "reports")
    archives = sorted(place.iterdir())
    assert [path.name[:3] for path in archives] == ["r1-", "r2-"]
    assert runs(cluster) == ["1", "2"]

    archives[0].write_bytes(archives[0].read_bytes()[:-100])
    runner.build(cluster=cluster.address, results=url, reports=small / "again", history=False)
    assert runs(cluster) == ["1", "1", "2"]
    assert files(small / "again") == first


def test_a_failing_notebook_is_told_as_it_is_here(small, reports, cluster):
    reports(1, READ, "1 / (seed - 1)")
    told = []
    for options in ({"cluster": cluster.address}, {}):
        with pytest.raises(UserError) as failed:
            runner.build(history=False, force=True, **options)
        told.append(str(failed.value))
        assert (small / ".build" / "failed" / "r1.ipynb").exists()
    assert told[0] == told[1]
    assert "ZeroDivisionError" in told[0]
    assert runs(cluster) == ["1", "1"]  # an error of the analysis is not tried again


def test_workers_that_differ_are_left_out_or_refused(small, reports, cluster, request):
    request.addfinalizer(lambda: cluster.kill("old"))
    reports(3, READ)
    said: list[str] = []
    cells: list[tuple[int, int]] = []
    with Cluster(cluster.address, say=said.append) as there:
        cluster.add(
            "old",
            before="from crmresearch.run import manifest; known = manifest.versions(); "
            "manifest.versions = lambda: {**known, 'pandas': '1.5.3'}",
        )
        when(lambda: len(there._client.nthreads()) == 3)
        old = there._client.scheduler_info()["workers"]
        [address] = [each for each, about in old.items() if about["name"] == "old"]
        make = partial(there.make, on_cell=lambda done, total: cells.append((done, total)))
        for tries in range(1, 11):  # until one is given to the worker that differs
            folders = [small / f"{item.job.key}-{tries}" for item in plans(small)]
            for folder in folders:
                folder.mkdir()
            with ThreadPoolExecutor(3) as pool:
                list(pool.map(make, plans(small), folders))
            assert all((folder / "index.html").exists() for folder in folders)
            assert cells.count((0, 4)) == 3 * tries
            if said:
                break
    pandas = version("pandas")
    assert said == [f"the worker {address} is left out: it has pandas 1.5.3, here {pandas}."]

    with pytest.raises(UserError) as refused:
        runner.build(cluster=cluster.address)
    assert str(refused.value) == (
        "the machines of the cluster cannot make the same reports as this one.\n"
        f"  {address}: has pandas 1.5.3, here {pandas}\n"
        "Install the same version of crmresearch from the same requirements.lock on all, then "
        "start them again."
    )
    assert not (small / "reports").exists()


def test_a_build_that_ends_leaves_no_kernel_and_no_file(small, reports, cluster):
    reports(1, READ, WAIT)
    [item] = plans(small)
    folder = small / "made"
    folder.mkdir()
    with ThreadPoolExecutor(1) as pool, Cluster(cluster.address) as there:
        making = pool.submit(there.make, item, folder, on_cell=lambda *_: None)
        assert when(lambda: (cluster.marks / "waits").exists())
        there.end()
        with pytest.raises(Stopped, match="^the build has ended.$"):
            making.result(timeout=30)
    assert list(folder.iterdir()) == []
    assert when(lambda: not [line for line in cluster.left() if "dask" not in line])
    assert not list(cluster.scratch.rglob("crmresearch-*"))


def test_a_killed_worker_costs_no_report_and_changes_none(small, reports, cluster, capsys):
    reports(4, READ, WAIT)

    def kill() -> None:
        name = when(lambda: (cluster.marks / "waits").exists() and waiting())
        cluster.kill(name)

    def waiting() -> str:
        return (cluster.marks / "waits").read_text()

    killer = threading.Thread(target=kill)
    killer.start()
    runner.build(cluster=cluster.address, history=False)
    killer.join()
    told = capsys.readouterr().err
    begun = runs(cluster)
    assert sorted({*begun}) == ["1", "2", "3", "4"]
    assert len(begun) == 5  # one a second time
    assert "WorkerLost" in told

    runner.build(reports=small / "here", history=False)
    assert files(small / "reports") == files(small / "here")
    assert {name for name in files(small / "here") if name.endswith("index.html")} == {
        f"r{number}/index.html" for number in range(1, 5)
    }


def test_a_scheduler_that_does_not_answer_is_told(small, monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.2)
    with pytest.raises(UserError) as refused:
        runner.build(cluster="tcp://127.0.0.1:9")
    assert str(refused.value).startswith("no Dask scheduler answers at tcp://127.0.0.1:9 (")
    assert str(refused.value).endswith(
        "Name the address that it shows when it starts, such as tcp://10.0.0.1:8786, or the path "
        "of its file."
    )


@pytest.mark.parametrize(
    "address", ["nonsense", "nonsense://x:1", "tls://127.0.0.1:9", "file.json"]
)
def test_what_is_no_address_is_told_and_no_client_is_left_open(small, monkeypatch, address):
    from distributed import Client

    monkeypatch.setattr(connection, "ANSWER_SECONDS", 0.2)
    (small / "file.json").write_text("{}")
    with pytest.raises(UserError, match=f"^no Dask scheduler answers at {address} \\("):
        runner.build(cluster=address)
    assert {client.status for client in Client._instances} <= {"closed"}


def test_a_worker_that_is_lost_meanwhile_is_not_asked_for(monkeypatch):
    class Client:
        def run(self, question, *given, on_error):
            return {"tcp://a:1": OSError("Stream is closed"), "tcp://b:1": b"seen from here"}

        def nthreads(self):
            return {"tcp://b:1": 1}

    assert connection._asked(Client(), len) == {"tcp://b:1": b"seen from here"}


def test_without_the_extra_one_line_says_what_to_install(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RequestError) as refused:
        runner.build(cluster="tcp://127.0.0.1:9")
    assert str(refused.value) == (
        "--cluster needs a package that is missing here, distributed. Install what it needs: "
        "pip install 'crmresearch[cluster]'"
    )


def test_dask_is_imported_for_a_cluster_alone():
    check = (
        "import sys, crmresearch.cli, crmresearch.run.runner, crmresearch.run.cluster.worker\n"
        "sys.exit(' '.join({'dask', 'distributed', 'fsspec'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert ran.stderr.strip() == ""


def test_results_without_a_cluster_are_refused(small):
    with pytest.raises(RequestError, match="^--results is where a cluster leaves reports"):
        runner.build(results="s3://bucket/in")
