"""Results as the sentences that head their exhibits, one module a part of the study."""

from crmresearch.recovery.headlines import arms, funnel, paradox, paths, rebound

__all__ = ["arms", "funnel", "paradox", "paths", "rebound"]
