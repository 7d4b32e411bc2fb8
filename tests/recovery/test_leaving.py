"""Time to leave: curves, ratios, dates that contradict each other, and who is not seen."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from crmresearch.data.load import load
from crmresearch.recovery import NEEDS, departures, figures, following, headlines, leaving
from crmresearch.recovery import leaving_caveats as caveats
from crmresearch.recovery.cases import read
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show

START = pd.Timestamp("2025-03-01")
PACE = {"no problem": 1.0, "silent": 1.6, "unresolved": 3.0, "resolved": 1.3}


def columns(seed=1, *, n=2000, per=1, date=None, twin=False):
    """Customers who leave at a pace that their path and prior satisfaction multiply."""
    rng = np.random.default_rng(seed)
    prior = np.clip(rng.normal(5, 1, n), 1, 7)
    problem = rng.random(n) < 1 / (1 + np.exp(prior - 4.5))
    complained = problem & (rng.random(n) < 0.7)
    resolved = complained & (rng.random(n) < 0.5)
    names = np.select(
        [~problem, ~complained, ~resolved], ["no problem", "silent", "unresolved"], "resolved"
    )
    pace = np.array([PACE[name] for name in names]) * np.exp(-0.4 * (prior - 5))
    days = np.ceil(rng.exponential(900, n) / pace)
    seen = rng.integers(200, 366, n)
    left = days <= seen
    given = {
        "problem": problem.astype(float),
        "complained": np.where(problem, complained, np.nan),
        "resolved": np.where(complained, resolved, np.nan),
        "prior_satisfaction": prior,
        "churned": left.astype(float),
        "followed_from": np.repeat(START, n),
        "followed_until": START + pd.to_timedelta(np.minimum(days, seen), unit="D"),
    }
    if per > 1:
        given["account"] = (np.arange(n) // per).astype(str)
    if date is not None:
        given["date"] = START + pd.to_timedelta(np.full(n, date), unit="D")
    return given


def study(cases, **settings):
    known = cases(**columns(**settings))
    return known, following.follow(known)


def test_the_paths_order_is_found_and_told(cases):
    known, followed = study(cases)
    found = leaving.curves(known, followed)
    shares = {x.group: x for x in found.estimates if x.key == "leaving.stayed"}
    assert set(shares) == {f"path: {name}" for name in PACE}
    assert min(shares.values(), key=lambda x: x.value).group == "path: unresolved"
    assert headlines.leaving.curves(found).startswith("After 3")
    assert "“unresolved”; the paths do not leave alike (log-rank p < .001)." in (
        headlines.leaving.curves(found)
    )
    lost = find(found.estimates, "leaving_days.unresolved-no_problem")
    assert lost.high < -20
    assert sum(x.key.startswith("leaving_test.") for x in found.estimates) == 6
    keys = [(x.key, x.group) for x in found.estimates]
    assert len(set(keys)) == len(keys)


def test_hazard_ratios_are_those_of_the_world(cases):
    known, followed = study(cases, n=12_000)
    found = departures.ratios(known, followed)
    for name, pace in list(PACE.items())[1:]:
        ratio = find(found, f"leaving_ratio.{name}-no_problem")
        assert ratio.low < pace < ratio.high
        assert ratio.high / ratio.low < 1.6
    counters = find(found, "leaving_recovery.resolved-unresolved")
    assert counters.low < 1.3 / 3.0 < counters.high
    assert find(found, "leaving_hazards.all").value > 0.01
    title = headlines.leaving.ratios(found)
    assert title.startswith(
        "3 of 3 paths differ from “no problem”, most of all “unresolved”, which leaves "
    )
    assert title.endswith(") times as fast.")
    assert headlines.leaving.note(found).startswith("No test finds")


def test_dates_that_contradict_are_counted_and_left_out(cases):
    given = columns()
    until = pd.Series(given["followed_until"])
    until.iloc[:7] = START - pd.Timedelta(days=2)
    until.iloc[7:12] = pd.NaT
    known = cases(**(given | {"followed_until": until}))
    followed = following.follow(known)
    assert (followed.reversed, followed.missing, followed.dropped) == (7, 5, 12)
    found = leaving.curves(known, followed)
    assert sum(x.n for x in found.estimates if x.key == "leaving.stayed") == 2000 - 12
    [_, left_out] = caveats.caveats(known, followed)
    assert left_out.text == (
        "Left out of the times to leave: 5 customers because a date, or whether they left, is "
        "missing; 7 customers because they are followed until a day before the first."
    )


def test_survivors_are_watched_from_their_answer_on(cases):
    """Only those who stayed to day 60 could answer; what they show holds from then on."""
    given = columns(n=6000, date=60)
    seen = given["followed_until"] > given["date"]
    given = {name: np.asarray(values)[seen] for name, values in given.items()}
    known = cases(**given)
    followed = following.follow(known)
    assert (followed.entry == 60).all()
    [caveat] = caveats.caveats(known, followed)
    assert f"{seen.sum():,} customers answered after the day they are followed from" in caveat.text
    ratio = find(departures.ratios(known, followed), "leaving_ratio.unresolved-no_problem")
    assert ratio.low < 3.0 < ratio.high
    assert "delayed entry" in ratio.method
    assert leaving.curves(known, followed).estimates


def test_leavers_who_answered_need_no_such_rule(cases):
    known, followed = study(cases, date=60)  # many left before day 60 and answered then
    assert followed.entry is None
    assert followed.early_leavers
    assert "answered after they had left" in caveats.caveats(known, followed)[0].text


def test_an_answer_on_the_first_day_leaves_the_caveat_of_survivors(cases):
    known, followed = study(cases, date=0)
    assert followed.entry is None
    assert "before they could be asked are missing" in caveats.caveats(known, followed)[0].text


def test_accounts_that_leave_together_widen_every_interval(cases):
    given = columns(n=700)
    plain = cases(**given)
    twice = cases(
        **{name: np.repeat(np.asarray(values), 2) for name, values in given.items()},
        account=np.repeat(np.arange(700), 2).astype(str),
    )
    found = [
        [
            *leaving.curves(known, following.follow(known), min_cell=size).estimates,
            *departures.ratios(known, following.follow(known), min_cell=size),
        ]
        for known, size in ((plain, 10), (twice, 20))
    ]
    for key, group in (
        ("leaving.stayed", "path: silent"),
        ("leaving.days", "path: silent"),
        ("leaving_days.unresolved-no_problem", ""),
        ("leaving_ratio.unresolved-no_problem", ""),
    ):
        one, two = (find(estimates, key, group) for estimates in found)
        assert two.value == pytest.approx(one.value, rel=0.02)
        assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.06)


def test_curves_stop_where_few_are_watched_and_small_paths_are_not_shown(cases):
    given = columns(n=900)
    seen = np.array(given["followed_until"])
    for customer in np.flatnonzero(given["complained"] == 0)[:-6]:
        given["problem"][customer], given["complained"][customer] = 0.0, np.nan
    known = cases(**(given | {"followed_until": seen}))
    followed = following.follow(known)
    found = leaving.curves(known, followed, min_cell=20)
    assert "silent" not in {line.name for line in found.lines}
    assert len({line.name for line in found.lines}) == 2  # another hidden with it
    for line in found.lines:
        assert all(n == 0 or n >= 20 for n in line.at_risk)
        days = followed.days[(known.path == line.name).to_numpy()]
        assert (days >= line.days[-1]).sum() >= 20
    told = departures.ratios(known, followed, min_cell=20)
    assert not [x for x in told if "silent" in x.key]


def test_without_dates_the_chances_are_compared(cases):
    given = columns(n=6000)
    given = {k: v for k, v in given.items() if not k.startswith("followed")}
    known = cases(**given)
    assert following.follow(known) is None
    assert headlines.leaving.curves(leaving.curves(known, None)) == (
        "Not in these data: the days from and until which customers were followed, only whether "
        "they left."
    )
    found = departures.ratios(known, None)
    risk = find(found, "leaving_risk.unresolved-no_problem")
    ratio = find(found, "leaving_ratio.unresolved-no_problem")
    chances = {x.group: x.value for x in found if x.key == "leaving.risk"}
    assert risk.value == pytest.approx(chances["path: unresolved"] - chances["path: no problem"])
    assert ratio.value == pytest.approx(chances["path: unresolved"] / chances["path: no problem"])
    assert risk.low > 0
    assert headlines.leaving.ratios(found).endswith(") times as likely to have left.")
    assert "not when" in headlines.leaving.note(found)
    [caveat] = caveats.caveats(known, None)
    assert caveat.key == "recovery.leaving_once"


def test_figures_show_every_path_and_interval(cases):
    known, followed = study(cases)
    found = leaving.curves(known, followed)
    figure = Figure()
    caption = figures.leaving.curves(found)(list(found.estimates), figure)
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert all(texts.count(name) == 2 for name in PACE)  # at its curve, and at its numbers
    assert all(f"{name} " in caption for name in PACE)
    assert len(figure.axes[0].lines) == len(figure.axes[0].collections) == len(PACE)
    ratios = departures.ratios(known, followed)
    figure = Figure()
    caption = figures.leaving.ratios(ratios, figure)
    assert figure.axes[0].get_xscale() == "log"
    assert caption.startswith("Hazard ratios of leaving, 1 is alike: silent against no problem: ")
    assert figures.leaving.ratios([], Figure()) == "No path can be compared."


@pytest.mark.parametrize(
    "change",
    [
        {"churned": 0.0},
        {"churned": 1.0},
        {"churned": np.nan},
        {"followed_until": START},
        {"followed_until": START - pd.Timedelta(days=1)},
        {"followed_until": pd.NaT},
        {"problem": 0.0, "complained": np.nan, "resolved": np.nan},
        {"prior_satisfaction": np.nan},
    ],
)
def test_awkward_data_are_told_and_not_raised(cases, change):
    given = columns(n=120)
    given |= {name: np.full(120, value) for name, value in change.items()}
    known = cases(**given)
    followed = following.follow(known)
    found = leaving.curves(known, followed)
    assert headlines.leaving.curves(found)
    ratios = departures.ratios(known, followed)
    assert headlines.leaving.ratios(ratios)
    caveats.caveats(known, followed)
    for data, draw in (
        (found.estimates, figures.leaving.curves(found)),
        (ratios, figures.leaving.ratios),
    ):
        show("leaving", data, title="t", draw=draw)


def test_one_customer_and_no_role(cases):
    given = {name: np.asarray(values)[:1] for name, values in columns(n=5).items()}
    known = cases(**given)
    assert leaving.curves(known, following.follow(known)).estimates == ()
    assert departures.ratios(known, following.follow(known)) == []
    bare = cases(complained=[0.0, 1.0] * 20, loyalty=[4.0, 5.0] * 20)
    assert following.follow(bare) is None
    assert headlines.leaving.curves(leaving.curves(bare, None)) == (
        "Not in these data: whether and when customers left."
    )
    assert departures.ratios(bare, None) == caveats.caveats(bare, None) == []


def test_a_path_that_hardly_anybody_left_has_no_ratio(cases):
    given = columns(n=2000)
    silent = given["complained"] == 0
    given["churned"] = np.where(silent, 0.0, given["churned"])
    known = cases(**given)
    for followed in (following.follow(known), None):
        keys = [x.key for x in departures.ratios(known, followed)]
        assert "leaving_ratio.unresolved-no_problem" in keys
        assert not [key for key in keys if "silent" in key]


def covered(cases, seed, replicates, *, large, **settings):
    """Shares in which intervals hold the ratio, and the days lost, of unresolved complaints."""
    large = leaving.curves(*study(cases, seed=9, n=large))
    assert large.until <= 365
    held = np.zeros((replicates, 2))
    for row in range(replicates):
        known, followed = study(cases, seed=seed + row, **settings)
        ratio = find(departures.ratios(known, followed), "leaving_ratio.unresolved-no_problem")
        found = leaving.curves(known, followed)
        days = find(found.estimates, "leaving_days.unresolved-no_problem")
        true = days_lost(large, found.until)
        held[row] = ratio.low < 3.0 < ratio.high, days.low < true < days.high
    return held.mean(axis=0)


def days_lost(large, until):
    """The difference of the areas under the large sample's curves up to a day."""
    areas = {}
    for line in large.lines:
        inside = line.days < until
        corners = np.r_[line.days[inside], until]
        areas[line.name] = float(np.diff(corners) @ line.stayed[inside])
    return areas["unresolved"] - areas["no problem"]


def test_intervals_hold(cases):
    assert covered(cases, 100, 40, large=100_000, n=800).min() >= 0.87


@pytest.mark.slow
def test_intervals_hold_in_many_worlds(cases):
    ratio, days = covered(cases, 1000, 600, large=400_000, n=800)
    assert 0.93 <= ratio <= 0.97
    assert 0.93 <= days <= 0.97


def test_demo_has_both_and_unresolved_leave_most():
    known = read(load("telecom"))
    followed = following.follow(known)
    found = leaving.curves(known, followed)
    shares = {x.group: x.value for x in found.estimates if x.key == "leaving.stayed"}
    assert min(shares, key=shares.get) == "path: unresolved"
    assert find(departures.ratios(known, followed), "leaving_ratio.unresolved-no_problem").low > 1


def test_real_churn_without_dates(real_data, project):
    path = project / "data" / "codebooks" / "complaint_churn"
    answers = load(real_data / "complaint_churn/customer_churn.csv", codebook=path, needs=NEEDS)
    known = read(answers)
    found = departures.ratios(known, following.follow(known))
    # R 4.2.2 (it stops at 1e-8), glm(Churn ~ Complains + the covariates, binomial), predictions
    # 0.104674103453 0.796160228479, their ratio 7.60608595841
    chances = [item.value for item in found if item.key == "leaving.risk"]
    assert chances == pytest.approx([0.104674103453, 0.796160228479], rel=1e-7)
    ratio = find(found, "leaving_ratio.complained-no_complaint")
    assert ratio.value == pytest.approx(7.60608595841, rel=1e-7)
    assert ratio.low > 6
