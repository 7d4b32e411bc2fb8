"""Verdicts on the contrasts, attitude apart from behaviour."""

from collections.abc import Iterable, Sequence

import pandas as pd

from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.contrasts import GROUPS, available, family, judged_unit, restored_family
from crmresearch.report.estimates import NAN, Estimate

VERDICTS = ("paradox", "restored", "still worse", "inconclusive")
UNITS = {"Multiple": "multiple", "from": "multiple", "to": "multiple", "Detectable": "ratio"}
NONE = "–"
TOO_FEW = "too few"  # who answered what a contrast is adjusted for


def verdict(superiority: Estimate, equivalence: Estimate, bound: float) -> str:
    """One of `VERDICTS`, from the interval of each kind and the smallest difference of interest.

    "Paradox" where the interval is above zero and reaches a difference of interest; "still worse"
    the same below; "restored" where the interval for equivalence is within the bounds; otherwise
    the data allow several readings: "inconclusive". "" where there is no interval.
    """
    return _word((superiority.low, superiority.high), (equivalence.low, equivalence.high), bound)


def smallest(unit: str, *, sesoi: float, sesoi_share: float) -> float:
    """The smallest difference of interest of contrasts that are judged in this unit."""
    return sesoi_share if unit == "share difference" else sesoi


def zone(outcome: Outcome, *, sesoi: float, sesoi_share: float) -> float:
    """The smallest difference of interest in an outcome, in the unit in which it is judged."""
    return smallest(judged_unit(outcome), sesoi=sesoi, sesoi_share=sesoi_share)


def verdicts(
    cases: Cases,
    outcomes: Sequence[Outcome],
    estimates: Iterable[Estimate],
    *,
    sesoi: float = 0.2,
    sesoi_share: float = 0.05,
) -> pd.DataFrame:
    """The verdict on each contrast, outcome by outcome, attitudes before behaviour.

    Parameters
    ----------
    estimates : of `contrasts.compare` for all the outcomes; of `prospects.detectable` for what each
        could have shown; and of `selection.less_selection` for the last verdict, on delighted
        complainers: what holds whether nothing or all that the rating shares with the outcome is
        selection
    sesoi, sesoi_share : smallest difference of interest, in SD and of shares as a fraction, decided
        before the data were seen

    Returns
    -------
    A frame of one row a contrast: `Detectable`, the adjusted difference (raw without anything to
    adjust for) and its interval are multiples of the smallest difference of interest, so that all
    outcomes stand on one axis; the rest is text.
    """
    made = {item.key: item for item in estimates}
    ordered = sorted(outcomes, key=lambda item: item.behaviour)
    rows = [
        row
        for outcome in ordered
        for name in available(cases)
        if (row := _row(cases, outcome, name, made, sesoi, sesoi_share))
    ]
    columns = ["Kind", "Outcome", f"Compared with {cases.reference}", "Detectable", "Raw"]
    columns += ["Adjusted", "Less selection", "Multiple", "from", "to"]
    return pd.DataFrame(rows, columns=columns)


def _row(
    cases: Cases,
    outcome: Outcome,
    name: str,
    made: dict[str, Estimate],
    sesoi: float,
    sesoi_share: float,
) -> tuple | None:
    words, told, ends = {}, None, f"{outcome.key}.{name}"
    for kind in ("raw", "adjusted"):
        wide = made.get(f"{family(cases)}.{ends}.{kind}")
        narrow = made.get(f"{restored_family(cases)}.{ends}.{kind}")
        if wide is None or narrow is None:
            continue
        bound = smallest(wide.unit, sesoi=sesoi, sesoi_share=sesoi_share)
        words[kind] = verdict(wide, narrow, bound)
        if words[kind]:
            told = wide, narrow
    if told is None:
        return None
    least = made.get(f"detectable.{ends}")
    return (
        "behaviour" if outcome.behaviour else "attitude",
        outcome.name,
        GROUPS[name][0],
        least.value / bound if least else NAN,
        words.get("raw") or NONE,
        words.get("adjusted", NONE) or TOO_FEW,
        _less_selection(*told, made, ends, bound) or NONE,
        *(number / bound for number in (told[0].value, told[0].low, told[0].high)),
    )


def _less_selection(
    wide: Estimate, narrow: Estimate, made: dict[str, Estimate], ends: str, bound: float
) -> str:
    """The verdict that holds with and without the allowance for selection; "" without one."""
    less = [made.get(f"{start}.{ends}") for start in ("less_selection", "less_selection_restored")]
    if less[0] is None or less[1] is None or not less[0].low <= less[0].high:
        return ""
    pairs = [
        (min(one.low, two.low), max(one.high, two.high))
        for one, two in zip((wide, narrow), less, strict=True)
    ]
    return _word(*pairs, bound)


def _word(wide: tuple[float, float], narrow: tuple[float, float], bound: float) -> str:
    if not (wide[0] <= wide[1] and narrow[0] <= narrow[1]):
        return ""
    if wide[0] > 0 and wide[1] >= bound:
        return "paradox"
    if wide[1] < 0 and wide[0] <= -bound:
        return "still worse"
    if -bound < narrow[0] and narrow[1] < bound:
        return "restored"
    return "inconclusive"


def judged(table: pd.DataFrame) -> pd.Series:
    """The best verdict of each row: adjusted where there is one, otherwise raw."""
    return table["Adjusted"].where(table["Adjusted"].isin(VERDICTS), table["Raw"])
