"""How a part of the respondents is written: ``brand = Northwind; wave = 2025``."""

import json
import re
from collections.abc import Mapping

from crmresearch.data.problems import quoted
from crmresearch.errors import RequestError

_FORM = "Write it as brand = Northwind; wave = 2025"
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[^;="]+|[;="]', re.DOTALL)
_SIGNS = set(';="')


def parse(text: str) -> dict[str, str]:
    """Names of roles or variables to the answer asked for; empty for an empty text.

    A name or answer that holds ``;``, ``=`` or ``"``, or blanks at its ends, stands in double
    quotation marks. Within these a backslash stands before a ``"`` or another backslash that
    belongs to it, and JSON's other escapes are read as well.

    Raises
    ------
    RequestError
        With every condition that is not of that form, or names something a second time.
    """
    mapping: dict[str, str] = {}
    faults = []
    for pieces in _conditions(text):
        words = [piece.strip() for piece in pieces if piece.strip()]
        found = quoted("".join(pieces).strip(), length=120)
        if len(words) != 3 or words[1] != "=" or {words[0], words[2]} & _SIGNS:
            faults.append(
                f"{found} names no part of the respondents: it must be a name, = and an answer. "
                f"{_FORM}; an answer that holds one of these signs stands in quotation marks, as "
                'in brand = "A; B".'
            )
            continue
        try:
            name, label = _unquoted(words[0]), _unquoted(words[2])
        except ValueError:
            faults.append(
                f'{found} cannot be read: within quotation marks write \\" for a quotation mark '
                "and \\\\ for a backslash."
            )
            continue
        if name in mapping:
            faults.append(f"{found} names {quoted(name)} a second time. Give it one answer.")
        mapping.setdefault(name, label)
    if faults:
        raise RequestError("\n".join(faults))
    return mapping


def written(mapping: Mapping[str, str]) -> str:
    """The text that `parse` reads as `mapping`, the same for the same mapping."""
    return "; ".join(f"{_quoted(name)} = {_quoted(label)}" for name, label in mapping.items())


def _conditions(text: str) -> list[list[str]]:
    """The pieces of each condition that `text` holds: words, quoted words and signs."""
    conditions: list[list[str]] = [[]]
    for piece in _PIECE.findall(text):
        if piece == ";":
            conditions.append([])
        else:
            conditions[-1].append(piece)
    return [pieces for pieces in conditions if "".join(pieces).strip()]


def _unquoted(word: str) -> str:
    return json.loads(word, strict=False) if word.startswith('"') else word


def _quoted(word: str) -> str:
    plain = word and word == word.strip() and word.isprintable() and not _SIGNS & set(word)
    return word if plain else json.dumps(word, ensure_ascii=not word.isprintable())
