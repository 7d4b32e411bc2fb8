"""Groups compared: the right test for each measure and design, and nothing of groups too small."""

import numpy as np
import pandas as pd
import pytest

from crmresearch.errors import RequestError
from crmresearch.methods.multiplicity import adjust
from crmresearch.methods.weighting import Design
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.suppression import hidden_groups
from crmresearch.survey import figures
from crmresearch.survey.metrics import difference, headline_measures
from crmresearch.survey.sample import sampling
from crmresearch.survey.segments import compare, distinct, roles, widest_gaps

ALL = "recommend sat1 loy1 effort size"


def differences(found):
    return [item for item in found if "difference" in item.unit]


@pytest.mark.parametrize("keep", [ALL, f"{ALL} weight account"])
def test_every_pair_on_every_measure_by_the_measures_own_method(make, keep):
    survey = make(90, keep=keep)
    found = compare(survey)
    assert len(differences(found)) == 15
    basis, size = sampling(survey), survey.answers["size"]
    for measure in headline_measures(survey):
        item = find(found, f"segment.{measure.key}.size.large-small")
        rows = (size == "Small").to_numpy(), (size == "Large").to_numpy()
        level = 1 - 0.05 / 15
        plain = difference(measure, *rows, key="d", name="d", design=basis, level=level)
        assert (item.value, item.low, item.high) == pytest.approx(
            (plain.value, plain.low, plain.high)
        )
        assert (item.n, item.n_dropped, item.level) == (plain.n, plain.n_dropped, 0.95)
        assert "Bonferroni interval and Holm p for 15 comparisons" in item.method


@pytest.mark.parametrize(("correction", "method"), [("holm", "holm"), ("fdr_bh", "bh")])
def test_p_is_adjusted_over_the_whole_family(make, correction, method):
    survey = make(90, keep=f"{ALL} weight account")
    basis, size = sampling(survey), survey.answers["size"]
    p = []
    for measure in headline_measures(survey):
        for first, second in (("Small", "Medium"), ("Small", "Large"), ("Medium", "Large")):
            rows = (size == first).to_numpy(), (size == second).to_numpy()
            p.append(difference(measure, *rows, key="d", name="d", design=basis).p)
    found = differences(compare(survey, correction=correction))
    assert [item.p for item in found] == pytest.approx(adjust(np.array(p), method=method).tolist())


def shifted(make, shift, n=300, extra=""):
    frame = make(n).answers.copy()
    rng = np.random.default_rng(13)
    for name in ("sat1", "loy1", "effort"):
        frame[name] = rng.normal(4, 1, n) + shift * (frame["size"] == "Large")
    return make(frame=frame, keep=f"sat1 loy1 effort size {extra}".strip())


def test_intervals_of_the_false_coverage_rate_agree_with_their_p(make):
    for shift in (0.0, 0.3, 0.5, 0.8):
        found = differences(compare(shifted(make, shift, extra="weight"), correction="fdr_bh"))
        for item in found:
            assert (item.low > 0 or item.high < 0) == (item.p < 0.05)


def test_holm_finds_whatever_its_intervals_do(make):
    for shift in (0.0, 0.3, 0.5):
        for item in differences(compare(shifted(make, shift, extra="weight"))):
            if item.low > 0 or item.high < 0:
                assert item.p < 0.05


def test_the_family_holds_together(make, monkeypatch):
    """Of families of nine with no true difference about one in twenty has any interval off zero."""
    monkeypatch.setattr("gc.collect", lambda: 0)  # statsmodels collects at every adjustment
    rng = np.random.default_rng(2)
    frame = make(120).answers.copy()
    missed = 0
    for _ in range(150):
        for name in ("sat1", "loy1", "effort"):
            frame[name] = rng.normal(4, 1, 120)
        found = differences(compare(make(frame=frame, keep="sat1 loy1 effort size weight")))
        missed += any(item.low > 0 or item.high < 0 for item in found)
    assert missed / 150 < 0.1


def test_beside_each_difference_is_what_could_have_been_found(make):
    found = compare(make(90, keep="sat1 size weight"))
    pairs = differences(found)
    for item in pairs:
        smallest = find(found, f"{item.key}.detectable")
        reach = (item.high - item.low) / 2
        # both rest on the error at the family's strictest level; 0.84 is the quantile of 80% power
        assert smallest.value > reach
        assert smallest.unit in ("scale points", "percentage points")
        assert "80% power" in smallest.method


def test_the_widest_difference_is_bounded_by_all_pairs(make):
    survey = shifted(make, 1.0)
    found = {item.key: item for item in widest_gaps(survey)}
    assert set(found) == {
        f"segment.{key}.widest" for key in ("satisfied", "satisfaction", "loyalty", "effort")
    }
    widest = found["segment.satisfaction.widest"]
    values, size = survey.answers["sat1"], survey.answers["size"]
    means = values.groupby(size, observed=True).mean()
    assert widest.value == pytest.approx((means.max() - means.min()) / values.std(ddof=0))
    assert 0 < widest.low < widest.value < widest.high
    assert find(list(found.values()), "segment.satisfaction.widest").unit == "SD"


def test_equal_groups_are_bounded_from_zero(make):
    assert all(item.low == 0 for item in widest_gaps(shifted(make, 0.0)))


def test_the_clearest_pair_is_the_claims_interval(make):
    """The widest of one measure is bounded by that measure's pairs, not by the whole family's."""
    survey = make(90, keep="sat1 size")
    alone = find(widest_gaps(survey), "segment.satisfaction.widest")
    beside = find(widest_gaps(make(90, keep=ALL)), "segment.satisfaction.widest")
    assert (alone.low, alone.high) == (beside.low, beside.high)


def test_groups_that_may_not_be_shown_are_not_compared(make):
    frame = make().answers.copy()
    sizes = ["Small"] * 4 + ["Medium"] * 20 + ["Large"] * 36
    frame["size"] = pd.Categorical(sizes, categories=["Small", "Medium", "Large"])
    survey = make(frame=frame, keep="sat1 size")
    assert compare(survey, min_cell=10) == []
    assert widest_gaps(survey, min_cell=10) == []
    assert compare(survey, min_cell=2)


def test_sizes_are_counted_for_each_measure(make):
    """A group may be large enough on one question and too small on another."""
    frame = make().answers.copy()
    frame.loc[(frame["size"] == "Small") & (frame.index > 12), "effort"] = np.nan
    keys = {item.key for item in compare(make(frame=frame, keep="sat1 effort size"), min_cell=10)}
    assert "segment.satisfaction.size.large-small" in keys
    assert not [key for key in keys if key.startswith("segment.effort")]


@pytest.mark.parametrize("keep", ["sat1", "size", "loy1 wave"])
def test_without_both_roles_there_is_nothing(make, keep):
    assert compare(make(keep=keep)) == [] == widest_gaps(make(keep=keep))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 6])
@pytest.mark.parametrize("keep", [ALL, f"{ALL} account weight"])
def test_few_rows_are_no_accident(make, n, keep):
    for item in compare(make(n, keep=keep)) + widest_gaps(make(n, keep=keep)):
        assert not item.low > item.high


@pytest.mark.parametrize("keep", ["sat1 size", "sat1 size weight"])
def test_constant_answers_have_a_difference_and_no_interval(make, keep):
    frame = make().answers.copy()
    frame["sat1"] = 5.0
    found = differences(compare(make(frame=frame, keep=keep)))
    means = [item for item in found if item.unit == "scale difference"]
    assert [item.value for item in means] == pytest.approx([0.0] * 3, abs=1e-12)
    assert all(np.isnan(item.low) for item in means)


def test_all_missing_in_a_group_leaves_the_others(make):
    frame = make().answers.copy()
    frame.loc[frame["size"] == "Small", "sat1"] = np.nan
    found = compare(make(frame=frame, keep="sat1 size"))
    pairs = [item.name for item in found if item.unit == "scale difference"]
    assert pairs == ["Mean satisfaction, Large − Medium"]


def test_several_roles_are_a_family_each(make):
    found = differences(compare(make(90, keep="sat1 size wave"), groups="segment, wave"))
    families = {item.key.split(".")[0]: item.method for item in found}
    assert "for 6 comparisons" in families["segment"]
    assert "for 2 comparisons" in families["wave"]


def test_too_many_groups_are_not_paired(make):
    frame = make(300).answers.copy()
    names = [f"G{at:02}" for at in range(13)]
    frame["size"] = pd.Categorical([names[row % 13] for row in range(300)], categories=names)
    assert compare(make(frame=frame, keep="sat1 size")) == []


def test_a_role_that_makes_no_groups_is_an_error():
    assert roles(" brand,segment, brand ") == ["brand", "segment"]
    with pytest.raises(RequestError) as error:
        roles("segment, account, nonsense")
    assert str(error.value).startswith(
        "groups: found 'account', 'nonsense', which is no role of groups that can be compared. "
        "Name one or more of stratum, branch, stakeholder, wave, brand, industry, segment, channel"
    )


def test_labels_that_read_alike_have_keys_of_their_own(make):
    assert distinct(["A+", "A-", "a"]) == ["a", "a_2", "a_3"]
    frame = make(90).answers.copy()
    frame["size"] = frame["size"].cat.rename_categories({"Small": "A+", "Medium": "A-"})
    keys = [item.key for item in compare(make(frame=frame, keep="sat1 size"))]
    assert len(keys) == len(set(keys))


def test_a_simple_sample_is_compared_as_one(make):
    assert sampling(make(keep="sat1 size")).plain
    assert Design(3).plain
    methods = " ".join(item.method for item in compare(make(90, keep="recommend sat1 size")))
    assert "adjusted Wald" in methods
    assert "Newcombe" in methods
    assert "Welch" in methods


@pytest.mark.parametrize("sizes", [(8, 30, 52), (30, 8, 52), (8, 40, 42), (9, 8, 73), (8, 82, 0)])
def test_neither_a_small_group_nor_its_hidden_partner_is_in_any_difference(make, sizes):
    """Whether by the name, the size of what is compared, or the pair the widest gap names."""
    frame = make(90).answers.copy()
    names = ["Small", "Medium", "Large"]
    frame["size"] = pd.Categorical.from_codes(np.repeat(range(3), sizes), names)
    data = make(frame=frame, keep="recommend sat1 size")
    of = dict(zip(names, sizes, strict=True))
    hidden = hidden_groups(of, 10)
    assert len(hidden) >= 2
    found = compare(data, min_cell=10) + widest_gaps(data, min_cell=10)
    assert not found  # of three groups two are hidden, and one has nothing to be compared with
    four = [*names, "Other"]
    frame["size"] = pd.Categorical.from_codes(np.repeat(range(4), (8, 20, 30, 32)), four)
    found = compare(make(frame=frame, keep="recommend sat1 size"), min_cell=10)
    widest = widest_gaps(make(frame=frame, keep="recommend sat1 size"), min_cell=10)
    assert {item.key.rpartition(".")[2] for item in differences(found)} == {"other-large"}
    assert {item.n for item in differences(found)} == {62}
    assert all("(Other − Large)" in item.method for item in widest)


def test_the_widest_difference_names_its_grouping_as_readers_know_it(make):
    [one] = widest_gaps(make(keep="sat1 size"), groups="segment")[:1]
    assert one.name.endswith(", by Size")
    with style.canvas() as figure:
        figures.groups.widest([one], figure)
        assert "By Size" in {text.get_text() for text in figure.axes[0].texts}
