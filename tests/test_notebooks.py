"""House rules of the notebooks: prose that runs, and that reviews as text."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from crmresearch.run.request.notebooks import read_notebook

ROOT = Path(__file__).resolve().parents[1]
APPROVED = ROOT / "tests" / "approved"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STUDIES = [
    path for path in NOTEBOOKS if (ROOT / "src/crmresearch" / path.stem / "claims.toml").exists()
]
# A study's package computes and draws; its notebook does neither by itself.
NOT_IN_A_NOTEBOOK = {"matplotlib", "pingouin", "scipy", "seaborn", "sklearn", "statsmodels"}

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_study = pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def code(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def nodes(notebook: nbformat.NotebookNode, skip: int = 0) -> Iterator[tuple[str, ast.AST]]:
    """Every node of the code, with its cell's id; `skip` leaves out the first code cells."""
    for cell in code(notebook)[skip:]:
        for node in ast.walk(ast.parse(cell.source)):
            yield cell.id, node


def shows(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and re.search(r"^show\w*\(", cell.source, re.M) is not None


def test_there_are_notebooks() -> None:
    assert {path.stem for path in STUDIES} >= {"survey", "recovery", "archetypes"}


@each_notebook
def test_a_notebook_is_valid_and_would_run(path: Path) -> None:
    nbformat.validate(read(path))
    read_notebook(path)


@each_notebook
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    notebook = read(path)
    left = [cell.id for cell in code(notebook) if cell.outputs or cell.execution_count is not None]
    assert not left, f"cells {left} hold outputs: run make strip"
    kernel = dict(notebook.metadata.kernelspec)
    assert kernel.pop("language", "python") == "python"
    assert kernel == {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    assert notebook.metadata.language_info == {"name": "python"}, "run make strip"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}, "run make strip"
    extra = {cell.id: set(cell.metadata) - {"tags"} for cell in notebook.cells}
    assert not any(extra.values()), f"metadata of cells: {extra}; run make strip"


@each_notebook
def test_cell_ids_are_words(path: Path) -> None:
    ids = [cell.id for cell in read(path).cells]
    random = [name for name in ids if not re.fullmatch(r"[a-z]+[0-9]?(-[a-z0-9]+)*", name)]
    assert not random, f"{path.name}: give the cells {random} ids that say what they show"
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 30


@each_notebook
def test_it_opens_with_its_question_and_parameters(path: Path) -> None:
    notebook = read(path)
    opening = notebook.cells[0]
    assert opening.cell_type == "markdown"
    assert opening.source.startswith("# ")
    assert "**Question.**" in opening.source
    assert sum(cell.source.startswith("# ") for cell in prose(notebook)) == 1
    tagged = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == code(notebook)[:1]
    above = ""
    for line in tagged[0].source.splitlines():
        long = re.fullmatch(
            r"\w+: (str|int|float|bool) = [^#]+", line
        )  # what it means stands above
        assert (
            long
            and above.startswith("# ")
            or re.match(r"(\w+: (str|int|float|bool) = [^#]+  )?# \w.*", line)
        ), line
        above = line


@each_study
def test_it_can_be_of_a_part_of_the_respondents(path: Path) -> None:
    parameters = read_notebook(path).parameters
    if "data" not in parameters:
        return  # it reads no survey
    assert parameters["only"].default == ""
    [loading] = [
        node
        for _, node in nodes(read(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "load"
    ]
    assert "only=only" in [f"{given.arg}={ast.unparse(given.value)}" for given in loading.keywords]


@each_study
def test_it_ends_with_caveats_and_findings(path: Path) -> None:
    *_, before, findings_heading, findings = read(path).cells
    assert shows(before)
    assert "show_caveats(" in before.source
    assert findings_heading.source.startswith("## Findings")
    assert re.search(r"^show_findings\(", findings.source, re.M)


@each_notebook
def test_code_is_short_and_defines_nothing(path: Path) -> None:
    notebook = read(path)
    assert len(code(notebook)) <= 50
    for cell in code(notebook):
        listed = cell.source.startswith("from ") or "parameters" in cell.metadata.get("tags", [])
        assert listed or len(cell.source.splitlines()) <= 15, f"cell '{cell.id}' is too long"
        assert not re.search(r"^\s*[%!?]|\?$", cell.source, re.M), f"cell '{cell.id}' has magic"
    wrong = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [cell for cell, node in nodes(notebook) if isinstance(node, wrong)]


@each_notebook
def test_code_leaves_reading_computing_and_drawing_to_the_package(path: Path) -> None:
    for cell, node in nodes(read(path)):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        else:
            names = []
        found = {name.partition(".")[0] for name in names} & NOT_IN_A_NOTEBOOK
        assert not found, f"cell '{cell}' imports {found}"
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("read_"), f"cell '{cell}' reads a file by itself"


@each_notebook
def test_no_number_is_typed_in(path: Path) -> None:
    """Numbers come from the data and the parameters; prose would keep an old one.

    Prose may quote the numbers that the study's claims assert.
    """
    notebook = read(path)
    for cell, node in nodes(notebook, skip=1):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            assert node.value in {0, 1, 2}, f"cell '{cell}' has {node.value}"
    claims = ROOT / "src" / "crmresearch" / path.stem / "claims.toml"
    asserted = claims.read_text(encoding="utf-8") if claims.exists() else ""
    for cell in prose(notebook):
        text = re.sub(r"`[^`]*`|\]\([^)]*\)|\b10\.\d{4,}/\S+", "", cell.source)
        typed = re.findall(r"\d+(?:\.\d+)?\s?(?:%|per cent|percent)|\d+\.\d+", text)
        typed = [number for number in typed if number not in asserted]
        assert not typed, f"cell '{cell.id}' has {typed}"


@each_notebook
def test_prose_comes_before_exhibits(path: Path) -> None:
    exhibits = 3
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            exhibits = 0
        elif shows(cell):
            exhibits += 1
            assert exhibits <= 3, f"cell '{cell.id}' is far from the prose that explains it"
            last = cell.source.rstrip().splitlines()
            assert re.match(r"show\w*\(|\)$", last[-1]), f"cell '{cell.id}' must end by showing"
            assert len(re.findall(r"^show\w*\(", cell.source, re.M)) == 1


@each_study
def test_a_study_is_five_things_of_one_name(path: Path) -> None:
    package = ROOT / "src" / "crmresearch" / path.stem
    assert (package / "__init__.py").is_file()
    assert (package / "claims.toml").is_file()
    for name in ("figures", "headlines"):  # a module, or a package of one module a part
        assert (package / f"{name}.py").is_file() or (package / name / "__init__.py").is_file()
    assert list((ROOT / "tests" / path.stem).glob("test_*.py"))
    plan = tomllib.loads((ROOT / "reports.toml").read_text(encoding="utf-8"))
    assert path.stem in {report["study"] for report in plan["report"]}


@each_notebook
def test_its_data_ship_with_the_project(path: Path) -> None:
    """Approved copies are public, so a default must not name anyone's own data."""
    data = read_notebook(path).parameters.get("data")
    if data is None or not data.default:
        return
    tracked = subprocess.run(
        ["git", "ls-files", f"data/{data.default}"], cwd=ROOT, capture_output=True, text=True
    )
    if tracked.returncode != 0:
        pytest.skip("this folder is no git checkout")
    assert tracked.stdout.strip(), f"data/{data.default} is not in the repository"


def test_every_notebook_is_approved_and_nothing_else() -> None:
    approved = {path.stem for path in APPROVED.glob("*.ipynb")}
    assert approved == {path.stem for path in NOTEBOOKS}, "run make approve"


@each_notebook
def test_the_approved_copy_is_of_this_notebook(path: Path) -> None:
    def source(notebook: nbformat.NotebookNode) -> list[tuple]:
        return [(cell.id, cell.cell_type, cell.source) for cell in notebook.cells]

    assert source(read(APPROVED / path.name)) == source(read(path)), "run make approve"


@each_notebook
def test_the_approved_copy_shows_text_alone(path: Path) -> None:
    approved = read(APPROVED / path.name)
    outputs = [output for cell in code(approved) for output in cell.outputs]
    assert outputs, "nothing would be compared"
    assert all(cell.execution_count for cell in code(approved)), "cells that did not run"
    for output in outputs:
        assert output.output_type != "error"
        assert output.get("name", "stdout") == "stdout"
        assert set(output.get("data", {})) <= {"text/plain"}
    shown = [cell.id for cell in code(approved) if shows(cell) and not cell.outputs]
    assert not shown, f"cells {shown} show nothing"
    assert str(ROOT) not in (APPROVED / path.name).read_text(encoding="utf-8")
