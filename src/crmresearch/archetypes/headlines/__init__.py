"""What each exhibit of the archetypes study finds, as one sentence made from its estimates."""

from crmresearch.archetypes.headlines import mix, number, outcomes, types, waves

__all__ = ["mix", "number", "outcomes", "types", "waves"]
