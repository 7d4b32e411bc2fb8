"""Changes from wave to wave, against numbers worked out by hand and by weighted least squares."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from crmresearch.compare.writing import found_in, write
from crmresearch.errors import DataError

from .conftest import estimate

Z = stats.norm.ppf(0.975)


@pytest.fixture
def wave(publish):
    def made(brand: str, at: int, value: float, half: float = 0.2, **wave: object) -> str:
        label = ("Spring", "Autumn", "Winter", "Later")[at]
        return publish(
            f"{brand}-{label}",
            [estimate("satisfaction", value, half)],
            part={"Brand": brand, "Wave": label},
            wave={"name": "Wave", "place": at, "again": None} | wave,
        )

    return made


def test_two_waves_have_a_difference_in_the_order_of_the_waves(wave, site, tmp_path_factory):
    keys = [wave("A", 0, 3.0), wave("A", 1, 4.0), wave("B", 1, 3.1), wave("B", 0, 3.0)]
    found = found_in(site, keys)
    [changes] = found.changes
    assert [x.group for x in changes] == [
        "series: A, Spring to Autumn",
        "series: B, Spring to Autumn",
    ]
    each = stats.norm.ppf((1 + 0.95**0.5) / 2)
    assert_allclose([x.value for x in changes], [1.0, 0.1])
    assert_allclose([x.high - x.value for x in changes], each * 0.2 / Z * 2**0.5, rtol=1e-6)
    raw = 2 * stats.norm.sf(np.array([1.0, 0.1]) / (0.2 / Z * 2**0.5))
    assert_allclose([x.p for x in changes], [2 * raw[0], raw[1]], rtol=1e-4)
    folder = tmp_path_factory.mktemp("made")
    summary = write(found, folder, key="compare-x", provenance={})
    assert summary["brief"][-1]["sentence"] == (
        "Of 2 changes from wave to wave 1 is beyond chance: Satisfaction in A, Spring to Autumn by "
        "+1.00 scale points (95% CI +0.68 to +1.32)."
    )
    assert "The data do not tell whether the same people answered" in (
        folder / "index.html"
    ).read_text("utf-8")


def test_three_waves_have_a_slope_over_their_places(wave, site):
    keys = [wave("A", place, value) for place, value in ((0, 3.0), (1, 3.52), (3, 4.5))]
    [[change]] = found_in(site, keys).changes
    x = np.array([0.0, 1.0, 3.0])
    slope = np.polyfit(x, [3.0, 3.52, 4.5], 1)[0]
    error = 0.2 / Z / np.sqrt(((x - x.mean()) ** 2).sum())  # they vary less than sampling has them
    half = stats.t.ppf(0.975, 1) * error
    ends = [slope, slope - half, slope + half]
    assert_allclose([change.value, change.low, change.high], ends, rtol=1e-5)
    assert change.key == "slope.satisfaction"


@pytest.mark.parametrize(
    ("again", "words"),
    [(0.45, "up to 45% of the people of a wave had answered in an earlier one"), (0.0, "")],
)
def test_waves_that_share_people_say_so(wave, site, again, words):
    keys = [wave("A", 0, 3.0, again=0.0), wave("A", 1, 4.0, again=again)]
    told = [item.text for item in found_in(site, keys).caveats if item.key == "compare.panel"]
    assert (words in told[0]) if words else not told


def test_brands_of_one_wave_have_no_changes(wave, site):
    assert found_in(site, [wave("A", 1, 3.0), wave("B", 1, 3.2)]).changes == []


@pytest.mark.parametrize(
    "told", [{"name": ["Wave"]}, {"name": "Year"}, {"place": "1"}, {"again": 2}]
)
def test_a_wave_of_another_form_is_refused(wave, site, told):
    keys = [wave("A", 0, 3.0), wave("A", 1, 3.0, **told)]
    with pytest.raises(DataError, match="found no place of a wave of the part under wave but"):
        found_in(site, keys)


def test_where_nothing_is_told_apart_the_quantities_are_not_listed_again(wave, site, tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    found = found_in(site, [wave("A", 0, 3.0), wave("A", 1, 3.0)])
    summary = write(found, folder, key="compare-x", provenance={})
    assert [line["sentence"] for line in summary["brief"]] == [
        "The main number is not told apart between the reports.",
        "Of 1 change from wave to wave none is beyond chance.",
    ]


def test_people_of_several_waves_are_not_counted_twice_nor_said_to_answer_once(
    wave, site, tmp_path
):
    folder = tmp_path / "made"
    folder.mkdir()
    found = found_in(site, [wave("A", 0, 3.0, again=0.0), wave("A", 1, 3.0, again=0.4)])
    summary = write(found, folder, key="compare-x", provenance={})
    assert summary["n"] is None
    assert [item["n"] for item in summary["reports"]] == [50, 50]
    assert summary["design_line"].startswith("Cross-sections of several waves")
    assert "at one time" not in summary["cannot_say"]


def test_changes_of_quantities_that_are_not_drawn(wave, site, publish):
    keys = []
    for brand, moved in (("A", 1.0), ("B", 0.1)):
        for place, label in enumerate(("Spring", "Autumn", "Winter")):
            values = [estimate("satisfaction", 3.0, 0.2), estimate("other", 3 + place * moved, 0.2)]
            about = {"wave": {"name": "Wave", "place": place, "again": None}}
            part = {"Brand": brand, "Wave": label}
            keys.append(publish(f"{brand}-{label}", values, part=part, **about))
    [standing] = found_in(site, keys).standings
    told = standing.changes
    assert told.names == ["A, Spring to Winter", "B, Spring to Winter"]
    assert_allclose(told.found.value, [2.0, 0.2])
    each = stats.norm.ppf((1 + 0.95**0.5) / 2)
    assert_allclose(told.found.high - told.found.value, each * 0.2 / Z * 2**0.5, rtol=1e-6)
    alone = 2 * stats.norm.sf(np.array([2.0, 0.2]) / (0.2 / Z * 2**0.5))
    assert_allclose(told.p, [min(2 * alone[0], 1), alone[1]], rtol=1e-3, atol=1e-15)
    assert list(told.marks) == [1, 0]
