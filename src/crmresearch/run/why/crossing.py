"""Which runs are made, and what is done where an ingredient cannot be swapped by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crmresearch.run.why.attribution import Swapped, combinations_of, moves, turns
from crmresearch.run.why.reruns import Reruns, Runs
from crmresearch.run.why.results import Outcome

# What an ingredient that does not run without another is joined with, the likeliest first: a new
# notebook calls what only the new package has, new data are described as only it can read them.
_PARTNERS = ("package", "notebook", "data", "parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """The ingredients that were swapped, the outcomes by those that were new, and all runs."""

    factors: tuple[str, ...]
    outcomes: dict[Swapped, Outcome]
    made: Runs


def crossed(
    reruns: Reruns, factors: Sequence[str], published: tuple[Outcome, Outcome], *, exact: bool
) -> Crossed:
    """Run the combinations of old and new ingredients that tell what each does.

    The old build is made again, too: that it gives its own numbers shows that neither chance nor
    the machine is among the causes. Only where it does not is the new one made again.
    Ingredients that do not run without each other are swapped together, under both names.
    """
    made = Runs()
    whole = frozenset(factors)
    _complete(reruns, made, set(combinations_of(factors, exact=exact)) - {whole})
    joined = _joined(factors, made)
    label = {name: " and ".join(joined) if name in joined else name for name in factors}
    labels = tuple(dict.fromkeys(label.values()))
    wanted = {
        chosen: frozenset(name for name in factors if label[name] in chosen)
        for chosen in combinations_of(labels, exact=exact)
    }
    _complete(reruns, made, set(wanted.values()) - {whole})
    again = made.outcomes.get(frozenset())
    if again and differ(again, published[0]):
        _complete(reruns, made, {whole})
    outcomes = {k: made.outcomes[v] for k, v in wanted.items() if v in made.outcomes}
    return Crossed(factors=labels, outcomes=outcomes, made=made)


def differ(one: Outcome, other: Outcome) -> bool:
    """Whether two runs came to other numbers or verdicts."""
    return bool(
        moves(one.numbers(), other.numbers(), {}, ())
        or turns(one.present(), other.present(), {}, ())
        or turns(one.verdicts, other.verdicts, {}, ())
    )


def _complete(reruns: Reruns, made: Runs, wanted: Iterable[Swapped]) -> None:
    """Make the runs of `wanted` that have not been made, the fewest new ingredients first."""
    left = [chosen for chosen in wanted if chosen not in made.outcomes | made.failed]
    new = reruns.made(sorted(left, key=lambda chosen: (len(chosen), sorted(chosen))))
    made.outcomes |= new.outcomes
    made.failed |= new.failed


def _joined(factors: Sequence[str], made: Runs) -> tuple[str, ...]:
    """The ingredients that cannot be swapped alone, each with a likely partner."""
    failing = [name for name in factors if frozenset({name}) in made.failed]
    found = set(failing)
    for name in failing:
        partners = [x for x in _PARTNERS if x in factors and x != name]
        if len(failing) == 1 and partners:
            found.add(partners[0])
    return tuple(name for name in factors if name in found) if len(found) > 1 else ()
