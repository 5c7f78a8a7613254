"""``phrases.py``: phrases are found among words, with gaps."""

from __future__ import annotations

from agentbot.pipeline.languages.phrases import Phrases, phrase_of
from agentbot.pipeline.words import fold


def words(text: str) -> list[str]:
    """Return folded words."""
    return fold(text).split()


PHRASES = Phrases(["turn off", "turn * off", "don't", "no", "no need"])


def test_the_longest_phrase_counts() -> None:
    """At its place; folded."""
    assert PHRASES.at(words("no need for it"), 0) == 2
    assert PHRASES.at(words("no one"), 0) == 1
    assert PHRASES.at(words("i don t"), 1) == 2
    assert PHRASES.at(words("say no"), 0) == 0


def test_a_gap_takes_one_to_four_words() -> None:
    """More are another sentence."""
    assert PHRASES.at(words("turn it off"), 0) == 3
    assert PHRASES.at(words("turn the lights in here off"), 0) == 6
    assert PHRASES.at(words("turn one two three four five off"), 0) == 0
    assert PHRASES.at(words("turn it"), 0) == 0


def test_all_phrases_are_found() -> None:
    """In the order of their places; and whether, and where, there is one."""
    said = words("please turn it off no")
    assert list(PHRASES.found_in(said)) == [phrase_of("turn * off"), ("no",)]
    assert PHRASES.first_in(said) == 1
    assert PHRASES.are_in(said)
    assert PHRASES.first_in(["yes"]) is None
