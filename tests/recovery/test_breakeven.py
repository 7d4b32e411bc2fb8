"""Break-even: where handling and time bring customers back, what is told, and what is not."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from crmresearch.data.load import load
from crmresearch.recovery import breakeven, figures, headlines
from crmresearch.recovery.cases import read
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show


def columns(seed=1, *, n=1500, top=0.6, slow=0.0):
    """Loyalty rises with handling from 1.2 below the level by 0.3 a point; `slow` a day's cost."""
    rng = np.random.default_rng(seed)
    prior = np.clip(rng.normal(5, 1, n), 1, 7)
    complained = rng.random(n) < 1 / (1 + np.exp(0.5 * (prior - 3)))
    handling = np.clip(np.rint(rng.normal(2 + 0.4 * prior, 1.5)), 1, 7)
    days = np.ceil(rng.exponential(6, n))
    gap = 0.3 * (handling - 7) + top - slow * days
    return {
        "problem": complained.astype(float),
        "complained": np.where(complained, 1.0, np.nan),
        "recovery_satisfaction": np.where(complained, handling, np.nan),
        "response_time": np.where(complained, days, np.nan),
        "loyalty": 1 + 0.7 * prior + complained * gap + rng.normal(0, 0.7, n),
        "prior_satisfaction": prior,
    }


def drawn(found):
    figure = Figure()
    caption = figures.breakeven.curve(found)(list(found.estimates), figure)
    figure.canvas.draw()
    return figure, caption


def test_the_crossing_is_where_the_world_has_it(cases):
    known = cases(**columns(n=4000))
    found = breakeven.handling(known, known.outcomes[0], resamples=300)
    crossing = find(found.estimates, "breakeven.handling.loyalty")
    assert crossing.low < 5.0 < crossing.high  # 0.3 (h - 7) + 0.6 = 0
    assert crossing.value == pytest.approx(5.0, abs=0.4)
    assert crossing.unit == "scale points"
    best = find(found.estimates, "breakeven_best.handling.loyalty")
    assert best.low < 0.6 < best.high
    assert find(found.estimates, "breakeven_bend.handling.loyalty").p > 0.01
    title = headlines.breakeven.curve(found)
    assert title.startswith("Loyalty reaches the level of “no problem” where handling is rated")
    assert "on its scale from 1 to 7 (95% CI" in title
    figure, caption = drawn(found)
    assert len(figure.axes) == 2
    assert "They meet at" in caption
    assert caption.startswith(f"Expected loyalty of {crossing.n:,} complainers")


def test_a_level_out_of_reach_is_told_with_the_best_that_there_is(cases):
    known = cases(**columns(top=-0.8))
    found = breakeven.handling(known, known.outcomes[0], resamples=200)
    crossing = find(found.estimates, "breakeven.handling.loyalty")
    assert np.isnan([crossing.value, crossing.low, crossing.high]).all()
    assert "never reached in the data's range" in crossing.method
    assert find(found.estimates, "breakeven_reached.handling.loyalty").value < 0.05
    assert find(found.estimates, "breakeven_best.handling.loyalty").high < 0
    title = headlines.breakeven.curve(found)
    assert "never reaches the level of “no problem” in the data’s range" in title
    assert "the best handling in the data’s range (7.00) still leaves −0" in title
    assert "They meet" not in drawn(found)[1]


def test_a_level_reached_everywhere_is_told_too(cases):
    known = cases(**columns(top=3.5))
    found = breakeven.handling(known, known.outcomes[0], resamples=200)
    assert np.isnan(find(found.estimates, "breakeven.handling.loyalty").value)
    assert headlines.breakeven.curve(found) == (
        "Loyalty is at or above the level of “no problem” however poor the handling, in the "
        "data’s range."
    )


def test_time_runs_the_other_way(cases):
    known = cases(**columns(n=4000, top=1.3, slow=0.1))
    found = breakeven.response_time(known, known.outcomes[0], resamples=200)
    crossing = find(found.estimates, "breakeven.response_time.loyalty")
    handling = known.frame["handling"].mean() * 6 + 1
    true = (0.3 * (handling - 7) + 1.3) / 0.1
    assert crossing.low < true < crossing.high
    assert found.curve[0] > found.curve[-1]
    best = find(found.estimates, "breakeven_best.response_time.loyalty")
    assert "quickest answer" in best.name
    assert best.value > 0
    assert "logarithm" in best.method
    assert drawn(found)[0].axes[1].get_xlabel() == "response_time"


def test_an_end_beyond_the_range_is_told(cases):
    known = cases(**columns(seed=5, n=700, top=0.3))
    found = breakeven.handling(known, known.outcomes[0], resamples=200)
    crossing = find(found.estimates, "breakeven.handling.loyalty")
    assert np.isfinite(crossing.value)
    assert np.isnan(crossing.high)
    assert "beyond the data's range" in crossing.method
    assert "to beyond the data’s range)." in headlines.breakeven.curve(found)
    drawn(found)


def test_the_curve_ends_where_the_customers_do(cases):
    """Nobody's own answer is an end of the curve, and no bar stands for a few."""
    given = columns(n=2000)
    given["response_time"] = np.where(given["problem"] == 1, given["response_time"], np.nan)
    given["response_time"][np.flatnonzero(given["problem"] == 1)[0]] = 300.0
    known = cases(**given)
    found = breakeven.response_time(known, known.outcomes[0], resamples=20, min_cell=15)
    time = np.sort(known.answers.score("response_time").dropna())
    assert found.grid[-1] == pytest.approx(time[-15])
    assert found.grid[-1] < 100
    counts = [share * len(time) for _, _, share in found.bars]
    assert min(counts) >= 15 - 1e-9
    assert sum(counts) <= len(time) - 15


def test_a_seed_gives_the_same_numbers(cases):
    known = cases(**columns(n=600))
    one, two = (
        breakeven.handling(known, known.outcomes[0], resamples=50, seed=3) for _ in range(2)
    )
    assert one.estimates == two.estimates


def test_accounts_are_resampled_whole(cases):
    given = columns(n=900)
    plain = cases(**given)
    twice = cases(
        **{name: np.repeat(values, 2) for name, values in given.items()},
        account=np.repeat(np.arange(900), 2).astype(str),
    )
    one, two = (
        find(
            breakeven.handling(known, known.outcomes[0], resamples=50).estimates,
            "breakeven_best.handling.loyalty",
        )
        for known in (plain, twice)
    )
    assert two.value == pytest.approx(one.value, abs=1e-6)
    assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.02)
    assert "between accounts" in two.method


@pytest.mark.parametrize(
    "change",
    [
        {"recovery_satisfaction": 4.0},
        {"recovery_satisfaction": np.nan},
        {"loyalty": np.nan},
        {"prior_satisfaction": np.nan},
        {"problem": 0.0, "complained": np.nan, "recovery_satisfaction": np.nan},
        {"problem": 1.0, "complained": 1.0},
    ],
)
def test_data_that_bear_no_curve_say_so(cases, change):
    given = columns(n=300)
    given |= {name: np.full(300, value) for name, value in change.items()}
    known = cases(**given)
    found = breakeven.handling(known, known.outcomes[0], resamples=20)
    assert found.estimates == ()
    assert headlines.breakeven.curve(found).startswith("Not in these data: ")
    shown = show("break-even", found.estimates, title="t", draw=figures.breakeven.curve(found))
    assert "<figure>" not in shown.html


def test_an_outcome_that_does_not_vary_has_no_interval(cases):
    given = columns(n=400) | {"loyalty": np.full(400, 4.0)}
    known = cases(**given)
    found = breakeven.handling(known, known.outcomes[0], resamples=20)
    best = find(found.estimates, "breakeven_best.handling.loyalty")
    assert best.value == pytest.approx(0, abs=1e-8)


def test_roles_that_are_missing_are_named(cases):
    known = cases(complained=[0.0, 1.0] * 40, loyalty=[4.0, 5.0] * 40)
    outcome = known.outcomes[0]
    for made, lacks in (
        (breakeven.handling(known, outcome), "how well complaints were handled"),
        (breakeven.response_time(known, outcome), "how long the answers to complaints took"),
    ):
        assert headlines.breakeven.curve(made) == f"Not in these data: {lacks}."


def test_words_claim_no_effect(cases):
    known = cases(**columns(n=900))
    found = breakeven.handling(known, known.outcomes[0], resamples=20)
    texts = [headlines.breakeven.curve(found), drawn(found)[1]]
    texts += [text for item in found.estimates for text in (item.name, item.method)]
    assert not [x for x in texts for word in ("effect", "drives", "raises") if word in x]


def test_demo_customers_break_even():
    known = read(load("telecom"))
    found = breakeven.handling(known, known.outcomes[0], resamples=100)
    crossing = find(found.estimates, "breakeven.handling.loyalty")
    assert crossing.n > 300
    keys = [(item.key, item.group) for item in found.estimates]
    assert len(set(keys)) == len(keys)
    with style.canvas() as figure:
        figures.breakeven.curve(found)(list(found.estimates), figure)
        assert figure.axes[0].get_ylabel() == "loyalty, scale points"


def test_a_share_is_drawn_as_one(cases):
    given = columns(n=900)
    given["churned"] = (given.pop("loyalty") < 4).astype(float)
    known = cases(**given)
    found = breakeven.handling(known, known.outcomes[0], resamples=20)
    assert {item.unit for item in found.estimates} >= {"share", "share difference"}
    drawn(found)
