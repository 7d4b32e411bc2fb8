"""What the cases of Kano's classification ask of the survey study's estimators."""

import numpy as np

from crmresearch.methods import kano
from crmresearch.methods.weighting import Design
from crmresearch.validation.references import golden_table


def counted(counts: dict[str, int]) -> dict[str, float]:
    """CS+, CS- and Fong's test of so many answers in each category."""
    codes = np.repeat([kano.CATEGORIES.index(letter) for letter in counts], list(counts.values()))
    first, second = sorted(counts.values(), reverse=True)[:2]
    difference, critical = kano.fong(first, second, len(codes))
    return _coefficients(codes) | {
        "n": float(len(codes)),
        "difference": float(difference),
        "critical": critical,
    }


def classified(feature: str) -> dict[str, float]:
    """Counts of the categories, CS+ and CS- of one feature of the golden data."""
    data = golden_table("kano")
    data = data[data["feature"] == feature]
    codes = kano.classify(data["functional"].to_numpy(), data["dysfunctional"].to_numpy())
    counts = np.bincount(codes, minlength=len(kano.CATEGORIES)).astype(float)
    return dict(zip(kano.CATEGORIES, counts, strict=True)) | _coefficients(codes)


def _coefficients(codes: np.ndarray) -> dict[str, float]:
    design = Design(len(codes))
    better, worse = kano.coefficients(codes, attribute="x", name="x", design=design)
    return {"better": better.value, "worse": worse.value}
