"""The claims of the study: decided by estimates that it makes, with bounds and sources."""

import json
import re

import numpy as np
import pytest

from crmresearch.recovery.arms import differences as arm_differences
from crmresearch.recovery.caveats import caveats
from crmresearch.recovery.contrasts import compare, for_claims, loss
from crmresearch.recovery.funnel import funnel, silent
from crmresearch.recovery.paths import differences
from crmresearch.recovery.prospects import reach
from crmresearch.report.claims import claims
from crmresearch.report.findings import conclude

N = float("nan")


def results(found):
    main, *others = found.outcomes
    gaps = compare(found, main)
    return [
        funnel(found),
        silent(found),
        differences(found, main),
        reach(found, main),
        gaps,
        loss(main, gaps),
        [item for other in others for item in compare(found, other)],
        arm_differences(found, main),
    ]


@pytest.fixture(scope="module")
def verdicts(customers):
    return {item.claim.id: item for item in conclude(claims("recovery"), *results(customers))}


def test_every_claim_about_complaints_is_decided(verdicts):
    """Of those that the results above decide; parts with claims of their own test these."""
    here = (
        "paradox.",
        "restored.",
        "loss.",
        "paths.",
        "funnel.",
        "silent.",
        "speaks_for.",
        "gap.",
        "arms.",
    )
    asked = {key: item for key, item in verdicts.items() if item.claim.decided_by.startswith(here)}
    open_ones = {key for key, item in asked.items() if item.verdict == "not testable here"}
    undone = {"complaints-announce-departure", "response-matters", "paradox-intention"}
    assert open_ones == undone


def test_known_truth_decides_the_claims(verdicts):
    assert verdicts["failures-cost"].verdict == "supported"
    assert verdicts["double-deviation"].verdict in ("supported", "inconclusive")
    assert verdicts["silent-myth"].verdict == "contradicted"
    assert verdicts["paradox-loyalty"].verdict in ("contradicted", "inconclusive")


def test_an_experiment_decides_only_the_claim_about_arms(experiment):
    found = conclude(claims("recovery"), *results(experiment))
    decided = [item for item in found if item.verdict != "not testable here"]
    assert [(item.claim.id, item.verdict) for item in decided] == [
        ("response-matters", "supported")
    ]
    assert decided[0].sentence.startswith("Chance assigned the arms, so only the responses")


def test_departure_is_decided_by_churn(cases):
    found = cases(
        complained=[1] * 30 + [0] * 70,
        churned=[1] * 20 + [0] * 10 + [1] * 5 + [0] * 65,
        covariate=list(range(10)) * 10,
    )
    [item] = [x for x in conclude(claims("recovery"), *results(found)) if x.estimate]
    assert (item.claim.id, item.verdict) == ("complaints-announce-departure", "supported")
    assert "percentage points" in item.sentence
    assert "lower for those who complained" in item.sentence


def test_the_smallest_effect_of_interest_is_declared_in_one_place(project):
    cells = json.loads((project / "notebooks/recovery.ipynb").read_text("utf-8"))["cells"]
    [parameters] = [x for x in cells if "parameters" in x["metadata"].get("tags", [])]
    default = float(re.search(r"sesoi: float = ([\d.]+)", "".join(parameters["source"]))[1])
    bounds = {item.bound for item in claims("recovery") if item.bound_from == "sesoi"}
    assert bounds == {default}
    changed = {item.bound for item in claims("recovery", sesoi=0.4) if item.bound_from == "sesoi"}
    assert changed == {0.4}
    with pytest.raises(ValueError, match="takes its bound from"):
        claims("recovery", sesio=0.4)


def test_a_share_decides_the_claim_in_percentage_points_alone(cases):
    rng = np.random.default_rng(4)
    problem = np.repeat([0.0, 1.0], 300)
    told = np.where(problem == 1, rng.integers(1, 8, 600), np.nan)
    found = cases(
        problem=problem,
        complained=np.where(problem == 1, 1.0, np.nan),
        recovery_satisfaction=told,
        churned=(rng.random(600) < 0.3) * 1.0,
        repurchase=rng.normal(4, 1, 600),
        prior_satisfaction=rng.normal(5, 1, 600),
    )
    made = for_claims(compare(found, found.outcomes))
    decided = {item.claim.id: item for item in conclude(claims("recovery"), made) if item.estimate}
    assert set(decided) >= {"paradox-staying", "paradox-intention"}
    assert decided["paradox-staying"].estimate.unit == "share difference"
    assert decided["paradox-intention"].estimate.unit == "SD"
    assert claims("recovery", sesoi_share=0.01) != claims("recovery")


def test_cross_sections_never_speak_of_effects(verdicts):
    for item in verdicts.values():
        assert not re.search(r"\b(raises|causes|effect of|leads to)\b", item.sentence), (
            item.claim.id
        )


def test_claims_name_their_sources():
    for item in claims("recovery"):
        assert item.references, item.id
        assert item.evidence, item.id


def test_caveats_fire_by_what_the_data_are(customers, experiment, cases):
    keys = {item.key for item in caveats(customers)}
    assert keys >= {"recovery.design", "recovery.survivors", "recovery.same_source"}
    assert "recovery.unadjusted" not in keys
    assert {item.key for item in caveats(experiment)} == {"recovery.experiment"}
    bare = cases(problem=[0] * 30 + [1] * 8 + [0, 1], loyalty=[4.0] * 40, weight=[1.0, 2.0] * 20)
    keys = {item.key for item in caveats(bare)}
    assert keys >= {"recovery.unadjusted", "recovery.hidden_paths"}
    told = [0] * 40 + [1] * 12 + [N] * 3  # the three silent, and what would tell of them
    small = cases(problem=[0] * 60 + [1] * 55, complained=[N] * 60 + told, loyalty=[4.0] * 115)
    assert "(12)" in str(caveats(small, min_cell=10))
    told = [1] * 12 + [0] * 3
    small = cases(problem=[0] * 60 + [1] * 15, complained=[N] * 60 + told, loyalty=[4.0] * 75)
    texts = {item.key: item.text for item in caveats(small, min_cell=10)}
    assert "recovery.small_paths" not in texts  # 12 complained would tell that 3 did not
    assert texts["recovery.hidden_paths"].startswith("2 paths are left out")
    left = cases(complained=[0, 1] * 20, churned=[0, 1] * 20, covariate=range(40))
    keys = {item.key for item in caveats(left)}
    assert "recovery.survivors" not in keys
    assert "recovery.no_prior" in keys


def test_accounts_raise_a_caveat_and_few_accounts_another(cases, make_world):
    plain = make_world(1, 200)
    many = caveats(cases(**plain, account=[f"a{row // 4}" for row in range(200)]))
    few = caveats(cases(**plain, account=[f"a{row % 4}" for row in range(200)]))
    [text] = [item.text for item in many if item.key == "recovery.clusters"]
    assert text.startswith("100.0% of answers share their account")
    [text] = [item.text for item in few if item.key == "recovery.clusters"]
    assert "too few" in text
