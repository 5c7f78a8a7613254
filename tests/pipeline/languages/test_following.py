"""``following.py``: the words by which customers go on from what was said, by language."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.following import (
    follow_ups,
    language_among,
    tokens_of,
    words_of,
    written,
)
from agentbot.pipeline.languages.pack import CODES


@pytest.mark.parametrize(
    ("code", "text", "kept"),
    [
        ("en", "And what about returns, please?", "returns,"),
        ("en", "and and Sweden too", "Sweden"),
        ("en", "and", "and"),
        ("de", "und was ist mit Rücksendungen?", "Rücksendungen?"),
        ("fr", "et aussi en Suisse, s'il vous plaît", "en Suisse,"),
        ("es", "¿y qué hay de Vipps?", "Vipps?"),
        ("pt", "e quanto a Vipps, por favor", "Vipps,"),
        ("nl", "en hoe zit het met retouren", "retouren"),
        ("it", "e anche Vipps?", "Vipps?"),
        ("pl", "a co z Vipps?", "Vipps?"),
    ],
)
def test_what_only_goes_on_is_taken_off(code: Language, text: str, kept: str) -> None:
    """At the beginning and at the end; something is always left."""
    assert written(follow_ups(code).without_ends(tokens_of(text))[0]) == kept


@pytest.mark.parametrize(
    ("text", "by_itself"),
    [
        ("And do you sell gift cards?", "Do you sell gift cards?"),
        ("and  what about cats?", "Cats?"),
        ("Do you sell gift cards?", "Do you sell gift cards?"),
        ("and", "and"),
        ("", ""),
    ],
)
def test_a_question_without_its_and_is_written_as_one_by_itself(text: str, by_itself: str) -> None:
    """With a capital letter."""
    assert follow_ups("en").without_lead(text) == by_itself


def test_what_names_something_is_no_word_of_any_question() -> None:
    """Nor one that asks for a price or a time."""
    words = follow_ups("en")
    tokens = tokens_of("How much does it cost to ship teapots?")
    assert words_of(words.subject_of(tokens)) == ("ship", "teapots")


@pytest.mark.parametrize("code", CODES)
def test_each_language_has_words_that_are_folded(code: Language) -> None:
    """And the words of its questions are among those by which it is known."""
    words = follow_ups(code)
    assert len(set(words.ordinals.values())) >= 3
    assert words.aspects | words.pronouns | words.before <= words.vocabulary
    assert all(word == word.casefold() for word in words.vocabulary)


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["¿y cuánto tarda?"], "es"),
        (["Vocês aceitam PayPal?", "e Vipps?"], "pt"),
        (["Vipps?"], "en"),
        (["und wie viel kostet das?"], "de"),
        ([], "en"),
    ],
)
def test_a_short_text_is_read_by_the_language_of_most_of_its_words(
    texts: list[str], code: Language
) -> None:
    """What the same customer wrote before counts as well."""
    assert language_among(texts, "en") == code
