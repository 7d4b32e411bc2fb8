"""Measure what the kit costs and write reports/bench.json; `make bench` calls it.

    python scripts/bench.py [--quick] [--only NAME]
    python scripts/bench.py --scale

Each figure is CPU seconds over the whole process tree, or the ratio of two of them measured one
after the other in the same run: machines and their load differ, ratios hold. Every `bench_*.py`
in this folder gives its figures by `figures(quick)`: dictionaries with the keys name, value, unit
and against; `bench_batch.py` has those of a report of a batch.
"""

import argparse
import importlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import scale
from costs import ROOT

from crmresearch.run.publishing.publish import locked


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one notebook, small files, no rest")
    parser.add_argument("--only", metavar="NAME", help="the name of a bench_NAME.py")
    parser.add_argument("--scale", action="store_true", help="see scale.py; takes an hour")
    parser.add_argument("--output", type=Path, help="reports/bench.json, or scale.json")
    options = parser.parse_args(arguments)
    name = "scale" if options.scale else "bench"
    output = options.output or ROOT / "reports" / f"{name}.json"
    measured = scale.figures() if options.scale else figures(options.quick, options.only)
    found = []
    try:
        for figure in measured:
            value = f"{figure['value']:.4g} {figure['unit']}"
            print(f"{figure['name']}: {value} ({figure['against']})", flush=True)
            found.append(figure)
    finally:  # what was measured is kept when a later figure fails
        if found:
            write(output, found)
    if not found:
        parser.error(f"there is no bench_{options.only}.py")


def write(path: Path, found: list[dict]) -> None:
    with locked(path.parent):
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)


def figures(quick: bool, only: str | None = None) -> Iterator[dict]:
    """Every figure as it is measured."""
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        if only in (None, path.stem.removeprefix("bench_")):
            yield from importlib.import_module(path.stem).figures(quick)


if __name__ == "__main__":
    main()
