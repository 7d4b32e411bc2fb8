"""Shares of met expectations, and directions in which they are not."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from crmresearch.archetypes import headlines, met
from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.expectations import choices
from crmresearch.report.estimates import find

from .wishes import HAD, WANTED, cards, changed, rated, variable

TRUE_SHARE = float(WANTED @ np.diag(HAD))


def fits(survey, **more):
    return met.shares(survey, choices(survey, read_catalogue("")), **more)


def test_share_met_is_that_of_the_customers():
    survey = cards(4000)
    found = fits(survey)
    overall = find(found, "met.share")
    assert overall.low < TRUE_SHARE < overall.high
    nord = find(found, "met.share", "firm: Nord")
    same = survey.answers["wanted"] == survey.answers["had"]
    assert_allclose(nord.value, same[survey.answers["firm"] == "Nord"].mean())
    assert "63.8%" not in headlines.expected.met(found)
    assert headlines.expected.met(found).startswith(str(overall))


def test_loyalty_of_the_met_holds_the_type_wanted():
    survey = cards(3000)
    item = find(fits(survey), "met.loyalty")
    data = survey.answers
    same = (data["wanted"] == data["had"]).to_numpy(float)
    groups = data["wanted"].cat.codes.to_numpy()
    within = [
        part - pd.Series(part).groupby(groups).transform("mean").to_numpy()
        for part in (same, data["loyalty"].to_numpy())
    ]
    assert_allclose(item.value, within[0] @ within[1] / (within[0] @ within[0]))
    assert item.low > 0.5


def test_a_split_that_would_give_a_few_people_away_is_left_out():
    survey = cards(600)
    part = survey.answers["firm"].astype(str).to_numpy()
    part[:3] = "Elsewhere"  # three of Nord and Sued: not shown, and not derivable from firms
    survey.answers["part"] = pd.Categorical(part)
    survey.codebook["part"] = variable("part", "category", "segment")
    groups = {item.group for item in fits(survey)}
    assert "firm: Nord" in groups
    assert not any(group.startswith("part") for group in groups)
    assert any(item.group.startswith("part") for item in fits(survey, min_cell=1))


def test_directions_hold_together_and_describe():
    found = met.directions(rated(600, shift=-0.5))
    means = [item for item in found if item.key == "gap.mean"]
    assert len(means) == 3
    for item in means:
        assert item.low < -0.5 < item.high
    single = met.directions(rated(600, shift=-0.5, names=("valence",)))[0]
    assert single.high - single.low < means[0].high - means[0].low
    assert "less than they want" in headlines.expected.directions(found)


def test_sides_add_up_to_all():
    found = met.directions(rated(500), near=0.5)
    for name in ("Valence", "Closeness", "Power"):
        parts = [
            find(found, f"gap.{kind}", f"Dimension: {name}") for kind in ("less", "met", "more")
        ]
        assert_allclose(sum(item.value for item in parts), 1)
        assert len({item.n for item in parts}) == 1


def test_two_thirds_of_a_point_is_within_two_thirds():
    survey = rated(50, items=3, names=("valence",))
    for item in range(3):
        survey.answers[f"expected_valence_{item}"] = 4.0
        survey.answers[f"experienced_valence_{item}"] = [4.0, 5.0, 5.0][item]
    survey.answers.loc[0, "expected_valence_0"] = 1.0  # a point less expected on average
    survey.answers.loc[1, "experienced_valence_0"] = 7.0
    shares = met.directions(survey, near=2 / 3)
    assert_allclose(find(shares, "gap.met", "Dimension: Valence").value, 48 / 50)


def test_mean_gaps_cover_the_truth_at_once():
    held = 0
    for seed in range(25):
        survey = rated(120, seed=seed, shift=0.0)
        means = [item for item in met.directions(survey) if item.key == "gap.mean"]
        held += all(item.low < 0 < item.high for item in means)
    assert held >= 21


@pytest.mark.slow
def test_coverage_of_shares_and_gaps():
    shares, gaps, loyal, number = 0, 0, 0, 400
    truth = _within_truth()
    for seed in range(number):
        found = fits(cards(400, seed=seed, accounts=80, weights=True))
        share, gain = find(found, "met.share"), find(found, "met.loyalty")
        shares += share.low < TRUE_SHARE < share.high
        loyal += gain.low < truth < gain.high
        means = met.directions(rated(200, seed=seed, shift=0.0))
        gaps += all(item.low < 0 < item.high for item in means if item.key == "gap.mean")
    assert 0.93 <= shares / number <= 0.97
    assert 0.92 <= loyal / number <= 0.98
    assert 0.92 <= gaps / number <= 0.98


def _within_truth() -> float:
    """The difference that the regression estimates, from a very large sample."""
    return find(fits(cards(400_000, seed=99)), "met.loyalty").value


def test_caveats_say_what_fired():
    keys = {item.key for item in met.caveats(cards(100))}
    assert keys == {"expected.hindsight"}
    survey = rated(300, shift=-2.5)
    survey.answers["expected_power_0"] = np.random.default_rng(1).integers(1, 8, 300).astype(float)
    found = {item.key: item.text for item in met.caveats(survey)}
    assert set(found) == {"expected.hindsight", "expected.unreliable", "expected.one_sided"}
    assert found["expected.unreliable"].startswith("Power:")
    assert "Valence" in found["expected.one_sided"]


def test_awkward_answers():
    survey = cards(30)
    assert met.shares(survey, None) == []
    assert met.directions(survey) == []
    assert headlines.expected.met([]).startswith("Not in these data: ")
    assert headlines.expected.directions([]).startswith("Not in these data: ")
    content = changed(survey, had=survey.answers["wanted"])  # everybody has what they want
    found = fits(content)
    assert find(found, "met.share").value == 1
    assert np.isnan(find(found, "met.loyalty").value)
    assert np.isnan(find(fits(changed(survey, loyalty=np.nan)), "met.loyalty").value)
    nothing = survey.answers["had"].where(np.zeros(30, dtype=bool))
    assert np.isnan(find(fits(changed(survey, had=nothing)), "met.share").value)
    assert find(fits(cards(1)), "met.share").n == 1
