"""Verdicts with and without the people whose answers look careless."""

import numpy as np
import pytest

from crmresearch.report.claims import claims
from crmresearch.report.findings import verdict
from crmresearch.survey import associations, change, headlines, robustness
from crmresearch.survey.quality import suspicious


def flat(make, n=400, share=0.3):
    """Straight-liners who make satisfaction and loyalty go together; the rest do not."""
    rng = np.random.default_rng(8)
    frame = make(n).answers.copy()
    ratings = [name for name in frame if name[:3] in ("sat", "loy", "drv", "eff")]
    frame[ratings] = rng.integers(1, 8, (n, len(ratings))).astype(float)
    lazy = rng.random(n) < share
    frame.loc[lazy, ratings] = np.tile(
        np.where(rng.random((lazy.sum(), 1)) < 0.5, 1.0, 7.0), len(ratings)
    )
    return make(frame=frame, keep=" ".join(frame.columns.drop(["weight", "seconds"]))), lazy


def judged(survey, **settings):
    made = [*associations.correlations(survey), *change.between_waves(survey)]
    return robustness.verdicts(survey, claims("survey"), made, **settings)


def test_a_verdict_that_rests_on_the_careless_turns(make):
    survey, lazy = flat(make)
    found = judged(survey)
    assert suspicious(survey)["straight_liners"][1][lazy].all()
    loyal = found[found["Claim"].str.startswith("Satisfied customers")]
    assert list(loyal["Verdict"])[0] == "supported"
    alone = loyal[loyal["Left out"] == "All suspicious respondents"].iloc[0]
    assert (alone["Verdict"], alone["Same"]) == ("contradicted", "no")
    assert alone["People"] == int(
        np.logical_or.reduce([rows for _, rows in suspicious(survey).values()]).sum()
    )
    assert headlines.quality.verdicts(found).endswith("when careless answers are left out")


def test_what_is_estimated_anew_is_the_estimate_without_them(make):
    survey, _ = flat(make)
    gone = np.logical_or.reduce([rows for _, rows in suspicious(survey).values()])
    rest = make(frame=survey.answers[~gone].reset_index(drop=True), keep=" ".join(survey.codebook))
    expected = next(
        item
        for item in associations.correlations(rest)
        if item.key == "correlation.satisfaction.loyalty"
    )
    found = judged(survey)
    row = found[found["Claim"].str.startswith("Satisfied") & (found["People"] == gone.sum())]
    assert row["Estimate"].iloc[0] == str(expected)
    [claim] = [x for x in claims("survey") if x.decided_by == expected.key]
    assert row["Verdict"].iloc[0] == verdict(claim, expected.low, expected.high)


def test_few_people_are_not_left_out_where_it_would_tell_on_them(make):
    survey, _ = flat(make, n=120, share=0.08)
    assert judged(survey, min_cell=60).empty


@pytest.mark.parametrize("n", [0, 1, 2, 12])
def test_few_rows_are_no_accident(make, n):
    assert list(judged(make(n)).columns) == robustness.COLUMNS


def test_nobody_careless_leaves_nothing_to_judge_again(make):
    assert judged(make(keep="recommend sat1 wave seconds")).empty
