"""What is likely meant by cells that a codebook does not allow, and what to do about it."""

import re

from crmresearch.data.numerals import NUMBER, numeric_key
from crmresearch.data.problems import listed, meant

MOST_TEXTS = 200  # distinct texts that the advice is drawn from
_USUAL_MISSING = {9, 99, 999, 9999, 8, 88, 98, 97, 998, 997, -1, -2, -7, -8, -9, -99, -999, 11, 0}
_WORDS_MISSING = {
    "na", "n/a", "nan", "null", "none", "blank", "missing", "refused", "don't know", "dk",
    "no answer", "keine angabe", "k.a.", "weiß nicht", ".", "-", "?",
}  # fmt: skip
_COMMA = re.compile(r"[+-]?\d*,\d+")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+|[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_DRESSED = re.compile(  # an amount or share as a spreadsheet shows it
    r"[+-]?[$€£¥]? ?(?=.*[,.' %$€£¥])\d{1,3}(?:[,.' ]?\d{3})*(?:[.,]\d+)? ?[%$€£¥]?"
)


def advice(texts: list[str], known: list[str], decimal: str = "") -> str:
    """The likeliest fix for `texts` that break a rule, the most frequent of them first.

    `known` are the answers that the codebook lists, `decimal` is the decimal sign of the file.
    """
    usual = [
        text
        for text in texts
        if text.casefold() in _WORDS_MISSING
        or numeric_key(text.replace(decimal or ".", ".")) in _USUAL_MISSING
    ]
    if usual:
        return f'If {listed(usual, most=3)} means "no answer", add it to missing in the codebook.'
    if texts and all(_GROUPED.fullmatch(text) for text in texts):
        return (
            "Write numbers without signs between the thousands; if that sign marks the decimals, "
            "declare it in about.toml: [file] decimal = …"
        )
    if decimal == "." and texts and all(_COMMA.fullmatch(text) for text in texts):
        return 'If the comma is the decimal sign, declare it in about.toml: [file] decimal = ",".'
    if decimal == "," and texts and all(NUMBER.fullmatch(text) for text in texts):
        return "about.toml declares a decimal comma; if the file has points, remove that line."
    if texts and all(_DRESSED.fullmatch(text) for text in texts):
        return "Write plain numbers: without percent, currency and thousands signs."
    guess = next((hint for text in texts[:3] if (hint := meant(text, known))), "")
    where = "the label to values" if known else "what it stands for to values or missing"
    return f"Correct the cell or add {where} in the codebook.{guess}"
