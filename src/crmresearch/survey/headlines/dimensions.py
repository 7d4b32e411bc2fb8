"""The number of dimensions in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count
from crmresearch.survey.dimensions import TOGETHER, numbers, several, told
from crmresearch.survey.headlines.wording import ABSENT, listed


def dimensions(estimates: list[Estimate]) -> str:
    """How many dimensions against how many scales, and the scales that have more than one."""
    known = [item for item in numbers(estimates) if item.value == item.value]
    both, scales = told(estimates, TOGETHER), find(estimates, "declared")
    if not both and not known:
        return f"{ABSENT}no scale of three items or more whose dimensions could be counted"
    mixed = several(estimates)
    parts = []
    if both:
        least, most = int(min(both)), int(max(both))
        some = count(most, "dimension") if least == most else f"{least} to {most} dimensions"
        declared = count(int(scales.value), "scale")
        parts.append(f"All items together have {some} beyond chance, where {declared} are declared")
    if mixed:
        names = [
            f"{item.name.removeprefix('Dimensions of ')} has {count(int(item.value), 'dimension')}"
            for item in mixed
        ]
        parts.append(listed(names))
    elif known:
        sure = all(item.high == 1 and item.value == 1 for item in known)
        where = "the scale" if len(known) == 1 else f"each of the {len(known)} scales"
        parts.append(f"{where} {'has' if sure else 'may have'} a single dimension")
    text = "; ".join(parts)
    return text[0].upper() + text[1:]
