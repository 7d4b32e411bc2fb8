"""One codebook out of those of several waves: what must agree, and what unites."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from crmresearch.data.codebook import Variable
from crmresearch.data.numerals import numeric_key
from crmresearch.data.problems import Problem, counted, listed, quoted
from crmresearch.data.rules import effective_range

Book = Mapping[str, Variable]


def combined(books: Sequence[tuple[str, Book]]) -> tuple[dict[str, Variable], list[Problem]]:
    """The variables of all waves, and where their codebooks contradict one another.

    A variable reads as in the last wave that has it; the answers of a category are those of all
    waves in their order. `books` are names of files with their variables, wave by wave.
    """
    described = {name: _read_variables(book) for name, book in books}
    problems = []
    first: dict[str, str] = {}
    for name, book in described.items():
        before: dict[str, dict[str, Variable]] = {}
        for variable in book:
            earlier = first.setdefault(variable, name)
            if earlier != name:
                before.setdefault(earlier, {})[variable] = described[earlier][variable]
        for earlier, variables in before.items():
            problems += _contradictions((earlier, variables), (name, book))
    found = {}
    for variable in united([list(book) for book in described.values()]):
        items = [book[variable] for book in described.values() if variable in book]
        found[variable] = _united(items)
    return found, problems


def united(lists: Iterable[Sequence[str]]) -> list[str]:
    """Every name once; one that is new stands behind the name that it follows in its own list."""
    merged: list[str] = []
    for names in lists:
        if not merged:
            merged = list(dict.fromkeys(names))
            continue
        known = set(merged)
        behind: dict[str, list[str]] = {}
        last = ""
        for name in names:
            if name in known:
                last = name
            else:
                behind.setdefault(last, []).append(name)
        first = behind.pop("", [])
        merged = [*first, *(new for name in merged for new in (name, *behind.get(name, ())))]
    return merged


def _read_variables(book: Book) -> dict[str, Variable]:
    return {name: item for name, item in book.items() if item.type != "ignore"}


_Aspect = tuple[str, Callable[[Variable], str]]
_ASPECTS: tuple[_Aspect, ...] = (
    ("type", lambda item: item.type),
    ("role", lambda item: "; ".join(sorted(item.roles))),
    ("construct", lambda item: item.construct),
    ("range", lambda item: _range(item)),
    ("reverse", lambda item: "yes" if item.reverse else "no"),
)


def _range(item: Variable) -> str:
    low, high = (f"{end:g}" if end is not None else "" for end in effective_range(item))
    return f"{low} to {high}" if low or high else ""


def _contradictions(earlier: tuple[str, Book], later: tuple[str, Book]) -> list[Problem]:
    (name, book), (other, others) = earlier, later
    problems = []
    for aspect, of in _ASPECTS:
        differing: dict[tuple[str, str], list[str]] = {}
        for variable, item in book.items():
            said = of(item), of(others[variable])
            if said[0] != said[1]:
                differing.setdefault(said, []).append(variable)
        for (first, second), names in differing.items():
            found = f"the {aspect} of {listed(names, quote=True)} is {_or_none(second)}"
            rule = f"{name} says {_or_none(first)}"
            fix = "One name is one question in every wave: make them agree, or name one otherwise."
            problems.append(Problem(where=other, found=found, rule=rule, fix=fix))
    problems += [
        _moved(name, other, variable, moved)
        for variable, item in book.items()
        if (moved := _moved_labels(item, others[variable]))
    ]
    return problems + _reworded(name, book, other, others)


def _or_none(text: str) -> str:
    return quoted(text) if text else "empty"


def _moved_labels(first: Variable, second: Variable) -> list[tuple[str, str, str]]:
    """Labels that stand for one number in the first codebook and for another in the second."""
    if first.type not in ("scale", "number", "binary") or first.type != second.type:
        return []
    codes = {label: code for code, labels in first.values.items() for label in labels}
    return [
        (label, codes[label], code)
        for code, labels in second.values.items()
        for label in labels
        if label in codes and numeric_key(codes[label]) != numeric_key(code)
    ]


def _moved(name: str, other: str, variable: str, moved: list[tuple[str, str, str]]) -> Problem:
    label, before, now = moved[0]
    found = f"{quoted(label)} is the code {now}"
    found += f" (and {counted(len(moved) - 1, 'other label')} moved)" if len(moved) > 1 else ""
    return Problem(
        where=other,
        column=variable,
        found=found,
        rule=f"in {name} it is {before}",
        fix="If the scale was turned round in one wave, name the variables differently or give "
        "the file of one wave the codes of the other.",
    )


def _reworded(name: str, book: Book, other: str, others: Book) -> list[Problem]:
    """A note on the questions, and one on the answers, that are not worded as before."""
    questions = [x for x, item in book.items() if item.label != others[x].label]
    answers = [
        x
        for x, item in book.items()
        if item.type == others[x].type == "scale" and _points(item) != _points(others[x])
    ]
    return [
        Problem(
            where=other,
            found=f"{counted(len(names), what)} not worded as in {name}: "
            f"{listed(names, quote=True)}",
            fix="A change between these waves may come from the wording.",
            blocks=False,
        )
        for names, what in ((questions, "question"), (answers, "scale"))
        if names
    ]


def _points(item: Variable) -> dict[float | None, str]:
    return {numeric_key(code): labels[0] for code, labels in item.values.items() if labels}


def _united(items: Sequence[Variable]) -> Variable:
    """One variable out of those of several waves, of which the last speaks for all."""
    last = replace(items[-1], column="")
    if len(items) == 1:
        return last
    missing = tuple(dict.fromkeys(code for item in items for code in item.missing))
    values = _categories(items) if last.type == "category" else _numbered(items)
    return replace(last, missing=missing, values=values)


def _numbered(items: Sequence[Variable]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        found |= item.values
    return dict(sorted(found.items(), key=lambda pair: numeric_key(pair[0]) or 0.0))


def _categories(items: Sequence[Variable]) -> dict[str, tuple[str, ...]]:
    """The answers of all waves by code; by label where one code means two things."""
    if not all(item.values for item in items):
        return {}  # one of them takes whatever stands in the file
    shown: dict[str, list[str]] = {}
    codes: dict[str, set[str]] = {}
    for item in items:
        for code, labels in item.values.items():
            first = labels[0] if labels else code
            shown.setdefault(first, []).extend(labels)
            codes.setdefault(first, set()).add(code)
    order = united([[x[0] if x else code for code, x in item.values.items()] for item in items])
    single = {label: next(iter(found)) for label, found in codes.items() if len(found) == 1}
    unambiguous = len(single) == len(codes) and len(set(single.values())) == len(single)
    return {
        single[label] if unambiguous else label: tuple(dict.fromkeys(shown[label]))
        for label in order
    }
