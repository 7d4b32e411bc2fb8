"""The benchmark: it counts the whole process tree, and a command that fails ends it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

BURN = "import sys\nx = 0\nfor i in range(3_000_000): x += i\n"
TREE = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}], check=True)"


@pytest.fixture
def scripts(project, monkeypatch):
    monkeypatch.syspath_prepend(project / "scripts")
    return project / "scripts"


def test_children_of_children_are_counted(scripts):
    from costs import cpu_seconds

    alone = cpu_seconds([sys.executable, "-c", "pass"])
    tree = cpu_seconds([sys.executable, "-c", TREE])
    assert tree > alone


def test_a_failing_command_ends_the_benchmark(scripts):
    from costs import cpu_seconds

    with pytest.raises(SystemExit, match="no such thing"):
        cpu_seconds([sys.executable, "-c", "raise RuntimeError('no such thing')"])


def test_the_figures_are_written_as_a_list(scripts, tmp_path, monkeypatch, capsys):
    import bench
    from costs import figure

    made = figure("a report", 0.65432109, "ratio", "the plain tools")
    monkeypatch.setattr(bench, "figures", lambda quick, only: iter([made]))
    bench.main(["--quick", "--output", str(tmp_path / "reports" / "bench.json")])
    assert json.loads((tmp_path / "reports" / "bench.json").read_text()) == [
        {"name": "a report", "value": 0.6543, "unit": "ratio", "against": "the plain tools"}
    ]
    assert capsys.readouterr().out == "a report: 0.6543 ratio (the plain tools)\n"


def test_a_batch_is_held_against_its_floor_and_plain_tools(scripts):
    from bench_batch import Cost, told

    one, two = [(5.0, 5.0, 20.0), (7.0, 5.0, 20.0)], [(3.0, 3.0, 10.0), (3.0, 3.0, 10.0)]
    measured = [
        (name, [Cost(marginal=m, floor=f, plain=p, alone=9.0, fresh=1.0) for m, f, p in rounds])
        for name, rounds in (("one", one), ("two", two))
    ]
    lines = [line for line in told(measured) if "bound" in line["against"]]
    more = "one more report of a batch"
    assert [(line["name"], line["value"]) for line in lines] == [
        (f"one: {more}", 1.2), (f"one: {more}", 0.3), (f"two: {more}", 1.0),
        (f"two: {more}", 0.3), (f"all: {more}", 1.125), (f"all: {more}", 0.3),
    ]  # fmt: skip
    assert "; 1.00 to 1.40 by round; the bound is 1.15" in lines[0]["against"]
    assert "; 1.00 to 1.25 by round; " in lines[4]["against"]


def test_each_report_of_a_batch_has_a_seed_of_its_own(scripts, small):
    from bench_batch import list_reports

    from crmresearch.run.request.listing import read_listing

    list_reports(small, ["tiny"], [3, 4])
    found = [entry.key for entry in read_listing(small / "reports.toml")]
    assert found == ["tiny-3", "tiny-4"]
    assert "seed = 4" in (small / "reports.toml").read_text()


@pytest.mark.parametrize(("each", "grows"), [(0.0, []), (0.01, []), (0.5, ["memory"])])
def test_growth_is_told_from_what_comes_and_goes(scripts, each, grows):
    from scale import ALLOWED, Look, growth

    looks = [
        Look(
            reports=place * 5, memory=100.0 + each * place * 5 + place % 3,
            files=40 + 20 * (place % 3 != 0), threads=9 + place % 2, processes=3 - place % 2,
            temporary=5,
        )
        for place in range(1, 201)
    ]  # fmt: skip
    found = list(growth(looks))
    assert [field for field, first, last, _ in found if last - first > ALLOWED[field]] == grows
    assert found[0][3] == pytest.approx(100 * each, abs=0.5)


@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="there is no /proc")
def test_processes_are_found_however_deep(scripts):
    from scale import descendants

    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as child:
        until = time.monotonic() + 60
        while not descendants(child.pid) and time.monotonic() < until:
            time.sleep(0.05)
        assert len(descendants(child.pid)) == 1
        assert child.pid in descendants(os.getpid())
        child.communicate(b"\n")
