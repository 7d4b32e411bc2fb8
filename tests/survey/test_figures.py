"""Figures by their artists and captions, and headlines by their text."""

import pandas as pd
import pytest

from crmresearch.report import style
from crmresearch.report.estimates import Estimate
from crmresearch.report.exhibits import show
from crmresearch.survey import (
    associations,
    change,
    distributions,
    drivers,
    figures,
    headlines,
    metrics,
    missingness,
    mix,
    periods,
    quality,
    robustness,
    scales,
    segments,
    weighting,
)


def drawn(draw, data):
    with style.canvas() as figure:
        caption = draw(data, figure)
        figure.draw_without_rendering()
        return figure, caption


def labels(axes):
    return [" ".join(text.get_text().split()) for text in axes.get_yticklabels()]


def test_groups_stand_on_the_band_of_all(make):
    found = metrics.net_promoter(make(keep="recommend weight size"))
    figure, caption = drawn(figures.measures.by_group, found)
    [axes] = figure.axes
    assert labels(axes)[:3] == ["All (n = 60)", "All, unweighted (n = 60)", "Small (n = 20)"]
    assert "Size" in [text.get_text() for text in axes.texts]
    band = axes.patches[0].get_extents().transformed(axes.transData.inverted())
    assert (band.x0, band.x1) == (pytest.approx(found[0].low), pytest.approx(found[0].high))
    dots = [x for line in axes.lines if line.get_marker() == "o" for x in line.get_xdata()]
    assert sorted(dots) == sorted(item.value for item in found)
    assert caption.startswith("The line and band show all respondents")


def test_answers_are_centred_on_the_middle(make):
    frame = distributions.answers(make(keep="sat1 effort"))
    figure, caption = drawn(figures.measures.answers, frame)
    [axes] = figure.axes
    assert labels(axes) == frame["Question"].tolist()
    middle = [bar for bar in axes.patches if bar.get_x() < 0 < bar.get_x() + bar.get_width()]
    assert len(middle) == 2
    assert all(bar.get_x() == pytest.approx(-bar.get_width() / 2) for bar in middle)
    assert caption.startswith("2 questions ordered by their mean")


def test_changes_lie_on_bands_of_what_could_be_found(make):
    found = change.between_waves(make())
    figure, caption = drawn(figures.waves.changes, found)
    assert len(figure.axes) == 3  # points, percentage points, scale points
    reach = next(item.value for item in found if item.key == "change.nps.detectable")
    assert figure.axes[0].patches[0].get_width() == pytest.approx(2 * reach)
    assert "clear of zero" in caption


def test_ranks_are_shaded_by_probability(make):
    survey = make(200)
    table = drivers.rank_table(survey, drivers.explain(survey, seed=1, resamples=50))
    figure, caption = drawn(figures.drivers.ranks, table)
    assert len(figure.axes[0].patches) == 9
    assert caption.startswith(f"{table['Driver'][0]} ranks first in")


def test_reliability_shows_alpha_hollow_and_omega_filled(make):
    found = scales.reliability(make(200))
    figure, _ = drawn(figures.scales.reliability, found)
    marks = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    by_marker = {line.get_marker(): line.get_markerfacecolor() for line in marks}
    assert by_marker == {"s": "white", "o": style.ACCENT}


@pytest.mark.parametrize(
    ("n", "keep"),
    [
        (0, ""),
        (1, ""),
        (2, ""),
        (12, "recommend"),
        (12, "sat1"),
        (12, "effort size"),
        (1, "sat1 sat2 loy1 wave drv1"),
    ],
)
def test_every_exhibit_stands_on_any_data(make, n, keep):
    survey = make(n, keep)
    weights = drivers.explain(survey, seed=1, resamples=30)
    exhibits = [
        (quality.checks(survey), headlines.quality.checks, figures.quality.shares),
        (robustness.sensitivity(survey), headlines.quality.sensitivity, figures.quality.shifts),
        (
            missingness.missing(survey) + missingness.patterns(survey, min_cell=1),
            headlines.quality.missing,
            figures.quality.missing,
        ),
        (quality.ends(survey), headlines.quality.ends, figures.quality.ends),
        (weighting.compare(survey), headlines.weighting.compare, figures.weighting.shifts),
        (weighting.effects(survey), headlines.weighting.effects, figures.weighting.effective),
        (weighting.margins(survey), headlines.weighting.margins, figures.weighting.margins),
        (
            distributions.recommend(survey, min_cell=1),
            headlines.measures.recommend,
            figures.measures.recommend,
        ),
        (metrics.net_promoter(survey), headlines.measures.net_promoter, figures.measures.by_group),
        (metrics.satisfied(survey), headlines.measures.satisfied, figures.measures.by_group),
        (
            distributions.answers(survey, min_cell=1),
            headlines.measures.answers,
            figures.measures.answers,
        ),
        (scales.reliability(survey), headlines.scales.reliability, figures.scales.reliability),
        (scales.item_rest(survey), headlines.scales.item_rest, figures.scales.items),
        (
            associations.correlations(survey),
            headlines.groups.correlations,
            figures.groups.coefficients,
        ),
        (change.between_waves(survey), headlines.waves.change, figures.waves.changes),
        (segments.compare(survey), headlines.groups.differences, figures.groups.differences),
        (segments.widest_gaps(survey), headlines.groups.widest, figures.groups.widest),
        (periods.charts(survey), headlines.waves.periods, figures.waves.periods),
        (mix.decomposition(survey), headlines.waves.mix, figures.waves.mix),
        (
            drivers.importance(survey, weights),
            headlines.drivers.importance,
            figures.drivers.importance,
        ),
        (drivers.rank_table(survey, weights), headlines.drivers.ranks, figures.drivers.ranks),
    ]
    for data, title, draw in exhibits:
        text = show("x", data, title=title(data), draw=draw, min_cell=2).markdown
        assert "nan" not in text.lower().replace("domin", "")


def estimate(key, value, low, high, unit="points", **settings):
    return Estimate(
        key=key, name=key, value=value, low=low, high=high, unit=unit, n=50, method="", **settings
    )


def test_a_score_is_told_with_its_interval_and_clear_extremes():
    overall = estimate("nps", 10, 5, 15)
    low, high = (
        estimate("nps", value, value - 4, value + 4, group=f"Size: {name}")
        for name, value in (("Small", -20), ("Large", 30))
    )
    assert headlines.measures.net_promoter([overall]) == (
        "The Net Promoter Score is 10.0 points (95% CI 5.0 to 15.0)"
    )
    assert headlines.measures.net_promoter([overall, low, high]).endswith(
        ", from −20.0 (Small) to 30.0 (Large)"
    )
    near = estimate("nps", -18, -22, -14, group="Size: Large")
    assert "from" not in headlines.measures.net_promoter([overall, low, near])


def test_nobody_suspicious_is_said(make):
    found = robustness.sensitivity(make(keep="recommend seconds"))
    assert headlines.quality.sensitivity(found).startswith("Nobody answered suspiciously")


def test_what_is_absent_is_said():
    empty = pd.DataFrame(columns=["Driver"])
    texts = [
        headlines.measures.net_promoter([]),
        headlines.measures.satisfied([]),
        headlines.measures.mean_score("effort")([]),
        headlines.quality.checks([]),
        headlines.quality.sensitivity([]),
        headlines.quality.missing([]),
        headlines.quality.ends([]),
        headlines.weighting.compare([]),
        headlines.weighting.margins([]),
        headlines.scales.reliability([]),
        headlines.scales.item_rest([]),
        headlines.groups.correlations([]),
        headlines.groups.differences([]),
        headlines.groups.widest([]),
        headlines.waves.change([]),
        headlines.waves.periods([]),
        headlines.waves.mix([]),
        headlines.drivers.importance([]),
        headlines.drivers.ranks(empty),
        headlines.measures.recommend(pd.DataFrame()),
        headlines.measures.answers(pd.DataFrame()),
    ]
    assert all(text.startswith("Not in these data: ") for text in texts)


def test_unreliable_scales_head_their_exhibit():
    poor = estimate("omega.loyalty", 0.44, 0.3, 0.58, unit="coefficient")
    text = headlines.scales.reliability([poor])
    assert "below 0.70: not reliable enough to compare groups" in text


def test_groups_without_a_clear_difference_are_not_called_alike(make):
    survey = make(keep="sat1 size")
    text = headlines.groups.differences(segments.compare(survey))
    assert text.startswith("None of 6 differences between groups is clear of chance")
    assert text.endswith("which does not make the groups alike")
    text = headlines.groups.widest(segments.widest_gaps(survey))
    assert text.startswith("No grouping is shown to matter; the widest true difference may be")


def test_a_lead_that_could_be_chance_is_called_so(make):
    survey = make(keep="sat1 drv1 drv2 drv3")
    weights = drivers.explain(survey, seed=1, resamples=100)
    assert headlines.drivers.importance(drivers.importance(survey, weights)).endswith(
        "could be chance"
    )
