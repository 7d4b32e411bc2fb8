"""How the respondents of two builds compare: counts alone, never an answer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.data.load import load
from crmresearch.data.survey import Survey
from crmresearch.report.numbers import count
from crmresearch.run.request.grids import ONLY
from crmresearch.run.why.restored import Restored


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Counts of respondents, and the variables that came, went or are described otherwise.

    Parameters
    ----------
    matched : whether respondents were told apart by an identifier; otherwise by all their answers,
        and one whose answers changed counts as removed and added
    shared : in both, with the same answers or others
    changed : of those, with other answers
    """

    matched: bool
    old: int
    new: int
    shared: int
    changed: int
    variables_added: tuple[str, ...] = ()
    variables_removed: tuple[str, ...] = ()
    redescribed: tuple[str, ...] = ()

    @property
    def added(self) -> int:
        return self.new - self.shared

    @property
    def removed(self) -> int:
        return self.old - self.shared

    @property
    def touched(self) -> int:
        """How many people's answers came, went or are others."""
        return self.added + self.removed + self.changed

    def sentences(self) -> list[str]:
        """The counts in words."""
        how = "by their identifiers" if self.matched else "by all their answers"
        said = [
            f"respondents ({how}): {self.added:,} added, {self.removed:,} removed"
            + (f", {self.changed:,} with other answers" if self.matched else "")
            + f", {self.shared:,} of {self.old:,} in both"
        ]
        for what, names in (
            ("added", self.variables_added),
            ("removed", self.variables_removed),
            ("described otherwise in the codebook", self.redescribed),
        ):
            if names:
                said.append(f"{count(len(names), 'variable')} {what}: {', '.join(names)}")
        return said


def compared(old: Restored, new: Restored) -> Rows:
    """The respondents that both builds are of, the chosen part where they are of a part.

    Raises
    ------
    UserError
        If the data of a build cannot be read by this version.
    """
    before, after = _survey(old), _survey(new)
    names = [name for name in before.codebook if name in after.codebook]
    counts = _matched(before, after, names) or _alike(before, after, names)
    return Rows(
        old=len(before.answers),
        new=len(after.answers),
        variables_added=tuple(name for name in after.codebook if name not in before.codebook),
        variables_removed=tuple(name for name in before.codebook if name not in after.codebook),
        redescribed=tuple(x for x in names if before.codebook[x] != after.codebook[x]),
        **counts,
    )


def _survey(build: Restored) -> Survey:
    part = str(build.build.values.get(ONLY, ""))
    return load(build.places["data"], codebook=build.places.get("codebook", ""), only=part)


def _matched(before: Survey, after: Survey, names: list[str]) -> dict | None:
    """By identifier, where both have one that tells everybody apart."""
    for item in before.codebook.values():
        if item.type != "id" or item.variable not in names:
            continue
        keys = [survey.answers[item.variable] for survey in (before, after)]
        if any(key.isna().any() or key.duplicated().any() or (key == "").any() for key in keys):
            continue
        one, other = (
            pd.Series(_fingerprints(survey, names), index=key)
            for survey, key in zip((before, after), keys, strict=True)
        )
        both = one.index.intersection(other.index)
        changed = int((one[both].to_numpy() != other[both].to_numpy()).sum())
        return {"matched": True, "shared": len(both), "changed": changed}
    return None


def _alike(before: Survey, after: Survey, names: list[str]) -> dict:
    """By all answers: those who answered everything alike are taken for the same."""
    tallies = [pd.Series(_fingerprints(x, names)).value_counts() for x in (before, after)]
    shared = np.minimum(*tallies[0].align(tallies[1], fill_value=0))
    return {"matched": False, "shared": int(shared.sum()), "changed": 0}


def _fingerprints(survey: Survey, names: list[str]) -> np.ndarray:
    """A number for each respondent, alike where all of these answers are."""
    texts = survey.answers[names].astype(str)
    return pd.util.hash_pandas_object(texts, index=False).to_numpy()
