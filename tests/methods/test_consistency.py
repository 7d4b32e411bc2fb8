"""Checks of printed statistics: never a flag on what is true, always one on what cannot be."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from crmresearch.methods import granularity
from crmresearch.methods.consistency import CLASHES, FITS, OPEN, Statistics, checks
from crmresearch.methods.printed import Range, printed

ROUNDINGS = (
    lambda x, d: f"{x:.{d}f}",  # to even, as machines do
    lambda x, d: f"{math.floor(x * 10**d + 0.5) / 10**d:.{d}f}",  # halves up
    lambda x, d: f"{math.ceil(x * 10**d - 0.5) / 10**d:.{d}f}",  # halves down
)


def verdicts(**fields) -> dict[str, str]:
    """Check to verdict of statistics given as texts and numbers."""
    texts = {name: printed(x) if isinstance(x, str) else x for name, x in fields.items()}
    return {item.what: item.verdict for item in checks(Statistics(label="x", **texts))}


@pytest.mark.parametrize(
    ("text", "low", "high", "decimals"),
    [
        ("-4.87", -4.875, -4.865, 2),
        ("−4.87", -4.875, -4.865, 2),
        (".05", 0.045, 0.055, 2),
        ("12", 11.5, 12.5, 0),
        ("12.", 11.5, 12.5, 0),
        ("+3.0", 2.95, 3.05, 1),
        ("37%", 36.5, 37.5, 0),
        ("< .001", 0.0, 0.001, 3),
        ("> .05", 0.05, math.inf, 2),
    ],
)
def test_a_printed_number_stands_for_all_that_round_to_it(text, low, high, decimals):
    found = printed(text)
    assert (found.range.low, found.range.high) == (pytest.approx(low), pytest.approx(high))
    assert (found.text, found.decimals) == (text, decimals)


@pytest.mark.parametrize(
    "text", ["", " ", "n.s.", "1,000", "1.2.3", "--1", "=1+1", ".", "1e3", "٣", "9" * 40, "<", "%"]
)
def test_what_is_no_printed_number_is_not_read(text):
    assert printed(text) is None


def test_lost_zeros_are_given_back():
    assert printed("2.5", decimals=2).range == Range(2.495, 2.505)
    assert printed("2.50", decimals=1).decimals == 2


def feasible_means(n: int, items: int, low: int, high: int, decimals: int) -> set[str]:
    """Every mean that people with whole-number answers can print, by enumeration of all sums."""
    return {
        way(total / (n * items), decimals)
        for total in range(low * n * items, high * n * items + 1)
        for way in ROUNDINGS
    }


@pytest.mark.parametrize(("n", "items", "decimals"), [(7, 1, 2), (12, 3, 2), (28, 1, 2), (9, 1, 1)])
def test_grim_agrees_with_every_sum(n, items, decimals):
    can = feasible_means(n, items, 1, 7, decimals)
    texts = [f"{cent / 10**decimals:.{decimals}f}" for cent in range(8 * 10**decimals)]
    found = {
        text
        for text in texts
        if granularity.mean_possible(printed(text), n, items, (1, 7)) is not False
    }
    if n * items < 10**decimals:
        assert found == can & set(texts)
    else:
        assert found >= can & set(texts)


def test_grim_says_when_it_cannot_tell():
    assert granularity.mean_possible(printed("3.44"), 99) is True
    assert granularity.mean_possible(printed("3.44"), 100) is None
    assert granularity.mean_possible(printed("7.44"), 100, 1, (1, 7)) is False


@pytest.mark.parametrize(
    ("n", "low", "high"), [(2, 1, 7), (3, 1, 7), (4, 1, 5), (5, 1, 4), (6, 1, 3)]
)
def test_grimmer_passes_every_sample_there_is(n, low, high):
    """Every multiset of answers, rounded in every way: none is called impossible."""
    possible = set()
    for answers in itertools.combinations_with_replacement(range(low, high + 1), n):
        values = np.array(answers, dtype=float)
        for way in ROUNDINGS:
            possible.add((way(values.mean(), 2), way(values.std(ddof=1), 2)))
    for mean, sd in possible:
        found = granularity.spread_possible(
            printed(mean).range, printed(sd).range, n, 1, (low, high)
        )
        assert found is True, (mean, sd)
    for mean in {mean for mean, _ in possible}:
        told = granularity.spread(printed(mean).range, n, (low, high))
        widest = max(float(sd) for other, sd in possible if other == mean)
        assert told.high >= widest - 0.005


def test_grimmer_flags_most_of_what_cannot_be():
    """Against enumeration for five people: of the impossible pairs nearly all are found."""
    possible, n = set(), 5
    for answers in itertools.combinations_with_replacement(range(1, 8), n):
        values = np.array(answers, dtype=float)
        possible |= {(w(values.mean(), 2), w(values.std(ddof=1), 2)) for w in ROUNDINGS}
    means = {mean for mean, _ in possible}
    wrong = [
        (mean, f"{cent / 100:.2f}")
        for mean in means
        for cent in range(0, 330, 3)
        if (mean, f"{cent / 100:.2f}") not in possible
    ]
    told = [
        granularity.spread_possible(printed(m).range, printed(s).range, n, 1, (1, 7))
        for m, s in wrong
    ]
    assert np.mean([x is False for x in told]) > 0.98


def test_grimmer_of_several_items_passes_true_samples():
    rng = np.random.default_rng(1)
    for _ in range(300):
        n, items = int(rng.integers(2, 40)), int(rng.integers(1, 5))
        scores = rng.integers(1, 8, (n, items)).mean(axis=1)
        mean, sd = f"{scores.mean():.2f}", f"{scores.std(ddof=1):.2f}"
        found = granularity.spread_possible(
            printed(mean).range, printed(sd).range, n, items, (1, 7)
        )
        assert found is True


def test_percentages_agree_with_every_count():
    for n in (3, 17, 40, 99):
        can = {way(100 * count / n, 0) for count in range(n + 1) for way in ROUNDINGS}
        found = {
            str(share)
            for share in range(101)
            if granularity.percentage_possible(printed(str(share)), n) is not False
        }
        assert found == can
    assert granularity.percentage_possible(printed("33"), 100) is None
    assert granularity.percentage_possible(printed("101"), 500) is False


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy, of a group that does not vary
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 60),
    n2=st.integers(2, 60),
    decimals=st.integers(1, 4),
    way=st.sampled_from(range(3)),
    level=st.sampled_from([0.9, 0.95, 0.99]),
    welch=st.booleans(),
)
@settings(max_examples=120, deadline=None)
def test_two_true_samples_are_never_flagged(seed, n, n2, decimals, way, level, welch):
    rng = np.random.default_rng(seed)
    one, two = (np.clip(np.rint(rng.normal(4, 1.5, size)), 1, 7) for size in (n, n2))
    if one.std() + two.std() == 0:
        return
    test = stats.ttest_ind(one, two, equal_var=not welch)
    gap = one.mean() - two.mean()
    low, high = test.confidence_interval(level)
    df = n + n2 - 2
    pooled = (((n - 1) * one.var(ddof=1) + (n2 - 1) * two.var(ddof=1)) / df) ** 0.5
    numbers = {
        "mean": one.mean(), "sd": one.std(ddof=1), "mean2": two.mean(), "sd2": two.std(ddof=1),
        "estimate": gap, "low": low, "high": high, "t": test.statistic, "p": test.pvalue,
        "df": test.df,
    }  # fmt: skip
    if pooled > 0:
        numbers["d"] = gap / pooled
    texts = {name: ROUNDINGS[way](value, decimals) for name, value in numbers.items()}
    if seed % 2:
        del texts["df"]
    if seed % 3 == 0:
        del texts["t"]
    found = verdicts(n=n, n2=n2, items=1, scale=(1.0, 7.0), level=level, **texts)
    assert CLASHES not in found.values(), {k: v for k, v in found.items() if v == CLASHES}


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(2, 200),
    decimals=st.integers(1, 4),
    way=st.sampled_from(range(3)),
)
@settings(max_examples=120, deadline=None)
def test_one_true_sample_is_never_flagged(seed, n, decimals, way):
    rng = np.random.default_rng(seed)
    values = np.clip(np.rint(rng.normal(0.3, 1.5, n)), -3, 3)
    if values.std() == 0:
        return
    test = stats.ttest_1samp(values, 0)
    low, high = test.confidence_interval(0.95)
    sd = values.std(ddof=1)
    numbers = {
        "sd": sd, "se": sd / n**0.5, "low": low, "high": high, "t": test.statistic,
        "p": test.pvalue, "d": values.mean() / sd,
    }  # fmt: skip
    numbers["estimate" if seed % 2 else "mean"] = values.mean()
    texts = {name: ROUNDINGS[way](value, decimals) for name, value in numbers.items()}
    found = verdicts(n=n, items=1, scale=(-3.0, 3.0), **texts)
    assert CLASHES not in found.values(), {k: v for k, v in found.items() if v == CLASHES}


@given(
    f=st.floats(0.01, 30),
    one=st.integers(1, 8),
    two=st.integers(2, 400),
    decimals=st.integers(1, 4),
)
@example(f=2.0, one=1, two=14, decimals=4)  # p is largest within the range of one
@settings(max_examples=60, deadline=None)
def test_a_true_f_test_is_never_flagged(f, one, two, decimals):
    p = stats.f.sf(f, one, two)
    texts = {"f": f"{f:.{decimals}f}", "p": f"{p:.{decimals}f}", "df": str(one), "df2": str(two)}
    assert CLASHES not in verdicts(**texts).values()


def test_slips_are_flagged():
    assert verdicts(estimate="-.18", low="-.23", high="-.13", t="-4.87", n=386) == {
        "estimate in the middle of its interval": FITS,
        "t from the estimate and its interval": CLASHES,
    }
    assert verdicts(t="2.20", df="28", p=".001") == {"p from t": CLASHES}
    assert verdicts(f="3.50", df="2", df2="57", p=".004") == {"p from F": CLASHES}
    assert verdicts(estimate="0.50", low="0.20", high="0.60") == {
        "estimate in the middle of its interval": CLASHES
    }
    assert verdicts(n=30, mean="5.19", sd="1.20", items=1) == {
        "mean of whole-number answers (GRIM)": CLASHES
    }
    assert verdicts(n=30, mean="5.20", sd="3.60", scale=(1.0, 7.0)) == {
        "mean on its scale": FITS,
        "SD on its scale": CLASHES,
    }
    assert verdicts(n=40, percentage="34") == {"percentage of n people": CLASHES}
    groups = {"n": 30, "mean": "5.00", "sd": "1.00", "n2": 30, "mean2": "4.00", "sd2": "1.00"}
    assert verdicts(**groups, t="2.10")["t from the two groups"] == CLASHES
    assert verdicts(**groups, t="3.87", d="0.50") == {
        "t from the two groups": FITS,
        "d from the two groups": CLASHES,
    }
    assert verdicts(n=25, sd="2.00", se="0.20") == {"standard error from SD and n": CLASHES}


def test_what_is_not_known_is_left_open():
    assert verdicts(t="2.20", p=".04") == {"p from t": OPEN}
    assert (
        verdicts(estimate="1.0", low="0.5", high="1.5", t="4.0")[
            "t from the estimate and its interval"
        ]
        == OPEN
    )
    assert verdicts(f="3.5", p=".04", df="2") == {"p from F": OPEN}
    assert verdicts(n=500, mean="5.19", items=2) == {"mean of whole-number answers (GRIM)": OPEN}
    assert (
        verdicts(estimate="0.1", low="0.1", high="0.1", t="4", n=50)[
            "t from the estimate and its interval"
        ]
        == OPEN
    )  # the ends agree as printed, so the standard error may be next to nothing
    assert verdicts(t="1.80", df="28", p=".041") == {"p from t": OPEN}  # one-sided


def test_nothing_printed_is_nothing_checked():
    assert checks(Statistics(label="x")) == []
    assert checks(Statistics(label="x", n=1, mean=printed("3"), sd=printed("0"), n2=1)) == []


def test_odd_numbers_break_nothing():
    for fields in (
        {"n": 1, "mean": "3.00", "sd": "0.00", "items": 1, "scale": (1.0, 7.0)},
        {"n": 2, "mean": "3.00", "sd": "0.00", "n2": 2, "mean2": "3.00", "sd2": "0.00", "t": "0"},
        {"estimate": "0", "low": "0", "high": "0", "t": "0", "n": 5, "p": "1.00", "se": "0"},
        {"t": "0.00", "df": "0.0", "p": "1.00"},
        {"f": "0.00", "df": "1", "df2": "0", "p": "1.00"},
        {"n": 10**9, "mean": "3.00", "sd": "1.00", "items": 50, "scale": (1.0, 7.0)},
        {"n": 1, "n2": 1, "t": "1.0", "d": "1.0"},
        {"t": "99999999", "df": "1", "p": ".000"},
    ):
        verdicts(**fields)
