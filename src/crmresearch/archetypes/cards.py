"""The type that customers chose from cards, as codes beside the catalogue's places."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.archetypes.catalogue import Catalogue
from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import Design
from crmresearch.report.suppression import hidden_groups

OTHER = "Other cards"  # those that few people chose, together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cards:
    """What n respondents chose, as codes below C; -1 where nothing was chosen.

    Parameters
    ----------
    labels : C names of types, in the codebook's order
    first, second : (n,) what fits best, and next best
    rows : (C,) row of each in the catalogue, -1 where it lacks it
    catalogue : in which the types have their places
    """

    labels: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    rows: np.ndarray
    catalogue: Catalogue
    design: Design

    @property
    def answered(self) -> np.ndarray:
        """(n,) whether a type was chosen and the respondent counts."""
        return (self.first >= 0) & (self.design.row_weights() > 0)

    @property
    def place(self) -> np.ndarray:
        """(C, 7) places of the types chosen from, NaN where the catalogue does not say."""
        known = (self.rows >= 0)[:, None]
        return np.where(known, self.catalogue.place[self.rows], np.nan)

    def shown(self, min_cell: int) -> list[int]:
        """Codes that enough people chose to be shown beside all."""
        sizes = np.bincount(self.first[self.answered], minlength=len(self.labels))
        hidden = hidden_groups({str(code): int(size) for code, size in enumerate(sizes)}, min_cell)
        return [code for code, size in enumerate(sizes) if size and str(code) not in hidden]


def read_cards(survey: Survey, catalogue: Catalogue, *, design: Design) -> Cards | None:
    """What was chosen; None where the data do not have it."""
    if "relationship" not in survey.roles:
        return None
    found = [column_of(survey, role) for role in ("relationship", "relationship_second")]
    labels = [str(name) for name in found[0].cat.categories]
    second = np.full(len(found[0]), -1)
    if found[1] is not None:
        labels += [str(name) for name in found[1].cat.categories if str(name) not in labels]
        second = pd.Categorical(found[1].astype(object), categories=labels).codes.astype(int)
    return Cards(
        labels=tuple(labels),
        first=pd.Categorical(found[0].astype(object), categories=labels).codes.astype(int),
        second=second,
        rows=catalogue.rows_of(labels),
        catalogue=catalogue,
        design=design,
    )


def pooled(chosen: pd.Series, *, min_cell: int) -> pd.Series:
    """The types chosen, those of too few people to be shown taken together as `OTHER`."""
    column = chosen.astype("category")
    sizes = {str(name): int(n) for name, n in column.value_counts().items()}
    hidden = hidden_groups(sizes, min_cell)
    if not hidden:
        return column
    kept = [str(name) for name in column.cat.categories if str(name) not in hidden]
    names = column.astype(object).map(lambda name: OTHER if str(name) in hidden else str(name))
    values = names.where(column.notna(), None)
    return pd.Series(pd.Categorical(values, categories=[*kept, OTHER]), index=column.index)


def column_of(survey: Survey, role: str) -> pd.Series | None:
    """The first variable with this role, as categories; None where there is none."""
    if role not in survey.roles:
        return None
    return survey.answers[survey.variables(role)[0].variable].astype("category")
