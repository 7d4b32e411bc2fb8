"""Why recovery works, in sentences."""

from crmresearch.recovery.chain import Chain
from crmresearch.recovery.headlines.wording import ABSENT, listed, upper, value_of
from crmresearch.recovery.mechanism_checks import APART, failing
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.findings import MARK
from crmresearch.report.numbers import format_number


def measures(chain: Chain, estimates: list[Estimate]) -> str:
    """Whether the scales can be told apart."""
    if not chain.mediators:
        return f"{ABSENT}ratings of how fair or how satisfying the handling was."
    pairs = [item for item in estimates if item.key.startswith("mechanism.htmt.")]
    reliable = [item for item in estimates if item not in pairs]
    if reliable and not pairs:
        return f"{upper(reliable[0].name)}: {reliable[0]}; no second scale to tell it from."
    if not pairs:
        return (
            f"{ABSENT}two of the scales with two questions or more, answered by "
            f"{chain.enough} {chain.who}."
        )
    reasons = list(failing(estimates).values())
    if reasons:
        return upper(f"{'; '.join(reasons)}.").replace("“", "", 1).replace("”", "", 1)
    closest = max(pairs, key=lambda item: item.high)
    if closest.high < APART:
        return f"All {_scales(pairs)} scales can be told apart: no HTMT surely reaches .85."
    names = closest.name.rpartition(", ")[0]
    return f"Whether customers tell {names} apart is open: HTMT {closest}."


def _scales(pairs: list[Estimate]) -> int:
    return len({key for item in pairs for key in item.key.split(".")[2:]})


def importance(chain: Chain, estimates: list[Estimate]) -> str:
    """What satisfaction with the handling goes with most."""
    shares = [item for item in estimates if item.key.startswith("mechanism.share.")]
    if not shares:
        return _absent(chain, "two kinds of fairness and satisfaction with the handling")
    first, lead = shares[0], find(estimates, "mechanism.lead")
    clear = lead is not None and lead.low > 0
    name = upper(first.name.removesuffix(MARK))
    text = f"{name} takes the largest share of the explained variance of"
    end = "" if clear else ", though its lead is not clear"
    return f"{text} {chain.last.name}: {value_of(first)}{end}."


def effects(chain: Chain, estimates: list[Estimate]) -> str:
    """How much of fairness goes with each outcome through satisfaction with the handling."""
    found = [
        item
        for outcome in chain.outcomes
        if (item := find(estimates, f"mechanism.indirect.{outcome.key}")) is not None
    ]
    if not found:
        return _absent(chain, "fairness, satisfaction with the handling and what came of it")
    clear = [item for item in found if item.low > 0 or item.high < 0]
    others = [item for item in found if item not in clear]
    what = "fairness" if chain.fair else "what comes first"
    start = f"By way of {chain.last.name}, {what} goes"
    if not clear:
        return f"{start} clearly with no outcome: {_each(others)}."
    text = f"{start} with {_each(clear)}"
    return f"{text}; not clearly with {_each(others)}." if others else f"{text}."


def _each(items: list[Estimate]) -> str:
    return listed([f"{item.name.partition(':')[0]}, {item}" for item in items])


def chains(chain: Chain, estimates: list[Estimate]) -> str:
    """How much of what a cause goes with passes through the mediators."""
    totals = [item for item in estimates if item.key.startswith("chain.total.")]
    if not totals:
        what = "who had the complaint resolved, or an arm, and what lies between"
        return _absent(chain, what)
    texts = []
    for total in totals[:2]:
        through = find(estimates, total.key.replace(".total.", ".indirect."))
        outcome, _, cause = total.name.rpartition(",")[0].partition(": ")
        texts.append(
            f"{cause} goes with {_sized(total)} of {outcome}, {_sized(through)} of it through "
            f"the mediators ({_ends(through)})"
        )
    return upper("; ".join(texts)) + "."


def _sized(item: Estimate) -> str:
    return f"{value_of(item)} SD"


def _ends(item: Estimate) -> str:
    return f"{format_number(item.low, item.unit)} to {format_number(item.high, item.unit)}"


def sensitivity(chain: Chain, estimates: list[Estimate]) -> str:
    """What it would take to undo what goes through the last mediator."""
    found = [item for item in estimates if item.key.startswith("mechanism.rho.")]
    if not found:
        return _absent(chain, "a mediator between a cause and an outcome")
    clear = [item for item in found if item.low > 0 or item.high < 0]
    if not clear:
        names = listed([item.name.partition(":")[0] for item in found])
        return f"Nothing clear passes through {chain.last.name} to {names} that could be undone."
    weakest = min(clear, key=lambda item: abs(item.value))
    share = format_number(abs(weakest.value), "share")
    return (
        f"An unmeasured cause would undo what passes through {chain.last.name} to "
        f"{weakest.name.partition(':')[0]} if it explained {share} of what the model leaves of "
        f"each (correlation of errors {weakest})."
    )


def _absent(chain: Chain, what: str) -> str:
    if chain.mediators and chain.outcomes:
        return f"{ABSENT}{what}, answered in full by {chain.enough} {chain.who}."
    return f"{ABSENT}{what}."
