"""The synthesis over groups and over published reports."""

import dataclasses
import json
import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.errors import DataError, RequestError
from crmresearch.methods import meta
from crmresearch.methods.regression import contrast, ordinary_least_squares
from crmresearch.recovery import contrasts, synthesis
from crmresearch.recovery.figures import synthesis as figures
from crmresearch.recovery.headlines import synthesis as headlines
from crmresearch.recovery.pooling import standard_error
from crmresearch.report.downloads import estimates_csv
from crmresearch.report.estimates import Estimate, find
from crmresearch.report.suppression import suppress

BRANDS = ("Aster", "Boreal", "Cirrus", "Dorado")
PREFIX = "synthesis.loyalty.delighted"


@pytest.fixture(scope="session")
def pleased(make_world):
    """A world in which a third of the complainers are delighted, which does nothing for them."""

    def make(seed: int, n: int = 3000) -> dict[str, np.ndarray]:
        made = make_world(seed, n)
        made["recovery_satisfaction"] = np.clip(made["recovery_satisfaction"] + 2, 1, 7)
        return made

    return make


@pytest.fixture(scope="module")
def branded(cases, pleased):
    """Four brands, in the last of which complainers end 0.6 points lower."""
    world = pleased(8, 6000)
    brand = np.random.default_rng(8).choice(BRANDS, 6000)
    world["loyalty"] = world["loyalty"] - 0.6 * (brand == "Dorado") * (world["complained"] == 1)
    return cases(**world, brand=brand)


@pytest.fixture(scope="module")
def found(branded):
    return synthesis.groups(branded, branded.outcomes[0], across="brand")


def test_each_brand_has_the_contrast_of_its_own_customers(branded, found, cases):
    main = branded.outcomes[0]
    answers = branded.answers.answers
    for name in BRANDS:
        rows = (answers["brand"] == name).to_numpy()
        alone = cases(
            **{
                column: answers.loc[rows, column].to_numpy()
                for column in answers
                if column != "brand"
            }
        )
        expected = find(contrasts.compare(alone, main), "paradox.loyalty.delighted.adjusted")
        got = find(found.estimates, f"{PREFIX}.effect", f"brand: {name}")
        assert_allclose(
            [got.value, got.low, got.high], [expected.value, expected.low, expected.high]
        )


def test_the_synthesis_is_that_of_the_brands_shown(found):
    parts = [item for item in found.estimates if item.key == f"{PREFIX}.effect"]
    assert [item.group for item in parts] == [f"brand: {name}" for name in BRANDS]
    effects = [item.value for item in parts]
    variances = [standard_error(item) ** 2 for item in parts]
    pooled = meta.pool(effects, variances)
    mean = find(found.estimates, f"{PREFIX}.mean")
    assert_allclose((mean.value, mean.low, mean.high), (pooled.mean, *pooled.interval()))
    ahead = find(found.estimates, f"{PREFIX}.predicted")
    assert_allclose((ahead.low, ahead.high), pooled.prediction())
    weights = [item.value for item in found.estimates if item.key == f"{PREFIX}.weight"]
    assert sum(weights) == pytest.approx(1)
    left = [item for item in found.estimates if item.key == f"{PREFIX}.without"]
    assert len(left) == 4
    assert_allclose(left[0].value, meta.pool(effects[1:], variances[1:]).mean)
    assert mean.n == sum(item.n for item in parts)


def test_the_brand_that_differs_shows_in_the_variation(found):
    test = find(found.estimates, f"{PREFIX}.test")
    between = find(found.estimates, f"{PREFIX}.between")
    assert test.p < 0.001
    assert 0.1 < between.low < between.value < between.high
    assert "factor at least 1" in find(found.estimates, f"{PREFIX}.mean").method
    assert [item.key for item in found.caveats] == ["synthesis.few"]


@pytest.mark.parametrize("df", [None, 1.0, 7.0, 29.5])
@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("slope", [1.0, 0.02, -0.2])
def test_the_standard_error_is_taken_back_from_interval_and_p(clustered, df, slope):
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(60), 5)
    x = pd.DataFrame({"x": rng.normal(size=300)})
    fit = ordinary_least_squares(
        slope * x["x"] + rng.normal(size=300), x, cluster=group if clustered else None
    )
    fit = fit if df is None else dataclasses.replace(fit, df=df)
    item = contrast(fit, {"x": 1.0}, key="k", name="n")
    exact = float(fit.covariance[1, 1]) ** 0.5
    assert_allclose(standard_error(item), exact, rtol=1e-6)
    if df is None:  # without p from the clusters or rows alone
        assert_allclose(standard_error(dataclasses.replace(item, p=math.nan)), exact, rtol=1e-6)
    assert math.isnan(standard_error(dataclasses.replace(item, low=math.nan, high=math.nan)))


def test_combinations_of_two_roles_are_groups(cases, pleased):
    rng = np.random.default_rng(5)
    world = pleased(5, 6000)
    customers = cases(
        **world, brand=rng.choice(["A", "B"], 6000), wave=rng.choice(["2025", "2026"], 6000)
    )
    made = synthesis.groups(customers, customers.outcomes[0], across="brand x wave")
    parts = [item.group for item in made.estimates if item.key.endswith(".effect")]
    assert parts == [f"brand and wave: {b}, {w}" for b in "AB" for w in ("2025", "2026")]


def test_a_role_that_is_absent_is_said_in_one_line(customers):
    made = synthesis.groups(customers, customers.outcomes[0], across="brand")
    assert made.estimates == []
    assert made.caveats == []
    assert headlines.groups([]).startswith("Not in these data: ")


def test_one_group_is_not_synthesised(cases, make_world):
    customers = cases(**make_world(1), brand=np.repeat("Aster", 3000))
    assert synthesis.groups(customers, customers.outcomes[0]).estimates == []


def test_a_small_group_is_left_out_with_what_would_give_it_away(cases, pleased):
    """Five delighted complainers of one brand could be had from the whole less the other brands."""
    world = pleased(2, 6000)
    delighted = np.flatnonzero(
        (world["complained"] == 1) & (np.nan_to_num(world["recovery_satisfaction"]) >= 5.8)
    )
    rng = np.random.default_rng(2)
    brand = rng.choice(["Aster", "Boreal", "Cirrus"], 6000).astype(object)
    brand[delighted[:5]] = "Small"
    brand[rng.choice(np.flatnonzero(world["problem"] == 0), 100, replace=False)] = "Small"
    customers = cases(**world, brand=brand)
    made = synthesis.groups(customers, customers.outcomes[0])
    parts = {item.group for item in made.estimates if item.key.endswith("delighted.effect")}
    assert len(parts) == 2
    assert "brand: Small" not in parts
    assert "2 groups of brand left out" in made.note
    shown, hidden = suppress(made.estimates, 10)
    assert hidden == 0
    assert shown


def test_a_wider_contrast_stands_in_where_the_narrowest_is_too_rare(cases, pleased):
    """Six delighted in each brand: that contrast is hidden, and so is what would reveal them."""
    world = pleased(4, 4000)
    rare = world["recovery_satisfaction"] >= 5.8
    world["recovery_satisfaction"] = np.where(rare, 5.0, world["recovery_satisfaction"])
    world["recovery_satisfaction"][np.flatnonzero(rare)[:12]] = 6.5
    customers = cases(**world, brand=np.random.default_rng(4).choice(["A", "B"], 4000))
    made = synthesis.groups(customers, customers.outcomes[0])
    assert {item.key.split(".")[2] for item in made.estimates} == {"complainers"}


def test_people_in_several_waves_are_a_caveat(cases, make_world):
    world = make_world(6, 3000)
    person = np.tile(np.arange(1500), 2).astype(str)
    customers = cases(**world, wave=np.repeat(["2025", "2026"], 1500), person=person)
    made = synthesis.groups(customers, customers.outcomes[0], across="wave")
    [caveat] = [item for item in made.caveats if item.key == "synthesis.shared"]
    assert caveat.text.startswith("100.0% of the answers in the synthesis over wave come from a p")


def test_missing_groups_and_answers_do_no_harm(cases, make_world):
    world = make_world(7, 3000)
    rng = np.random.default_rng(7)
    brand = rng.choice(["A", "B", None], 3000)
    world["loyalty"][rng.random(3000) < 0.2] = np.nan
    customers = cases(**world, brand=brand)
    made = synthesis.groups(customers, customers.outcomes[0])
    assert {item.group for item in made.estimates if item.group} == {"brand: A", "brand: B"}
    world["loyalty"][:] = np.nan
    empty = cases(**world, brand=brand)
    assert synthesis.groups(empty, empty.outcomes[0]).estimates == []


@pytest.mark.slow
def test_intervals_over_brands_hold_the_truth_by_simulation(cases, pleased):
    """Three brands that do not differ: resolving gives back 0.7 of 0.8 points, delight no more."""
    replicates, held, widths = 400, 0, []
    for seed in range(replicates):
        world = pleased(seed, 1500)
        brand = np.random.default_rng(seed).choice(["A", "B", "C"], 1500)
        world["loyalty"] = world["loyalty"] + 0.8 * world["problem"]
        world["loyalty"] -= 0.7 * np.nan_to_num(world["resolved"])
        customers = cases(**world, brand=brand)
        made = synthesis.groups(customers, customers.outcomes[0])
        [mean] = [item for item in made.estimates if item.key.endswith(".mean")]
        held += mean.low <= 0 <= mean.high
        widths.append(mean.high - mean.low)
    assert held / replicates > 0.95  # three brands: the factor of at least 1 makes it cautious
    assert np.median(widths) < 2


# Reports


def report(folder, key: str, estimates: list[Estimate], **fields) -> None:
    place = folder / key
    place.mkdir(parents=True)
    about = {"key": key, "study": "recovery", "data": key.capitalize(), "data_sha256": key} | fields
    (place / "report.json").write_text(json.dumps(about))
    (place / "estimates.csv").write_text(estimates_csv(estimates))


def of(value: float, low: float, high: float, **fields) -> Estimate:
    shown = {"key": "paradox.loyalty.delighted.adjusted", "unit": "SD", "n": 500}
    shown |= {
        "name": "delighted − no problem, adjusted",
        "method": "m, cluster-robust (80 clusters)",
    }
    return Estimate(**shown | {"value": value, "low": low, "high": high} | fields)


@pytest.fixture
def folder(tmp_path):
    report(tmp_path, "france", [of(0.1, -0.1, 0.3)])
    report(tmp_path, "spain", [of(0.3, 0.0, 0.6, level=0.9, method="HC3 errors")])
    return tmp_path


def own(customers) -> list[Estimate]:
    return contrasts.compare(customers, customers.outcomes[0])


def test_reports_are_pooled_with_this_one(customers, folder):
    gaps = own(customers)
    made = synthesis.runs(customers, customers.outcomes[0], gaps, folder=str(folder))
    parts = [item for item in made.estimates if item.key == "runs.loyalty.delighted.effect"]
    assert [item.group for item in parts] == [
        "report: this one", "report: France", "report: Spain",
    ]  # fmt: skip
    errors = [standard_error(item) for item in parts]
    assert_allclose(errors[1], 0.2 / 1.990450, rtol=1e-6)  # qt(.975, 79)
    assert_allclose(errors[2], 0.3 / 1.647919, rtol=1e-6)  # qt(.95, 498)
    pooled = meta.pool([item.value for item in parts], np.square(errors))
    assert_allclose(find(made.estimates, "runs.loyalty.delighted.mean").value, pooled.mean)
    assert "over 3 reports" in headlines.runs(made.estimates, str(folder))
    assert [item.key for item in made.caveats] == ["runs.few"]


def test_without_a_folder_nothing_is_read(customers):
    made = synthesis.runs(customers, customers.outcomes[0], own(customers), folder="")
    assert made == synthesis.Synthesis()
    assert "No other reports were named" in headlines.runs([], "")


def test_reports_without_the_contrast_and_of_these_data_are_told(customers, folder):
    report(folder, "italy", [of(0.1, 0.0, 0.2, key="paradox.loyalty.failures.raw")])
    report(folder, "norway", [of(0.1, 0.0, 0.2, unit="share difference")])
    report(folder, "peru", [of(0.1, 0.0, 0.2, method="(1 clusters)")])
    report(folder, "tonga", [of(0.1, -1e300, 1e300)])
    report(folder, "zambia", [of(0.1, 0.1, 0.1)])
    report(folder, "survey", [], study="survey")
    same = dataclasses.replace(
        customers, answers=dataclasses.replace(customers.answers, source={"sha256": "spain"})
    )
    made = synthesis.runs(same, customers.outcomes[0], own(customers), folder=str(folder))
    parts = [item.group for item in made.estimates if item.key.endswith(".effect")]
    assert parts == ["report: this one", "report: France"]
    assert made.note == (
        "Without this contrast, and so left out: Italy, Norway, Peru, Tonga, Zambia. "
        "A report made from these same data was passed over."
    )


def test_labels_tell_reports_of_one_title_apart(customers, tmp_path):
    for key in ("a", "b"):
        report(tmp_path, key, [of(0.1, -0.1, 0.3)], data="Customers")
    made = synthesis.runs(customers, customers.outcomes[0], own(customers), folder=str(tmp_path))
    groups = {item.group for item in made.estimates if item.key.endswith(".effect")}
    assert groups == {"report: this one", "report: Customers (a)", "report: Customers (b)"}


def test_a_folder_that_is_not_there_or_holds_none_is_refused(customers, tmp_path):
    with pytest.raises(RequestError, match="there is no folder of reports 'nowhere'"):
        synthesis.runs(customers, customers.outcomes[0], [], folder="nowhere")
    with pytest.raises(DataError, match="found no report"):
        synthesis.runs(customers, customers.outcomes[0], [], folder=str(tmp_path))


# Drawing and wording


def test_the_forest_shows_every_group_the_mean_and_the_prediction(found):
    figure = Figure()
    caption = figures.forest(zone=0.2)(found.estimates, figure)
    [ax] = figure.axes
    labels = [text.get_text().partition("  (")[0] for text in ax.get_yticklabels()]
    assert labels == [*BRANDS, "mean of all", "one more like these"]
    mean = find(found.estimates, f"{PREFIX}.mean")
    corners = [patch.get_xy() for patch in ax.patches if len(patch.get_xy()) >= 4]
    assert any(np.isclose(xy[:, 0].min(), mean.low) for xy in corners)
    sizes = [line.get_markersize() for line in ax.lines if line.get_marker() == "s"]
    weights = [item.value for item in found.estimates if item.key.endswith(".weight")]
    assert np.argmax(sizes) == np.argmax(weights)
    assert str(mean) in caption
    assert "within 0.20 SD of no difference" in caption


def test_two_groups_predict_nothing(cases, make_world):
    brand = np.random.default_rng(1).choice(["A", "B"], 3000)
    customers = cases(**make_world(1), brand=brand)
    made = synthesis.groups(customers, customers.outcomes[0])
    figure = Figure()
    figures.forest(zone=0.2)(made.estimates, figure)
    assert "needs three" in [text.get_text() for text in figure.axes[0].texts]
    assert headlines.groups(made.estimates).endswith("two do not tell what one more would show.")
    assert not [item for item in made.estimates if item.key.endswith(".without")]


def test_nothing_is_drawn_of_nothing():
    figure = Figure()
    assert figures.forest(zone=0.2)([], figure) == ""
    assert not figure.axes
