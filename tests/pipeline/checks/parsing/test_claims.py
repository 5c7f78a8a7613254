"""Proves `agentbot.pipeline.checks.parsing.claims`: what of an answer claims something."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.parsing.claims import Kind, Vocabulary, split, without_leads
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


def _shop(*, theirs: str = "") -> Vocabulary:
    ours = fold("we ship teapots and bowls to norway and sweden")
    told = fold(theirs)
    return Vocabulary(frozenset(ours.split()), frozenset(told.split()), (ours, told))


@pytest.mark.parametrize(
    ("text", "theirs", "kind"),
    [
        # A question asks with up to three words of the customer's alone, and none but them.
        ("Is it the red round jug for Norway?", "red round jug", Kind.QUESTION),
        ("Is it the red round old jug for Norway?", "red round old jug", Kind.CLAIM),
        ("Is it the jug?", "jug", Kind.CLAIM),
        ("Is it?", "", Kind.QUESTION),
        # Four words of a text are read out of it, three are not.
        ("Teapots and bowls to?", "", Kind.READ_OUT),
        ("Teapots and bowls?", "", Kind.QUESTION),
        ("To Norway: is it red?", "is it red", Kind.QUESTION),
        ("To Norway: is it red now?", "is it red now", Kind.CLAIM),
        # A name is one where a short greeting is for it.
        ("Hello dear Anna Berg!", "", Kind.COURTESY),
        ("Thanks, Anna!", "", Kind.CLAIM),
        ("Hello and welcome dear Anna Berg!", "", Kind.CLAIM),
        ("Norway.", "", Kind.CLAIM),
        ("It is.", "", Kind.CLAIM),
    ],
)
def test_a_sentence_is_what_its_words_make_it(text: str, theirs: str, kind: Kind) -> None:
    """At the bounds of how many words may be whose."""
    assert [one.kind for one in split(text, "en", _shop(theirs=theirs))] == [kind]


def test_a_long_question_tells_and_a_long_courtesy_says_something() -> None:
    """From 31 words on, and from 41."""
    asks = "is it " + "teapots or " * 14
    assert kinds_of(f"{asks}?") == [Kind.QUESTION]
    assert kinds_of(f"{asks} bowls?") == [Kind.CLAIM]
    thanks = "thank you " * 20
    assert kinds_of(thanks) == [Kind.COURTESY]
    assert kinds_of(f"{thanks} thanks") == [Kind.CLAIM]


def kinds_of(text: str) -> list[Kind]:
    """Return the kinds of a text's sentences beside the shop's words."""
    return [one.kind for one in split(text, "en", _shop())]


def test_a_shortened_word_ends_no_sentence() -> None:
    """What follows belongs to it, and the address of a page parts words."""
    assert [one.text for one in split("It costs approx. 9 euros. Yes.", "en", _shop())] == [
        "It costs approx. 9 euros.",
        "Yes.",
    ]
    [one] = split("See a@b.example,now", "en", _shop())
    assert one.text == "See  ,now"
    assert split("https://a.example", "en", _shop()) == []


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("I can confirm that: we ship.", "we ship."),
        ("Yes: we ship.", "we ship."),
        ("Yes.", "Yes."),
        ("No, we ship.", "we ship."),
        ("No teapots are shipped.", "No teapots are shipped."),
        ("Teapots, yes.", "Teapots, yes."),
        ("!", "!"),
    ],
)
def test_what_is_left_of_a_claim_without_its_lead(text: str, claim: str) -> None:
    """All of it where nothing else is left."""
    assert without_leads(text, "en") == claim
