"""The study on real data that no one here wrote."""

import pytest

from crmresearch.data.load import load
from crmresearch.errors import DataError
from crmresearch.recovery import NEEDS, arms
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
