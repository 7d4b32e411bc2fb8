"""What it would take to explain the headline away, in words, one row for each way to be wrong."""

from collections.abc import Callable, Iterable

import pandas as pd

from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.contrasts import available, family, title_of
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_number

NOTHING = "Nothing: the interval includes zero as it is"
Made = dict[str, Estimate]


def explained(cases: Cases, outcome: Outcome, estimates: Iterable[Estimate]) -> pd.DataFrame:
    """The narrowest contrast and the firmest one, and what would explain each away.

    Parameters
    ----------
    estimates : of `contrasts.compare`, `bounds.unmeasured`, `bounds.omitted`, `matched.matched` and
        `selection.bound`, as far as the data allow them

    Returns
    -------
    A frame of text: the contrast, what may be missing, what it would take, and what the data hold
    to compare that with. Empty where no adjusted contrast is shown.
    """
    made: Made = {}
    for item in estimates:
        made.setdefault(item.key, item)
    rows = []
    for name in headlines(cases, outcome, made.values()):
        judged = made[f"{family(cases)}.{outcome.key}.{name}.adjusted"]
        clear = judged.low > 0 or judged.high < 0
        for ask, words in WAYS.items():
            told = words(made, judged, outcome, name, clear)
            if told is not None:
                rows.append((f"{title_of(cases, name, 'adjusted')}: {judged}", ask, *told))
    columns = ["Contrast", "What may be wrong", "It would take", "To compare"]
    return pd.DataFrame(rows, columns=columns)


def headlines(cases: Cases, outcome: Outcome, estimates: Iterable[Estimate]) -> list[str]:
    """The narrowest adjusted contrast that is shown and the one furthest from zero."""
    made = {item.key: item for item in estimates}
    keys = {name: f"{family(cases)}.{outcome.key}.{name}.adjusted" for name in available(cases)}
    shown = {x: made[key] for x, key in keys.items() if key in made and _known(made[key])}
    if not shown:
        return []
    narrowest = list(shown)[-1]
    firmest = max(shown, key=lambda x: abs(shown[x].value) / (shown[x].high - shown[x].low))
    return list(dict.fromkeys([narrowest, firmest]))


def _known(item: Estimate) -> bool:
    return item.low < item.high


def _cause(made: Made, judged: Estimate, outcome: Outcome, name: str, clear: bool):
    value, limit = (made.get(f"{start}.{judged.key}") for start in ("e_value", "e_value_limit"))
    if value is None or limit is None:
        return None
    text = (
        f"It goes with the group and with the outcome by a risk ratio of {_number(value)} each; "
        f"{_number(limit)} would do for the interval to include zero"
    )
    return text if clear else NOTHING, "E-value; 1 is no link at all"


def _covariate(made: Made, judged: Estimate, outcome: Outcome, name: str, clear: bool):
    ends = f"{outcome.key}.{name}"
    value, limit = (made.get(f"{start}.{ends}") for start in ("robustness", "robustness_limit"))
    if value is None or limit is None:
        return None
    text = (
        f"It explains {_number(value)} of what the covariates leave of group and outcome alike; "
        f"{_number(limit)} would do for the interval to include zero"
    )
    group, other = (made.get(f"benchmark_{side}.{ends}") for side in ("group", "outcome"))
    beside = "Robustness value"
    if group is not None and other is not None:
        covariate = group.group.partition(": ")[2]
        beside = (
            f"{covariate} explains {_number(group)} of the group, {_number(other)} of the outcome"
        )
    return text if clear else NOTHING, beside


def _coin(made: Made, judged: Estimate, outcome: Outcome, name: str, clear: bool):
    gamma = made.get(f"gamma.{outcome.key}.{name}")
    if gamma is None or gamma.value != gamma.value:
        return None
    pairs = f"{count(gamma.n // 2, 'pair')} alike in the covariates"
    if gamma.value <= 1:
        return "Nothing: the pairs do not differ beyond chance as it is", pairs
    text = f"Of two alike, one has {_number(gamma)} times the other’s odds to be in the group"
    return text, f"Rosenbaum's gamma; {pairs}"


def _choice(made: Made, judged: Estimate, outcome: Outcome, name: str, clear: bool):
    zero, seen = (made.get(f"selection.{outcome.key}.{end}") for end in ("zero", "observed"))
    if name != "delighted" or zero is None or seen is None:
        return None
    beside = f"Rating and outcome correlate {_number(seen)} among complainers"
    if judged.value <= 0:
        return "Nothing: they do not stand above zero as it is", beside
    if zero.value > 1:
        return "No correlation is enough", beside
    return f"Rating and error of the outcome correlate {_number(zero)}", beside


def _number(item: Estimate) -> str:
    return format_number(item.value, item.unit)


WAYS: dict[str, Callable] = {
    "A cause that was not asked": _cause,
    "A covariate that was not asked": _covariate,
    "An unfair coin within pairs": _coin,
    "Customers chosen by their rating": _choice,
}
