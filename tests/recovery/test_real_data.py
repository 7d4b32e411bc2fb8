"""The study on real data that no one here wrote."""

import pytest

from crmresearch.data.load import load
from crmresearch.errors import DataError
from crmresearch.recovery import NEEDS, arms, conditions, whom
from crmresearch.recovery.cases import read
from crmresearch.recovery.contrasts import compare, loss
from crmresearch.recovery.factors import effects, factors
from crmresearch.recovery.funnel import funnel
from crmresearch.recovery.paths import means
from crmresearch.report.estimates import find


@pytest.fixture
def study(real_data, project):
    """Read a real file with the project's codebook for it."""

    def make(file: str, codebook: str):
        path = project / "data" / "codebooks" / codebook
        return read(load(real_data / file, codebook=path, needs=NEEDS))

    return make


def test_robot_adviser_is_a_crossed_experiment(study):
    found = study("robo_failure/robo_failure.csv", "robo_failure")
    assert found.randomised
    assert len(factors(found)) == 2
    loyalty = found.outcomes[0]
    assert [item.n for item in arms.means(found, loyalty)] == [50, 55, 53, 56]
    # R 4.2.2, mean of the three items of continuation intention
    # > oneway.test(y ~ group)   F = 2.5698593, denom df = 115.90464, p-value = 0.05766356
    test = find(arms.omnibus(found), "arms_test.loyalty")
    assert test.value == pytest.approx(2.5698593, abs=5e-8)
    assert test.p == pytest.approx(2 * 0.05766356, abs=2e-8)
    assert all(item.randomised for item in effects(found, loyalty))
    assert funnel(found) == compare(found, loyalty) == []


def test_airport_has_problems_but_no_complaints(study):
    found = study("sfo_airport/sfo_2017.csv", "sfo_2017")
    [step] = funnel(found)
    assert step.key == "funnel.problem.of_all"
    recommend = found.outcomes[0]
    assert {item.group for item in means(found, recommend)} == {"path: no problem", "path: problem"}
    [lost] = loss(recommend, compare(found, recommend))
    assert lost.high < -0.2


def test_complainers_leave_and_it_is_not_called_a_paradox(study):
    found = study("complaint_churn/customer_churn.csv", "complaint_churn")
    estimates = compare(found, found.outcomes[0])
    assert not [item for item in estimates if item.key.startswith(("paradox", "restored"))]
    assert find(estimates, "gap.stayed.complainers.adjusted").high < -0.5


def test_an_imagined_complaint_is_refused(real_data, project):
    with pytest.raises(DataError, match="never complained imagine it"):
        load(
            real_data / "ecsi_mobile" / "mobi.csv",
            codebook=project / "data" / "codebooks" / "ecsi_mobile",
            needs=NEEDS,
        )


def test_robot_adviser_by_gender_and_trust(study):
    """Causal contrasts by what was not assigned; nothing here is clear, and it is not called so."""
    found = study("robo_failure/robo_failure.csv", "robo_failure")
    asked = whom.declared(found, "Gender, trusting stance, severity, tenure")
    assert asked.absent == ("severity", "tenure")
    items = whom.interactions(found, found.outcomes[0], asked)
    assert [item.ends for item in items] == [
        f"loyalty.{focus}.{moderator}"
        for focus in ("human_like_agent-neutral_agent", "empathic_reply-neutral_reply")
        for moderator in ("gender", "trusting_stance")
    ]
    estimates = whom.family(items)
    assert whom.clear(items, estimates) == []
    [gender, *_] = conditions.details(found, items)
    assert [item.n for item in gender.estimates] == [125, 85]
    assert all(item.randomised for item in gender.estimates)
    assert not any(item.randomised for item in estimates)


def test_complaints_cost_old_customers_less_often(study):
    found = study("complaint_churn/customer_churn.csv", "complaint_churn")
    asked = whom.declared(found, "Subscription Length, Tariff Plan")
    items = whom.interactions(found, found.outcomes[0], asked)
    assert [item.focus.key for item in items] == ["complained", "complained"]
    assert whom.clear(items, whom.family(items)) == items
    [months, tariff] = conditions.details(found, items)
    told = find(months.estimates, "told_below.stayed.complained.subscription_length")
    assert 0.85 < told.value < 1
    assert all(item.high < 0 for item in tariff.estimates)
