"""What may stand between a complaint's fate and what the customer says later, read from the data.

Causes (the complaint was resolved, or the factors of an experiment), then mediators side by side
(the justices), then the last mediator (satisfaction with the handling), then the outcomes.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmresearch.data.problems import listed, quoted
from crmresearch.data.roles import ROLES
from crmresearch.data.survey import Survey
from crmresearch.errors import RequestError
from crmresearch.methods.groups import slug
from crmresearch.methods.indicators import indicators
from crmresearch.methods.regression import MIN_CLUSTERS
from crmresearch.methods.weighting import Design
from crmresearch.recovery.cases import Cases, Outcome
from crmresearch.recovery.factors import factors
from crmresearch.recovery.moderators import APART, TAKEN

FEWEST = 60  # complete answers, from which on intervals of four justices kept their level
NAMES = {
    "justice_distributive": ("distributive", "distributive justice"),
    "justice_procedural": ("procedural", "procedural justice"),
    "justice_interactional": ("interactional", "interactional justice"),
    "justice_informational": ("informational", "informational justice"),
    "recovery_satisfaction": ("handling", "satisfaction with the handling"),
    "satisfaction": ("satisfaction", "satisfaction"),
}
SAID = ("word_of_mouth", "loyalty")  # what the literature speaks of; else the first of the others
INSTEAD = ("repurchase", "recommend", "satisfaction")


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """One variable of the chain.

    Parameters
    ----------
    key, name : for machines and for readers
    values : (n,) one number a customer, NaN where not known or not of this part of the sample
    items : the answers that it is the mean of; none for a cause
    """

    key: str
    name: str
    values: np.ndarray
    items: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Who and what the mechanism is about; made by `read`.

    Parameters
    ----------
    causes : yes or no of each customer, none where the data have none
    beside : mediators of one stage
    last : the mediator that they lead to, None without one
    outcomes : what it is all about
    covariates : (n, c) numbers that every regression is adjusted for; `held` are their names
    rows : (n,) bool, whom it is about
    design : weights and clusters
    randomised : whether chance assigned the causes
    who : of whom, in words
    enough : complete answers below which nothing is said
    """

    causes: tuple[Scale, ...]
    beside: tuple[Scale, ...]
    last: Scale | None
    outcomes: tuple[Outcome, ...]
    scores: dict[str, np.ndarray]
    covariates: pd.DataFrame
    held: tuple[str, ...]
    rows: np.ndarray
    design: Design
    randomised: bool
    who: str
    enough: int

    @property
    def mediators(self) -> tuple[Scale, ...]:
        """All of them, the last one last."""
        return self.beside if self.last is None else (*self.beside, self.last)

    @property
    def fair(self) -> bool:
        """Whether all that stand side by side are justices."""
        return all(scale.name.endswith(" justice") for scale in self.beside)

    @property
    def family(self) -> str:
        """The mediators that stand side by side, in words."""
        return "all justices" if self.fair else "all first mediators"

    @property
    def method(self) -> str:
        """How coefficients were made, in words."""
        held = f", adjusted for {', '.join(self.held)}" if self.held else ""
        return f"products of least-squares coefficients{held}"


def read(cases: Cases, *, mediators: str = "", min_cell: int = 10) -> Chain:
    """The chain that the data allow.

    Parameters
    ----------
    mediators : roles or constructs, separated by commas, the last of which the others lead to. If
        empty: the justices and satisfaction with the handling; in an experiment without these,
        satisfaction.

    Raises
    ------
    RequestError
        With one line for every name in `mediators` that is neither a role nor a construct of these
        data, or is no scale; where two names share an answer.
    """
    answers = cases.answers
    rows = _rows(cases)
    found = _mediators(cases, mediators, rows)
    used = {column for scale in found for column in scale.items}
    outcomes = tuple(
        item
        for item in cases.outcomes
        if item.unit == "scale points" and not used.intersection(answers.items(item.role).columns)
    )
    said = [item for role in SAID for item in outcomes if item.role == role]
    said = said or [item for role in INSTEAD for item in outcomes if item.role == role][:1]
    justices = {key for role, (key, _) in NAMES.items() if role.startswith("justice_")}
    ends = bool(found) and (bool(mediators.strip()) or found[-1].key not in justices)
    design = cases.sampling.without_margins()
    if design.clusters is not None and design.cluster_count < MIN_CLUSTERS:
        design = Design(design.n, design.weights)
    return Chain(
        causes=_causes(cases, rows, found, min_cell),
        beside=tuple(found[:-1] if ends else found),
        last=found[-1] if ends else None,
        outcomes=tuple(said),
        scores={item.key: cases.frame[item.key].to_numpy(float) for item in said},
        covariates=indicators(cases.covariates),
        held=tuple(map(str, cases.covariates)),
        rows=rows,
        design=design,
        randomised=cases.randomised,
        who="participants" if cases.randomised else "complainers",
        enough=max(FEWEST, min_cell),
    )


def _rows(cases: Cases) -> np.ndarray:
    """Those whom the handling of a complaint, or an arm, concerns."""
    if cases.condition is not None and cases.randomised:
        return cases.condition.notna().to_numpy()
    if cases.has("complained"):
        return (cases.frame["complained"] == 1).to_numpy()
    return np.ones(len(cases.frame), dtype=bool)


def _mediators(cases: Cases, mediators: str, rows: np.ndarray) -> list[Scale]:
    answers = cases.answers
    wanted = [part.strip() for part in mediators.split(",") if part.strip()]
    constructs = {
        item.construct.casefold(): item.construct
        for item in answers.codebook.values()
        if item.construct
    }
    refused = [line for line in (_refused(answers, x, constructs) for x in wanted) if line]
    if refused:
        raise RequestError("\n".join(f"parameter 'mediators': {line}" for line in refused))
    if not wanted:
        wanted = [role for role in list(NAMES)[:5] if role in answers.roles]
        if not wanted and cases.randomised and "satisfaction" in answers.roles:
            wanted = ["satisfaction"]
    found = [_scale(answers, name, constructs, rows) for name in dict.fromkeys(wanted)]
    names = [name for scale in found for name in scale.items]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise RequestError(
            f"parameter 'mediators': {listed(twice, quote=True)} belongs to two of those named, "
            "which are then one scale under two names. Name one of them."
        )
    return [scale for scale in found if np.isfinite(scale.values).any()]


def _refused(answers: Survey, name: str, constructs: dict[str, str]) -> str:
    """What is wrong with a name given as a mediator, with the fix; empty for a scale."""
    if name in answers.roles and name in ROLES:
        variables = answers.variables(name)
    elif name.casefold() in constructs:
        words = constructs[name.casefold()]
        variables = [item for item in answers.codebook.values() if item.construct == words]
    else:
        known = {*constructs.values(), *(role for role in NAMES if role in answers.roles)}
        return (
            f"{quoted(name)} is neither a role nor a construct of these data. Name some of: "
            f"{', '.join(sorted(known)) or 'none has any'}."
        )
    kinds = {item.type for item in variables}
    if name in TAKEN or not kinds <= {"scale", "number", "binary"}:
        why = "is a cause in this study" if name in TAKEN else f"is of type {min(kinds)}"
        return f"{quoted(name)} {why}, but a mediator is a scale or a number. Leave it out."
    if name in APART and len(variables) > 1:
        names = listed([item.variable for item in variables], quote=True)
        return (
            f"{quoted(name)} stands for several variables ({names}), which have no mean. Give "
            "those that belong together a construct, and name that."
        )
    return ""


def _scale(answers: Survey, name: str, constructs: dict[str, str], rows: np.ndarray) -> Scale:
    if name in answers.roles and name in ROLES:
        key, words = NAMES.get(name, (name, answers.label(name)))
        items, values = answers.items(name), answers.score(name)
    else:
        words = constructs[name.casefold()]
        columns = [item.variable for item in answers.codebook.values() if item.construct == words]
        key, items = slug(words), answers.answers[columns]
        values = items.astype(float).mean(axis=1).where(items.notna().mean(axis=1) >= 0.5)
    return Scale(key, words, np.where(rows, values, np.nan), items.astype(float))


def _causes(
    cases: Cases, rows: np.ndarray, mediators: list[Scale], min_cell: int
) -> tuple[Scale, ...]:
    """Whether the complaint was resolved; in an experiment its factors, or its arms."""
    known = rows.copy()
    for scale in mediators:
        known &= np.isfinite(scale.values)
    found: dict[tuple[str, str], np.ndarray] = {}
    if cases.condition is not None and cases.randomised:
        found = _assigned(cases)
    elif cases.has("resolved"):
        known &= cases.frame["resolved"].notna().to_numpy()
        found["resolved", "a resolved complaint"] = (cases.frame["resolved"] == 1).to_numpy()
    large = min(
        (min((known & yes).sum(), (known & ~yes).sum()) for yes in found.values()),
        default=0,
    )
    if large < min_cell:
        return ()
    return tuple(
        Scale(key, name, np.where(known, yes.astype(float), np.nan), pd.DataFrame())
        for (key, name), yes in found.items()
    )


def _assigned(cases: Cases) -> dict[tuple[str, str], np.ndarray]:
    """Who was assigned to the second level of each factor, or to each arm after the first."""
    arms = cases.condition.astype("category").cat.remove_unused_categories()
    names = list(arms.cat.categories)
    cells = {name: [part.strip().lower() for part in str(name).split(",")] for name in names}
    crossed = {
        (slug(second), f"{second} rather than {first}"): arms.isin(
            [name for name in names if cells[name][place] == second]
        ).to_numpy()
        for place, (first, second) in enumerate(factors(cases))
    }
    return crossed or {
        (slug(str(name)), f"{name} rather than {names[0]}"): (arms == name).to_numpy()
        for name in names[1:]
    }
