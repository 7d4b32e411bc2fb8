"""Who changed type: against latent transitions by EM, by simulation, and on awkward panels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmresearch.archetypes.chosen import as_chosen
from crmresearch.archetypes.em import TINY
from crmresearch.archetypes.headlines import waves as headlines
from crmresearch.archetypes.headlines.waves import moved
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.pairs import read_pairs
from crmresearch.archetypes.transitions import (
    table_of,
    transition_caveats,
    transitions,
)
from crmresearch.archetypes.types import Types, find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.report.estimates import find

CHANCES = np.array(
    [
        [0.9, 0.85, 0.9, 0.8, 0.1, 0.1],
        [0.8, 0.2, 0.15, 0.7, 0.2, 0.8],
        [0.1, 0.2, 0.1, 0.2, 0.8, 0.7],
    ]
)
SHARES = np.array([0.45, 0.3, 0.25])
MOVES = np.array([[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0.0, 0.1, 0.9]])
PERSON = Variable(variable="who", label="Person", type="id", roles=("person",))
WAVE = Variable(variable="wave", label="Wave", type="category", roles=("wave",))


def panel(people, seed, moves=MOVES, lost=0.0, chances=CHANCES):
    """A survey of two waves, the share `lost` of people in the first only."""
    rng = np.random.default_rng(seed)
    first = rng.choice(3, people, p=SHARES)
    second = (rng.random(people)[:, None] > np.cumsum(moves, axis=1)[first]).sum(axis=1)
    stayed = rng.random(people) >= lost
    kind = np.r_[first, second[stayed]]
    answers = (rng.random((len(kind), chances.shape[1])) < chances[kind]).astype(float)
    frame = pd.DataFrame(answers, columns=[f"s{j}" for j in range(chances.shape[1])])
    book = {
        name: Variable(variable=name, label=name, type="binary", roles=("indicator",))
        for name in frame
    }
    who = np.arange(people)
    frame["who"] = [f"P{i}" for i in np.r_[who, who[stayed]]]
    frame["wave"] = pd.Categorical(np.repeat(["2025", "2026"], [people, int(stayed.sum())]))
    book |= {"who": PERSON, "wave": WAVE}
    return Survey(answers=frame, codebook=book, about=About(title="T"))


def types_in(survey, classes=3) -> Types:
    """Types in the order of `CHANCES`, largest first."""
    signs = read_indicators(survey)
    return find_types(signs, fit(signs.patterns, classes, starts=6, rng=np.random.default_rng(1)))


def in_order(types):
    """For each of `CHANCES` the type that is nearest."""
    yes = types.model.probs[:, 1::2]
    return np.abs(yes[None] - CHANCES[:, None]).sum(axis=2).argmin(axis=1)


@pytest.fixture(scope="module")
def followed():
    survey = panel(3000, 5, lost=0.2)
    return survey, types_in(survey)


def latent_transitions(types, pairs):
    """The joint table by EM on pairs of answers, the types held as they are (Bakk & Kuha 2018)."""
    model = types.model
    density = np.exp(np.log(np.maximum(model.probs, TINY)) @ model.patterns.onehot)
    first, second = (
        density[:, model.patterns.row[rows]].T for rows in (pairs.earlier, pairs.later)
    )
    joint = np.outer(model.shares, model.shares)
    for _ in range(400):
        each = ((first @ joint) * second).sum(axis=1)
        joint = joint * ((first / each[:, None]).T @ second) / len(each)
    return joint


def test_the_corrected_table_is_that_of_a_latent_transition_model(followed):
    survey, types = followed
    pairs = read_pairs(types, survey)
    table = table_of(types, pairs)
    expected = latent_transitions(types, pairs)
    order = in_order(types)
    true = (SHARES[:, None] * MOVES)[np.argsort(order)][:, np.argsort(order)]
    assert table.joint.sum() == pytest.approx(1)
    assert np.abs(table.joint - expected).max() < 0.015
    assert np.abs(expected - true).max() < 0.03
    assert np.trace(table.naive) < np.trace(table.joint) - 0.05  # likeliest types invent changes


def test_the_table_is_the_known_algebra(followed):
    survey, types = followed
    table = table_of(types, read_pairs(types, survey))
    placing = table.placing.table
    assert np.allclose(placing.T @ table.joint @ placing, table.naive, atol=1e-12)


def test_every_influence_is_a_derivative_of_the_counted_table(followed):
    survey, types = followed
    pairs = read_pairs(types, survey)
    table = table_of(types, pairs)
    contrast = np.zeros((3, 3))
    contrast[0, 1] = 1.0
    found = table.naive_influence(contrast)
    assert found.sum() == pytest.approx(0, abs=1e-12)
    heavier = pairs.weight.copy()
    row = pairs.later[7]
    heavier[row] += 1e-6
    heavier /= heavier.sum()
    placed = types.of_row
    moved = (placed[pairs.earlier] == 0) & (placed[pairs.later] == 1)
    slope = (heavier[pairs.later][moved].sum() - table.naive[0, 1]) / 1e-6
    assert slope * pairs.weight[row] == pytest.approx(found[row], rel=1e-3)


def test_estimates_say_who_stayed_where_people_went_and_what_grew(followed):
    survey, types = followed
    found = transitions(types, survey)
    stay, naive = find(found, "transition.stay"), find(found, "transition.stay.modal")
    assert stay.low < float(np.trace(SHARES[:, None] * MOVES)) < stay.high
    assert naive.high < stay.low
    order = in_order(types)
    labels = [types.labels[k] for k in order]
    rows = [
        (find(found, f"transition.to.{k + 1}", f"from: {labels[r]}"), MOVES[r, s])
        for r in range(3)
        for s, k in enumerate(order)
    ]
    assert max(abs(item.value - true) for item, true in rows) < 0.08
    net = SHARES @ MOVES - SHARES
    for r in range(3):
        item = find(found, "transition.net", f"type: {labels[r]}")
        assert item.low < net[r] < item.high


def test_where_nobody_moves_the_interval_reaches_one():
    survey = panel(1200, 8, moves=np.eye(3))
    stay = find(transitions(types_in(survey), survey), "transition.stay")
    assert stay.value > 0.95
    assert stay.high == 1.0
    assert stay.low < stay.value


def covered(people, moves, replicates, seed):
    """Share of intervals that hold the truth: of who stays, and of where people went."""
    held = []
    for draw in range(replicates):
        survey = panel(people, seed + draw, moves=moves)
        types = types_in(survey)
        order, found = in_order(types), transitions(types, survey)
        stay = find(found, "transition.stay")
        row = [stay.low <= float(SHARES @ np.diag(moves)) <= stay.high]
        for r, k in enumerate(order):
            for s, target in enumerate(order):
                item = find(found, f"transition.to.{target + 1}", f"from: {types.labels[k]}")
                row.append(item.low <= moves[r, s] <= item.high)
        held.append(row)
    return np.array(held).mean(axis=0)


def test_intervals_hold_the_truth():
    share = covered(600, MOVES, 12, 100)
    assert share[0] >= 0.75
    assert share[1:].mean() > 0.9


@pytest.mark.slow
def test_intervals_hold_the_truth_at_the_stated_rate():
    share = covered(800, MOVES, 400, 1000)
    assert 0.915 <= share[0] <= 0.975  # stated as 93%, seen here with an error of 1.3 points
    assert 0.93 <= np.delete(share[1:], 6).mean() <= 0.97  # all but the move that nobody makes
    assert share[7] >= 0.93
    at_bound = covered(800, np.eye(3), 400, 5000)  # one-sided, see the module
    assert at_bound[0] >= 0.93
    assert at_bound[1:].mean() >= 0.94


def test_one_type_one_wave_or_nobody_known_tells_nothing(followed):
    survey, types = followed
    assert transitions(types_in(survey, 1), survey) == []
    for role in ("who", "wave"):
        book = {name: item for name, item in survey.codebook.items() if name != role}
        less = Survey(answers=survey.answers[list(book)], codebook=book, about=survey.about)
        assert transitions(types_in(less), less) == []
        assert transition_caveats(types_in(less), less) == []
    once = panel(300, 3, lost=1.0)
    assert transitions(types_in(once), once) == []


def test_people_asked_once_are_told_of(followed):
    survey, types = followed
    [caveat] = transition_caveats(types, survey)
    pairs = read_pairs(types, survey)
    assert f"{pairs.alone} people of 3,000" in caveat.text
    assert transitions(types, survey)[0].n_dropped == pairs.alone


def test_missing_people_and_double_rows_are_no_pairs(followed):
    survey, types = followed
    answers = survey.answers.copy()
    answers.loc[:4, "who"] = ""
    answers.loc[5, "who"] = answers.loc[6, "who"]
    changed = Survey(answers=answers, codebook=survey.codebook, about=survey.about)
    before, after = read_pairs(types, survey), read_pairs(types, changed)
    gone = set(before.earlier) - set(after.earlier)
    assert gone <= set(range(7))
    assert len(after.earlier) == len(before.earlier) - len(gone)


def test_types_as_chosen_are_counted():
    rng = np.random.default_rng(2)
    first = rng.choice(3, 200, p=SHARES)
    second = np.where(rng.random(200) < 0.9, first, (first + 1) % 3)
    cards = np.array(["Friends", "Partners", "Enemies"])
    frame = pd.DataFrame({"card": pd.Categorical(np.r_[cards[first], cards[second]])})
    frame["who"] = [f"P{i}" for i in np.r_[np.arange(200), np.arange(200)]]
    frame["wave"] = pd.Categorical(np.repeat(["a", "b"], 200))
    card = Variable(variable="card", label="Card", type="category", roles=("relationship",))
    survey = Survey(
        answers=frame,
        codebook={"card": card, "who": PERSON, "wave": WAVE},
        about=About(title="T"),
    )
    signs = read_indicators(survey)
    found = transitions(find_types(signs, as_chosen(signs.patterns)), survey)
    stay, naive = find(found, "transition.stay"), find(found, "transition.stay.modal")
    assert stay.value == pytest.approx(float((first == second).mean()))
    assert (stay.low, stay.high) == pytest.approx((naive.low, naive.high))


def test_a_move_is_told_of_only_where_it_stands_clear_among_all(followed):
    survey, types = followed
    found = transitions(types, survey)
    moves = moved(found)
    assert len(moves) == 6
    assert "Holm over 6 moves" in moves[0].method
    most = max((x for x in moves if x.p < 0.05), key=lambda item: item.value)
    assert f"{most.name}, " in headlines.transitions(found)
    alone = [
        replace(item, p=0.2) if item in moves else item for item in found
    ]  # intervals of some stay clear of zero
    assert any(item.low > 0 for item in moves)
    assert "No single move stands clear" in headlines.transitions(alone)
    net = [item for item in found if item.key == "transition.net"]
    assert all("Holm over 3 types" in item.method for item in net)
