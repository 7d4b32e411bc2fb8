"""The division of a change over groups, with small groups put together."""

import dataclasses

import numpy as np
import pytest

from crmresearch.report import style
from crmresearch.report.claims import claims
from crmresearch.report.estimates import find
from crmresearch.report.findings import conclude
from crmresearch.report.suppression import is_hidden, suppress
from crmresearch.survey import figures, headlines
from crmresearch.survey.change import between_waves
from crmresearch.survey.metrics import satisfied
from crmresearch.survey.mix import decomposition, merged

from .waves import answers, categorical, survey

KEEP = "recommend sat1 person account weight size region wave"


def test_both_parts_add_up_to_the_change():
    keep = survey(answers(), KEEP)
    found, changes = decomposition(keep), between_waves(keep)
    for measure in ("nps", "satisfied", "satisfaction"):
        total = find(changes, f"change.{measure}").value
        for role in ("segment", "brand") if measure == "nps" else ("segment",):
            parts = [
                find(found, f"mix.{measure}.{role}.{part}") for part in ("composition", "within")
            ]
            assert sum(part.value for part in parts) == pytest.approx(total)
            for part in parts:
                assert part.low < part.value < part.high


def test_what_the_groups_add_sums_to_each_part():
    found = decomposition(survey(answers(), KEEP))
    for part in ("composition", "within"):
        each = [x for x in found if x.key == f"mix.nps.segment.{part}" and x.group]
        assert [item.group for item in each] == ["Size: Small", "Size: Medium", "Size: Large"]
        total = find(found, f"mix.nps.segment.{part}").value
        assert sum(item.value for item in each) == pytest.approx(total)
        assert sum(item.n for item in each) == 200
    assert len({(item.key, item.group) for item in found}) == len(found)


def test_a_changed_mix_alone_is_told_from_a_change_within():
    frame = answers(400, stay=0)
    shares = np.where(frame["wave"] == "2026", np.arange(400) % 10 < 7, np.arange(400) % 10 < 2)
    frame["size"] = categorical(shares.astype(int), ["Small", "Large"])
    rng = np.random.default_rng(1)
    frame["sat1"] = 3 + 2 * shares + 0.1 * rng.normal(size=400)
    found = decomposition(survey(frame, "sat1 size wave"))
    assert find(found, "mix.satisfaction.segment.composition").value == pytest.approx(1.0, abs=0.03)
    within = find(found, "mix.satisfaction.segment.within")
    assert within.low < 0 < within.high
    assert "simple random sample" in within.method


def test_small_groups_are_put_together():
    frame = answers()
    codes = np.where(np.arange(200) % 50 < 2, 0, 1 + np.arange(200) % 2)
    frame["size"] = categorical(codes, ["Tiny", "Medium", "Large"])
    found = decomposition(survey(frame, "sat1 size wave"), min_cell=10)
    groups = {item.group for item in found if item.group}
    assert groups == {"Size: Tiny and Medium", "Size: Large"} or groups == {
        "Size: Medium",
        "Size: Tiny and Large",
    }
    assert not any(is_hidden(item) for item in suppress(found, 10)[0])


def test_rows_of_no_group_are_a_group():
    frame = answers()
    frame["size"] = categorical(np.where(np.arange(200) % 4, np.arange(200) % 2, -1), ["A", "B"])
    keep = survey(frame, "sat1 size wave")
    found = decomposition(keep)
    assert "Size: not stated" in {item.group for item in found}
    within = sum(
        find(found, f"mix.satisfied.segment.{part}").value for part in ("composition", "within")
    )
    assert within == pytest.approx(find(between_waves(keep), "change.satisfied").value)


def test_a_group_of_one_wave_joins_another():
    groups = {"Old": np.r_[np.ones(20, bool), np.zeros(40, bool)]}
    groups["Kept"] = ~groups["Old"]
    later = np.r_[np.zeros(40, int), np.ones(20, int)]
    codes, names = merged(groups, np.ones(60, dtype=bool), later, 5)
    assert names == ["Old and Kept"]
    assert set(codes) == {0}


def test_no_cell_is_smaller_than_the_least():
    rng = np.random.default_rng(3)
    for _ in range(50):
        which, later = (
            rng.choice(6, 150, p=[0.5, 0.2, 0.15, 0.1, 0.04, 0.01]),
            rng.integers(-1, 2, 150),
        )
        groups = {f"G{at}": which == at for at in range(5)}
        answered = rng.random(150) < 0.9
        codes, names = merged(groups, answered, later, 8)
        counted = answered & (later >= 0)
        assert (codes[counted] >= 0).all()
        assert (codes[~counted] == -1).all()
        if len(names) > 1:
            for at in range(len(names)):
                assert min(np.bincount(later[codes == at], minlength=2)) >= 8


def test_a_grouping_that_holds_all_but_a_few_of_another_is_left_out():
    """North without the small customers are three people, whose answers would follow."""
    frame = answers()
    half = np.arange(200) % 2
    frame["size"] = categorical(half, ["Small", "Large"])
    region = half.copy()
    region[[1, 3, 5]] = 0
    frame["region"] = categorical(region, ["North", "South"])
    keys = {item.key for item in decomposition(survey(frame, "sat1 size region wave"), min_cell=10)}
    assert "mix.satisfied.segment.within" in keys
    assert not [key for key in keys if ".brand." in key]
    keys = {item.key for item in decomposition(survey(frame, "sat1 size region wave"), min_cell=3)}
    assert "mix.satisfied.brand.within" in keys


@pytest.mark.parametrize("keep", ["sat1 size", "sat1 wave", "size wave"])
def test_without_its_roles_there_is_nothing(keep):
    assert decomposition(survey(answers(), keep)) == []
    assert headlines.waves.mix([]).startswith("Not in these data: ")


@pytest.mark.parametrize("n", [0, 2, 6, 12])
def test_few_rows_are_no_accident(n):
    for item in decomposition(survey(answers(n, stay=n // 4), KEEP)):
        assert not item.low > item.high


def test_constant_and_missing_answers():
    frame = answers()
    frame["sat1"] = 5.0
    found = decomposition(survey(frame, "sat1 size wave"))
    assert find(found, "mix.satisfaction.segment.within").value == 0
    assert np.isnan(find(found, "mix.satisfaction.segment.within").low)
    frame["sat1"] = np.nan
    assert decomposition(survey(frame, "sat1 size wave")) == []


def test_the_heading_and_figure_name_both_parts():
    found = decomposition(survey(answers(), KEEP))
    text = headlines.waves.mix(found)
    assert text.startswith("Net Promoter Score, 2025 to 2026: ")
    assert "goes with a changed mix by Size and " in text
    with style.canvas() as figure:
        caption = figures.waves.mix(found, figure)
    [axes] = figure.axes
    names = [" ".join(x.get_text().split()) for x in axes.get_yticklabels()]
    assert names[:3] == [
        "Who answered (n = 200)",
        "Within groups (n = 200)",
        "within Small (n = 67)",
    ]
    assert "add up to the change of" in caption


def test_shares_that_the_weights_restore_say_nothing_of_who_answered():
    """Other groups answered in the later wave, which raked weights undo: no claim is decided."""
    frame = answers(400, stay=0)
    late = (frame["wave"] == "2026").to_numpy()
    small = np.where(late, np.arange(400) % 10 < 7, np.arange(400) % 10 < 2)
    frame["size"] = categorical((~small).astype(int), ["Small", "Large"])
    delivered = survey(frame, "recommend size region wave")
    margins = {"size": {"Small": 0.5, "Large": 0.5}}
    about = dataclasses.replace(delivered.about, margins=margins)
    raked = dataclasses.replace(delivered, about=about)
    found = decomposition(raked)
    assert find(found, "mix.nps.segment.composition") is None
    assert find(found, "mix.nps.segment.restored").value == pytest.approx(0, abs=1e-9)
    assert find(found, "mix.nps.brand.composition") is not None
    [claim] = [claim for claim in claims("survey") if claim.id == "change-is-not-mix"]
    verdicts = [conclude([claim], decomposition(x))[0].verdict for x in (raked, delivered)]
    assert verdicts[0] == "not testable here" != verdicts[1]
    with style.canvas() as figure:
        assert "Shares set by the weights" in figures.waves.mix(found, figure)
    labels = [" ".join(x.get_text().split()) for x in figure.axes[0].get_yticklabels()]
    assert labels[0] == "Who answered, set by the weights (n = 400)"
    assert "by Region" in headlines.waves.mix(found)
    alone = [item for item in found if ".brand." not in item.key]
    assert "whose shares the weights set alike" in headlines.waves.mix(alone)


def test_a_small_group_joins_the_one_that_is_hidden_with_it():
    """Beside another group's own figure their joint one would give away the small group's."""
    frame = answers(200, stay=0)
    frame["wave"] = categorical(np.repeat([0, 1], (110, 90)), ["2025", "2026"])
    codes = np.r_[np.repeat([0, 1, 2], (3, 61, 46)), np.repeat([0, 1, 2], (5, 39, 46))]
    frame["size"] = categorical(codes, ["Tiny", "More", "Fewer"])  # 8, 100 and 92 over both waves
    data = survey(frame, "sat1 size wave")
    shown, _ = suppress(satisfied(data), 10)
    alone = {x.group for x in shown if x.group.startswith("Size") and not is_hidden(x)}
    assert alone == {"Size: More"}
    groups = {item.group for item in decomposition(data, min_cell=10) if item.group}
    assert groups == {"Size: More", "Size: Tiny and Fewer"}
