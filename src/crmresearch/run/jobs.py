"""Jobs: which report is made from which study, dataset and parameters."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crmresearch.errors import RequestError
from crmresearch.run.project import did_you_mean, shown

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_RULE = "small letters, digits and hyphens, starting with a letter or digit, at most 60"
_TEXTS = ("key", "study", "data", "codebook", "title")
_ENTRY = (*_TEXTS, "parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One report to make.

    Parameters
    ----------
    key : the report's folder in the site
    study : a notebook's stem
    data : the name of a folder under ``data/`` or a path; empty for the notebook's own default
    codebook : path of a codebook that is not beside the data
    title : the report's title, in place of the notebook's
    parameters : name to value, as the request gave them
    """

    key: str
    study: str
    data: str = ""
    codebook: str = ""
    title: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)


def read_jobs(path: Path) -> list[Job]:
    """The reports that a ``reports.toml`` lists, in its order.

    Raises
    ------
    RequestError
        With every problem of the file: what was found, the rule, the nearest known name.
    """
    entries = _entries(path)
    problems = [
        f"{path.name}, report {number}: {problem}"
        for number, entry in enumerate(entries, 1)
        for problem in _problems(entry)
    ]
    keys = [entry.get("key") for entry in entries if isinstance(entry, dict)]
    problems += [
        f"{path.name}: the key {shown(key)} stands in {keys.count(key)} reports; "
        "every report needs its own."
        for key in dict.fromkeys(keys)
        if isinstance(key, str) and keys.count(key) > 1
    ]
    if problems:
        raise RequestError("\n".join(problems))
    return [Job(**entry) for entry in entries]


def select(jobs: list[Job], only: list[str], name: str) -> list[Job]:
    """The jobs whose keys are in `only`, or all where it is empty."""
    keys = [job.key for job in jobs]
    unknown = [key for key in only if key not in keys]
    if unknown:
        raise RequestError(
            "\n".join(
                f"{name} has no report {shown(key)}.{did_you_mean(key, keys)} "
                f"It has: {', '.join(keys)}."
                for key in unknown
            )
        )
    return [job for job in jobs if not only or job.key in only]


def checked_key(key: str) -> str:
    """`key`, refused where it could not be a folder's plain name."""
    if not _KEY.fullmatch(key):
        raise RequestError(f"the key {shown(key)} is not allowed: {_RULE}.")
    return key


def default_key(study: str, data: str) -> str:
    """The key of a report that nobody named: the study and the dataset's own name."""
    words = [study, *re.findall(r"[a-z0-9]+", Path(data).stem.lower())]
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(words).lower())[:60].strip("-")


def _entries(path: Path) -> list:
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise RequestError(f"{path.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise RequestError(f"{path.name} is not UTF-8 text (byte {error.start}).") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path.name} is not TOML: {error}.") from None
    unknown = [key for key in content if key != "report"]
    if unknown:
        raise RequestError(
            "\n".join(
                f"{path.name}: unknown key {shown(key)}; only [[report]] tables may stand in it."
                for key in unknown
            )
        )
    entries = content.get("report", [])
    if not isinstance(entries, list) or not entries:
        raise RequestError(f"{path.name} lists no report: add a table that begins with [[report]].")
    return entries


def _problems(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["write it as a table that begins with [[report]]."]
    found = [
        f"unknown key {shown(key)}.{did_you_mean(key, _ENTRY)} It may have: {', '.join(_ENTRY)}."
        for key in entry
        if key not in _ENTRY
    ]
    found += [f"'{key}' is missing." for key in ("key", "study") if key not in entry]
    for key in _TEXTS:
        value = entry.get(key, "")
        if not isinstance(value, str):
            found.append(f"'{key}' takes text, not {shown(value)}.")
        elif any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            found.append(f"'{key}' holds a control character: {shown(value)}.")
        elif key == "key" and "key" in entry and not _KEY.fullmatch(value):
            found.append(f"the key {shown(value)} is not allowed: {_RULE}.")
    if not isinstance(entry.get("parameters", {}), dict):
        found.append("'parameters' takes a table, such as parameters = { level = 0.9 }.")
    return found
