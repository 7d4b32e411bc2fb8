"""A notebook's parameters: read from its `parameters` cell, checked before a kernel starts.

papermill runs parameter *names* as code and only warns of unknown ones, so nothing but a name
that the cell declares, with a value of the declared type, ever reaches it.
"""

import ast
import io
import math
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crmresearch.errors import RequestError, UserError
from crmresearch.run.project import did_you_mean, shown

Value = str | int | float | bool
_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\]\s*$")
_CHOICES = re.compile(r"\{([^{}]+)\}\s*$")
_PLACE = re.compile(r"<(file|reports)>\s*$")
_LARGEST = 1e308
_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of the cell: ``name: type = default  # meaning [low, high]`` or ``{a, b}``.

    A text whose meaning ends in ``<file>`` or ``<reports>`` is the path of a file, or of a folder
    of published reports, that the notebook reads beside its data: see `inputs`.
    """

    name: str
    type: type
    default: Value
    meaning: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    place: str = ""


def declared(source: str, notebook: str) -> dict[str, Parameter]:
    """The parameters that the cell `source` of `notebook` declares, in its order.

    Raises
    ------
    UserError
        When a line is anything but an annotated name with a literal default that keeps its own
        range; every such line is named.
    """
    where = f"{notebook}, parameters cell"
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise UserError(f"{where}, line {error.lineno}: not Python ({error.msg}).") from None
    comments, found, problems = _comments(source), {}, []
    for node in body:
        behind = comments.get(node.end_lineno or node.lineno, "")
        parameter = _read(node, behind or comments.get(node.lineno - 1, ""))
        if parameter is None:
            problems.append(
                f"{where}, line {node.lineno}: write `name: type = default` with type str, int, "
                "float or bool and a literal default of that type."
            )
        elif parameter.name in found:
            problems.append(f"{where}, line {node.lineno}: '{parameter.name}' stands there twice.")
        else:
            found[parameter.name] = parameter
            problem = _misfit(parameter, parameter.default)
            if problem:
                problems.append(f"{where}: the default of '{parameter.name}' {problem}")
    if problems:
        raise UserError("\n".join(problems))
    return found


def split(settings: Sequence[str]) -> dict[str, str]:
    """``name=value`` texts of the command line as a mapping; a name may stand only once."""
    given: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        name = name.strip()
        if not equals or not name:
            raise RequestError(f"-p {shown(setting)}: write -p name=value.")
        if name in given:
            raise RequestError(f"parameter {shown(name)} is set twice.")
        given[name] = value
    return given


def typed(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, object],
    notebook: str,
) -> dict[str, Value]:
    """The `given` values as the declared types, in the cell's order; the defaults are left out.

    Texts are converted (the command line has nothing else); other values must already fit.

    Raises
    ------
    RequestError
        With one line for every unknown name, wrong type or value out of range.
    """
    problems, values = [], {}
    for name, value in given.items():
        parameter = parameters.get(name)
        if parameter is None:
            problems.append(
                f"{notebook} has no parameter {shown(name)}.{did_you_mean(name, parameters)} "
                f"It has: {', '.join(parameters) or 'none'}."
            )
            continue
        converted = _convert(parameter.type, value)
        problem = (
            f"takes {parameter.type.__name__}, not {shown(value)}."
            if converted is None
            else _misfit(parameter, converted)
        )
        if problem:
            problems.append(f"{notebook}: parameter '{name}' {problem}")
        values[name] = converted
    if problems:
        raise RequestError("\n".join(problems))
    return {name: values[name] for name in parameters if name in values}


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _read(node: ast.stmt, comment: str) -> Parameter | None:
    if not (
        isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id in _TYPES
        and node.value is not None
    ):
        return None
    kind = _TYPES[node.annotation.id]
    try:
        default = _convert(kind, ast.literal_eval(node.value), from_text=False)
    except ValueError:
        default = None
    if default is None:
        return None
    bounds, listed = _RANGE.search(comment), _CHOICES.search(comment)
    place = _PLACE.search(comment)
    return Parameter(
        name=node.target.id,
        type=kind,
        default=default,
        meaning=_PLACE.sub("", _CHOICES.sub("", _RANGE.sub("", comment))).strip(),
        low=float(bounds[1]) if bounds and kind in (int, float) else None,
        high=float(bounds[2]) if bounds and kind in (int, float) else None,
        choices=tuple(word.strip() for word in listed[1].split(",")) if listed else (),
        place=place[1] if place and kind is str else "",
    )


def _convert(kind: type, value: object, *, from_text: bool = True) -> Value | None:
    """`value` as `kind`, or None where it is of another type."""
    if isinstance(value, str) and from_text and kind is not str:
        text = value.strip()
        if kind is bool:
            return _TRUTH.get(text.lower())
        if kind is int and re.fullmatch(r"[-+]?[0-9]{1,18}", text):
            return int(text)
        if kind is float and re.fullmatch(_NUMBER, text):
            return float(text)
        return None
    if isinstance(value, bool) or kind is bool:
        return value if isinstance(value, bool) and kind is bool else None
    if kind is float and isinstance(value, (int, float)):
        return float(value) if abs(value) < _LARGEST else None
    return value if isinstance(value, kind) else None


def _misfit(parameter: Parameter, value: Value) -> str:
    """Why `value` breaks the parameter's own rule, or nothing."""
    if isinstance(value, str):
        if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in value):
            return f"must be one line without control characters, not {shown(value)}."
    elif not math.isfinite(value):
        return "must be a finite number."
    if parameter.choices and str(value) not in parameter.choices:
        guess = did_you_mean(str(value), parameter.choices)
        return f"takes one of {', '.join(parameter.choices)}, not {shown(value)}.{guess}"
    if parameter.low is not None and not parameter.low <= value <= parameter.high:
        return f"takes {parameter.low:.15g} to {parameter.high:.15g}, not {shown(value)}."
    return ""
