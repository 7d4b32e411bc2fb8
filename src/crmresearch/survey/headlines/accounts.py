"""Accounts in sentences."""

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import format_number
from crmresearch.survey.headlines.wording import ABSENT, short


def agreement(estimates: list[Estimate]) -> str:
    """How much accounts have in common, and the part that differs most from another in them."""
    between = find(estimates, "agreement.icc1")
    if between is None:
        return f"{ABSENT}no account with answers of two people, so that agreement cannot be told"
    measure = between.name.rpartition(", ")[0].lower()
    share = f"{between} of the variance of {short(measure)} lies between accounts"
    clear = [
        item
        for item in estimates
        if item.key.startswith("roles.") and (item.low > 0 or item.high < 0)
    ]
    if not clear:
        return share
    widest = max(clear, key=lambda item: max(item.low, -item.high))
    return f"{share}; within one, {short(widest.name)} is {widest}"


def coverage(estimates: list[Estimate]) -> str:
    """How narrow the snapshot is."""
    heard, single = find(estimates, "coverage.contacts"), find(estimates, "coverage.single")
    if single is None:
        return f"{ABSENT}no whole accounts, so that it cannot be told whom the survey has not heard"
    alone = f"in {single} of accounts a single person answered"
    if heard is None:
        return alone[0].upper() + alone[1:]
    return f"The survey heard {heard} of the known contacts of these accounts; {alone}"


def hidden(estimates: list[Estimate]) -> str:
    """How many accounts look better than they are."""
    fine = find(estimates, "hidden.fine")
    if fine is None and estimates:
        return "Too few accounts look fine to say what their means hide"
    if fine is None:
        return f"{ABSENT}no whole accounts with recommendations and the influence of who gave them"
    who = fine.name.partition("hides ")[2]
    return f"{fine} of the accounts that look fine hide {who}"


def ranking(estimates: list[Estimate]) -> str:
    """How far a ranking of accounts can be trusted."""
    reliable = find(estimates, "accounts.reliability")
    if reliable is None:
        return f"{ABSENT}no accounts with enough answers to rank"
    text = f"Accounts are ranked with a reliability of {reliable}"
    sides = [find(estimates, f"accounts.{side}") for side in ("below", "above")]
    if None in sides:
        return text
    below, above = (format_number(item.value, item.unit) for item in sides)
    return f"{text}; {below} can be called below average and {above} above"
