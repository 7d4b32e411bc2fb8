"""Attribution of what moved to the ingredients that differ, from runs with some of them swapped.

A *run* is named by the set of ingredients that were new in it: the empty set is the old build made
again, the whole set the new one. Two questions are answered for each number, both exactly:

- how much it moves when one ingredient alone is new; what these moves leave of the whole change is
  the interaction, which no ingredient causes by itself;
- where every combination was run, each ingredient's share of the change: the mean of what it adds
  over all orders of swapping them, which shares the interaction out evenly (Shapley 1953, *A value
  for n-person games*). Shares always add up to the change.

What the stored results differ by from the same build made again is caused by none of them: it is
kept apart as `elsewhere`.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

ROUNDING = 1e-9  # of the number: what another order of summing may do
_ZERO = 1e-12  # below this a number that should be zero is

Swapped = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A number that is in both builds and has moved.

    Parameters
    ----------
    old, new : as published
    alone : ingredient to what it does when it alone is new; NaN where that was not run, or the
        number was not there
    undone : ingredient to what is lost when it alone is old again
    interaction : what the ingredients' own moves leave of the change; with it they add up
    shares : ingredient to its share of the change and the interaction; empty where a combination
        is missing
    elsewhere : what the build made again differs by from the published one: versions that could
        not be swapped, another machine, chance
    """

    name: str
    old: float
    new: float
    alone: Mapping[str, float]
    undone: Mapping[str, float]
    interaction: float
    shares: Mapping[str, float]
    elsewhere: float

    @property
    def change(self) -> float:
        return self.new - self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A verdict that is another, or a number that came or went.

    Parameters
    ----------
    old, new : the verdicts; empty where there was none
    by : the smallest sets of ingredients that turn it when they alone are new; one of a single
        ingredient needs no other, of several they turn it only together
        Empty where the old build made again has turned already: none of them did it.
    needed : ingredients without which it does not turn: taking back any one of them undoes it
    """

    name: str
    old: str
    new: str
    by: tuple[tuple[str, ...], ...]
    needed: tuple[str, ...]


def combinations_of(factors: Sequence[str], *, exact: bool) -> list[Swapped]:
    """The runs to make: each ingredient alone new and alone old, or every combination if `exact`.

    Of three ingredients or fewer the first are every combination. Both ends are among them.
    """
    sizes = range(len(factors) + 1)
    if not exact:
        sizes = sorted({0, 1, len(factors) - 1, len(factors)} & set(sizes))
    return [frozenset(chosen) for size in sizes for chosen in combinations(factors, size)]


def moves(
    old: Mapping[str, float],
    new: Mapping[str, float],
    runs: Mapping[Swapped, Mapping[str, float]],
    factors: Sequence[str],
) -> list[Move]:
    """The numbers of both builds that moved by more than rounding, in the order of the old one.

    Parameters
    ----------
    old, new : name to value, as published; a value that is not finite counts as absent
    runs : the results by the ingredients that were new; an end that was not run again is taken
        as published
    factors : the ingredients that differ
    """
    ends = {frozenset(): old, frozenset(factors): new}
    known = ends | dict(runs)
    found = []
    for name, before in old.items():
        after = new.get(name, math.nan)
        if not (math.isfinite(before) and math.isfinite(after)) or same(before, after):
            continue
        values = {chosen: result.get(name, math.nan) for chosen, result in known.items()}
        found.append(_move(name, before, after, values, factors))
    return found


def turns(
    old: Mapping[str, str],
    new: Mapping[str, str],
    runs: Mapping[Swapped, Mapping[str, str]],
    factors: Sequence[str],
) -> list[Turn]:
    """The verdicts that differ between both builds, and what turned them; arguments as `moves`.

    A name that a result lacks has the empty verdict there.
    """
    known = {frozenset(): old, frozenset(factors): new} | dict(runs)
    found = []
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name, ""), new.get(name, "")
        if before == after:
            continue
        turning = [chosen for chosen, result in known.items() if result.get(name, "") == after]
        whole = frozenset(factors)
        needed = [
            factor
            for factor in factors
            if whole - {factor} in known and known[whole - {factor}].get(name, "") != after
        ]
        found.append(
            Turn(
                name=name, old=before, new=after,
                by=_smallest(turning, factors), needed=tuple(needed),
            )
        )  # fmt: skip
    return found


def same(one: float, other: float) -> bool:
    """Whether two numbers differ by no more than rounding; two that are absent are alike."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return abs(one - other) <= max(_ZERO, ROUNDING * max(abs(one), abs(other)))


def _move(
    name: str,
    old: float,
    new: float,
    values: Mapping[Swapped, float],
    factors: Sequence[str],
) -> Move:
    whole = frozenset(factors)
    # An end that could be run but does not give the number tells nothing: the published one does.
    start = values[frozenset()] if math.isfinite(values[frozenset()]) else old
    end = values[whole] if math.isfinite(values[whole]) else new
    elsewhere = (start - old) + (new - end)
    alone = {x: values.get(frozenset({x}), math.nan) - start for x in factors}
    undone = {x: end - values.get(whole - {x}, math.nan) for x in factors}
    values = dict(values) | {frozenset(): start, whole: end}
    return Move(
        name=name,
        old=old,
        new=new,
        alone=alone,
        undone=undone,
        interaction=(end - start) - math.fsum(x for x in alone.values() if math.isfinite(x)),
        shares=_shares(values, factors),
        elsewhere=elsewhere,
    )


def _shares(values: Mapping[Swapped, float], factors: Sequence[str]) -> dict[str, float]:
    """Shapley's value of each factor; empty where a combination is missing."""
    number = len(factors)
    subsets = combinations_of(factors, exact=True)
    if not all(math.isfinite(values.get(chosen, math.nan)) for chosen in subsets):
        return {}
    return {
        factor: math.fsum(
            (values[chosen | {factor}] - values[chosen])
            / (number * math.comb(number - 1, len(chosen)))
            for chosen in subsets
            if factor not in chosen
        )
        for factor in factors
    }


def _smallest(turning: Collection[Swapped], factors: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The sets that hold no other set of `turning`, the smallest first, each in one order."""
    minimal = [one for one in turning if one and not any(other < one for other in turning)]
    ordered: Iterable[tuple[str, ...]] = (
        tuple(factor for factor in factors if factor in chosen) for chosen in minimal
    )
    return tuple(sorted(ordered, key=lambda names: (len(names), [*map(factors.index, names)])))
