"""Many people, one account: who is heard, and how far the people of one account agree.

Only the last wave is used, and a person who answered twice in it once, with the last answer: the
state of an account is its present one, and two answers of one person do not agree with each other
as two people would. Without accounts, branches take their place where there are any.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.methods.agreement import median_interval, null_variance, rwg
from crmresearch.methods.groups import slug
from crmresearch.methods.intraclass import icc_one_way
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.proportions import share
from crmresearch.methods.within import within_contrasts
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.survey.sample import WORDS, labelled, parts, sampling

OUTCOMES = ("satisfaction", "recommend", "loyalty")
AGREE = 0.70  # the agreement that is asked of an account here; declared, not derived
SHUFFLED = 200_000  # rows put into chance groups, or each row once


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """The people of the last wave, by account; made by `people`.

    Parameters
    ----------
    survey : the survey they come from
    rows : positions of their answers in it, (n,)
    codes : the account of each, 0 to the number of accounts less 1, (n,)
    names : the accounts' names, never shown unless asked for
    word, words : what an account is called: ``account``, ``accounts``
    wave : the label of the last wave; empty without waves
    """

    survey: Survey
    rows: np.ndarray
    codes: np.ndarray
    names: np.ndarray
    word: str
    words: str
    wave: str

    @property
    def number(self) -> int:
        """How many accounts are heard."""
        return len(self.names)

    @property
    def sizes(self) -> np.ndarray:
        """How many people of each account are heard, (accounts,)."""
        return np.bincount(self.codes, minlength=self.number)

    def values(self, role: str) -> np.ndarray:
        """The score of a role for each of these people, (n,); NaN without the role."""
        if role not in self.survey.roles:
            return np.full(len(self.rows), NAN)
        return self.survey.score(role).to_numpy(float)[self.rows]

    def labels(self, role: str) -> pd.Categorical | None:
        """The labels of a grouping for each of these people; None without the role."""
        variables = self.survey.variables(role)
        if not variables:
            return None
        column = self.survey.answers[variables[0].variable]
        return pd.Categorical(labelled(column, variables[0]).iloc[self.rows])

    def groups(self, roles: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
        """The groups of every variable with one of these roles: ``variable: group`` and rows."""
        for variable, label, rows in parts(self.survey, roles):
            yield f"{variable}: {label}", rows[self.rows]

    def account_groups(
        self, roles: tuple[str, ...], min_cell: int
    ) -> Iterator[tuple[str, np.ndarray]]:
        """The same for accounts, (accounts,) of bool each: those that lie wholly in the group.

        A variable is left out where it leaves over fewer than `min_cell` accounts, whose figures
        could be had by subtraction.
        """
        variables: dict[str, list[tuple[str, np.ndarray]]] = {}
        for group, rows in self.groups(roles):
            inside = np.bincount(self.codes, rows, minlength=self.number) == self.sizes
            if inside.any():
                variables.setdefault(group.partition(":")[0], []).append((group, inside))
        for found in variables.values():
            left = self.number - sum(int(inside.sum()) for _, inside in found)
            if not 0 < left < min_cell:
                yield from found

    def together(self, used: np.ndarray) -> int:
        """How many of the people `used`, (n,) of bool, have another of them in their account."""
        sizes = np.bincount(self.codes[used], minlength=self.number)
        return int(sizes[sizes > 1].sum())


def people(survey: Survey) -> People | None:
    """The people of the last wave who are known to belong to an account; None without any."""
    role = next((role for role in ("account", "branch") if role in survey.roles), "")
    if not role or not len(survey.answers):
        return None
    column = survey.answers[survey.variables(role)[0].variable]
    kept = column.notna().to_numpy()
    wave = ""
    waves = survey.variables("wave")
    if waves:
        labels = labelled(survey.answers[waves[0].variable], waves[0])
        heard = labels[kept].dropna()
        if len(heard):
            wave = str(heard.cat.categories[heard.cat.codes.max()])
            kept = kept & (labels == wave).to_numpy()
    rows = np.flatnonzero(kept)
    rows = rows[_last_answers(survey, rows)]
    codes, names = pd.factorize(column.iloc[rows], sort=True)
    words = {"account": "accounts", "branch": "branches"}[role]
    return People(survey, rows, codes, np.asarray(names, dtype=str), role, words, wave)


def _last_answers(survey: Survey, rows: np.ndarray) -> np.ndarray:
    """Which of `rows` are a person's last; everybody's where people are not told apart."""
    variables = survey.variables("person")
    if not variables:
        return np.ones(len(rows), dtype=bool)
    person = survey.answers[variables[0].variable].iloc[rows]
    return (person.isna() | ~person.duplicated(keep="last")).to_numpy()


def outcome(who: People) -> str:
    """The role that accounts are compared on: the first there is of `OUTCOMES`, or empty."""
    return next((role for role in OUTCOMES if role in who.survey.roles), "")


def agreement(
    who: People | None, *, seed: int, level: float = 0.95, min_cell: int = 2
) -> list[Estimate]:
    """How far the people of one account agree on the first outcome there is.

    Parameters
    ----------
    min_cell : the least number of people who share an account with another, since the agreement of
        fewer would tell how they answered

    Returns
    -------
    ``agreement.icc1`` and ``agreement.icc2`` (see `methods.intraclass`), ``agreement.icc1`` also
    among the people of one part in the account and of one brand; ``agreement.rwg``, the median
    agreement of the accounts with two answers or more against random answers spread evenly;
    ``agreement.rwg.skewed`` against slightly skewed ones; ``agreement.rwg.shuffled``, the median
    of the same people put together by chance, who agree because most people answer alike and not
    because they share an account; and ``agreement.low``, the share of accounts whose agreement is
    below `AGREE`. Empty without accounts, or where no two people of one account answered.
    """
    role = outcome(who) if who else ""
    if not role:
        return []
    values = who.values(role)
    known = np.isfinite(values)
    name = f"Mean {WORDS[role]}" if len(who.survey.variables(role)) > 1 else WORDS[role].title()
    found = []
    for group, rows in [("", known), *who.groups(("stakeholder", "brand"))]:
        used = rows & known
        if who.together(used) < max(min_cell, 2):
            continue
        codes = np.where(used, who.codes, -1)
        dropped = int((rows & ~known).sum()) if group else int((~known).sum())
        both = icc_one_way(values, codes, key="agreement", name=name, level=level, group=group)
        both = [dataclasses.replace(item, n_dropped=dropped) for item in both]
        found += both[:1] if group else both
    found = [item for item in found if item.value == item.value]
    return found + _spread(who, role, np.random.default_rng(seed), level) if found else []


def _spread(who: People, role: str, rng: np.random.Generator, level: float) -> list[Estimate]:
    """rwg or rwg(j) over the accounts; empty where the items have no declared range."""
    variables = who.survey.variables(role)
    first = variables[0]
    alike = [x for x in variables if (x.low, x.high, x.type) == (first.low, first.high, "scale")]
    if not alike or first.low is None or first.high is None:
        return []
    columns = [item.variable for item in alike]
    items = who.survey.answers[columns].to_numpy(float)[who.rows]
    points = int(round(first.high - first.low)) + 1
    kind = f"rwg({len(columns)})" if len(columns) > 1 else "rwg"
    even, skewed = null_variance(points), null_variance(points, skewed=True)
    found = {
        "rwg": (f"Median {kind}, evenly spread null", rwg(items, who.codes, null=even)),
        "rwg.skewed": (f"Median {kind}, slightly skewed null", rwg(items, who.codes, null=skewed)),
    }
    values = found["rwg"][1]
    n = int(np.isfinite(values).sum())
    if not n:
        return []
    method = f"median over {who.words} with two answers or more, {points} points; "
    common = {"level": level, "unit": "coefficient", "n": n, "n_dropped": who.number - n}
    estimates = []
    for key, (name, each) in found.items():
        value, low, high = median_interval(each, level=level)
        words = f"{method}interval from order statistics; unweighted"
        estimates.append(
            Estimate(key=f"agreement.{key}", name=name, value=value, low=low, high=high,
                     method=words, **common)
        )  # fmt: skip
    estimates.append(_by_chance(who, items, even, kind, rng, common))
    low_ones = np.where(np.isfinite(values), values < AGREE, NAN)
    name = f"{who.words.capitalize()} with low agreement, {kind} below {AGREE:.2f}"
    return [
        *(item for item in estimates if item.value == item.value),
        share(low_ones, key="agreement.low", name=name, level=level),
    ]


def _by_chance(
    who: People, items: np.ndarray, null: float, kind: str, rng: np.random.Generator, common: dict
) -> Estimate:
    """The median agreement of the same people in accounts of the same sizes drawn by lot."""
    times = int(np.clip(SHUFFLED / len(who.rows), 1, 50))
    drawn = (rwg(items, rng.permutation(who.codes), null=null) for _ in range(times))
    medians = [np.median(each[np.isfinite(each)]) for each in drawn if np.isfinite(each).any()]
    return Estimate(
        key="agreement.rwg.shuffled",
        name=f"Median {kind}, people regrouped by chance",
        value=float(np.mean(medians)) if medians else NAN,
        method=f"mean over {times} random regroupings into {who.words} of the same sizes",
        **common,
    )


def roles(who: People | None, *, level: float = 0.95, min_cell: int = 2) -> list[Estimate]:
    """Differences of the outcome between the parts that people have in the same account.

    Each is a contrast within accounts: what an account's people have in common is taken out, so
    that only accounts with people of several parts count. Under the survey's weights; the
    intervals hold for all pairs at once, since accounts are the clusters.

    Returns
    -------
    ``roles.{later}-{earlier}`` in scale points, such as ``roles.decider-user``; empty without
    accounts and stakeholders. Pairs are left out where fewer than `min_cell` people belong to an
    account that holds both.
    """
    role = outcome(who) if who else ""
    kinds = who.labels("stakeholder") if role else None
    if kinds is None:
        return []
    values = who.values(role)
    codes = np.where(np.isfinite(values), kinds.codes, -1)
    pairs = [
        pair
        for pair in combinations(range(len(kinds.categories)), 2)
        if _people_of_both(who.codes, codes, pair) >= max(min_cell, 2)
    ]
    if not pairs:
        return []
    weights = sampling(who.survey).row_weights()[who.rows]
    each = 1 - (1 - level) / len(pairs)
    table = within_contrasts(values, codes, who.codes, pairs, weights=weights, level=each)
    adjusted = adjust(np.array([item.p for item in table]))
    weighted = "weighted" if np.ptp(weights) > 0 else "unweighted"
    return [
        Estimate(
            key=f"roles.{slug(kinds.categories[b])}-{slug(kinds.categories[a])}",
            name=f"{kinds.categories[b]} − {kinds.categories[a]}",
            value=item.value,
            low=item.low,
            high=item.high,
            level=level,
            unit="scale difference",
            n=item.n,
            n_dropped=len(values) - item.n,
            method=(
                f"difference within {who.words}, {weighted}, {item.clusters:,} {who.words} with "
                f"several parts as clusters; Bonferroni intervals for {len(pairs)} pairs, Holm p"
            ),
            p=float(p),
        )
        for (a, b), item, p in zip(pairs, table, adjusted, strict=True)
        if item.value == item.value
    ]


def _people_of_both(accounts: np.ndarray, kinds: np.ndarray, pair: tuple[int, int]) -> int:
    """How many people of either kind belong to an account that holds both."""
    sides = [np.bincount(accounts[kinds == kind], minlength=accounts.max() + 1) for kind in pair]
    return int(sum(side[(sides[0] > 0) & (sides[1] > 0)].sum() for side in sides))
