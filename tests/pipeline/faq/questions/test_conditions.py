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
