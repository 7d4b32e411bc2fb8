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
    if basis.weights is not None:
        effective, effect = kish(basis.weights, n)
        text = (
            f"Weights vary so much that {n:,} answers are worth {effective:,.0f} equally weighted "
            f"ones (design effect of weighting {effect:.2f}). Unweighted figures stand beside."
        )
        found.append(Caveat(key="sample.weights", text=text))
    if basis.clusters is not None:
        clusters = len(np.unique(basis.clusters))
        text = (
            f"The {n:,} answers come from {count(clusters, basis.cluster_name)}. Answers from one "
            f"{basis.cluster_name} resemble each other, which the intervals take into account."
        )
        found.append(Caveat(key="sample.clusters", text=text))
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


def answers(checks: list[Estimate], missing: list[Estimate]) -> list[Caveat]:
    """Suspicious answers, and questions often left out."""
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
