"""Summaries of reports read back: whole ones only, whatever stands in the folder."""

import json

import pytest

from crmresearch.report import entries

GOOD = {"study": "survey", "title": "Who stays?"}
FIX = "Make the report again, or delete its folder."


@pytest.fixture
def read(tmp_path):
    def read(content, key="one"):
        (tmp_path / key).mkdir(exist_ok=True)
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        (tmp_path / key / "report.json").write_bytes(text)
        return entries.read(tmp_path, [key])

    return read


def test_an_entry_has_what_the_summary_says(read):
    line = {"sentence": "It is 8.", "verdict": "supported", "statement": "It holds", "anchor": "x"}
    finding = {"claim": "c", "statement": "It holds", "verdict": "supported", "anchor": "claim-c"}
    [found], wrong = read(
        GOOD | {"dataset": "Phones", "part": {"Brand": "Aster"}, "n": 12, "min_cell": 10,
                "brief": [line] * 5, "findings": [finding | {"sentence": "long"}]}
    )  # fmt: skip
    assert wrong == []
    assert (found.key, found.study, found.n, found.part) == (
        "one",
        "survey",
        12,
        {"Brand": "Aster"},
    )
    assert len(found.brief) == entries.LINES
    assert found.findings == (entries.Ruling(**finding),)


def test_a_summary_from_before_parts_is_of_the_whole(read):
    [found], _ = read(GOOD | {"data": "Phones"})
    assert (found.dataset, found.part, found.n) == ("Phones", {}, None)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"{", "its report.json is not JSON"),
        (b"\xff\xfe", "its report.json is not JSON"),
        (b"[" * 100_000, "its report.json is not JSON"),
        (b" " * (entries.LARGEST + 1), "its report.json has more than 2,000,000 bytes"),
        ([], "its report.json is not an object"),
        ({}, "its report.json holds no text under study"),
        (GOOD | {"title": 7}, "its report.json holds something else than str under title"),
        (GOOD | {"n": True}, "its report.json holds something else than int under n"),
        (GOOD | {"n": -1}, "its report.json holds a negative number under n"),
        (GOOD | {"part": {"Brand": 1}}, "its report.json holds no texts under part"),
        (GOOD | {"brief": [1]}, "its report.json holds no objects under brief"),
        (
            GOOD | {"findings": [{"claim": "c", "statement": "s", "verdict": "proved"}]},
            "its report.json holds a verdict that is none of ours",
        ),
    ],
)
def test_a_damaged_summary_is_left_out_and_told(read, content, what):
    found, wrong = read(content)
    assert found == []
    assert wrong == [f"one: left out of the site's index, {what}. {FIX}"]


def test_a_missing_summary_is_left_out_and_told(tmp_path):
    assert entries.read(tmp_path, ["gone"]) == (
        [],
        [
            "gone: left out of the site's index, its report.json cannot be read (No such file or "
            f"directory). {FIX}"
        ],
    )
