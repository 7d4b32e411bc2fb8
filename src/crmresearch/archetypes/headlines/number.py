"""How many types there are, and how sharp, steady and distinct they are."""

import pandas as pd

from crmresearch.archetypes.degrees import verdict
from crmresearch.archetypes.enumeration import BY_CUSTOMERS
from crmresearch.archetypes.headlines.wording import ABSENT, in_words, part_of, value_of
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number

ALPHA = 0.05


def number_of_types(criteria: pd.DataFrame) -> str:
    """How many types were chosen, why, and the runner-up."""
    if (criteria["Chosen"] == BY_CUSTOMERS).any():
        only = int(criteria["Types"].iloc[0])
        return f"{in_words(only).capitalize()}, those that customers chose from; none was estimated"
    chosen = _chosen(criteria)
    ranked = criteria.sort_values(["BIC", "Types"])["Types"].astype(int).tolist()
    said = f"{in_words(chosen).capitalize()}"
    if ranked[0] != chosen:
        return f"{said} as asked for; BIC is lowest with {in_words(ranked[0])}"
    if len(ranked) == 1:
        return f"{said}: these indicators cannot tell more apart"
    higher = criteria.set_index("Types")["BIC"]
    gap = format_number(higher[ranked[1]] - higher[chosen], "criterion")
    verb = "describe" if chosen > 1 else "describes"
    return f"{said} {verb} the answers best by BIC; {in_words(ranked[1])} come next, {gap} higher"


def second_opinions(criteria: pd.DataFrame) -> str:
    """What held-out answers, ICL and the bootstrap test say of the number chosen."""
    if len(criteria) < 2:
        return ""
    chosen, table = _chosen(criteria), criteria.set_index("Types")
    others = {"ICL": int(table["ICL"].idxmin())}
    if "Held-out" in table:
        others["held-out likelihood"] = int(table["Held-out"].idxmax())
    tested, bound = _tested(table)
    if tested:
        others["the bootstrap test"] = tested
    agree = [name for name, number in others.items() if number == chosen]
    differ = [
        f"{name} favours {bound if name == 'the bootstrap test' else ''}{in_words(number)}"
        for name, number in others.items()
        if number != chosen
    ]
    said = []
    if agree:
        verb = "agrees" if len(agree) == 1 else "agree"
        said.append(f"{_listed(agree)} {verb} with the number chosen")
    if differ:
        said.append(_listed(differ))
    text = "; ".join(said)
    return f"The rule is BIC. {text[0].upper()}{text[1:]}."


def solutions(frame: pd.DataFrame) -> str:
    """How sure the solution is, and how many respondents its smallest type has."""
    if frame.empty:
        return f"{ABSENT}types that had to be estimated"
    row = frame.loc[frame["Chosen"] == "chosen"].iloc[0]
    types = in_words(int(row["Types"]))
    text = (
        f"The solution with {types} was reached by {row['At the best']:.0f} of "
        f"{row['Finished']:.0f} starts followed to the end"
    )
    if row["Types"] < 2:
        return text
    if row["Smallest type"] != row["Smallest type"]:
        return f"{text}; its smallest type is too small to show"
    share = format_number(row["Smallest type"], "share")
    return f"{text}; its smallest type has {share} of respondents, {row['Its respondents']:.0f}"


def sharpness(estimates: list[Estimate]) -> str:
    """How surely respondents can be placed, and whether resamples give the same types."""
    entropy = find(estimates, "type.entropy")
    if entropy is None:
        return f"{ABSENT}several estimated types to tell apart"
    stable = find(estimates, "type.stability")
    text = f"Respondents can be placed with a relative entropy of {entropy}"
    if stable is None:
        return text
    text = (
        f"{text}; types of resamples agree with these to {value_of(stable)} (adjusted Rand index)"
    )
    parts = [
        item for item in estimates if item.key == "type.recovered" and item.value == item.value
    ]
    if not parts:
        return text
    least = min(parts, key=lambda item: item.value)
    return f"{text}, least in type {part_of(least)}"


def kinds(estimates: list[Estimate]) -> str:
    """Whether the types are more than degrees of one dimension."""
    decided = verdict(estimates)
    if not decided:
        return f"{ABSENT}several estimated types, and enough answers, to hold against one dimension"
    at = {item.key: item for item in estimates}
    gain, told = at["kinds.gain"], at["kinds.told"]
    if decided == "kinds":
        return (
            f"The types are kinds, not degrees: one dimension gives {told} of their gain in "
            "predicting held-out answers"
        )
    if decided == "degrees":
        return (
            "The types may be degrees of one dimension, which describes the answers with fewer "
            f"numbers and gives {value_of(told)} of their gain in predicting held-out answers"
        )
    lower = "lower" if at["kinds.bic"].value > 0 else "higher"
    return (
        f"Kinds or degrees is open: the types' BIC is {lower} than that of one dimension, and they "
        f"predict held-out answers {'better' if gain.value > 0 else 'no better'}, by {gain}"
    )


def _chosen(criteria: pd.DataFrame) -> int:
    return int(criteria.loc[criteria["Chosen"] == "chosen", "Types"].iloc[0])


def _tested(table: pd.DataFrame) -> tuple[int, str]:
    """The number that the tests lead to, 0 without tests, and words where they did not end."""
    if "Bootstrap p" not in table:
        return 0, ""
    known = table["Bootstrap p"].dropna()
    for number, p in known.items():
        if p > ALPHA:
            return int(number) - 1, ""
    return (int(known.index[-1]), "at least ") if len(known) else (0, "")


def _listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
