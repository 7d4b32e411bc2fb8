"""By how much fitted types seem surer than they are: against the truth, and where nothing is."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from crmresearch.archetypes import overconfidence as module
from crmresearch.archetypes.classification import classify
from crmresearch.archetypes.overconfidence import less_sure, overconfidence

from .test_transitions import CHANCES, in_order, panel, types_in


def optimism(types):
    """The told table less the true one of the same placing, which the world's chances give."""
    signs = np.unpackbits(np.arange(64, dtype=np.uint8)[:, None], axis=1)[:, 2:]
    order = np.argsort(in_order(types))
    chances, yes = CHANCES[order], np.clip(types.model.probs[:, 1::2], 1e-9, 1 - 1e-9)
    fitted = signs @ np.log(yes).T + (1 - signs) @ np.log(1 - yes).T + np.log(types.model.shares)
    true = np.exp(signs @ np.log(chances).T + (1 - signs) @ np.log(1 - chances).T)
    return classify(types).table - true.T @ np.eye(3)[fitted.argmax(axis=1)]


def test_it_is_what_the_told_table_has_above_the_true_one():
    found, expected = [], []
    for seed in range(24):  # of fewer respondents it is somewhat too small, see the module
        types = types_in(panel(600, seed, lost=1.0))
        if len(set(in_order(types))) == 3:  # each type of the world was found
            found.append(np.trace(overconfidence(types)))
            expected.append(np.trace(optimism(types)))
    assert len(found) > 15
    error = np.std(expected) / np.sqrt(len(expected))
    assert np.mean(expected) > 4 * error  # there is something to find
    assert abs(np.mean(found) - np.mean(expected)) < 2.5 * error


def test_it_shrinks_as_respondents_grow():
    small, large = (types_in(panel(people, 3, lost=1.0)) for people in (1000, 8000))
    assert 0 < 4 * np.trace(overconfidence(large)) < np.trace(overconfidence(small))


def test_placing_is_less_sure_and_keeps_its_errors():
    types = types_in(panel(1000, 3, lost=1.0))
    told, freed = classify(types), less_sure(types)
    assert np.trace(freed.table) < np.trace(told.table)
    assert_allclose(freed.table.sum(axis=1), 1)
    assert_allclose(freed.table @ freed.inverse, np.eye(3), atol=1e-12)
    effect = np.arange(9.0).reshape(3, 3)
    assert_allclose(freed.influence(effect), told.influence(effect))


def test_blocks_of_patterns_make_no_difference(monkeypatch):
    types = types_in(panel(1000, 3, lost=1.0))
    whole = overconfidence(types)
    monkeypatch.setattr(module, "BLOCK", 10)
    assert_allclose(overconfidence(types), whole, atol=1e-12)
    monkeypatch.setattr(module, "BLOCKS", 4)
    some = overconfidence(types)
    assert_allclose(some.sum(axis=1), 0, atol=1e-12)


def test_nothing_where_types_are_alone_or_not_determined():
    survey = panel(300, 3)
    one = types_in(survey, 1)
    assert_allclose(overconfidence(one), [[0.0]])
    types = types_in(survey)
    unknown = replace(types, errors=replace(types.errors, identified=False))
    assert_allclose(overconfidence(unknown), np.zeros((3, 3)))
