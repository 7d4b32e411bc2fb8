"""Words of free answers: which of them enough people use, and texts cut down to those words.

A word that only a few people use can be a name, a place or a telephone number spelled out. Nothing
here knows names; what is counted is people, and a word of too few people is never passed on.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from importlib import resources

import numpy as np
from scipy import sparse

LONGEST = 2000  # characters of an answer that are read
WORD = r"[^\W\d_]+"  # letters of any script
GAP = "[…]"
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?")
_PIECE = re.compile(rf"{WORD}|[.,;:!?]|\S")
_KEPT = frozenset(".,;:!?")


def stop_words() -> frozenset[str]:
    """Words that carry grammar and no subject, in English, French, German, Italian and Spanish."""
    text = resources.files(__package__).joinpath("stop_words.txt").read_text(encoding="utf-8")
    lines = (line.partition("#")[0] for line in text.splitlines())
    return frozenset(word for line in lines for word in line.split())


def clean(text: str) -> str:
    """`text` as read: its first characters, without control signs and marks of direction.

    Addresses of mail and of the web become a sign that belongs to no word.
    """
    kept = unicodedata.normalize("NFC", str(text)[:LONGEST])
    plain = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in kept)
    return _ADDRESS.sub("#", plain)


def occurrences(
    texts: Sequence[str],
    people: np.ndarray | None = None,
    *,
    fewest: int,
    without: Iterable[str] = (),
    shortest: int = 1,
) -> tuple[sparse.csr_matrix, list[str]]:
    """Which of the words that at least `fewest` people use stand in which text.

    Parameters
    ----------
    texts : n cleaned texts
    people : (n,) codes of who wrote them; each text is a person of its own when None
    without : words to leave out, in lower case
    shortest : fewest letters of a word

    Returns
    -------
    (n, words) counts, and the words in lower case, in alphabetical order
    """
    from sklearn.feature_extraction.text import CountVectorizer

    left_out = set(without)
    reader = CountVectorizer(token_pattern=WORD, lowercase=True)
    try:
        counts = reader.fit_transform(texts)
    except ValueError:  # no text has a word
        return sparse.csr_matrix((len(texts), 0)), []
    found = reader.get_feature_names_out()
    users = _users(counts, people)
    wanted = [
        at
        for at in np.flatnonzero(users >= fewest)
        if found[at] not in left_out and len(found[at]) >= shortest
    ]
    return counts[:, wanted].astype(float), [str(found[at]) for at in wanted]


def _users(counts: sparse.csr_matrix, people: np.ndarray | None) -> np.ndarray:
    """How many people use each word at least once."""
    used = counts.astype(bool).astype(float)
    if people is not None:
        codes = np.unique(people, return_inverse=True)[1]
        n = len(codes)
        who = sparse.csr_matrix((np.ones(n), (codes, np.arange(n))), (codes.max() + 1, n))
        used = (who @ used).astype(bool)
    return np.asarray(used.sum(axis=0)).ravel()


def redacted(text: str, common: frozenset[str], lower: frozenset[str]) -> tuple[str, float]:
    """`text` with nothing left that enough people do not say too.

    Kept are words of `common` and the marks of a sentence; figures, addresses, markup, rare words
    and capitalised words that nobody writes small (`lower` are those that somebody does) become a
    gap. Whoever says only common words may still be recognised by what the words say together.

    Returns
    -------
    The text, and the share of its words that is left.
    """
    pieces, kept, words, opening = [], 0, 0, True
    for piece in _PIECE.findall(clean(text)):
        if piece in _KEPT:
            if pieces and pieces[-1] not in _KEPT:
                pieces.append(piece)
            opening = opening or piece in ".!?"
            continue
        is_word = piece[0].isalpha()
        small = piece.lower()
        named = not piece.islower() and not opening and small not in lower
        words += is_word
        if is_word and small in common and not named:
            kept += 1
            pieces.append(piece)
        elif not pieces or pieces[-1] != GAP:
            pieces.append(GAP)
        opening = False
    joined = re.sub(r" (?=[.,;:!?])", "", " ".join(pieces))
    return joined, kept / words if words else 0.0
