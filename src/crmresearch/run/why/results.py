"""The results of one run, as they are published: its numbers and its verdicts."""

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crmresearch.errors import UserError
from crmresearch.report.estimates import Estimate
from crmresearch.report.published import READ, read_estimates
from crmresearch.run.history.builds import Build
from crmresearch.run.history.keeping import History

Key = tuple[str, str]  # of an estimate: its key and group
Name = tuple[str, str, str]  # of a number: an estimate's key and group, and the field
PARTS = ("value", "low", "high")
WIDTH = "width"  # of the interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one run came to.

    Parameters
    ----------
    estimates : by key and group
    verdicts : by claim
    statements : what each claim says
    """

    estimates: Mapping[Key, Estimate]
    verdicts: Mapping[str, str]
    statements: Mapping[str, str]

    def numbers(self) -> dict[Name, float]:
        """Every value, bound and width of an interval."""
        found = {}
        for key, item in self.estimates.items():
            found |= {(*key, part): getattr(item, part) for part in PARTS}
            found[*key, WIDTH] = item.high - item.low
        return found

    def present(self) -> dict[Key, str]:
        """A mark for each estimate that has a value."""
        return {key: "there" for key, item in self.estimates.items() if math.isfinite(item.value)}


def stored(history: History, build: Build) -> tuple[Outcome, dict]:
    """The published results of `build`, and what its report said of itself."""
    try:
        texts = json.loads(gzip.decompress(history.blobs.read(build.results)))
        found = outcome(texts["estimates.csv"], json.loads(texts["findings.json"]))
        return found, dict(json.loads(texts["report.json"]))
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"the kept results of build {build.id} are damaged ({type(error).__name__})."
        ) from None


def outcome(estimates: str, findings: Sequence[Mapping]) -> Outcome:
    """An outcome of what a report publishes: ``estimates.csv`` and ``findings.json``.

    The numbers are read back from the text of the file, so that those of a run made now and
    those published earlier have gone the same way.
    """
    read = read_estimates(estimates, READ[1])
    return Outcome(
        estimates={(item.key, item.group): item for item in read},
        verdicts={item["claim"]["id"]: item["verdict"] for item in findings},
        statements={item["claim"]["id"]: item["claim"]["statement"] for item in findings},
    )
