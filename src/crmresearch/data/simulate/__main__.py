"""Write the demonstration data: ``python -m crmresearch.data.simulate [folder]``."""

import sys
from pathlib import Path

from crmresearch.data.simulate import folder
from crmresearch.data.simulate.files import write

target = Path(sys.argv[1] if len(sys.argv) > 1 else "data/telecom")
write(folder(), target)
print(target)
