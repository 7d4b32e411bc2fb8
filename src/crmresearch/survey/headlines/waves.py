"""Change between waves in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.survey.headlines.wording import ABSENT


def change(estimates: list[Estimate]) -> str:
    """The latest change of the first measure, beside what could have been found."""
    latest = [item for item in estimates if not item.group and "difference" in item.unit]
    if not latest:
        return f"{ABSENT}a single wave, so that change cannot be told"
    first = latest[0]
    smallest = find(estimates, f"{first.key}.detectable")
    text = f"{first.name}: {first}"
    if smallest is not None:
        text += f"; these samples would find a true change of {smallest} four times out of five"
    return text
