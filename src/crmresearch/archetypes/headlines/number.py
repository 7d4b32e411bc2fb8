"""How many types there are, and how sharp they are."""

import pandas as pd

from crmresearch.archetypes.headlines.wording import in_words
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number


def number_of_types(criteria: pd.DataFrame) -> str:
    """How many types were chosen, why, and the runner-up."""
    chosen = int(criteria.loc[criteria["Chosen"] == "chosen", "Types"].iloc[0])
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


def sharpness(estimates: list[Estimate]) -> str:
    """How surely respondents can be placed."""
    entropy = find(estimates, "type.entropy")
    if entropy is None:
        return "With a single type there is nothing to tell apart"
    stable = find(estimates, "type.stability")
    text = f"Respondents can be placed with a relative entropy of {entropy}"
    if stable is None:
        return text
    agree = format_number(stable.value, stable.unit)
    return f"{text}; the types of two halves of the data agree to {agree} (adjusted Rand index)"
