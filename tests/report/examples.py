"""Estimates and claims for the tests of the report."""

from crmresearch.report.claims import Claim
from crmresearch.report.estimates import Estimate


def estimate(key="nps", value=8.0, low=4.4, high=11.6, *, unit="points", n=2394, **fields):
    fields = {"name": "Net Promoter Score", "method": "adjusted Wald", "n_dropped": 12} | fields
    return Estimate(key=key, value=value, low=low, high=high, unit=unit, n=n, **fields)


def claim(rule="above", bound=0.0, *, decided_by="nps", **fields):
    fields = {
        "id": "positive",
        "study": "survey",
        "statement": "The Net Promoter Score is positive",
        "evidence": "Two studies found so.",
        "references": ("Author 2020, Journal 1(2):3-4, doi:10.1000/abc.123",),
        "says": "The score is {estimate}, {size} {higher}, {more}, n = {n}.",
    } | fields
    return Claim(rule=rule, bound=bound, decided_by=decided_by, **fields)
