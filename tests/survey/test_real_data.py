"""Real surveys give their published numbers (see `reference` for the sources)."""

from pathlib import Path

import pytest

from crmresearch.data.load import load
from crmresearch.methods.means import mean
from crmresearch.report.estimates import find
from crmresearch.survey import NEEDS, caveats, drivers, flags, metrics, missingness, scales
from crmresearch.survey.distributions import recommend


@pytest.fixture(scope="module")
def real(real_data: Path, project: Path):
    def read(path: str, name: str):
        return load(real_data / path, codebook=project / "data" / "codebooks" / name, needs=NEEDS)

    return read


@pytest.fixture(scope="module")
def airport(real):
    return real("sfo_airport/sfo_2017.csv", "sfo_2017")


def test_airport_score_weighted_and_not(airport):
    found = metrics.net_promoter(airport, by=())
    weighted, plain = find(found, "nps"), find(found, "nps.unweighted")
    assert plain.n == 2746
    assert plain.value == pytest.approx(100 * (1436 - 342) / 2746)
    assert weighted.value == pytest.approx(40.40, abs=0.005)
    shares = recommend(airport, weighted=False).groupby("Kind")["Share"].sum() * 2746
    assert shares.round().to_dict() == {"Detractor": 342, "Passive": 968, "Promoter": 1436}


def test_airport_satisfaction(airport):
    mean = find(metrics.mean_score(airport, "satisfaction", by=()), "satisfaction.unweighted")
    assert (mean.n, mean.value) == (2688, pytest.approx(4.064360, abs=5e-7))
    top = find(metrics.satisfied(airport, by=()), "satisfied.unweighted")
    assert top.value == pytest.approx(0.8207, abs=5e-5)


def test_airport_drivers_keep_those_who_never_used_a_facility(airport):
    weights = drivers.explain(airport, seed=1, resamples=50)
    assert weights.fit.n > 2600
    assert weights.fit.complete < 600
    assert [item.key for item in caveats.drivers(weights)] == ["drivers.incomplete"]


def test_index_satisfaction_question_is_as_counted(real):
    mobile = real("ecsi_mobile/mobi.csv", "ecsi_mobile")
    overall = mobile.answers["CUSA1"]
    assert overall.value_counts().sort_index().to_dict() == {
        4: 1, 5: 8, 6: 15, 7: 50, 8: 109, 9: 29, 10: 38,
    }  # fmt: skip
    found = mean(overall.to_numpy(), key="cusa1", name="satisfied")
    assert found.value == pytest.approx(7.988, abs=5e-4)
    # 249 df: the t quantile is 1.969537 and the interval's half-width is t * sd / sqrt(250)
    assert (found.high - found.value) / 1.969537 * 250**0.5 == pytest.approx(1.233671, abs=5e-6)
    top = find(metrics.satisfied(mobile, by=()), "satisfied")
    assert top.value == pytest.approx(0.268, abs=5e-4)


def test_index_alphas_and_the_two_unreliable_scales(real):
    mobile = real("ecsi_mobile/mobi.csv", "ecsi_mobile")
    found = scales.reliability(mobile)
    values = {item.key: item.value for item in found if item.key.startswith("alpha.")}
    expected = {
        "image": 0.714447,
        "expectation": 0.432597,
        "quality": 0.872406,
        "value": 0.816695,
        "satisfaction": 0.770113,
        "loyalty": 0.441717,
    }
    for name, value in expected.items():
        [key] = [key for key in values if key.startswith(f"alpha.{name}")]
        assert values[key] == pytest.approx(value, abs=5e-7)
    standardised = {
        "image": 0.7228,
        "expectation": 0.4519,
        "quality": 0.8770,
        "value": 0.8236,
        "satisfaction": 0.7792,
        "loyalty": 0.4724,
    }
    for name, value in standardised.items():
        assert find(found, f"standardised.{name}").value == pytest.approx(value, abs=5e-5)
    assert {flag.scale for flag in flags.failing(found)} == {"expectation", "loyalty"}
    flagged = [item.key for item in caveats.scales(found) if item.key.endswith(".unreliable")]
    assert len(flagged) == 2
    assert {key.split(".")[1][:7] for key in flagged} == {"expecta", "loyalty"}


def test_reputation_misses_eleven_cells(real):
    reputation = real("corp_rep/corp_rep_data.csv", "corp_rep")
    columns = [item.variable for item in reputation.codebook.values() if item.type == "scale"]
    assert int(reputation.answers[columns].isna().sum().sum()) == 11
    counted = sum(round(item.value * item.n) for item in missingness.missing(reputation))
    assert 0 < counted <= 11
