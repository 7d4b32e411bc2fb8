"""Published reports read back: the estimates that other runs have published.

A folder of reports holds a folder for each. Of each only the two files in `READ` are read, the
same that a run takes into the hash of what its report is made from. They may come from anywhere,
so nothing in them is trusted: what does not keep the form that `report.page` writes is refused.
"""

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crmresearch.errors import DataError
from crmresearch.report.downloads import FORMULA_STARTS
from crmresearch.report.estimates import FIELDS, NAN, Estimate

READ = ("report.json", "estimates.csv")
LARGEST = 20_000_000  # bytes of one file
MOST = 1_000  # reports in a folder
_TEXT = ("key", "name", "unit", "method", "group", "study")
_WHOLE = ("n", "n_dropped")
RULE = "a report that crmresearch published keeps that form"
FIX = "Publish the report again, or take its folder away."


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a published report says of itself, and its estimates.

    `data` is the title of its dataset and `data_sha256` the hash of the data, empty where the
    report was published before it was kept.
    """

    key: str
    study: str
    data: str
    data_sha256: str
    estimates: list[Estimate]


def files(folder: Path) -> list[Path]:
    """The files that `published` reads of `folder`, in order; those that are missing too."""
    found = sorted(
        item
        for item in folder.iterdir()
        if not item.name.startswith(".")
        and item.is_dir()
        and any((item / name).exists() for name in READ)
    )
    return [item / name for item in found for name in READ]


def published(folder: Path) -> list[Published]:
    """Every report in `folder`, in the order of their folders.

    Raises
    ------
    DataError
        With every problem found: a folder without reports, a file that is missing, too large, a
        link to elsewhere or not of the form that is published, or two reports of the same data
        and study.
    """
    reports: list[Published] = []
    problems: list[str] = []
    paths = files(folder) if folder.is_dir() else []
    if not paths:
        problems.append(
            f"{folder.name}: found no report but it must hold the folders of published reports. "
            "Name the folder that holds them."
        )
    if len(paths) > MOST * len(READ):
        problems.append(
            f"{folder.name}: found {len(paths) // len(READ):,} reports but at most {MOST:,} are "
            "read. Name a folder with fewer."
        )
        paths = []
    for path in paths[::2]:
        try:
            report, about = read_report(folder, path.parent.name)
        except ValueError as error:
            problems.append(f"{error} but {RULE}. {FIX}")
        else:
            reports += [] if about.get("kind") else [report]  # a comparison is not one of them
    problems += _twice(reports)
    if problems:
        lines = "".join(f"\n  {number}. {text}" for number, text in enumerate(problems, 1))
        raise DataError(f"{len(problems)} problem(s) with the published reports:{lines}")
    return reports


def read_report(folder: Path, key: str) -> tuple[Published, Mapping]:
    """The report `key` of `folder`, and everything that its ``report.json`` says.

    Raises
    ------
    ValueError
        Where a file is missing, too large, a link to elsewhere or not of the form of ours.
    """
    where = f"{key}/{READ[0]}"
    content = read_json(folder, folder / key / READ[0])
    names = ("key", "study", "data")
    if not isinstance(content, dict) or not all(
        isinstance(content.get(name), str) for name in names
    ):
        raise ValueError(f"{where}: found no text under {', '.join(names)}")
    sha256 = content.get("data_sha256", "")
    report = Published(
        key=key,
        study=content["study"],
        data=content["data"],
        data_sha256=sha256 if isinstance(sha256, str) else "",
        estimates=read_estimates(_text(folder, folder / key / READ[1]), f"{key}/{READ[1]}"),
    )
    return report, content


def read_json(folder: Path, path: Path) -> object:
    """What the JSON file of a report holds; a ValueError, as `read_report`, where it cannot be."""
    try:
        return json.loads(_text(folder, path))
    except (json.JSONDecodeError, RecursionError):
        raise ValueError(f"{path.parent.name}/{path.name}: found what is not JSON") from None


def read_estimates(text: str, where: str) -> list[Estimate]:
    """The estimates that the `text` of the file `where` holds; a ValueError, as `read_report`."""
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except (csv.Error, ValueError):
        raise ValueError(f"{where}: found no table") from None
    if header != list(FIELDS):
        raise ValueError(f"{where}: found other columns than {', '.join(FIELDS)}")
    found: dict[tuple[str, str], Estimate] = {}
    for number, row in enumerate(rows, start=2):
        if len(row) != len(FIELDS):
            raise ValueError(f"{where}, row {number}: found {len(row)} cells of {len(FIELDS)}")
        try:
            item = Estimate(**_fields(dict(zip(FIELDS, row, strict=True))))
        except (ValueError, OverflowError) as error:
            raise ValueError(
                f"{where}, row {number}: found what is no estimate ({error})"
            ) from None
        if (item.key, item.group) in found:
            raise ValueError(f"{where}, row {number}: found a second estimate of one key and group")
        found[item.key, item.group] = item
    return list(found.values())


def _fields(row: dict[str, str]) -> dict:
    """The cells of a row as the fields of an `Estimate`."""
    made: dict = {}
    for field, cell in row.items():
        if field in _TEXT:
            guarded = cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS)
            made[field] = cell[1:] if guarded else cell
        elif field in _WHOLE:
            made[field] = int(cell) if cell else 0
        elif field == "randomised":
            made[field] = cell == "True"
        else:
            made[field] = float(cell) if cell else NAN
            if math.isinf(made[field]):
                raise ValueError(f"{field} is not finite")
    if made["n"] < 0 or made["n_dropped"] < 0:
        raise ValueError("n is below 0")
    return made


def _text(folder: Path, path: Path) -> str:
    where = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        raise ValueError(f"{where}: found no such file")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{where}: found a link out of the folder")
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"{where}: found more than {LARGEST:,} bytes")
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ValueError(f"{where}: found a file that cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{where}: found what is not UTF-8 (byte {error.start})") from None


def _twice(reports: list[Published]) -> list[str]:
    """Two reports of one study on the same data would be counted as two studies."""
    first: dict[tuple[str, str], str] = {}
    problems = []
    for item in reports:
        if not item.data_sha256:
            continue
        other = first.setdefault((item.study, item.data_sha256), item.key)
        if other != item.key:
            problems.append(
                f"{item.key}: found the same data as in {other} but a synthesis counts every "
                "dataset once. Keep one of the two."
            )
    return problems
