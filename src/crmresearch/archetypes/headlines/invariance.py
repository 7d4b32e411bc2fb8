"""Whether the types mean the same in every group."""

from crmresearch.archetypes.headlines.wording import ABSENT, value_of
from crmresearch.archetypes.invariance import DIFFERENT, LEAST
from crmresearch.report.estimates import Estimate


def signs(estimates: list[Estimate]) -> list[Estimate]:
    """Those of one sign each."""
    return [item for item in estimates if item.key.count(".") > 1]


def role_of(item: Estimate) -> str:
    return item.key.split(".")[1]


def sign_of(item: Estimate) -> str:
    return item.name.rpartition(", by ")[0]


def differs(item: Estimate) -> bool:
    """By the rule in `archetypes.invariance`."""
    return item.p < 1 - item.level and item.value >= DIFFERENT


def differences(estimates: list[Estimate]) -> str:
    """Which signs differ, by what."""
    if not estimates:
        return (
            f"{ABSENT}several types that were found, and groups of at least {LEAST} respondents "
            "by brand, industry, segment or wave to compare them in"
        )
    found: dict[str, list[Estimate]] = {}
    for item in signs(estimates):
        found.setdefault(role_of(item), []).append(item)
    parts, none = [], []
    for role, items in found.items():
        different = sorted(filter(differs, items), key=lambda item: -item.value)
        if different:
            parts.append(_differing(role, different, len(items)))
        else:
            none.append(role)
    if none:
        parts.append(f"no sign is shown to differ by {_listed(none)}")
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def freed(mixed: list[Estimate], tested: list[Estimate]) -> str:
    """How far the shares move when the signs that differ are freed."""
    if not tested:
        return differences(tested)
    if not mixed:
        return "No sign differs enough between groups to be freed: the mix stands as it is"
    same = {_place(item): item.value for item in mixed if item.key.endswith(".same")}
    moves = {
        item: abs(item.value - same[_place(item)]) for item in mixed if item.key.endswith(".freed")
    }
    moves = {item: size for item, size in moves.items() if size == size}
    if not moves:
        return "The groups are too small to show their mix"
    most = max(moves, key=moves.__getitem__)
    group = most.group.partition(": ")[2]
    return (
        f"With the signs that differ freed, no share moves by more than {100 * moves[most]:.1f} "
        f"percentage points (type {most.name.rpartition(', ')[0]}, {group})"
    )


def _place(item: Estimate) -> tuple[str, str]:
    return item.key.rpartition(".")[0], item.group


def _differing(role: str, items: list[Estimate], of: int) -> str:
    verb = "differs" if len(items) == 1 else "differ"
    return (
        f"by {role} {len(items)} of {of} signs {verb}, “{sign_of(items[0])}” most "
        f"({value_of(items[0])} percentage points between two groups in a type)"
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
