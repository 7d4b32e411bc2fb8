"""What customers chose from cards, alone and by the type found in their answers."""

from crmresearch.archetypes.headlines.wording import ABSENT, largest_first, part_of
from crmresearch.report.estimates import Estimate, find


def chosen(estimates: list[Estimate]) -> str:
    """The card chosen most, the hostile side, and how steady the choice is."""
    shares = largest_first([item for item in estimates if item.key == "chosen.share"])
    if not shares:
        return f"{ABSENT}a type of relationship that the customer chose from cards"
    parts = [f"“{part_of(shares[0])}” is chosen most, by {shares[0]}"]
    hostile = find(estimates, "chosen.valence.negative")
    if hostile is not None:
        parts.append(f"a type on the hostile side by {hostile}")
    again = find(estimates, "chosen.same")
    if again is not None and again.value == again.value:
        parts.append(f"{again} of those asked twice chose the same card again")
    return "; ".join(parts)


def by_type(estimates: list[Estimate]) -> str:
    """Whether the cards bear the working labels out."""
    v = find(estimates, "choice.v")
    known = [item for item in estimates if item.key.startswith("choice.card.")]
    known = [item for item in known if item.value == item.value]
    if not known:
        return f"{ABSENT}cards to hold the types against, beside other answers"
    tops = {
        group: max((x for x in known if x.group == group), key=lambda item: item.value)
        for group in dict.fromkeys(item.group for item in known)
    }
    own = [item for item in estimates if item.key == "choice.own" and item.value == item.value]
    closely = "" if v is None else f"; Cramér's V of type and card is {v}"
    if not own:
        return f"No type has a working label that a card could bear out{closely}"
    borne = sum(item.name.endswith(tops[item.group].name.removeprefix("Chose ")) for item in own)
    return (
        f"Of {len(own)} working {'label' if len(own) == 1 else 'labels'}, {borne} "
        f"{'is' if borne == 1 else 'are'} also the card that the type chose most{closely}"
    )
