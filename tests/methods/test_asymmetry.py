"""Penalty and reward of ratings (against R in the validation cases), and bends."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.methods.asymmetry import penalty_reward, regressions, thirds
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import Estimate, find
from crmresearch.validation.references import golden_table


def rng():
    return np.random.default_rng(8)


def found(frame: pd.DataFrame, outcome, **settings) -> list[Estimate]:
    ends = dict.fromkeys(frame.columns, (1.0, 7.0))
    settings = {"rng": rng(), "key": "k", "names": {}} | settings
    return penalty_reward(frame, np.asarray(outcome, dtype=float), ends, **settings)


def ratings(n: int, draw: np.random.Generator, p: int = 3) -> pd.DataFrame:
    latent = 0.6 * draw.normal(size=(n, 1)) + 0.8 * draw.normal(size=(n, p))
    names = [f"d{place}" for place in range(p)]
    return pd.DataFrame(np.clip(np.rint(4.3 + 1.4 * latent), 1, 7), columns=names)


@pytest.mark.parametrize(
    ("ends", "low", "high"),
    [
        ((1, 5), 2, 4),
        ((1, 7), 2, 6),
        ((1, 10), 3, 8),
        ((0, 10), 3, 7),
        ((1, 4), 1, 4),
        ((1, 3), 1, 3),
    ],
)
def test_thirds_of_usual_scales(ends, low, high):
    points = np.arange(ends[0], ends[1] + 1)
    bottom, top = thirds(*ends)
    assert (points[points < bottom].max(), points[points > top].min()) == (low, high)


def test_an_unequal_effect_is_found_where_it_is():
    draw = np.random.default_rng(1)
    x = ratings(1500, draw)
    y = 0.9 * np.minimum(x["d0"] - 4, 0) + 0.4 * x["d1"] + draw.normal(size=1500)
    made = found(x, y)
    assert [item.key.split(".")[1] for item in made[:4]] == [
        "penalty", "reward", "asymmetry", "bend"
    ]  # fmt: skip
    assert find(made, "k.penalty.d0").high < -0.8
    assert find(made, "k.bend.d0").value == pytest.approx(-0.9, abs=0.2)
    assert find(made, "k.bend.d0").p < 0.001
    assert find(made, "k.asymmetry.d0").high < 0
    straight = find(made, "k.bend.d1")
    assert straight.low < 0 < straight.high
    assert find(made, "k.reward.d1").low > 0


def test_a_straight_line_is_seldom_called_bent():
    """All drivers straight: any bend or asymmetry is found in about 5% of samples each."""
    draw, bent, uneven, runs = np.random.default_rng(2), 0, 0, 50
    for _ in range(runs):
        x = ratings(400, draw, 5)
        y = x.to_numpy() @ [0.5, 0.4, 0.3, 0.1, 0] + draw.normal(size=400)
        made = found(x, y)
        clear = {x.key.split(".")[1] for x in made if x.low > 0 or x.high < 0}
        bent += "bend" in clear
        uneven += "asymmetry" in clear
    assert bent <= 7  # 5% of 50, and three standard errors
    assert uneven <= 7


def test_an_unmet_driver_does_not_cost_the_row():
    draw = np.random.default_rng(3)
    x = ratings(600, draw)
    y = 0.5 * x["d0"] + 0.5 * x["d1"] + draw.normal(size=600)
    x.loc[:299, "d2"] = np.nan
    made = found(x, y)
    assert (made[0].n, made[0].n_dropped) == (600, 0)
    assert find(made, "k.reward.d0").low > 0


def test_few_low_ratings_leave_a_straight_line():
    draw = np.random.default_rng(4)
    x = ratings(300, draw)
    x["d0"] = x["d0"].clip(lower=5)
    y = 0.5 * x["d0"] + 0.5 * x["d1"] + draw.normal(size=300)
    made = found(x, y, fewest=15)
    assert not [item for item in made if item.key.endswith("d0")]
    assert find(made, "k.reward.d1").n == 300


def test_rows_and_ends_that_do_not_count():
    x = golden_table("survey")[["sa1", "tr1"]].astype(float)
    outcome = golden_table("survey")["nps"].to_numpy(float)
    weights = np.where(np.arange(360) < 180, 1.0, 0.0)
    plan, cut, _ = regressions(
        x, outcome, dict.fromkeys(x, (1.0, 5.0)), rng=rng(), design=design(360, weights)
    )
    assert cut.n == 180
    assert plan.cut.all()
    outcome[:10] = np.nan
    assert regressions(x, outcome, dict.fromkeys(x, (1.0, 5.0)), rng=rng())[1].n == 350


@pytest.mark.parametrize(
    ("frame", "outcome"),
    [
        (pd.DataFrame({"a": [np.nan] * 5}), range(5)),
        (pd.DataFrame({"a": range(5)}), [3] * 5),
        (pd.DataFrame({"a": range(5)}), [np.nan] * 5),
        (pd.DataFrame(index=range(5)), range(5)),
        (pd.DataFrame({"a": [1.0]}), [2]),
        (pd.DataFrame({"a": [4.0] * 40}), range(40)),
    ],
)
def test_nothing_to_tell(frame, outcome):
    assert found(frame, list(outcome)) == []


def test_the_method_says_how_unrated_drivers_entered():
    draw = np.random.default_rng(6)
    x = ratings(400, draw)
    outcome = x["d1"] + draw.normal(size=400)
    words = "a driver left unrated entered as a term of its own"
    assert not any(words in item.method for item in found(x, outcome))
    x.loc[:40, "d0"] = np.nan
    assert all(item.method.endswith(words) for item in found(x, outcome))


def test_repeated_ratings_cannot_be_told_apart():
    draw = np.random.default_rng(5)
    x = ratings(400, draw)
    x["again"] = x["d0"]
    made = found(x, x["d1"] + draw.normal(size=400))
    assert np.isnan(find(made, "k.penalty.again").value)
    assert find(made, "k.reward.d1").low > 0
