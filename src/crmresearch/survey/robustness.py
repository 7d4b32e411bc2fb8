"""What the headline and the verdicts would be without the people who answered suspiciously."""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd

from crmresearch.data.survey import Survey
from crmresearch.errors import DataError
from crmresearch.methods.weighting import mean_contrast, method_words, t_interval
from crmresearch.report.claims import Claim
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.findings import Finding, conclude
from crmresearch.report.suppression import reveals
from crmresearch.survey import associations, change, segments
from crmresearch.survey.metrics import Measure, headline_measures
from crmresearch.survey.quality import suspicious
from crmresearch.survey.sample import parts, sampling

MOST_JUDGED = 100_000  # respondents above which all checks are judged together only
COLUMNS = ["Claim", "Left out", "People", "Estimate", "Verdict", "Same"]


def sensitivity(
    survey: Survey,
    *,
    fast: float = 0.33,
    uniform: float = 0.8,
    level: float = 0.95,
    min_cell: int = 1,
) -> list[Estimate]:
    """How far each headline measure moves when suspicious respondents are left out.

    The same people are in both figures, so the interval is that of the difference of the two
    overlapping means, not of two samples.

    Parameters
    ----------
    fast, uniform : see `quality.suspicious`
    min_cell : a shift that would give away the answers of fewer people left out is not made

    Returns
    -------
    Keys ``sensitivity.{check}.{measure}``, such as ``sensitivity.straight_liners.nps``, and the
    check ``all`` for leaving out everybody that any check finds.
    """
    left_out = _left_out(survey, fast, uniform)
    return [
        _shift(survey, key, *left_out[key], measure, level)
        for measure in headline_measures(survey)
        for key in _safe(left_out, np.isfinite(measure.values), min_cell)
    ]


def verdicts(
    survey: Survey,
    claims: Iterable[Claim],
    made: Iterable[Estimate],
    *,
    fast: float = 0.33,
    uniform: float = 0.8,
    level: float = 0.95,
    min_cell: int = 10,
) -> pd.DataFrame:
    """The verdicts on claims with and without suspicious respondents: does a conclusion turn?

    Everything is estimated anew from those who are left, whose weights are raked anew where
    margins are declared.

    Parameters
    ----------
    claims : those that `made` decides are judged
    made : what was found of everybody: changes between waves, correlations, gaps between segments;
        drivers and reliability are not judged, which would take a model each
    fast, uniform : see `quality.suspicious`
    min_cell : respondents are not left out where fewer than this many of a wave could be told from
        the difference

    Each check on its own is judged too where there are at most 100,000 respondents.

    Returns
    -------
    Columns `COLUMNS`, a row a claim and set of people left out; empty where nobody is suspicious
    or nothing can be judged.
    """
    left_out = _left_out(survey, fast, uniform)
    groups = [rows for _, _, rows in parts(survey, ("wave",))]
    groups = groups or [np.ones(len(survey.answers), dtype=bool)]
    kept = _apart(left_out, groups, min_cell)
    if len(survey.answers) > MOST_JUDGED:
        kept = [key for key in kept if key == "all"]
    first = _findings(claims, made) if kept else {}
    rows = [_row(finding, "Nobody", 0, finding.verdict) for finding in first.values()]
    for key in kept if first else ():
        words, gone = left_out[key]
        for claim, finding in _again(survey, gone, first, level, min_cell).items():
            rows.append(_row(finding, words, int(gone.sum()), first[claim].verdict))
    order = [finding.claim.statement for finding in first.values()]
    rows.sort(key=lambda row: order.index(row["Claim"]))
    return pd.DataFrame(rows, columns=COLUMNS)


def _findings(claims: Iterable[Claim], made: Iterable[Estimate]) -> dict[str, Finding]:
    """The findings on the claims that these estimates decide, by the claim's id."""
    found = list(made)
    judged = [claim for claim in claims if find(found, claim.decided_by) is not None]
    return {finding.claim.id: finding for finding in conclude(judged, found)}


def _again(
    survey: Survey, gone: np.ndarray, first: dict[str, Finding], level: float, min_cell: int
) -> dict[str, Finding]:
    """The same findings without some people; none where no weights can make up for them."""
    rest = dataclasses.replace(survey, answers=survey.answers[~gone].reset_index(drop=True))
    kinds = {finding.claim.decided_by.partition(".")[0] for finding in first.values()}
    settings = {"level": level, "min_cell": min_cell}
    made: list[Estimate] = []
    try:
        if "change" in kinds:
            made += change.between_waves(rest, **settings)
        if "segment" in kinds:
            made += segments.widest_gaps(rest, groups="segment", **settings)
        if "correlation" in kinds:
            made += associations.correlations(rest, level=level)
    except DataError:  # a margin lost all its people
        return {}
    return _findings([finding.claim for finding in first.values()], made)


def _row(finding: Finding, words: str, people: int, before: str) -> dict:
    return {
        "Claim": finding.claim.statement,
        "Left out": words,
        "People": people,
        "Estimate": str(finding.estimate),
        "Verdict": finding.verdict,
        "Same": "yes" if finding.verdict == before else "no",
    }


def _left_out(survey: Survey, fast: float, uniform: float) -> dict[str, tuple[str, np.ndarray]]:
    """Whom to leave out, everybody suspicious first: key to (who they are, rows)."""
    found = suspicious(survey, fast=fast, uniform=uniform)
    if not found:
        return {}
    everybody = np.logical_or.reduce([rows for _, rows in found.values()])
    named = {key: (words.partition(",")[0], rows) for key, (words, rows) in found.items()}
    each = {key: part for key, part in named.items() if part[1].any()}
    return {"all": ("All suspicious respondents", everybody), **each}


def _safe(
    left_out: dict[str, tuple[str, np.ndarray]], known: np.ndarray, min_cell: int
) -> list[str]:
    """The checks whose means, beside that of everybody, give away no few people; all last.

    The mean with and without three people is the mean of the three.
    """
    told, safe = [known], []
    for key, (_, rows) in left_out.items():
        if not reveals([*told, known & ~rows], min_cell):
            told.append(known & ~rows)
            safe.append(key)
    return sorted(safe, key="all".__eq__)


def _apart(
    left_out: dict[str, tuple[str, np.ndarray]], groups: list[np.ndarray], min_cell: int
) -> list[str]:
    """The checks that leave out nobody or no few people more than another in any group; all last.

    Stricter than need be for a correlation, and enough for a difference between groups.
    """
    nobody = np.zeros(len(groups[0]), dtype=bool)
    told, kept = [nobody], []
    for key, (_, rows) in left_out.items():
        if rows.any() and not any(_few(rows, other, groups, min_cell) for other in told):
            told.append(rows)
            kept.append(key)
    return sorted(kept, key="all".__eq__)


def _few(rows: np.ndarray, other: np.ndarray, groups: list[np.ndarray], min_cell: int) -> bool:
    """Whether one of two sets of people has a few more than the other in a group and lacks none."""
    for group in groups:
        more, less = (int((one & group).sum()) for one in (rows & ~other, other & ~rows))
        if 0 in (more, less) and 0 < more + less < min_cell:
            return True
    return False


def _shift(
    survey: Survey, key: str, words: str, rows: np.ndarray, measure: Measure, level: float
) -> Estimate:
    basis = sampling(survey)
    everyone = np.ones(basis.n, dtype=bool)
    value, error, freedom, n = mean_contrast(
        measure.values, basis, [(1.0, ~rows), (-1.0, everyone)]
    )
    low, high = t_interval(value, error, freedom, level)
    gone = int((rows & np.isfinite(measure.values)).sum())
    return Estimate(
        key=f"sensitivity.{key}.{measure.key}",
        name=f"{measure.name} without {words[:1].lower()}{words[1:]}",
        value=value,
        low=low,
        high=high,
        level=level,
        unit=measure.unit,
        n=n,
        n_dropped=basis.n - n,
        method=f"{gone:,} left out; difference of overlapping means, "
        + method_words(basis, freedom),
    )
