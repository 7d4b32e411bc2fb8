"""What the cases of chosen types ask: agreement and association of categories."""

import pandas as pd

from crmresearch.methods.association import spread_of
from crmresearch.methods.nominal import joint_shares, kappa_error, v_of
from crmresearch.methods.weighting import Design, design
from crmresearch.validation.references import golden_table


def agreement(complex_design: bool) -> dict[str, float]:
    """Kappa of two answers of R's data, with and without its sampling design."""
    answers = golden_table("survey")
    one, two = (answers[item].to_numpy() - 1 for item in ("sa1", "sa2"))
    value, error, _, n = kappa_error(one, two, _design(answers, complex_design))
    return {"value": value, "se": error, "variance": error**2 * (n - 1) / n}


def association(complex_design: bool) -> dict[str, float]:
    """Cramér's V of an answer and the region, with and without the sampling design."""
    answers = golden_table("survey")
    one = answers["sa1"].to_numpy() - 1
    region = pd.factorize(answers["region"], sort=True)[0]
    sampling = _design(answers, complex_design)
    table, rows = joint_shares(one, region, sampling)
    value, slope = v_of(table)
    each = slope[one, region] - (table * slope).sum()
    weight = sampling.row_weights()
    return {"value": value, "se": spread_of(weight / weight.sum() * each, rows, sampling)[0]}


def _design(answers: pd.DataFrame, complex_design: bool) -> Design:
    if not complex_design:
        return Design(len(answers))
    return design(len(answers), answers["w"], answers["stratum"], answers["psu"])
