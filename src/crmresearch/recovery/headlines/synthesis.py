"""The synthesis, and the literature beside this study, in sentences."""

import pandas as pd

from crmresearch.recovery.headlines.wording import ABSENT, listed, upper
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import UNITS, count, format_number


def groups(estimates: list[Estimate]) -> str:
    """What holds on average over the groups, and what to expect of one more."""
    if not estimates:
        return f"{ABSENT}two groups with enough customers on either side to be synthesised."
    return _synthesis(estimates, "group")


def runs(estimates: list[Estimate], folder: str) -> str:
    """The same over the published reports of `folder`."""
    if not estimates and not folder:
        return "No other reports were named, so this study is not synthesised with any."
    if not estimates:
        return "No other report has a contrast of this study, so there is nothing to synthesise."
    return _synthesis(estimates, "report")


def _synthesis(estimates: list[Estimate], what: str) -> str:
    parts = [item for item in estimates if item.key.endswith(".effect")]
    at = {item.key.rpartition(".")[2]: item for item in estimates}
    mean, ahead = at["mean"], at["predicted"]
    group = parts[0].name.partition(", ")[2].partition(" − ")[0]
    text = f"{upper(group)}, over {count(len(parts), what)}: {mean} on average"
    if ahead.low != ahead.low:
        return f"{text}; two do not tell what one more would show."
    ends = " and ".join(format_number(end, ahead.unit) for end in (ahead.low, ahead.high))
    return (
        f"{text}; one more {what} like these is expected between {ends} {UNITS[ahead.unit].word}."
    )


def literature(table: pd.DataFrame) -> str:
    """How many published findings can be compared, and how they compare."""
    words = table["Comparison"]
    compared = words[~words.str.startswith("Not compared")]
    of = count(len(table), "published finding")
    if compared.empty:
        return f"None of {of} can be compared with these data."
    counts = compared.str.partition(":")[0].str.lower().value_counts()
    texts = listed([f"“{word}” {number}" for word, number in counts.items()])
    return f"{len(compared)} of {of} can be compared with these data: {texts}."
