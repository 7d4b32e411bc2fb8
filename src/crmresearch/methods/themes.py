"""Themes in free answers: words that go together, found by non-negative matrix factorisation.

Each answer becomes the weights of its words (tf-idf: often in the answer, seldom elsewhere), and
the table of answers by words is written as a sum of a few non-negative patterns (Lee & Seung 1999).
A theme is a pattern of words. It knows no meaning, no irony and no "not"; people have to read it.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment

from crmresearch.methods.words import clean, occurrences, stop_words

MENTIONED = 0.25  # share of an answer's weight from which it is said to mention a theme
MOST = 12  # themes that are tried where no number is asked for
SPLITS = 3  # pairs of random halves that judge how stable themes are
STABLE = 0.7  # likeness in the halves that every theme must have for their number to be trusted
LEARN = 5000  # answers that themes are learnt from; all answers are then held against them
TRIED = 1500  # answers that the number of themes is chosen on
COMMON = 0.5  # a word of more than this share of the answers tells none of them apart


@dataclass(frozen=True, slots=True, eq=False)
class Themes:
    """Themes with who mentions them, most often mentioned first.

    Parameters
    ----------
    words : the words in use
    patterns : (k, words), each summing to 1
    wrote : (n,) bool, answers with at least one of the words
    strength : (n, k), the share of the answer's weight that belongs to each theme; rows sum to 1
        where `wrote`, else 0
    stability : (k,), mean cosine of the theme with its nearest one in random halves of the answers
    """

    words: tuple[str, ...]
    patterns: np.ndarray
    wrote: np.ndarray
    strength: np.ndarray
    stability: np.ndarray

    @property
    def mentions(self) -> np.ndarray:
        """(n, k) bool: which answer mentions which theme; an answer may mention several."""
        return self.strength >= MENTIONED

    def label(self, theme: int, most: int = 3) -> str:
        """The theme's weightiest words."""
        order = np.argsort(-self.patterns[theme], kind="stable")[:most]
        return ", ".join(self.words[at] for at in order if self.patterns[theme, at] > 0)


def find_themes(
    texts: Sequence[str],
    *,
    seed: int,
    people: np.ndarray | None = None,
    fewest: int = 10,
    themes: int = 0,
) -> Themes | None:
    """The themes of some free answers.

    Parameters
    ----------
    texts : n answers; empty where nothing was written
    people : (n,) codes of who answered; each answer is a person of its own when None
    fewest : people that must use a word, and mention a theme, for it to count
    themes : how many; 0 takes the largest number of at most 12 all of whose patterns are found
        again in random halves of the answers with a mean cosine of .7, or the number that is found
        again best where none is

    Returns
    -------
    None where fewer than two words are in use or no theme is left. Themes that fewer than `fewest`
    people mention are dropped and their answers keep what other themes they mention.
    """
    counts, words = occurrences(
        [clean(text) for text in texts], people, fewest=fewest, without=stop_words(), shortest=3
    )
    wrote = np.asarray(counts.sum(axis=1)).ravel() > 0
    telling = np.asarray((counts > 0).sum(axis=0)).ravel() <= COMMON * wrote.sum()
    counts, words = (
        counts[:, telling],
        [word for word, kept in zip(words, telling, strict=True) if kept],
    )
    wrote = np.asarray(counts.sum(axis=1)).ravel() > 0
    if len(words) < 2 or wrote.sum() < 2 * fewest:
        return None
    rng = np.random.default_rng(seed)
    table = tf_idf(counts)
    spoken = np.flatnonzero(wrote)
    learnt = table[rng.permutation(spoken)[:LEARN]]
    k = min(themes, len(words)) or _number(learnt[:TRIED], rng, fewest)
    patterns = factorise(learnt, k)
    stability = _stability(learnt, patterns, rng)
    strength = np.zeros((len(texts), len(patterns)))
    strength[wrote] = shares(table[wrote], patterns)
    writers = np.arange(len(texts)) if people is None else np.asarray(people)
    users = [len(np.unique(writers[column >= MENTIONED])) for column in strength.T]
    order = [at for at in np.argsort(-np.array(users), kind="stable") if users[at] >= fewest]
    if not order:
        return None
    return Themes(tuple(words), patterns[order], wrote, strength[:, order], stability[order])


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


def _number(table: sparse.csr_matrix, rng: np.random.Generator, fewest: int) -> int:
    most = min(MOST, table.shape[1], max(2, table.shape[0] // (2 * fewest)))
    weakest = {
        k: float(_stability(table, factorise(table, k), rng).min()) for k in range(2, most + 1)
    }
    trusted = [k for k, value in weakest.items() if value >= STABLE]
    return max(trusted) if trusted else max(weakest, key=weakest.get)
