"""The satisfaction index: from declared paths to exhibits, and what is refused."""

import dataclasses
import io
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.load import load
from crmresearch.errors import DataError, RequestError
from crmresearch.report import style
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.survey import flags, index, index_caveats
from crmresearch.survey.figures import index as figures
from crmresearch.survey.figures.layout import fits, lay_out
from crmresearch.survey.headlines import index as headlines
from crmresearch.survey.index_model import structure
from crmresearch.survey.index_solutions import others, solutions, stability

PATHS = "drv1 -> satisfaction; drv2 -> satisfaction; satisfaction -> loyalty"


@pytest.fixture
def customers(make):
    return make(200, keep="sat1 sat2 sat3 loy1 loy2 loy3 drv1 drv2 drv3 size wave")


@pytest.fixture
def fitted(customers):
    return index.fit(customers, paths=PATHS, seed=1, resamples=100)


def test_the_paths_to_satisfaction_come_first(fitted):
    found = [*index.paths(fitted), *index.measured(fitted), *others(fitted)]
    assert [item.key for item in found[:6]] == [
        "index.path.drv1.satisfaction",
        "index.path.drv2.satisfaction",
        "index.path.satisfaction.loyalty",
        "index.r2.satisfaction",
        "index.r2.loyalty",
        "index.srmr",
    ]
    assert len({(item.key, item.group) for item in found}) == len(found)
    assert find(found, "index.loading.sat1").name == "sat1, loading"
    title = headlines.paths(found)
    assert title.startswith("Of 2 constructs held against satisfaction, drv")
    assert "n = 200" in index_caveats.remark(fitted)


def test_the_index_is_shown_for_all_and_for_groups(fitted):
    found = index.scores(fitted)
    assert [item.group for item in found[2:]] == [
        "Size: Small", "Size: Medium", "Size: Large", "Wave: 2025", "Wave: 2026",
    ]  # fmt: skip
    assert headlines.scores(found).startswith("The index of satisfaction is ")
    assert all(0 < item.low < item.value < item.high < 100 for item in found)


def test_small_groups_stay_hidden(customers):
    frame = customers.answers.copy()
    frame["size"] = pd.Categorical(
        ["Small"] * 4 + ["Medium"] * 12 + ["Large"] * 184, categories=["Small", "Medium", "Large"]
    )
    survey = dataclasses.replace(customers, answers=frame)
    scores = index.scores(index.fit(survey, paths=PATHS, seed=1, resamples=30))
    shown = show("index-scores", scores, title=headlines.scores, min_cell=10)
    values = {item["group"]: item["value"] for item in shown.record["estimates"]}
    assert values["Size: Small"] is None
    assert values["Size: Medium"] is None
    assert values["Size: Large"] is not None


def test_priorities_and_other_solutions(fitted):
    found = index.priorities(fitted)
    importance = [item.key for item in found if item.key.startswith("index.importance.")]
    assert sorted(importance) == ["index.importance.drv1", "index.importance.drv2"]
    assert found[-1].key == "index.line.performance"
    frame = solutions(fitted)
    assert list(frame.columns) == [
        "centroid, standardised", "factorial, standardised", "path, standardised",
        "centroid, raw", "factorial, raw", "path, raw", "consistent",
    ]  # fmt: skip
    ours = {item.key.removeprefix("index."): item.value for item in index.paths(fitted)}
    assert frame["path, standardised"].to_dict() == pytest.approx(ours)
    found = others(fitted)
    assert {item.key for item in found} == {
        key for key in (f"index.{x}" for x in ours) if key.endswith(".satisfaction")
    }
    assert len(found) == 3 * 6
    assert {item.group for item in found} == {
        f"solution: {column}" for column in frame.columns if column != "path, standardised"
    }
    assert stability(fitted).startswith("Over 6 schemes and metrics no path or R² moves by more")


def test_titles_keep_the_mark_of_a_failing_scale(fitted):
    failing = [flags.Flag("drv1", "drv1", "fails"), flags.Flag("drv2", "drv2", "fails")]
    marked = flags.marked([*index.paths(fitted), *index.measured(fitted)], failing)
    assert f" has the largest path{flags.MARK}, " in headlines.paths(marked)
    title = headlines.priorities(flags.marked(index.priorities(fitted), failing))
    assert f"drv1{flags.MARK}" in title or f"drv2{flags.MARK}" in title


def test_the_scheme_and_metric_asked_for_are_the_ones_reported(customers):
    for scheme in ("centroid", "factorial", "path"):
        for metric in ("standardised", "raw"):
            made = index.fit(
                customers, paths=PATHS, scheme=scheme, metric=metric, seed=1, resamples=30
            )
            frame = solutions(made)
            value = find(index.paths(made), "index.path.satisfaction.loyalty").value
            assert frame.loc["path.satisfaction.loyalty", f"{scheme}, {metric}"] == pytest.approx(
                value
            )


def test_without_a_model_nothing_is_shown(customers, make):
    for made in (
        index.fit(customers, seed=1),
        index.fit(make(6), paths=PATHS, seed=1),
        index.fit(make(40), paths=PATHS, seed=1, min_cell=50),
    ):
        assert made is None
        assert index.paths(made) == index.scores(made) == index.priorities(made) == []
        assert index.measured(made) == others(made) == []
        assert solutions(made).empty
        assert stability(made) == ""
        assert index_caveats.remark(made) == ""
        assert index_caveats.cautions(made) == []
    for title in (headlines.paths, headlines.scores, headlines.priorities):
        assert title([]).startswith("Not in these data: ")


def test_a_construct_that_nobody_answered_makes_no_model(customers):
    frame = customers.answers.copy()
    frame["drv1"] = np.nan
    survey = dataclasses.replace(customers, answers=frame)
    assert index.fit(survey, paths=PATHS, seed=1) is None


def test_a_block_asked_in_one_wave_leaves_that_wave_and_says_so(customers):
    frame = customers.answers.copy()
    frame.loc[frame["wave"] == "2025", "drv1"] = np.nan
    made = index.fit(
        dataclasses.replace(customers, answers=frame), paths=PATHS, seed=1, resamples=50
    )
    assert made.fit.n == 100
    [caveat] = [x for x in index_caveats.cautions(made) if x.key == "index.incomplete"]
    assert "rests on the 100 of 200 respondents" in caveat.text
    assert {item.n for item in index.scores(made)[:2]} == {200}  # of those who said how satisfied


def test_items_that_all_answer_alike_are_left_out_and_named(customers):
    frame = customers.answers.copy()
    frame["sat2"] = 4.0
    made = index.fit(
        dataclasses.replace(customers, answers=frame), paths=PATHS, seed=1, resamples=50
    )
    assert "sat2" not in made.fit.model.items
    [caveat] = [x for x in index_caveats.cautions(made) if x.key == "index.constant"]
    assert "“sat2”" in caveat.text


def test_what_makes_the_model_doubtful_is_said(customers):
    frame = customers.answers.copy()
    frame["drv2"] = frame["drv1"]
    frame["sat3"] = 8 - frame["sat3"]
    frame.loc[:9, "loy1"] = np.nan
    survey = dataclasses.replace(customers, answers=frame)
    made = index.fit(survey, paths=PATHS, blanks="mean", seed=1, resamples=50)
    texts = {caveat.key: caveat.text for caveat in index_caveats.cautions(made)}
    assert "drv1 → satisfaction and drv2 → satisfaction" in texts["index.collinear"]
    assert "“sat3”" in texts["index.against"]
    assert made.fit.n == 200
    assert "0.6% of the answers put in" in index_caveats.remark(made)
    values = [find(index.paths(made), f"index.path.drv{x}.satisfaction").value for x in (1, 2)]
    assert values[0] == pytest.approx(values[1])


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        (";", "paths has the line ';'"),
        ("drv1 satisfaction", "paths has the line 'drv1 satisfaction'"),
        ("drv1 -> satisfactoin", "Did you mean 'satisfaction'?"),
        ("drv1 -> loyalty; loyalty -> satisfaction; satisfaction -> drv1", "goes in a circle"),
        ("drv1 -> satisfaction; drv2 -> loyalty", "falls into 2 pieces (drv1, satisfaction; drv2"),
        ("sat1 -> satisfaction", "uses 'sat1' in 'sat1' and 'satisfaction'"),
    ],
)
def test_a_wrong_model_is_refused_in_words(customers, paths, words):
    with pytest.raises(RequestError) as raised:
        index.fit(customers, paths=paths, seed=1)
    assert words in str(raised.value)
    assert str(raised.value).startswith("parameter 'paths': ")


def test_the_datasets_own_wrong_model_is_its_fault(customers):
    about = dataclasses.replace(customers.about, paths=("drv1 -> satisfaction", "drv2 -> loyalty"))
    with pytest.raises(DataError, match="falls into 2 pieces"):
        structure(dataclasses.replace(customers, about=about))
    about = dataclasses.replace(customers.about, paths=("drv1 -> satisfaction",))
    survey = dataclasses.replace(customers, about=about)
    assert structure(survey).model.names == ("drv1", "satisfaction")
    other = structure(survey, "drv2 -> loyalty")
    assert other.model.names == ("drv2", "loyalty")


@pytest.mark.parametrize("part", ["paths", "scores", "priorities"])
def test_figures_draw_and_say_what_is_seen(fitted, part):
    found = getattr(index, part)(fitted)
    with style.canvas() as figure:
        caption = getattr(figures, part)(found, figure)
        figure.savefig(io.BytesIO(), format="png", dpi=40)
    assert caption.endswith(".")
    assert len(figure.axes) == 1


def test_many_arrows_are_drawn_as_rows(fitted):
    arrow = index.paths(fitted)[0]
    many = [
        dataclasses.replace(arrow, key=f"index.path.a{place}.b", name=f"a{place} → b")
        for place in range(20)
    ]
    with style.canvas() as figure:
        assert "of 20 paths" in figures.paths(many, figure)
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert len(labels) == 20
    assert labels[0].startswith("a0")


def test_boxes_of_a_diagram_do_not_hide_each_other():
    names = ["image", "expectation", "quality", "value", "satisfaction", "complaints", "loyalty"]
    drawn = [
        (names[a], names[b])
        for a, b in ((0, 1), (1, 2), (1, 3), (2, 3), (0, 4), (1, 4), (2, 4), (3, 4), (4, 5), (0, 6))
    ]
    plan = lay_out({name: f"{name}\n50%" for name in names}, drawn, width=style.WIDTH)
    for a in names:
        (x, y), (width, height) = plan.places[a], plan.sizes[a]
        assert 0 <= x - width / 2 < x + width / 2 <= style.WIDTH
        assert 0 <= y - height / 2 < y + height / 2 <= plan.height
        for b in names:
            if a < b:
                apart = abs(x - plan.places[b][0]) >= (width + plan.sizes[b][0]) / 2
                below = abs(y - plan.places[b][1]) >= (height + plan.sizes[b][1]) / 2
                assert apart or below, (a, b)
    assert all(plan.places[a][1] < plan.places[b][1] for a, b in drawn)  # arrows point down
    assert set(plan.labels) == set(drawn)


def test_five_boxes_in_one_row_stand_beside_each_other():
    parts = ["network quality", "customer service", "price for what is offered", "web", "billing"]
    texts = {name: name.replace(" ", "\n") for name in parts} | {"satisfaction": "satisfaction"}
    drawn = [(name, "satisfaction") for name in parts]
    assert fits(texts, drawn, width=style.WIDTH)
    assert not fits(texts | {"price for what is offered": "x" * 40}, drawn, width=style.WIDTH)
    plan = lay_out(texts, drawn, width=style.WIDTH)
    row = sorted(parts, key=lambda name: plan.places[name][0])
    ends = [(plan.places[name][0], plan.sizes[name][0] / 2) for name in row]
    assert ends[0][0] - ends[0][1] >= 0
    assert ends[-1][0] + ends[-1][1] <= style.WIDTH
    assert all(x + half < y - other for (x, half), (y, other) in pairwise(ends))


@pytest.fixture(scope="module")
def real(real_data, project):
    def read(path: str, name: str):
        return load(real_data / path, codebook=project / "data" / "codebooks" / name)

    return read


def test_the_published_european_index(real):
    mobile = real("ecsi_mobile/mobi.csv", "ecsi_mobile")
    expected = {
        "centroid": (0.50470564, 0.17883348, 0.51254524, 0.48347472),
        "factorial": (0.50494314, 0.17859267, 0.51297470, 0.48305917),
        "path": (0.50491393, 0.17873950, 0.51202394, 0.48547762),
    }
    arrows = (
        "image.expectation", "image.satisfaction", "quality.satisfaction", "satisfaction.loyalty",
    )  # fmt: skip
    for scheme, values in expected.items():
        found = index.paths(index.fit(mobile, scheme=scheme, seed=1, resamples=20))
        ours = [find(found, f"index.path.{arrow}").value for arrow in arrows]
        assert ours == pytest.approx(values, abs=1e-7)
    raw = index.paths(index.fit(mobile, scheme="centroid", metric="raw", seed=1, resamples=20))
    assert find(raw, "index.path.image.satisfaction").value == pytest.approx(0.153, abs=5e-4)
    assert find(raw, "index.r2.satisfaction").value == pytest.approx(0.672, abs=5e-4)
    assert "imagined_complaint" in mobile.codebook["CUSCO"].roles


def test_the_published_reputation_model(real):
    reputation = real("corp_rep/corp_rep_data.csv", "corp_rep")
    made = index.fit(reputation, blanks="mean", seed=1, resamples=20)
    found = index.paths(made)
    expected = {
        "path.competence.cusa": 0.162051224909,
        "path.likeability.cusa": 0.423869606105,
        "path.competence.loyalty": 0.009174543133,
        "path.likeability.loyalty": 0.342069436585,
        "path.cusa.loyalty": 0.504466308486,
    }
    for key, value in expected.items():
        assert find(found, f"index.{key}").value == pytest.approx(value, abs=1e-9)
    assert find(found, "index.r2.cusa").value == pytest.approx(0.294568, abs=5e-7)
    assert find(found, "index.r2.loyalty").value == pytest.approx(0.562039, abs=5e-7)
    assert (made.fit.n, round(made.fit.moments.imputed * 3440)) == (344, 11)
    complete = index.fit(reputation, seed=1, resamples=20)
    assert (complete.fit.n, complete.fit.n_dropped) == (336, 8)
