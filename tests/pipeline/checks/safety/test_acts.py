"""Proves `agentbot.pipeline.checks.safety.acts`: nothing is reported that does not happen."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.safety.acts import asks_for_secret, false_acts, promises, reports
from agentbot.pipeline.words import fold

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "claim",
    [
        "I have forwarded your question.",
        "I've just sent you an e-mail.",
        "Your order has been cancelled.",
        "Someone will contact you.",
        "Ich habe Ihre Anfrage an einen Kollegen weitergeleitet.",
        "J'ai annulé votre commande.",
        "Su pedido ha sido cancelado.",
        "Ho inviato un'e-mail.",
        "Cancelei o seu pedido.",
        "Ik heb uw bestelling geannuleerd.",
        "Anulowałem zamówienie.",
    ],
)
def test_an_act_that_is_not_done_is_found(claim: str) -> None:
    """In all languages."""
    assert list(false_acts(claim, NONE, " "))


def test_an_act_that_is_done_or_that_a_source_tells_is_none() -> None:
    """The source says when orders are cancelled, for instance."""
    assert not list(false_acts("I have forwarded it.", frozenset({"hand_over"}), " "))
    assert reports("I have forwarded it.", frozenset({"hand_over"}))
    assert not reports("I have forwarded it.", NONE)
    told = fold("You get a mail once your order has been cancelled.")
    assert not list(false_acts("Your order has been cancelled.", NONE, told))


@pytest.mark.parametrize(
    "claim",
    ["We will refund you.", "This is guaranteed.", "Ich garantiere das.", "Le prometo eso."],
)
def test_promises_come_from_sources_only(claim: str) -> None:
    """What the source promises may be repeated."""
    assert list(promises(claim, " "))
    assert not list(promises(claim, fold(claim)))


def test_no_secret_is_asked_for() -> None:
    """A number of an order is none."""
    assert asks_for_secret("What is your password?")
    assert asks_for_secret("Wie lautet Ihr Passwort?")
    assert not asks_for_secret("What is your order number?")
