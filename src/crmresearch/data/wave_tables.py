"""The ``[[wave]]`` tables of ``about.toml``: a dataset whose waves stand in files of their own."""

from collections.abc import Mapping
from pathlib import Path

from crmresearch.data.codebook import FILE_KEYS, WAVE_KEYS, Wave
from crmresearch.data.file_settings import setting_fault
from crmresearch.data.problems import Problem, listed, meant, quoted

_FORM = 'Write for each file a line [[wave]], then label = "2026" and file = "answers_2026.csv".'
_REQUIRED = ("label", "file")


def read_waves(given: object, where: str) -> tuple[tuple[Wave, ...], list[Problem]]:
    """The waves that can be read, and everything that is wrong with any."""
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        rule = "every wave is a table of its own"
        return (), [Problem(where=where, found="found wave = …", rule=rule, fix=_FORM)]
    waves, problems = [], []
    for place, table in enumerate(given, start=1):
        faults = [
            Problem(where=where, found=f"[[wave]] {place}: {found}", rule=rule, fix=fix)
            for found, rule, fix in _faults(table)
        ]
        problems += faults
        if not faults:
            settings = {key: value for key, value in table.items() if key in FILE_KEYS}
            named = {key: table[key] for key in ("label", "file", "codebook") if key in table}
            waves.append(Wave(**named, settings=settings))
    for what in ("label", "file"):
        names = [getattr(wave, what) for wave in waves]
        for name in dict.fromkeys(name for name in names if names.count(name) > 1):
            found = f"{names.count(name)} waves have the {what} {quoted(name)}"
            fix = f"Give each wave its own {what}."
            problems.append(Problem(where=where, found=found, fix=fix))
    return tuple(waves), problems


def _faults(table: Mapping) -> list[tuple[str, str, str]]:
    faults = [
        (f"the {key} is missing", "a wave needs a label and a file", _FORM)
        for key in _REQUIRED
        if key not in table
    ]
    for key, value in table.items():
        found = f"{key} is {quoted(str(value))}"
        if key not in WAVE_KEYS:
            fix = f"It may hold {listed(WAVE_KEYS)}.{meant(key, WAVE_KEYS)}"
            faults.append((f"found the key {quoted(key)}", "there is no such key", fix))
        elif key in FILE_KEYS:
            if fault := setting_fault(key, value):
                faults.append((found, *fault))
        elif not isinstance(value, str) or not value.strip():
            faults.append((found, "it must be text", "Put it in quotation marks."))
        elif key != "label" and (Path(value).name != value or "\\" in value):
            rule = "it must be a file of the dataset's own folder"
            faults.append((found, rule, "Leave out the folder."))
    return faults
