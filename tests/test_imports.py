"""The rooms of the package keep to their arrows, their libraries and their size.

cli -> run -> study -> {methods, data, report}, and run -> compare -> {methods, report}. Imports are
read from the source, also those inside functions, so that a late import is no way around.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "crmresearch"
MODULES = {
    ".".join(("crmresearch", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
SHARED = {"cli", "run", "compare", "validation", "methods", "data", "report", "errors"}
STUDIES = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - SHARED
MAY_IMPORT = {
    "": set(),
    "__main__": {"cli"},
    "errors": set(),
    "data": {"errors"},
    "report": {"errors"},
    "methods": {"errors", "report"},
    **{study: {"errors", "data", "methods", "report"} for study in STUDIES},
    "validation": {"errors", "data", "methods", "report", *STUDIES},
    "compare": {"errors", "methods", "report"},
    "run": {"errors", "compare", "data", "methods", "report", "validation", *STUDIES},
    "cli": {"errors", "data", "report", "run", "validation"},
}
PLOTTING = {"matplotlib", "seaborn", "PIL"}
STATISTICS = {"scipy", "statsmodels", "pingouin", "sklearn", "stepmix"}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[str]:
    """Full names of everything that the source of `module` imports, wherever it stands."""
    for node in ast.walk(tree(MODULES[module])):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                folder = module.split(".")
                up = node.level - (MODULES[module].name == "__init__.py")
                base = ".".join([*folder[: len(folder) - up], *filter(None, [base])])
            yield from (f"{base}.{name.name}" for name in node.names)


@cache
def own_modules(module: str) -> set[str]:
    """The project's modules among the imports of `module`; a name in a module counts as it."""
    found = set()
    for name in imported(module):
        while name.startswith("crmresearch"):
            if name in MODULES:
                found.add(name)
                break
            name = name.rpartition(".")[0]
    return found


def libraries(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imported(module)}


def reached(module: str) -> set[str]:
    """`module` and every module of the project that importing it runs."""
    found, waiting = set(), [module]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(own_modules(current))
            waiting.extend(filter(None, [current.rpartition(".")[0]]))  # its package runs first
    return found


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def computes(module: str) -> bool:
    """Whether a module is one that computes: no drawing, and nothing that draws behind it."""
    own = room(module) in {"data", "methods"} or room(module) in STUDIES
    return own and "figures" not in module.split(".")


@pytest.mark.parametrize("module", MODULES)
def test_imports_follow_the_arrows(module: str) -> None:
    own = room(module)
    assert own in MAY_IMPORT, f"{module} stands outside the known rooms"
    wrong = {
        other for other in own_modules(module) if room(other) not in MAY_IMPORT[own] | {own, ""}
    }
    assert not wrong, f"{module} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("module", [name for name in MODULES if computes(name)])
def test_what_computes_reaches_no_plotting(module: str) -> None:
    wrong = {name: libraries(name) & PLOTTING for name in reached(module)}
    wrong = {name: found for name, found in wrong.items() if found}
    assert not wrong, f"{module} reaches plotting through {wrong}"


@pytest.mark.parametrize(
    "module",
    [name for name in MODULES if {"figures", "headlines", "plots"}.intersection(name.split("."))],
)
def test_what_draws_or_words_computes_no_statistics(module: str) -> None:
    wrong = libraries(module) & STATISTICS
    wrong |= {name for name in own_modules(module) if room(name) == "methods"}
    assert not wrong, f"{module} must not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_functions_stay_small(module: str) -> None:
    path = MODULES[module]
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}, "name what it holds"
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 300, f"{module} has {lines} lines"
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        f"{node.name} ({code_lines(node)} lines)"
        for node in ast.walk(tree(path))
        if isinstance(node, functions) and code_lines(node) > 40
    }
    assert not long, f"{module} has long functions: {', '.join(sorted(long))}"


def code_lines(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    text = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - text


def test_the_graph_is_read_at_all() -> None:
    """The checks above would pass on an empty graph."""
    assert "crmresearch.errors" in reached("crmresearch.cli")
    assert "matplotlib" in libraries("crmresearch.report.style")
    assert {"survey", "recovery", "archetypes"} <= STUDIES
