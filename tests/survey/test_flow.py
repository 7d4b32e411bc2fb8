"""The sample flow: counts from those invited to those in the headline measures."""

import dataclasses

import numpy as np
import pytest

from crmresearch.report import style
from crmresearch.report.exhibits import show
from crmresearch.survey import figures, headlines
from crmresearch.survey.flow import steps

KNOWN = {"Invited": 200, "Reached": 150, "Rows in the file": 64, "Duplicates, left out": 4}


def surveyed(make, n=60, **flow):
    frame = make(n).answers.copy()
    frame.loc[frame.index[:5], "weight"] = 0.0
    frame.loc[frame.index[5:8], ["sat1", "recommend"]] = np.nan
    frame.loc[frame.index[8:10], "recommend"] = np.nan
    data = make(frame=frame, keep="recommend sat1 weight")
    return dataclasses.replace(data, flow=flow or KNOWN | {"Respondents read": n})


def test_every_step_is_counted_against_the_one_before(make):
    found = steps(surveyed(make)).set_index("Step")
    assert found["People"].to_dict() == {
        "Invited": 200,
        "Reached": 150,
        "Rows in the file": 64,
        "Respondents read": 60,
        "With a weight": 55,
        "In a headline measure": 52,
        "In all headline measures": 50,
    }
    shares = found["Share of the step before"].tolist()
    assert np.isnan(shares[0])
    assert shares[1:] == pytest.approx([150 / 200, 64 / 150, 60 / 64, 55 / 60, 52 / 55, 50 / 52])


def test_the_title_says_what_is_left_and_where_most_were_lost(make):
    shown = show(
        "flow", steps(surveyed(make)), title=headlines.quality.flow, draw=figures.quality.flow
    )
    assert shown.record["title"] == (
        "50 of 200 are left from “Invited” to “In all headline measures”, 25.0%; most are lost "
        "before “Rows in the file”"
    )
    assert "counts, which have no interval" in shown.record["caption"]
    assert "<img" in shown.html


def test_few_steps_are_told_by_the_data_sheet(make):
    found = steps(surveyed(make, Rows=60, Read=60))
    assert found.empty
    shown = show("flow", found, title=headlines.quality.flow, draw=figures.quality.flow)
    assert shown.record["title"].startswith("Not in these data: ")
    assert "<img" not in shown.html


def test_no_rows_and_no_loss_are_no_accident(make):
    nobody = {"Invited": 0, "Reached": 0, "Respondents read": 0}
    found = steps(dataclasses.replace(make(0, keep="recommend"), flow=nobody))
    assert "no step loses anybody" in headlines.quality.flow(found)
    with style.canvas() as figure:
        figures.quality.flow(found, figure)
        figure.draw_without_rendering()
