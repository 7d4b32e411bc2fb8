"""What a complaint was like, from where it went to how fair its handling was."""

import numpy as np
import pandas as pd

from crmresearch.data.simulate.constants import FACETS, World
from crmresearch.data.simulate.people import People, choose, whole

FAIR_AT = 4.0  # of handling, where fairness stands at the middle of its scale


def complaint(
    rng: np.random.Generator, who: People, said: pd.DataFrame, world: World
) -> pd.DataFrame:
    """Where the complaint went, whether and how fast it was answered, and how fair it seemed.

    Everything follows how the complaint was handled and chance; all missing without a complaint.
    """
    n = len(said)
    complained = (said["complained"] == 1).to_numpy()
    manager = np.array(world.to_account_manager)[who.segment]
    luck = rng.random(n)
    addressed = np.select(
        [luck < world.to_head_office, luck < world.to_head_office + manager], [3, 2], 1
    )
    channel = choose(rng.random(n), world.complaint_channels) + 1
    unlucky = rng.random(n) >= world.answered_unresolved
    answered = complained & ~((said["resolved"] == 0).to_numpy() & unlucky)
    start, slope, noise = world.response
    handled = said["handled"].to_numpy() - FAIR_AT
    days = np.exp(start + slope * handled + noise * rng.standard_normal(n))
    found = {
        "complaint_channel": channel,
        "complained_to": addressed,
        "answered": answered,
        "response_days": np.where(answered, np.clip(np.floor(days), 0, 90), np.nan),
        **_fairness(rng, handled, world),
    }
    return pd.DataFrame(found).astype(float).where(said["complained"] == 1)


def _fairness(rng: np.random.Generator, handled: np.ndarray, world: World) -> dict[str, np.ndarray]:
    """Two items of each facet."""
    n = len(handled)
    common = world.fairness_common * rng.standard_normal(n)
    found = {}
    for facet in FACETS:
        own = world.fairness_own * rng.standard_normal(n)
        fair = FAIR_AT + world.fairness[facet] * handled + common + own
        items = fair[:, None] + world.fairness_item_noise * rng.standard_normal((n, 2))
        found |= {f"{facet}_{item + 1}": whole(items[:, item], 1, 7) for item in range(2)}
    return found


def history(
    rng: np.random.Generator, told: pd.DataFrame, prior: np.ndarray, world: World
) -> pd.DataFrame:
    """Whom they blame for the problem, and the problems before it; missing without a problem."""
    n = len(told)
    gap = prior - world.centre
    start, on_prior, on_severity, noise = world.blames
    blames = (
        start
        + on_prior * gap
        + on_severity * (told["severity"].to_numpy() - 3)
        + noise * rng.standard_normal(n)
    )
    number, slope = world.earlier_problems
    earlier = np.clip(rng.poisson(number * np.exp(slope * gap)), 0, 5)
    start, slope = world.earlier_resolved
    settled = rng.random(n) < 1 / (1 + np.exp(-start - slope * gap))
    found = {
        "blames": whole(blames, 1, 7),
        "earlier_problems": earlier,
        "earlier_resolved": np.where(earlier > 0, settled, np.nan),
    }
    return pd.DataFrame(found).astype(float).where(told["problem"] == 1)
