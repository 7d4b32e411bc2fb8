"""The folder: responses, codebook, description and the README with the known truth."""

import csv
import io
from pathlib import Path

import pandas as pd

from crmresearch.data.codebook import COLUMNS
from crmresearch.data.simulate.columns import codebook
from crmresearch.data.simulate.constants import POPULATION, SEGMENTS, STAKEHOLDERS

ABOUT = """\
title = "Business customers of three telecom providers (simulated)"
source = "Simulated by crmresearch.data.simulate; no real customer, account or provider."
licence = "CC0-1.0"
population = "Contacts at business customers of Aster, Boreal and Cirrus"
unit = "contact"
collected = "January 2025 to December 2026, in every month"
design = "cross-section"
weights = "Population share over sample share of the segment, in each brand and wave."
min_cell = 10
invited = 9600
reached = 8350
paths = [
  "network -> satisfaction",
  "service -> satisfaction",
  "price -> satisfaction",
  "billing -> satisfaction",
  "website -> satisfaction",
  "satisfaction -> trust, loyalty, recommend",
  "trust -> loyalty",
]
"""


def _table(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _about() -> str:
    labels = {"stakeholder": STAKEHOLDERS, "segment": SEGMENTS}
    lines = []
    for variable, shares in POPULATION.items():
        lines += ["", f"[margins.{variable}]"]
        pairs = zip(labels[variable], shares, strict=True)
        lines += [f"{label} = {share:.2f}" for label, share in pairs]
    return ABOUT + "\n".join(lines) + "\n"


def render(responses: pd.DataFrame, readme: str) -> dict[str, bytes]:
    """Every file of the folder, by name."""
    return {
        "responses.csv": _table(responses.to_dict("records"), list(responses.columns)),
        "codebook.csv": _table(codebook(), list(COLUMNS)),
        "about.toml": _about().encode(),
        "README.md": readme.encode(),
    }


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write them, making the folder where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
