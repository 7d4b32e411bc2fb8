"""`reports.toml` and files like it: what is to be reported on, as it is written down.

An entry asks for one report, or for many: a list of studies or datasets, `by` for each part of the
respondents that the data hold, several tables of parameters, a grid of their values. What it comes
to is worked out in `grids`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crmresearch.errors import RequestError
from crmresearch.run.project import did_you_mean, shown
from crmresearch.run.request.jobs import KEY, RULE

_MANY = ("study", "data", "by")  # a text or a list of texts
_TEXTS = ("key", "codebook", "title")
_FIELDS = ("key", "study", "data", "codebook", "title", "by", "parameters", "grid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One ``[[report]]`` table.

    Parameters
    ----------
    key : of its report, or what the keys of its reports begin with
    studies, data : at least one each; the data empty for the notebook's own
    codebook : path of a codebook that is not beside the data
    title : in place of the notebook's
    by : roles or variables; one report for each combination of their answers in the data
    parameters : tables of parameters, one report for each
    grid : name to values, one report for each combination
    """

    key: str
    studies: tuple[str, ...]
    data: tuple[str, ...] = ("",)
    codebook: str = ""
    title: str = ""
    by: tuple[str, ...] = ()
    parameters: tuple[Mapping[str, object], ...] = ({},)
    grid: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    @property
    def names_datasets(self) -> bool:
        """Whether it can come to several datasets, listed or matched by a pattern."""
        return len(self.data) > 1 or is_pattern(self.data[0])

    @property
    def varies(self) -> bool:
        """Whether its reports differ in their parameters."""
        return len(self.parameters) > 1 or bool(self.grid)

    def holds(self, key: str) -> bool:
        """Whether a report of this key can be one of the entry's."""
        return key == self.key or key.startswith(f"{self.key}-")


def is_pattern(data: str) -> bool:
    """Whether a dataset is named by a pattern such as ``waves/*.csv``."""
    return not {"*", "?"}.isdisjoint(data)


def read_listing(path: Path) -> list[Entry]:
    """The entries of the file at `path`, in its order.

    Raises
    ------
    RequestError
        With every problem of the file: what was found, the rule, the nearest known name.
    """
    tables = _tables(path)
    problems = [
        f"{path.name}, report {number}: {problem}"
        for number, table in enumerate(tables, 1)
        for problem in _problems(table)
    ]
    keys = [table.get("key") for table in tables if isinstance(table, dict)]
    problems += [
        f"{path.name}: the key {shown(key)} stands in {keys.count(key)} reports; "
        "every report needs its own."
        for key in dict.fromkeys(keys)
        if isinstance(key, str) and keys.count(key) > 1
    ]
    if problems:
        raise RequestError("\n".join(problems))
    return [_entry(table) for table in tables]


def _tables(path: Path) -> list:
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise RequestError(f"{path.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise RequestError(f"{path.name} is not UTF-8 text (byte {error.start}).") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path.name} is not TOML: {error}.") from None
    problems = [
        f"{path.name}: unknown key {shown(key)}; only [[report]] tables may stand in it, and "
        "history = false above them."
        for key in content
        if key not in ("report", "history")
    ]
    if not isinstance(content.get("history", False), bool):
        problems.append(f"{path.name}: 'history' takes true or false.")
    if problems:
        raise RequestError("\n".join(problems))
    tables = content.get("report", [])
    if not isinstance(tables, list) or not tables:
        raise RequestError(f"{path.name} lists no report: add a table that begins with [[report]].")
    return tables


def _entry(table: Mapping) -> Entry:
    parameters = table.get("parameters", {})
    return Entry(
        studies=_several(table["study"]),
        data=_several(table.get("data", "")),
        by=_several(table.get("by", [])),
        parameters=tuple(parameters) if isinstance(parameters, list) else (parameters,),
        grid={name: tuple(values) for name, values in table.get("grid", {}).items()},
        **{name: table[name] for name in _TEXTS if name in table},
    )


def _several(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _problems(table: object) -> list[str]:
    if not isinstance(table, dict):
        return ["write it as a table that begins with [[report]]."]
    found = [
        f"unknown key {shown(key)}.{did_you_mean(key, _FIELDS)} It may have: {', '.join(_FIELDS)}."
        for key in table
        if key not in _FIELDS
    ]
    found += [f"'{key}' is missing." for key in ("key", "study") if key not in table]
    for name in (*_TEXTS, *_MANY):
        if name in table:
            found += _text_problems(name, table[name])
    return found + _parameter_problems(table)


def _text_problems(name: str, value: object) -> list[str]:
    many = name in _MANY and isinstance(value, list)
    texts = value if many else [value]
    if not texts:
        return [f"'{name}' is an empty list; name at least one, or leave it out."]
    wrong = [text for text in texts if not isinstance(text, str)]
    if wrong:
        kind = "text, or a list of texts" if name in _MANY else "text"
        return [f"'{name}' takes {kind}, not {shown(wrong[0])}."]
    if any(ord(sign) < 32 or ord(sign) == 127 for text in texts for sign in text):
        return [f"'{name}' holds a control character: {shown(value)}."]
    twice = [text for text in dict.fromkeys(texts) if texts.count(text) > 1]
    if twice:
        return [f"'{name}' names {shown(twice[0])} twice."]
    if name == "key" and not KEY.fullmatch(value):
        return [f"the key {shown(value)} is not allowed: {RULE}."]
    return []


def _parameter_problems(table: Mapping) -> list[str]:
    parameters, grid = table.get("parameters", {}), table.get("grid", {})
    sets = parameters if isinstance(parameters, list) else [parameters]
    if not sets or not all(isinstance(item, dict) for item in sets):
        return [
            "'parameters' takes a table, such as parameters = { level = 0.9 }, or a list of tables "
            "for a report each."
        ]
    if any(sets.count(item) > 1 for item in sets):
        return ["'parameters' lists the same table twice."]
    if not isinstance(grid, dict) or not all(isinstance(x, list) and x for x in grid.values()):
        return ["'grid' takes a table of lists, such as grid = { level = [0.9, 0.95] }."]
    return [
        f"'{name}' stands in both parameters and grid; keep one."
        for name in grid
        if any(name in item for item in sets)
    ] + [
        f"'grid' gives {shown(name)} the same value twice."
        for name, values in grid.items()
        if any(values.count(value) > 1 for value in values)
    ]
