"""Exhibits: what is shown is recorded, and what is hidden is in no form of it."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from crmresearch.report.estimates import from_records
from crmresearch.report.exhibits import MIME, show, show_caveats, show_data, show_findings
from crmresearch.report.findings import Caveat, conclude

from .examples import claim, estimate


def draw(data, figure):
    figure.subplots().plot([1, 2], [1, 2])
    return f"{len(data)} drawn."


def bundle(shown):
    """The MIME bundle after a round trip through strict JSON, as a notebook file holds it."""
    return json.loads(json.dumps(shown._repr_mimebundle_(), allow_nan=False))


def test_an_exhibit_records_what_it_shows():
    forms = bundle(show("nps", [estimate()], title="It is 8.0", draw=draw, note="A note."))
    record = forms[MIME]
    assert (record["kind"], record["key"], record["title"]) == ("exhibit", "nps", "It is 8.0")
    assert record["caption"] == "1 drawn."
    assert [repr(x) for x in from_records(record["estimates"])] == [repr(estimate())]
    assert 'src="data:image/webp;base64,' in forms["text/html"]
    assert 'alt="1 drawn."' in forms["text/html"]
    assert forms["text/plain"].startswith("**It is 8.0**\n\n1 drawn.\n\n|  | Estimate |")


def test_the_same_exhibit_is_the_same_bytes():
    one, other = (bundle(show("a", [estimate()], title="t", draw=draw)) for _ in range(2))
    assert one == other


def test_a_small_group_is_in_no_form_of_the_exhibit():
    items = [
        estimate(value=8.0),
        estimate(value=71.93, low=61.93, high=81.93, n=7, group="brand: A"),
        estimate(value=62.84, low=52.84, high=72.84, n=37, group="brand: B"),
        estimate(value=53.75, low=43.75, high=63.75, n=57, group="brand: C"),
    ]
    drawn = []
    shown = show("nps", items, title="t", draw=lambda data, figure: drawn.extend(data) or "x")
    everything = json.dumps(bundle(shown))
    for text in ("71.9", "62.8", "61.9", "81.9"):
        assert text not in everything
    assert "53.75" in everything
    assert [item.group for item in drawn] == ["", "brand: C"]
    assert "2 groups are not shown because a group of fewer than 10 people" in shown.record["note"]
    assert 7 not in [item["n"] for item in shown.record["estimates"]]


def test_nothing_is_drawn_of_no_data():
    forms = bundle(show("nps", [], title="Not in these data: recommend", draw=draw))
    assert "<img" not in forms["text/html"]
    assert "<table" not in forms["text/html"]
    assert forms["text/plain"] == "**Not in these data: recommend**"
    assert forms[MIME]["caption"] == ""


def test_a_frame_of_anything_is_recorded_as_plain_json():
    frame = pd.DataFrame(
        {
            "i": np.array([1, 2], dtype="int8"),
            "f": [math.inf, math.nan],
            "b": [True, False],
            "t": pd.to_datetime(["2026-01-05", None]),
            "s": ["x", None],
            "c": pd.Categorical(["u", "v"]),
            "n": pd.array([1, None], dtype="Int64"),
        }
    )
    record = bundle(show("f", frame, title="t"))[MIME]
    assert record["table"]["rows"] == [
        [1, None, True, "2026-01-05 00:00:00", "x", "u", 1],
        [2, None, False, None, None, "v", None],
    ]
    assert record["estimates"] == []


def test_the_data_sheet_is_recorded_as_given():
    description = {
        "title": "T", "period": "2026", "n": np.int64(12), "unit": "customer",
        "design": "cross-section", "min_cell": 10, "facts": {"Title": "<b>T</b>"},
        "flow": {"Read": 12}, "changes": ["1 row left out."],
    }  # fmt: skip
    forms = bundle(show_data(description))
    assert forms[MIME] == {**description, "kind": "data", "n": 12}
    assert "<b>" not in forms["text/html"]
    assert "- 1 row left out." in forms["text/plain"]


def test_caveats_are_recorded_and_none_says_so():
    caveat = Caveat(key="scale.trust", text="Alpha is 0.61 <low>.")
    forms = bundle(show_caveats([], [caveat]))
    assert forms[MIME]["items"] == [{"key": "scale.trust", "text": "Alpha is 0.61 <low>."}]
    assert "&lt;low&gt;" in forms["text/html"]
    assert "No check of these data asks for a caveat." in bundle(show_caveats())["text/html"]


def test_findings_are_recorded_with_their_estimates():
    findings = conclude([claim(), claim(id="other", decided_by="csat")], [estimate()])
    forms = bundle(show_findings(findings))
    one, other = forms[MIME]["items"]
    assert (one["verdict"], one["estimate"]["value"]) == ("supported", 8.0)
    assert (other["verdict"], other["estimate"]) == ("not testable here", None)
    assert "**supported** The Net Promoter Score is positive" in forms["text/plain"]


def test_a_title_made_by_a_function_knows_no_hidden_group():
    items = [estimate(value=8.0)]
    items += [estimate(value=70.0 + n, n=n, low=0, high=99, group=f"brand: {n}") for n in (7, 37)]

    def title(data):
        return f"Values are {[item.value for item in data]}"

    assert show("nps", items, title=title).record["title"] == "Values are [8.0, nan, nan]"
    frame = pd.DataFrame({"A": [1]})
    assert show("f", frame, title=lambda data: f"{len(data)} row").record["title"] == "1 row"


def test_an_exhibit_may_carry_a_file():
    forms = bundle(show("m", [estimate()], title="t", file=("model.json", '{"a": "ä"}\n')))
    assert forms[MIME]["file"] == {"name": "model.json", "text": '{"a": "ä"}\n'}
    assert "The report offers the file model.json." in forms["text/plain"]
    assert "model.json" in forms["text/html"]
    assert "file" not in bundle(show("m", [estimate()], title="t"))[MIME]


@pytest.mark.parametrize(
    "name", ["../model.json", "a/b.json", "model.html", ".json", "Modell.JSON", ""]
)
def test_a_file_has_a_plain_name(name):
    with pytest.raises(ValueError, match="a name is small letters"):
        show("m", [estimate()], title="t", file=(name, ""))
