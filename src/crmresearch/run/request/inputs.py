"""What a study reads beside its dataset: parameters marked ``<file>`` or ``<reports>``.

A notebook may compare its data with something else: a table of printed statistics, the reports of
other runs. It declares the parameter in its parameters cell,

    reported: str = ""  # CSV file of printed statistics to check <file>
    runs: str = ""  # folder of published reports to synthesise with this one <reports>

and everything else follows: the path is checked before a kernel starts and handed to it whole, the
reader sees its last name alone, and the hash of every file that will be read is part of what the
report is made from, so that a report is made again when one of them changes. Of a folder of
reports that is what `report.published` reads, and nothing else.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from crmresearch.errors import RequestError
from crmresearch.report import published
from crmresearch.run.project import shown
from crmresearch.run.request.notebooks import Notebook
from crmresearch.run.request.parameters import Value

_WHAT = {"file": "file", "reports": "folder of reports"}


def located(notebook: Notebook, values: Mapping[str, Value], base: Path) -> dict[str, Path]:
    """The whole path of each such parameter that names one; paths are seen from `base`.

    Raises
    ------
    RequestError
        With one line for each that names nothing, or a folder in place of a file.
    """
    found, problems = {}, []
    for name, parameter in notebook.parameters.items():
        text = str(values.get(name, parameter.default)) if parameter.place else ""
        if not text:
            continue
        path = _path(base, text, parameter.place)
        if path is None:
            problems.append(
                f"{notebook.name}: parameter '{name}' names {shown(text)}, but there is no such "
                f"{_WHAT[parameter.place]} that can be read. Correct the path, which is seen from "
                f"{base.name}/."
            )
        else:
            found[name] = path
    if problems:
        raise RequestError("\n".join(problems))
    return found


def read(notebook: Notebook, places: Mapping[str, Path]) -> dict[str, Path]:
    """Every file that the notebook will read of these places, under the name a reader sees."""
    found = {}
    for name, path in places.items():
        if notebook.parameters[name].place == "file":
            found[f"{name}: {path.name}"] = path
        else:
            listed = [item for item in published.files(path) if item.is_file()]
            found |= {f"{name}: {item.parent.name}/{item.name}": item for item in listed}
    return found


def refuse_within(reports: Path, key: str, paths: Iterable[Path]) -> None:
    """Refuse to read what stands where the report is published: it would change as it is made."""
    if any(path.resolve().is_relative_to(reports.resolve()) for path in paths):
        raise RequestError(
            f"report '{key}' would read from {reports.name}/, the folder that it is published to. "
            "Publish the reports to synthesise to a folder of their own, with --reports, and name "
            "that."
        )


def _path(base: Path, text: str, place: str) -> Path | None:
    try:
        path = (base / Path(text).expanduser()).resolve()
        right = path.is_file() if place == "file" else path.is_dir()
    except (OSError, RuntimeError, ValueError):  # a name too long, a home not known, a NUL
        return None
    return path if right and os.access(path, os.R_OK) else None
