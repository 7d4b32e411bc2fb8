"""Cards: shares, valence, second choices, repetition, and what they say of working labels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

from crmresearch.archetypes import figures, headlines
from crmresearch.archetypes.cards import read_cards
from crmresearch.archetypes.catalogue import read_catalogue
from crmresearch.archetypes.choice import choice_by_type
from crmresearch.archetypes.indicators import read_indicators
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.metaphors import OTHER, chosen
from crmresearch.archetypes.nearest import name_types
from crmresearch.archetypes.retest import again
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.survey import Survey
from crmresearch.methods.nominal import cramers_v, v_of
from crmresearch.methods.weighting import Design, design
from crmresearch.report.claims import claims
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.report.findings import conclude

from .conftest import CHANCES, SHARES
from .rated import OFFERED, OWN, STAYS, rated_survey, without
from .test_nearest import order_of

KINDS = read_catalogue()


@pytest.fixture(scope="module")
def rated():
    return rated_survey(900, 8)[0]


def survey_of(**columns) -> Survey:
    """Columns by the name of their role; lists become categories."""
    frame = pd.DataFrame(
        {
            role: values
            if role in ("person", "relationship_confidence")
            else pd.Categorical(values)
            for role, values in columns.items()
        }
    )
    types = {"person": "id", "relationship_confidence": "number"}
    book = {
        role: Variable(variable=role, label=role, type=types.get(role, "category"), roles=(role,))
        for role in columns
    }
    return Survey(answers=frame, codebook=book, about=About(title="T"))


def chosen_of(survey: Survey, design=None, **given):
    design = design or Design(len(survey.answers))
    return chosen(read_cards(survey, KINDS, design=design), survey, **given)


@pytest.fixture(scope="module")
def choices(rated):
    found = read_indicators(rated)
    types = find_types(found, fit(found.patterns, 4, starts=4, rng=np.random.default_rng(1)))
    drawn = read_cards(rated, KINDS, design=found.design)
    named = name_types(types, rated, KINDS)
    return types, choice_by_type(types, drawn, named, min_cell=10)


def test_shares_are_of_those_who_chose_and_rare_cards_stand_together():
    cards = ["Buddies"] * 50 + ["Enmity"] * 30 + ["Fling"] * 4 + ["Rebound"] * 3 + [None] * 13
    found = chosen_of(survey_of(relationship=cards), min_cell=5)
    by_card = {item.group: item.value for item in found if item.key == "chosen.share"}
    assert_allclose(by_card.pop("card: Buddies"), 50 / 87)
    assert_allclose(by_card.pop("card: Enmity"), 30 / 87)
    assert_allclose(by_card.pop(f"card: {OTHER}"), 7 / 87)
    assert by_card == {}
    assert find(found, "chosen.share", "card: Buddies").n == 87


def test_a_single_rare_card_hides_another_with_it():
    cards = ["Buddies"] * 50 + ["Enmity"] * 30 + ["Fling"] * 3
    found = chosen_of(survey_of(relationship=cards), min_cell=5)
    groups = {item.group for item in found if item.key == "chosen.share"}
    assert groups == {"card: Buddies", f"card: {OTHER}"}


def test_valence_comes_from_the_catalogue():
    cards = ["Buddies"] * 5 + ["Enmity"] * 3 + ["Rivals of ours"] * 2
    found = chosen_of(survey_of(relationship=cards))
    sides = {x.key.rpartition(".")[2]: x.value for x in found if "valence" in x.key}
    assert_allclose([sides["positive"], sides["negative"], sides["neither"]], [0.5, 0.3, 0.2])


def test_cards_of_no_catalogue_have_shares_and_nothing_else():
    found = chosen_of(survey_of(relationship=["Ally", "Foe", "Foe"]))
    assert {item.key for item in found} == {"chosen.share"}


def test_second_choices_are_held_against_unrelated_ones(rated):
    found = chosen_of(rated)
    drawn = read_cards(rated, KINDS, design=Design(900))
    away = KINDS.distances(drawn.place)[:, drawn.rows]
    first, second = drawn.first, drawn.second
    known = (drawn.rows[first] >= 0) & (drawn.rows[second] >= 0) & (first != second)
    assert_allclose(find(found, "chosen.second").value, away[first, second][known].mean())
    # drawn alike but for the first's pull to the own card, which the second shares
    less = find(found, "chosen.second.chance")
    assert less.low < less.value < less.high
    assert_allclose(less.value, _direct(away, first[known], second[known]))


def _direct(away, first, second):
    """The mean distance less that of pairs drawn from the two margins, unlike each other."""
    mean, total, mass = away[first, second].mean(), 0.0, 0.0
    p, q = (np.bincount(side, minlength=len(away)) / len(side) for side in (first, second))
    for a in range(len(away)):
        for b in range(len(away)):
            if a != b and p[a] * q[b] > 0:
                total += p[a] * q[b] * away[a, b]
                mass += p[a] * q[b]
    return mean - total / mass


def test_basic_exchange_is_held_against_the_most_frequent_other_card():
    cards = ["Basic exchange"] * 60 + ["Buddies"] * 50 + ["Enmity"] * 40
    found = find(chosen_of(survey_of(relationship=cards)), "chosen.exchange")
    assert_allclose(found.value, 10 / 150)
    assert found.name == "“Basic exchange” less “Buddies”"
    assert found.low < 0 < found.high
    finding = [x for x in conclude(claims("archetypes"), [found]) if x.claim.id == "basic-exchange"]
    assert finding[0].verdict == "inconclusive"
    assert not [
        x for x in chosen_of(survey_of(relationship=["Buddies", "Enmity"])) if "exchange" in x.key
    ]


def test_repetition_is_that_of_the_same_person_and_brand():
    survey = survey_of(
        person=["a", "a", "b", "b", "c", "c", "d", "e", "e", "f", "f"],
        wave=["1", "2", "1", "2", "1", "2", "1", "1", "2", "2", "1"],
        brand=["N", "N", "N", "N", "N", "S", "N", "N", "N", "N", "N"],
        relationship=[
            "Fling", "Fling", "Fling", "Enmity", "Fling", "Fling", "Fling", "Enmity", None,
            "Enmity", "Enmity",
        ],
    )  # fmt: skip
    same, kappa = again(read_cards(survey, KINDS, design=Design(11)), survey)
    assert same.n == 3  # a, b and f
    assert_allclose(same.value, 2 / 3)
    assert_allclose(kappa.value, (2 / 3 - 4 / 9) / (5 / 9))
    one = survey_of(person=["a", "b"], relationship=["Fling", "Fling"])
    assert again(read_cards(one, KINDS, design=Design(2)), one) == []


def test_repetition_counts_people_of_one_account_as_related():
    rng = np.random.default_rng(3)
    n = 120
    first = rng.choice(["Fling", "Enmity", "Buddies"], n)
    second = np.where(rng.random(n) < 0.6, first, rng.choice(["Fling", "Enmity", "Buddies"], n))
    survey = survey_of(
        person=[f"p{i}" for i in range(n)] * 2,
        wave=["1"] * n + ["2"] * n,
        relationship=[*first, *second],
    )
    accounts = np.tile(np.arange(n) // 10, 2)
    sampling = design(2 * n, clusters=accounts, cluster_name="account")
    plain = again(read_cards(survey, KINDS, design=Design(2 * n)), survey)[1]
    found = again(read_cards(survey, KINDS, design=sampling), survey)[1]
    assert_allclose(found.value, plain.value)
    assert "clustered by account, 12 accounts" in found.method
    assert found.low != plain.low


@pytest.mark.parametrize("cards", [[None, None], ["Fling"], ["Fling", "Fling"]])
def test_few_or_equal_choices_give_what_can_be_told(cards):
    survey = survey_of(relationship=cards, relationship_second=cards)
    found = chosen_of(survey)
    shares = [item.value for item in found if item.key == "chosen.share"]
    assert shares == ([] if cards[0] is None else [1.0])
    assert not [item for item in found if item.key.startswith("chosen.second")]


def test_without_cards_there_is_nothing(rated):
    bare = without(rated, "relationship")
    assert read_cards(bare, KINDS, design=Design(900)) is None
    assert chosen(None, bare) == []
    assert headlines.chosen.chosen([]).startswith("Not in these data: a type of relationship")
    assert headlines.chosen.by_type([]).startswith("Not in these data: cards to hold")


def test_cards_within_types_are_corrected_and_bear_the_labels_out(choices):
    types, found = choices
    order = order_of(types, CHANCES)
    for k, label in enumerate(types.labels):
        own = find(found, "choice.own", f"type: {label}")
        assert own.name.endswith(f"“{OWN[order[k]]}”")
        truth = STAYS + (1 - STAYS) / len(OFFERED)
        assert own.low - 0.03 < truth < own.high + 0.03
        parts = [x.value for x in found if x.key.startswith("choice.card") and x.group == own.group]
        assert_allclose(sum(parts), 1, atol=0.02)
    words = headlines.chosen.by_type(found)
    assert words.startswith("Of 4 working labels, 4 are also the card that the type chose most")
    corrected, plain = (find(found, key).value for key in ("choice.v", "choice.v.modal"))
    assert corrected > plain


def test_v_is_cut_and_equal_to_the_plain_one_without_errors_of_classification(rated):
    cards = without(rated, "experienced")
    found = read_indicators(cards)
    model = fit(found.patterns, 4, starts=4, rng=np.random.default_rng(1))
    certain = replace(model, posterior=np.eye(4)[model.modal])
    types = find_types(found, certain)
    drawn = read_cards(cards, KINDS, design=found.design)
    both = choice_by_type(types, drawn, name_types(types, cards, KINDS))
    corrected, plain = (find(both, key) for key in ("choice.v", "choice.v.modal"))
    assert_allclose(corrected.value, plain.value)
    assert_allclose([corrected.low, corrected.high], [plain.low, plain.high], atol=2e-3)


def test_exhibits_are_drawn_and_told(rated, choices):
    figure = Figure()
    found = chosen_of(rated, min_cell=10)
    assert figures.chosen.chosen(found, figure).startswith("Lowest is")
    words = headlines.chosen.chosen(found)
    assert "is chosen most, by" in words
    assert "on the hostile side by" in words
    figure = Figure()
    caption = figures.chosen.by_type(choices[1], figure)
    assert caption.startswith("A square is the card of the type's working label.")
    assert len(figure.axes) == 4
    shown = show("cards", choices[1], title=headlines.chosen.by_type, min_cell=300)
    assert "not shown" in shown.markdown  # the small types


def coverage(replicates: int, n: int) -> tuple[float, float]:
    """How often the corrected shares of the own card, and the corrected V, hold the truth."""
    chance = np.full((4, len(OFFERED)), (1 - STAYS) / len(OFFERED))
    chance[:, :4] += STAYS * np.eye(4)
    truth, held, together = v_of(SHARES[:, None] * chance)[0], [], []
    for seed in range(replicates):
        survey, _ = rated_survey(n, 5000 + seed)
        found = read_indicators(survey)
        rng = np.random.default_rng(seed)
        types = find_types(found, fit(found.patterns, 4, starts=4, rng=rng))
        drawn = read_cards(survey, KINDS, design=found.design)
        both = choice_by_type(types, drawn, name_types(types, survey, KINDS))
        order = order_of(types, CHANCES)
        v = find(both, "choice.v")
        together.append(v.low <= truth <= v.high)
        for k, label in enumerate(types.labels):
            key = f"choice.card.{OWN[order[k]].lower().replace(' ', '_')}"
            one = find(both, key, f"type: {label}")
            held.append(one.low <= chance[0, 0] <= one.high)
    return float(np.mean(held)), float(np.mean(together))


def test_corrected_shares_hold_the_truth():
    held, _ = coverage(6, 600)
    assert held >= 0.84


@pytest.mark.slow
def test_corrected_shares_hold_the_truth_in_many_samples():
    held, together = coverage(400, 900)
    assert 0.93 <= held <= 0.97
    assert together >= 0.92


def test_v_by_likeliest_type_is_that_of_the_two_codings(rated, choices):
    types, found = choices
    drawn = read_cards(rated, KINDS, design=Design(900))
    direct = cramers_v(types.of_row, drawn.first, key="v", name="V")
    assert_allclose(find(found, "choice.v.modal").value, direct.value)


def test_a_side_that_gives_a_rare_card_away_is_not_told():
    hostile, friendly = "Enslavement", "Best friends"
    cards = [hostile] * 40 + ["Enmity"] * 3 + [friendly] * 50 + ["Buddies"] * 30
    survey = survey_of(relationship=cards)
    drawn = read_cards(survey, KINDS, design=Design(len(cards)))
    # the rarest takes the next with it, of the other side: 3 are what is left of the hostile
    assert find(chosen(drawn, survey, min_cell=10), "chosen.valence.negative") is None
    told = find(chosen(drawn, survey, min_cell=3), "chosen.valence.negative")
    assert_allclose(told.value, 43 / 123)


def test_types_that_few_chose_are_taken_together():
    cards = ["Enslavement"] * 40 + ["Enmity"] * 3 + ["Best friends"] * 50 + ["Buddies"] * 30
    survey = survey_of(relationship=[*cards, None])
    found = read_indicators(survey, min_cell=10)
    assert set(found.patterns.categories[0]) == {"Enslavement", "Best friends", OTHER}
    assert found.patterns.n == 123
    assert len(read_indicators(survey).patterns.categories[0]) == 4
