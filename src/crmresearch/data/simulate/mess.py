"""What a real export does to clean answers: missing codes, label variants, hostile text."""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.added import (
    commented,
    contacts,
    interviewed,
    later,
    related,
)
from crmresearch.data.simulate.constants import (
    BRANDS,
    CHANNELS,
    DRIVERS,
    FACETS,
    NEGATIVE,
    POPULATION,
    POSITIVE,
    SEGMENTS,
    STAKEHOLDERS,
    WAVES,
    World,
)
from crmresearch.data.simulate.people import People, choose, whole
from crmresearch.data.simulate.relation import CARD_WORDS, CHOICES
from crmresearch.data.simulate.relation import RATED as RELATION
from crmresearch.data.simulate.streams import stream
from crmresearch.data.simulate.wording import HOSTILE

SATISFACTION = ("satisfaction_1", "satisfaction_2", "satisfaction_3")
LOYALTY = ("loyalty_1", "loyalty_2", "loyalty_3")
TRUST = ("trust_1", "trust_2", "trust_3", "trust_4")
HANDLING = ("handling_1", "handling_2")
FAIRNESS = tuple(f"{facet}_{item}" for facet in FACETS for item in (1, 2))
HISTORY = ("blames", "earlier_problems", "earlier_resolved")
REVERSED = ("loyalty_3", "trust_4")
RATED = (*SATISFACTION, "effort", *LOYALTY, *DRIVERS, *TRUST)
MISSING_CODE = "99"
CHANNEL_WORDS = (
    ("Shop", "shop", "Laden", "1"),
    ("Phone", "phone", "Telefon", "2"),
    ("Online", "online", "Web", "3"),
)
COMPLAINT_CHANNELS = ("Shop", "Phone", "Online", "Letter")
COMPLAINED_TO = ("Front line", "Account manager", "Head office")
YES_NO_WORDS = (("No", "no", "Nein"), ("Yes", "yes", "Ja"))
EXTREME_WORDS = {1: "sehr unzufrieden", 7: "sehr zufrieden"}


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


def _hostile_rows(rng: np.random.Generator, n: int) -> np.ndarray:
    """Where the hostile comments stand.

    The first two draws chose comments once; they are kept, so that what is drawn after them in
    this stream stays what it was.
    """
    rng.random((2, n))
    return np.argsort(rng.random(n), kind="stable")[: len(HOSTILE)]


def _weights(who: People) -> np.ndarray:
    """Population share over sample share of the segment, in each brand and wave."""
    cells = pd.DataFrame({"brand": who.brand, "wave": who.wave, "segment": who.segment})
    n = cells.groupby(["brand", "wave"])["segment"].transform("size")
    count = cells.groupby(["brand", "wave", "segment"])["segment"].transform("size")
    return np.array(POPULATION["segment"])[who.segment] / (count / n).to_numpy()


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


def _later(
    seed: int, who: People, said: pd.DataFrame, cells: pd.DataFrame, world: World
) -> pd.DataFrame:
    """Cells of the columns that `added.later` draws, asked of whom the other `cells` let ask."""
    drawn = later(seed, who, said, world)
    for name in HISTORY:
        drawn.insert(drawn.columns.get_loc("talk"), name, said[name])
    flat = said[list(RATED)].nunique(axis=1) == 1
    drawn.loc[flat, ["talk", "extend"]] = said.loc[flat, "effort"]
    text = pd.DataFrame({name: _label(drawn[name]) for name in drawn})
    rng = stream(seed, "left out")
    recorded = ("left", "followed_from", "followed_until", "revenue")
    for name in text.columns.drop(list(recorded)):
        left_out = (rng.random(len(text)) < world.missing_at_random) & (text[name] != "")
        coded = (rng.random(len(text)) < 0.5) & (name in (*FAIRNESS, "blames", "talk", "extend"))
        text.loc[left_out, name] = np.where(coded, MISSING_CODE, "")[left_out]
    asked = ["complaint_channel", "complained_to", "answered", "response_days", *FAIRNESS]
    text.loc[cells["complained"] != "1", asked] = ""
    text.loc[text["answered"] != "1", "response_days"] = ""
    text.loc[cells["problem"] == "", ["blames", "earlier_problems", "earlier_resolved"]] = ""
    text.loc[text["earlier_problems"] == "", "earlier_resolved"] = ""
    return text


def _relation(seed: int, who: People, said: pd.DataFrame, world: World) -> pd.DataFrame:
    """Cells of the columns that `added.related` draws."""
    drawn = related(seed, who, said, world)
    ticked = [*RELATION, "chosen_sure"]
    flat = said[list(RATED)].nunique(axis=1) == 1
    drawn.loc[flat, ticked] = np.repeat(said.loc[flat, ["effort"]].to_numpy(), len(ticked), axis=1)
    rng = stream(seed, "relation left out")
    text = pd.DataFrame(
        {
            name: _pick(CARD_WORDS, drawn[name].to_numpy() - 1, rng.random(len(drawn)))
            if name in CHOICES
            else _text(drawn[name].to_numpy())
            for name in drawn
        }
    )
    for name in text:
        left_out = rng.random(len(text)) < world.missing_at_random
        coded = (rng.random(len(text)) < 0.5) & (name not in CHOICES)
        text.loc[left_out, name] = np.where(coded, MISSING_CODE, "")[left_out]
    return text


def _label(values: pd.Series) -> np.ndarray:
    """Days and labels as text, whole numbers otherwise."""
    words = {"complaint_channel": COMPLAINT_CHANNELS, "complained_to": COMPLAINED_TO}
    if values.dtype.kind == "M":
        return values.dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
    if values.name in words:
        listed = np.array(("", *words[values.name]), dtype=object)
        return listed[values.fillna(0).to_numpy(int)]
    return _text(values.to_numpy())


def _recorded(said: pd.DataFrame) -> pd.DataFrame:
    """Answers as ticked: reversed items turned round, but not by those who tick one box."""
    flat = said[list(RATED)].nunique(axis=1) == 1
    recorded = said.copy()
    for name in REVERSED:
        recorded[name] = said[name].where(flat, 8 - said[name])
    return recorded


def _background(
    rng: np.random.Generator, who: People, channel: np.ndarray, seed: int, world: World
) -> dict[str, object]:
    """The columns that describe the respondent."""
    influence = np.array((0.25, 0.5, 0.85))[who.stakeholder]
    influence = np.clip(influence + 0.1 * rng.standard_normal(len(influence)), 0, 1)
    luck = rng.random(len(influence))
    return {
        "respondent": "",
        "account": [f"A{one + 1:04d}" for one in who.account],
        "person": [f"P{one + 1:04d}" for one in who.person],
        "contacts": contacts(seed, who, world),
        "stakeholder": np.array(STAKEHOLDERS, dtype=object)[who.stakeholder],
        "influence": [f"{one:.2f}" for one in influence],
        "wave": np.array(WAVES, dtype=object)[who.wave],
        "interviewed": interviewed(seed, who, world),
        "brand": np.array(BRANDS, dtype=object)[who.brand],
        "segment": np.array(SEGMENTS, dtype=object)[who.segment],
        "channel": _pick(CHANNEL_WORDS, channel, luck),
        "tenure": [f"{one:.1f}" for one in who.tenure],
        "weight": [f"{one:.3f}" for one in _weights(who)],
    }


def export(
    seed: int, who: People, clean: pd.DataFrame, world: World
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The file as a survey system would write it, and the themes of its comments.

    Every cell is text, in the order of the file's columns; the themes have the file's rows.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    n = len(clean)
    channel = choose(rng.random(n), (0.25, 0.30, 0.45))
    said, seconds = _careless(rng, clean, world)
    said = _recorded(said)
    after_problem = ("complained", "resolved", *HANDLING, "severity")
    background = _background(rng, who, channel, seed, world)
    problem = _pick(YES_NO_WORDS, said["problem"].to_numpy(), rng.random(n))
    comment = commented(seed, clean, _hostile_rows(rng, n), world)
    cells = pd.DataFrame(
        {
            **background,
            "seconds": _text(np.floor(seconds)),
            **{name: _text(said[name]) for name in ("recommend", *RATED)},
            "problem": problem,
            **{name: _text(said[name]) for name in after_problem},
            **{name: _text(said[name]) for name in ("prior_satisfaction", *POSITIVE, *NEGATIVE)},
            "comment": comment.text,
            "internal_note": np.where(rng.random(n) < 0.05, "cb 2x; see ticket", ""),
        }
    )
    luck = rng.random(n)
    for code, word in EXTREME_WORDS.items():
        cells.loc[(cells["satisfaction_1"] == str(code)) & (luck < 0.2), "satisfaction_1"] = word
    _drop(rng, cells, who, channel, world)
    place = cells.columns.get_loc("prior_satisfaction") + 1
    happened = _later(seed, who, said, cells, world)
    end = cells.columns.get_loc("comment")
    before, signs, after = (
        cells.iloc[:, part] for part in np.split(range(cells.shape[1]), [place, end])
    )
    cells = pd.concat([before, happened, signs, _relation(seed, who, said, world), after], axis=1)
    order = np.argsort(who.wave + rng.random(n), kind="stable")
    cells = cells.iloc[order].reset_index(drop=True)
    cells["respondent"] = [f"R{row + 1:04d}" for row in range(n)]
    return cells, comment.themes.iloc[order].reset_index(drop=True)
