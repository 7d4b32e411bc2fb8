"""What the cases of accounts ask: agreement, random intercepts, contrasts within accounts."""

import numpy as np
import pandas as pd
from scipy import stats

from crmresearch.methods import agreement, intraclass, ratios, shrinkage, within
from crmresearch.validation.references import golden_table

SIX_BY_FOUR = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def six_forms(data: str = "") -> dict[str, float]:
    """The six intraclass correlations with their ends, of the printed table or the golden one."""
    ratings = np.array(SIX_BY_FOUR, dtype=float)
    if data:
        long = golden_table(data)
        ratings = long.pivot(index="case", columns="rater", values="rating").to_numpy(float)
    found = {}
    for one in intraclass.shrout_fleiss(ratings, key="icc", name="rating"):
        kind = one.key.removeprefix("icc.")
        found |= {kind: one.value, f"{kind}_low": one.low, f"{kind}_high": one.high}
    return found


def team_agreement() -> dict[str, float]:
    """rwg of one item and rwg(j) of four for every team, ICC(1) and ICC(2)."""
    teams = golden_table("teams")
    codes = teams["team"].to_numpy() - 1
    null = agreement.null_variance(5)
    single = agreement.rwg(teams["i1"].to_numpy(float), codes, null=null)
    several = agreement.rwg(teams[["i1", "i2", "i3", "i4"]].to_numpy(float), codes, null=null)
    one, two = intraclass.icc_one_way(teams["i1"], codes, key="team", name="team")
    return (
        {f"rwg_{team + 1}": value for team, value in enumerate(single)}
        | {f"rwgj_{team + 1}": value for team, value in enumerate(several)}
        | {"icc1": one.value, "icc2": two.value}
    )


def unequal() -> dict[str, float]:
    """ICC(1) with Wald's interval and ICC(2) of teams of one to six."""
    teams = _unequal_teams()
    one, two = intraclass.icc_one_way(teams["score"], teams["team"] - 1, key="team", name="team")
    return {"icc1": one.value, "low": one.low, "high": one.high, "icc2": two.value}


def random_intercepts(kinds: bool) -> dict[str, float]:
    """Variances, fixed effects and predictions of teams of one to six, at the REML optimum."""
    teams = _unequal_teams()
    dummies = None
    if kinds:
        dummies = np.column_stack([teams["kind"] == kind for kind in (1, 2)]).astype(float)
    sums = shrinkage.collect(teams["score"], teams["team"] - 1, dummies)
    rho = shrinkage.reml(sums)
    one = shrinkage.fit(sums, rho)
    shifts, variances = shrinkage.predictions(sums, one)
    errors = np.sqrt(np.diag(one.variance * one.inverse))
    return {
        "between": one.variance * one.ratio,
        "within": one.variance,
        "rho": rho,
        "constant": sums.centre + one.effects[0],
        **{f"effect_{row}": value for row, value in enumerate(one.effects[1:], start=1)},
        **{f"error_{row}": value for row, value in enumerate(errors)},
        "first": shifts[0],
        "last": shifts[-1],
        "first_variance": variances[0],
        "last_variance": variances[-1],
    }


def within_accounts(weighted: bool) -> dict[str, float]:
    """Segments compared within accounts, with errors clustered by account."""
    answers = _accounts()
    kinds = pd.Categorical(answers["segment"]).codes
    pairs = {"plus_basic": (0, 1), "premium_basic": (0, 2), "premium_plus": (1, 2)}
    found = within.within_contrasts(
        answers["loyalty"].to_numpy(),
        kinds,
        answers["psu"].to_numpy(),
        list(pairs.values()),
        weights=answers["w"].to_numpy() if weighted else None,
    )
    numbers = {name: one.value for name, one in zip(pairs, found, strict=True)}
    for name, one in zip(pairs, found, strict=True):
        reach = stats.t.ppf(0.975, one.clusters - 1)
        numbers[f"{name}_error"] = (one.high - one.low) / 2 / reach
    return numbers


def promoters_per_respondent() -> dict[str, float]:
    """A ratio of totals over accounts, and the error that its interval stands for."""
    accounts = _accounts().assign(yes=lambda x: x["nps"] >= 9).groupby("psu")["yes"]
    found = ratios.ratio(accounts.sum(), accounts.size(), key="ratio", name="ratio")
    logits = np.log(np.array([found.low, found.high]) / (1 - np.array([found.low, found.high])))
    reach = stats.t.ppf(0.975, found.n - 1)
    error = (logits[1] - logits[0]) / 2 / reach * found.value * (1 - found.value)
    return {"ratio": found.value, "error": float(error)}


def _unequal_teams() -> pd.DataFrame:
    """Teams of one to six, the mean of their four items, and a kind for each member."""
    teams = golden_table("teams")
    teams["place"] = teams.groupby("team").cumcount() + 1
    teams["score"] = teams[["i1", "i2", "i3", "i4"]].mean(axis=1)
    teams["kind"] = teams["place"] % 3
    return teams[teams["place"] <= 1 + teams["team"] % 6]


def _accounts() -> pd.DataFrame:
    """The second wave, and the premium segment of the first: accounts of unequal size."""
    answers = golden_table("survey")
    return answers[(answers["wave"] == 2) | (answers["segment"] == "premium")]
