"""A small project to run: its notebooks need no data unless a test gives them some."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

PARAMETERS = """\
level: float = 0.95  # confidence level of every interval [0.5, 0.999]
seed: int = 1  # seed of every random step [0, 100]
rule: str = "mean"  # what is computed {mean, median}
quick: bool = False  # fewer draws
"""
DATA = 'data: str = "small"  # a folder under data/\ncodebook: str = ""  # path of a codebook\n'
WITH_ONLY = """\
data: str = "small"  # a folder under data/
codebook: str = ""  # path of the codebook
only: str = ""  # part of the respondents
level: float = 0.95  # confidence level [0.5, 0.999]
"""
BOOK = """\
variable,label,type,role,construct,low,high,reverse,missing,values
brand,Brand,category,brand,,,,,,Aster; A & B; A-B; Ωmega
wave,Wave,category,wave,,,,,,2025; 2026
answer,Answer,scale,satisfaction,,1,7,,,
"""


def cell(name: str, kind: str, source: str, *tags: str) -> dict:
    made = {"cell_type": kind, "id": name, "metadata": {}, "source": source}
    if tags:
        made["metadata"]["tags"] = list(tags)
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def notebook(*sources: str, parameters: str = PARAMETERS) -> dict:
    """A notebook of a title, its parameters and one code cell a source."""
    return {
        "cells": [
            cell("title", "markdown", "# A small study\n\n**Question.** Does it run?"),
            cell("parameters", "code", parameters, "parameters"),
            *(cell(f"part-{number}", "code", text) for number, text in enumerate(sources)),
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@pytest.fixture
def new_notebook() -> Callable[..., dict]:
    return notebook


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a study `tiny` and a reports.toml that lists it; the working folder."""
    root = tmp_path / "project"
    (root / "notebooks").mkdir(parents=True)
    (root / "reports.toml").write_text('[[report]]\nkey = "tiny"\nstudy = "tiny"\n')
    monkeypatch.chdir(root)
    write(root, "tiny", notebook("level"))
    return root


@pytest.fixture
def add(small: Path) -> Callable[[str, Mapping | str | bytes], Path]:
    """Adds a notebook to the small project: its content, or the bytes of its file."""
    return lambda name, content: write(small, name, content)


def write(root: Path, name: str, content: Mapping | str | bytes) -> Path:
    path = root / "notebooks" / f"{name}.ipynb"
    if isinstance(content, Mapping):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def small_data(small: Path) -> Path:
    """A dataset folder of the small project: ten people, one answer each."""
    folder = small / "data" / "small"
    folder.mkdir(parents=True)
    (folder / "responses.csv").write_text(
        "who,answer\n" + "".join(f"{number},{number % 7 + 1}\n" for number in range(1, 11))
    )
    (folder / "codebook.csv").write_text(
        "variable,label,type,role,construct,low,high,reverse,missing,values\n"
        "who,Respondent,id,id,,,,,,\n"
        "answer,Satisfaction,scale,satisfaction,,1,7,,,\n"
    )
    (folder / "about.toml").write_text('title = "Ten people"\n')
    return folder


@pytest.fixture
def brands(small, add, new_notebook):
    """Four brands in two waves, twelve answers each, but for three of `Ωmega` in 2026."""
    folder = small / "data" / "small"
    folder.mkdir(parents=True)
    rows = [
        f"{brand},{wave},{number % 7 + 1}"
        for brand in ("Aster", "A & B", "A-B", "Ωmega")
        for wave in ("2025", "2026")
        for number in range(3 if (brand, wave) == ("Ωmega", "2026") else 12)
    ]
    (folder / "responses.csv").write_text("brand,wave,answer\n" + "\n".join(rows) + "\n")
    (folder / "codebook.csv").write_text(BOOK)
    (folder / "about.toml").write_text('title = "Four brands"\n')
    add("tiny", new_notebook("level", parameters=WITH_ONLY))
    add("other", new_notebook("level", parameters=WITH_ONLY))
    return small


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notebooks are not run: what a kernel would have been asked for is listed here instead."""
    import nbformat

    from crmresearch.run.batch import making
    from crmresearch.run.kernels.limits import Used

    asked: list[str] = []

    def execute(notebook, values, **options):
        asked.append(notebook.name)
        return nbformat.from_dict(dict(notebook.content)), Used()

    monkeypatch.setattr(making, "execute", execute)
    return asked
