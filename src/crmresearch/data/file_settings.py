"""How a file is to be read, as ``about.toml`` declares it: delimiter, encoding and the like."""

import codecs
from collections.abc import Mapping
from pathlib import Path

from crmresearch.data.codebook import FILE_KEYS
from crmresearch.data.problems import Problem, listed, meant, quoted


def read_settings(given: object, where: str) -> tuple[dict[str, str], list[Problem]]:
    """The settings below ``[file]`` that can be used, and what is wrong with the others."""
    if not isinstance(given, Mapping):
        return {}, []
    kept, problems = {}, []
    for key, value in given.items():
        fault = setting_fault(key, value)
        if fault:
            rule, fix = fault
            found = f"[file] {key} is {quoted(str(value))}"
            problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
        else:
            kept[key] = value
    return kept, problems


def setting_fault(key: str, value: object) -> tuple[str, str] | None:
    """The rule that a setting breaks, and the fix; None where it can be used."""
    if key not in FILE_KEYS:
        fix = f"[file] may hold {listed(FILE_KEYS)}.{meant(key, FILE_KEYS)}"
        return "there is no such key", fix
    if not isinstance(value, str) or not value:
        return "it must be text", "Put it in quotation marks."
    if key == "delimiter" and (len(value.encode()) != 1 or value in '"\r\n'):
        return "it must be one sign", r'Write for instance ";" or "," or "\t" or "|".'
    if key == "decimal" and value not in (".", ","):
        return "it must be a point or a comma", 'Write "." or ",".'
    if key == "name" and (Path(value).name != value or value in (".", "..") or "\\" in value):
        return "it must be a file of the dataset's own folder", "Leave out the folder."
    if key == "encoding":
        try:
            known = codecs.lookup(value)._is_text_encoding
        except (LookupError, ValueError):
            known = False
        if not known:
            fix = 'Write for instance "utf-8", "cp1252" (Windows), "latin-1" or "utf-16".'
            return "there is no such encoding", fix
    return None
