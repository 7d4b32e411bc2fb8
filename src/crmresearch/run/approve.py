"""Approved notebooks: the text that every notebook shows on the data that ship with the project.

``tests/approved/`` holds one executed copy of each notebook with its text outputs alone. The tests
run the copies again and compare, so a change that moves a number fails until it is approved, and
then shows in review as the line of text that changed. Notebooks are run with the defaults of
their parameters, never on a researcher's own data.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from crmresearch.errors import UserError
from crmresearch.run.disk import write_whole
from crmresearch.run.kernels.running import execute
from crmresearch.run.project import find_root, notebook_path, relative, studies
from crmresearch.run.request.notebooks import read_notebook

FOLDER = Path("tests", "approved")
TEXT = "text/plain"


def approve(only: Iterable[str] = (), *, root: Path | None = None) -> list[Path]:
    """Run the notebooks and write what they show, as text; returns the files that changed.

    Parameters
    ----------
    only : names of studies; every notebook unless given
    root : the project's folder; found from the working folder unless given

    Raises
    ------
    UserError
        With every notebook that failed or warned; the approved copies of those stay as they were.
    """
    root = root or find_root()
    wanted = list(only) or studies(root)
    changed, problems = [], []
    for study in wanted:
        path = root / FOLDER / f"{study}.ipynb"
        try:
            text = _executed(root, study)
        except UserError as error:
            problems.append(str(error))
            continue
        if _replace(path, text):
            changed.append(path)
    changed += _without_notebook(root)
    if problems:
        raise UserError("\n\n".join(problems))
    return changed


def as_text(notebook: Mapping, name: str) -> Mapping:
    """`notebook` with nothing but text outputs; changes it in place.

    A notebook that writes to stderr is refused: its reader would see a warning that nobody meant.
    """
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.outputs:
            if output.get("name") == "stderr":
                raise UserError(f"{name}, cell '{cell.id}' wrote to stderr:\n{output.text.strip()}")
            if "data" in output:
                output["data"] = {key: output.data[key] for key in output.data if key == TEXT}
                output["metadata"] = {}
            if output.get("data", True):
                kept.append(output)
        cell["outputs"] = kept
    return notebook


def _executed(root: Path, study: str) -> str:
    import nbformat

    source = read_notebook(notebook_path(root, study))
    notebook, _ = execute(source, {}, shown={}, folder=root / "notebooks")
    return nbformat.writes(as_text(notebook, relative(root / source.name, root))) + "\n"


def _replace(path: Path, text: str) -> bool:
    """Write `text` unless it stands there already."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
    return True


def _without_notebook(root: Path) -> list[Path]:
    """Remove the approved copies whose notebook is gone."""
    known = set(studies(root))
    gone = [path for path in (root / FOLDER).glob("*.ipynb") if path.stem not in known]
    for path in gone:
        path.unlink()
    return gone
