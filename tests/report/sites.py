"""Entries of a site, for the tests of its index."""

from crmresearch.report.entries import Entry, Line, Ruling
from crmresearch.report.findings import VERDICTS


def entry(key, *, study="survey", verdicts=("supported",), headline="It is 8.0 points.", **fields):
    findings = tuple(
        Ruling(claim=f"c{i}", statement=f"Claim {i} holds", verdict=verdict, anchor=f"claim-c{i}")
        for i, verdict in enumerate(verdicts)
    )
    brief = (Line(sentence=headline, verdict="", statement=""),) if headline else ()
    fields = {"title": "Who stays?", "dataset": "Phones", "period": "2025", "n": 120} | fields
    return Entry(key=key, study=study, kind="", brief=brief, findings=findings, **fields)


def many(brands, waves, studies=("survey",)):
    """A report for each study, brand and wave, with verdicts that go round."""
    return [
        entry(
            f"{study}-{brand}-{wave}",
            study=study,
            part={"Brand": f"Brand {brand}", "Wave": str(2020 + wave)},
            period=f"March {2020 + wave}",
            verdicts=[VERDICTS[(brand + wave + claim) % 4] for claim in range(3)],
            headline=f"{study.capitalize()} of brand {brand} is {brand * 7 % 50}.0 points.",
        )
        for study in studies
        for brand in range(brands)
        for wave in range(waves)
    ]
