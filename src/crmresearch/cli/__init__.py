"""The command line: every command is a few lines here and its work in the package's rooms.

Imports of the rooms stand inside the commands, because the help of a command should not wait
for the libraries of all of them.
"""

import sys
from collections.abc import Sequence

from crmresearch.cli import datasets, making, results, upkeep  # noqa: F401  they add commands
from crmresearch.cli.app import app
from crmresearch.errors import UserError, printable


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a user's mistake is one message on stderr and its exit code."""
    try:
        app(args=arguments, prog_name="crmresearch")
    except UserError as error:
        print(f"crmresearch: {printable(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
