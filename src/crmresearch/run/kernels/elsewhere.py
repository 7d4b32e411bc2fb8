"""Kernels of another installation: with other sources of this package, or another Python."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What a kernel takes in place of this process's own.

    Parameters
    ----------
    sources : folder that holds the package, to be imported before the installed one
    python : interpreter, with the libraries that are installed in it
    """

    sources: Path | None = None
    python: str = sys.executable

    def manager(self) -> type:
        """The class of kernel manager that starts such kernels."""
        from jupyter_client import AsyncKernelManager
        from jupyter_client.kernelspec import KernelSpec

        here = os.environ.get("PYTHONPATH", "") if self.python == sys.executable else ""
        spec = KernelSpec(
            argv=[self.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3 (ipykernel)",
            language="python",
            env={"PYTHONPATH": os.pathsep.join(filter(None, [str(self.sources or ""), here]))},
        )

        class Manager(AsyncKernelManager):
            kernel_spec = property(lambda self: spec)

        return Manager
