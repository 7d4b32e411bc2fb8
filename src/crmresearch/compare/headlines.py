"""Titles and sentences of a comparison, made from its results; nothing is computed here."""

from collections.abc import Container, Sequence

from crmresearch.compare.analysis import Compared, differs
from crmresearch.compare.figures import label_of
from crmresearch.compare.matching import Quantity
from crmresearch.compare.verdicts import Row
from crmresearch.report.estimates import Estimate
from crmresearch.report.numbers import count, format_interval, format_number

VERDICTS = "verdicts"  # where the page tells the verdicts on the claims
NAMED = 3  # quantities or reports that one sentence names
CHANGES_NOTE = (
    "Of two waves the later less the earlier, of more the change from one wave to the next. The "
    "intervals of one quantity hold for all its series at once, and p for all quantities as well "
    "(Holm): an interval can leave zero out while p is above .05. That a change is not beyond "
    "chance does not say that nothing changed."
)


def size_of(item: Estimate) -> str:
    """A difference without its sign, in words."""
    ends = sorted((-item.low, -item.high) if item.value < 0 else (item.low, item.high))
    text = format_interval(abs(item.value), *ends, item.level, item.unit)
    return text.replace("+", "")


def forest_title(item: Compared, test: Estimate) -> str:
    """Whether the reports differ, and which are the farthest apart."""
    name = sentence(item.quantity.words)
    ordered = sorted(item.shown, key=lambda x: x.value)
    if not differs(test):
        return f"{name}: the reports are not told apart"
    low, high = (
        f"{label_of(x)} ({format_number(x.value, x.unit)})" for x in (ordered[0], ordered[-1])
    )
    return f"{name} differs between the reports, from {low} to {high}"


def difference_title(item: Compared, test: Estimate) -> str:
    """How many of the pairs differ; `test` is that of the quantity among all main ones."""
    clear, pairs = len(item.clear), len(item.pairs)
    name = sentence(item.quantity.words)
    alone = ", this quantity taken by itself" if clear and not differs(test) else ""
    if pairs == 1:
        told = "is beyond chance" if clear else "is within what chance allows"
        return f"{name}: the difference of the two reports {told}{alone}"
    differ = "differs" if clear == 1 else "differ"
    return f"{name}: {clear or 'none'} of {pairs} pairs of reports {differ} beyond chance{alone}"


def ranks_title(item: Compared) -> str:
    """Who may be first; of many quantities it is not good to be."""
    first = [label_of(x) for x in item.ranks if x.low == 1]
    name = item.quantity.words
    if len(first) == 1:
        return f"{first[0]} is beyond chance the highest on {name}"
    if len(first) == len(item.ranks):
        return f"Any of the reports may be the highest on {name}"
    return f"{len(first)} of {len(item.ranks)} reports may be the highest on {name}"


def others_title(tests: Sequence[Estimate]) -> str:
    """How many of the quantities that are not drawn differ."""
    clear = sum(differs(item) for item in tests)
    differ = "differs" if clear == 1 else "differ"
    return (
        f"Of {count(len(tests), 'other quantity', 'other quantities')} "
        f"{clear or 'none'} {differ} between the reports beyond chance"
    )


def pairs_title(clear: int, pairs: int) -> str:
    """How many pairs of reports differ on the quantities that are not drawn."""
    told = f"{clear:,}" if clear else "none"
    differ = "differs" if clear == 1 else "differ"
    return f"Of {count(pairs, 'pair')} of reports on these quantities {told} {differ} beyond chance"


def others_changes_title(clear: int, changes: int) -> str:
    """How many of these quantities' changes from wave to wave are beyond chance."""
    told = f"{clear:,}" if clear else "none"
    verb = "is" if clear < 2 else "are"
    of_all = f"{count(changes, 'change')} of these quantities between waves"
    return f"Of {of_all} {told} {verb} beyond chance"


def changes_title(changes: Sequence[Estimate]) -> str:
    """How many changes from wave to wave are beyond chance."""
    clear = len(moved(changes))
    told = f"{clear or 'none'} {'is' if clear < 2 else 'are'}"
    return f"Of {count(len(changes), 'change')} from wave to wave {told} beyond chance"


def moved(changes: Sequence[Estimate]) -> list[Estimate]:
    """The changes that are beyond chance among all of them."""
    return [x for x in changes if differs(x)]


def section_title(quantities: Sequence[Quantity], clear: Container[str]) -> str:
    """What a fold of quantities of one kind holds, and how many of these differ."""
    kind = quantities[0].key.partition(".")[0].replace("_", " ").capitalize()
    first, more = quantities[0].words, len(quantities) - 1
    told = sum(item.place in clear for item in quantities)
    if not more:
        return f"{kind}: {first}; {'differs' if told else 'not told apart'}"
    return f"{kind}: {first}, and {more} more; {told or 'none'} of {more + 1} told apart"


def glance_title(tests: Sequence[Estimate]) -> str:
    """How many of the main quantities differ."""
    clear = sum(differs(item) for item in tests)
    if len(tests) == 1:
        return f"The main number {'differs' if clear else 'is not told apart'} between the reports"
    if not clear:
        return f"Of {len(tests)} main numbers none is told apart between the reports"
    differ = "differs" if clear == 1 else "differ"
    return f"Of {len(tests)} main numbers {clear} {differ} between the reports beyond chance"


def flip_words(row: Row) -> str:
    """What it means that the verdicts on a claim are not alike; empty where they are."""
    if not row.flips:
        return ""
    if row.differs is None:
        return "Unlike verdicts; whether the estimates differ cannot be told."
    if row.differs:
        return "Unlike verdicts, and the estimates differ beyond chance."
    return "Unlike verdicts, but the estimates are not told apart."


def brief(
    compared: Sequence[Compared],
    main_tests: Sequence[Estimate],
    other_tests: Sequence[Estimate],
    rows: Sequence[Row],
    changes: Sequence[Estimate] = (),
) -> list[tuple[str, str]]:
    """The sentences that the page starts with, each with the exhibit that it rests on."""
    both = list(zip(compared, main_tests, strict=True))
    sentences = [(f"{glance_title(main_tests)}.", "glance")]
    for item in [item for item, test in both if differs(test)][:NAMED]:
        sentences.append((_farthest(item), f"forest.{item.quantity.place}"))
    quiet = [item.quantity.words for item, test in both if not differs(test)]
    if quiet and len(quiet) < len(both):
        more = f" and {len(quiet) - NAMED} more" if len(quiet) > NAMED else ""
        told = "; ".join(quiet[:NAMED])
        sentences.append((f"Not told apart between the reports: {told}{more}.", "glance"))
    if changes:
        sentences.append((_moved(changes), "changes"))
    if other_tests:
        sentences.append((f"{others_title(other_tests)}.", "others"))
    flips = [row for row in rows if row.flips]
    if flips:
        real = sum(row.differs is True for row in flips)
        text = (
            f"The verdicts on {count(len(flips), 'claim')} are not alike in all reports; of these "
            f"the estimates of {real or 'none'} differ beyond chance."
        )
        sentences.append((text, VERDICTS))
    return sentences


def _farthest(item: Compared) -> str:
    """The two reports farthest apart, with their difference where it is told from none."""
    low, *_, high = sorted(item.shown, key=lambda x: x.value)
    one, other = label_of(high), label_of(low)
    either = {f"pair: {one} − {other}", f"pair: {other} − {one}"}
    pair = next((x for x in item.pairs if x.group in either), None)
    name = sentence(item.quantity.words)
    top, bottom = (format_number(x.value, x.unit) for x in (high, low))
    if pair is None or not (pair.low > 0 or pair.high < 0):
        return f"{name} ranges from {bottom} in {other} to {top} in {one}."
    return f"{name} is {size_of(pair)} higher in {one} ({top}) than in {other} ({bottom})."


def _moved(changes: Sequence[Estimate]) -> str:
    """How many of the main numbers changed between the waves, with those that did most clearly."""
    clear = sorted(moved(changes), key=lambda x: x.p)
    named = "; ".join(
        f"{x.name.partition(': change')[0]} in {label_of(x)} by "
        + format_interval(x.value, x.low, x.high, x.level, x.unit)
        for x in clear[:NAMED]
    )
    first = ", first" if len(clear) > NAMED else ""
    return changes_title(changes) + (f"{first}: {named}." if clear else ".")


def sentence(words: str) -> str:
    """The words as they stand at the start of a sentence or a row."""
    return words[:1].upper() + words[1:]
