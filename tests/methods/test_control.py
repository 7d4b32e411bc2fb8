"""Control charts: the limits by hand, and how often stable periods lie outside."""

import numpy as np
import pytest

from crmresearch.methods.control import RULE, SIGMAS, chart, false_alarm
from crmresearch.methods.weighting import Design, design


def test_limits_of_a_simple_sample_by_hand():
    rng = np.random.default_rng(0)
    sizes = [20, 40, 30, 60]
    periods = np.repeat(np.arange(4), sizes)
    values = rng.normal(size=150)
    found = chart(values, periods, 4, Design(150))
    means = np.array([values[periods == at].mean() for at in range(4)])
    squares = sum(((values[periods == at] - means[at]) ** 2).sum() for at in range(4))
    spread = squares / (150 - 4)
    assert found.centre == pytest.approx(values.mean())
    assert found.sd == pytest.approx(spread**0.5)
    assert found.errors == pytest.approx([(spread / n) ** 0.5 for n in sizes])
    # a period less the mean of all, of which it is a part
    reach = [SIGMAS * (spread * (1 / n - 1 / 150)) ** 0.5 for n in sizes]
    assert found.reaches == pytest.approx(reach)


def test_weights_widen_the_limits_by_their_own_variance():
    rng = np.random.default_rng(1)
    weights, values = rng.uniform(0.2, 3, 90), rng.normal(size=90)
    periods = np.repeat(np.arange(3), 30)
    found = chart(values, periods, 3, design(90, weights))
    squares = np.array([(weights[periods == at] ** 2).sum() for at in range(3)])
    totals = np.array([weights[periods == at].sum() for at in range(3)])
    assert found.errors == pytest.approx(found.sd * squares**0.5 / totals)


def alarms(runs: int, seed: int, *, weighted: bool, alike: float, lasting: float, score: bool):
    """Share of stable periods outside their limits, and of charts with any."""
    rng = np.random.default_rng(seed)
    k, accounts, n = 12, 90, 1440
    outside = anywhere = 0
    for _ in range(runs):
        clusters, periods = rng.integers(0, accounts, n), rng.choice(k, n, p=_uneven(k))
        values = rng.normal(size=n) * (1 - alike) ** 0.5
        values += rng.normal(size=(accounts, k))[clusters, periods] * (alike - lasting) ** 0.5
        values += rng.normal(size=accounts)[clusters] * lasting**0.5
        if score:
            values = np.select([values > 0.3, values > -0.8], [100.0, 0.0], default=-100.0)
        weights = rng.uniform(0.3, 3, n) if weighted else None
        basis = design(n, weights, clusters=clusters if alike else None)
        found = chart(values, periods, k, basis).outside
        outside += found.mean()
        anywhere += found.any()
    return outside / runs, anywhere / runs


def _uneven(k: int) -> np.ndarray:
    shares = 1 + np.arange(k) % 3
    return shares / shares.sum()


@pytest.mark.parametrize(
    "kind",
    [
        {"weighted": False, "alike": 0.0, "lasting": 0.0, "score": False},
        {"weighted": True, "alike": 0.4, "lasting": 0.2, "score": True},
    ],
)
def test_stable_periods_seldom_lie_outside(kind):
    each, anywhere = alarms(300, 2, **kind)
    assert each < 0.006
    assert anywhere < 0.07  # 3.2% are stated


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("alike", "lasting"), [(0.0, 0.0), (0.4, 0.0), (0.4, 0.2), (0.3, 0.3)])
def test_the_stated_chance_of_a_false_alarm_holds(weighted, alike, lasting):
    each, anywhere = alarms(2000, 3, weighted=weighted, alike=alike, lasting=lasting, score=True)
    assert 0.0012 < each < 0.0042
    assert anywhere == pytest.approx(false_alarm(12), abs=0.015)


def test_ignoring_clusters_would_cry_wolf():
    """What the correlations are for: the same answers with and without their accounts."""
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(120), 10)
    periods = np.repeat(np.arange(12), 100)
    known = blind = 0.0
    for _ in range(150):
        values = rng.normal(size=1200) + 1.5 * rng.normal(size=120)[clusters]
        known += chart(values, periods, 12, design(1200, clusters=clusters)).outside.mean()
        blind += chart(values, periods, 12, Design(1200)).outside.mean()
    assert known / 150 < 0.01
    assert blind / 150 > 0.15


def test_a_shifted_period_is_found():
    rng = np.random.default_rng(7)
    periods = np.repeat(np.arange(8), 100)
    values = rng.normal(size=800) + 0.5 * (periods == 5)
    assert chart(values, periods, 8, Design(800)).outside.tolist() == [at == 5 for at in range(8)]


def test_the_chance_of_a_false_alarm():
    assert pytest.approx(0.0026998, abs=1e-7) == RULE
    assert false_alarm(1) == pytest.approx(RULE)
    assert false_alarm(24) == pytest.approx(1 - (1 - RULE) ** 24)


@pytest.mark.parametrize(
    ("values", "periods", "size"),
    [
        ([], [], 0),
        ([1.0], [0], 1),
        ([1.0, 2.0], [0, 1], 2),  # no spread within periods
        ([3.0, 3.0, 3.0, 3.0], [0, 0, 1, 1], 2),
        ([np.nan, np.nan, 1.0], [0, 0, 1], 2),
        ([1.0, 2.0, 3.0], [0, 0, 2], 3),  # a period without an answer
    ],
)
def test_what_cannot_be_charted_is_none(values, periods, size):
    assert chart(np.array(values), np.array(periods, dtype=int), size, Design(len(values))) is None


def test_rows_without_weight_or_period_do_not_count():
    rng = np.random.default_rng(6)
    values, periods = rng.normal(size=80), np.repeat(np.arange(4), 20)
    weights = rng.uniform(1, 2, 80)
    weights[:3], periods[3:6] = 0, -1
    found = chart(values, periods, 4, design(80, weights))
    again = chart(values[6:], periods[6:], 4, design(74, weights[6:]))
    assert found.n.tolist() == [14, 20, 20, 20]
    assert found.reaches == pytest.approx(again.reaches)
