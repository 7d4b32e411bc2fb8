"""Results come out of a notebook's outputs as they went in."""

import math

import pytest

from crmresearch.errors import UserError
from crmresearch.report.collect import collect, file_name
from crmresearch.report.exhibits import show, show_caveats, show_data, show_findings
from crmresearch.report.findings import Caveat, conclude

from .examples import claim, estimate
from .notebooks import code, notebook, prose

SHEET = {
    "title": "T", "period": "2026", "n": 12, "unit": "customer", "design": "cross-section",
    "min_cell": 10, "facts": {}, "flow": {}, "changes": [],
}  # fmt: skip


def test_everything_recorded_is_found_once():
    nps, csat = estimate(p=math.nan), estimate("csat", unit="share", value=0.5, low=0.4, high=0.6)
    results = collect(
        notebook(
            prose("# Title"),
            code("a", show_data(SHEET)),
            code(
                "b", show("one", [nps], title="One"), "printed", show("two", [nps, csat], title="")
            ),
            code("c", show_caveats([Caveat(key="k", text="t")])),
            code("d", show_findings(conclude([claim()], [nps]))),
        ),
        "survey",
    )
    assert results.data["n"] == 12
    assert [item["key"] for item in results.exhibits] == ["one", "two"]
    assert [item["key"] for item in results.caveats] == ["k"]
    assert [item["claim"]["id"] for item in results.findings] == ["positive"]
    assert [(item.key, item.study) for item in results.estimates] == [
        ("nps", "survey"),
        ("csat", "survey"),
    ]


def test_a_notebook_without_records_has_no_results():
    results = collect(notebook(prose("# T"), code("1", "x", {"text/plain": "x"})), "survey")
    assert (results.data, results.exhibits, results.estimates) == ({}, [], [])


def test_contradictions_are_all_named_at_once():
    low = estimate(value=5.0)
    with pytest.raises(UserError) as error:
        collect(
            notebook(
                code("a", show("loyalty.gap", [estimate()], title="")),
                code("b", show("loyalty gap", [low], title="")),
                code("c", show_findings(conclude([claim()], [low]))),
            ),
            "survey",
        )
    differs = (
        "two different quantities need two keys, and a small group is hidden in both or in neither."
    )
    assert str(error.value) == (
        "notebooks/survey.ipynb, 4 problem(s):\n"
        "  1. 2 exhibits have the key 'loyalty.gap'; give each show(...) its own.\n"
        "  2. 2 exhibits have the key 'loyalty gap'; give each show(...) its own.\n"
        "  3. estimate 'nps' is not the same in exhibit 'loyalty.gap' and in exhibit "
        f"'loyalty gap'; {differs}\n"
        "  4. estimate 'nps' is not the same in exhibit 'loyalty.gap' and in claim 'positive'; "
        f"{differs}"
    )


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("loyalty.gap", "loyalty-gap"),
        ("../../etc/passwd", "etc-passwd"),
        ("Ünïted <b>", "n-ted-b"),
        ("", "table"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_key_is_a_harmless_file_name(key, name):
    assert file_name(key) == name


def test_files_that_exhibits_offer_have_plain_names_of_their_own():
    one = show("a", [estimate()], title="", file=("model.json", "{}"))
    other = show("b", [estimate("csat")], title="", file=("model.json", "{}"))
    astray = show("c", [estimate("ces")], title="", file=("c.json", "{}"))
    astray.record["file"]["name"] = "../c.json"
    with pytest.raises(UserError) as error:
        collect(notebook(code("x", one, other, astray)), "survey")
    assert "2 exhibits offer a file named 'model.json'" in str(error.value)
    assert "a file named '../c.json'; a plain name" in str(error.value)
