"""Words that enough people use, and texts cut down to them."""

import numpy as np
import pytest

from crmresearch.methods.words import (
    GAP,
    clean,
    occurrences,
    redacted,
    stop_words,
    users_of,
    vocabulary,
)


def test_words_are_counted_by_people_not_by_answers():
    texts = ["slow network"] * 5 + ["slow invoice"] * 5
    people = np.array([0] * 5 + [1, 2, 3, 4, 5])
    counts, words = occurrences(texts)
    assert words == ["invoice", "network", "slow"]
    assert users_of(counts, people).tolist() == [5, 1, 6]
    assert vocabulary(texts, people, fewest=2) == {"invoice", "slow"}
    assert vocabulary(texts, fewest=2) == {"invoice", "network", "slow"}


@pytest.mark.parametrize("texts", [[], ["", ""], ["12 34", "…"]])
def test_no_words_are_no_words(texts):
    counts, words = occurrences(texts)
    assert words == []
    assert counts.shape == (len(texts), 0)
    assert vocabulary(texts, fewest=1) == set()


def test_a_stem_is_the_beginning_of_a_word_that_is_no_stop_word():
    counts, words = occurrences(["Invoices, an invoice", "the"], without={"the", "an"}, stem=6)
    assert words == ["invoic"]
    assert counts.toarray().tolist() == [[2.0], [0.0]]


def test_stop_words_are_of_five_languages_and_not_about_anything():
    stop = stop_words()
    assert {"the", "und", "très", "pero", "della"} <= stop
    assert not {"price", "preis", "prix", "service", "friendly", "slow"} & stop
    assert all(word == word.lower() for word in stop)


def test_cleaning_drops_addresses_and_signs_that_hide_text():
    text = "Write\u202eto me@example.com or https://example.org/x?y=1 or shop.example.com now\x00"
    assert clean(text).split() == ["Write", "to", "#", "or", "#", "or", "#", "now"]
    assert clean("I left.Never again") != ""


def test_redaction_leaves_only_what_many_say():
    said = "the service was slow and i called maria schmidt often"
    common = frozenset(said.split())
    lower = common - {"maria", "schmidt"}
    text, left = redacted(
        "The service was slow. I called Maria Schmidt on +49 30 1234567!", common, lower
    )
    assert text == f"The service was slow. I called {GAP}!"
    assert left == pytest.approx(6 / 9)  # "on" is not common either


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("<script>alert(1)</script> the service", "script"),
        ("=HYPERLINK(the service)", "HYPERLINK"),
        ("the service jane.doe@example.com", "jane"),
        ("the service 0171 555", "555"),
        ("The Service of Kowalski", "Kowalski"),
    ],
)
def test_redaction_hides(text, hidden):
    shown, _ = redacted(text, frozenset({"the", "service", "of"}), frozenset({"the", "of"}))
    assert hidden not in shown
    assert not set("<>=()@") & set(shown)


def test_nothing_to_redact():
    assert redacted("", frozenset(), frozenset()) == ("", 0.0)
    assert redacted("12345", frozenset(), frozenset()) == (GAP, 0.0)
