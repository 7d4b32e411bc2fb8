"""What a file of saved types must hold before any of it is used; everything wrong is told at once.

The file may come from anywhere. It is data: nothing in it is run, and what does not keep the form
that `model_file.as_text` writes is refused.
"""

import json
import math
from collections.abc import Iterator, Mapping

import numpy as np

from crmresearch.archetypes.coding import MOST_CATEGORIES
from crmresearch.archetypes.patterns import KINDS, SPREADS
from crmresearch.archetypes.saved_model import LONGEST, ROLES
from crmresearch.data.problems import Problem, listed, quoted, refuse

FORMAT = "crmresearch relationship types"
VERSION = 1
MOST = 500  # indicators, and types
NEAR = 1e-6  # how far from 1 probabilities may add up to
TYPES = ("binary", "scale", "category", "number")
_TEXTS = ("title", "sha256", "design")
_WHOLE = ("respondents", "seed")
_AGAIN = "Take the file as a report of the archetypes study offers it."


def checked(text: str, where: str) -> dict:
    """The content of a file named `where`.

    Raises
    ------
    DataError
        With every problem found.
    """
    try:
        content = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        _refuse(where, ["it is not JSON"])
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        _refuse(where, [f"its format is not {FORMAT!r}"])
    if content.get("version") != VERSION or isinstance(content["version"], bool):
        found = f"its version is {_shown(content.get('version'))}, and version {VERSION} is read"
        _refuse(where, [found])
    problems = [*_head(content), *_indicators(content.get("indicators"))]
    if not problems:  # what types hold can be told only by sound indicators
        problems = [*_types(content.get("types"), content["indicators"])]
    if not problems:
        problems = [*_covariance(content.get("covariance"), _size(content))]
    _refuse(where, problems)
    return content


def columns(one: Mapping, variable: str) -> list[float]:
    """What a type answers to one indicator, as columns of `Patterns`."""
    answer = one["answers"][variable]
    return answer if isinstance(answer, list) else [1.0, answer["mean"], answer["variance"]]


def _refuse(where: str, problems: list[str]) -> None:
    refuse([Problem(where=where, found=found, fix=_AGAIN) for found in problems])


def _head(content: Mapping) -> Iterator[str]:
    about = content.get("fitted_to")
    if not isinstance(about, dict):
        yield "'fitted_to' does not say what the model was fitted to"
    else:
        for name in _TEXTS:
            if not _text(about.get(name), empty=True):
                yield f"'fitted_to' has no text under {name!r}"
        for name in _WHOLE:
            value = about.get(name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                yield f"'fitted_to' has no whole number under {name!r}"
    if not _text(content.get("package")):
        yield "'package' does not say which version wrote the file"
    if content.get("spread") not in SPREADS:
        yield f"'spread' is {_shown(content.get('spread'))}, not one of {', '.join(SPREADS)}"


def _indicators(items: object) -> Iterator[str]:
    if not isinstance(items, list) or not 0 < len(items) <= MOST:
        yield f"'indicators' is no list of 1 to {MOST} indicators"
        return
    names = [item.get("variable") if isinstance(item, dict) else None for item in items]
    for number, (item, name) in enumerate(zip(items, names, strict=True), 1):
        if not _text(name, shown=False):
            yield f"indicator {number} has no 'variable'"
        elif names.index(name) < number - 1:
            yield f"indicator {number}: {quoted(name)} stands there twice"
        else:
            yield from (f"indicator {quoted(name)}: {fault}" for fault in _indicator(item))


def _indicator(item: Mapping) -> Iterator[str]:
    kind, sort = item.get("kind"), item.get("type")
    if kind not in KINDS:
        yield f"its kind is {_shown(kind)}, not one of {', '.join(KINDS)}"
    if sort not in TYPES:
        yield f"its type is {_shown(sort)}, not one of {', '.join(TYPES)}"
    if item.get("role") not in ROLES:
        yield f"its role is {_shown(item.get('role'))}, not one of {', '.join(ROLES)}"
    for name in ("label", "construct"):
        if not _text(item.get(name), empty=True):
            yield f"{name!r} is no text of one line"
    for name in ("low", "high"):
        if item.get(name, 0) is not None and not _number(item.get(name)):
            yield f"{name!r} is no number"
    if kind == "continuous":
        if not (_number(item.get("centre")) and _number(item.get("scale")) and item["scale"] > 0):
            yield "'centre' and 'scale' are not a number and one above zero"
    elif kind in KINDS and sort in TYPES:
        yield from _answers(item.get("answers"), sort)


def _answers(answers: object, sort: str) -> Iterator[str]:
    if not isinstance(answers, list) or not 0 < len(answers) <= MOST_CATEGORIES:
        yield f"'answers' is no list of 1 to {MOST_CATEGORIES} answers"
    elif sort == "category":
        if not all(_text(answer, shown=False) for answer in answers) or len(set(answers)) < len(
            answers
        ):
            yield "'answers' are not different texts"
    elif not all(map(_number, answers)) or any(np.diff(answers) <= 0):
        yield "'answers' are not numbers that rise"


def _types(types: object, indicators: list[Mapping]) -> Iterator[str]:
    if not isinstance(types, list) or not 0 < len(types) <= MOST:
        yield f"'types' is no list of 1 to {MOST} types"
        return
    labels = [one.get("label") if isinstance(one, dict) else None for one in types]
    for number, (one, label) in enumerate(zip(types, labels, strict=True), 1):
        if not _text(label) or labels.index(label) < number - 1:
            yield f"type {number} has no 'label' of its own"
            continue
        if not (_number(one.get("share")) and 0 <= one["share"] <= 1):
            yield f"type {quoted(label)}: its share is {_shown(one.get('share'))}, not 0 to 1"
        for fault in _profile(one.get("answers"), indicators):
            yield f"type {quoted(label)}, {fault}"
    shares = [one.get("share") if isinstance(one, dict) else None for one in types]
    if all(map(_number, shares)) and abs(math.fsum(shares) - 1) > NEAR:
        yield f"the shares add up to {math.fsum(shares):.6g}, not 1"


def _profile(answers: object, indicators: list[Mapping]) -> Iterator[str]:
    if not isinstance(answers, dict):
        yield "its 'answers' are missing"
        return
    names = [item["variable"] for item in indicators]
    unknown = [str(name) for name in answers if name not in names]
    if unknown:
        yield f"there is no indicator {listed(unknown, quote=True)}"
    for item, name in zip(indicators, names, strict=True):
        found = answers.get(name)
        if item["kind"] == "continuous":
            if not (isinstance(found, dict) and _moments(found)):
                yield f"{quoted(name)}: a quantity has a mean and a variance above zero"
        elif not isinstance(found, list) or len(found) != len(item["answers"]):
            yield f"{quoted(name)}: there are not {len(item['answers'])} probabilities"
        elif not all(_number(value) and 0 <= value <= 1 for value in found):
            yield f"{quoted(name)}: a probability lies outside 0 to 1"
        elif abs(math.fsum(found) - 1) > NEAR:
            yield f"{quoted(name)}: the probabilities add up to {math.fsum(found):.6g}, not 1"


def _moments(found: Mapping) -> bool:
    return _number(found.get("mean")) and _number(found.get("variance")) and found["variance"] > 0


def _size(content: Mapping) -> int:
    """How many shares, probabilities, means and variances have covariances."""
    kept = sum(
        2 if item["kind"] == "continuous" else len(item["answers"]) - 1
        for item in content["indicators"]
    )
    return len(content["types"]) * (1 + kept) - 1


def _covariance(rows: object, size: int) -> Iterator[str]:
    if rows is None:
        return
    if not isinstance(rows, list) or len(rows) != size:
        yield f"'covariance' has not {size} rows"
    elif not all(
        isinstance(row, list) and len(row) == at and all(map(_number, row))
        for at, row in enumerate(rows, 1)
    ):
        yield "'covariance' has rows that are not numbers up to the diagonal"
    elif any(row[-1] < 0 for row in rows):
        yield "'covariance' has a variance below zero"


def _text(value: object, *, empty: bool = False, shown: bool = True) -> bool:
    return isinstance(value, str) and (
        (bool(value.strip()) or (empty and not value))
        and (value.isprintable() or not shown)
        and len(value) <= LONGEST
    )


def _number(value: object) -> bool:
    """A finite number that is no truth value; whole ones may be too large for a float."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e300


def _shown(value: object) -> str:
    return "missing" if value is None else quoted(str(value))


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
