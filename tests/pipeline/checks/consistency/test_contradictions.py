"""Proves `agentbot.pipeline.checks.consistency.contradictions`: the same words, the contrary."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.consistency.contradictions import Frames

SHOP = Frames(
    "Within Norway shipping is €9, and free from €80. To all other countries it is €14. You can "
    "send anything back within 30 days. Orders placed before 14:00 leave us the same day. We do "
    "not ship to Russia. Parcels up to 20 kg are fine. Gift wrapping is free of charge. Sale items "
    "cannot be returned.",
    "en",
)


@pytest.mark.parametrize(
    "claim",
    [
        "Within Norway shipping is €14.",
        "You can send anything back within 13 days.",
        "You cannot send anything back within 30 days.",
        "Orders placed after 14:00 leave us the same day.",
        "We ship to Russia.",
        "Parcels of at least 20 kg are fine.",
        "Gift wrapping is paid.",
        "Sale items can be returned.",
    ],
)
def test_a_turned_claim_is_found(claim: str) -> None:
    """Another figure in the frame, a "not" more or less, an opposite."""
    assert SHOP.contradiction(claim)


@pytest.mark.parametrize(
    "claim",
    [
        "Shipping within Norway costs €9.",
        "You can send it back within 30 days.",
        "We do not ship to Russia.",
        "Gift wrapping is free.",
        "Orders before 2 pm leave the same day.",
        "Sale items can't be returned.",
        "Our tea comes from India.",
    ],
)
def test_the_same_in_other_words_is_none(claim: str) -> None:
    """Nor is what the source does not speak of."""
    assert SHOP.contradiction(claim) == ""


def test_other_languages_have_their_own_words() -> None:
    """German denials and opposites."""
    shop = Frames("Wir liefern nicht nach Russland. Die Geschenkverpackung ist kostenlos.", "de")
    assert shop.contradiction("Wir liefern nach Russland.")
    assert shop.contradiction("Die Geschenkverpackung ist kostenpflichtig.")
    assert not shop.contradiction("Wir liefern nicht nach Russland.")


def test_a_title_that_is_answered_with_no_is_denied() -> None:
    """Its words support nothing."""
    shop = Frames("No, these are left out.", "en", title="Can I return sale items?")
    assert shop.contradiction("You can return sale items.")
    shop = Frames("Yes, within 30 days.", "en", title="Can I return sale items?")
    assert not shop.contradiction("You can return sale items.")


ROOM = Frames(
    "Dogs are forbidden in the tea room. The tea room is open to cats on weekends. "
    "Two prizes were won for green tea.",
    "en",
)


@pytest.mark.parametrize(
    ("same", "other"),
    [
        ("Dogs are not allowed in the tea room.", "Dogs are allowed in the tea room."),
        (
            "The tea room is not closed to cats on weekends.",
            "The tea room is not open to cats on weekends.",
        ),
        ("We won two prizes for green tea.", "We won't win two prizes for green tea."),
    ],
)
def test_a_denied_opposite_says_the_same(same: str, other: str) -> None:
    """ "Not allowed" is "forbidden"; and "won" denies nothing."""
    assert ROOM.contradiction(same) == ""
    assert ROOM.contradiction(other)


BOARDS = Frames("Free boards have up to three people, and 20 boards. Pro has 2 admins.", "en")


@pytest.mark.parametrize(
    ("claim", "is_other"),
    [
        ("Free boards have up to five people.", True),
        ("Two people may use a free board.", True),
        ("Pro has four admins.", True),
        ("Free boards have up to three people.", False),
        ("Three people may use twenty boards.", False),
        ("Pro has two admins.", False),
        ("One person is enough.", False),
        ("Pro has four owners.", False),
    ],
)
def test_a_number_in_words_is_held_against_what_the_source_counts(
    claim: str, *, is_other: bool
) -> None:
    """Of what it does not count, this says nothing."""
    assert bool(BOARDS.contradiction(claim)) is is_other


def test_numbers_in_words_are_those_of_the_language() -> None:
    """Whichever language the source is in."""
    tafeln = Frames("Gratis sind bis zu drei Personen.", "de")
    assert tafeln.contradiction(
        "Gratis sind bis zu f\N{LATIN SMALL LETTER U WITH DIAERESIS}nf Personen."
    )
    assert not tafeln.contradiction("Gratis sind bis zu drei Personen.")
