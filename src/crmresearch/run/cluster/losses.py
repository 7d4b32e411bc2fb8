"""What can be lost of a cluster while it makes reports."""

from crmresearch.errors import UserError
from crmresearch.run.kernels.judging import KernelLost


class WorkerLost(KernelLost):
    """The worker that made the report, or the way to it, was lost."""


class ClusterLost(UserError):
    """There is nobody left to ask; reports that have not been made cannot be."""


def connection_lost() -> ClusterLost:
    """The error of a connection that is closed, for want of a scheduler."""
    return ClusterLost("the connection to the cluster was lost.")
