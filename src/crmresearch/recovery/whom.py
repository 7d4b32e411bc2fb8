"""For whom recovery wins the customer back: every declared moderator tested, as one family.

An interaction says that a difference between customers is larger for some of them. Who was helped
was not left to chance unless arms were randomised, and what was rated after the handling, such as
the severity of the failure, may have been rated by it: these are associations in what remains.
"""

import dataclasses

import numpy as np

from crmresearch.methods.groups import slug
from crmresearch.methods.interactions import MODERATOR, PRODUCT, joint
from crmresearch.methods.moderation import detectable, times_people
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.regression import contrast
from crmresearch.recovery.interaction import Interaction, interactions
from crmresearch.recovery.moderators import declared
from crmresearch.report.estimates import Estimate

__all__ = [
    "Interaction",
    "clear",
    "declared",
    "family",
    "half_size",
    "interactions",
    "reach",
    "recovered",
]


def reach(found: list[Interaction], *, level: float = 0.95) -> list[Estimate]:
    """What each test could have found, before any result.

    Returns
    -------
    For each interaction ``moderation_detectable.<ends>``: the true interaction, in SD of the
    outcome per SD of the moderator or between a category and the largest, that is found with 80%
    power at the level that Holm asks of the smallest p of the family; for categories, the pair
    that is told apart most easily. From the standard errors alone.
    """
    return [
        Estimate(
            key=f"moderation_detectable.{item.ends}",
            name=f"{item.name}, detectable interaction",
            value=min(
                detectable(_error(item, term), item.found.fit.df, alpha=(1 - level) / len(found))
                / item.per
                for term in item.found.products
            ),
            level=level,
            unit="SD",
            n=item.found.fit.n,
            n_dropped=item.found.fit.n_dropped,
            method=f"smallest interaction found with 80% power, two-sided at {1 - level:g} / "
            f"{len(found)}, from its standard error; {_measured(item)}",
        )
        for item in found
    ]


def half_size(found: list[Interaction]) -> list[Estimate]:
    """How many times the people it takes to find an interaction half as large as its contrast.

    One estimate a numeric moderator, ``moderation_people.<ends>``; see
    `moderation.times_people`.
    """
    return [
        Estimate(
            key=f"moderation_people.{item.ends}",
            name=f"{item.name}, times the people for an interaction of half the size",
            value=times_people(item.found.line, item.found.spread),
            unit="ratio",
            n=item.found.fit.n,
            method="ratio of squared standard errors, moderator 1 SD below its mean against above",
        )
        for item in found
        if not item.moderator.categories
    ]


def family(found: list[Interaction], *, level: float = 0.95) -> list[Estimate]:
    """Every interaction, by itself and as one of the family.

    Returns
    -------
    A numeric moderator has ``moderation.<ends>``, the change of the contrast per SD of the
    moderator in SD of the outcome, with its own interval and p, and ``moderation_all.<ends>``, the
    same with an interval that holds for the whole family (Bonferroni) and p by Holm. One of
    categories has ``moderation_test.<ends>``, Wald's F that the contrast is the same in all, and
    ``moderation_test_all.<ends>`` with p by Holm; and both of the above for each category but
    the largest, ``<ends>.<category>``, the contrast there less that in the largest.
    """
    joints = [
        joint(item.found, key=f"moderation_test.{item.ends}", name=item.name, level=level)
        for item in found
    ]
    holm = adjust(np.array([item.p for item in joints])) if joints else []
    estimates = []
    for item, test, p in zip(found, joints, holm, strict=True):
        holm_words = f"p by Holm for {len(found)} interactions"
        if item.moderator.categories:
            both = dataclasses.replace(
                test,
                key=f"moderation_test_all.{item.ends}",
                name=f"{test.name}, in the family",
                p=float(p),
                method=f"{test.method}, {holm_words}",
            )
            estimates += [test, both]
        estimates += _coefficients(item, len(found), float(p), level)
    return estimates


def recovered(found: list[Interaction], *, level: float = 0.95) -> list[Estimate]:
    """How the outcome goes with each numeric moderator where the complaint was resolved.

    Customers without a problem have no such moderator, so this is also how the distance of resolved
    complainers from them changes: where a recovery paradox is likeliest.

    Returns
    -------
    ``recovered.<outcome>.<moderator>``, in SD of the outcome per SD of the moderator.
    """
    return [
        contrast(
            item.found.fit,
            {MODERATOR: 1.0, PRODUCT: 1.0},
            key=f"recovered.{item.outcome.key}.{item.moderator.key}",
            name=f"{item.moderator.name}: among resolved complaints",
            level=level,
            unit="SD",
            scale=item.per,
            method=f"slope among resolved complaints, {_measured(item)}, {_adjusted(item)}",
        )
        for item in found
        if item.focus.key == "resolved" and not item.moderator.categories
    ]


def clear(found: list[Interaction], estimates: list[Estimate]) -> list[Interaction]:
    """The interactions that Holm tells from zero, in the order declared."""
    p = {
        item.key.partition(".")[2]: (item.p, item.level)
        for item in estimates
        if item.key.startswith(("moderation_all.", "moderation_test_all."))
    }
    pairs = [(item, p.get(item.ends, (1.0, 0.95))) for item in found]
    return [item for item, (value, level) in pairs if value < 1 - level]


def _coefficients(item: Interaction, number: int, holm: float, level: float) -> list[Estimate]:
    several = len(item.found.products)
    estimates = []
    for term in item.found.products:
        end, name = "", item.name
        if item.moderator.categories:
            category, first = term.partition(": ")[2], item.found.levels[0]
            end, name = f".{slug(category)}", f"{item.moderator.name}, {category} − {first}"
            name = f"{name}: {item.focus.name}"
        single = contrast(
            item.found.fit,
            {term: 1.0},
            key=f"moderation.{item.ends}{end}",
            name=name,
            level=level,
            unit="SD",
            scale=item.per,
            method=f"interaction, {_measured(item)}, {_adjusted(item)}",
        )
        wide = contrast(
            item.found.fit,
            {term: 1.0},
            key=f"moderation_all.{item.ends}{end}",
            name=f"{name}, in the family",
            level=1 - (1 - level) / (number * several),
            unit="SD",
            scale=item.per,
            method=single.method.partition(", ")[0],
        )
        words = f"{single.method}; Bonferroni interval for all {number} interactions"
        if several > 1:
            words += " and their categories"
        else:
            words += ", p by Holm"
        p = min(1.0, holm) if several == 1 else float("nan")
        estimates += [single, dataclasses.replace(wide, level=level, p=p, method=words)]
    return estimates


def _error(item: Interaction, term: str) -> float:
    at = item.found.fit.terms.index(term)
    return float(item.found.fit.covariance[at, at]) ** 0.5


def _measured(item: Interaction) -> str:
    if item.moderator.categories:
        return f"in pooled SD against “{item.found.levels[0]}”"
    return "in pooled SD of the outcome per SD of the moderator, both taken as known"


def _adjusted(item: Interaction) -> str:
    names = ", ".join(map(str, item.others))
    return f"linear regression adjusted for {names}" if names else "linear regression, unadjusted"
