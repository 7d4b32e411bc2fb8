"""`crmresearch validate`: the cases as tables on the terminal, or as JSON."""

import json
import math
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crmresearch.report.numbers import count, format_number
from crmresearch.validation.cases import Outcome, studies, validate


def report(*, as_json: bool = False) -> bool:
    """Print every case of every study; True where all of them are met."""
    outcomes = {study: validate(study) for study in studies()}
    everything = [one for items in outcomes.values() for one in items]
    if as_json:
        json.dump([as_record(one) for one in everything], sys.stdout, indent=2)
        print()
    else:
        console = Console()
        for study, items in outcomes.items():
            console.print(_table(study, items))
        missed = sum(not one.passed for one in everything)
        numbers = count(len(everything), "reference number")
        console.print(f"{missed} of {numbers} missed." if missed else f"All {numbers} reproduced.")
    return all(one.passed for one in everything)


def as_record(one: Outcome) -> dict:
    """One case as plain data; a number that is not finite becomes None."""
    case = one.case
    numbers = {"ours": one.ours, "difference": one.difference, "of_tolerance": one.of_tolerance}
    return {
        "id": case.id,
        "study": case.study,
        "subject": case.subject,
        "quantity": case.quantity,
        "part": case.part,
        "published": case.published,
        "tolerance": case.tolerance,
        **{name: value if math.isfinite(value) else None for name, value in numbers.items()},
        "passed": one.passed,
        "trouble": one.trouble,
        "source": case.source,
    }


def _table(study: str, outcomes: list[Outcome]) -> Table:
    table = Table(title=study, title_justify="left")
    table.add_column("Case", overflow="fold")
    for name in ("Published", "Ours", "Difference"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Within")
    for one in outcomes:
        table.add_row(
            escape(one.case.id),
            format_number(one.case.published, "reference"),
            format_number(one.ours, "reference"),
            format_number(one.difference, "reference difference"),
            escape(one.trouble) or ("yes" if one.passed else "no"),
            style="" if one.passed else "bold red",
        )
    return table
