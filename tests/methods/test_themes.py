"""Themes: planted ones are found, chance is not taken for one, and few people stay unseen."""

import warnings

import numpy as np
import pytest
from scipy import sparse

from crmresearch.methods.themes import factorise, find_themes, likeness, sentences, shares, tf_idf

VOCABULARY = {
    "network": "network coverage signal connection drops slow reception",
    "bill": "invoice billing wrong charge bill error amount",
    "staff": "friendly staff helpful kind advisor team polite",
    "wait": "waiting phone hotline support hours long queue",
}
FILLER = ["month", "company", "customer", "year", "account", "times"]


def corpus(n: int, seed: int, *, second: float = 0.0) -> tuple[list[str], np.ndarray]:
    """Answers of one planted theme each, some with words of a second, and which those are."""
    rng = np.random.default_rng(seed)
    themes = [words.split() for words in VOCABULARY.values()]
    truth = np.zeros((n, len(themes)), dtype=bool)
    texts = []
    for row in range(n):
        said = [int(rng.integers(len(themes)))]
        if rng.random() < second:
            said.append((said[0] + 1 + int(rng.integers(len(themes) - 1))) % len(themes))
        truth[row, said] = True
        parts = [[*rng.choice(themes[at], 4, replace=False), rng.choice(FILLER)] for at in said]
        texts.append(". ".join(" ".join(rng.permutation(words)) for words in parts))
    return texts, truth


def matched(found, truth) -> list[int]:
    """For each planted theme, the found one whose mentions agree with it best."""
    agree = (found.mentions[:, None, :] == truth[:, :, None]).mean(axis=0)
    return agree.argmax(axis=1).tolist()


def test_planted_themes_are_found_with_who_mentions_them():
    texts, truth = corpus(600, seed=1, second=0.3)
    found = find_themes(texts, seed=2, themes=4)
    places = matched(found, truth)
    assert sorted(places) == [0, 1, 2, 3]
    planted = [set(words.split()) for words in VOCABULARY.values()]
    for words, at in zip(planted, places, strict=True):
        assert set(found.label(at).split(", ")) <= words
    agreement = (found.mentions[:, places] == truth).mean()
    assert agreement > 0.9
    assert (found.stability > 0.9).all()
    assert found.unstable == 0


def test_patterns_that_are_not_found_again_are_left_out():
    rng = np.random.default_rng(5)
    words = " ".join(VOCABULARY.values()).split()
    texts = [" ".join(rng.choice(words, 6)) for _ in range(400)]
    planted, _ = corpus(400, seed=6)
    chance = find_themes(texts, seed=7, themes=8)
    shown = find_themes(planted, seed=7, themes=8)
    assert (0 if chance is None else len(chance.patterns)) < 4 <= len(shown.patterns)


def test_a_theme_knows_its_sentence():
    texts, truth = corpus(300, seed=13, second=1.0)
    found = find_themes(texts, seed=2, themes=4)
    for planted, at in zip(VOCABULARY.values(), matched(found, truth), strict=True):
        rows = np.flatnonzero(found.strength[:, at] > 0.9)[:20]
        for row in rows:
            sentence = sentences(texts[row])[found.sentence[row, at]].split()
            assert len(set(sentence) & set(planted.split())) >= 3


def test_inflections_are_one_word_and_spelled_as_most_do():
    texts, _ = corpus(300, seed=14)
    texts = [
        text.replace("invoice", "invoices") if row % 3 else text for row, text in enumerate(texts)
    ]
    found = find_themes(texts, seed=2, themes=4)
    at = found.stems.index("invoic")
    assert found.spelled[at] == "invoices"


def test_the_same_seed_gives_the_same_themes():
    texts, _ = corpus(200, seed=8)
    first, second = (find_themes(texts, seed=9) for _ in range(2))
    assert (first.patterns == second.patterns).all()
    assert (first.strength == second.strength).all()
    assert (first.sentence == second.sentence).all()


def test_a_word_or_a_theme_of_too_few_people_never_appears():
    texts, _ = corpus(300, seed=10)
    texts += ["Kowalski Kowalski network"] * 50
    people = np.r_[np.arange(300), np.full(50, 300)]
    found = find_themes(texts, seed=11, people=people, fewest=10)
    assert not any("kowal" in word for word in (*found.stems, *found.spelled))
    writers = [len(set(people[column])) for column in found.mentions.T]
    assert min(writers) >= 10


@pytest.mark.parametrize(
    "texts",
    [[], [""] * 50, ["good"] * 50, ["1234"] * 50, ["network slow"] * 3, ["the of and"] * 60],
)
def test_nothing_is_found_where_nothing_can_be(texts):
    assert find_themes(texts, seed=1) is None


def test_weights_of_words_are_those_of_the_formula():
    counts = sparse.csr_matrix([[2.0, 0, 1], [0, 1, 1], [0, 0, 0]])
    rarity = 1 + np.log(4 / (1 + np.array([1, 1, 2])))
    raw = np.array([[1 + np.log(2), 0, 1], [0, 1, 1], [0, 0, 0]]) * rarity
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    expected = np.divide(raw, lengths, out=np.zeros_like(raw), where=lengths > 0)
    assert tf_idf(counts).toarray() == pytest.approx(expected)


def test_shares_are_non_negative_least_squares():
    from scipy.optimize import nnls

    rng = np.random.default_rng(12)
    patterns, table = rng.random((3, 8)), rng.random((20, 8))
    patterns /= patterns.sum(axis=1, keepdims=True)
    exact = np.array([nnls(patterns.T, row)[0] for row in table])
    expected = exact / exact.sum(axis=1, keepdims=True)
    assert shares(sparse.csr_matrix(table), patterns) == pytest.approx(expected, abs=1e-4)


def test_likeness_pairs_each_theme_once():
    patterns = np.eye(3)
    assert likeness(patterns, patterns[[2, 0, 1]]) == pytest.approx([1, 1, 1])
    assert likeness(patterns, patterns[:1]).tolist() == [1, 0, 0]


def test_more_themes_than_words_is_no_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        patterns = factorise(sparse.csr_matrix(np.eye(3)), 20)
    assert 1 <= len(patterns) <= 3
