"""The structure of the scales in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count
from crmresearch.survey.flags import MARK
from crmresearch.survey.headlines.wording import ABSENT, listed
from crmresearch.survey.structure import GOOD, HTMT_APART, HTMT_ONE, NAMES
from crmresearch.survey.verdicts import ROLES, failing_scales, grouping, standing


def fit(estimates: list[Estimate], trouble: str = "") -> str:
    """How many conventions of good fit the model meets, or why it cannot be told.

    Parameters
    ----------
    trouble : what is wrong with the model's solution, or why there is none
    """
    if not estimates:
        why = trouble or "no scales of two questions or more"
        return f"{ABSENT}a model of the scales that can be tested ({why})"
    if trouble:
        return f"The model of the scales has no proper solution: {trouble}"
    rmsea = find(estimates, "fit.rmsea")
    if rmsea is None:
        return "A scale of three questions fits any answers, so that its fit cannot be tested"
    values = {key: find(estimates, f"fit.{key}").value for key in GOOD}
    met = [
        NAMES[key]
        for key, value in values.items()
        if (value <= GOOD[key] if key in ("rmsea", "srmr") else value >= GOOD[key])
    ]
    which = f" ({listed(met)})" if 0 < len(met) < len(GOOD) else ""
    share = {0: "none", len(GOOD): "all"}.get(len(met), f"{len(met)}")
    return (
        f"The model of the scales meets {share} of the {len(GOOD)} conventions of good fit{which}; "
        f"RMSEA is {rmsea}"
    )


def validity(estimates: list[Estimate]) -> str:
    """Which scales are not told apart, and which surely are."""
    pairs = [item for item in estimates if item.key.startswith("htmt.") and item.low == item.low]
    if not pairs:
        shared = next((item for item in estimates if item.key.startswith("ave.")), None)
        if shared is None:
            return f"{ABSENT}scales whose questions can be compared"
        return f"{shared.name}: {shared}"
    one = [item for item in pairs if item.low > HTMT_ONE]
    apart = [item for item in pairs if item.high < HTMT_APART]
    if one:
        texts = [f"{_pair(item)}, HTMT {item}" for item in one]
        return f"Not told apart by these questions: {listed(texts)}"
    if len(apart) == len(pairs):
        closest = max(pairs, key=lambda item: item.value)
        return f"All scales are told apart; the closest are {_pair(closest)}, HTMT {closest}"
    closest = max(pairs, key=lambda item: item.high)
    pairs_words = count(len(pairs), "pair of scales is", "pairs of scales are")
    return (
        f"{len(apart)} of {pairs_words} surely told apart; least surely {_pair(closest)}, "
        f"HTMT {closest}"
    )


def comparability(estimates: list[Estimate]) -> str:
    """Across which groups means may be compared, across which not, and where it cannot be told."""
    if not estimates:
        return f"{ABSENT}segments, brands or waves with enough complete answers in two groups"
    told = {role: standing(estimates, role) for role in ROLES if grouping(estimates, role)}
    names = {role: grouping(estimates, role) for role in told}
    texts = []
    for verdict, words in (
        ("holds", "The questions work alike across {names}"),
        ("fails", "Across {names} the questions do not work alike"),
        ("open", "Whether the questions work alike across {names} cannot be told"),
    ):
        chosen = [names[role] for role, found in told.items() if found == verdict]
        if chosen:
            texts.append(words.format(names=listed(chosen)))
    if len(texts) > 1:
        texts[1:] = [text[0].lower() + text[1:] for text in texts[1:]]
    scales = sorted({name for role in told for name in failing_scales(estimates, role).values()})
    blame = f" (those on {listed(scales)})" if scales else ""
    return "; ".join(texts).replace("do not work alike", f"do not work alike{blame}")


def _pair(item: Estimate) -> str:
    mark = MARK if item.name.endswith(MARK) else ""
    return f"{item.name.rpartition(', ')[0]}{mark}"
