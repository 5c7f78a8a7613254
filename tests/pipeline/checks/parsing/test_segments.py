"""Proves `agentbot.pipeline.checks.parsing.segments`: labels and values of a piece of text."""

from __future__ import annotations

from agentbot.pipeline.checks.parsing.segments import DENIAL, is_state, segment, words_of


def test_figures_are_values_and_words_are_labels() -> None:
    """A number is no label of itself; days are labels."""
    one = segment("On Saturdays Bergen cups cost €12", "en")
    assert [value.written for value in one.values if not is_state(value)] == ["12"]
    assert {"day 5", "cup", "cost"} <= one.own
    assert "day 5" in one.names
    assert not any("12" in label for label in one.own)


def test_names_tell_more_than_words() -> None:
    """Capitals within the sentence, a letter, a word with one before it."""
    one = segment("The kettle of Bergen, Model B, for an e-bike", "en")
    assert {"b", "e-bike", "bergen"} <= one.names
    assert "kettl" not in one.names


def test_addresses_and_telephone_numbers_are_values() -> None:
    """As they are dialled and written."""
    one = segment("Write to a@shop.example or call 0470 123 456.", "en")
    assert {value.written for value in one.values} == {"a@shop.example", "0470 123 456"}


def test_what_denies_has_no_opposites() -> None:
    """ "Not free" is not free; and "without" only tells one thing from another."""
    denied = segment("It is not free", "en")
    assert denied.denies
    assert denied.values == (DENIAL,)
    assert not segment("Stoneware without gold", "en").denies


def test_two_pieces_are_joined() -> None:
    """Each value once."""
    one = segment("cups not", "en").joined(segment("bowls not", "en"))
    assert one.values == (DENIAL,)
    assert {"cup", "bowl"} <= one.labels


def test_an_unknown_language_has_the_words_of_all() -> None:
    """Where a text's language is not known."""
    assert words_of("en", "articles") < words_of("", "articles")
