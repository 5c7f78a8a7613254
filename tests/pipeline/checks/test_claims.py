"""Proves `agentbot.pipeline.checks.claims`: what of an answer claims something."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.claims import Kind, Vocabulary, split, without_leads
from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.words import fold

OURS, THEIRS = fold("we ship teapots to norway"), fold("where is the kettle that i ordered")
KNOWN = Vocabulary(frozenset(OURS.split()), frozenset(THEIRS.split()), (OURS, THEIRS))


def kinds(text: str, language: Language = "en") -> list[Kind]:
    """Return the kinds of a text's sentences."""
    return [one.kind for one in split(text, language, KNOWN)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello Anna!", "en"),
        ("Thanks for contacting us. I hope that helps!", "en"),
        ("Is there anything else I can help you with? Have a great day!", "en"),
        ("Guten Tag! Gerne helfe ich Ihnen weiter. Haben Sie noch Fragen?", "de"),
        ("Bonjour! Merci pour votre message. Bonne journée!", "fr"),
        ("¡Hola! Gracias por su mensaje. ¡Que tenga un buen día!", "es"),
        ("Buongiorno! Grazie per il suo messaggio. Buona giornata!", "it"),
        ("Olá! Obrigado pela sua mensagem. Tenha um bom dia!", "pt"),
        ("Hallo! Bedankt voor uw bericht. Fijne dag!", "nl"),
        ("Dzień dobry! Dziękuję za wiadomość. Miłego dnia!", "pl"),
    ],
)
def test_courtesies_claim_nothing(text: str, language: Language) -> None:
    """Greetings, thanks, offers of help."""
    assert set(kinds(text, language)) == {Kind.COURTESY}


def test_each_sentence_and_each_item_of_a_list_is_one() -> None:
    """Marks of markdown are left out, and addresses of pages."""
    found = split(
        "We ship:\n- **to Norway**\n- to Sweden. See [here](https://x.example)", "en", KNOWN
    )
    assert [one.text for one in found] == ["We ship:", "to Norway", "to Sweden.", "See here"]
    assert kinds("It costs 3.50 e.g. for tea") == [Kind.CLAIM]
    assert len(split("It is here. spikee", "en", KNOWN)) == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Do you mean the teapots?", Kind.QUESTION),
        ("Is it about the kettle for Norway?", Kind.QUESTION),
        ("Would you like to buy bitcoin?", Kind.CLAIM),
        ("Where is the kettle that I ordered?", Kind.CLAIM),
        ("Sure, here you go: where is the kettle?", Kind.CLAIM),
        ("We ship teapots to Norway?", Kind.READ_OUT),
        ("Are the kettle, the ordered ones and where?", Kind.CLAIM),
    ],
)
def test_a_question_is_one_where_it_tells_nothing_new(text: str, kind: Kind) -> None:
    """One that holds other words tells something; what was read out of a text asks nothing."""
    assert kinds(text) == [kind]


def test_words_before_a_claim_are_left_out() -> None:
    """A "No" only where a sign sets it apart: else it denies."""
    assert without_leads("I can confirm that we ship.", "en") == "we ship."
    assert without_leads("Yes, we ship.", "en") == "we ship."
    assert without_leads("No money is taken.", "en") == "No money is taken."
    assert without_leads("Yes", "en") == "Yes"
