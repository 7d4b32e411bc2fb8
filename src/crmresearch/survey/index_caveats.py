"""What in these data changes how the satisfaction index should be read."""

import numpy as np

from crmresearch.methods import pls_quality
from crmresearch.methods.moments import percentiles
from crmresearch.report.findings import Caveat
from crmresearch.report.numbers import count, format_number
from crmresearch.survey.headlines.wording import listed
from crmresearch.survey.index import Index
from crmresearch.survey.index_solutions import stability

MUCH_LOST = 0.10  # share of respondents left out, or of answers put in, that is worth a caveat
MUCH_IMPUTED = 0.01
MUCH_FAILED = 0.01
CROWDED = 5.0  # variance inflation, by convention
UNEXPLAINED = 0.05  # p of exact fit


def remark(index: Index | None) -> str:
    """How the coefficients were come by and what they leave out, for the note below the figure."""
    if index is None:
        return ""
    found = index.fit
    imputed = found.moments.imputed
    filled = f", {format_number(imputed, 'share')} of the answers put in" if imputed else ""
    fit = index.residual
    words = f"Partial least squares, {found.scheme} scheme, {found.metric} items, n = {found.n:,}"
    p = format_number(fit.p, "p")
    p = p if p.startswith("<") else f"= {p}"
    tested = f", p of exact fit {p}" if fit.p == fit.p else ""
    return (
        f"{words}{filled}; SRMR {format_number(fit.value, 'R2')}{tested}. {stability(index)} The "
        "table also has other solutions (consistent: freed of measurement error as far as it can "
        "be told), effects through others, communality (AVE), rho_A, loadings and weights."
    )


def cautions(index: Index | None) -> list[Caveat]:
    """Everything in the fit that a reader should hold against the index."""
    if index is None:
        return []
    return [*_answers(index), *_resamples(index), *_crowded(index), *_weights(index), *_fit(index)]


def _answers(index: Index) -> list[Caveat]:
    found, texts = index.fit, {}
    if found.n_dropped > MUCH_LOST * (found.n + found.n_dropped):
        texts["index.incomplete"] = (
            f"The path model rests on the {found.n:,} of {found.n + found.n_dropped:,} respondents "
            "who answered all its items; the others may differ."
        )
    if found.moments.imputed > MUCH_IMPUTED:
        texts["index.imputed"] = (
            f"{format_number(found.moments.imputed, 'share')} of the answers in the path model "
            "were missing and replaced by the item's mean, which makes associations too weak and "
            "their intervals too narrow."
        )
    if index.structure.constant:
        texts["index.constant"] = (
            "Everybody gave the same answer to "
            f"{listed([f'“{name}”' for name in index.structure.constant])}, so that the path model "
            "does without."
        )
    return [Caveat(key=key, text=text) for key, text in texts.items()]


def _resamples(index: Index) -> list[Caveat]:
    found = index.fit
    if not found.failed > MUCH_FAILED * found.resamples:
        return []
    text = (
        f"{found.failed:,} of {count(found.resamples, 'resample')} of the path model had no "
        "solution and are left out of its intervals, which are too narrow for it."
    )
    return [Caveat(key="index.resamples", text=text)]


def _crowded(index: Index) -> list[Caveat]:
    """Constructs too alike to be told apart, and paths that point against their correlation."""
    found, names = index.fit, index.structure.names
    made, caveats = found.model.names, []
    inflation = pls_quality.inflation(found.solution.correlations, found.model)
    crowded = [arrow for arrow, factor in inflation.items() if factor > CROWDED]
    if crowded:
        texts = [f"{names[made[s]]} → {names[made[t]]}" for s, t in crowded]
        text = (
            f"The constructs behind {listed(texts)} go together so closely (variance inflation "
            f"above {CROWDED:g}) that their paths can hardly be told apart."
        )
        caveats.append(Caveat(key="index.collinear", text=text))
    turned = []
    for s, t in found.model.arrows:
        path, together = found.solution.paths[s, t], found.solution.correlations[s, t]
        low, high = percentiles(found.draws.paths[:, s, t], 0.95)
        if path * together < 0 and (low > 0 or high < 0):
            turned.append(
                f"{names[made[s]]} → {names[made[t]]} (path {format_number(path, 'coefficient')}, "
                f"correlation {format_number(together, 'coefficient')})"
            )
    if turned:
        text = (
            f"Paths point against the correlation of their two constructs: {listed(turned)}. Such "
            "a sign comes of holding others that go with both, and says nothing by itself."
        )
        caveats.append(Caveat(key="index.turned", text=text))
    return caveats


def _weights(index: Index) -> list[Caveat]:
    """Items that count against their own construct."""
    found = index.fit
    against = np.flatnonzero(found.solution.weights.sum(axis=1) < 0)
    if not len(against):
        return []
    names = [index.survey.codebook[found.model.items[place]].name for place in against]
    text = (
        f"{listed([f'“{name}”' for name in names])} count against the construct they belong to: an "
        "item is not reversed, or does not belong. The index from 0 to 100 of that construct is "
        "no average then."
    )
    return [Caveat(key="index.against", text=text)]


def _fit(index: Index) -> list[Caveat]:
    fit = index.residual
    if not fit.p < UNEXPLAINED:
        return []
    text = (
        "The arrows of the path model do not account for all that the answers have in common "
        f"(SRMR {format_number(fit.value, 'R2')}, test of exact fit p "
        f"{'' if fit.p < 0.001 else '= '}{format_number(fit.p, 'p')}): items go together in ways "
        "that no arrow shows. In large samples this is almost always so."
    )
    return [Caveat(key="index.fit", text=text)]
