"""The answer as plain data: what the terminal, ``--json`` and the page all tell."""

import math
from collections.abc import Iterable, Mapping, Sequence

from crmresearch.methods.recovered import difference
from crmresearch.report.estimates import Estimate
from crmresearch.run.history.builds import Build
from crmresearch.run.why.asking import Answer
from crmresearch.run.why.attribution import Move, Turn, same
from crmresearch.run.why.reruns import named
from crmresearch.run.why.results import PARTS, WIDTH, Key

KIND = "change"
ELSEWHERE = "versions"  # what is left to them where they differ and could not be swapped
UNEXPLAINED = "not repeated"  # what is left where the build made again gave other numbers


def record(answer: Answer) -> dict:
    """Everything that was found, as JSON takes it: no NaN, keys are texts.

    ``moves`` has one item an estimate, the largest move first: its value where that moved, else
    the bound that moved most. ``size`` is the move over the old interval's width; ``width`` is
    what moved that, where anything did.
    """
    rows = answer.differences.rows
    return {
        "kind": KIND,
        "of": answer.new.key,
        "study": answer.new.study,
        "title": str(answer.summary.get("title", "")),
        "data": str(answer.summary.get("data", "")),
        "from": _build(answer.old),
        "to": _build(answer.new),
        "differences": {name: list(said) for name, said in answer.differences.found.items()},
        "factors": list(answer.factors),
        "runs": answer.runs,
        "failed": [
            {"run": named(chosen), "reason": reason.splitlines()[0]}
            for chosen, reason in answer.failed.items()
        ],
        "elsewhere": _elsewhere(answer),
        "respondents": None
        if rows is None
        else {
            "old": rows.old, "new": rows.new, "shared": rows.shared, "changed": rows.changed,
            "added": rows.added, "removed": rows.removed, "touched": rows.touched,
            "matched": rows.matched,
        },
        "estimates": len(answer.before.estimates.keys() & answer.after.estimates.keys()),
        "moves": _moves(answer),
        "verdicts": [
            _turn(turn) | {"claim": turn.name, "statement": _statement(answer, turn.name)}
            for turn in answer.verdicts
        ],
        "came": [_presence(answer, turn) for turn in answer.presence if not turn.old],
        "went": [_presence(answer, turn) for turn in answer.presence if turn.old],
    }  # fmt: skip


def parts(move: Mapping) -> dict[str, float | None]:
    """What the change of one item of ``moves``, or of its ``width``, is made of.

    The named parts add up to it. They are the shares where every combination was run, else what
    each ingredient does alone, and the interaction. An ingredient whose own part is not known is
    None; its part is in the interaction.
    """
    if move["shares"]:
        return dict(move["shares"]) | _left(move)
    return dict(move["alone"]) | {"interaction": move["interaction"]} | _left(move)


def _left(move: Mapping) -> dict[str, float]:
    return {move["left_to"]: move["elsewhere"]} if move["left_to"] else {}


def _build(build: Build) -> dict[str, str]:
    return {"id": build.id, "made": moment(build)}


def moment(build: Build) -> str:
    """When a build was published, as ``2026-03-01 10:05:30 UTC``."""
    stamp = build.made
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]} {stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]} UTC"


def _elsewhere(answer: Answer) -> str:
    """What is to blame for what the swapped ingredients do not explain; empty where all is."""
    if answer.versions:
        return ELSEWHERE
    left = any(not same(move.elsewhere, 0.0) for move in answer.moves)
    return UNEXPLAINED if left else ""


def _moves(answer: Answer) -> list[dict]:
    chosen: dict[Key, Move] = {}
    widths: dict[Key, Move] = {}
    for move in answer.moves:
        key, part = move.name[:2], move.name[2]
        last = chosen.get(key)
        if part == WIDTH:
            widths[key] = move
        elif last is None or (last.name[2] != "value" and abs(move.change) > abs(last.change)):
            chosen[key] = move
    left = _elsewhere(answer)
    found = [_moved(answer, key, move, widths.get(key), left) for key, move in chosen.items()]
    return sorted(found, key=lambda item: -(item["size"] if item["size"] is not None else -1.0))


def _moved(answer: Answer, key: Key, move: Move, width: Move | None, left: str) -> dict:
    old, new = answer.before.estimates[key], answer.after.estimates[key]
    was = old.high - old.low
    return {
        "key": key[0],
        "group": key[1],
        "name": new.name,
        "what": move.name[2],
        "unit": new.unit,
        "old": _fields(old),
        "new": _fields(new),
        "size": abs(move.change) / was if was > 0 else None,
        **_attributed(move, left),
        "width": None if width is None else _attributed(width, left),
        "by_data": _by_data(answer, key) if move.name[2] == "value" else None,
    }


def _attributed(move: Move, left: str) -> dict:
    return {
        "change": move.change,
        "alone": _plain(move.alone),
        "undone": _plain(move.undone),
        "interaction": move.interaction,
        "shares": dict(move.shares),
        "elsewhere": move.elsewhere,
        "left_to": left,
    }


def _by_data(answer: Answer, key: Key) -> dict | None:
    """What the new data alone moved, with its interval where no respondent is in both.

    The interval of the difference of two independent quantities follows from theirs (MOVER). Of
    people who are in both builds the errors are shared, and it would be too wide or too narrow.
    """
    rows, other = answer.differences.rows, (answer.data_alone or answer.before).estimates.get(key)
    if answer.data_alone is None or rows is None or rows.shared or other is None:
        return None
    old = answer.before.estimates[key]
    ends = (old.low, old.high, other.low, other.high)
    if not all(map(math.isfinite, (old.value, other.value, *ends))) or old.level != other.level:
        return None
    change, low, high = difference(
        other.value, (other.low, other.high), old.value, (old.low, old.high)
    )
    return {"change": float(change), "low": float(low), "high": float(high), "level": old.level}


def _turn(turn: Turn) -> dict:
    return {
        "old": turn.old,
        "new": turn.new,
        "by": [list(names) for names in turn.by],
        "needed": list(turn.needed),
    }


def _presence(answer: Answer, turn: Turn) -> dict:
    item = answer.before.estimates.get(turn.name) or answer.after.estimates[turn.name]
    return _turn(turn) | {"key": item.key, "group": item.group, "name": item.name}


def _statement(answer: Answer, claim: str) -> str:
    return answer.after.statements.get(claim) or answer.before.statements[claim]


def _fields(item: Estimate) -> dict[str, float | None]:
    found = _plain({part: getattr(item, part) for part in PARTS})
    return found | {"n": item.n or None, "level": item.level}


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def caused(item: Mapping, factors: Sequence[str]) -> str:
    """What turned a verdict or made a number come or go, in words."""
    ways = [" and ".join(names) for names in item["by"]]
    single = [names[0] for names in item["by"] if len(names) == 1]
    if not factors or not item["by"]:
        return "none of the ingredients by itself"
    if len(single) > 1:
        return f"{_either(single)}, each alone"
    if single:
        return f"{single[0]} alone"
    return f"{_either(ways)}, only together"


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
