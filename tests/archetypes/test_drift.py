"""Drift: found where it is known to be, no alarm where there is none, a saved model's errors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crmresearch.archetypes import invariance
from crmresearch.archetypes.drift import drift
from crmresearch.archetypes.drift_estimates import drift_caveats, estimates
from crmresearch.archetypes.figures import waves as figures
from crmresearch.archetypes.frozen import frozen_types
from crmresearch.archetypes.headlines import waves as headlines
from crmresearch.archetypes.latent import fit
from crmresearch.archetypes.saved_model import saved
from crmresearch.archetypes.transitions import transitions
from crmresearch.archetypes.types import find_types
from crmresearch.data.codebook import About, Variable
from crmresearch.data.simulate import WORLDS, survey
from crmresearch.data.survey import Survey
from crmresearch.errors import DataError
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show

from .test_model_file import mixed_survey, types_of
from .test_transitions import CHANCES, SHARES, panel, types_in


def wave_of(answers, number):
    column = answers.answers[answers.variables("wave")[0].variable].astype("category")
    rows = (column.cat.codes == number).to_numpy()
    return replace(answers, answers=answers.answers[rows].reset_index(drop=True))


def signs_of(world, **settings):
    """A survey of a world with its signs only, so that nothing else is asked."""
    made = survey(world, **settings)
    kept = {"indicator", "wave", "person"}
    book = {name: item for name, item in made.codebook.items() if kept.intersection(item.roles)}
    return Survey(answers=made.answers[list(book)], codebook=book, about=About(title="World"))


@pytest.fixture(scope="module")
def drifted():
    return signs_of(WORLDS["drift"], seed=3)


@pytest.fixture(scope="module")
def since(drifted):
    before, after = wave_of(drifted, 0), wave_of(drifted, 1)
    kept = saved(types_in(before, 4), before, seed=1)
    types = frozen_types(after, kept)
    return kept, types, estimates(drift(types, after, saved=kept))


def changed(found):
    return {item.key.removeprefix("drift.item.") for item in headlines.changed_items(found)}


def test_signs_that_changed_their_meaning_are_found_since_a_saved_model(since):
    _, _, found = since
    assert {"exciting", "fair"} <= changed(found)
    assert find(found, "drift.item.fair").value > 0.4
    assert headlines.drift(found).startswith("The meaning has moved in")


def test_signs_that_changed_their_meaning_are_found_between_waves(drifted):
    types = types_in(drifted, 4)
    same = invariance.compare(types, drifted)
    found = estimates(drift(types, drifted, same=same))
    assert {"exciting", "fair"} <= changed(found)
    assert find(found, "drift.shares").p < 0.05
    assert find(found, "drift.of").value == 4


def test_shares_that_moved_are_found_and_profiles_held():
    before, after = panel(1500, 1), panel(1500, 2)
    moved = replace(after, answers=after.answers.iloc[1500:].reset_index(drop=True))
    first = replace(before, answers=before.answers.iloc[:1500].reset_index(drop=True))
    kept = saved(types_in(first), first, seed=1)
    found = estimates(drift(frozen_types(moved, kept), moved, saved=kept))
    assert find(found, "drift.shares").p < 0.05
    assert "other shares" in headlines.drift(found) or changed(found)


def test_types_that_are_gone_do_not_return():
    rng = np.random.default_rng(3)
    first = panel(1500, 1)
    other = 1 - CHANCES[rng.choice(3, 1500, p=SHARES)]
    other[:, :3] = rng.permuted(other[:, :3], axis=1)
    answers = pd.DataFrame(
        (rng.random((1500, 6)) < other).astype(float), columns=first.answers.columns[:6]
    )
    second = Survey(
        answers=answers,
        codebook={name: first.codebook[name] for name in answers},
        about=About(title="T"),
    )
    kept = saved(types_in(first), first, seed=1)
    found = estimates(drift(frozen_types(second, kept), second, saved=kept))
    assert find(found, "drift.returned").value < 3
    assert headlines.drift(found).startswith("Other types")


def test_the_types_keep_their_names_and_profiles(since, drifted):
    kept, types, _ = since
    assert types.labels == kept.labels
    assert np.array_equal(types.model.probs, kept.probs)
    assert types.model.shares.sum() == pytest.approx(1)


def test_frozen_on_its_own_data_a_model_is_as_it_was_fitted():
    answers = mixed_survey()
    types = types_of(answers)
    again = frozen_types(answers, saved(types, answers, seed=1))
    assert again.model.shares == pytest.approx(types.model.shares, abs=1e-6)
    assert again.model.loglik == pytest.approx(types.model.loglik, abs=1e-6)
    assert again.model.posterior == pytest.approx(types.model.posterior, abs=1e-6)
    assert again.errors.prob_covariance == pytest.approx(types.errors.prob_covariance, abs=1e-8)
    assert again.errors.share_error == pytest.approx(types.errors.share_error, rel=0.05)


def test_shares_with_frozen_profiles_are_the_best_there_are(since):
    _, types, _ = since
    model = types.model
    density = np.exp(np.log(np.maximum(model.probs, 1e-300)) @ model.patterns.onehot)
    slope = (density / (model.shares @ density)) @ model.patterns.weight / model.patterns.total
    assert slope == pytest.approx(np.ones(4), abs=1e-5)  # Karush, Kuhn and Tucker


def alarms(replicates, people, seed):
    """p values where nothing has drifted: of the shares, and the unadjusted ones of the items."""
    shares, items = [], []
    for draw in range(replicates):
        both = panel(people, seed + draw, moves=np.tile(SHARES, (3, 1)))
        half = [
            replace(both, answers=both.answers[at].reset_index(drop=True))
            for at in (slice(0, people), slice(people, None))
        ]
        kept = saved(types_in(half[0]), half[0], seed=1)
        found = drift(frozen_types(half[1], kept), half[1], saved=kept)
        shares.append(found.change.joint())
        items.append(found.p.min())
    return np.array(shares), np.array(items)


def test_alarms_are_rare_where_nothing_drifts():
    shares, items = alarms(6, 800, 50)
    assert (shares < 0.05).sum() <= 2
    assert (items < 0.05).sum() <= 2


@pytest.mark.slow
def test_alarms_come_at_the_stated_rate_where_nothing_drifts():
    shares, items = alarms(400, 1000, 900)
    assert 0.02 <= (shares < 0.05).mean() <= 0.08
    assert (items < 0.05).mean() <= 0.08


def test_nothing_to_hold_against(drifted):
    one = wave_of(drifted, 0)
    assert drift(types_in(one, 4), one) is None
    assert estimates(None) == []
    assert headlines.drift([]).startswith("Not in these data")
    assert drift(types_in(drifted, 1), drifted) is None


def test_the_same_data_are_told_of():
    answers = mixed_survey()
    kept = saved(types_of(answers), answers, seed=1)
    [caveat] = drift_caveats(kept, answers)
    assert "these very data" in caveat.text
    assert drift_caveats(kept, replace(answers, source={"sha256": "other"})) == []
    assert drift_caveats(None, answers) == []


def test_all_that_new_data_lack_is_told_at_once():
    answers = mixed_survey()
    kept = saved(types_of(answers), answers, seed=1)
    frame = answers.answers.drop(columns="yes")
    frame["card"] = frame["card"].cat.add_categories("blau")
    frame.loc[:2, "card"] = "blau"
    book = {name: item for name, item in answers.codebook.items() if name != "yes"}
    book["times"] = Variable(variable="times", label="", type="scale", roles=("indicator",))
    with pytest.raises(DataError, match=r"^3 data problem") as error:
        frozen_types(replace(answers, answers=frame, codebook=book), kept)
    for said in (
        "column 'yes': found no such variable",
        "column 'card': found 'blau' in 3 rows but the saved model knows the answers 'Grün', 'rot'",
        "column 'times': it is of type scale",
    ):
        assert said in str(error.value)


def test_answers_that_nobody_gave_this_time_and_empty_columns_are_no_problem():
    answers = mixed_survey()
    kept = saved(types_of(answers), answers, seed=1)
    frame = answers.answers.copy()
    frame["yes"] = np.nan
    frame = frame[frame["card"] == "rot"].reset_index(drop=True)
    types = frozen_types(replace(answers, answers=frame), kept)
    assert types.model.patterns.counts.tolist() == [2, 5, 3, 2]
    assert np.isfinite(types.errors.share_error).all()
    found = estimates(drift(types, replace(answers, answers=frame), saved=kept))
    assert find(found, "drift.of").value == 2


def test_the_drift_estimates_do_not_depend_on_the_order_of_types(since, drifted):
    kept, _, found = since
    order = np.array([2, 0, 3, 1])
    size = len(kept.covariance)
    full = np.arange(size)
    blocks = [full[3 + 8 * k : 11 + 8 * k] for k in order]
    jacobian = np.vstack([-np.ones(3), np.eye(3)])[order][1:]
    back = np.zeros((size, size))
    back[:3, :3] = jacobian
    back[3 + np.arange(32), np.concatenate(blocks)] = 1.0
    other = replace(
        kept,
        labels=tuple(kept.labels[k] for k in order),
        shares=kept.shares[order],
        probs=kept.probs[order],
        covariance=back @ kept.covariance @ back.T,
    )
    after = wave_of(drifted, 1)
    again = estimates(drift(frozen_types(after, other), after, saved=other))
    assert find(again, "drift.shares").p == pytest.approx(find(found, "drift.shares").p, abs=1e-3)
    for name in ("exciting", "reliable"):
        mine, theirs = (find(part, f"drift.item.{name}") for part in (again, found))
        assert mine.value == pytest.approx(theirs.value, abs=2e-3)


def test_a_model_refitted_to_the_same_answers_returns(drifted):
    before = wave_of(drifted, 0)
    types = types_in(before, 4)
    kept = saved(types, before, seed=1)
    found = drift(frozen_types(before, kept), before, saved=kept)
    assert found.returned.partner.tolist() == [0, 1, 2, 3]
    assert found.returned.distance.max() < 0.02
    assert found.returned.alike > 0.99
    assert np.abs(found.change.moved).max() < 1e-4
    refit = fit(types.indicators.patterns, 4, rng=np.random.default_rng(5))
    assert find_types(types.indicators, refit).labels == types.labels


def test_the_figures_say_what_they_show(since, drifted):
    _, _, found = since
    shown = show("drift", found, title=headlines.drift, draw=figures.drift, min_cell=10)
    assert "“Exciting”" in shown.record["caption"]
    assert "“Fair”" in shown.record["caption"]
    moves = transitions(types_in(drifted, 4), drifted)
    told = show("moves", moves, title=headlines.transitions, draw=figures.transitions, min_cell=10)
    assert "of the people asked twice are of the same type" in told.record["title"]
    assert "Each row divides the people of a type" in told.record["caption"]
    hidden = show("few", moves, title=headlines.transitions, draw=figures.transitions, min_cell=200)
    small = [item for item in moves if item.group.startswith("from") and item.n < 200]
    assert small
    assert not any(
        item.group.partition(": ")[2] + " to" in hidden.record["title"] for item in small
    )
    empty = show("none", [], title=headlines.transitions, draw=figures.transitions)
    assert empty.record["title"].startswith("Not in these data")
