"""Draft a codebook from a file's own labels, missing codes and values; guesses are marked.

What the file says is copied. Roles are guessed from names, questions and values, and carry a
question mark until a person confirms them. Labels of values are never guessed.
"""

import re
from pathlib import Path

import numpy as np

from crmresearch.data.about_file import read_about
from crmresearch.data.codebook import Variable
from crmresearch.data.codebook_file import fold
from crmresearch.data.numerals import NUMBER, numeric_key
from crmresearch.data.problems import refuse
from crmresearch.data.readers import read
from crmresearch.data.roles import REPEATABLE, ROLES
from crmresearch.data.tables import Column, Table

_MOST_ANSWERS = 25  # more distinct texts than these are text, not answers to choose from
_MOST_POINTS = 11  # of a scale
_MOST_SHOWN = 12  # frequencies in a note
_LONG = 60  # signs; a longer text is somebody's own words
_CODES_OF_NONE = {-999, -99, -98, -97, -9, -8, -7, -1, 77, 88, 97, 98, 99, 997, 998, 999, 9999}
_WORDS_OF_NONE = re.compile(
    r"blank|missing|na|n/a|null|none|refused|no answer|don.?t know|dk|[-.?]|keine angabe|k\.a\."
    r"|#(n/a|div/0!|ref!|name\?|num!|value!|null!)",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"e-?mail|ip.?address|latitude|longitude|(first|last|sur|full).?name|phone", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}.*)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # or a fraction of three places
_LEADING_ZERO = re.compile(r"0\d+")  # 007 is a name, not 7
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_WORDS = {
    "id": r"^(resp(ondent)?|response|case|record|interview|participant)?[ _.-]*(id|num|nr)$"
    r"|^respondent([ _.-]?(no|number))?$",
    "weight": r"^w(eigh)?ts?$|weight|gewicht",
    "duration": r"duration|seconds|time.?spent|interviewtime",
    "date": r"(start|submit|record|int|end)?.?date|startdate",
    "wave": r"^(wave|year|quarter|period|month|welle)$",
    "brand": r"^(brand|provider|company|supplier|vendor|operator)",
    "channel": r"channel",
    "account": r"^(account|organisation|organization|firm)",
    "recommend": r"recommend|\bnps\b|netpro|empfehl",
    "satisfaction": r"satisf|zufried|\bcsat|\bcusa",
    "effort": r"\beffort|\bces\b|how easy|easy to",
    "loyalty": r"loyal|stay|continue|again|renew|repurchase|\bcusl",
    "complained": r"complain|beschwer",
    "churned": r"churn|left|cancel",
    "problem": r"problem|failure|issue",
    "resolved": r"resolved|solved",
    "condition": r"^(group|condition|arm|treatment)$",
    "segment": r"^(segment|gender|sex|age.?(group|band|class)?|region|size|industry|country)$"
    r"|gender|geschlecht",
}


def draft(path: Path, *, about: Path | None = None) -> tuple[list[Variable], Table]:
    """One `Variable` a column of the file at `path`, and the table that was read.

    Raises
    ------
    DataError
        If the file cannot be read, with every problem that stands in the way.
    """
    description, problems = read_about(about, title=path.stem)
    table = read(path, description.file)
    refuse([*problems, *table.problems])
    decimal = description.file.get("decimal") or decimal_sign(table)
    variables: dict[str, Variable] = {}
    taken: set[str] = set()
    for name, column in zip(table.names, table.columns, strict=True):
        if name.strip() and name not in variables:
            variables[name] = _variable(name, column, table, decimal, taken)
            taken.update(variables[name].roles)
    return list(variables.values()), table


def decimal_sign(table: Table) -> str:
    """A comma where numbers with a decimal comma stand in the file and none with a point.

    A column such as 1,234 and 2,000 proves nothing: the comma may separate thousands.
    """
    comma = point = 0
    for column in table.columns:
        texts = {column.texts[i].strip() for i in np.flatnonzero(column.counts)[:200]} - {""}
        split = {text for text in texts if "," in text}
        comma += (
            any(not _THOUSANDS.fullmatch(text) for text in split)
            and all(_DECIMAL_COMMA.fullmatch(text) for text in split)
            and all(NUMBER.fullmatch(text) or _is_no_answer(text) for text in texts - split)
        )
        point += any(NUMBER.fullmatch(text) and "." in text for text in texts - split)
    return "," if comma and not point else "."


def _is_no_answer(text: str) -> bool:
    return _WORDS_OF_NONE.fullmatch(text) is not None


def about_text(table: Table, *, title: str, decimal: str) -> str:
    """A first ``about.toml``: what is known of the file, and empty places for what is not."""
    settings = {"name": table.where, **table.settings}
    if decimal == ",":
        settings["decimal"] = ","
    lines = [
        f"title = {_toml(title)}",
        'source = ""',
        'licence = ""',
        'population = ""',
        'unit = "customer"',
        'collected = ""',
        'design = "cross-section"  # or panel, or experiment',
        'weights = ""',
        "min_cell = 10",
        "",
        "[file]",
        *(f"{key} = {_toml(value)}" for key, value in settings.items()),
    ]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + "".join(s if s.isprintable() else f"\\u{ord(s):04x}" for s in safe) + '"'


def _variable(name: str, column: Column, table: Table, decimal: str, taken: set[str]) -> Variable:
    missing = table.missing.get(name, ())
    given = {code: text for code, text in table.value_labels.get(name, {}).items() if fold(text)}
    given = {code: text for code, text in given.items() if code not in missing}
    counts = _answers(column, missing)
    suspects = _suspects(counts, decimal)
    answers = [text for text in counts if text not in suspects]
    numbers = [_number(text, decimal) for text in answers]
    kind = _kind(answers, numbers, given, len(column.codes))
    remark = ""
    if _PERSONAL.search(name):
        kind, remark = "ignore", "; personal data"
    values, bounds = {}, (None, None)
    if kind in ("category", "scale", "binary"):
        values = {code: (fold(label),) for code, label in given.items()}
    if kind == "category" and not values:
        values = dict.fromkeys(sorted(counts), ())
    elif suspects and kind in ("scale", "number", "binary"):
        remark = f"; {', '.join(suspects)} may mean no answer"
    split = [text for text, number in zip(answers, numbers, strict=True) if number and "." in text]
    if kind == "number" and split and all(map(_THOUSANDS.fullmatch, split)):
        remark += f"; {split[0]} is read as a fraction, not as thousands"
    if kind == "scale":
        known = [*numbers, *(numeric_key(code) for code in values)]
        bounds = min(known), max(known)
    label = fold(table.labels.get(name, ""))
    roles = _guess(name, label, kind, bounds, taken)
    return Variable(
        variable=name,
        label=label,
        type=kind,
        roles=roles,
        low=bounds[0],
        high=bounds[1],
        missing=missing,
        values=values,
        guess=bool(roles),
        note=_note(counts, column, kind) + remark,
    )


def _suspects(counts: dict[str, int], decimal: str) -> list[str]:
    """Answers among numbers that look like codes for no answer: far codes and such words."""
    numbers = {text: _number(text, decimal) for text in counts}
    words = [text for text, number in numbers.items() if number is None]
    if not all(map(_is_no_answer, words)) or len(words) == len(counts):
        return []
    rest = sorted(number for number in numbers.values() if number is not None)
    usual = [number for number in rest if number not in _CODES_OF_NONE]
    if not usual or not all(number.is_integer() for number in usual):
        return words
    far = {
        number
        for number in rest
        if number in _CODES_OF_NONE
        and (number < 0 <= usual[0] or number > max(2 * usual[-1], usual[-1] + 1))
    }
    if usual[0] == 0 and usual[-1] == 11 and len(usual) <= 12:  # 0 to 10 with 11 for no answer
        far.add(11.0)
    return words + [text for text, number in numbers.items() if number in far]


def _answers(column: Column, missing: tuple[str, ...]) -> dict[str, int]:
    """Distinct texts that are answers, white space folded, with how often they stand."""
    counts: dict[str, int] = {}
    for i in np.flatnonzero(column.counts):
        text = fold(column.texts[i])
        if text and text not in missing:
            counts[text] = counts.get(text, 0) + int(column.counts[i])
    return counts


def _number(text: str, decimal: str) -> float | None:
    if decimal == ",":
        text = text.replace(".", "x").replace(",", ".")
    return numeric_key(text)


def _kind(answers: list[str], numbers: list[float | None], given: dict[str, str], rows: int) -> str:
    """The type that the answers allow; where they are words of unknown order, category."""
    if len(answers) < 2:
        return "ignore"  # nothing can be learnt from it
    if all(_DATE.fullmatch(text) for text in answers):
        return "date"
    if None not in numbers and not any(map(_LEADING_ZERO.fullmatch, answers)):
        whole = all(number.is_integer() for number in numbers)
        if whole and len(answers) == rows > _MOST_ANSWERS:
            return "id"
        if set(numbers) == {0.0, 1.0}:
            return "binary"
        few = whole and max(numbers) - min(numbers) < _MOST_POINTS
        labelled = given and all(numeric_key(code) is not None for code in given)
        return "scale" if few and (len(answers) > 2 or labelled) else "number"
    if len(answers) <= _MOST_ANSWERS and max(map(len, answers)) <= _LONG and len(answers) < rows:
        return "category"
    return (
        "id"
        if len(answers) == rows > _MOST_ANSWERS and not any(" " in text for text in answers)
        else "text"
    )


def _guess(
    name: str,
    label: str,
    kind: str,
    bounds: tuple[float | None, float | None],
    taken: set[str],
) -> tuple[str, ...]:
    """The first role whose words stand in the name or question and whose type fits."""
    for role, words in _WORDS.items():
        if kind not in ROLES[role].types or (role in taken and role not in REPEATABLE):
            continue
        by_name_alone = role in ("id", "date", "wave", "condition")
        here = name if by_name_alone else f"{name}\n{label}"
        if not re.search(words, here, re.IGNORECASE | re.MULTILINE):
            continue
        if role != "recommend" or bounds == (0.0, 10.0):
            return (role,)
    return ()


def _note(counts: dict[str, int], column: Column, kind: str) -> str:
    """Frequencies of the commonest answers; of texts and identifiers only how many there are."""
    answered = sum(counts.values())
    empty = len(column.codes) - answered
    head = f"{answered} answers, {len(counts)} distinct, {empty} without"
    if not counts or kind in ("text", "id", "date") or len(counts) > 2 * _MOST_ANSWERS:
        return head
    order = sorted(counts, key=lambda text: -counts[text])[:_MOST_SHOWN]
    shown = ", ".join(f"{text}: {counts[text]}" for text in order)
    return f"{head}; {shown}" + (", …" if len(counts) > _MOST_SHOWN else "")
