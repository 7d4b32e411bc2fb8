"""Kano's table, coefficients and tests: against printed numbers, by simulation, awkward input."""

import numpy as np
import pytest
from scipy import stats

from crmresearch.methods import kano
from crmresearch.methods.weighting import design
from crmresearch.report.estimates import find

LIKE, MUST, NEUTRAL, LIVE, DISLIKE = 1, 2, 3, 4, 5
PRINTED = {  # functional: categories by dysfunctional, as Berger et al. print them
    LIKE: "QAAAO",
    MUST: "RIIIM",
    NEUTRAL: "RIIIM",
    LIVE: "RIIIM",
    DISLIKE: "RRRRQ",
}


def codes_of(counts: str) -> np.ndarray:
    """Counts of M O A I R Q as one code a respondent."""
    return np.repeat(np.arange(6), [int(count) for count in counts.split()])


def told(codes: np.ndarray, basis=None, *, level: float = 0.95, seed: int = 1) -> list:
    basis = basis or design(len(codes))
    rng = np.random.default_rng(seed)
    chances = kano.probabilities({"x": codes}, rng=rng, design=basis, resamples=400)["x"]
    return kano.estimates(codes, chances, attribute="x", name="X", design=basis, level=level)


def letters(functional, dysfunctional, **settings) -> str:
    return "".join(
        kano.CATEGORIES[code] for code in kano.classify(functional, dysfunctional, **settings)
    )


@pytest.mark.parametrize("functional", PRINTED)
def test_the_table_is_the_printed_one(functional):
    across = np.arange(1.0, 6.0)
    assert letters(np.full(5, float(functional)), across) == PRINTED[functional]


def test_the_variant_doubts_two_more_pairs():
    functional, dysfunctional = (axis.ravel() for axis in np.indices((5, 5)) + 1.0)
    standard = letters(functional, dysfunctional)
    variant = letters(functional, dysfunctional, table="pouliot")
    differ = [at for at in range(25) if standard[at] != variant[at]]
    assert [(functional[at], dysfunctional[at]) for at in differ] == [(MUST, MUST), (LIVE, LIVE)]
    assert {variant[at] for at in differ} == {"Q"}


def test_half_a_pair_and_strange_answers_have_no_category():
    functional = np.array([1.0, np.nan, np.nan, 1.0, 0.0, 6.0, 1.5, np.inf, -4.0])
    dysfunctional = np.array([np.nan, 5.0, np.nan, 5.0, 5.0, 5.0, 5.0, 1.0, 5.0])
    assert kano.classify(functional, dysfunctional).tolist() == [-1, -1, -1, 1, -1, -1, -1, -1, -1]
    assert len(kano.classify(np.array([]), np.array([]))) == 0


@pytest.mark.parametrize(
    ("counts", "better", "worse", "decided"),
    [
        ("3 1 3 9 7 2", 0.25, -0.25, False),
        ("18 5 1 1 1 1", 0.24, -0.92, True),
        ("3 11 6 6 1 0", 0.6538, -0.5385, False),
        ("8 15 1 2 0 0", 0.6154, -0.8846, None),
        ("2 3 16 1 5 0", 0.8636, -0.2273, None),
    ],
)
def test_printed_examples(counts, better, worse, decided):
    found = told(codes_of(counts))
    assert find(found, "kano.better.x").value == pytest.approx(better, abs=5e-5)
    assert find(found, "kano.worse.x").value == pytest.approx(worse, abs=5e-5)
    if decided is not None:
        assert (find(found, "kano.fong.x").value >= 1) is decided


def test_all_reverse_has_no_coefficients():
    found = told(codes_of("0 0 0 0 27 0"))
    for key in ("kano.better.x", "kano.worse.x"):
        assert np.isnan(find(found, key).value)
        assert np.isnan(find(found, key).low)
        assert find(found, key).n == 0
    assert find(found, "kano.share.R.x").value == 1
    assert find(found, "kano.chance.R.x").value == 1
    assert find(found, "kano.strength.x").value == 1
    assert find(found, "kano.total.x").value == 0


def test_the_tie_rule_decides_only_close_frequencies():
    assert kano.CATEGORIES[kano.ruled(np.array([0.27, 0.0, 0.33, 0.4, 0.0, 0.0]))] == "I"
    assert kano.CATEGORIES[kano.ruled(np.array([0.0, 0.1, 0.42, 0.48, 0.0, 0.0]))] == "A"
    assert kano.CATEGORIES[kano.ruled(np.array([0.31, 0.32, 0.0, 0.37, 0.0, 0.0]))] == "M"
    assert kano.CATEGORIES[kano.ruled(np.array([0.48, 0.0, 0.0, 0.0, 0.52, 0.0]))] == "R"
    strength = find(told(codes_of("0 5 21 24 0 0")), "kano.strength.x")
    assert strength.value == pytest.approx(0.06)
    assert "M > O > A > I attractive" in strength.method
    assert "M > O" not in find(told(codes_of("0 5 20 25 0 0")), "kano.strength.x").method


def test_probabilities_are_those_of_the_multinomial():
    codes = codes_of("55 0 45 0 0 0")
    rng = np.random.default_rng(3)
    found = kano.probabilities({"x": codes}, rng=rng, design=design(100), resamples=40_000)["x"]
    exact = stats.binom.sf(50, 100, 0.55) + stats.binom.pmf(50, 100, 0.55) / 2
    assert found[0] == pytest.approx(exact, abs=0.008)  # four standard errors
    assert found.sum() == pytest.approx(1)
    assert found[[1, 3, 4, 5]].tolist() == [0, 0, 0, 0]


def test_clusters_that_agree_make_the_first_category_less_sure():
    codes = codes_of("60 0 40 0 0 0")
    alone = told(codes)
    clusters = np.repeat(np.arange(10), 10)  # all of one account answer alike
    together = told(codes, design(100, clusters=clusters))
    assert find(together, "kano.chance.M.x").value < find(alone, "kano.chance.M.x").value - 0.1
    wide, narrow = (find(some, "kano.better.x") for some in (together, alone))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_weights_move_shares_and_not_fongs_counts():
    codes = codes_of("60 0 40 0 0 0")
    weights = np.where(codes == 0, 1.0, 3.0)
    found = told(codes, design(100, weights))
    assert find(found, "kano.share.A.x").value == pytest.approx(120 / 180)
    assert find(found, "kano.better.x").value == pytest.approx(120 / 180)
    assert find(found, "kano.chance.A.x").value > 0.95
    assert find(found, "kano.fong.x").value < 0  # fewer people than must-be, though more weight


def test_those_without_a_weight_do_not_count():
    codes = codes_of("6 4 3 2 1 1")
    weights = np.linspace(1, 2, 17)
    more = np.concatenate([codes, np.zeros(9, int)])
    assert [(x.value, x.n) for x in told(codes, design(17, weights))] == [
        (pytest.approx(x.value, nan_ok=True), x.n)
        for x in told(more, design(26, np.concatenate([weights, np.zeros(9)])))
    ]


@pytest.mark.parametrize("counts", ["1 0 0 0 0 0", "0 0 0 0 0 1", "0 0 0 0 0 30", "30 0 0 0 0 0"])
def test_one_person_or_one_category(counts):
    codes = codes_of(counts)
    for basis in (None, design(len(codes), clusters=np.zeros(len(codes)))):
        found = told(codes, basis)
        assert find(found, f"kano.share.{kano.CATEGORIES[codes[0]]}.x").value == 1
        for item in found:
            assert not item.low > item.value + 1e-12
            assert not item.high < item.value - 1e-12


def test_nobody_answered():
    found = told(np.full(8, -1))
    assert all(np.isnan(item.value) for item in found)
    assert find(found, "kano.fong.x") is None


def test_an_attribute_that_nobody_answered_beside_one_that_all_did():
    codes = {"x": codes_of("5 5 0 0 0 0"), "y": np.full(10, -1)}
    for basis in (design(10), design(10, clusters=np.arange(10) // 2)):
        rng = np.random.default_rng(0)
        found = kano.probabilities(codes, rng=rng, design=basis, resamples=200)
        assert np.isnan(found["y"]).all()
        assert found["x"].sum() == pytest.approx(1)


def covered(*, accounts: int, runs: int, seed: int) -> np.ndarray:
    """How often the intervals of CS+ and CS- hold the truth; accounts of three share a mood."""
    rng = np.random.default_rng(seed)
    likes = np.array([[0.5, 0.1, 0.2, 0.15, 0.03, 0.02], [0.1, 0.3, 0.2, 0.35, 0.03, 0.02]])
    truth = likes.mean(axis=0)[:4]
    better, worse = truth[[1, 2]].sum() / truth.sum(), -truth[[0, 1]].sum() / truth.sum()
    inside = []
    for _ in range(runs):
        mood = np.repeat(rng.integers(2, size=accounts), 3)
        codes = (rng.random(len(mood))[:, None] > likes[mood].cumsum(axis=1)).sum(axis=1)
        codes = np.minimum(codes, 5)
        weights = rng.uniform(0.5, 2, len(mood))
        basis = design(len(mood), weights, clusters=np.arange(len(mood)) // 3)
        found = kano.coefficients(codes, attribute="x", name="X", design=basis)
        pairs = zip(found, (better, worse), strict=True)
        inside.append([item.low <= value <= item.high for item, value in pairs])
    return np.mean(inside, axis=0)


def test_intervals_hold_under_weights_and_clusters():
    held = covered(accounts=60, runs=400, seed=5)
    assert (held > 0.92).all()
    assert (held < 0.98).all()


@pytest.mark.slow
@pytest.mark.parametrize("accounts", [30, 200])
def test_intervals_hold_in_many_surveys(accounts):
    held = covered(accounts=accounts, runs=4000, seed=6)
    assert (held > 0.935).all()
    assert (held < 0.965).all()
