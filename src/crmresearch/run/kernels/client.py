"""nbclient's client, with kernels that are started, reached and ended as a batch needs it.

Importing this takes most of a second: it is done by what runs a notebook, and only then.
"""

import asyncio
import uuid
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from nbclient import NotebookClient
from traitlets.config import Config

from crmresearch.run.kernels.elsewhere import Elsewhere
from crmresearch.run.warm.owner import Warm
from crmresearch.run.warm.provisioner import Provisioner


class Client(NotebookClient):
    """Runs one notebook in a kernel of its own.

    Parameters
    ----------
    notebook : the notebook's name
    warm : the parent to fork the kernel from, None for an ordinary kernel
    elsewhere : what an ordinary kernel takes in place of this process's own installation
    sockets : a private folder through which the kernel is reached; where there is none it is
        reached through the network of this machine, encrypted, because any user can listen there
    """

    def __init__(
        self,
        *args,
        notebook: str,
        warm: Warm | None,
        elsewhere: Elsewhere | None,
        sockets: Path | None,
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.notebook = notebook
        self.warm = warm
        self.elsewhere = elsewhere
        self.sockets = sockets

    def run(self, **started) -> None:
        """Start a kernel with the options `started`, run the cells until one fails, and end it."""
        try:
            with self.setup_kernel(**started):
                for index, cell in enumerate(self.nb.cells):
                    self.execute_cell(cell, index)
        finally:
            _end_tasks()

    def create_kernel_manager(self) -> AsyncKernelManager:
        """The manager of a kernel that has not started yet."""
        settings = {"transport_encryption": "required"}
        name = uuid.uuid4().hex
        if self.sockets:
            file = self.sockets / f"{name[:8]}.json"
            settings = {"transport": "ipc", "connection_file": str(file)}
        manager = self.elsewhere.manager() if self.elsewhere else AsyncKernelManager
        self.km = manager(kernel_name=self.kernel_name, config=Config({"KernelManager": settings}))
        self.km.provisioner = Provisioner(
            warm=self.warm,
            notebook=self.notebook,
            kernel_id=name,
            kernel_spec=self.km.kernel_spec,
            parent=self.km,
        )
        return self.km


def _end_tasks() -> None:
    """End what still waits for a kernel that died or took too long; it would be told at exit."""
    loop = ensure_event_loop()  # this thread's, which nbclient used
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
