"""Proves `agentbot.pipeline.checks.parsing.wording`: words as they are compared."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.parsing.wording import (
    Wording,
    common_length,
    likeness,
    pieces,
    sentences,
    spoken_in,
    stem,
    tongue,
)


def test_content_is_what_is_no_common_word() -> None:
    """Denials are common words, and told apart; numbers tell in any form."""
    found = Wording.of("We don't ship two parcels within 3 days.", tongue("en"))
    assert found.telling == ("ship", "2", "parcel", "within", "4320short")
    assert "not" in found.words


def test_stems_are_shared_by_forms() -> None:
    """Common endings of English, and numbers as they are."""
    assert stem("shipping") == stem("ship") == stem("ships")
    assert stem("1000s") == "1000s"


def test_an_unknown_language_has_the_words_of_all() -> None:
    """A known one has its own."""
    assert {"the", "der"} <= tongue("").common
    assert "der" not in tongue("en").common


def test_a_texts_own_words_say_its_language_first() -> None:
    """Then the hints, then English."""
    assert spoken_in("Das ist nicht mehr möglich, und wir bedauern das", "en") == "de"
    assert spoken_in("ok", "xx", "fr") == "fr"
    assert spoken_in("ok") == "en"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("transport", "transport", 1.0),
        ("transport", "transporte", 0.75),
        ("transport", "transporter", 0.75),
        ("transport", "transp", 0.75),
        ("transport", "transpor", 0.75),
        ("transport", "translate", 0.0),  # four letters after the five that both begin with
        ("transport", "transportations", 0.0),  # an ending of six letters
        ("color", "kolor", 0.6),  # three of five pieces
        ("or", "orchideous", 0.0),  # eight letters longer
        ("1950", "1951", 0.0),
        ("1950", "x950", 0.0),
    ],
)
def test_forms_are_told_from_words_of_one_beginning(
    first: str, second: str, expected: float
) -> None:
    """By their endings, else by their letters three by three; numbers have no forms."""
    assert likeness(first, second) == likeness(second, first) == pytest.approx(expected)


def test_sequences_are_compared() -> None:
    """With gaps."""
    assert common_length("abcde", "axcxe") == 3
    assert common_length("a", "") == 0


def test_texts_are_cut() -> None:
    """At the ends of sentences and lines; words at their letters."""
    assert sentences("One. Two!\nThree") == ["One.", "Two!", "Three"]
    assert pieces("tea") == {"^te", "tea", "ea$"}


@pytest.mark.parametrize(
    ("first", "second", "with_gaps"),
    [
        ("abcd", "bd", 2),
        ("ba", "ab", 1),
        ("aab", "aba", 2),
        ("abc", "abc", 3),
        ("xab", "abx", 2),
        ("abab", "baba", 3),
        ("a", "bcd", 0),
        ("dab", "abcd", 2),
    ],
)
def test_sequences_are_compared_from_end_to_end(first: str, second: str, with_gaps: int) -> None:
    """Whichever is longer, and wherever they are alike."""
    assert common_length(first, second) == common_length(second, first) == with_gaps


def test_what_denies_is_told_from_words_like_it() -> None:
    """ "Won't" denies, and who won does not."""
    english = tongue("en")
    assert Wording.of("We won't and don't, nobody does.", english).denials(english) == (
        *("not", "not", "nobody"),
    )
    assert Wording.of("They won Don Quixote.", english).denials(english) == ()
