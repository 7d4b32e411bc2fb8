"""`Survey`: checked answers with their codebook, asked for by role."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pandas as pd

from crmresearch.data.codebook import About, Variable
from crmresearch.data.problems import listed
from crmresearch.data.roles import NO_SCALE
from crmresearch.data.weighting import Raking, raked

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Answers that have passed every check.

    Parameters
    ----------
    answers : DataFrame, one row a respondent
        Columns are the codebook's variables, in its order. ``scale``, ``number`` and ``binary``
        are float64 (missing NaN, reversed items already reversed); ``category`` is an ordered
        categorical of labels in the codebook's order; ``text`` and ``id`` are str; ``date``
        datetime64.
    codebook : mapping of variable name to `Variable`
    about : the dataset's description
    changes : what reading changed, one sentence each, with counts
    flow : label to number of respondents, from invited to read
    source : ``file`` (name only), ``sha256`` of the data, ``codebook_sha256``; of a part the title
        of the ``whole``
    part : of one part of the respondents, the names of the variables that tell it to the answer
        that all gave; the variables themselves are not among the answers. See `data.only`.
    wave : of a part of one wave the ``name`` of the wave's variable, as in `part`, the ``place`` of
        the wave in the codebook's order and, where the data know people again, up to which share of
        the part's people had answered ``again`` after an earlier wave (else None)
    whole_accounts : False in a part of whose accounts others answered as well, so that it cannot
        tell how much of an account was heard
    """

    answers: pd.DataFrame
    codebook: Mapping[str, Variable]
    about: About
    changes: tuple[str, ...] = ()
    flow: Mapping[str, int] = field(default_factory=dict)
    source: Mapping[str, str] = field(default_factory=dict)
    part: Mapping[str, str] = field(default_factory=dict)
    wave: Mapping[str, str | int | float | None] = field(default_factory=dict)
    whole_accounts: bool = True
    _made: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def roles(self) -> set[str]:
        """The roles that some variable of these data has."""
        return {role for variable in self.codebook.values() for role in variable.roles}

    def variables(self, role: str) -> list[Variable]:
        """The variables with this role, in the codebook's order."""
        return [item for item in self.codebook.values() if role in item.roles]

    def items(self, role: str) -> pd.DataFrame:
        """The answers to every variable with this role, one column each."""
        return self.columns([item.variable for item in self.variables(role)])

    def columns(self, variables: Sequence[str]) -> pd.DataFrame:
        """The answers to these variables, which share the memory of `answers`."""
        found = {name: self.answers[name] for name in variables}
        return pd.DataFrame(found, index=self.answers.index, copy=False)

    def score(self, role: str, *, answered: float = 0.5) -> pd.Series:
        """One number a respondent: the mean of the role's items.

        Items on different ranges are first put on the range of the first one. A respondent who
        answered fewer than the share `answered` of the items has no score. With a single item it
        is that item. It is made once and not to be changed in place.
        """
        variables = self.variables(role)
        return self.once(
            f"score.{role}.{answered}",
            lambda: self.mean_of(variables, answered=answered).rename(role),
        )

    def mean_of(self, variables: Sequence[Variable], *, answered: float = 0.5) -> pd.Series:
        """`score` of these variables, such as those of one role that measure the same."""
        first = variables[0]
        if len(variables) == 1:
            return self.answers[first.variable].astype(float)
        number, total = np.zeros(len(self.answers)), np.zeros(len(self.answers))
        for item in variables:
            column = self.answers[item.variable].to_numpy(float)
            if (item.low, item.high) != (first.low, first.high) and None not in (
                item.low, item.high, first.low, first.high,
            ):  # fmt: skip
                share = (column - item.low) / (item.high - item.low)
                column = first.low + share * (first.high - first.low)
            known = ~np.isnan(column)
            number += known
            np.add(total, column, out=total, where=known)
        total[number / len(variables) < answered] = np.nan
        with np.errstate(invalid="ignore"):
            return pd.Series(total / number, index=self.answers.index)

    def label(self, role: str) -> str:
        """What the role measures here: the construct, or the single variable's label."""
        variables = self.variables(role)
        if len(variables) == 1:
            return variables[0].name
        return variables[0].construct or role.replace("_", " ")

    def base_weights(self) -> np.ndarray | None:
        """The delivered weights scaled to a mean of 1, missing ones counted as 0; None without."""
        if "weight" not in self.roles:
            return None
        weights = self.score("weight").fillna(0.0).to_numpy()
        total = weights.sum()
        return weights / (total / len(weights)) if total > 0 else None

    def raking(self) -> Raking | None:
        """The weights raked to the declared margins, made once; None where none are declared.

        Raises
        ------
        DataError
            Where the margins do not fit the data, see `data.weighting.raked`.
        """
        if not self.about.margins or not len(self.answers):
            return None
        return self.once("raking", self._rake)

    def _rake(self) -> Raking:
        base = self.base_weights()
        base = np.ones(len(self.answers)) if base is None else base
        wave = next((item.variable for item in self.variables("wave")), "")
        return raked(self.answers, self.codebook, self.about.margins, base, wave)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made at the first call and kept under `name`.

        For what many analyses need of the same answers, which are not to be changed in place.
        """
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def weights(self) -> np.ndarray | None:
        """Survey weights with a mean of 1: raked where margins are declared, else as delivered.

        None where there are neither margins nor weights.
        """
        raking = self.raking()
        return self.base_weights() if raking is None else raking.weights

    def scales(self) -> dict[str, list[str]]:
        """Construct to item columns, for every construct measured by two items or more."""
        found: dict[str, list[str]] = {}
        for item in self.codebook.values():
            if item.construct and item.type == "scale" and not NO_SCALE.intersection(item.roles):
                found.setdefault(item.construct, []).append(item.variable)
        return {construct: items for construct, items in found.items() if len(items) > 1}

    def description(self) -> dict:
        """The data sheet that `report.exhibits.show_data` shows."""
        about = self.about
        facts = {
            "Title": about.title,
            "Part of the data": "; ".join(f"{name}: {label}" for name, label in self.part.items()),
            "Population": about.population,
            "Collected": about.collected,
            "Design": about.design,
            "Weights": " ".join(filter(None, [about.weights, self._raked_to()])),
            "Source": about.source,
            "Licence": about.licence,
            "File": self.source.get("file", ""),
            f"SHA-256 of the {'part' if self.part else 'data'}": self.source.get("sha256", ""),
        }
        return {
            "title": about.title,
            "dataset": self.source.get("whole") or about.title,
            "part": dict(self.part),
            "period": about.collected,
            "n": len(self.answers),
            "unit": about.unit,
            "design": about.design,
            "min_cell": about.min_cell,
            "facts": {label: text for label, text in facts.items() if text} | self._rates(),
            "flow": dict(self.flow) | self._weighted(),
            "changes": list(self.changes),
            "private": [x.variable for x in self.codebook.values() if x.type in ("id", "text")],
        } | ({"wave": dict(self.wave)} if self.wave else {})

    def _raked_to(self) -> str:
        """To which margins the weights are raked, in words; empty where to none."""
        if not self.about.margins:
            return ""
        names = [self.codebook[name].name for name in self.about.margins if name in self.codebook]
        rule = "who did not answer one is a group that keeps its share"
        return f"Raked to the population's shares of: {listed(names)} ({rule})."

    def _rates(self) -> dict[str, str]:
        """Rates of response where the steps before the file are known, by AAPOR's names.

        Source: AAPOR (2016), *Standard Definitions*; all invited are taken as eligible and
        respondents with gaps as partial interviews, which count.
        """
        n, invited, reached = len(self.answers), self.about.invited, self.about.reached
        rates = {
            "Response rate (AAPOR RR2)": (n, invited, "invited"),
            "Contact rate (AAPOR CON1)": (reached, invited, "invited"),
            "Cooperation rate (AAPOR COOP2)": (n, reached, "reached"),
        }
        return {
            label: f"{part / whole:.1%} of {whole:,} {of}"
            for label, (part, whole, of) in rates.items()
            if part and whole and part <= whole
        }

    def _weighted(self) -> dict[str, int]:
        """How many of the respondents count in weighted figures, where that is not all."""
        base = self.base_weights()
        counting = len(self.answers) if base is None else int((base > 0).sum())
        return {} if counting == len(self.answers) else {"Respondents with a weight": counting}
