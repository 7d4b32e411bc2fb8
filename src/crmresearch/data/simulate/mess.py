"""What a real export does to clean answers: missing codes, label variants, hostile text."""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.constants import (
    BRANDS,
    CHANNELS,
    DRIVERS,
    NEGATIVE,
    POSITIVE,
    SEGMENTS,
    STAKEHOLDERS,
    WAVES,
    World,
)
from crmresearch.data.simulate.people import People, choose, whole

SATISFACTION = ("satisfaction_1", "satisfaction_2", "satisfaction_3")
LOYALTY = ("loyalty_1", "loyalty_2", "loyalty_3")
TRUST = ("trust_1", "trust_2", "trust_3", "trust_4")
HANDLING = ("handling_1", "handling_2")
REVERSED = ("loyalty_3", "trust_4")
RATED = (*SATISFACTION, "effort", *LOYALTY, *DRIVERS, *TRUST)
MISSING_CODE = "99"
CHANNEL_WORDS = (
    ("Shop", "shop", "Laden", "1"),
    ("Phone", "phone", "Telefon", "2"),
    ("Online", "online", "Web", "3"),
)
YES_NO_WORDS = (("No", "no", "Nein"), ("Yes", "yes", "Ja"))
EXTREME_WORDS = {1: "sehr unzufrieden", 7: "sehr zufrieden"}
_POPULATION = (0.62, 0.27, 0.11)  # segment shares that the weights restore
_PLAIN = (
    "The line drops every afternoon, please look at our site again.",
    "Good service, the technician came on the same day.",
    "Invoice is hard to read; our accounts department asks about it each month.",
    "Nothing to add.",
    "Wir sind zufrieden, aber die Hotline ist langsam.",
    "We would leave if the contract allowed it.",
    "Prix correct, réseau très stable.",
    "Please call back: Jane Example, +49 30 555 0100, jane@example.com",
)
_HOSTILE = (
    '<script>alert("crm")</script>',
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://example.com","click")',
    "+1+1",
    "@SUM(A1:A9)",
    "-2+3",
    "bell\x07 and escape \x1b[31mred\x1b[0m",
    "right to left \u202egnp.exe",
    "two lines,\nand a comma",
    'a "quoted" word; and a semicolon',
    "tab\tin the middle",
    "](javascript:alert(1)) **bold** $x^2$ {{ braces }} %(percent)s",
    "zero width\u200b and accents e\u0301 \U0001f4de",
    "very long " * 1200,
)


def _text(value: np.ndarray) -> np.ndarray:
    """Whole numbers as text, a missing one as an empty cell."""
    return np.array(["" if np.isnan(one) else str(int(one)) for one in value], dtype=object)


def _pick(words: tuple[tuple[str, ...], ...], index: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """The first word mostly; one in five takes one of its variants."""
    found = []
    for row, chance in zip(index, luck, strict=True):
        variants = words[int(row)]
        step = int((chance - 0.8) * 5 * (len(variants) - 1)) + 1 if chance >= 0.8 else 0
        found.append(variants[min(step, len(variants) - 1)])
    return np.array(found, dtype=object)


def _comments(rng: np.random.Generator, n: int) -> np.ndarray:
    said = rng.random(n) < 0.15
    which = choose(rng.random(n), (1 / len(_PLAIN),) * len(_PLAIN))
    found = np.where(said, np.array(_PLAIN, dtype=object)[which], "")
    places = np.argsort(rng.random(n), kind="stable")[: len(_HOSTILE)]
    found[places] = np.array(_HOSTILE, dtype=object)
    return found


def _weights(who: People) -> np.ndarray:
    """Population share over sample share of the segment, in each brand and wave."""
    cells = pd.DataFrame({"brand": who.brand, "wave": who.wave, "segment": who.segment})
    n = cells.groupby(["brand", "wave"])["segment"].transform("size")
    count = cells.groupby(["brand", "wave", "segment"])["segment"].transform("size")
    return np.array(_POPULATION)[who.segment] / (count / n).to_numpy()


def _careless(
    rng: np.random.Generator, clean: pd.DataFrame, world: World
) -> tuple[pd.DataFrame, np.ndarray]:
    """Straight-liners give one answer to every rating, speeders take under 70 seconds."""
    n = len(clean)
    seconds = np.clip(420 + 130 * rng.standard_normal(n), 150, None)
    seconds = seconds + 60 * clean["problem"].to_numpy()
    fast = np.argsort(rng.random(n), kind="stable")[: world.speeders]
    seconds[fast] = 25 + 45 * rng.random(world.speeders)
    flat = np.argsort(rng.random(n), kind="stable")[: world.straightliners]
    clean = clean.copy()
    one = whole(3.5 + 3 * rng.random(world.straightliners), 1, 7)
    clean.loc[flat, list(RATED)] = np.repeat(one[:, None], len(RATED), axis=1)
    return clean, seconds


def _drop(
    rng: np.random.Generator, cells: pd.DataFrame, who: People, channel: np.ndarray, world: World
) -> None:
    """Leave answers out, at random or after the channel and segment; half of them coded 99."""
    chance = dict.fromkeys(
        ("recommend", *RATED, *HANDLING, "severity"), np.full(len(cells), world.missing_at_random)
    )
    offline = channel != CHANNELS.index("Online")
    chance["website"] = np.where(offline, world.website_missing_offline, world.missing_at_random)
    small = who.segment == SEGMENTS.index("Small")
    chance["prior_satisfaction"] = np.where(small, 0.06, 0.02)
    for column, share in chance.items():
        left_out = (rng.random(len(cells)) < share) & (cells[column] != "")
        coded = rng.random(len(cells)) < 0.5
        cells.loc[left_out, column] = np.where(coded, MISSING_CODE, "")[left_out]
    for column, share in (("tenure", 0.04), *((name, 0.01) for name in (*POSITIVE, *NEGATIVE))):
        cells.loc[rng.random(len(cells)) < share, column] = ""
    silent = rng.random(len(cells)) < 0.01
    asked = ["problem", "complained", "resolved", *HANDLING, "severity"]
    cells.loc[silent, asked] = ""


def _recorded(said: pd.DataFrame) -> pd.DataFrame:
    """Answers as ticked: reversed items turned round, but not by those who tick one box."""
    flat = said[list(RATED)].nunique(axis=1) == 1
    recorded = said.copy()
    for name in REVERSED:
        recorded[name] = said[name].where(flat, 8 - said[name])
    return recorded


def _background(rng: np.random.Generator, who: People, channel: np.ndarray) -> dict[str, object]:
    """The columns that describe the respondent."""
    influence = np.array((0.25, 0.5, 0.85))[who.stakeholder]
    influence = np.clip(influence + 0.1 * rng.standard_normal(len(influence)), 0, 1)
    luck = rng.random(len(influence))
    return {
        "respondent": "",
        "account": [f"A{one + 1:04d}" for one in who.account],
        "person": [f"P{one + 1:04d}" for one in who.person],
        "stakeholder": np.array(STAKEHOLDERS, dtype=object)[who.stakeholder],
        "influence": [f"{one:.2f}" for one in influence],
        "wave": np.array(WAVES, dtype=object)[who.wave],
        "brand": np.array(BRANDS, dtype=object)[who.brand],
        "segment": np.array(SEGMENTS, dtype=object)[who.segment],
        "channel": _pick(CHANNEL_WORDS, channel, luck),
        "tenure": [f"{one:.1f}" for one in who.tenure],
        "weight": [f"{one:.3f}" for one in _weights(who)],
    }


def export(
    rng: np.random.Generator, who: People, clean: pd.DataFrame, world: World
) -> pd.DataFrame:
    """The file as a survey system would write it: every cell text, in the order of its columns."""
    n = len(clean)
    channel = choose(rng.random(n), (0.25, 0.30, 0.45))
    said, seconds = _careless(rng, clean, world)
    said = _recorded(said)
    after_problem = ("complained", "resolved", *HANDLING, "severity")
    cells = pd.DataFrame(
        {
            **_background(rng, who, channel),
            "seconds": _text(np.floor(seconds)),
            **{name: _text(said[name]) for name in ("recommend", *RATED)},
            "problem": _pick(YES_NO_WORDS, said["problem"].to_numpy(), rng.random(n)),
            **{name: _text(said[name]) for name in after_problem},
            **{name: _text(said[name]) for name in ("prior_satisfaction", *POSITIVE, *NEGATIVE)},
            "comment": _comments(rng, n),
            "internal_note": np.where(rng.random(n) < 0.05, "cb 2x; see ticket", ""),
        }
    )
    luck = rng.random(n)
    for code, word in EXTREME_WORDS.items():
        cells.loc[(cells["satisfaction_1"] == str(code)) & (luck < 0.2), "satisfaction_1"] = word
    _drop(rng, cells, who, channel, world)
    cells = cells.iloc[np.argsort(who.wave + rng.random(n), kind="stable")]
    cells = cells.reset_index(drop=True)
    cells["respondent"] = [f"R{row + 1:04d}" for row in range(n)]
    return cells
