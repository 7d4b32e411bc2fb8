"""The scales in sentences."""

from crmresearch.report.estimates import Estimate
from crmresearch.survey.headlines.wording import ABSENT, listed
from crmresearch.survey.scales import ENOUGH, doubtful, unreliable


def reliability(estimates: list[Estimate]) -> str:
    """Which scales are reliable enough to compare groups, which are not, which cannot be told."""
    if not estimates:
        return f"{ABSENT}no scale of two items or more, so that reliability cannot be told"
    poor, unsure = unreliable(estimates), doubtful(estimates)
    names = {item.key.partition(".")[2] for item in estimates}
    if poor:
        text = f"{_scales(poor)} below {ENOUGH:.2f}: not reliable enough to compare groups"
        return text[0].upper() + text[1:]
    if unsure:
        return f"No scale is shown to be unreliable; {_scales(unsure)} not clear of {ENOUGH:.2f}"
    each = "The scale is" if len(names) == 1 else f"All {len(names)} scales are"
    return f"{each} reliable enough to compare groups, above {ENOUGH:.2f}"


def item_rest(estimates: list[Estimate]) -> str:
    """The item that fits its scale least."""
    if not estimates:
        return f"{ABSENT}no scale of two items or more"
    weakest = min(estimates, key=lambda item: item.value)
    return f"The item that goes least with the rest of its scale is {weakest.name}, r = {weakest}"


def _scales(estimates: list[Estimate]) -> str:
    texts = [f"{item.name} {item}" for item in estimates]
    return f"{listed(texts)}, {'is' if len(texts) == 1 else 'are'}"
