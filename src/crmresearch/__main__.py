"""``python -m crmresearch``: the command line where its script is not on the path."""

from crmresearch.cli import main

main()
