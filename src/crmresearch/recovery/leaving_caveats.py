"""What changes how the times to leave should be read: who could not be seen to leave."""

from crmresearch.recovery.cases import Cases
from crmresearch.recovery.following import Following
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count


def caveats(cases: Cases, following: Following | None) -> list[Caveat]:
    """The caveats of time to leave that fire."""
    if not cases.has("stayed") or cases.randomised:
        return []
    if following is None:
        text = (
            "Whether customers left is known, but not when: their chances of having left by one "
            "date are compared, and whoever had left before the survey is missing."
        )
        return [Caveat(key="recovery.leaving_once", text=text), *_unweighted(cases)]
    return [_survivors(cases, following), *_left_out(following), *_unweighted(cases)]


def _unweighted(cases: Cases) -> list[Caveat]:
    if not cases.weighted:
        return []
    text = (
        "Times to leave and chances of having left are not weighted to the population: they speak "
        "for the customers who answered."
    )
    return [Caveat(key="recovery.leaving_unweighted", text=text)]


def _survivors(cases: Cases, following: Following) -> Caveat:
    if following.entry is not None:
        entered = following.entry[following.usable]
        late = count(int((entered > 0).sum()), "customer")
        text = (
            f"{late} answered after the day they are followed from and nobody answered after "
            "leaving, so each is counted from the answer on. Whoever left before could not answer; "
            "if they left for what is compared here, later curves cannot show it."
        )
        return Caveat(key="recovery.leaving_entry", text=text)
    if following.early_leavers:
        text = (
            "Some customers answered after they had left, so leavers are not shut out; whether "
            "they answered as often as those who stayed is not known."
        )
        return Caveat(key="recovery.leaving_leavers", text=text)
    text = (
        "Time to leave starts with customers who were still there. Those whom a failure drove away "
        "before they could be asked are missing, most where it was handled worst, which alone can "
        "make paths with a problem look as steady as those without one. Whoever had to stay for "
        "the complaint to be resolved was safe for that while."
    )
    return Caveat(key="recovery.leaving_survivors", text=text)


def _left_out(following: Following) -> list[Caveat]:
    parts = [
        (following.missing, "a date, or whether they left, is missing"),
        (following.reversed, "they are followed until a day before the first"),
        (following.early, "they were last seen on the day of their answer or before"),
    ]
    told = [f"{count(number, 'customer')} because {why}" for number, why in parts if number]
    if not told:
        return []
    text = f"Left out of the times to leave: {'; '.join(told)}."
    return [Caveat(key="recovery.leaving_left_out", text=text)]
