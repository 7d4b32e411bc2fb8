"""The lists of what the project needs agree, and the locks are safe to install from."""

import ast
import importlib.util
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = {"requirements.lock": ("test",), "requirements-uv.lock": ("setup",)}

# What is needed without an import of ours.
USED_OTHERWISE = {
    "ipykernel": "runs the notebooks",
    "jupyterlab": "make lab",
    "pingouin": "for a researcher's own cells, and the tests' second opinion",
    "seaborn": "for a researcher's own figures",
}


def by_name(lines: list[str]) -> dict[str, SpecifierSet]:
    requirements = [Requirement(line) for line in lines]
    assert all(one.url is None and one.marker is None for one in requirements)
    return {canonicalize_name(one.name): one.specifier for one in requirements}


def pins(lock: str) -> dict[str, list[str]]:
    """Versions of each package in a lock; there may be one for each range of Python."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            name, version = re.match(r"([\w.-]+)==([^\s;]+)", line).groups()
            found.setdefault(canonicalize_name(name), []).append(version)
    return found


DEPENDENCIES = by_name(PROJECT["project"]["dependencies"])
EXTRAS = {
    name: by_name(lines) for name, lines in PROJECT["project"]["optional-dependencies"].items()
}
GROUPS = {name: by_name(lines) for name, lines in PROJECT["dependency-groups"].items()}


def test_conda_lists_the_same_dependencies_with_the_same_bounds() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *packages, with_pip = environment["dependencies"]
    conda = by_name(packages)
    assert conda.pop("python") == SpecifierSet(PROJECT["project"]["requires-python"])
    assert conda.pop("pip") == SpecifierSet()
    assert conda == DEPENDENCIES | EXTRAS["cluster"]
    assert with_pip == {"pip": ["-e ."]}


def test_every_extra_is_in_the_test_environment_with_the_same_bounds() -> None:
    """So that it is locked, and what needs it is tested."""
    for extra in EXTRAS.values():
        assert extra.items() <= GROUPS["test"].items()
        assert not extra.keys() & DEPENDENCIES.keys()


def test_every_dependency_is_bounded_and_locked_within_its_bounds() -> None:
    for lock, groups in LOCKS.items():
        direct = dict(DEPENDENCIES) if lock == "requirements.lock" else {}
        for group in groups:
            direct |= GROUPS[group]
        locked = pins(lock)
        for name, bounds in direct.items():
            assert len(bounds) > 0, f"{name} has no bounds"
            assert name in locked, f"{name} is not in {lock}: run make lock"
            outside = [version for version in locked[name] if version not in bounds]
            assert not outside, f"{name} {outside} in {lock} is outside {bounds}: run make lock"


def test_the_back_end_is_the_locked_one() -> None:
    [back_end] = [Requirement(line) for line in PROJECT["build-system"]["requires"]]
    assert canonicalize_name(back_end.name) == "uv-build"
    assert back_end.specifier == GROUPS["setup"]["uv-build"]
    assert all(
        version in back_end.specifier for version in pins("requirements-uv.lock")["uv-build"]
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_hashes_every_package(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert not re.search(r"^\s*-", re.sub(r"^\s+--hash=sha256:[0-9a-f]{64}", "", text, flags=re.M))
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]
    assert len(entries) == sum(map(len, pins(lock).values())) > 0
    assert all("--hash=sha256:" in entry for entry in entries)


def imported_packages(folder: Path) -> set[str]:
    """Distributions that the Python files under `folder` import."""
    modules = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.partition(".")[0])
    own = {"crmresearch", "__future__"}
    known = packages_distributions()
    found = modules - own - set(sys.stdlib_module_names)
    return {canonicalize_name(known[name][0]) for name in found if name in known}


def test_dependencies_are_what_the_package_imports() -> None:
    imported = imported_packages(ROOT / "src")
    extras = {name for extra in EXTRAS.values() for name in extra}
    assert imported - set(DEPENDENCIES) - extras == set(), "imported but not in pyproject.toml"
    unused = set(DEPENDENCIES) - imported - set(USED_OTHERWISE)
    assert unused == set(), "in pyproject.toml but never imported"
    assert set(USED_OTHERWISE) <= set(DEPENDENCIES) - imported


def test_tests_and_scripts_import_only_what_is_declared() -> None:
    declared = set(DEPENDENCIES) | set(GROUPS["test"])
    for folder in ("tests", "scripts"):
        assert imported_packages(ROOT / folder) - declared == set()


def test_the_citation_names_this_version_and_licence() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]
    assert citation["title"].startswith(f"{PROJECT['project']['name']}: ")


@pytest.fixture
def bootstrap(project: Path):
    """The set-up script as a module; its folder is no package."""
    spec = importlib.util.spec_from_file_location("bootstrap", project / "scripts/bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_setup_is_renewed_by_a_new_lock_but_not_by_a_style_rule(bootstrap, tmp_path: Path) -> None:
    for name in ("pyproject.toml", *LOCKS):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    before = bootstrap.fingerprint(tmp_path)
    with (tmp_path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.another]\nlevel = 3\n")
    assert bootstrap.fingerprint(tmp_path) == before
    for name in LOCKS:
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        after = bootstrap.fingerprint(tmp_path)
        assert after != before
        before = after


def test_setup_begins_anew_without_its_stamp_or_its_python(
    bootstrap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "made-from.txt")
    monkeypatch.setattr(bootstrap, "BIN", tmp_path)
    assert not bootstrap.up_to_date("a stamp")
    bootstrap.STAMP.write_text("a stamp", encoding="utf-8")
    assert not bootstrap.up_to_date("a stamp")  # the interpreter is gone
    bootstrap.environment_python().touch()
    assert bootstrap.up_to_date("a stamp")
    assert not bootstrap.up_to_date("another stamp")


def test_setup_refuses_an_unsuitable_python_in_one_line(
    bootstrap, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 13, "final", 0))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        bootstrap.main()
    assert ended.value.code == (
        "set-up: crmresearch needs Python 3.11, 3.12 or 3.13; this is 3.10.13 and no other was "
        "found. Install one, or name it: make PYTHON=/path/to/python3.12"
    )
    assert capsys.readouterr().out == ""


def test_setup_refuses_a_python_that_cannot_make_environments(
    bootstrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(bootstrap.SetupError, match=r"apt install python3\.\d+-venv$"):
        bootstrap.require_venv()
