"""Small datasets for the tests of reading."""

from pathlib import Path
from types import SimpleNamespace

import pytest

HEADER = "variable,label,type,role,construct,low,high,reverse,missing,values,note\n"
CODEBOOK = HEADER + (
    "id,,id,id,,,,,,,\n"
    "q1,Satisfied,scale,satisfaction,,1,7,,99,,\n"
    "q2,Would leave,scale,loyalty,,1,7,yes,,,\n"
    "segment,Segment,category,segment,,,,,,1=Retail|Einzelhandel; 2=Trade,\n"
)
RESPONSES = "id,q1,q2,segment\nR1,5,2,Retail\nR2,99,3,2\nR3,7,,Einzelhandel\n"
ABOUT = 'title = "Three customers"\n'


def write(
    folder: Path,
    responses: str | bytes = RESPONSES,
    codebook: str = CODEBOOK,
    about: str = ABOUT,
    name: str = "responses.csv",
) -> Path:
    """A dataset folder with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = responses if isinstance(responses, bytes) else responses.encode()
    (folder / name).write_bytes(raw)
    (folder / "codebook.csv").write_text(codebook, encoding="utf-8")
    if about:
        (folder / "about.toml").write_text(about, encoding="utf-8")
    return folder


def one(folder: Path, cells: list[str], row: str, about: str = ABOUT) -> Path:
    """A dataset with the single column ``x``, described by the codebook line `row` after ``x,``."""
    lines = "".join(f'{i},"{cell}"\n' for i, cell in enumerate(cells))
    codebook = HEADER + "n,,id,id,,,,,,,\nx," + row + "\n"
    return write(folder, "n,x\n" + lines, codebook, about)


@pytest.fixture(scope="session")
def small() -> SimpleNamespace:
    """The parts of a small dataset, `write` and `one`."""
    return SimpleNamespace(
        header=HEADER, codebook=CODEBOOK, responses=RESPONSES, about=ABOUT, write=write, one=one
    )
