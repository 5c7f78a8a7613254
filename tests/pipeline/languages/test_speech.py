"""Proves `agentbot.pipeline.languages.speech`: each language has what the checks need."""

from __future__ import annotations

import pytest

from agentbot.pipeline.languages.pack import CODES
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold


def test_every_language_with_a_pack_has_its_words() -> None:
    """In the same order of nothing: by code."""
    assert set(all_speech()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_no_phrase_is_empty_when_it_is_folded(code: str) -> None:
    """A phrase of signs alone would stand everywhere."""
    speech = next(one for name, one in all_speech().items() if name == code)
    acts = [phrase for phrases in speech.acts.values() for phrase in phrases]
    sides = [form for group in speech.opposites for side in group for form in side]
    for phrase in (*acts, *sides, *speech.courtesies, *speech.promises, *speech.instructs):
        assert fold(phrase).strip(), phrase


def test_the_same_acts_and_units_are_known_in_all() -> None:
    """Else a claim would pass in one language that fails in another."""
    first = all_speech()["en"]
    for speech in all_speech().values():
        assert set(speech.acts) == set(first.acts)
        assert set(speech.units) == set(first.units)


@pytest.mark.parametrize("code", CODES)
def test_small_words_are_common_words(code: str) -> None:
    """A pronoun that were content would count twice against a claim: as new, and as itself."""
    speech = next(one for name, one in all_speech().items() if name == code)
    assert {*speech.pronouns, *speech.auxiliaries} <= set(speech.common)
    assert not set(speech.pronouns) & set(speech.auxiliaries)
