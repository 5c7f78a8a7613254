"""``polarity.py``: what turns a request round, and what only looks like it."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.questions.polarity import TurnedRound, turned_round
from agentbot.pipeline.languages.asking import Form

CANCEL = ("Can I cancel my order?", "I want to cancel it")
REFUND = ("How do I get a refund?", "where is my refund")
SHIP = ("Do you ship to Norway?", "is delivery abroad possible")


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("I do NOT want to cancel", CANCEL),
        ("please don't cancel my order", CANCEL),
        ("don't cancel it", CANCEL),
        ("no longer want to cancel", CANCEL),
        ("no refund needed", REFUND),
        ("a refund is not necessary", REFUND),
        ("I no longer need the refund", REFUND),
        ("don't ship to norway please", SHIP),
        ("I'd rather keep it and not cancel it", CANCEL),
        ("ich möchte nicht stornieren", ("Kann ich stornieren?",)),
        ("ich möchte meine Bestellung nicht stornieren", ("Can I cancel?",)),
        ("Ich möchte nichts zurückschicken", ("Can I send it back?",)),
        ("je ne veux pas annuler", ("Puis-je annuler ?",)),
        ("no quiero cancelar", ("¿Puedo cancelar mi pedido?",)),
        ("não quero cancelar", ("Posso cancelar?",)),
        ("ik wil niet annuleren", ("Kan ik annuleren?",)),
        ("non voglio annullare", ("Posso annullare?",)),
        ("nie chcę anulować", ("Czy mogę anulować?",)),
    ],
)
def test_what_is_refused_is_not_asked(text: str, wordings: tuple[str, ...]) -> None:
    """In every language of the packs."""
    assert turned_round(text, wordings) is TurnedRound.REFUSED


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("why can't I log in", ("How do I log in?",)),
        ("I did not receive my parcel", ("Where is my parcel?",)),
        ("card not working", ("How do I use my card?",)),
        ("isn't it free?", ("Is delivery free?",)),
        ("don't you ship to norway?", SHIP),
        ("I don't know how to cancel", CANCEL),
        ("I don't want to wait, where is my refund?", REFUND),
        ("no confirmation of my refund yet", REFUND),
        ("I never got a refund", REFUND),
        ("I don't want your newsletter any more", ("I do not want a newsletter", "unsubscribe")),
        ("can I cancel", CANCEL),
        ("a cup instead of a refund", REFUND),
    ],
)
def test_a_negation_may_be_what_is_asked(text: str, wordings: tuple[str, ...]) -> None:
    """What fails, is missing, or is unwanted in the entry itself."""
    assert turned_round(text, wordings) is None


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("turn the lights off", ("turn on the lights", "lights on please")),
        ("turn off the light", ("dim the lights",)),
        ("dim the lights", ("turn the lights off",)),
        ("lower the volume", ("increase the volume", "make it louder")),
        ("when do you close?", ("When do you open?", "opening hours")),
        ("I want to keep my order", CANCEL),
        ("remove a cup", ("How do I add a cup?",)),
        ("stop the service", ("How do I start the service?",)),
        ("return without a receipt", ("Can I return it with a receipt?",)),
        ("pay after delivery", ("Do I pay before delivery?",)),
        ("wann schließt ihr", ("Wann öffnet ihr?",)),
        ("how do I disconnect Slack", ("Do you have Slack?", "connect it to Slack")),
        ("uninstall the app", ("How do I install the app?",)),
        ("can I pause my order", (*CANCEL, "how can I end my plan")),
        ("i do want a newsletter", ("I do not want a newsletter",)),
        ("add me to the list", ("Remove me from the list",)),
    ],
)
def test_an_opposite_is_not_what_is_asked(text: str, wordings: tuple[str, ...]) -> None:
    """Where the nearest wordings have the other side, and none has this one."""
    assert turned_round(text, wordings) is TurnedRound.OPPOSITE


@pytest.mark.parametrize(
    ("text", "wordings"),
    [
        ("when do you close?", ("When are you open?", "when do you close today")),
        ("can I open it with you", ("How do I open an account?",)),
        ("can I still change or cancel", ("How do I change it?", "cancel it")),
        ("turn it on", ("Where is my parcel?",)),
        ("open or closed?", ("When are you open?",)),
        ("how do I disconnect Slack", ("connect it to Slack", "disconnect it")),
        ("my parcel is undelivered", ("When is my parcel delivered?",)),
        ("do you discount it", ("How do I count it?",)),
    ],
)
def test_an_entry_may_have_both_sides_or_none(text: str, wordings: tuple[str, ...]) -> None:
    """Then nothing is turned round."""
    assert turned_round(text, wordings) is None


def test_what_has_come_about_is_not_asked() -> None:
    """Said with thanks, or as done already; with a trouble, or as a question, it is asked."""

    def done(text: str, form: Form = Form.STATEMENT) -> TurnedRound | None:
        return turned_round(text, REFUND, form=form, message=text)

    assert done("i got refund thankyou") is TurnedRound.DONE
    assert done("I received the refund already") is TurnedRound.DONE
    assert done("i got a wrong refund, thanks") is None
    assert done("I got a refund of 5") is None
    assert done("I got no refund, why? thanks", Form.QUESTION) is None
