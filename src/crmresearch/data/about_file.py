"""Read ``about.toml``: where the data come from, and how their file is to be read."""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from crmresearch.data.codebook import DESIGNS, FILE_KEYS, About
from crmresearch.data.file_settings import read_settings
from crmresearch.data.margins import read_margins
from crmresearch.data.paths import read_paths
from crmresearch.data.problems import Problem, listed, meant, quoted
from crmresearch.data.wave_tables import read_waves

_KEYS = tuple(field.name for field in fields(About))
_COUNTS = ("min_cell", "invited", "reached")
_TABLES = {
    "file": read_settings,
    "margins": read_margins,
    "paths": read_paths,
    "wave": read_waves,
}
_MOST_BYTES = 1_000_000


def read_about(path: Path | None, *, title: str) -> tuple[About, list[Problem]]:
    """The description and what is wrong with it; without a file, one with only a `title`."""
    if path is None:
        note = Problem(
            where="about.toml",
            found="there is no such file beside the codebook",
            fix="Without it the data are read as a cross-section of unknown origin.",
            blocks=False,
        )
        return About(title=title), [note]
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is larger than 1 MB")
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        found = f"it cannot be read: {error}".replace(str(path), path.name)
        fix = 'Write it in UTF-8, as lines of the form title = "Customer survey 2026"; '
        fix += "a backslash is written twice."
        return About(title=title), [Problem(where=path.name, found=found, fix=fix)]
    return _describe(given, path.name, title)


def _describe(given: Mapping, where: str, title: str) -> tuple[About, list[Problem]]:
    kept, problems = {}, []
    for key, value in given.items():
        problem = _wrong(key, value)
        if problem:
            found, rule, fix = problem
            problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
        elif key not in _TABLES:
            kept[key] = value
    for key, reader in _TABLES.items():
        if key in given:
            kept[key], more = reader(given[key], where)
            problems += more
    if kept.get("wave") and "name" in kept.get("file", {}):
        found = "[file] has a name and there are [[wave]] tables"
        rule, fix = "each wave names its own file", "Take the name out of [file]."
        problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
    if "title" not in given:
        problems.append(
            Problem(where=where, found="it has no title", fix='Add a line title = "…" to it.')
        )
    return About(**{"title": title, **kept}), problems


def _wrong(key: str, value: object) -> tuple[str, str, str] | None:
    """What was found, the rule and the fix where `key` may not hold `value`."""
    if key not in _KEYS:
        fix = f"It may hold {listed(_KEYS, most=20)}.{meant(key, _KEYS)}"
        if key in FILE_KEYS:
            fix = "Put it below a line [file]."
        return f"found the key {quoted(key)}", "there is no such key", fix
    if key in _COUNTS:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            rule = "it must be a whole number of 1 or more"
            return f"{key} is {quoted(str(value))}", rule, "Correct it."
    elif key == "file":
        if not isinstance(value, Mapping):
            fix = 'Write it as a table: a line [file], then lines such as delimiter = ";".'
            return "file is not a table", "it must be one", fix
    elif key in _TABLES:
        return None
    elif not isinstance(value, str):
        return f"{key} is {quoted(str(value))}", "it must be text", "Put it in quotation marks."
    elif key == "design" and value not in DESIGNS:
        fix = f"Choose one of {', '.join(DESIGNS)}.{meant(value, DESIGNS)}"
        return f"design is {quoted(value)}", "there is no such design", fix
    return None
