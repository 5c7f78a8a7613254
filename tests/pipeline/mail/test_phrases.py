"""What mail programs write, pipeline/mail/phrases.yaml: every phrase can be met."""

from __future__ import annotations

from dataclasses import fields

import pytest

from agentbot.pipeline.mail.phrases import Phrases, begins_with, phrases
from agentbot.pipeline.words import fold


@pytest.mark.parametrize("name", [field.name for field in fields(Phrases)])
def test_a_phrase_is_folded_and_found(name: str) -> None:
    """None is empty, or longer than what is compared."""
    known: frozenset[str] = getattr(phrases(), name)
    assert known
    for phrase in known:
        assert phrase == fold(phrase).strip() != ""
        words = phrase.split()
        assert begins_with([*words, "and", "more"], known) >= len(words)


def test_the_longest_phrase_counts() -> None:
    """So that what is left is what stands behind it."""
    known = frozenset({"best regards", "best"})
    assert begins_with(["best", "regards", "vera"], known) == 2
    assert begins_with(["best", "wishes"], known) == 1
    assert begins_with(["the", "best"], known) == 0
    assert begins_with([], known) == 0
