"""The provisioner: jupyter_client's way to start a kernel, from the warm parent where it can."""

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from crmresearch.run.warm.owner import Forked, Unavailable, Warm
from crmresearch.run.warm.parent import GRACE


class Provisioner(LocalProvisioner):
    """Starts one kernel and ends it with everything that it started.

    Parameters
    ----------
    warm : the parent to fork it from, None for an ordinary kernel
    notebook : the name under which its late imports are learnt
    """

    def __init__(self, *, warm: Warm | None, notebook: str, **kwargs: Any):
        super().__init__(**kwargs)
        self.warm = warm
        self.notebook = notebook

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Mapping:
        """Fork the kernel, or start an ordinary one where that is not possible."""
        if self.warm and self._is_ours(cmd):
            try:
                self.process = self.warm.fork(cmd, str(kwargs["cwd"]), kwargs["env"])
            except Unavailable:
                pass
            else:
                self.pid, self.cwd = self.process.pid, kwargs["cwd"]
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; a forked one may first do what a process does at its end."""
        if isinstance(self.process, Forked):
            self.process.terminate()
            if self.process.wait(2 * GRACE) is None:
                self.process.kill()
            self.warm.used_late(self.notebook, self.process.modules)
        else:
            await super().kill(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        """End also what an ordinary kernel started and left running; it led a group of its own."""
        if self.pgid and hasattr(os, "killpg"):
            with suppress(OSError):
                os.killpg(self.pgid, signal.SIGKILL)
        await super().cleanup(restart=restart)

    def _is_ours(self, command: Sequence[str]) -> bool:
        """Whether the kernel is ipykernel in this very Python, with no settings of its own."""
        launched = [sys.executable, "-m", "ipykernel_launcher"]
        return list(command[:3]) == launched and not self.kernel_spec.env
