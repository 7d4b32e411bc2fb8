"""The types as customers chose them from cards: known, so that nothing has to be estimated."""

import numpy as np

from crmresearch.archetypes.latent import LatentClasses
from crmresearch.archetypes.patterns import Patterns


def as_chosen(patterns: Patterns) -> LatentClasses:
    """A model whose classes are the categories of the only indicator, the most frequent first.

    Everybody's class is certain, so that what is made for estimated classes works without error
    of classification. Its log-likelihood is that of the shares.

    Parameters
    ----------
    patterns : of a single nominal indicator
    """
    if patterns.kinds != ("nominal",):
        raise ValueError(f"the type chosen is one nominal indicator, not {patterns.kinds}")
    mass = patterns.onehot @ patterns.weight
    order = np.argsort(-mass, kind="stable")
    member = np.eye(len(mass))[order]
    shares = mass[order] / mass.sum()
    with np.errstate(divide="ignore"):
        logs = np.where(shares > 0, np.log(shares), 0.0)
    return LatentClasses(
        patterns=patterns,
        shares=shares,
        probs=member,
        posterior=member[:, patterns.codes[:, 0]].T,
        loglik=float(mass[order] @ logs),
        starts=0,
        finished=0,
        replicated=0,
        converged=True,
    )
