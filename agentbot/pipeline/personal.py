"""Personal data in a text: what a model need not see to answer, found by its shape.

It is found by kind, since an answer may need to know that there was an e-mail address. Rather one
number too many than one too few: what is hidden comes back where the customer wrote it themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["email", "card", "iban", "phone", "key"]
"""The kinds of what is hidden; a key is whatever opens something, a password too."""

_EMAIL = re.compile(
    r"""[^\s<>()\[\]"',;:=@\uff20]{1,64}[@\uff20](?:[^\s<>()\[\]"',;:/?#@.]{1,63}\.){1,8}"""
    r"""[^\W\d_]{2,63}"""
)
_CARD = re.compile(r"(?<![\w.])\d(?:[ \-\u00a0]?\d){12,18}(?!\w)")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ \-\u00a0]?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE)
_PHONE = re.compile(
    r"""(?<![\w.,:/\-])(?:
      (?:\+|00)[ ]?\d[\d\s().\-/\u00a0]{5,20}\d     # with its country
    | 0\d[\d\s().\-/\u00a0]{5,18}\d                 # from its own country
    | \(0\d{1,5}\)[\d\s.\-/\u00a0]{5,15}\d
    | \(\d{2,5}\)[ \-]?\d[\d\s.\-/]{4,14}\d         # (555) 123-4567
    | \d{2,4}(?:[ .\-/]\d{2,4}){2,4}                # 22 33 44 55
    | \d{10,11}
    )(?![\w\-/]|[.,:]\d)""",
    re.VERBOSE,
)
_MOST_DIGITS, _LEAST_DIGITS = 15, 7
"""Digits of a phone number: the most by E.164, and the least that is one beyond a town."""
_NO_PHONE = re.compile(
    r"\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}(?:\s.*)?"  # 2026-11-26
    r"|\d{1,2}[-./ ]\d{1,2}[-./ ]\d{4}(?:\s.*)?"
    r"|\d{1,2}[./ ]\d{1,2}[./ ]\d{2}"
    r"|\d{1,3}(?:[ .]\d{3})+"  # a million, in groups of three
    r"|\d{1,2}[.:]\d{2}\s?[-/]\s?\d{1,2}[.:]\d{2}"  # from 10.00 to 16.00
)
_KEYS = re.compile(
    r"""(?<![\w-])(?:
      eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*               # a JWT
    | (?:sk|pk|rk|xox[abeoprs]|gh[oprsu]|github_pat|glpat|npm|pypi|hf|ya29|whsec|key|token|secret)
      [-_.](?=[\w.-]{0,99}\d)[\w.-]{11,}[\w-]
    | (?:AKIA|ASIA|AIza)[\w-]{12,}
    | (?=[\w+/-]{0,99}[a-z])(?=[\w+/-]{0,99}[A-Z])(?=[\w+/-]{0,99}\d)(?:[\w+-]|/(?!/)){32,200}={0,2}
    | [0-9a-f]{32,}
    )(?![\w-])""",
    re.VERBOSE,
)
_SAID_KEY = re.compile(
    r"(?:pass(?:word|code|phrase)|passwor[dt]|passwort|kennwort|mot de passe|contrase\u00f1a|clave"
    r"|senha|palavra-passe|wachtwoord|has\u0142o|api[ _-]?key|bearer|secret|cvv|cvc|pin(?: code)?)"
    r"(?:[ ]{1,2}(?:is|ist|est|es|\u00e9|is:|to|lautet)(?=[ ])|[ ]?[:=])[ ]{0,3}['\"]?"
    r"(?P<key>[^\s'\"]{3,100})",
    re.IGNORECASE,
)
_LETTERS_OF_IBAN = {chr(ord("A") + number): str(10 + number) for number in range(26)}
_LEAST_IBAN, _MOST_IBAN = 15, 34
"""Signs of an IBAN: Norway's has the fewest, 34 is the most by ISO 13616."""


@dataclass(frozen=True, slots=True)
class Personal:
    """One piece of personal data, and its place in the text."""

    kind: Kind
    start: int
    end: int


def find_personal(text: str) -> list[Personal]:
    """Return what is found, in its order in the text; nothing is found twice."""
    taken: list[Personal] = []
    for one in _all(text):
        if all(one.end <= other.start or one.start >= other.end for other in taken):
            taken.append(one)
    return sorted(taken, key=lambda one: one.start)


def without_personal(text: str) -> str:
    """Return a text with the kinds of what is personal in its place: ``[email]``."""
    parts, place = [], 0
    for one in find_personal(text):
        parts += [text[place : one.start], f"[{one.kind}]"]
        place = one.end
    return "".join([*parts, text[place:]])


def _all(text: str) -> Iterator[Personal]:
    """Yield what may be personal data; what is surest comes first."""
    for match in _SAID_KEY.finditer(text):
        yield Personal("key", *match.span("key"))
    for match in _EMAIL.finditer(text):
        yield Personal("email", *match.span())
    for match in _KEYS.finditer(text):
        yield Personal("key", *match.span())
    for match in _IBAN.finditer(text):
        if end := _end_of_iban(match[0]):
            yield Personal("iban", match.start(), match.start() + end)
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield Personal("card", *match.span())
    for match in _PHONE.finditer(text):
        digits = sum(sign.isdecimal() for sign in match[0])
        is_number = _LEAST_DIGITS <= digits <= _MOST_DIGITS and not _NO_PHONE.fullmatch(match[0])
        if is_number:
            yield Personal("phone", *match.span())


def is_card(text: str) -> bool:
    """Say whether the digits of a text are a card's number, by Luhn's check digit."""
    digits = [int(sign) for sign in text if sign.isdecimal()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_iban(text: str) -> bool:
    """Say whether a text is an IBAN, by its check digits (ISO 7064, mod 97-10)."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    if not _LEAST_IBAN <= len(signs) <= _MOST_IBAN or not signs.isascii():
        return False
    moved = signs[4:] + signs[:4]
    return int("".join(_LETTERS_OF_IBAN.get(sign, sign) for sign in moved)) % 97 == 1


def _end_of_iban(text: str) -> int:
    """Return where the IBAN ends that a text begins with; 0: there is none. Words may follow it."""
    ends = [match.end() for match in re.finditer(r"[A-Z0-9](?![A-Z0-9])", text, re.IGNORECASE)]
    return next((end for end in reversed(ends) if is_iban(text[:end])), 0)
