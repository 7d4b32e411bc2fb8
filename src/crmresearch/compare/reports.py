"""The reports that are compared, read back with everything that a comparison needs of them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmresearch.compare import freedom
from crmresearch.errors import DataError, RequestError
from crmresearch.report import published
from crmresearch.report.claims import RULES, Claim
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import VERDICTS
from crmresearch.report.gate import MIN_CELL
from crmresearch.report.numbers import count
from crmresearch.report.suppression import is_hidden

LEAST, MOST = 2, 1_000  # reports of one comparison
_CLAIM = ("id", "statement", "decided_by", "rule")


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one report found of one claim."""

    claim: Claim
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report: what it is of, and the estimates that may be compared.

    Parameters
    ----------
    key : its folder
    part : which part of the data it is of, name to label; empty for all of them
    wave : of a part of one wave the ``name`` of the wave in `part`, its ``place`` in the order of
        waves and up to which share of its people had answered ``again`` (None where nobody knows)
    dataset : title of the whole data that the report is of a part of
    leading : keys of the estimates that its summary starts with
    estimates : those that are shown, by key and group
    clusters : degrees of freedom between the clusters of its answers; infinite without clusters
    rulings : by the claim's id
    """

    key: str
    study: str
    title: str
    data: str
    data_sha256: str
    dataset: str
    part: Mapping[str, str]
    wave: Mapping[str, str | int | float | None]
    design: str
    n: int | None
    unit: str
    min_cell: int
    leading: tuple[str, ...]
    estimates: Mapping[tuple[str, str], Estimate]
    clusters: float
    rulings: Mapping[str, Ruling]


def read(folder: Path, keys: Sequence[str]) -> list[Report]:
    """The reports `keys` of the folder of a site, in their order.

    Raises
    ------
    DataError
        With every report that is damaged.
    RequestError
        Where they are not reports of one study, or too few or too many.
    """
    if not LEAST <= len(set(keys)) <= MOST:
        raise RequestError(
            f"found {count(len(set(keys)), 'report')} to compare but a comparison is of {LEAST} to "
            f"{MOST:,} different ones. Name the keys of several reports of one study."
        )
    found, problems = [], []
    for key in dict.fromkeys(keys):
        try:
            found.append(_report(folder, key))
        except ValueError as error:
            problems.append(f"{error} but {published.RULE}. {published.FIX}")
    if problems:
        lines = "".join(f"\n  {number}. {text}" for number, text in enumerate(problems, 1))
        raise DataError(f"{len(problems)} problem(s) with the reports to compare:{lines}")
    _of_one_study(found)
    return found


def _of_one_study(reports: Iterable[Report]) -> None:
    studies: dict[str, list[str]] = {}
    for item in reports:
        studies.setdefault(item.study, []).append(item.key)
    if len(studies) > 1:
        listed = "; ".join(f"{study}: {', '.join(keys)}" for study, keys in studies.items())
        raise RequestError(
            "reports of different studies answer different questions and cannot be compared "
            f"({listed}). Name reports of one study."
        )


def _report(folder: Path, key: str) -> Report:
    item, about = published.read_report(folder, key)
    where = f"{key}/report.json"
    if about.get("kind"):
        raise ValueError(f"{where}: found a {str(about['kind'])[:40]}")
    estimates = {
        (x.key, x.group): x
        for x in item.estimates
        if math.isfinite(x.value) and x.low == x.low and not is_hidden(x)
    }
    return Report(
        key=key,
        study=item.study,
        title=_text(about, "title", where),
        data=item.data,
        data_sha256=item.data_sha256,
        dataset=_text(about, "dataset", where) or item.data,
        part=_part(about, where),
        wave=_wave(about, where),
        design=_text(about, "design", where),
        n=_number(about, "n", where),
        unit=_text(about, "unit", where),
        min_cell=_number(about, "min_cell", where) or MIN_CELL,
        leading=_leading(about, where),
        estimates=estimates,
        clusters=freedom.of_clusters(item.estimates),
        rulings=_rulings(folder, key),
    )


def _text(about: Mapping, name: str, where: str) -> str:
    found = about.get(name)
    if found is not None and not isinstance(found, str):
        raise ValueError(f"{where}: found no text under {name}")
    return found or ""


def _number(about: Mapping, name: str, where: str) -> int | None:
    found = about.get(name)
    if found is not None and (type(found) is not int or found < 0):
        raise ValueError(f"{where}: found no number of people under {name}")
    return found


def _part(about: Mapping, where: str) -> dict[str, str]:
    found = about.get("part") or {}
    if not isinstance(found, dict) or not all(isinstance(x, str) for x in found.values()):
        raise ValueError(f"{where}: found no texts under part")
    return found


def _wave(about: Mapping, where: str) -> dict[str, str | int | float | None]:
    found = about.get("wave") or {}
    if found == {}:
        return {}
    name, place, again = (
        (found.get(x) for x in ("name", "place", "again"))
        if isinstance(found, dict)
        else [None] * 3
    )
    if (
        not isinstance(name, str)
        or name not in _part(about, where)
        or type(place) is not int
        or not (again is None or (type(again) in {int, float} and 0 <= again <= 1))
    ):
        raise ValueError(f"{where}: found no place of a wave of the part under wave")
    return {"name": name, "place": place, "again": again}


def _leading(about: Mapping, where: str) -> tuple[str, ...]:
    found = about.get("leading") or []
    if not isinstance(found, list) or not all(isinstance(key, str) for key in found):
        raise ValueError(f"{where}: found no list of keys under leading")
    return tuple(found)


def _rulings(folder: Path, key: str) -> dict[str, Ruling]:
    where = f"{key}/findings.json"
    content = published.read_json(folder, folder / key / "findings.json")
    if not isinstance(content, list):
        raise ValueError(f"{where}: found no list of findings")
    rulings = [_ruling(item, where) for item in content]
    return {item.claim.id: item for item in rulings}


def _ruling(item: object, where: str) -> Ruling:
    claim = item.get("claim") if isinstance(item, dict) else None
    if not isinstance(claim, dict) or not all(isinstance(claim.get(x), str) for x in _CLAIM):
        raise ValueError(f"{where}: found a finding without a claim")
    bound, verdict = claim.get("bound"), item.get("verdict")
    if (
        claim["rule"] not in RULES
        or type(bound) not in {int, float}
        or not math.isfinite(bound)
        or verdict not in VERDICTS
    ):
        raise ValueError(f"{where}: found a rule, bound or verdict that is none of ours")
    return Ruling(
        claim=Claim(
            id=claim["id"],
            study="",
            statement=claim["statement"],
            evidence="",
            references=(),
            decided_by=claim["decided_by"],
            rule=claim["rule"],
            bound=float(bound),
            says="",
        ),
        verdict=verdict,
    )
