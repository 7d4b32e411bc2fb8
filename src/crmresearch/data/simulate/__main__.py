"""Write the demonstration data: ``python -m crmresearch.data.simulate [folder]``."""

import argparse
from pathlib import Path

from crmresearch.data.simulate import folder
from crmresearch.data.simulate.files import write

parser = argparse.ArgumentParser(
    prog="python -m crmresearch.data.simulate", description="Write the demonstration data."
)
parser.add_argument("folder", nargs="?", type=Path, default=Path("data/telecom"))
target = parser.parse_args().folder
write(folder(), target)
print(target)
