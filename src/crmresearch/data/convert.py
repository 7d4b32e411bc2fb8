"""From text to typed answers, by the codebook; every distinct text is judged once."""

import re
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crmresearch.data.advice import MOST_TEXTS, advice
from crmresearch.data.codebook import Variable
from crmresearch.data.codebook_file import fold
from crmresearch.data.numerals import NUMBER, numeric_key
from crmresearch.data.problems import Problem, listed, values_in_rows, values_shared
from crmresearch.data.rules import effective_range
from crmresearch.data.tables import Column

_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?Z?")
_ODD_BLANKS = (
    "  |[^\\S ]|[\x0b\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
YEARS = (1900, 2100)  # of a survey and of a respondent's life


@dataclass(slots=True)
class Answers:
    """One variable, read: typed `values`, how many cells held each missing code, and problems."""

    values: pd.Series
    missing: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Column:
    """A column under judgement: which distinct texts are blank, missing, or against a rule."""

    def __init__(self, column: Column, item: Variable, where: str, rows: np.ndarray) -> None:
        self.column, self.item, self.where, self.rows = column, item, where, rows
        self.counts = column.counts
        self.folded = _folded(column.texts)
        self.blank = _flags(pc.equal(self.folded, ""))
        self.problems: list[Problem] = []
        self.missing: dict[str, int] = {}

    @cached_property
    def texts(self) -> pd.Series:
        """The distinct texts, without odd blanks."""
        return pd.Series(self.folded.to_pylist(), dtype="str")

    def numbers(self, decimal: str) -> np.ndarray:
        """Each text as a float; NaN where it is not a number written with `decimal`."""
        texts = self.folded
        if decimal == ",":
            pointed = pc.match_substring(texts, ".")
            texts = pc.if_else(pointed, "", pc.replace_substring(texts, ",", "."))
        numeric = pc.match_substring_regex(texts, f"^(?:{NUMBER.pattern})$")
        out = np.full(len(texts), np.nan)
        plain = pc.utf8_ltrim(texts.filter(numeric), "+")
        out[_flags(numeric)] = pc.cast(plain, pa.float64()).to_numpy(zero_copy_only=False)
        out[np.isinf(out)] = np.nan  # 1e999 is no number anyone answered
        return out

    def declared_missing(self, numbers: np.ndarray) -> np.ndarray:
        """Texts that are blank or that the codebook lists as missing, which are counted."""
        gone = self.blank.copy()
        for code in self.item.missing:
            key = numeric_key(code)
            hit = _flags(pc.equal(self.folded, code))
            if key is not None:
                hit = hit | (numbers == key)
            hit = hit & ~gone
            if self.counts[hit].sum():
                self.missing[code] = int(self.counts[hit].sum())
            gone = gone | hit
        return gone

    def report(self, wrong: np.ndarray, rule: str, fix: str) -> None:
        """One problem for all texts that break `rule`; texts that stand in no row break none."""
        wrong = wrong & (self.counts > 0)
        if not wrong.any():
            return
        at = np.flatnonzero(wrong)
        places = self.rows[self.column.where(wrong)]
        found = values_in_rows(
            [self.column.texts[i] for i in at], self.counts[at].tolist(), places, len(self.rows)
        )
        self.problems.append(
            Problem(
                where=self.where,
                column=self.item.heading,
                found=found,
                rule=rule,
                fix=fix,
                shared=values_shared([self.column.texts[i] for i in at]),
                cells=len(places),
            )
        )

    def answers(self, values: pd.Series) -> Answers:
        return Answers(values, self.missing, self.problems)


def _folded(texts: list[str]) -> pa.Array:
    """`texts` without blanks at their ends and with single ones inside, as `fold` does it."""
    folded = pc.utf8_trim_whitespace(pa.array(texts, pa.string()))
    odd = np.flatnonzero(_flags(pc.match_substring_regex(folded, _ODD_BLANKS)))
    if len(odd):
        plain = folded.to_pylist()
        for i in odd:
            plain[i] = fold(plain[i])
        folded = pa.array(plain, pa.string())
    return folded


def _flags(chosen: pa.Array) -> np.ndarray:
    return chosen.to_numpy(zero_copy_only=False).astype(bool)


def convert(
    column: Column, item: Variable, *, where: str, rows: np.ndarray, decimal: str, date: str
) -> Answers:
    """The answers to one variable, typed as `Survey` says, and what is wrong with them.

    `rows` are the row numbers to name, `decimal` the sign of a decimal fraction in the file and
    `date` the `strptime` form of its days, empty for the international one.
    """
    judged = _Column(column, item, where, rows)
    if item.type in ("text", "id"):
        return _texts(judged)
    if item.type == "date":
        return _dates(judged, date, decimal)
    if item.type == "category":
        return _categories(judged, decimal)
    return _numbers(judged, decimal)


def _take(judged: _Column, distinct: pd.Series) -> pd.Series:
    return distinct.take(judged.column.codes).reset_index(drop=True)


def _texts(judged: _Column) -> Answers:
    none = np.full(len(judged.texts), np.nan)  # 099 is not 99: codes are compared as text
    gone = judged.declared_missing(none)
    texts = judged.texts if judged.item.type == "id" else pd.Series(judged.column.texts).astype(str)
    return judged.answers(_take(judged, texts.astype("str").where(~gone)))


def _dates(judged: _Column, form: str, decimal: str) -> Answers:
    gone = judged.declared_missing(judged.numbers(decimal))
    texts = judged.texts
    if form:
        shaped = ~gone
        shown = form
    else:
        shaped = ~gone & texts.str.fullmatch(_ISO.pattern).to_numpy(bool)
        shown = "year-month-day, such as 2026-03-31"
        texts = texts.str.replace("T", " ").str.removesuffix("Z")
    days = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    try:
        read = pd.to_datetime(texts[shaped], format=form or "ISO8601", errors="coerce", utc=True)
        days[shaped] = read.dt.tz_localize(None).astype("datetime64[us]")
    except (ValueError, TypeError):  # a form that is none
        shown = f"{form} (which is no form of a date)"
    if not form:
        fix = 'Correct it, or declare how the file writes dates: [file] date = "%d.%m.%Y".'
        judged.report(~gone & ~shaped, f"a date is written {shown}", fix)
    unreal = shaped & days.isna().to_numpy()
    rule = f"a date is a real day, written {shown}" if form else "no calendar has that day"
    judged.report(unreal, rule, "Correct the cell, or add it to missing in the codebook.")
    strange = ~gone & ~days.isna().to_numpy() & ~days.dt.year.between(*YEARS).to_numpy()
    rule = f"the years are {YEARS[0]} to {YEARS[1]}"
    judged.report(strange, rule, "Correct the cell, or add it to missing in the codebook.")
    return judged.answers(_take(judged, days))


def _codes(judged: _Column, numbers: np.ndarray) -> np.ndarray:
    """Index of the codebook's value that each text stands for; -1 for none."""
    exact: dict[str, int] = {}
    numeric: dict[float, int] = {}
    for i, (_, labels) in enumerate(judged.item.values.items()):
        for label in labels:
            exact.setdefault(label, i)
            if (key := numeric_key(label)) is not None:
                numeric.setdefault(key, i)
    for i, code in enumerate(judged.item.values):  # a code wins over a label that looks like it
        exact[code] = i
        if (key := numeric_key(code)) is not None:
            numeric[key] = i
    pairs = zip(judged.folded.to_pylist(), numbers.tolist(), strict=True)
    found = (exact.get(text, numeric.get(number, -1)) for text, number in pairs)
    return np.fromiter(found, np.int64, len(numbers))


def _categories(judged: _Column, decimal: str) -> Answers:
    numbers = judged.numbers(decimal)
    gone = judged.declared_missing(numbers)
    if judged.item.values:
        codes = _codes(judged, numbers)
        labels = [names[0] if names else code for code, names in judged.item.values.items()]
        wrong = ~gone & (codes < 0)
        judged.report(wrong, _lists(labels), _advice(judged, wrong, labels))
    else:
        standing = ~gone & (judged.counts > 0)
        labels = sorted(set(judged.texts[standing]))
        codes = judged.texts.map({label: i for i, label in enumerate(labels)})
        codes = codes.fillna(-1).to_numpy(np.int64)
    codes[gone] = -1
    values = pd.Categorical.from_codes(codes[judged.column.codes], labels, ordered=True)
    return judged.answers(pd.Series(values))


def _numbers(judged: _Column, decimal: str) -> Answers:
    item = judged.item
    values = judged.numbers(decimal)
    gone = judged.declared_missing(values)
    low, high = effective_range(item)
    listed_codes = item.values or ({"1": (), "0": ()} if item.type == "binary" else {})
    codes = _codes(judged, values) if item.values else np.full(len(values), -1)
    known = codes >= 0
    if item.values:
        values[known] = np.array([float(code) for code in item.values])[codes[known]]
    elif item.type == "binary":
        known = np.isin(values, (0.0, 1.0))
    words = ~gone & ~known & np.isnan(values)
    rest = ~gone & ~known & ~words
    if item.type == "binary" or (item.type == "scale" and None in (item.low, item.high)):
        shown = [f"{code}={names[0]}" if names else code for code, names in listed_codes.items()]
        wrong = words | rest
        advice = _advice(judged, wrong, shown, decimal)
        if item.type == "binary" and not item.values:
            advice = "Say in its values what stands for yes and for no, such as 1=Yes; 0=No."
        judged.report(wrong, _lists(shown), advice)
    else:
        rule = "a number must stand there"
        if item.values:
            rule = "neither a number nor a listed label"
        judged.report(words, rule, _advice(judged, words, _labels(item), decimal))
        _report_range(judged, values, rest, decimal)
    values[gone | words] = np.nan
    if item.reverse and None not in (low, high):
        values = low + high - values
    return judged.answers(pd.Series(values[judged.column.codes]))


def _report_range(judged: _Column, values: np.ndarray, rest: np.ndarray, decimal: str) -> None:
    low, high = effective_range(judged.item)
    if None not in (low, high) and low >= high:  # which is the codebook's fault, not the file's
        return
    below = values < (-np.inf if low is None else low)
    above = values > (np.inf if high is None else high)
    outside = rest & (below | above)
    span = [f"{low:g} to {high:g}"] if None not in (low, high) else []
    span = span or ([f"{low:g} or more"] if low is not None else [])
    span = span or ([f"{high:g} or less"] if high is not None else [])
    if span:
        judged.report(
            outside, f"the codebook allows {span[0]}", _advice(judged, outside, [], decimal)
        )
    if judged.item.type == "scale":
        parts = rest & ~outside & (values != np.round(values))
        fix = "Correct the cell, or give the variable the type number."
        judged.report(parts, "a scale's answers are whole numbers", fix)


def _labels(item: Variable) -> list[str]:
    return [name for names in item.values.values() for name in names]


def _lists(labels: list[str]) -> str:
    return f"the codebook lists {listed(labels, most=12)}"


def _advice(judged: _Column, wrong: np.ndarray, known: list[str], decimal: str = "") -> str:
    """The likeliest fix for the texts flagged `wrong`, the most frequent of them first."""
    at = np.flatnonzero(wrong & (judged.counts > 0))
    most = at[np.argsort(-judged.counts[at])][:MOST_TEXTS]
    return advice([judged.folded[int(i)].as_py() for i in most], known, decimal)
