"""Whoever plainly writes another language is told so in it, once."""

from __future__ import annotations

import pytest

from agentbot.pipeline.languages.unspoken import Unspoken
from agentbot.pipeline.turn import Memory
from tests.support.turns import MONDAY_NOON, turn


def test_the_line_is_in_the_customers_language() -> None:
    """It names what is spoken, and says that people have the message."""
    decision = Unspoken(["en", "de"]).decide(turn("Où est ma commande ?"))
    assert decision is not None
    assert decision.text is not None
    assert "anglais et en allemand" in decision.text
    assert "transmis" in decision.text
    assert decision.reason.code == "language"
    assert decision.gap


@pytest.mark.parametrize(
    "said", ["Where is my order?", "Wo ist meine Bestellung?", "tea", "\u3164"]
)
def test_what_is_spoken_or_not_plain_is_left_alone(said: str) -> None:
    """It is no matter of languages."""
    assert Unspoken(["en", "de"]).decide(turn(said)) is None


def test_it_is_said_once_in_a_language() -> None:
    """The next question gets the usual words."""
    unspoken = Unspoken(["en"])
    first = unspoken.decide(turn("Où est ma commande ?"))
    assert first is not None
    memory = Memory(fired=dict.fromkeys(first.fires, MONDAY_NOON))
    assert unspoken.decide(turn("Livrez-vous en Norvège ?", memory=memory)) is None
    assert unspoken.decide(turn("Wo ist meine Bestellung?", memory=memory)) is not None
