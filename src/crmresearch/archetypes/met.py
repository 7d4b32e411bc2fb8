"""How many customers have the relationship they expect, and in which direction others do not."""

import numpy as np
import pandas as pd

from crmresearch.archetypes.expectations import Choices, Dimension, dimensions
from crmresearch.archetypes.indicators import sampling_design
from crmresearch.data.survey import Survey
from crmresearch.methods.domains import joint_covariance
from crmresearch.methods.linear import at_once
from crmresearch.methods.proportions import share
from crmresearch.methods.regression import contrast, ordinary_least_squares
from crmresearch.methods.scales import alpha
from crmresearch.methods.weighting import Design, linearised_variance, method_words
from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import format_number
from crmresearch.report.suppression import margins_reveal

SPLITS = ("brand", "industry", "segment", "wave")
ONE_SIDED = 0.10  # of respondents: fewer on a side tell little of what the surface is there
UNRELIABLE = 0.7


def shares(
    survey: Survey, found: Choices | None, *, level: float = 0.95, min_cell: int = 10
) -> list[Estimate]:
    """Share of customers whose relationship is the type they would rather have.

    All, then by brand, industry, segment and wave, where groups of one split do not give away a
    few people of another; then how much more loyal they are (key ``met.loyalty``) than customers
    who wanted the same type and have another, who tell nothing where a type has one side only.
    """
    if found is None:
        return []
    design = sampling_design(survey)
    settings = {"key": "met.share", "design": design, "level": level}
    name = "Share with the relationship they want"
    estimates = [share(found.met, name=name, **settings)]
    known = np.isfinite(found.met)
    shown: list[np.ndarray] = []
    for role in SPLITS:
        for variable in survey.variables(role)[:1]:
            column = survey.answers[variable.variable].astype("category")
            codes = np.where(known, column.cat.codes.to_numpy(), -1)
            if any(_reveal(codes[known], other[known], min_cell) for other in shown):
                continue
            shown.append(codes)
            estimates += [
                share(
                    found.met,
                    name=name,
                    within=codes == code,
                    group=f"{variable.name}: {group}",
                    **settings,
                )
                for code, group in enumerate(column.cat.categories)
                if (codes == code).any()
            ]
    return estimates + _met_and_loyal(survey, found, design, level)


def _reveal(first: np.ndarray, second: np.ndarray, min_cell: int) -> bool:
    """Whether both groupings (codes, -1 for no group) together give away a few people."""
    return margins_reveal(pd.crosstab(first, second).to_numpy(), min_cell)


def _met_and_loyal(survey: Survey, found: Choices, design: Design, level: float) -> list[Estimate]:
    if "loyalty" not in survey.roles:
        return []
    wanted = pd.Categorical.from_codes(found.wanted, list(found.labels))
    fit = ordinary_least_squares(
        survey.score("loyalty").to_numpy(float),
        pd.DataFrame({"met": found.met, "wanted": wanted}),
        cluster=design.clusters,
        weights=design.weights,
    )
    return [
        contrast(
            fit,
            {"met": 1.0},
            key="met.loyalty",
            name="Loyalty of those who have the relationship they want less that of those who do "
            "not, the type wanted held",
            level=level,
        )
    ]


def directions(survey: Survey, *, near: float = 1.0, level: float = 0.95) -> list[Estimate]:
    """Where experience departs from expectation, a dimension each.

    The mean of experienced less expected (``gap.mean``), with intervals that hold for all
    dimensions at once, and the shares with more than `near` points less than expected, within, and
    more (``gap.less``, ``gap.met``, ``gap.more``). A difference of two ratings describes here; to
    explain loyalty by it would take for granted what the surfaces test.
    """
    every = dimensions(survey)
    if not every:
        return []
    design = sampling_design(survey)
    means = _mean_gaps(every, design, level)
    shares = []
    for dimension in every:
        for kind, label, yes in _sides(dimension, near):
            shares.append(
                share(
                    np.where(np.isfinite(dimension.gap), yes.astype(float), NAN),
                    key=f"gap.{kind}",
                    name=label,
                    design=design,
                    level=level,
                    group=f"Dimension: {dimension.label}",
                )
            )
    return means + shares


def _sides(dimension: Dimension, near: float) -> list[tuple[str, str, np.ndarray]]:
    slack = 1e-9  # of means of items, which are not exact in binary
    gap = dimension.gap
    return [
        ("less", f"Share with more than {near:g} less than expected", gap < -near - slack),
        ("met", f"Share within {near:g} of what was expected", np.abs(gap) <= near + slack),
        ("more", f"Share with more than {near:g} more than expected", gap > near + slack),
    ]


def _mean_gaps(every: list[Dimension], design: Design, level: float) -> list[Estimate]:
    weights, size = design.row_weights(), len(every)
    used = [np.isfinite(one.gap) & (weights > 0) for one in every]
    values = np.full(size, NAN)
    influence = np.zeros((size, design.n))
    for row, (one, rows) in enumerate(zip(every, used, strict=True)):
        if rows.any():
            heavy = np.where(rows, weights, 0.0)
            heavy /= heavy.sum()
            values[row] = heavy @ np.where(rows, one.gap, 0.0)
            influence[row] = heavy * (np.where(rows, one.gap, 0.0) - values[row])
    columns = [(added, np.full(design.n, row)) for row, added in enumerate(influence)]
    covariance = joint_covariance(columns, size, design)
    freedom = min(
        linearised_variance(added, design, on)[1] for added, on in zip(influence, used, strict=True)
    )
    low, high, p = at_once(values, covariance, freedom, level=level, rng=np.random.default_rng(0))
    return [
        Estimate(
            key="gap.mean",
            name="Experienced less expected, mean",
            value=float(values[row]),
            low=float(low[row]),
            high=float(high[row]),
            level=level,
            unit="scale difference",
            n=int(used[row].sum()),
            n_dropped=int((~used[row]).sum()),
            method=f"mean difference of two ratings, {method_words(design, freedom)}; interval and "
            f"p simultaneous over {len(every)} dimensions",
            group=f"Dimension: {one.label}",
            p=float(p[row]),
        )
        for row, one in enumerate(every)
    ]


def caveats(survey: Survey, *, near: float = 1.0) -> list[Caveat]:
    """What keeps the comparison of expected and experienced from being read at face value."""
    every = dimensions(survey)
    found = []
    if every or "relationship_expected" in survey.roles:
        found.append(
            Caveat(
                key="expected.hindsight",
                text="What customers expect was asked together with what they experience: who is "
                "loyal may say that the relationship is as wanted, so a match that goes with "
                "loyalty may follow from it.",
            )
        )
    weak = [one.label for one in every if _least_alpha(survey, one) < UNRELIABLE]
    if weak:
        found.append(
            Caveat(
                key="expected.unreliable",
                text=f"{', '.join(weak)}: expected or experienced ratings have an alpha below "
                f"{format_number(UNRELIABLE, 'coefficient')}. Error of measurement flattens the "
                "curvature of a surface, so congruence may be missed there.",
            )
        )
    thin = [one.label for one in every if _one_sided(one, near)]
    if thin:
        found.append(
            Caveat(
                key="expected.one_sided",
                text=f"{', '.join(thin)}: fewer than {ONE_SIDED:.0%} of respondents experience "
                "more, or fewer experience less, than they expect, so the surface on that side "
                "rests on few people.",
            )
        )
    return found


def _least_alpha(survey: Survey, dimension: Dimension) -> float:
    """The lower alpha of the two ratings; infinite where each is a single item."""
    found = [
        alpha(survey.answers[columns], key="alpha", name="alpha").value
        for columns in dimension.questions
        if len(columns) > 1
    ]
    return min((value for value in found if value == value), default=float("inf"))


def _one_sided(dimension: Dimension, near: float) -> bool:
    known = int(np.isfinite(dimension.gap).sum())
    sides = {kind: int(yes.sum()) for kind, _, yes in _sides(dimension, near)}
    return known > 0 and min(sides["less"], sides["more"]) < ONE_SIDED * known
