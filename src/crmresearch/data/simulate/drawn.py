"""A world as a `Survey`, without the mess of a file, to try methods and parts of a study on."""

from functools import cache

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.codebook_file import parse_values
from crmresearch.data.simulate.added import later, related
from crmresearch.data.simulate.columns import codebook
from crmresearch.data.simulate.constants import (
    BRANDS,
    DEMO,
    SEED,
    SEGMENTS,
    STAKEHOLDERS,
    WAVES,
    World,
)
from crmresearch.data.simulate.effects import draw, of_size
from crmresearch.data.simulate.kinds import CARDS
from crmresearch.data.simulate.mess import COMPLAINED_TO, COMPLAINT_CHANNELS
from crmresearch.data.simulate.people import People
from crmresearch.data.simulate.relation import CHOICES
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError

_FEWEST = len(BRANDS) * len(WAVES)
_LABELS = {
    "stakeholder": STAKEHOLDERS,
    "wave": WAVES,
    "brand": BRANDS,
    "segment": SEGMENTS,
    "complaint_channel": COMPLAINT_CHANNELS,
    "complained_to": COMPLAINED_TO,
    **dict.fromkeys(CHOICES, CARDS),
}


def survey(
    world: World = DEMO,
    *,
    seed: int = SEED,
    customers: int = 2400,
    aftermath: bool = True,
    relation: bool = True,
) -> Survey:
    """The answers that a world gives, complete and correctly spelled.

    Parameters
    ----------
    world : its constants, such as `worlds.NO_PARADOX`; `effects` tells what is true in it
    seed : of the draw; another one draws other customers
    customers : answers, rounded down to a multiple of 6: three brands in two waves
    aftermath : with where complaints went, how fair their handling was, word of mouth, leaving and
        revenue; False is faster, where a test needs many draws and none of these
    relation : with the ratings of the relationship and the cards; False is faster as well

    Returns
    -------
    A `Survey` with the roles of the demonstration data but for weights, contacts, influence, the
    channel used most, seconds and comments.

    Raises
    ------
    RequestError
        For fewer than 6 customers.
    """
    if customers < _FEWEST:
        raise RequestError(
            f"a world was asked for {customers} customers: it has {len(BRANDS)} brands in "
            f"{len(WAVES)} waves. Ask for {_FEWEST} or more."
        )
    sized = of_size(world, customers)
    who, said = draw(sized, seed)
    after = [later(seed + 1, who, said, sized)] if aftermath else []
    if relation:
        after.append(related(seed + 1, who, said, sized))
    answers = pd.concat([_who(who), said, *after], axis=1)
    book = {name: item for name, item in _book().items() if name in answers}
    for name in book.keys() & _LABELS.keys():
        answers[name] = _categories(answers[name], _LABELS[name])
    about = About(
        title="A world of known truth (simulated)",
        source="Simulated by crmresearch.data.simulate",
        licence="CC0-1.0",
    )
    return Survey(
        answers=answers[list(book)],
        codebook=book,
        about=about,
        flow={"Answers": len(answers)},
        source={"file": "simulated"},
    )


def _who(who: People) -> pd.DataFrame:
    n = len(who.person)
    return pd.DataFrame(
        {
            "respondent": np.char.add("R", np.arange(1, n + 1).astype(str)),
            "account": np.char.add("A", who.account.astype(str)),
            "person": np.char.add("P", who.person.astype(str)),
            "stakeholder": who.stakeholder + 1,
            "wave": who.wave + 1,
            "brand": who.brand + 1,
            "segment": who.segment + 1,
            "tenure": who.tenure,
        }
    )


def _categories(codes: pd.Series, labels: tuple[str, ...]) -> pd.Series:
    """Codes from 1, missing ones NaN, as ordered labels."""
    places = codes.fillna(0).to_numpy(int) - 1
    return pd.Series(pd.Categorical.from_codes(places, labels, ordered=True), index=codes.index)


@cache
def _book() -> dict[str, Variable]:
    """The variables of the demonstration data by name."""
    return {row["variable"]: _variable(row) for row in codebook()}


def _variable(row: dict[str, str]) -> Variable:
    low, high = (float(row[end]) if row.get(end) else None for end in ("low", "high"))
    return Variable(
        variable=row["variable"],
        label=row["label"],
        type=row["type"],
        roles=(row["role"],) if row.get("role") else (),
        construct=row.get("construct", ""),
        low=low,
        high=high,
        reverse=row.get("reverse") == "yes",
        values=parse_values(row.get("values", "")),
        note=row.get("note", ""),
    )
