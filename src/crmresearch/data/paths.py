"""The satisfaction model of ``about.toml``: lines such as ``image -> expectation, loyalty``."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from crmresearch.data.codebook import Variable
from crmresearch.data.problems import Problem, listed, meant, quoted
from crmresearch.data.roles import NO_SCALE

_FORM = 'Write for instance paths = ["quality -> satisfaction", "satisfaction -> trust, loyalty"].'
_MEASURED = ("scale", "number", "binary")


def arrows(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Every arrow of the model as (from, to), in the order in which they are written."""
    return [(source, target) for line in paths for source, target in _of_line(line)]


def _of_line(line: str) -> list[tuple[str, str]]:
    source, _, targets = line.partition("->")
    return [(source.strip(), target.strip()) for target in targets.split(",")]


def read_paths(given: object, where: str) -> tuple[tuple[str, ...], list[Problem]]:
    """The lines that can be read, and those that cannot."""
    if not isinstance(given, list) or not all(isinstance(line, str) for line in given):
        rule = "it must be a list of texts"
        return (), [Problem(where=where, found="paths is something else", rule=rule, fix=_FORM)]
    kept, problems = [], []
    for line in given:
        names = [name for pair in _of_line(line) for name in pair]
        if line.count("->") == 1 and all(names):
            kept.append(line)
        else:
            found = f"paths has the line {quoted(line, length=80)}"
            rule = "a line names one construct, then ->, then what it moves, with commas between"
            problems.append(Problem(where=where, found=found, rule=rule, fix=_FORM))
    return tuple(kept), problems


def path_faults(paths: Iterable[str], book: Mapping[str, Variable], where: str) -> list[Problem]:
    """Names that are neither a construct nor a measured variable, arrows drawn twice, circles."""
    known = _names(book)
    drawn = arrows(paths)
    problems = []
    for name in dict.fromkeys(name for arrow in drawn for name in arrow):
        if name not in known:
            found = f"paths names {quoted(name)}"
            rule = "the codebook has no such construct, nor a scale, number or binary of that name"
            fix = f"The constructs are {listed(_constructs(book), most=30) or '(none)'}."
            problems.append(
                Problem(where=where, found=found, rule=rule, fix=fix + meant(name, known))
            )
    for source, target in sorted({arrow for arrow in drawn if drawn.count(arrow) > 1}):
        found = f"paths draws {quoted(f'{source} -> {target}')} more than once"
        problems.append(Problem(where=where, found=found, fix="Keep one."))
    if circle := _circle(drawn):
        found = f"paths goes in a circle: {' -> '.join(circle)}"
        rule = "no construct may move itself, not even through others"
        fix = "Take one of these arrows away."
        problems.append(Problem(where=where, found=found, rule=rule, fix=fix))
    return problems


def _constructs(book: Mapping[str, Variable]) -> list[str]:
    return list(
        dict.fromkeys(
            item.construct
            for item in book.values()
            if item.construct and item.type in _MEASURED and not NO_SCALE.intersection(item.roles)
        )
    )


def _names(book: Mapping[str, Variable]) -> list[str]:
    variables = [item.variable for item in book.values() if item.type in _MEASURED]
    return list(dict.fromkeys([*_constructs(book), *variables]))


def _circle(drawn: list[tuple[str, str]]) -> list[str]:
    """The names of one circle, the first repeated at the end, in the direction of the arrows."""
    graph = TopologicalSorter()
    for source, target in drawn:
        graph.add(target, source)
    try:
        graph.prepare()
    except CycleError as error:
        return error.args[1]
    return []
