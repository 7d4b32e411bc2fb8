"""Write the demonstration data: ``python -m crmresearch.data.simulate [folder]``."""

import sys
from pathlib import Path

from crmresearch.data.simulate import responses
from crmresearch.data.simulate.files import render, write

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "data/telecom")
write(render(responses(), "# Simulated telecom survey\n"), folder)
print(folder)
