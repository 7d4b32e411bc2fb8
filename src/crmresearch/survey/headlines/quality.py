"""Answer quality in sentences."""

import pandas as pd

from crmresearch.report.estimates import Estimate, find
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import ABSENT, listed, short

ALPHA = 0.05  # adjusted p below which leaving a question out is said to go with something


def checks(estimates: list[Estimate]) -> str:
    """The shares of suspicious answers."""
    if not estimates:
        return f"{ABSENT}neither times nor enough ratings to check how carefully people answered"
    texts = [
        f"{format_number(item.value, item.unit)} {item.name.partition(',')[0].lower()}"
        for item in estimates
    ]
    return f"Checks of answer quality find {listed(texts)}"


def sensitivity(estimates: list[Estimate]) -> str:
    """Whether any headline measure moves when suspicious respondents are left out."""
    if not estimates:
        return f"{ABSENT}careless answers of enough people to show what they change"
    chosen = [item for item in estimates if item.key.startswith("sensitivity.all.")] or estimates
    if not any(item.value == item.value for item in chosen):
        return f"{ABSENT}people who answered without suspicion, so that a shift could be told"
    if all(item.value == item.low == item.high == 0 for item in chosen):
        return "Nobody answered suspiciously, so no headline measure would move"
    moved = sum(item.low > 0 or item.high < 0 for item in chosen)
    rest = f"{moved} of {len(chosen)} measures {'moves' if moved == 1 else 'move'} beyond chance"
    first = next(item for item in chosen if item.value == item.value)
    name = first.name.partition(" without")[0]
    name = f"the {name}" if first.key.endswith(".nps") else f"“{name}”"
    return f"Without suspicious respondents {name} would move by {first}; {rest}"


def verdicts(frame: pd.DataFrame) -> str:
    """Whether any verdict turns when suspicious respondents are left out."""
    again = frame[frame["People"] > 0]
    if again.empty:
        return f"{ABSENT}careless answers of enough people, or claims, to judge again without them"
    claims = again["Claim"].nunique()
    turned = again.loc[again["Same"] == "no", "Claim"].nunique()
    if not turned:
        return f"No verdict turns: {count(claims, 'claim')} judged again without careless answers"
    verb = "turns" if turned == 1 else "turn"
    return f"{turned} of {count(claims, 'verdict')} {verb} when careless answers are left out"


def missing(estimates: list[Estimate]) -> str:
    """How many answered everything, what is missing most often, and whether by chance."""
    items = [item for item in estimates if item.key.startswith("missing.") and item.unit == "share"]
    if not items:
        return f"{ABSENT}no question that everybody was asked"
    first = items[0]
    if not first.value > 0:
        return f"All {count(len(items), 'question')} were answered by everybody"
    text = f"“{short(first.name)}” is missing most often, {first}"
    complete = find(estimates, "pattern.complete")
    if complete is not None:
        text = f"{format_number(complete.value, 'share')} answered everything; {text}"
    tests = [item for item in estimates if item.p == item.p]
    clear = sum(item.p < ALPHA for item in tests)
    if not clear:
        return text
    verb = "finds" if clear == 1 else "find"
    return f"{text}; {clear} of {count(len(tests), 'test')} {verb} that gaps are not by chance"


def ends(estimates: list[Estimate]) -> str:
    """Which rating is nearest to its end."""
    if not estimates:
        return f"{ABSENT}no rating with a known highest and lowest answer"
    first = estimates[0]
    if not first.value > 0:
        return "Nobody gave the highest or the lowest answer to any rating"
    asked = [item for item in estimates if ".scale." not in item.key]
    if len(asked) > 1 and all(item.value == 1 for item in asked):
        return f"Everybody gave one and the same answer, at an end, to each of {len(asked)} ratings"
    kind = "highest" if first.key.startswith("ceiling.") else "lowest"
    name = first.name.rpartition(", ")[0]
    return f"The {kind} answer is commonest for “{name}”, given by {first}"


def flow(frame: pd.DataFrame) -> str:
    """How many are left of those at the first step, and where most were lost."""
    if frame.empty:
        return f"{ABSENT}who was asked before the rows of the file"
    people = frame["People"].tolist()
    text = f"{people[-1]:,} of {people[0]:,} are left from “{frame['Step'].iloc[0]}” to " + (
        f"“{frame['Step'].iloc[-1]}”"
    )
    if people[0] > 0:
        text += f", {format_number(people[-1] / people[0], 'share')}"
    lost = frame["People"].diff()
    if not lost.min() < 0:
        return f"{text}; no step loses anybody"
    return f"{text}; most are lost before “{frame['Step'][lost.idxmin()]}”"
