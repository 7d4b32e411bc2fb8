"""The answer in sentences, for the terminal and the page alike."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from crmresearch.report.numbers import MINUS, UNITS, count, format_interval, format_number
from crmresearch.run.why.record import ELSEWHERE, caused, parts

_WHAT = {"value": "", "low": "lower end of the interval", "high": "upper end of the interval"}


def brief(found: Mapping) -> list[str]:
    """What was found, the most telling first."""
    return [*_difference(found), *_moved(found), *_verdicts(found), *_presence(found)]


def notes(found: Mapping) -> list[str]:
    """How it was found out, and what cannot be told."""
    return [*_repeated(found), *_failed(found), *_respondents(found)]


def label(move: Mapping) -> str:
    """An estimate as it should read in a row."""
    name = f"{move['name']}, {move['group']}" if move["group"] else move["name"]
    return f"{name} ({_WHAT[move['what']]})" if _WHAT[move["what"]] else name


def was(move: Mapping, when: str) -> str:
    """The number that moved as it was published, ``old`` or ``new``."""
    item, unit = move[when], move["unit"]
    if move["what"] != "value":
        return format_number(item[move["what"]], unit)
    ends = [float("nan") if item[x] is None else item[x] for x in ("low", "high")]
    return format_interval(item["value"], *ends, item["level"], unit, word=False)


def signed(value: float | None, unit: str) -> str:
    """A change with its sign; one that the unit's decimals would hide in two digits.

    Of a share it is in percentage points (pp).
    """
    if value is None:
        return "not known"
    kind = UNITS[unit]
    text = format_number(abs(value), unit).lstrip("+").removesuffix("%")
    if value and not text.strip("0.,"):
        text = f"{abs(value) * kind.factor:.2g}"
    points = " pp" if kind.suffix == "%" else ""
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{text}{points}"


def made_of(move: Mapping) -> str:
    """What the change is made of, the largest part first."""
    return _made_of(move, move["unit"])


def widened(move: Mapping) -> str:
    """How the interval's width changed and what changed it; empty where nothing did."""
    width, old = move["width"], move["old"]
    if width is None:
        return ""
    was = old["high"] - old["low"]
    times = f"{(was + width['change']) / was:.2f} times as wide" if was > 0 else "wider"
    return f"interval {times}: {_made_of(width, move['unit'])}"


def _made_of(move: Mapping, unit: str) -> str:
    known = parts(move)
    ordered = sorted(known, key=lambda name: -abs(known[name] or 0.0))
    return "; ".join(
        f"{name} {signed(known[name], unit)}"
        for name in ordered
        if known[name] is None or known[name]
    )


def beyond(move: Mapping) -> str:
    """Whether what the data moved is more than chance, where that can be told."""
    item = move["by_data"]
    if item is None:
        return ""
    told = format_interval(item["change"], item["low"], item["high"], item["level"], move["unit"])
    if item["low"] > 0 or item["high"] < 0:
        return f"new data: {told}, more than chance"
    return f"new data: {told}, which chance can do"


def _difference(found: Mapping) -> Iterator[str]:
    names = list(found["differences"])
    builds = f"build {found['from']['id']} of {found['from']['made']} and build "
    builds += f"{found['to']['id']} of {found['to']['made']}"
    if names:
        yield f"Between {builds}: {_listed(names)} {'differs' if len(names) == 1 else 'differ'}."
    else:
        yield f"Nothing that is kept differs between {builds}."


def _moved(found: Mapping) -> Iterator[str]:
    moves = found["moves"]
    if not moves:
        yield f"Of {count(found['estimates'], 'estimate')} in both builds none moved."
        return
    yield f"Of {count(found['estimates'], 'estimate')} in both builds {len(moves):,} moved."
    if len(found["differences"]) > 1:
        yield from _largest("the move", moves)
        yield from _largest("the change of an interval's width", [x["width"] for x in moves])


def _largest(what: str, changes: Iterable[Mapping | None]) -> Iterator[str]:
    """Which ingredients make up the largest part, in how many cases."""
    tally: Counter[str] = Counter()
    for change in filter(None, changes):
        known = {name: abs(value) for name, value in parts(change).items() if value}
        if known:
            tally[max(known, key=known.get)] += 1
    if tally:
        told = ", ".join(f"{name} for {times:,}" for name, times in tally.most_common())
        yield f"What makes up the largest part of {what}: {told} of them."


def _verdicts(found: Mapping) -> Iterator[str]:
    for item in found["verdicts"]:
        change = f"{item['old'] or 'no verdict'} to {item['new'] or 'no verdict'}"
        why = caused(item, found["factors"])
        yield f"Verdict turned from {change}, by {why}: {item['statement'].rstrip('.')}."


def _presence(found: Mapping) -> Iterator[str]:
    for what, word in (("came", "new"), ("went", "gone")):
        causes = Counter(caused(item, found["factors"]) for item in found[what])
        for why, times in causes.most_common():
            yield f"{count(times, 'estimate')} {'is' if times == 1 else 'are'} {word}, by {why}."


def _repeated(found: Mapping) -> Iterator[str]:
    if not found["runs"]:
        if len(found["differences"]) == 1 and found["moves"]:
            yield "Nothing else differs, so that all is due to it and nothing had to be run."
        return
    yield (
        f"{count(found['runs'], 'run')} with some ingredients of the old build and some of the "
        "new. An ingredient's part is its share of the change over all orders of swapping, or, "
        "where not every combination was run, what it does alone; the interaction is what the "
        "ingredients do only together."
    )
    if found["elsewhere"] == ELSEWHERE:
        yield (
            "The libraries' old versions are not at hand: what the old build gave otherwise when "
            "it was made again with the present ones is put down to versions, and holds chance and "
            "the machine, if they play a part. Name an environment with the old versions by "
            "--old-python to swap them, too."
        )
    elif found["elsewhere"]:
        yield (
            "Made again from what is kept of it, a build did not give its own numbers. That "
            "part of each change is put down to none of the ingredients: it is chance that no seed "
            "governs, the machine, or something that the study reads without saying so."
        )
    else:
        yield "Made again from what is kept of it, the old build gave its own numbers."


def _failed(found: Mapping) -> Iterator[str]:
    for item in found["failed"]:
        yield f"The run with {item['run']} has no results: it failed."


def _respondents(found: Mapping) -> Iterator[str]:
    rows = found["respondents"]
    if rows is None or not found["moves"]:
        return
    if rows["shared"]:
        yield (
            f"{rows['shared']:,} of the {count(rows['old'], 'respondent')} of the old build are in "
            "the new one, too. Both builds' errors are therefore not independent, and no interval "
            "is given of what new data moved; the width of the old interval tells its size."
        )
    else:
        yield (
            "No respondent is in both builds. Intervals of what new data moved follow from the two "
            "published ones (MOVER) and take the samples for independent."
        )


def _listed(names: list[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
