"""What in these data changes how the study should be read."""

from crmresearch.methods.regression import MIN_CLUSTERS
from crmresearch.recovery.cases import Cases
from crmresearch.recovery.events import CONTRADICTIONS
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number
from crmresearch.report.suppression import hidden_groups

FEW = 30  # customers, below which a group's mean is flagged


def caveats(cases: Cases, *, min_cell: int = 10) -> list[Caveat]:
    """The caveats that fire, those that change the reading most first."""
    return [
        *_design(cases),
        *_survivors(cases),
        *_adjustment(cases),
        *_same_source(cases),
        *_small_paths(cases, min_cell),
        *_contradictions(cases, min_cell),
        *_raked(cases),
        *_pairs(cases),
        *_clusters(cases),
    ]


def _design(cases: Cases) -> list[Caveat]:
    if cases.randomised:
        text = (
            "Chance assigned the arms, so differences between them are effects of an arm as a "
            "whole, among these participants, on what they said at the time."
        )
        return [Caveat(key="recovery.experiment", text=text)]
    text = (
        "Nobody was assigned to a problem, a complaint or a recovery: differences between "
        "customers are associations, and customers who differ in what was not asked may explain "
        "them."
    )
    if cases.condition is not None:
        text += " The arms were not randomised either, as the data are not described as so."
    return [Caveat(key="recovery.design", text=text)]


def _survivors(cases: Cases) -> list[Caveat]:
    if cases.randomised or cases.has("stayed") and cases.frame["stayed"].nunique() > 1:
        return []
    text = (
        "Only customers who stayed could answer. Those whom a failure drove away are missing, "
        "most of all where it was handled worst, so every path looks better than it was."
    )
    return [Caveat(key="recovery.survivors", text=text)]


def _adjustment(cases: Cases) -> list[Caveat]:
    if cases.randomised or not any(cases.has(x) for x in ("problem", "complained")):
        return []
    if not cases.covariates.shape[1]:
        text = (
            "The data hold nothing to adjust for, so contrasts are raw: customers who complain "
            "differed before they had anything to complain about."
        )
        return [Caveat(key="recovery.unadjusted", text=text)]
    if not cases.has("prior"):
        text = (
            "Satisfaction before the problem was not asked. Adjusted contrasts cannot tell "
            "customers whom a failure made less loyal from those who were so before."
        )
        return [Caveat(key="recovery.no_prior", text=text)]
    return []


def _same_source(cases: Cases) -> list[Caveat]:
    if not cases.has("handling"):
        return []
    text = (
        "The same person rated the handling and the outcome at one time. A good mood raises both, "
        "so the contrast of delighted complainers is flattered even after adjustment."
    )
    return [Caveat(key="recovery.same_source", text=text)]


def _small_paths(cases: Cases, min_cell: int) -> list[Caveat]:
    counts = cases.path.value_counts().reindex(cases.path.cat.categories).to_dict()
    left_out = hidden_groups(
        counts, min_cell
    )  # more than the small, whose size the rest would tell
    few = [f"“{name}” ({n})" for name, n in counts.items() if n < FEW and name not in left_out]
    hidden = len(left_out)
    found = []
    if few:
        text = f"Paths of fewer than {FEW} customers carry wide intervals: {', '.join(few)}."
        found.append(Caveat(key="recovery.small_paths", text=text))
    if hidden:
        verb = "is" if hidden == 1 else "are"
        text = (
            f"{count(hidden, 'path')} {verb} left out of comparisons: of fewer than {min_cell} "
            "customers, or what would tell of such a path."
        )
        found.append(Caveat(key="recovery.hidden_paths", text=text))
    return found


def _contradictions(cases: Cases, min_cell: int) -> list[Caveat]:
    if not cases.contradictions:
        return []
    texts = [
        f"{_number(number, min_cell)} {CONTRADICTIONS[event]}"
        for event, number in cases.contradictions.items()
    ]
    text = f"Answers that contradict each other were made to agree: {'; '.join(texts)}."
    return [Caveat(key="recovery.contradictions", text=text)]


def _number(customers: int, min_cell: int) -> str:
    if customers < min_cell:
        return f"fewer than {min_cell} customers"
    return count(customers, "customer")


def _raked(cases: Cases) -> list[Caveat]:
    if cases.sampling.calibration is None:
        return []
    text = (
        "Weights are raked to known shares of the population. Shares, means and differences of "
        "paths gain precision by that; regressions take the weights as given, and their intervals "
        "are if anything too wide."
    )
    return [Caveat(key="recovery.raked_regressions", text=text)]


def _pairs(cases: Cases) -> list[Caveat]:
    """The one comparison of the contrasts that ignores part of the design."""
    ignored = cases.weighted or cases.sampling.clusters is not None
    compared = cases.has("problem") or cases.has("complained")
    if not (ignored and compared and cases.covariates.shape[1]):
        return []
    text = "Pairs of customers alike, and the hidden bias that undoes them, speak of "
    parts = ["the customers in the pairs, without weights"] if cases.weighted else []
    if cases.sampling.clusters is not None:
        parts.append(f"one customer of each {cases.sampling.cluster_name}")
    return [Caveat(key="recovery.pairs", text=f"{text}{' and of '.join(parts)}.")]


def _clusters(cases: Cases) -> list[Caveat]:
    if cases.cluster is None:
        return []
    sizes = cases.cluster.value_counts()
    if sizes.max() < 2:
        return []
    inside = format_number(float(sizes[sizes > 1].sum() / sizes.sum()), "share")
    text = (
        f"{inside} of answers share their {cases.cluster_name} with another answer. Shares, means, "
        "differences, contrasts and Hedges' g allow for that."
    )
    if len(sizes) < MIN_CLUSTERS:
        text = (
            f"There are only {len(sizes)} of the role '{cases.cluster_name}', too few to allow "
            "for the likeness of their answers: intervals are too narrow."
        )
    return [Caveat(key="recovery.clusters", text=text)]
