"""What in these data changes how the survey's numbers should be read."""

import numpy as np

from crmresearch.data.survey import Survey
from crmresearch.methods.weighting import kish
from crmresearch.report.estimates import Estimate
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.dimensions import several
from crmresearch.survey.drivers import Explained, sharing
from crmresearch.survey.headlines.wording import listed
from crmresearch.survey.sample import sampling
from crmresearch.survey.scales import ENOUGH, doubtful, unreliable
from crmresearch.survey.structure import HTMT_ONE, Measurement
from crmresearch.survey.verdicts import ROLES, failing_scales, grouping

FEW = 30  # respondents below which any interval is too wide to decide much
MUCH_MISSING = 0.10
MUCH_SUSPECT = 0.05
SELDOM_BY_CHANCE = 0.05  # adjusted p of a test of what gaps go with
SCALE_END = 0.15  # Terwee et al. 2007, Journal of Clinical Epidemiology 60, 34-42
RATING_END = 0.5  # of a single rating, which has few answers to choose from
ENOUGH_A_DRIVER = 30  # respondents: with 16, simulated 95% intervals covered about 90%


def sample(survey: Survey) -> list[Caveat]:
    """Few respondents, response, weights, and several answers of one account or person."""
    found = []
    n, about, basis = len(survey.answers), survey.about, sampling(survey)
    if n < FEW:
        text = f"Only {count(n, 'respondent')} answered: intervals are wide and rest on theory."
        found.append(Caveat(key="sample.small", text=text))
    if about.invited and n < about.invited:
        rate = format_number(n / about.invited, "share")
        text = (
            f"{n:,} of {about.invited:,} invited answered ({rate}). The intervals say nothing of "
            "how those who did not answer would have."
        )
        found.append(Caveat(key="sample.response", text=text))
    found += _weights(survey)
    if basis.clusters is not None:
        clusters = int(np.count_nonzero(np.bincount(basis.clusters)))
        text = (
            f"The {n:,} answers come from {count(clusters, basis.cluster_name)}. Answers from one "
            f"{basis.cluster_name} resemble each other, which the intervals take into account."
        )
        found.append(Caveat(key="sample.clusters", text=text))
    return found


def _weights(survey: Survey) -> list[Caveat]:
    """What weights cost, and how many respondents have none."""
    found = []
    weights = survey.weights()
    if weights is None:
        return []
    counted = int((weights > 0).sum())
    without = len(weights) - counted
    if without:
        text = (
            f"{count(without, 'respondent has', 'respondents have')} no weight and do not count "
            "in weighted figures."
        )
        found.append(Caveat(key="sample.unweighted", text=text))
    effective, effect = kish(weights, counted)
    if effect > 1.005:
        raked = survey.raking() is not None
        made = "Weights, raked to the declared margins, vary" if raked else "Weights vary"
        text = (
            f"{made} so much that {counted:,} answers are worth {effective:,.0f} equally weighted "
            f"ones (design effect of weighting {effect:.2f}). Weighted and unweighted figures "
            "stand side by side."
        )
        found.append(Caveat(key="sample.weights", text=text))
    return found


def scales(estimates: list[Estimate], dimensions: list[Estimate] = ()) -> list[Caveat]:
    """Scales that are, or may be, too unreliable, or mix dimensions: wherever they are used.

    Parameters
    ----------
    estimates : from `scales.reliability`
    dimensions : from `dimensions.parallel_analysis`
    """
    poor = [
        Caveat(
            key=f"scale.{item.key.partition('.')[2]}.unreliable",
            text=(
                f"The scale “{_scale(item)}” is unreliable, {_kind(item)} {item}, all of it below "
                f"{ENOUGH:.2f}: its mean mixes different things, and every comparison or "
                "correlation with it is blurred."
            ),
        )
        for item in unreliable(estimates)
    ]
    unsure = [
        Caveat(
            key=f"scale.{item.key.partition('.')[2]}.doubtful",
            text=(
                f"The scale “{_scale(item)}” may be less reliable than {ENOUGH:.2f}, {_kind(item)} "
                f"{item}."
            ),
        )
        for item in doubtful(estimates)
    ]
    mixed = [
        Caveat(
            key=f"scale.{item.key.partition('.')[2]}.dimensions",
            text=(
                f"The answers to “{item.name.removeprefix('Dimensions of ')}” have {item} "
                "dimensions beyond chance: its mean adds up things that can move apart."
            ),
        )
        for item in several(list(dimensions))
    ]
    if any(item.key.startswith("ordinal_") for item in estimates):
        text = (
            "Ordinal alpha and omega are those of a score that nobody has: of the opinions behind "
            "the answers, measured without steps. The scores used here have alpha and omega."
        )
        mixed.append(Caveat(key="scale.ordinal", text=text))
    return poor + unsure + mixed


def incomparable(comparable: list[Estimate], groups: str, *scales: str, note: str = "") -> str:
    """`note`, and after it which of `scales` may not be compared across the groups.

    Parameters
    ----------
    comparable : from `comparability.comparability`
    groups : ``segment``, ``brand`` or ``wave``; several are separated by commas
    scales : keys such as ``satisfaction``
    note : what the exhibit says already
    """
    texts = [note] if note else []
    for role in (part.strip() for part in groups.split(",")):
        failing = failing_scales(comparable, role)
        names = [failing[scale] for scale in scales if scale in failing]
        if names:
            texts.append(
                f"The questions on {listed(names)} do not work alike across "
                f"{grouping(comparable, role)}: a difference may lie in how these groups answer."
            )
    return " ".join(texts)


def structure(
    model: Measurement, pairs: list[Estimate], comparable: list[Estimate]
) -> list[Caveat]:
    """A model of the scales that cannot be true, scales that are one, groups that answer alike.

    Parameters
    ----------
    pairs : HTMT, from `structure.discriminant`
    comparable : from `comparability.comparability`
    """
    found = []
    if model.trouble:
        text = (
            f"The factor model of the scales has no solution that can be true: {model.trouble}. "
            "Its fit and loadings are to be read with that in mind."
            if model.solution is not None
            else f"The factor model of the scales could not be tested: {model.trouble}."
        )
        found.append(Caveat(key="structure.trouble", text=text))
    one = [f"{item.name.rpartition(', ')[0]} ({item})" for item in pairs if item.low > HTMT_ONE]
    if one:
        text = (
            f"Some scales are not told apart by their questions: {listed(one)}, HTMT. What goes "
            "with one of them goes with the other, and neither can be said to explain the other."
        )
        found.append(Caveat(key="structure.one", text=text))
    for role in ROLES:
        note = incomparable(comparable, role, *failing_scales(comparable, role))
        if note:
            found.append(Caveat(key=f"structure.{role}.incomparable", text=note))
    return found


def _scale(item: Estimate) -> str:
    return item.name.rpartition(", ")[0]


def _kind(item: Estimate) -> str:
    return item.name.rpartition(", ")[2]


def answers(
    checks: list[Estimate],
    missing: list[Estimate],
    gaps: list[Estimate] = (),
    ends: list[Estimate] = (),
) -> list[Caveat]:
    """Suspicious answers, questions often left out or not by chance, and answers at an end.

    Parameters
    ----------
    checks : from `quality.checks`
    missing, gaps : from `missingness.missing`, and its patterns and tests
    ends : from `quality.ends`
    """
    found = [
        Caveat(
            key=item.key,
            text=(
                f"{item.name.partition(',')[0]}: {item} of respondents. They are kept in every "
                "figure; the sensitivity table says what leaving them out changes."
            ),
        )
        for item in checks
        if item.value > MUCH_SUSPECT
    ]
    often = [item for item in missing if item.value > MUCH_MISSING]
    if often:
        share = format_number(often[0].value, "share")
        text = (
            f"{count(len(often), 'question is', 'questions are')} unanswered by more than "
            f"{MUCH_MISSING:.0%} of respondents, most {often[0].name} ({share}). Figures use those "
            "who answered, who may differ from the others."
        )
        found.append(Caveat(key="answers.missing", text=text))
    clear = [item for item in gaps if item.p < SELDOM_BY_CHANCE]
    if clear:
        text = (
            "Answers are not missing completely at random: by "
            f"{count(len(clear), 'test')} of {sum(item.p == item.p for item in gaps)} leaving a "
            "question out goes with a group or with how people answered. Figures of such questions "
            "stand for those who answered them."
        )
        found.append(Caveat(key="answers.not-random", text=text))
    return found + _at_an_end(ends)


def _at_an_end(ends: list[Estimate]) -> list[Caveat]:
    """Scales and ratings that many answer with the highest or lowest answer there is."""
    found = []
    for what, limit in (("scale", SCALE_END), ("rating", RATING_END)):
        here = [
            item
            for item in ends
            if (what == "scale") == (".scale." in item.key) and item.value > limit
        ]
        if here:
            share = format_number(here[0].value, "share")
            text = (
                f"{count(len(here), what + ' is', what + 's are')} answered with one end of the "
                f"range by more than {limit:.0%}, most {here[0].name} ({share}). Beyond the end "
                "nothing can be told apart, so that means move less than opinions do and "
                "associations look weaker."
            )
            found.append(Caveat(key=f"answers.{what}-end", text=text))
    return found


def drivers(explained: Explained | None, checked: list[Estimate] = ()) -> list[Caveat]:
    """Drivers that many have not rated, that repeat each other, or explain only jointly."""
    if explained is None:
        return []
    fit, found = explained.fit, []
    if fit.complete <= (1 - MUCH_MISSING) * (fit.n + fit.n_dropped):
        text = (
            f"Only {fit.complete:,} of {fit.n + fit.n_dropped:,} respondents rated every driver. "
            f"The importance of drivers rests on {fit.n:,}, each correlation on those who rated "
            "both: it holds for all as far as those who did not meet a part of the offer are like "
            "those who did."
        )
        found.append(Caveat(key="drivers.incomplete", text=text))
    if fit.n < ENOUGH_A_DRIVER * len(fit.names):
        text = (
            f"{fit.n:,} respondents are few for {count(len(fit.names), 'driver')}: intervals of "
            "their importance are somewhat too narrow, and more drivers seem to be told apart than "
            "are."
        )
        found.append(Caveat(key="drivers.few", text=text))
    shared = sharing(explained, checked)
    if shared:
        names = listed([f"{item.name.rpartition(', ')[0]} ({item})" for item in shared])
        text = (
            "Some drivers take a sizeable share of what is explained though nothing is shown to "
            f"remain of them with the others held: {names}. What they explain they explain "
            "together with others."
        )
        found.append(Caveat(key="drivers.sharing", text=text))
    return found


def design(survey: Survey) -> list[Caveat]:
    """What a survey at one time can say."""
    if survey.about.design == "experiment" or not {"driver", "segment"}.intersection(survey.roles):
        return []
    text = (
        "Everything was asked in one sitting of people who chose their segment, brand and channel. "
        "Associations may be due to a third cause or to the mood of answering; nothing here says "
        "what a change of the offer would do."
    )
    return [Caveat(key="design.associations", text=text)]
