"""The answer on a terminal: what differs, what moved most, and what moved it."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from crmresearch.errors import printable
from crmresearch.run.history.builds import Build
from crmresearch.run.why import words
from crmresearch.run.why.record import moment

MOST = 15  # moved estimates that a terminal shows


def tell(found: Mapping, console: Console) -> None:
    """Print the answer `found`, as `record.record` made it."""

    def say(text: str, indent: str = "") -> None:
        console.print(indent + printable(text), markup=False, highlight=False)

    say(words.brief(found)[0])
    for name, said in found["differences"].items():
        for text in said:
            say(f"{name}: {text}", "  ")
    for text in words.brief(found)[1:]:
        say(text)
    if found["moves"]:
        console.print(_table(found["moves"]))
    left = len(found["moves"]) - MOST
    if left > 0:
        say(f"and {left:,} more; all of them are on the page and in --json.")
    for text in words.notes(found):
        say(text)
    for item in found["failed"]:
        say(f"{item['run']}: {item['reason']}", "  ")


def listed(builds: Sequence[Build], console: Console) -> None:
    """Print the kept builds of one report, the last one first."""
    for number, build in enumerate(builds):
        older = builds[number + 1] if number + 1 < len(builds) else None
        console.print(
            f"{build.id}  {moment(build)}  {_against(build, older)}", markup=False, highlight=False
        )


def _against(build: Build, older: Build | None) -> str:
    if older is None:
        return "the oldest that is kept"
    pairs = {
        "data": (build.data, older.data),
        "parameters": (build.values, older.values),
        "notebook": (build.notebook, older.notebook),
        "package": (build.package, older.package),
        "versions": (build.libraries, older.libraries),
    }
    differing = [name for name, (one, other) in pairs.items() if one != other]
    return f"other than before: {', '.join(differing) or 'only the results'}"


def _table(moves: Sequence[Mapping]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("What moved", ratio=3)
    for name in ("Old", "New", "Change"):
        table.add_column(name, justify="right")
    table.add_column("of its\ninterval", justify="right")
    table.add_column("Made of", ratio=3)
    for move in moves[:MOST]:
        size = "–" if move["size"] is None else f"{move['size']:.2f}"
        cells = (
            words.label(move),
            words.was(move, "old"),
            words.was(move, "new"),
            words.signed(move["change"], move["unit"]),
            size,
            "\n".join(filter(None, [words.made_of(move), words.widened(move), words.beyond(move)])),
        )
        table.add_row(*(printable(text).replace("[", r"\[") for text in cells))
    return table
