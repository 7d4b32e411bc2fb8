"""What the warm parent imports: what the cells of the notebooks import, and what runs did late."""

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from crmresearch.run.request.notebooks import Notebook

KEPT = Path(".build", "warm.json")  # notebook to the modules that its runs imported late


def import_statements(notebooks: Iterable[Notebook]) -> list[str]:
    """The import statements of all code cells, each once, in the order of the cells."""
    found: dict[str, None] = {}
    for notebook in notebooks:
        for cell in notebook.content["cells"]:
            if cell["cell_type"] == "code":
                found |= dict.fromkeys(_imports("".join(cell["source"])))
    return list(found)


def _imports(source: str) -> list[str]:
    lines = (line for line in source.splitlines() if not line.lstrip().startswith(("%", "!")))
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:  # the cell itself tells of it
        return []
    kinds = (ast.Import, ast.ImportFrom)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds)]
    return [ast.unparse(node) for node in sorted(found, key=lambda node: node.lineno)]


def read_late(root: Path, notebooks: Iterable[Notebook]) -> dict[str, set[str]]:
    """The modules that earlier runs imported after their import cells, by notebook's name."""
    kept = _read(root)
    return {notebook.name: set(kept.get(_key(notebook), [])) for notebook in notebooks}


def keep_late(root: Path, notebooks: Iterable[Notebook], late: Mapping[str, set[str]]) -> None:
    """Remember for the next batch what runs imported late, by notebook's name."""
    names = set(late)
    kept = {key: value for key, value in _read(root).items() if key.partition(" ")[0] not in names}
    kept |= {_key(notebook): sorted(late[notebook.name]) for notebook in notebooks}
    path = root / KEPT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _key(notebook: Notebook) -> str:
    return f"{notebook.name} {notebook.sha256}"  # a notebook that changes is learnt anew


def _read(root: Path) -> dict[str, list[str]]:
    try:
        kept = json.loads((root / KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {key: names for key, names in kept.items() if _are_names(names)}


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)
