"""The benchmark: it counts the whole process tree, and a command that fails ends it."""

import json
import sys

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
