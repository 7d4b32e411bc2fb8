"""The ladder of adjustment in sentences."""

import pandas as pd

from crmresearch.recovery.balance import LIMIT, worst
from crmresearch.recovery.headlines.wording import ABSENT, listed, upper, value_of
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import UNITS, count, format_number

SHORT = {
    "complainers whose complaint was resolved": "resolved complainers",
    "complainers delighted with the handling": "delighted complainers",
}


def ladder(estimates: list[Estimate]) -> str:
    """Whether the answer changes from the first rung to the last that adjusts."""
    families = _families(estimates)
    adjusted = {name: rungs for name, rungs in families.items() if len(rungs) > 1}
    if not families:
        return f"{ABSENT}customers with and without a problem or complaint, or randomised arms."
    if not adjusted:
        return f"{ABSENT}anything to adjust for, so the contrasts stay raw."
    changed = {
        name: rungs for name, rungs in adjusted.items() if _side(rungs[0]) != _side(rungs[-1])
    }
    if not changed:
        most = max(adjusted.values(), key=lambda rungs: abs(rungs[0].value - rungs[-1].value))
        return (
            f"Down the ladder {'no' if len(adjusted) > 1 else 'the'} answer "
            f"{'changes' if len(adjusted) > 1 else 'stays'}; the largest shift is "
            f"{_moved(most)} for {_group(most[0])}."
        )
    name, rungs = max(changed.items(), key=lambda item: abs(item[1][0].value - item[1][-1].value))
    rest = len(adjusted) - len(changed)
    others = f" {upper(count(rest, 'other answer holds', 'other answers hold'))}." if rest else ""
    return (
        f"The answer changes for {_group(rungs[0])}: {_side(rungs[0])} raw and "
        f"{_side(rungs[-1])} {_last(rungs[-1])} ({_moved(rungs)}).{others}"
    )


def balance(estimates: list[Estimate]) -> str:
    """The largest difference between groups before and after weighting."""
    before = worst(estimates, "before")
    if before is None:
        return f"{ABSENT}covariates by which the groups could be made alike."
    what = before.name.partition(": ")[2].rpartition(", ")[0]
    group = _group(before)
    after = [(kind, worst(estimates, key)) for key, kind in (
        ("overlap", "overlap weights"), ("att", "weights to the group"),
    )]  # fmt: skip
    left = listed([f"{_size(item)} SD under {kind}" for kind, item in after if item is not None])
    verb = "within" if all(abs(x.value) <= LIMIT for _, x in after if x is not None) else "beyond"
    return (
        f"Before weighting the groups differ by up to {_size(before)} SD ({what}, {group}); at "
        f"most {left} remains, {verb} the customary {format_number(LIMIT, 'SD')[1:]} SD."
    )


def overlap(table: pd.DataFrame) -> str:
    """Where the comparison has least to offer."""
    if table.empty:
        return f"{ABSENT}covariates from which a propensity could be told."
    apart = table["Weights"] != "untrimmed"
    if apart.any():
        names = listed([_short(name) for name in table.loc[apart, "Contrast"]])
        return f"Nobody is alike for {names}: what was measured tells the groups apart."
    row = table.loc[table["Beyond the others"].idxmax()]
    share = format_number(row["Beyond the others"], "share")
    return (
        f"Groups overlap least for {_short(row['Contrast'])}: {share} of them are more likely to "
        "be in the group than 99 in 100 of those they are compared with."
    )


def panel(estimates: list[Estimate]) -> str:
    """The difference in differences of all with a problem, or the first there is."""
    found = [item for item in estimates if item.key.endswith(".difference")]
    if not found:
        return f"{ABSENT}enough people asked in two waves, without a problem in the first."
    item = found[0]
    group = item.name.partition(" − ")[0]
    way = "more" if item.value > 0 else "less"
    size = format_number(abs(item.value), item.unit).lstrip("+")
    change = find(estimates, item.key.replace(".difference", ".change"))
    word = UNITS[item.unit].word
    ours = "" if change is None else f" by {value_of(change)} {word}:"
    doubt = "" if item.low > 0 or item.high < 0 else ", an interval that includes zero"
    return (
        f"{upper(group)} since the wave before changed{ours} {size} {way} than those "
        f"without one{doubt}."
    )


def _families(estimates: list[Estimate]) -> dict[str, list[Estimate]]:
    """The rungs of each contrast, without the panel, which speaks for others, and the shift."""
    found: dict[str, list[Estimate]] = {}
    for item in estimates:
        _, _, contrast, rung = item.key.split(".")
        if rung not in ("panel", "shift") and item.low == item.low:
            found.setdefault(contrast, []).append(item)
    return found


def _side(item: Estimate) -> str:
    if item.low > 0:
        return "above zero"
    return "below zero" if item.high < 0 else "not clear of zero"


def _moved(rungs: list[Estimate]) -> str:
    return f"{value_of(rungs[0])} to {value_of(rungs[-1])} {UNITS[rungs[0].unit].word}"


def _last(item: Estimate) -> str:
    return "when doubly robust" if item.key.endswith(".aipw") else "once adjusted"


def _group(item: Estimate) -> str:
    return _short(item.name.partition(" − ")[0])


def _short(name: str) -> str:
    return SHORT.get(name, name)


def _size(item: Estimate) -> str:
    return format_number(abs(item.value), item.unit).lstrip("+")
