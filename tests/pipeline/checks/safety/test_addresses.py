"""Proves `agentbot.pipeline.checks.safety.addresses`: only addresses that a source has are said."""

from __future__ import annotations

import pytest

from agentbot.pipeline.checks.draft import Code
from agentbot.pipeline.checks.safety.addresses import foreign_addresses
from tests.pipeline.checks.support import draft

SUPPORTING = (
    "See https://shop.example/shipping or write to help@shop.example, call +47 55 12 34 56. "
    "Account NO93 8601 1117 947."
)


def codes(text: str, **more: object) -> list[Code]:
    """Return the codes of what is found."""
    return [one.code for one in foreign_addresses(draft(text, **more), SUPPORTING)]


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/shipping",
        "See shop.example/shipping.",
        "See shop[.]example/shipping, or shop (dot) example.",
        "Only e.g. tea, i.e. leaves, z.B. grün",
        "[here](https://shop.example/shipping)",
        "Our site: https://shop.example",
        "https://www.shop.example/shipping/",
        "help@shop.example",
        "Call 55 12 34 56",
        "NO93 8601 1117 947",
        "It takes 3.5 days, e.g. in summer.Then more",
    ],
)
def test_what_a_source_has_may_be_said(text: str) -> None:
    """However it is written."""
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/shipping",
        "https://shop.example/free-voucher",
        "https://shop.example@evil.example/shipping",
        "https://shop.example.evil.example/shipping",
        "//evil.example/x",
        "www.evil.example",
        "evil.com/x",
        "evil[.]com",
        "[x](evil.com)",
        "203.0.113.9:8080/x",
        "evil@shop.example",
        "evil (at) shop.example",
        "Call +1 202 555 0199",
    ],
)
def test_others_are_foreign(text: str) -> None:
    """Foreign hosts, invented pages of our own, other people's numbers."""
    assert Code.ADDRESS in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "sk-abcdefghijklmnop1234",
    ],
)
def test_cards_accounts_and_tokens_are_personal(text: str) -> None:
    """Those that nobody gave in this conversation."""
    assert Code.PERSONAL in codes(text)
    assert Code.PERSONAL not in codes(text, said=(f"mine is {text}",))


def test_a_customers_own_address_may_be_repeated_but_no_link_of_theirs() -> None:
    """A link of theirs would be passed on to people who trust it."""
    assert codes("We write to vera@mail.example", said=("vera@mail.example",)) == []
    assert codes("See https://evil.example/x", said=("https://evil.example/x",)) == [Code.ADDRESS]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@b.example c@d.example", ["a@b.example", "c@d.example"]),
        ("x a@b.example.", ["a@b.example"]),
        ("Call 555 0199", []),  # too short for a telephone number
        ("Call 020 0199", ["020 0199"]),
        ("Call 020 019", []),
        ("Call +47 (0) 55 12 34 56", ["+47 (0) 55 12 34 56"]),
        ("Call 0055 12 34 56", []),  # known, but for the zeros before it
        ("evil [dot] com", ["evil [dot] com"]),
        ("https://shop.example:99999/x", ["https://shop.example:99999/x"]),
        ("[x](/inside)", []),
        ("[x](/inside/evil.html)", []),
        ("https://shop.example/shipping?x=1", ["https://shop.example/shipping?x=1"]),
        ("http://shop.example:8080/shipping", ["http://shop.example:8080/shipping"]),
        ("help@shop.example 020 12 34 57 88", ["020 12 34 57 88"]),
    ],
)
def test_what_is_found_is_shown_as_it_stands(text: str, found: list[str]) -> None:
    """And nothing else is."""
    assert [one.claim for one in foreign_addresses(draft(text), SUPPORTING)] == found


def test_what_customers_wrote_in_two_messages_is_not_joined() -> None:
    """Nor are digits of two numbers."""
    said = ("vera@mail", "example.org")
    assert codes("vera@mailexample.org", said=said) == [Code.ADDRESS]


def test_what_a_number_is_is_told() -> None:
    """An account, a card, a token."""
    text = "NL91 ABNA 0417 1643 00, 4111 1111 1111 1111, sk-abcdefghijklmnop1234"
    assert [one.why for one in foreign_addresses(draft(text), "") if one.code is Code.PERSONAL] == [
        "this account number was not given here",
        "this card number was not given here",
        "this token was not given here",
    ]
