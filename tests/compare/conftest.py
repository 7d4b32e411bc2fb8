"""Published reports to compare: the files of a report that a comparison reads, and no page."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crmresearch.report.downloads import estimates_csv
from crmresearch.report.estimates import Estimate

CLAIM = {
    "id": "loyal",
    "statement": "Customers are loyal.",
    "decided_by": "loyalty",
    "rule": "above",
    "bound": 0.5,
}
METHOD = "mean, t interval, 10,000,000 df"  # as of errors that are known


def estimate(key: str, value: float, half: float, **fields: object) -> Estimate:
    shown = {"name": key.capitalize(), "unit": "scale points", "n": 50, "method": METHOD}
    return Estimate(key=key, value=value, low=value - half, high=value + half, **shown | fields)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The folder of a site that holds no report yet."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / ".lock").touch()
    return folder


@pytest.fixture
def publish(site: Path) -> Callable[..., str]:
    """Publish a report of one brand; returns its key."""

    def make(
        brand: str,
        estimates: Sequence[Estimate],
        *,
        verdict: str = "",
        claim: dict = CLAIM,
        **about: object,
    ) -> str:
        key = f"survey-{brand.lower()}"
        folder = site / key
        folder.mkdir()
        facts = {
            "key": key, "study": "survey", "title": "A survey", "data": f"Phones: {brand}",
            "dataset": "Phones", "data_sha256": key, "part": {"Brand": brand}, "n": 50,
            "unit": "customer", "design": "cross-section", "min_cell": 10,
            "leading": ["satisfaction"],
        }  # fmt: skip
        findings = [{"claim": claim, "verdict": verdict}] if verdict else []
        (folder / "report.json").write_text(json.dumps(facts | about))
        (folder / "findings.json").write_text(json.dumps(findings))
        (folder / "estimates.csv").write_text(estimates_csv(estimates))
        return key

    return make


@pytest.fixture
def three(publish: Callable[..., str]) -> list[str]:
    """Three brands: alike in loyalty, of which one alone is sure, and not in satisfaction."""
    return [
        publish(
            brand,
            [estimate("satisfaction", value, 0.2), estimate("loyalty", loyalty, 0.3)],
            verdict=verdict,
        )
        for brand, value, loyalty, verdict in (
            ("Aster", 5.0, 0.85, "supported"),
            ("Boreal", 4.0, 0.75, "inconclusive"),
            ("Cirrus", 4.1, 0.8, "inconclusive"),
        )
    ]
