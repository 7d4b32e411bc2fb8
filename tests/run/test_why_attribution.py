"""What moved is shared out among the ingredients that differ: cases worked out by hand."""

import math
from itertools import chain, combinations

import pytest

from crmresearch.run.why.attribution import combinations_of, moves, turns

ABC = ("data", "parameters", "package")


def runs_of(factors, rule) -> dict:
    """Every combination of what is new, with what `rule` makes of it."""
    sizes = chain.from_iterable(combinations(factors, size) for size in range(len(factors) + 1))
    return {frozenset(chosen): rule(frozenset(chosen)) for chosen in sizes}


def moved(factors, rule, leave_out=()):
    runs = {k: v for k, v in runs_of(factors, rule).items() if k not in leave_out}
    (move,) = moves(rule(frozenset()), rule(frozenset(factors)), runs, factors)
    return move


def test_what_only_adds_up_has_no_interaction():
    effects = {"data": 2.0, "parameters": -0.5, "package": 0.25}
    move = moved(ABC, lambda new: {"mean": 10 + sum(effects[x] for x in new)})
    assert move.alone == move.undone == move.shares == effects
    assert (move.change, move.interaction, move.elsewhere) == (1.75, 0, 0)


def test_what_multiplies_has_an_interaction_that_the_shares_halve():
    """3 x 2 becomes 5 x 4: the first alone adds 4, the second alone 6, together 14."""
    move = moved(
        ("data", "parameters"),
        lambda new: {"total": (5 if "data" in new else 3) * (4 if "parameters" in new else 2)},
    )
    assert move.alone == {"data": 4, "parameters": 6}
    assert move.undone == {"data": 8, "parameters": 10}
    assert move.interaction == 4
    assert move.shares == {"data": 6, "parameters": 8}


def test_opposite_moves_keep_their_signs():
    move = moved(
        ("data", "package"),
        lambda new: {"gap": -1.0 + 3.0 * ("data" in new) - 2.5 * ("package" in new)},
    )
    assert move.change == 0.5
    assert move.shares == {"data": 3.0, "package": -2.5}


def test_three_that_act_only_together_share_alike():
    move = moved(ABC, lambda new: {"x": 6.0 * (len(new) == 3)})
    assert move.alone == {"data": 0, "parameters": 0, "package": 0}
    assert move.undone == {"data": 6, "parameters": 6, "package": 6}
    assert move.interaction == 6
    assert move.shares == pytest.approx({"data": 2, "parameters": 2, "package": 2}, abs=1e-12)


def test_shares_of_the_glove_game():
    """Shapley's own kind of case: one left glove (data), two right ones; a pair is worth 1."""
    move = moved(
        ABC,
        lambda new: {"pairs": 1.0 * ("data" in new and len(new) > 1)},
    )
    assert move.shares == pytest.approx({"data": 2 / 3, "parameters": 1 / 6, "package": 1 / 6})


def test_whatever_the_runs_say_the_parts_add_up():
    values = {chosen: {"x": math.sin(3.7 * number) * 10**number} for number, chosen in
              enumerate(combinations_of(ABC, exact=True))}  # fmt: skip
    (move,) = moves({"x": 0.4}, {"x": -9.0}, values, ABC)
    assert sum(move.alone.values()) + move.interaction + move.elsewhere == pytest.approx(-9.4)
    assert sum(move.shares.values()) + move.elsewhere == pytest.approx(-9.4)


def test_one_ingredient_explains_all_without_a_run():
    (move,) = moves({"x": 1.0}, {"x": 4.0}, {}, ("data",))
    assert move.alone == move.undone == move.shares == {"data": 3.0}
    assert move.interaction == move.elsewhere == 0


def test_what_cannot_be_made_again_is_put_on_none_of_them():
    runs = {frozenset(): {"x": 1.5}, frozenset(("data",)): {"x": 2.0}}
    (move,) = moves({"x": 1.0}, {"x": 2.0}, runs, ("data",))
    assert (move.elsewhere, move.alone) == (0.5, {"data": 0.5})


def test_a_number_that_a_run_lacks_leaves_its_ingredient_open():
    def rule(new):
        lacking = new == {"parameters"}
        return {"x": math.nan if lacking else 1.0 + 2 * ("data" in new) + 4 * ("parameters" in new)}

    move = moved(("data", "parameters"), rule)
    assert move.alone["data"] == 2
    assert math.isnan(move.alone["parameters"])
    assert move.undone["parameters"] == 4
    assert move.interaction == 4  # what data alone does not explain
    assert move.shares == {}


def test_a_run_that_failed_is_like_one_that_was_not_made():
    move = moved(ABC, lambda new: {"x": float(len(new))}, leave_out=[frozenset(("data",))])
    assert math.isnan(move.alone["data"])
    assert move.shares == {}


@pytest.mark.parametrize(
    ("old", "new", "has_moved"),
    [
        (1e6, 1e6 + 1e-4, False), (1e6, 1e6 + 1e-2, True), (0.0, 1e-17, False),
        (0.0, 1e-6, True), (-1.0, 1.0, True), (math.nan, math.nan, False), (2.0, math.nan, False),
    ],
)  # fmt: skip
def test_only_what_is_more_than_rounding_has_moved(old, new, has_moved):
    assert bool(moves({"x": old}, {"x": new}, {}, ("data",))) is has_moved


def test_a_verdict_is_put_on_what_turns_it_alone():
    runs = runs_of(ABC, lambda new: {"claim": "supported" if "data" in new else "inconclusive"})
    (turn,) = turns({"claim": "inconclusive"}, {"claim": "supported"}, runs, ABC)
    assert (turn.by, turn.needed) == ((("data",),), ("data",))


def test_a_verdict_that_turns_only_together_says_so():
    runs = runs_of(ABC, lambda new: {"claim": "yes" if {"data", "package"} <= new else "no"})
    (turn,) = turns({"claim": "no"}, {"claim": "yes"}, runs, ABC)
    assert turn.by == (("data", "package"),)
    assert turn.needed == ("data", "package")


def test_a_verdict_that_either_turns_needs_neither():
    runs = runs_of(ABC, lambda new: {"claim": "yes" if {"data", "package"} & new else "no"})
    (turn,) = turns({"claim": "no"}, {"claim": "yes"}, runs, ABC)
    assert turn.by == (("data",), ("package",))
    assert turn.needed == ()


def test_a_number_that_comes_has_no_verdict_before():
    runs = runs_of(("data", "package"), lambda new: {"x": "there"} if "package" in new else {})
    (turn,) = turns({}, {"x": "there"}, runs, ("data", "package"))
    assert (turn.old, turn.new, turn.by) == ("", "there", (("package",),))


def test_three_ingredients_take_every_combination_and_four_only_on_demand():
    assert len(combinations_of(ABC, exact=False)) == 8
    four = (*ABC, "notebook")
    assert len(combinations_of(four, exact=False)) == 10
    assert len(combinations_of(four, exact=True)) == 16


def test_what_the_old_build_made_again_has_turned_no_ingredient_did():
    old, new = {"claim": "supported"}, {"claim": "inconclusive"}
    runs = {frozenset(): new, frozenset({"data"}): new}
    (turn,) = turns(old, new, runs, ("data", "parameters"))
    assert turn.by == ()
