"""The contrasts of all quantities that are not drawn one by one, as files beside the page."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from crmresearch.compare.analysis import DIFFERENCES
from crmresearch.compare.standings import Standing, Told
from crmresearch.report.downloads import plain_text


def against(standings: Sequence[Standing]) -> str:
    """A row a quantity and report: its difference from the others' mean, and its ranks."""
    return _csv(
        standings,
        lambda x: x.against,
        "report",
        {
            "value": lambda x: x.quantity.recovered.values,
            "rank_low": lambda x: x.ranks[:, 0],
            "rank_high": lambda x: x.ranks[:, 1],
        },
    )


def pairs(standings: Sequence[Standing]) -> str:
    """A row a quantity and pair of reports."""
    return _csv(standings, lambda x: x.pairs, "pair", {})


def changes(standings: Sequence[Standing]) -> str:
    """A row a quantity and series of waves."""
    return _csv(standings, lambda x: x.changes, "series", {})


def _csv(
    standings: Sequence[Standing],
    kind: Callable[[Standing], Told | None],
    of: str,
    more: dict[str, Callable[[Standing], np.ndarray]],
) -> str:
    """Contrasts of one kind, at full precision; texts are safe to open in a spreadsheet."""
    there = [(x, told) for x in standings if (told := kind(x)) is not None]
    sizes = [len(told.names) for _, told in there]
    items = [x.quantity for x, _ in there]

    def repeated(texts: Sequence[str]) -> np.ndarray:
        return np.repeat(np.array([plain_text(text) for text in texts], dtype=object), sizes)

    def joined(column: Callable[[Told], np.ndarray]) -> np.ndarray:
        return np.concatenate([column(told) for _, told in there])

    names = itertools.chain.from_iterable(told.names for _, told in there)
    frame = pd.DataFrame(
        {
            "key": repeated([item.key for item in items]),
            "group": repeated([item.group for item in items]),
            "quantity": repeated([item.words for item in items]),
            of: [plain_text(name) for name in names],
        }
        | {name: np.concatenate([own(x) for x, _ in there]) for name, own in more.items()}
        | {
            "difference": joined(lambda told: told.found.value),
            "low": joined(lambda told: told.found.low),
            "high": joined(lambda told: told.found.high),
            "level": np.repeat([item.level for item in items], sizes),
            "unit": repeated([DIFFERENCES.get(item.unit, item.unit) for item in items]),
            "df": joined(lambda told: told.found.freedom),
            "p": joined(lambda told: told.p),
        }
    )
    return frame.replace({"df": {np.inf: np.nan}}).to_csv(index=False, lineterminator="\n")
