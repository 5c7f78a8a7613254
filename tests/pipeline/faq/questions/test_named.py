"""Names: whoever asks for another country, or another means of payment, gets no "Yes"."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.entries import FaqEntry
from agentbot.pipeline.faq.questions.named import other_name

CANADA = FaqEntry(
    "canada",
    "Do you ship to Canada?",
    "Yes, we ship to Canada in 5 days.",
    ("shipping to Canada", "can you send parcels to Canada", "Canada shipping"),
)
AUSTRALIA = FaqEntry(
    "australia",
    "Do you ship to Australia?",
    "Yes, to Australia.",
    ("deliver to Australia",),
)
PAYPAL = FaqEntry(
    "paypal",
    "Can I pay with PayPal?",
    "Yes, PayPal is fine.",
    ("do you accept PayPal", "is PayPal accepted here"),
)
POLISH = FaqEntry(
    "kanada", "Czy wysyłacie do Kanady?", "Tak, w 5 dni.", ("wysyłka do Kanady", "ile do Kanady")
)
GERMAN = FaqEntry(
    "kanada", "Liefert ihr nach Kanada?", "Ja, in 5 Tagen.", ("Versand nach Kanada möglich?",)
)
RETURNS = FaqEntry("returns", "How do I return it?", "In its box.", ("send it back to Oslo",))


@pytest.mark.parametrize(
    ("text", "entry", "name"),
    [
        ("Do you ship to Brazil?", CANADA, "brazil"),
        ("do you ship to brazil", CANADA, "brazil"),
        ("Do you ship to the US?", CANADA, "usa"),
        ("shipping to the U.S. possible?", CANADA, "usa"),
        ("do you send parcels to the United States?", CANADA, "usa"),
        ("Brazil shipping", CANADA, "brazil"),
        ("Do you ship to Austria?", AUSTRALIA, "austria"),
        ("Can I pay with Apple Pay?", PAYPAL, "apple"),
        ("do you accept bitcoin", PAYPAL, "bitcoin"),
        ("Czy wysyłacie do Brazylii?", POLISH, "brazylii"),
    ],
)
def test_another_name_in_its_place_is_told(text: str, entry: FaqEntry, name: str) -> None:
    """By the words around it: before or behind, whatever article it has."""
    assert other_name(text, entry) == name


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("do you ship to Canada", CANADA),
        ("how long is shipping to canada, please?", CANADA),
        ("shipping to Cannada", CANADA),
        ("how long is shipping", CANADA),
        ("Do you ship internationally?", CANADA),
        ("do you ship to us", CANADA),
        ("do you ship to customers in Canada", CANADA),
        ("paypal?", PAYPAL),
        ("can i pay with paypal or with bitcoin", PAYPAL),
        ("wysyłka do kanada", POLISH),
        ("Liefert ihr nach Brasilien?", GERMAN),
        ("send it to Bergen", RETURNS),
    ],
)
def test_what_is_asked_for_the_entrys_own_name_is_answered(text: str, entry: FaqEntry) -> None:
    """With a slip, in another form, or without any name; in German nobody can tell names."""
    assert other_name(text, entry) == ""


def test_a_title_in_capitals_has_no_names() -> None:
    """Nor has what is shouted."""
    entry = FaqEntry("a", "SHIPPING TO CANADA", "Yes.", ("Do You Ship To Canada",))
    assert other_name("do you ship to brazil", entry) == ""
