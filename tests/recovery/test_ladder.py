"""The ladder of adjustment: each rung against known worlds, and what may not be shown."""

import numpy as np
import pytest

from crmresearch.recovery import alike, contrasts, figures, headlines, ladder
from crmresearch.report import style
from crmresearch.report.estimates import find

N = np.nan
ADJUSTED = ("ancova", "overlap", "att", "aipw")


@pytest.fixture(scope="module")
def climbed(customers):
    return ladder.climb(customers, customers.outcomes[0])


def rung(found, contrast, name, outcome="loyalty"):
    return find(found, f"ladder.{outcome}.{contrast}.{name}")


def repeated(seed, n=500, fall=-0.5):
    """Customers asked twice: the unhappy have more problems, each of which costs `fall` points.

    Contacts of an account are alike, and weights have nothing to do with anything.
    """
    rng = np.random.default_rng(seed)
    account = np.arange(n) // 4
    level = rng.normal(0, 0.8, n) + rng.normal(0, 0.5, n // 4)[account]
    prior = np.clip(4 + level + rng.normal(0, 0.5, n), 1, 7)
    problem = rng.random((2, n)) < 1 / (1 + np.exp(1 + 0.8 * (prior - 4)))
    loyalty = 4 + 0.9 * (prior - 4) + fall * problem + rng.normal(0, 0.7, (2, n))
    return {
        "person": np.tile([f"p{i}" for i in range(n)], 2),
        "account": np.tile([f"a{i}" for i in account], 2),
        "wave": np.repeat(["1", "2"], n),
        "weight": np.tile(rng.uniform(0.5, 1.5, n), 2),
        "problem": problem.ravel().astype(float),
        "prior_satisfaction": np.tile(prior, 2),
        "loyalty": loyalty.ravel(),
    }


def covered(cases, replicates, fall=-0.5):
    """How often each rung's interval covers the fall, in scale points."""
    inside = dict.fromkeys(("raw", *ADJUSTED, "panel"), 0)
    for seed in range(replicates):
        one = cases(**repeated(seed, fall=fall))
        found = ladder.rungs(one, one.outcomes[0], contrast="failures")
        scale = next(alike.compared(one, one.outcomes[0])).scale
        for name in inside:
            item = rung(found, "failures", name)
            inside[name] += item.low <= fall / scale <= item.high
    return {name: number / replicates for name, number in inside.items()}


def test_every_adjusted_rung_covers_what_the_raw_one_misses(cases):
    shares = covered(cases, 12)
    assert shares.pop("raw") < 0.5
    assert min(shares.values()) >= 0.75, shares


@pytest.mark.slow
def test_rungs_cover_95_in_100(cases):
    shares = covered(cases, 400)
    assert shares.pop("raw") < 0.1
    assert shares.pop("panel") >= 0.9  # test_panel has a thousand replicates of it
    assert all(0.93 <= share <= 0.97 for share in shares.values()), shares


def test_regression_is_the_adjusted_contrast_of_the_paradox(customers, climbed):
    gaps = contrasts.compare(customers, customers.outcomes[0])
    for name in contrasts.GROUPS:
        one = rung(climbed.rungs, name, "ancova")
        other = find(gaps, f"paradox.loyalty.{name}.adjusted")
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))
        raw, same = rung(climbed.rungs, name, "raw"), find(gaps, f"paradox.loyalty.{name}.raw")
        assert (raw.value, raw.low) == pytest.approx((same.value, same.low))


@pytest.fixture(scope="module")
def selected(cases):
    """Complainers are delighted if they were satisfied before, and that is all there is to it."""
    rng = np.random.default_rng(11)
    prior = np.clip(rng.normal(4.5, 1, 2000), 1, 7)
    problem = rng.random(2000) < 0.4
    handling = np.clip(prior + 0.5 + rng.normal(0, 0.6, 2000), 1, 7)
    one = cases(
        problem=problem.astype(float),
        complained=np.where(problem, 1.0, N),
        recovery_satisfaction=np.where(problem, handling, N),
        loyalty=prior + rng.normal(0, 0.7, 2000),
        prior_satisfaction=prior,
    )
    return ladder.climb(one, one.outcomes[0])


def test_a_raw_paradox_that_was_there_before_goes_on_every_rung(selected):
    climbed = selected
    assert rung(climbed.rungs, "delighted", "raw").low > 0.5
    for name in ADJUSTED:
        found = rung(climbed.rungs, "delighted", name)
        assert found.low < 0 < found.high
    shift = rung(climbed.rungs, "delighted", "shift")
    raw, aipw = (rung(climbed.rungs, "delighted", x) for x in ("raw", "aipw"))
    assert shift.value == pytest.approx(raw.value - aipw.value)
    assert shift.low > 0
    # both rest on the same customers, so the shift is surer than two separate samples would be
    apart = np.hypot(raw.high - raw.low, aipw.high - aipw.low)
    assert shift.high - shift.low < apart


def test_every_rung_says_whom_it_speaks_for(climbed):
    for item in climbed.rungs:
        if not item.key.endswith(".shift"):
            assert "(for " in item.name
    assert "prior satisfaction" in rung(climbed.rungs, "failures", "aipw").method
    assert "effective n" in rung(climbed.rungs, "failures", "overlap").method


def test_one_contrast_may_be_asked_for(customers, climbed):
    found = ladder.rungs(customers, customers.outcomes[0], contrast="resolved")
    assert found == [item for item in climbed.rungs if ".resolved." in item.key]


def test_survey_weights_count_on_every_rung(cases, make_world):
    made = make_world(3, 2000)
    twice = {name: np.concatenate([x, x[::2]]) for name, x in made.items()}
    weight = 1.0 + (np.arange(2000) % 2 == 0)
    plain, heavy = cases(**twice), cases(**made, weight=weight)
    one, two = (ladder.rungs(x, x.outcomes[0], contrast="failures") for x in (plain, heavy))
    for name in ("raw", *ADJUSTED, "shift"):
        a, b = rung(one, "failures", name), rung(two, "failures", name)
        assert a.value == pytest.approx(b.value, rel=2e-3)  # the SD's divisor is of customers
        assert "weighted" in b.method


def test_errors_allow_for_accounts(cases, make_world):
    made = make_world(4, 600)
    account = np.repeat(np.arange(120), 5)
    made["loyalty"] = made["loyalty"] + np.random.default_rng(1).normal(0, 1.5, 120)[account]
    made["problem"][:] = np.repeat(made["problem"][::5], 5)
    made["complained"][:] = made["resolved"][:] = made["recovery_satisfaction"][:] = N
    alone, together = cases(**made), cases(**made, account=account.astype(str))
    one, two = (ladder.rungs(x, x.outcomes[0], contrast="failures") for x in (alone, together))
    for name in ("raw", *ADJUSTED):
        a, b = rung(one, "failures", name), rung(two, "failures", name)
        assert a.value == pytest.approx(b.value)
        assert b.high - b.low > 1.2 * (a.high - a.low)
        assert "cluster-robust (120 clusters)" in b.method


def test_without_covariates_only_the_raw_rung_stands(cases, make_world):
    made = make_world(5, 400)
    del made["prior_satisfaction"]
    found = cases(**made)
    climbed = ladder.climb(found, found.outcomes[0])
    assert {item.key.rpartition(".")[2] for item in climbed.rungs} == {"raw"}
    assert climbed.balance == []
    assert climbed.overlap.empty
    assert headlines.ladder.ladder(climbed.rungs).startswith("Not in these data: anything")
    assert headlines.ladder.balance(climbed.balance).startswith("Not in these data")
    assert headlines.ladder.overlap(climbed.overlap).startswith("Not in these data")
    assert ladder.named(found) == "nothing"


def test_covariates_that_tell_the_groups_apart_leave_regression_alone(cases, make_world):
    made = make_world(6, 300)
    rng = np.random.default_rng(2)
    made["covariate"] = made["problem"] * 10 + rng.random(300)
    found = cases(**made)
    climbed = ladder.climb(found, found.outcomes[0])
    for name in ("overlap", "att", "aipw"):
        item = rung(climbed.rungs, "failures", name)
        assert np.isnan(item.value)
        assert item.method.startswith("not computed")
    assert np.isfinite(rung(climbed.rungs, "failures", "ancova").value)
    assert climbed.balance == []
    assert "tells the groups apart" in headlines.ladder.overlap(climbed.overlap)
    with style.canvas() as figure:
        assert figures.ladder.ladder(sesoi=0.2)(
            [item for item in climbed.rungs if item.value == item.value], figure
        )


def test_missing_and_constant_and_categorical_covariates(cases, make_world):
    made = make_world(7, 600)
    rng = np.random.default_rng(3)
    made["covariate"] = np.where(rng.random(600) < 0.1, N, 1.0)
    found = cases(**made)
    climbed = ladder.climb(found, found.outcomes[0])
    assert rung(climbed.rungs, "failures", "aipw").n == np.isfinite(made["covariate"]).sum()
    assert rung(climbed.rungs, "failures", "aipw").n_dropped == np.isnan(made["covariate"]).sum()
    assert all(np.isfinite(rung(climbed.rungs, "failures", name).low) for name in ADJUSTED)
    constant = [item for item in climbed.balance if "covariate" in item.name]
    assert constant
    assert all(np.isnan(item.value) for item in constant)


def test_staying_is_told_in_shares(cases, make_world):
    made = make_world(8, 800)
    churned = np.random.default_rng(4).random(800) < 0.2 + 0.2 * made["problem"]
    del made["loyalty"], made["satisfaction"]
    found = cases(**made, churned=churned.astype(float))
    rungs = ladder.rungs(found, found.outcomes[0], contrast="failures")
    raw = rung(rungs, "failures", "raw", "stayed")
    problem = made["problem"] == 1
    assert raw.unit == "share difference"
    assert raw.value == pytest.approx(churned[~problem].mean() - churned[problem].mean())


def test_small_groups_are_not_on_the_ladder(cases, make_world):
    made = make_world(9, 200)
    delighted = np.flatnonzero(made["recovery_satisfaction"] >= 5.8)
    made["recovery_satisfaction"][delighted[4:]] = 2.0
    found = cases(**made)
    assert not [x for x in ladder.rungs(found, found.outcomes[0]) if ".delighted." in x.key]


def test_arms_stand_raw_and_adjusted_and_only_they_are_randomised(cases, experiment):
    found = ladder.rungs(experiment, experiment.outcomes[0])
    assert [item.key.rpartition(".")[2] for item in found] == ["randomised"] * 3
    assert all(item.randomised for item in found)
    rng = np.random.default_rng(5)
    mood = rng.normal(size=200)
    arm = np.tile(["a", "b"], 100)
    made = cases("experiment", condition=arm, loyalty=4 + mood + 0.5 * (arm == "b"), covariate=mood)
    raw, adjusted = ladder.rungs(made, made.outcomes[0])
    assert adjusted.high - adjusted.low < 0.5 * (raw.high - raw.low)
    title = headlines.ladder.ladder([raw, adjusted])
    assert "b" in title


def test_nothing_to_compare_says_so(cases):
    empty = cases(problem=[0.0] * 5, loyalty=[4.0] * 5)
    climbed = ladder.climb(empty, empty.outcomes[0])
    assert climbed.rungs == []
    assert headlines.ladder.ladder(climbed.rungs).startswith("Not in these data")


def test_figure_has_every_rung_under_its_group(climbed):
    with style.canvas() as figure:
        caption = figures.ladder.ladder(sesoi=0.2)(climbed.rungs, figure)
        labels = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert len(labels) == 20
    assert labels[0].startswith("raw  (n\u00a0=\u00a0")
    assert labels[4].startswith("doubly robust")
    assert "within 0.20 SD" in caption


def test_headline_names_the_answer_that_changes(climbed, selected):
    title = headlines.ladder.ladder(selected.rungs)
    assert title.startswith("The answer changes for delighted complainers: above zero raw and ")
    held = [item for item in climbed.rungs if ".failures." in item.key]
    assert headlines.ladder.ladder(held).startswith("Down the ladder the answer stays")
