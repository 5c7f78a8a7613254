"""Personal data is found by its shape, and what only looks like it is let be."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.personal import find_personal, is_card, is_iban, without_personal


def found(text: str) -> list[tuple[str, str]]:
    """What is found in a text, by kind."""
    return [(one.kind, text[one.start : one.end]) for one in find_personal(text)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "vera@example.com"),
        ("email", "Vera.Neil+tea@mail.example.co.uk"),
        ("email", "vera\uff20example.com"),
        ("card", "4111 1111 1111 1111"),
        ("card", "4111-1111-1111-1111"),
        ("card", "378282246310005"),
        ("iban", "NO9386011117947"),
        ("iban", "NO93 8601 1117 947"),
        ("iban", "de89 3704 0044 0532 0130 00"),
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("phone", "+47 22 33 44 55"),
        ("phone", "0047 22334455"),
        ("phone", "22 33 44 55"),
        ("phone", "(555) 123-4567"),
        ("phone", "555-123-4567"),
        ("phone", "0171 1234567"),
        ("phone", "(030) 123456-78"),
        ("phone", "030/123456-78"),
        ("key", "sk-proj-a1B2c3D4e5F6g7H8"),
        ("key", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
        ("key", "AKIAIOSFODNN7EXAMPLE"),
        ("key", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27u"),
        ("key", "d41d8cd98f00b204e9800998ecf8427e"),
        ("key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1"),
    ],
)
def test_what_is_personal_is_found(kind: str, value: str) -> None:
    """Within a sentence, at its end, and in brackets."""
    for text in (f"it is {value} please", f"Mine: {value}.", f"({value})", value):
        assert found(text) == [(kind, value)], text


@pytest.mark.parametrize(
    "text",
    [
        "my password is hunter2!",
        "Passwort: hunter2!",
        "mot de passe : hunter2!",
        "Bearer=hunter2!",
        "La contrase\u00f1a es hunter2!",
    ],
)
def test_what_is_said_to_be_a_password_is_one(text: str) -> None:
    """Whatever it looks like."""
    assert found(text) == [("key", "hunter2!")]


@pytest.mark.parametrize(
    "text",
    [
        "order 10045",
        "order 2026-11-26 at 10.00-16.00",
        "26.11.2026, from 10:00 to 16:30",
        "it costs 1 000 000 or 1.299.000 kr",
        "EUR 59.90, 30 days, 4,99",
        "4111 1111 1111 1112",
        "1111 1111 1111 1111 1111",
        "version 1.2.3 of 10.11.12",
        "192.168.1.20",
        "the password reset does not work",
        "Where is my pin board?",
        "@fjordfern on Instagram",
        "a@b",
        "https://example.com/collections/green-tea-and-other-things-that-are-long",
        "supercalifragilisticexpialidocious-and-more-of-it",
    ],
)
def test_other_numbers_and_words_are_let_be(text: str) -> None:
    """A model needs orders, dates and prices to answer."""
    assert found(text) == []


def test_check_digits_decide() -> None:
    """One digit more or less is another number."""
    assert is_card("4242 4242 4242 4242")
    assert not is_card("4242 4242 4242 4241")
    assert not is_card("0000000000000000")
    assert is_iban("gb82west12345698765432")
    assert not is_iban("GB82WEST12345698765431")
    assert not is_iban("GB82")


def test_words_after_an_iban_are_none_of_it() -> None:
    """Nor is what stands before it."""
    assert found("to NO93 8601 1117 947 and thanks") == [("iban", "NO93 8601 1117 947")]


@given(st.text("aA1@. -+/:=\u0661\u00b2", max_size=200))
def test_whatever_is_written_pieces_do_not_overlap(text: str) -> None:
    """So that each can be replaced."""
    pieces = find_personal(text)
    for one, other in pairwise(pieces):
        assert 0 <= one.start < one.end <= other.start < other.end <= len(text)


def test_hostile_text_is_read_in_no_time() -> None:
    """A turn holds 10,000 characters at most."""
    began = time.perf_counter()
    for sign in ("a", "1", "1 ", "a.", "a@", "aA1", "a/", "+1", "(1", "key-"):
        find_personal((sign * 10_000)[:10_000])
    assert time.perf_counter() - began < 3.0


def test_a_text_can_be_had_without_what_is_personal() -> None:
    """With the kinds in its place."""
    assert without_personal("I am a@example.com, call +47 22 33 44 55!") == (
        "I am [email], call [phone]!"
    )
    assert without_personal("Nothing of that.") == "Nothing of that."
