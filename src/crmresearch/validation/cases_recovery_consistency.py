"""What the cases of printed statistics ask of their checks."""

from crmresearch.methods.consistency import CLASHES, Statistics, checks
from crmresearch.methods.granularity import mean_possible, spread_possible
from crmresearch.methods.printed import Range, printed
from crmresearch.methods.recomputed import error_of_interval
from crmresearch.validation.references import FOLDER


def implied_t() -> dict[str, float]:
    """t as the printed estimate and interval imply it, rounding left aside."""
    return {
        row.label.lower(): row.estimate.value
        / _exact(row.low.value, row.high.value, row.level, row.n - 1)
        for row in _servqual()
    }


def flagged() -> dict[str, float]:
    """1 for each row in which some check does not fit, allowing for rounding."""
    return {
        row.label.lower(): float(any(item.verdict == CLASHES for item in checks(row)))
        for row in _servqual()
    }


def possible(mean: str, n: int, items: int = 1) -> dict[str, float]:
    """Whether a mean of whole numbers can be what is printed (GRIM)."""
    return {"possible": float(mean_possible(printed(mean), n, items))}


def spread(mean: str, sd: str, n: int) -> dict[str, float]:
    """Whether whole numbers can have this mean and standard deviation (GRIMMER)."""
    return {"possible": float(spread_possible(printed(mean).range, printed(sd).range, n))}


def _exact(low: float, high: float, level: float, df: int) -> float:
    found = error_of_interval(Range(low, low), Range(high, high), level, Range(df, df))
    return found.low


def _servqual() -> list[Statistics]:
    path = FOLDER / "tables" / "servqual_gaps.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for line in lines:
        row = dict(zip(header.split(","), line.split(","), strict=True))
        numbers = {name: printed(row[name]) for name in ("estimate", "low", "high", "t")}
        found.append(Statistics(label=row["label"], n=int(row["n"]), **numbers))
    return found
