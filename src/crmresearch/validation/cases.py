"""Cases: one reference number each, and ours beside it."""

import importlib
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pandas as pd

from crmresearch.report.estimates import NAN, Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import format_number
from crmresearch.validation.references import golden, golden_number

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One reference number.

    Parameters
    ----------
    id : the case and the number's name in it: ``wilson.81-263.low``
    study : whose functions give our number
    subject : what is being computed, for the figure
    quantity, part : what it is, in words, and which of the call's numbers
    module : ``cases_survey`` or ``cases_survey_scales``: the file of the case, and of the call
    call, given : our function in that module and its arguments
    published, tolerance : the reference, and by how much ours may differ: half a unit of the last
        digit that was printed, or what R's own stopping rules allow
    source : where it stands
    """

    id: str
    study: str
    subject: str
    quantity: str
    part: str
    module: str
    call: str
    given: dict = field(hash=False)
    published: float
    tolerance: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A case with our number; NaN, and `trouble` in words, where our function gave none."""

    case: Case
    ours: float
    trouble: str = ""

    @property
    def difference(self) -> float:
        """Ours minus the published number."""
        return self.ours - self.case.published

    @property
    def of_tolerance(self) -> float:
        """The difference, without sign, as a multiple of the tolerance."""
        ratio = abs(self.difference) / self.case.tolerance
        return ratio if math.isfinite(ratio) else math.inf

    @property
    def passed(self) -> bool:
        """Whether ours lies within the tolerance."""
        return self.of_tolerance < 1


def studies() -> list[str]:
    """The studies that have cases, in the order of their names."""
    return sorted({path.stem.split("_")[1] for path in FOLDER.glob("cases_*.toml")})


def cases(study: str) -> list[Case]:
    """The cases of one study: those of ``cases_<study>.toml``, then of ``cases_<study>_*.toml``."""
    files = [FOLDER / f"cases_{study}.toml", *sorted(FOLDER.glob(f"cases_{study}_*.toml"))]
    return [case for path in files for case in _read(path, study)]


def _read(path: Path, study: str) -> list[Case]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    sources = content.get("source", {})
    return [
        Case(
            id=f"{entry['id']}.{part}",
            study=study,
            module=path.stem,
            subject=entry["subject"],
            quantity=entry["quantity"],
            part=part,
            call=entry["call"],
            given=entry.get("given", {}),
            published=value,
            tolerance=tolerance,
            source=_source(entry, sources),
        )
        for entry in content["case"]
        for part, (value, tolerance) in _numbers(entry).items()
    ]


def validate(study: str) -> list[Outcome]:
    """Compute our number for every case of a study.

    A function of ours that raises or leaves a number out fails its cases; the others still run.
    """
    made: dict[tuple[str, str, str], dict[str, float] | str] = {}
    outcomes = []
    for case in cases(study):
        asked = (case.module, case.call, repr(case.given))
        if asked not in made:
            module = importlib.import_module(f"crmresearch.validation.{case.module}")
            made[asked] = _called(getattr(module, case.call, None), case)
        numbers, name = made[asked], case.part
        if isinstance(numbers, str):
            outcomes.append(Outcome(case=case, ours=NAN, trouble=numbers))
        elif name not in numbers:
            trouble = f"{case.call} gives no {name!r}, only {', '.join(numbers)}"
            outcomes.append(Outcome(case=case, ours=NAN, trouble=trouble))
        else:
            outcomes.append(Outcome(case=case, ours=float(numbers[name])))
    return outcomes


def as_frame(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row a case, under the names that a reader sees; `UNITS` formats them.

    Ours and the difference are written to a tenth of the tolerance's last digit, because beyond
    it processors and versions of libraries differ; ``crmresearch validate --json`` has all digits.
    """
    return pd.DataFrame(
        [
            {
                "Quantity": f"{one.case.quantity}: {one.case.part.replace('_', ' ')}",
                "Subject": one.case.subject,
                "Published": one.case.published,
                "Ours": _written(one.ours, one.case.tolerance, least=3),
                "Difference": _written(one.difference, one.case.tolerance),
                "Tolerance": one.case.tolerance,
                "In tolerances": one.of_tolerance,
                "Within": one.trouble or ("yes" if one.passed else "no"),
                "Source": one.case.source,
            }
            for one in outcomes
        ]
    )


def _written(value: float, tolerance: float, *, least: int = 0) -> float:
    """`value` without the digits that mean nothing, but with the `least` significant ones."""
    decimals = 1 - math.floor(math.log10(tolerance))
    if least and math.isfinite(value) and value:
        decimals = max(decimals, least - 1 - math.floor(math.log10(abs(value))))
    return round(value, decimals) + 0.0  # never a negative zero


UNITS = {
    "Published": "reference",
    "Ours": "reference",
    "Difference": "reference difference",
    "Tolerance": "reference difference",
    "In tolerances": "ratio",
}


def summary(study: str, outcomes: Iterable[Outcome]) -> list[Estimate]:
    """How many cases are met, and the worst of them: the estimates that decide the claims.

    Both are counted exactly, so their intervals have no width.
    """
    items = list(outcomes)
    met = sum(one.passed for one in items) / len(items) if items else NAN
    worst = max((one.of_tolerance for one in items), default=NAN)
    common = {"n": len(items), "method": "counted over all cases"}
    return [
        Estimate(
            key=f"{study}.met",
            name="Cases met",
            value=met,
            low=met,
            high=met,
            unit="share",
            **common,
        ),
        Estimate(
            key=f"{study}.worst",
            name="Largest difference, as a multiple of its tolerance",
            value=worst,
            low=worst,
            high=worst,
            unit="ratio",
            **common,
        ),
    ]


def caveats(outcomes: Iterable[Outcome]) -> list[Caveat]:
    """One for every case that is missed, with what is off or what went wrong."""
    return [
        Caveat(
            key=f"{one.case.study}.{one.case.id}",
            text=f"{one.case.quantity}, {one.case.part}: "
            + (
                f"no number could be computed ({one.trouble})."
                if one.trouble
                else f"ours is {format_number(one.ours, 'reference')}, the reference "
                f"{format_number(one.case.published, 'reference')}."
            ),
        )
        for one in outcomes
        if not one.passed
    ]


def _numbers(entry: dict) -> dict[str, tuple[float, float]]:
    """Reference number and tolerance of each part of a case."""
    printed = {
        part: (float(text), float(Decimal(5).scaleb(Decimal(text).as_tuple().exponent - 1)))
        for part, text in entry.get("published", {}).items()
    }
    return printed | {part: golden_number(path) for part, path in entry.get("golden", {}).items()}


def _source(entry: dict, sources: dict[str, str]) -> str:
    if "source" in entry:
        return sources[entry["source"]]
    [first, *_] = entry["golden"].values()
    analysis = golden()[first.partition(".")[0]]
    return f"{golden()['_meta']['R'].partition(' Patched')[0]}, {analysis['r']}"


def _called(function: object, case: Case) -> dict[str, float] | str:
    if not callable(function):
        return f"{case.module}.py has no function {case.call!r}"
    try:
        return function(**case.given)
    except Exception as error:  # a fault in one estimator must not hide the others' numbers
        return f"{type(error).__name__}: {error}"
