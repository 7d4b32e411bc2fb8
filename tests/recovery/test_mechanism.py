"""Why recovery works: chains read from data, a world with a known mechanism, and what is absent."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from crmresearch.data.codebook import Variable
from crmresearch.data.load import load
from crmresearch.errors import RequestError
from crmresearch.methods import regression
from crmresearch.recovery import chain, figures, headlines, mechanism, mechanism_checks
from crmresearch.recovery.cases import read
from crmresearch.report import style
from crmresearch.report.claims import claims
from crmresearch.report.estimates import find
from crmresearch.report.exhibits import show
from crmresearch.report.findings import MARK, conclude

JUSTICES = ("distributive", "procedural", "interactional", "informational")


def fair_world(seed: int = 1, n: int = 1500, *, loyal: float = 0.0) -> dict[str, np.ndarray]:
    """Complainers whose fairness counts 4 : 1 : 2 for handling, which counts for word of mouth.

    Handling passes `loyal` on to loyalty, and resolving a complaint raises every fairness.
    """
    rng = np.random.default_rng(seed)

    def rated(values: np.ndarray) -> np.ndarray:
        return np.clip(np.round(4 + values + rng.normal(0, 0.4, n)), 1, 7)

    resolved = rng.random(n) < 0.6
    prior = rng.normal(0, 1, n)
    fair = {name: 0.5 * resolved + 0.3 * prior + rng.normal(0, 1, n) for name in JUSTICES}
    handling = 0.6 * fair["distributive"] + 0.15 * fair["procedural"]
    handling = handling + 0.3 * fair["interactional"] + 0.3 * resolved + rng.normal(0, 0.7, n)
    talk = 0.5 * handling + 0.3 * prior + rng.normal(0, 0.8, n)
    loyalty = loyal * handling + 0.4 * resolved + 0.3 * prior + rng.normal(0, 0.8, n)
    columns = {
        "complained": np.ones(n),
        "resolved": resolved.astype(float),
        "prior_satisfaction": rated(prior),
        "loyalty": rated(loyalty),
        "word_of_mouth": rated(talk),
    }
    for name, values in [*fair.items(), ("", handling)]:
        role = f"justice_{name}" if name else "recovery_satisfaction"
        columns |= {role: rated(values), f"{role}_2": rated(values)}
    return columns


@pytest.fixture(scope="module")
def fair(cases) -> chain.Chain:
    return chain.read(cases(**fair_world()))


@pytest.fixture(scope="module")
def fitted(fair) -> mechanism.Models:
    return mechanism.models(fair, seed=1, resamples=400)


@pytest.fixture(scope="module")
def measured(fair) -> list:
    return mechanism_checks.measures(fair)


@pytest.fixture(scope="module")
def justice(fair) -> list:
    return mechanism.importance(fair, mechanism.divide(fair, seed=1, resamples=400))


def everything(found: chain.Chain) -> list[list]:
    models = mechanism.models(found, seed=1, resamples=60)
    return [
        mechanism_checks.measures(found),
        mechanism.importance(found, mechanism.divide(found, seed=1, resamples=60)),
        mechanism.effects(found, models),
        mechanism.chains(found, models),
        mechanism_checks.sensitivity(found, models),
    ]


def titles(found: chain.Chain, results: list[list]) -> list[str]:
    words = headlines.mechanism
    makers = (words.measures, words.importance, words.effects, words.chains, words.sensitivity)
    return [make(found, part) for make, part in zip(makers, results, strict=True)]


def test_the_chain_is_the_literatures(fair):
    assert [cause.key for cause in fair.causes] == ["resolved"]
    assert [scale.key for scale in fair.beside] == list(JUSTICES)
    assert fair.last.key == "handling"
    assert [outcome.key for outcome in fair.outcomes] == ["word_of_mouth", "loyalty"]


def test_the_known_mechanism_is_found(fair, fitted, justice):
    ways = mechanism.effects(fair, fitted)
    assert find(ways, "mechanism.indirect.word_of_mouth").low > 0.2
    none = find(ways, "mechanism.indirect.loyalty")
    assert none.low < 0 < none.high
    shares = [item.key for item in justice if item.key.startswith("mechanism.share.")]
    assert shares[:2] == ["mechanism.share.distributive", "mechanism.share.interactional"]
    assert find(justice, "mechanism.order").low > 0
    verdicts = {item.claim.id: item.verdict for item in conclude(claims("recovery"), justice, ways)}
    assert verdicts["handling-carries-word-of-mouth"] == "supported"
    assert verdicts["handling-carries-loyalty"] == "supported"
    assert verdicts["justice-order"] == "supported"


def test_what_handling_carries_to_loyalty_contradicts_the_claim(cases):
    found = chain.read(cases(**fair_world(loyal=0.7)))
    ways = mechanism.effects(found, mechanism.models(found, seed=1, resamples=200))
    verdicts = {item.claim.id: item.verdict for item in conclude(claims("recovery"), ways)}
    assert verdicts["handling-carries-loyalty"] == "contradicted"


def test_parts_add_up(fair, fitted):
    ways, chained = mechanism.effects(fair, fitted), mechanism.chains(fair, fitted)

    def value(key: str) -> float:
        return find(ways + chained, key).value

    for outcome in ("word_of_mouth", "loyalty"):
        for ends in ("", *(f".{name}" for name in JUSTICES)):
            parts = [value(f"mechanism.{part}.{outcome}{ends}") for part in ("indirect", "direct")]
            assert value(f"mechanism.total.{outcome}{ends}") == pytest.approx(sum(parts))
        each = [value(f"mechanism.indirect.{outcome}.{name}") for name in JUSTICES]
        assert value(f"mechanism.indirect.{outcome}") == pytest.approx(sum(each))
        ends = f"{outcome}.resolved"
        through = [value(f"chain.through.{ends}.{kind}") for kind in ("beside", "both", "handling")]
        assert value(f"chain.indirect.{ends}") == pytest.approx(sum(through))
        rest = value(f"chain.indirect.{ends}") + value(f"chain.direct.{ends}")
        assert value(f"chain.total.{ends}") == pytest.approx(rest)


def test_keys_are_unique_and_units_known(cases):
    results = [item for part in everything(chain.read(cases(**fair_world(n=200)))) for item in part]
    keys = [item.key for item in results]
    assert len(keys) == len(set(keys))
    assert all(np.isfinite(item.value) for item in results)
    assert not any(item.randomised for item in results)


def test_proportion_only_where_the_total_is_clear(fair, fitted):
    ways = mechanism.effects(fair, fitted)
    part = find(ways, "mechanism.proportion.word_of_mouth")
    assert part.low > 0.5
    total = find(ways, "mechanism.total.loyalty")
    clear = total.low > 0 or total.high < 0
    assert (find(ways, "mechanism.proportion.loyalty") is not None) == clear


def test_scales_that_differ_are_told_apart(fair, measured):
    assert len([item for item in measured if item.key.startswith("mechanism.htmt.")]) == 10
    assert len([item for item in measured if item.key.startswith("mechanism.reliability.")]) == 5
    assert not mechanism_checks.failing(measured)
    assert mechanism_checks.note(fair, measured) == ""
    assert headlines.mechanism.measures(fair, measured).startswith("All 5 scales")


@pytest.fixture(scope="module")
def blurred(cases) -> chain.Chain:
    """Procedures are rated as the outcome is, and the explanation at random."""
    world = fair_world(n=600)
    rng = np.random.default_rng(3)
    for ends in ("", "_2"):
        world[f"justice_procedural{ends}"] = world["justice_distributive" + ends]
        world[f"justice_informational{ends}"] = rng.integers(1, 8, 600).astype(float)
    flips = rng.random(600) < 0.1  # else one repeats the other and there is no model
    world["justice_procedural"] = np.where(flips, 4.0, world["justice_procedural"])
    return chain.read(cases(**world))


def test_scales_that_fail_mark_what_rests_on_them(blurred):
    measured = mechanism_checks.measures(blurred)
    reasons = mechanism_checks.failing(measured)
    assert set(reasons) == {"distributive.procedural", "informational"}
    assert "cannot be told apart" in reasons["distributive.procedural"]
    models = mechanism.models(blurred, seed=1, resamples=60)
    ways = mechanism_checks.marked(blurred, mechanism.effects(blurred, models), measured)
    assert all(item.name.endswith(MARK) for item in ways)  # an unreliable scale is in all of them
    pair = [item for item in measured if "informational" not in item.key]
    ways = mechanism_checks.marked(blurred, mechanism.effects(blurred, models), pair)
    marked = {item.key for item in ways if item.name.endswith(MARK)}
    assert "mechanism.indirect.loyalty.procedural" in marked
    assert "mechanism.indirect.loyalty" not in marked  # of all together it does not matter
    assert "mechanism.indirect.loyalty.interactional" not in marked
    division = mechanism.divide(blurred, seed=1, resamples=60)
    shares = mechanism_checks.marked(blurred, mechanism.importance(blurred, division), pair)
    assert find(shares, "mechanism.order").name.endswith(MARK)
    assert MARK not in headlines.mechanism.importance(blurred, shares)
    assert MARK in mechanism_checks.note(blurred, measured)
    assert "unreliable" in headlines.mechanism.measures(blurred, measured)
    keys = {item.key for item in mechanism_checks.caveats(blurred, measured, ways)}
    assert keys >= {"mechanism.same_source", "mechanism.measures"}


def test_pairs_that_may_be_one_are_a_caveat(fair, measured):
    pair = dataclasses.replace(measured[-1], low=0.80, value=0.86, high=0.92)
    found = mechanism_checks.caveats(fair, [pair], measured)
    assert [item.key for item in found] == ["mechanism.same_source", "mechanism.alike"]
    assert "open" in headlines.mechanism.measures(fair, [pair])


def test_nothing_is_said_without_anything_to_say():
    assert mechanism_checks.caveats(None, [], []) == []


def test_correlated_errors_undo_what_they_should(fair, fitted):
    doubts = mechanism_checks.sensitivity(fair, fitted)
    rho = find(doubts, "mechanism.rho.word_of_mouth")
    assert rho.low > 0.2
    assert find(doubts, "mechanism.rho.loyalty").low < 0
    curve = [x.value for x in doubts if x.key.startswith("mechanism.at.word_of_mouth.")]
    assert curve == sorted(curve, reverse=True)
    ways = mechanism.effects(fair, fitted)
    middle = find(doubts, "mechanism.at.word_of_mouth.6")
    assert middle.value == pytest.approx(find(ways, "mechanism.indirect.word_of_mouth").value)
    assert find(doubts, "mechanism.reversed.word_of_mouth").method.startswith("products")


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (("justice", "recovery"), ["", "", "", "", ""]),
        (("justice",), ["measures", "", "", "chain", "sensitivity"]),
        (("recovery",), ["measures", "", "", "chain", ""]),
        (("justice", "resolved"), ["measures", "", "", "", ""]),
        (("resolved",), ["measures", "importance", "effects", "", "sensitivity"]),
        (("word_of_mouth", "loyalty"), ["measures", "importance", "", "", ""]),
    ],
)
def test_what_is_missing_is_said_in_one_line(cases, left_out, expected):
    world = {k: v for k, v in fair_world(n=200).items() if not k.startswith(left_out)}
    if "loyalty" in left_out:
        world["churned"] = (np.arange(200) % 3 == 0).astype(float)
    found = chain.read(cases(**world))
    results = everything(found)
    assert [bool(part) for part in results] == [bool(name) for name in expected]
    for title, part in zip(titles(found, results), results, strict=True):
        assert title.startswith("Not in these data: ") == (not part), title
        assert title.endswith(".")
        assert "\n" not in title


def test_one_item_a_scale_has_no_reliability_but_a_mechanism(cases):
    world = {k: v for k, v in fair_world(n=300).items() if not k.endswith("_2")}
    found = chain.read(cases(**world))
    results = everything(found)
    assert results[0] == []
    assert all(results[1:])
    assert titles(found, results)[0].startswith("Not in these data: two of the scales")


@pytest.mark.parametrize("n", [1, 5, 59])
def test_too_few_customers_say_nothing(cases, n):
    found = chain.read(cases(**fair_world(n=n)))
    assert not any(everything(found))
    assert all("answered" in title for title in titles(found, everything(found)))


def test_a_larger_smallest_cell_asks_for_more(cases):
    some = cases(**fair_world(n=200))
    assert not any(everything(chain.read(some, min_cell=201)))


def test_few_unresolved_complaints_are_no_cause(cases):
    world = fair_world(n=200)
    world["resolved"] = (np.arange(200) > 8).astype(float)
    assert chain.read(cases(**world)).causes == ()
    assert len(chain.read(cases(**world), min_cell=9).causes) == 1


def test_only_complainers_count(cases):
    world = fair_world(n=300)
    world["complained"] = (np.arange(300) < 200).astype(float)
    models = mechanism.models(chain.read(cases(**world)), seed=1, resamples=60)
    assert {(model.n, model.n_dropped) for model in models.values()} == {(200, 0)}


def test_constant_answers_leave_no_model(cases):
    world = fair_world(n=200)
    world["recovery_satisfaction"] = world["recovery_satisfaction_2"] = np.full(200, 4.0)
    found = chain.read(cases(**world))
    assert mechanism.models(found, seed=1, resamples=60) == {}
    assert mechanism.divide(found, seed=1, resamples=60) is None
    everything(found)


def test_accounts_and_weights_enter(cases):
    world = fair_world(n=400)
    world["account"] = [f"a{row // 4}" for row in range(400)]
    world["weight"] = np.random.default_rng(1).uniform(0.5, 2, 400)
    found = chain.read(cases(**world))
    [method] = {item.method.partition(", error")[0] for item in mechanism.effects(
        found, mechanism.models(found, seed=1, resamples=60)
    ) if item.key == "mechanism.indirect.loyalty"}  # fmt: skip
    assert "weighted, clustered by account" in method
    assert "resamples of accounts" in method
    assert "adjusted for prior satisfaction" in method
    few = dict(world, account=[f"a{row % 5}" for row in range(400)])
    assert chain.read(cases(**few)).design.clusters is None


def test_arms_of_an_experiment_are_causes(survey):
    rng = np.random.default_rng(2)
    arms = np.array(["plain, cold", "plain, warm", "rich, cold", "rich, warm"])[np.arange(240) % 4]
    warm = np.char.endswith(arms, "warm")
    felt = warm + rng.normal(0, 1, 240)
    satisfaction = 0.8 * felt + rng.normal(0, 0.7, 240)
    answers = survey(
        design="experiment",
        condition=arms,
        satisfaction=np.clip(np.round(4 + satisfaction), 1, 7),
        loyalty=np.clip(np.round(4 + 0.7 * satisfaction + rng.normal(0, 0.7, 240)), 1, 7),
        driver=np.clip(np.round(4 + felt), 1, 7),
    )
    codebook = dict(answers.codebook)
    codebook["driver"] = dataclasses.replace(codebook["driver"], construct="felt warmth")
    found = read(dataclasses.replace(answers, codebook=codebook))
    plain = chain.read(found)
    assert [scale.key for scale in plain.mediators] == ["satisfaction"]
    assert [cause.key for cause in plain.causes] == ["rich", "warm"]
    longer = chain.read(found, mediators="Felt warmth, satisfaction")
    assert [scale.key for scale in longer.mediators] == ["felt_warmth", "satisfaction"]
    chained = mechanism.chains(longer, mechanism.models(longer, seed=1, resamples=300))
    assert find(chained, "chain.through.loyalty.warm.felt_warmth-satisfaction").low > 0
    assert find(chained, "chain.total.loyalty.rich").low < 0
    assert {item.key for item in chained if item.randomised} == {
        "chain.total.loyalty.rich",
        "chain.total.loyalty.warm",
    }
    [text] = [x.text for x in mechanism_checks.caveats(longer, [], chained)]
    assert text.startswith("Chance assigned the arms but not")


def test_an_unknown_mediator_is_a_mistake_with_a_way_out(cases):
    with pytest.raises(RequestError, match="'warmth' is neither a role nor a construct") as error:
        chain.read(cases(**fair_world(n=100)), mediators="justice_distributive, warmth")
    assert "recovery_satisfaction" in str(error.value)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("brand", "'brand' is of type category"),
        ("comment", "neither a role nor a construct"),
        ("resolved", "'resolved' is a cause"),
        ("driver", "'driver' stands for several variables"),
        ("handled, recovery_satisfaction", "one scale under two names"),
    ],
)
def test_what_is_no_scale_is_no_mediator(survey, named, said):
    """Names known to the codebook are refused in words where no mean of them means anything."""
    n = 100
    rated = np.arange(100.0) % 7 + 1
    answers = survey(**fair_world(n=n), brand=["A", "B"] * 50, driver=rated, driver_2=rated)
    codebook = dict(answers.codebook)
    for name in ("recovery_satisfaction", "recovery_satisfaction-2"):
        codebook[name] = dataclasses.replace(codebook[name], construct="handled")
    found = read(dataclasses.replace(answers, codebook=codebook))
    with pytest.raises(RequestError, match=said):
        chain.read(found, mediators=f"justice_distributive, {named}")


def test_every_figure_says_what_is_seen(fair, fitted, measured, justice):
    drawn = figures.mechanism
    parts = {
        drawn.measures: measured,
        drawn.shares: justice,
        drawn.effects: mechanism.effects(fair, fitted),
        drawn.chains: mechanism.chains(fair, fitted),
        drawn.sensitivity: mechanism_checks.sensitivity(fair, fitted),
    }
    for draw, estimates in parts.items():
        shown = show("part", estimates, title="t", draw=draw)
        assert shown.record["caption"].endswith(".")
        assert "<img" in shown.html


def test_figures_of_nothing_draw_nothing():
    drawn = figures.mechanism
    for draw in (drawn.measures, drawn.shares, drawn.sensitivity):
        with style.canvas() as figure:
            assert draw([], figure)
            assert not figure.axes


def test_no_word_of_causes(fair, fitted, measured, justice):
    results = [
        measured,
        justice,
        mechanism.effects(fair, fitted),
        mechanism.chains(fair, fitted),
        mechanism_checks.sensitivity(fair, fitted),
    ]
    text = " ".join(titles(fair, results)) + " ".join(x.name for part in results for x in part)
    assert not any(word in text for word in ("effect of", "drives", "raises", "leads to"))


def test_roles_without_items_of_their_own_are_read(survey):
    """A construct named in the codebook is a mediator whatever its role."""
    answers = survey(**fair_world(n=100), driver=np.arange(100.0) % 7 + 1)
    codebook = dict(answers.codebook)
    codebook["driver"] = Variable(
        variable="driver", label="d", type="scale", roles=("item",), low=1, high=7,
        construct="Warmth",
    )  # fmt: skip
    found = read(dataclasses.replace(answers, codebook=codebook))
    named = chain.read(found, mediators="warmth, recovery_satisfaction")
    assert [scale.key for scale in named.mediators] == ["warmth", "handling"]


def test_robot_adviser_by_way_of_what_was_felt(real_data, project):
    """Arms, what was perceived, satisfaction and loyalty of a randomised experiment."""
    path = project / "data" / "codebooks" / "robo_failure"
    found = read(load(real_data / "robo_failure/robo_failure.csv", codebook=path))
    felt = chain.read(found, mediators="perceived human-likeness, perceived empathy, satisfaction")
    models = mechanism.models(felt, seed=1, resamples=300)
    chained = mechanism.chains(felt, models)
    total = find(chained, "chain.total.loyalty.empathic_reply")
    assert (total.n, total.randomised) == (210, True)
    known = felt.covariates.notna().all(axis=1).to_numpy()
    for scale in (*felt.causes, *felt.mediators):
        known = known & np.isfinite(scale.values)
    outcome = felt.scores["loyalty"][known]
    columns = [felt.causes[1].values, felt.causes[0].values, *felt.covariates.to_numpy().T]
    fit = regression.ordinary_least_squares(outcome, pd.DataFrame(np.array(columns).T[known]))
    assert total.value == pytest.approx(fit.coefficients[1] / outcome.std())
    ways = mechanism.effects(felt, models)
    assert find(ways, "mechanism.indirect.loyalty").low > 0
    apart = [x for x in mechanism_checks.measures(felt) if x.key.startswith("mechanism.htmt.")]
    assert all(item.high < mechanism_checks.APART for item in apart)
