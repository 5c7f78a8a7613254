"""Which language a customer writes: by this turn, or else by those before it."""

from __future__ import annotations

from agentbot.pipeline.languages.customers import customers_language
from agentbot.pipeline.turn import Author
from tests.support.turns import message, turn

GERMAN = "Wo ist meine Bestellung?"
FRENCH = "où est ma commande, je ne la trouve pas"


def test_by_what_they_write_now() -> None:
    """Whatever came before."""
    assert customers_language(turn(GERMAN)) == "de"
    assert customers_language(turn(GERMAN, history=[message(FRENCH)])) == "de"


def test_by_what_they_wrote_before() -> None:
    """Where the turn does not tell: the last message that does, of theirs."""
    history = [message(FRENCH), message(GERMAN), message("Where is it?", author=Author.BOT)]
    assert customers_language(turn("FF-10234", history=history)) == "de"
    assert customers_language(turn("FF-10234")) is None


def test_not_by_what_is_long_ago() -> None:
    """Five messages back at most."""
    history = [message(GERMAN), *(message("FF-10234") for _ in range(5))]
    assert customers_language(turn("ok", history=history)) is None
    assert customers_language(turn("ok", history=history[:-1])) == "de"


def test_a_button_says_nothing_of_them() -> None:
    """Its words are the operator's."""
    clicked = turn("Where is my order?", history=[message(GERMAN)])
    assert customers_language(clicked, is_theirs=False) == "de"
    assert customers_language(clicked) == "en"
