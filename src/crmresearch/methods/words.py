"""Words of free answers: which of them enough people use, and texts cut down to those words.

A word that only a few people use can be a name, a place or a telephone number spelled out. Nothing
here knows names; what is counted is people, and a word of too few people is never passed on.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence, Set
from importlib import resources

import numpy as np
from scipy import sparse

LONGEST = 2000  # characters of an answer that are read
WORD = r"[^\W\d_]+"  # letters of any script
GAP = "[…]"
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?")
_LETTERS = re.compile(WORD)
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
    if not kept.isprintable():  # as is all but the controls, and some blanks
        kept = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in kept)
    return _ADDRESS.sub("#", kept)


def vocabulary(texts: Sequence[str], people: np.ndarray | None = None, *, fewest: int) -> set[str]:
    """The words, in lower case, that at least `fewest` people use.

    Parameters
    ----------
    texts : n cleaned texts
    people : (n,) codes of who wrote them; each text is a person of its own when None
    """
    counts, found = occurrences(texts, shortest=1)
    users = users_of(counts, np.arange(len(texts)) if people is None else people)
    return {word for word, used in zip(found, users, strict=True) if used >= fewest}


def occurrences(
    texts: Sequence[str], *, without: Iterable[str] = (), shortest: int = 3, stem: int | None = None
) -> tuple[sparse.csr_matrix, list[str]]:
    """How often each word stands in each text.

    Parameters
    ----------
    texts : n cleaned texts
    without : words to leave out, in lower case
    shortest : fewest letters of a word
    stem : letters of a word that count, so that inflections are one word; all of them when None

    Returns
    -------
    (n, words) counts, and the words in lower case, in alphabetical order
    """
    from sklearn.feature_extraction.text import CountVectorizer

    left_out = set(without)

    def read(text: str) -> list[str]:
        words = (word for word in _LETTERS.findall(text.lower()) if len(word) >= shortest)
        return [word[:stem] for word in words if word not in left_out]

    reader = CountVectorizer(analyzer=read, dtype=float)
    try:
        counts = reader.fit_transform(texts)
    except ValueError:  # no text has a word
        return sparse.csr_matrix((len(texts), 0)), []
    return counts, [str(word) for word in reader.get_feature_names_out()]


def users_of(counts: sparse.csr_matrix, people: np.ndarray) -> np.ndarray:
    """How many people (n,) use each word (n, words) at least once."""
    n = counts.shape[0]
    if not n:
        return np.zeros(counts.shape[1], dtype=int)
    codes = np.unique(people, return_inverse=True)[1]
    who = sparse.csr_matrix((np.ones(n), (codes, np.arange(n))), (int(codes.max()) + 1, n))
    return np.asarray((who @ counts).astype(bool).sum(axis=0)).ravel()


def redacted(text: str, common: Set[str], lower: Set[str]) -> tuple[str, float]:
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
