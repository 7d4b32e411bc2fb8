"""Whom a survey of accounts has heard, and whom the mean of an account may hide.

Every account that is heard counts once, unweighted: how likely an account was to be heard at all is
not known. Accounts of which nobody answered are not in the file.
"""

import numpy as np
import pandas as pd

from crmresearch.methods.means import mean
from crmresearch.methods.proportions import share
from crmresearch.methods.ratios import ratio
from crmresearch.report.estimates import NAN, Estimate, find
from crmresearch.report.findings import Caveat
from crmresearch.survey.accounts import People, outcome
from crmresearch.survey.sample import WORDS

GROUPS = ("brand", "segment")
LOW = 0.5  # contacts heard, of those known, below which a caveat says so
MUCH = 0.25  # accounts with a single respondent above which a caveat says so
FINE = 7.0  # a mean likelihood to recommend that looks fine: nobody's mean is a detractor's
AGAINST = 6.0  # the highest answer of a detractor
NEARLY = 0.5  # an account is half heard where this share of its contacts answered


def coverage(who: People | None, *, level: float = 0.95, min_cell: int = 2) -> list[Estimate]:
    """How much of the accounts the survey has heard.

    Returns
    -------
    ``coverage.contacts``, respondents as a share of the known contacts of the accounts heard, also
    by brand and segment; ``coverage.half``, the accounts of whose contacts fewer than half
    answered; ``coverage.single``, those in which one person answered; ``coverage.unheard``, those
    in which nobody of the most influential part did (see `decider`); n counts accounts. An account
    with fewer known contacts than respondents counts as fully heard. Empty without accounts, and
    where others of them answered that are not in these data.
    """
    if who is None or who.word != "account" or not who.survey.whole_accounts:
        return []
    sizes = who.sizes.astype(float)
    known = np.maximum(_largest(who, who.values("contacts")), sizes)
    found = []
    if np.isfinite(known).any():
        name = "Known contacts who answered"
        common = {"key": "coverage.contacts", "name": name, "level": level, "units": who.words}
        found.append(ratio(sizes, known, **common))
        found += [
            ratio(sizes, np.where(rows, known, NAN), **common, group=group, dropped=False)
            for group, rows in who.account_groups(GROUPS, min_cell)
        ]
        half = np.where(np.isfinite(known), sizes < NEARLY * known, NAN)
        name = "Accounts with fewer than half heard"
        found.append(share(half, key="coverage.half", name=name, level=level))
    name = "Accounts with a single answer"
    found.append(share(sizes == 1, key="coverage.single", name=name, level=level))
    unheard = _unheard(who, level)
    return [item for item in [*found, *unheard] if item.n]


def snapshot(found: list[Estimate]) -> list[Caveat]:
    """The caveats of `coverage`: contacts not heard, and accounts that one person stands for."""
    caveats = []
    heard, single = find(found, "coverage.contacts"), find(found, "coverage.single")
    if heard is not None and heard.value < LOW:
        text = (
            f"Of the known contacts of the accounts heard {heard} answered. What the others think "
            "is in no figure, and accounts of which nobody answered are not in the file."
        )
        caveats.append(Caveat(key="accounts.contacts", text=text))
    if single is not None and single.value > MUCH:
        text = (
            f"In {single} of the accounts heard a single person answered, so that this answer "
            "stands for the account and nobody can say how far others in it agree."
        )
        caveats.append(Caveat(key="accounts.single", text=text))
    return caveats


def hidden(
    who: People | None, *, influential: float = 0.7, level: float = 0.95, min_cell: int = 2
) -> list[Estimate]:
    """Accounts whose mean looks fine but in which somebody with a say is against the provider.

    An account looks fine with a mean likelihood to recommend of at least `FINE`; somebody against
    is a detractor; a say is an influence of at least `influential` or, where influence was not
    recorded, belonging to the most influential part. Only accounts with two answers or more count,
    since one answer hides nobody.

    Parameters
    ----------
    influential : influence from which a customer has a say, in the unit of the data
    min_cell : the least number of accounts that a share rests on

    Returns
    -------
    ``hidden.fine``, the share of the accounts that look fine, also by brand and segment, and
    ``hidden.all``, the share of all of them; n counts accounts. Empty without accounts,
    recommendation, or both influence and stakeholders, and where others of the accounts answered
    that are not in these data.
    """
    if who is None or who.word != "account" or "recommend" not in who.survey.roles:
        return []
    if not who.survey.whole_accounts:
        return []
    say, words = _say(who, influential)
    if say is None:
        return []
    scores = who.values("recommend")
    answered = np.isfinite(scores)
    number = np.bincount(who.codes[answered], minlength=who.number)
    total = np.bincount(who.codes[answered], scores[answered], minlength=who.number)
    against = np.bincount(who.codes, answered & (scores <= AGAINST) & say, minlength=who.number) > 0
    asked = number > 1
    looks = asked & (total >= FINE * number)
    yes = np.where(looks, against.astype(float), NAN)
    common = {"level": level}
    name = f"Looks fine but hides a detractor {words}"
    every = "The same, of all accounts with two answers or more"
    found = [
        share(yes, key="hidden.fine", name=name, **common),
        share(
            np.where(asked, (looks & against).astype(float), NAN),
            key="hidden.all",
            name=every,
            **common,
        ),
    ]
    found += [
        share(yes, key="hidden.fine", name=name, within=rows, group=group, **common)
        for group, rows in who.account_groups(GROUPS, min_cell)
    ]
    return [item for item in found if item.n >= (1 if item.group else max(min_cell, 1))]


def weighting(who: People | None, *, level: float = 0.95, min_cell: int = 2) -> list[Estimate]:
    """What weighting the people of an account by their influence changes in its score.

    Over the accounts with two people or more whose answer and influence are known: their score
    with weights of influence, of its square, and of the most influential part alone, held against
    equal weights. Which weights are right cannot be told from the answers.

    Returns
    -------
    For each of ``linear``, ``squared`` and ``decider``: ``weighting.{kind}.mean``, the mean change
    in scale points, and ``weighting.{kind}.moved``, the share of accounts whose score changes by
    more than a twelfth of the scale. None rests on fewer than `min_cell` accounts. Empty
    without influence and stakeholders.
    """
    role = outcome(who) if who else ""
    if not role:
        return []
    variables = who.survey.variables(role)
    values, kinds = who.values(role), _kinds(who)
    low, high = variables[0].low, variables[0].high
    span = np.ptp(values[np.isfinite(values)]) if low is None or high is None else high - low
    step = float(span) / 12
    found = []
    for kind, (words, weights) in kinds.items():
        equal, weighted = _both(who, values, weights)
        change = weighted - equal
        moved = np.where(np.isfinite(change), np.abs(change) > step, NAN)
        name = f"{WORDS[role].capitalize()} {words} less equal weights"
        found.append(
            mean(change, key=f"weighting.{kind}.mean", name=name, unit="scale difference",
                 level=level)
        )  # fmt: skip
        name = f"Moves by more than {step:.2f} points {words}"
        found.append(share(moved, key=f"weighting.{kind}.moved", name=name, level=level))
    return [item for item in found if item.n >= max(min_cell, 1)]


def decider(who: People) -> str:
    """The part in the account with the most influence: by recorded influence, else listed last."""
    kinds = who.labels("stakeholder")
    if kinds is None or not len(kinds.categories):
        return ""
    influence = pd.Series(who.values("influence")).groupby(kinds, observed=True).mean()
    if influence.notna().any():
        return str(influence.idxmax())
    present = [name for name in kinds.categories if (kinds == name).any()]
    return str(present[-1]) if present else ""


def _unheard(who: People, level: float) -> list[Estimate]:
    part, kinds = decider(who), who.labels("stakeholder")
    if not part:
        return []
    known = np.bincount(who.codes, kinds.codes >= 0, minlength=who.number) == who.sizes
    heard = np.bincount(who.codes, kinds == part, minlength=who.number) > 0
    silent = np.where(known | heard, (~heard).astype(float), NAN)
    name = f"Accounts in which no {part} answered"
    return [share(silent, key="coverage.unheard", name=name, level=level)]


def _say(who: People, influential: float) -> tuple[np.ndarray | None, str]:
    if "influence" in who.survey.roles:
        say = who.values("influence") >= influential
        return say, f"of influence {influential:g} or more"
    part, kinds = decider(who), who.labels("stakeholder")
    return (np.asarray(kinds == part), f"who is {part}") if part else (None, "")


def _kinds(who: People) -> dict[str, tuple[str, np.ndarray]]:
    """Ways to weigh the people of an account: words and weights (n,), NaN where unknown."""
    found = {}
    if "influence" in who.survey.roles:
        influence = who.values("influence")
        influence = np.where(influence >= 0, influence, NAN)
        found["linear"] = ("weighted by influence", influence)
        found["squared"] = ("weighted by influence squared", influence**2)
    part, kinds = decider(who), who.labels("stakeholder")
    if part and len(kinds.categories) > 1:
        alone = np.where(kinds.codes >= 0, np.asarray(kinds == part, dtype=float), NAN)
        found["decider"] = (f"of {part} alone", alone)
    return found


def _both(who: People, values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Equally weighted and weighted score of each account with two answers or more, else NaN."""
    used = np.isfinite(values) & np.isfinite(weights)
    codes, values, weights = who.codes[used], values[used], weights[used]

    def sums(x: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(codes, x, minlength=who.number)

    number, total = sums(), sums(weights)
    several = (number > 1) & (total > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        equal, weighted = sums(values) / number, sums(values * weights) / total
    return np.where(several, equal, NAN), np.where(several, weighted, NAN)


def _largest(who: People, values: np.ndarray) -> np.ndarray:
    """The largest known value in each account, NaN where none is."""
    known = np.isfinite(values)
    largest = np.full(who.number, -np.inf)
    np.maximum.at(largest, who.codes[known], values[known])
    return np.where(np.isfinite(largest), largest, NAN)
