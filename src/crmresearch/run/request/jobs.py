"""Jobs: which report is made from which study, dataset and parameters."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from crmresearch.errors import RequestError
from crmresearch.run.project import did_you_mean, listed, shown

LONGEST = 60  # signs of a key
KEY = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST - 1}}}")
RULE = f"small letters, digits and hyphens, starting with a letter or digit, at most {LONGEST}"
NAMED = 20  # keys that an error names


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


def select(jobs: list[Job], only: Iterable[str], name: str) -> list[Job]:
    """The jobs whose keys are in `only`, or all where it is empty.

    In `only` an asterisk stands for anything: ``brands-*``.
    """
    wanted = list(only)
    keys = [job.key for job in jobs]
    unknown = [word for word in wanted if not any(fnmatchcase(key, word) for key in keys)]
    if unknown:
        has = listed(keys, NAMED, " …")
        raise RequestError(
            "\n".join(
                f"{name} has no report {shown(word)}.{did_you_mean(word, keys)} It has: {has}."
                for word in unknown
            )
        )
    return [job for job in jobs if not wanted or any(fnmatchcase(job.key, word) for word in wanted)]


def checked_key(key: str) -> str:
    """`key`, refused where it could not be a folder's plain name."""
    if not KEY.fullmatch(key):
        raise RequestError(f"the key {shown(key)} is not allowed: {RULE}.")
    return key


def default_key(study: str, data: str) -> str:
    """The key of a report that nobody named: the study and the dataset's own name."""
    words = [study, *re.findall(r"[a-z0-9]+", Path(data).stem.lower())]
    return re.sub(r"[^a-z0-9-]+", "-", "-".join(words).lower())[:LONGEST].strip("-")
