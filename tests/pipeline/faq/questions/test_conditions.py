"""Conditions: ``conditions.py``: an entry that says nothing of one does not answer."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.questions.conditions import unspoken

ABROAD = FaqEntry("abroad", "Do you ship abroad?", "To Norway, within a week, in a box.")
PRICED = FaqEntry("priced", "Do you ship abroad?", "For 9 \N{EURO SIGN}.")
NAMED = FaqEntry("named", "Do you ship for free?", "No.", ("as a present", "without a receipt"))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Do you ship to Norway?", ""),
        ("Do you ship to Norway for free?", "for free"),
        ("Do you ship it FREE of charge?", "free of charge"),
        ("Liefert ihr kostenlos nach Norwegen?", "kostenlos"),
        ("vous livrez gratuitement ?", "gratuitement"),
        ("¿env\N{LATIN SMALL LETTER I WITH ACUTE}an gratis?", "gratis"),
        ("czy wysy\N{LATIN SMALL LETTER L WITH STROKE}acie za darmo?", "za darmo"),
        ("Can you send it as a gift?", "as a gift"),
        ("Kann das als Geschenk geschickt werden?", "als geschenk"),
        ("Do you ship without an account?", "without an account"),
        ("Do you ship it without the box?", ""),
        ("Do you ship without it?", ""),
        ("are you free on Monday?", ""),
    ],
)
def test_a_condition_is_found_that_an_entry_does_not_speak_of(text: str, condition: str) -> None:
    """In the words of the packs' languages; what it speaks of is none."""
    assert unspoken(text, ABROAD) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("Do you ship to Oslo by tomorrow?", "by tomorrow"),
        ("Will it be here before the 24th of December?", "before the 24th of december"),
        ("Liefert ihr bis nächsten Freitag nach Oslo?", "bis nachsten freitag"),
        ("Vous livrez avant Noël ?", "avant noel"),
        ("¿Llega antes del viernes?", "antes del viernes"),
        ("Chega até amanhã?", "ate amanha"),
        ("Arriva entro domani?", "entro domani"),
        ("Komt het nog voor vrijdag?", "nog voor vrijdag"),
        ("Czy dojdzie do jutra?", "do jutra"),
        ("Do you ship by train tomorrow?", ""),
        ("Do you ship to Oslo in May?", ""),
        ("Liefert ihr bis nach Oslo?", ""),
        ("C'est pour mon patron ?", ""),
        ("by", ""),
    ],
)
def test_a_time_by_which_it_must_have_happened_is_a_condition(text: str, condition: str) -> None:
    """Of an entry that tells no time; in one language, not across two."""
    assert unspoken(text, PRICED) == condition
    assert not unspoken(text, ABROAD)
    assert not unspoken(text, FaqEntry("clock", "Do you ship abroad?", "From 9:30."))


@pytest.mark.parametrize("entry", [PRICED, NAMED])
def test_a_price_speaks_of_what_is_free(entry: FaqEntry) -> None:
    """In the answer by its sign, or in a wording."""
    assert not unspoken("Do you ship to Norway for free?", entry)


def test_what_a_wording_names_is_spoken_of() -> None:
    """Whoever wrote it has thought of it."""
    assert not unspoken("Do you ship it as a gift?", NAMED)
    assert not unspoken("Do you ship without receipts?", NAMED)


ADULTS = FaqEntry("check-up", "How much is a check-up?", "A check-up for an adult costs £65.")
PLANS = FaqEntry("plans", "What does it cost?", "Pro is €12 a month, and there is a free plan.")
EXPORT = FaqEntry("export", "How can I export my data?", "Settings > Export. Your copy is mailed.")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("how long does a check-up take?", "how long does"),
        ("Wie lange dauert ein check-up?", "wie lange dauert"),
        ("combien de temps dure un check-up ?", "combien de temps"),
        ("¿cuánto tarda un check-up?", "cuanto tarda"),
        ("quanto tempo demora um check-up?", "quanto tempo"),
        ("hoe lang duurt een check-up?", "hoe lang duurt"),
        ("quanto ci vuole per un check-up?", "quanto ci vuole"),
        ("jak długo trwa check-up?", "jak dlugo"),
        ("how long is the cable?", ""),
    ],
)
def test_an_entry_without_any_time_says_nothing_of_how_long(text: str, condition: str) -> None:
    """A price is as near to the question; whoever tells a time, or that it is at once, does."""
    assert unspoken(text, ADULTS) == condition
    assert not unspoken(text, ABROAD)
    assert not unspoken(text, FaqEntry("at-once", "Do you see me?", "Yes, immediately."))


@pytest.mark.parametrize(
    ("text", "entry", "other"),
    [
        ("How much is a check-up for a child?", ADULTS, "child"),
        ("check-up for students?", ADULTS, "students"),
        ("How much is a check-up for an adult?", ADULTS, ""),
        ("How much is a check-up?", ADULTS, ""),
        ("How much is Enterprise?", PLANS, "enterprise"),
        ("How much is Pro?", PLANS, ""),
        ("How much is a crown for a child?", ABROAD, ""),
    ],
)
def test_what_is_said_of_some_says_nothing_of_others(
    text: str, entry: FaqEntry, other: str
) -> None:
    """Of others' prices and other plans; an entry that names nobody speaks of all."""
    assert unspoken(text, entry) == other


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("How do I export my data and delete my account?", "delete my account"),
        ("Wie exportiere ich meine Daten und lösche mein Konto?", "losche mein konto"),
        ("How do I export my data and mail my copy?", ""),
        ("How do I export my data and the boards?", ""),
        ("How do I export my data and get it all?", ""),
        ("My boss left and I want my data", ""),
        ("and delete my account?", ""),
        ("How do I export my data?", ""),
    ],
)
def test_a_second_wish_is_a_condition_of_which_an_entry_has_no_word(text: str, wish: str) -> None:
    """It would be left without a word where the first is answered."""
    assert unspoken(text, EXPORT) == wish
