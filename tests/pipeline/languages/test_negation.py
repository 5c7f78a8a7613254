"""What negations deny, in every language."""

from __future__ import annotations

import pytest

from agentbot.pipeline.files.texts import Language
from agentbot.pipeline.languages.negation import Negations
from agentbot.pipeline.languages.pack import load_pack


@pytest.mark.parametrize(
    ("code", "said", "denied"),
    [
        ("en", "don't call me", "call me"),
        ("en", "Don\u2019t call me!", "call me"),
        ("en", "do NOT call me", "call me"),
        ("en", "I do not want to talk to a human", "human"),
        ("en", "no human please", "human"),
        ("en", "don't ship to norway please, cancel", "norway"),
        ("en", "I'd rather not speak to an agent", "agent"),
        ("de", "Bitte rufen Sie mich nicht an", "rufen sie mich"),
        ("de", "Ich möchte nicht mit einem Menschen sprechen", "menschen"),
        ("de", "Keinen Rückruf bitte", "ruckruf"),
        ("fr", "Ne m'appelez pas", "m appelez"),
        ("fr", "pas de conseiller", "conseiller"),
        ("es", "no quiero hablar con una persona", "persona"),
        ("pt", "não quero falar com um atendente", "atendente"),
        ("nl", "bel mij niet", "bel mij"),
        ("nl", "ik wil geen medewerker spreken", "medewerker"),
        ("it", "non chiamatemi", "chiamatemi"),
        ("pl", "proszę nie dzwonić", "dzwonic"),
    ],
)
def test_what_follows_a_negation_is_denied(code: Language, said: str, denied: str) -> None:
    """Or stands before it, where the language puts it so."""
    assert f" {denied} " in Negations(load_pack(code)).denied(said)


@pytest.mark.parametrize(
    ("code", "said", "meant"),
    [
        ("en", "I don't know how to reach a human", "human"),
        ("en", "why don't you call me", "call me"),
        ("en", "no, call me", "call me"),
        ("en", "I don't want a refund but an exchange", "exchange"),
        ("en", "no problem. call me", "call me"),
        ("en", "I do not want a b c d e f human", "human"),
        ("de", "ich weiß nicht, wie ich einen Menschen erreiche", "menschen"),
        ("de", "warum nicht mit einem Menschen", "menschen"),
        ("fr", "je ne sais pas, un conseiller", "conseiller"),
        ("es", "no sé hablar con una persona", "persona"),
        ("pl", "nie wiem jak znaleźć człowieka", "czlowieka"),
    ],
)
def test_what_only_looks_denied_is_not(code: Language, said: str, meant: str) -> None:
    """Another part of the message, an exception of the language, or too far away."""
    assert f" {meant} " not in Negations(load_pack(code)).denied(said)


def test_without_a_negation_nothing_is_denied() -> None:
    """And a very long message is looked at in its first part only."""
    negations = Negations(load_pack("en"))
    assert negations.denied("call me") == ""
    assert negations.denied("tea " * 2_000 + "don't call me") == ""


def test_denials_are_kept_apart() -> None:
    """So that no keyword is found across two of them."""
    denied = Negations(load_pack("en")).denied("don't call, never write")
    assert denied == " call | write "
