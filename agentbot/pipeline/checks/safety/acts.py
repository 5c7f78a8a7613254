"""What an answer says that the bot does: acts that do not happen, and promises nobody gave."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from agentbot.pipeline.checks.draft import Code, Finding
from agentbot.pipeline.languages.phrases import Phrase, Phrases
from agentbot.pipeline.languages.speech import all_speech
from agentbot.pipeline.words import fold

_SECRET_WORDS = (
    *("password", "passcode", "pin code", "cvv", "cvc", "card number", "credit card", "ssn"),
    *("social security number", "passwort", "kennwort", "kartennummer", "mot de passe"),
    *("numero de carte", "contrasena", "numero de tarjeta", "senha", "numero do cartao"),
    *("codice della carta", "numero di carta", "wachtwoord", "kaartnummer", "haslo", "numer karty"),
)
"""What a bot in a chat never asks a customer for."""


def false_acts(claim: str, acts: frozenset[str], supporting: str) -> Iterator[Finding]:
    """Yield acts that a claim reports, and that are not among ``acts``, nor in a source's words."""
    words = tuple(fold(claim).split())
    for act, phrases in _acts().items():
        if act in acts:
            continue
        for phrase in phrases.found_in(words):
            if not _stands_in(phrase, supporting):
                yield Finding(Code.ACT, claim, f"'{act}' does not happen")
                return


def reports(claim: str, acts: frozenset[str]) -> bool:
    """Say whether a claim reports one of the ``acts``, which do happen."""
    words = tuple(fold(claim).split())
    return any(phrases.are_in(words) for act, phrases in _acts().items() if act in acts)


def promises(claim: str, supporting: str) -> Iterator[Finding]:
    """Yield a promise that stands in no source."""
    words = tuple(fold(claim).split())
    for phrase in _promises().found_in(words):
        if not _stands_in(phrase, supporting):
            yield Finding(Code.PROMISE, claim, f"no source promises '{' '.join(phrase)}'")
            return


def asks_for_secret(sentence: str) -> bool:
    """Say whether a question is about what no bot may ask for: passwords, cards."""
    return _secret_words().are_in(tuple(fold(sentence).split()))


def _stands_in(phrase: Phrase, supporting: str) -> bool:
    return f" {' '.join(phrase)} " in supporting


@cache
def _acts() -> dict[str, Phrases]:
    """Return the phrases of all languages, by act."""
    found: dict[str, list[str]] = {}
    for speech in all_speech().values():
        for act, phrases in speech.acts.items():
            found.setdefault(act, []).extend(phrases)
    return {act: Phrases(phrases) for act, phrases in found.items()}


@cache
def _promises() -> Phrases:
    return Phrases(phrase for speech in all_speech().values() for phrase in speech.promises)


@cache
def _secret_words() -> Phrases:
    return Phrases(_SECRET_WORDS)
