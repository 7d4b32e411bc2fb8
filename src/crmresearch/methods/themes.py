"""Themes in free answers: words that go together, found by non-negative matrix factorisation.

Each sentence becomes the weights of its words (tf-idf: often in the sentence, seldom elsewhere),
and the table of sentences by words is written as a sum of a few non-negative patterns (Lee & Seung
1999). A theme is a pattern of words. It knows no meaning, no irony and no "not"; people have to
read the answers before they act on them.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from crmresearch.methods.words import clean, occurrences, stop_words, users_of

MENTIONED = 0.5  # share of a sentence's weight from which it is said to mention a theme
STABLE = 0.5  # likeness in random halves of the answers below which a theme is not shown
SPLITS = 3  # pairs of random halves
LEARN = 5000  # sentences that themes are learnt from; all are then held against them
COMMON = 0.3  # a word of more than this share of the sentences tells none of them apart
STEM = 6  # letters of a word that count
_END = re.compile(r"[.!?;\n]+(?:\s|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Themes:
    """Themes with who mentions them, most often mentioned first.

    Parameters
    ----------
    stems : beginnings of words, `STEM` letters long
    spelled : for each stem its commonest word that enough people use, empty where there is none
    patterns : (k, stems), each summing to 1
    mentions : (n, k) bool, whether a sentence of the answer belongs to the theme by half or more
    strength : (n, k), the largest share of a sentence of the answer that belongs to the theme
    sentence : (n, k) int, which sentence of the answer that is
    stability : (k,), mean cosine of the theme with its counterpart in random halves of the answers
    unstable : how many patterns were left out for being found again too poorly
    """

    stems: tuple[str, ...]
    spelled: tuple[str, ...]
    patterns: np.ndarray
    strength: np.ndarray
    sentence: np.ndarray
    stability: np.ndarray
    unstable: int

    @property
    def mentions(self) -> np.ndarray:
        """(n, k) bool: which answer mentions which theme; an answer may mention several."""
        return self.strength >= MENTIONED

    def label(self, theme: int, most: int = 3) -> str:
        """The theme's weightiest words."""
        order = np.argsort(-self.patterns[theme], kind="stable")
        words = [self.spelled[at] for at in order if self.patterns[theme, at] > 0]
        return ", ".join([word for word in words if word][:most])


def find_themes(
    texts: Sequence[str],
    *,
    seed: int,
    people: np.ndarray | None = None,
    fewest: int = 10,
    themes: int = 12,
) -> Themes | None:
    """The themes of some free answers.

    Parameters
    ----------
    texts : n answers; empty where nothing was written
    people : (n,) codes of who answered; each answer is a person of its own when None
    fewest : people that must use a word, and mention a theme, for it to count
    themes : how many are looked for; those that are not found again in random halves of the
        answers, with a mean cosine of .5 or more, are left out, and so are those that fewer than
        `fewest` people mention

    Returns
    -------
    None where too few words are in use or no theme is left.
    """
    writers = np.arange(len(texts)) if people is None else np.asarray(people)
    cleaned = [clean(text) for text in texts]
    split = [sentences(text) for text in cleaned]
    owners = np.repeat(np.arange(len(split)), [len(parts) for parts in split])
    every = [part for parts in split for part in parts]
    counts, stems = occurrences(every, without=stop_words(), stem=STEM)
    said = np.asarray((counts > 0).sum(axis=0)).ravel()
    users = users_of(counts, writers[owners])
    kept = (users >= fewest) & (said <= COMMON * len(owners))
    counts, stems = counts[:, kept], [stem for stem, use in zip(stems, kept, strict=True) if use]
    spoken = np.flatnonzero(np.asarray(counts.sum(axis=1)).ravel() > 0)
    if len(stems) < 2 or len(spoken) < 2 * fewest:
        return None
    table = tf_idf(counts)
    rng = np.random.default_rng(seed)
    learnt = table[rng.permutation(spoken)[:LEARN]]
    patterns = factorise(learnt, themes)
    stability = _stability(learnt, patterns, rng)
    strength, sentence = _strongest(shares(table[spoken], patterns), owners, spoken, len(texts))
    order = _shown(strength, stability, writers, fewest)
    if not order:
        return None
    return Themes(
        tuple(stems),
        _spelled(stems, cleaned, writers, fewest),
        patterns[order],
        strength[:, order],
        sentence[:, order],
        stability[order],
        int((stability < STABLE).sum()),
    )


def sentences(text: str) -> list[str]:
    """The sentences of an answer; at least one, which may be empty."""
    return _END.split(text)


def _shown(
    strength: np.ndarray, stability: np.ndarray, writers: np.ndarray, fewest: int
) -> list[int]:
    """The themes that are stable and that enough people mention, the commonest first."""
    mentioned = [len(np.unique(writers[column >= MENTIONED])) for column in strength.T]
    order = np.argsort(-np.array(mentioned), kind="stable")
    return [int(at) for at in order if mentioned[at] >= fewest and stability[at] >= STABLE]


def _strongest(
    share: np.ndarray, owners: np.ndarray, spoken: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """The largest share (n, k) of each answer's sentences, and which sentence has it."""
    firsts = np.searchsorted(owners, np.arange(n))
    strength, sentence = np.zeros((n, share.shape[1])), np.zeros((n, share.shape[1]), dtype=int)
    for theme, column in enumerate(share.T):
        order = np.argsort(column, kind="stable")  # the last to be written is the largest
        rows = owners[spoken[order]]
        strength[rows, theme] = column[order]
        sentence[rows, theme] = spoken[order] - firsts[rows]
    return strength, sentence


def _spelled(
    stems: Sequence[str], texts: Sequence[str], people: np.ndarray, fewest: int
) -> tuple[str, ...]:
    counts, words = occurrences(texts)
    users = users_of(counts, people)
    best: dict[str, tuple[int, str]] = {}
    for word, used in zip(words, users, strict=True):
        if used >= fewest and used > best.get(word[:STEM], (0, ""))[0]:
            best[word[:STEM]] = (int(used), word)
    return tuple(best.get(stem, (0, ""))[1] for stem in stems)


def tf_idf(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Weights of words in answers: (1 + log count) * (1 + log((1 + n) / (1 + answers with it))).

    Rows have length 1, or are empty.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer(sublinear_tf=True).fit_transform(counts)


def factorise(table: sparse.csr_matrix, k: int) -> np.ndarray:
    """Patterns (k or fewer, words) of a table of weights, each summing to 1."""
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    k = min(k, *table.shape)
    model = NMF(k, init="nndsvda", solver="cd", max_iter=200, tol=1e-3, random_state=0)
    with warnings.catch_warnings():  # stability is judged by halves, not by the last digits
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)  # the root of an error rounded below 0
        model.fit(table)
    patterns = model.components_[model.components_.sum(axis=1) > 0]
    return patterns / patterns.sum(axis=1, keepdims=True)


def shares(table: sparse.csr_matrix, patterns: np.ndarray) -> np.ndarray:
    """How much of each answer's weight belongs to each theme: non-negative least squares.

    Parameters
    ----------
    table : (n, words)

    Returns
    -------
    (n, k), rows summing to 1; a row that no theme fits is 0.
    """
    product = np.asarray(table @ patterns.T)
    gram = patterns @ patterns.T
    loads = np.maximum(product, 0.0) / np.maximum(np.diag(gram), 1e-12) / len(patterns)
    for _ in range(100):  # coordinate descent on all answers at once
        before = loads.copy()
        for at in range(len(patterns)):
            rest = product[:, at] - loads @ gram[:, at] + loads[:, at] * gram[at, at]
            loads[:, at] = np.maximum(rest / gram[at, at], 0.0)
        if np.abs(loads - before).max(initial=0.0) < 1e-6:
            break
    total = loads.sum(axis=1, keepdims=True)
    return np.divide(loads, total, out=np.zeros_like(loads), where=total > 0)


def likeness(patterns: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Cosine of each pattern with the one of `others` that it is matched to, one to one."""
    lengths = np.linalg.norm(patterns, axis=1)[:, None] * np.linalg.norm(others, axis=1)
    cosines = patterns @ others.T / lengths
    rows, columns = linear_sum_assignment(-cosines)
    found = np.zeros(len(patterns))
    found[rows] = cosines[rows, columns]
    return found


def _stability(
    table: sparse.csr_matrix, patterns: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    n, found = table.shape[0], []
    for _ in range(SPLITS):
        order = rng.permutation(n)
        for half in (order[: n // 2], order[n // 2 :]):
            found.append(likeness(patterns, factorise(table[np.sort(half)], len(patterns))))
    return np.mean(found, axis=0)
