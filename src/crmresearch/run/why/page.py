"""The page of a change, a folder of the site like a report: what moved between two builds."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from crmresearch.report.exhibits import Shown, as_cells, show
from crmresearch.report.numbers import count
from crmresearch.report.page import write_page
from crmresearch.report.summary import exhibit_anchor
from crmresearch.run import manifest
from crmresearch.run.why import figures, words
from crmresearch.run.why.record import KIND, caused

_ROWS = 200  # moves that the tables show


def page_key(key: str) -> str:
    """The folder of the page about the report `key`."""
    return f"why-{key}"


def withheld(found: Mapping, min_cell: int) -> str:
    """Why the page must not be made; empty where it may.

    Where few people's answers are new, gone or others, what moved tells of these people.
    """
    rows = found["respondents"]
    if "data" not in found["differences"] or rows is None:
        return ""
    if 0 < rows["touched"] < min_cell:
        return (
            f"the answers of fewer than {min_cell} people differ, of whom the moved numbers would "
            "tell. What stands above is for the owner of the data."
        )
    return ""


def write(found: Mapping, folder: Path) -> None:
    """Write the page and its files into the empty `folder`."""
    made = as_cells(_items(found))
    key = page_key(found["of"])
    provenance = {
        "Report": found["of"],
        "Old build": f"{found['from']['id']}, {found['from']['made']}",
        "New build": f"{found['to']['id']}, {found['to']['made']}",
        "Runs": str(found["runs"]),
        "SHA-256 of the package": manifest.package_digest(),
        "Versions": ", ".join(f"{name} {at}" for name, at in manifest.versions().items()),
    }
    write_page(
        {"cells": made, "metadata": {}},
        folder,
        lambda _: _summary(found, key),
        study=found["study"],
        key=key,
        provenance=provenance,
    )
    manifest.write(folder, {"change": found["of"], "from": found["from"], "to": found["to"]})


def _items(found: Mapping) -> Iterator[str | Shown]:
    yield "## What differs"
    yield _differences(found)
    if found["moves"]:
        yield "## What moved"
        yield _drawn(found)
        yield _alone(found)
    if found["verdicts"]:
        yield "## Verdicts that turned"
        yield _verdicts(found)
    if found["came"] or found["went"]:
        yield "## Estimates that came or went"
        yield _presence(found)
    yield "## How this was found out"
    yield "\n".join(f"- {text}" for text in words.notes(found))


def _differences(found: Mapping) -> Shown:
    rows = [
        {"Ingredient": name.capitalize(), "What differs": text}
        for name, said in found["differences"].items()
        for text in said
    ]
    return show("differences", pd.DataFrame(rows), title=words.brief(found)[0].rstrip("."))


def _drawn(found: Mapping) -> Shown:
    """Every move with what it is made of; the largest are drawn."""
    tested = any(move["by_data"] for move in found["moves"])
    rows = [
        {
            "Estimate": words.label(move),
            "Old": words.was(move, "old"),
            "New": words.was(move, "new"),
            "Change": words.signed(move["change"], move["unit"]),
            "Of its interval": "–" if move["size"] is None else f"{move['size']:.2f}",
            "Made of": words.made_of(move),
            "Interval": words.widened(move) or "–",
            **({"Beyond chance": words.beyond(move) or "–"} if tested else {}),
        }
        for move in found["moves"][:_ROWS]
    ]
    return show(
        "moves",
        pd.DataFrame(rows),
        title=words.brief(found)[1].rstrip("."),
        draw=partial(figures.made_of, moves=found["moves"]),
        note="Sizes are in widths of the old build's interval; estimates without one stand last. "
        f"pp: percentage points. {_left_out(found)}".strip(),
        file=("change.json", json.dumps(found, indent=1) + "\n"),
    )


def _left_out(found: Mapping) -> str:
    left = len(found["moves"]) - _ROWS
    return f"{count(left, 'smaller move')} in change.json alone." if left > 0 else ""


def _alone(found: Mapping) -> Shown:
    """What each ingredient does by itself, and what is done only together."""
    rows = []
    for move in found["moves"][:_ROWS]:
        unit = move["unit"]
        row = {"Estimate": words.label(move), "Change": words.signed(move["change"], unit)}
        for name in found["factors"]:
            row[f"{name}, swapped in alone"] = words.signed(move["alone"][name], unit)
            row[f"{name}, taken back"] = words.signed(move["undone"][name], unit)
        row["interaction"] = words.signed(move["interaction"], unit)
        if move["left_to"]:
            row[move["left_to"]] = words.signed(move["elsewhere"], unit)
        rows.append(row)
    return show(
        "alone",
        pd.DataFrame(rows),
        title="What each ingredient moves by itself",
        note="Swapped in alone: everything else as in the old build. Taken back: everything else "
        "as in the new build. The moves of each alone and the interaction add up to the change.",
    )


def _verdicts(found: Mapping) -> Shown:
    rows = [
        {
            "Claim": item["statement"],
            "Old": item["old"] or "–",
            "New": item["new"] or "–",
            "Turned by": caused(item, found["factors"]),
            "Not without": ", ".join(item["needed"]) or "–",
        }
        for item in found["verdicts"]
    ]
    number = len(rows)
    title = f"{number} {'verdict' if number == 1 else 'verdicts'} turned"
    return show("verdicts", pd.DataFrame(rows), title=title)


def _presence(found: Mapping) -> Shown:
    rows = [
        {
            "Estimate": ", ".join(filter(None, [item["name"], item["group"]])),
            "It": word,
            "By": caused(item, found["factors"]),
        }
        for what, word in (("came", "is new"), ("went", "is gone"))
        for item in found[what]
    ]
    new, gone = len(found["came"]), len(found["went"])
    title = f"{count(new, 'estimate is', 'estimates are')} new and {count(gone, 'is', 'are')} gone"
    return show("presence", pd.DataFrame(rows), title=title)


def _summary(found: Mapping, key: str) -> dict:
    """What ``report.json`` says, in the form of `report.summary.summarise`."""
    places = {0: "differences", 1: "moves" if found["moves"] else "differences"}
    lines = words.brief(found)
    last = "verdicts" if found["verdicts"] else places[1]
    title = f"Why it changed: {found['title'] or found['of']}"
    return {
        "key": key,
        "kind": KIND,
        "of": found["of"],
        "study": found["study"],
        "title": title,
        "question": title,
        "data": found["data"],
        "data_sha256": "",
        "part": {},
        "min_cell": None,
        "period": "",
        "n": None,
        "unit": "",
        "design": "",
        "design_line": "",
        "brief": [
            {
                "sentence": text, "verdict": "", "statement": "",
                "anchor": exhibit_anchor(places.get(number, last)),
            }
            for number, text in enumerate(lines)
        ],
        "cannot_say": "",
        "findings": [],
        "headline": [],
        "leading": [],
    }  # fmt: skip
