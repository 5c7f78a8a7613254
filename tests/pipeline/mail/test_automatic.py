"""Mails that no person sent, pipeline/mail/automatic.py: told by headers, subject or words."""

from __future__ import annotations

from typing import Any

import pytest

from agentbot.pipeline.mail.automatic import header, headers_of, why_automatic


def why(
    metadata: dict[str, Any] | None = None,
    *,
    subject: str = "",
    sender: str = "",
    text: str = "Do you ship to Norway?",
) -> str:
    """Return what shows that a mail is automatic."""
    return why_automatic(metadata or {}, subject=subject, sender=sender, text=text)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: your order",
        "Re: Automatic reply: your order",
        "AUTO-REPLY",
        "Automatische Antwort: Bestellung",
        "AW: Abwesenheitsnotiz: Bestellung",
        "Réponse automatique : commande",
        "Respuesta automática: pedido",
        "Resposta automática: pedido",
        "Risposta automatica: ordine",
        "Automatisch antwoord: bestelling",
        "Odpowiedź automatyczna: zamówienie",
        "Autosvar: bestilling",
        "Out of Office Re: your order",
        "Out of the office until Monday",
        "Undeliverable: your order",
        "Undelivered Mail Returned to Sender",
        "Delivery Status Notification (Failure)",
        "Mail delivery failed: returning message to sender",
        "自动回复\uff1a您好",
        "Abwesend: Bestellung",
        "I'm out of the office until Monday",
        "Read: your order",
        "Nicht gelesen: Ihre Bestellung",
        "Lesebestätigung: Ihre Bestellung",
        "Accusé de lecture : votre commande",
        "[Ticket 4711] We have received your request",
        "Re: [#12] [Acme] Ihre Anfrage ist eingegangen",
        "Échec de la remise : votre commande",
        "Niedostarczone: zamówienie",
    ],
)
def test_a_subject_says_so(subject: str) -> None:
    """In the languages of mail programs, in the message's metadata or beside it."""
    assert subject in why({"gmail_subject": subject})
    assert why({"ses_subject": subject})
    assert why(subject=subject)


@pytest.mark.parametrize(
    "subject",
    [
        "Your order",
        "Re: your order",
        "Automatic reply does not work",
        "Question on automatic watches",
        "Read the label",
        "Office chair",
        "[Ticket 4711] Where is my order?",
        "We have received your parcel",
        "",
    ],
)
def test_a_persons_subject_does_not(subject: str) -> None:
    """Nor does that of the conversation, where the message has its own."""
    assert not why(subject=subject)
    assert not why({"gmail_subject": subject or "Hello"}, subject="Automatic reply: x")


@pytest.mark.parametrize(
    "sender",
    [
        "noreply@example.com",
        "Shop <no-reply@example.com>",
        "orders.noreply@example.com",
        "noreply+abc@example.com",
        "do_not_reply@example.com",
        "MAILER-DAEMON@example.com",
        "Mail Delivery <postmaster@example.com>",
        "bounce-12@example.com",
    ],
)
def test_a_sender_that_nobody_reads_says_so(sender: str) -> None:
    """An answer would reach nobody, or begin a loop."""
    assert why({"gmail_from": sender})
    assert why(sender=sender)
    assert not why({"gmail_from": "Vera <vera@example.com>"}, sender=sender)


@pytest.mark.parametrize(
    "sender", ["vera@example.com", "Noreply Fan <fan@example.com>", "norepl@x.example", "anoreply"]
)
def test_a_persons_address_does_not(sender: str) -> None:
    """Not even if it is odd."""
    assert not why(sender=sender)


@pytest.mark.parametrize(
    ("metadata", "automatic"),
    [
        ({"headers": {"Auto-Submitted": "auto-replied"}}, True),
        ({"headers": {"Auto-Submitted": "no"}}, False),
        ({"auto_submitted": "auto-generated (rejected)"}, True),
        ({"headers": {"Precedence": "bulk"}}, True),
        ({"headers": {"Precedence": "first-class"}}, False),
        ({"email_list_id": "<news.example.com>"}, True),
        ({"headers": {"List-Unsubscribe": "<mailto:x@example.com>"}}, True),
        ({"headers": {"X-Autoreply": "yes"}}, True),
        ({"headers": {"X-Auto-Response-Suppress": "All"}}, True),
        ({"headers": {"X-Failed-Recipients": "fern@example.com"}}, True),
        ({"headers": {"Precedence": "auto-reply"}}, True),
        ({"headers": {"Return-Path": "<>"}}, True),
        ({"headers": {"Return-Path": "<vera@example.com>"}}, False),
        ({"headers": {"Content-Type": "multipart/report; report-type=delivery-status"}}, True),
        ({"headers": {"Content-Type": "multipart/alternative"}}, False),
        ({"headers": ["odd"]}, False),
        ({"headers": {"Auto-Submitted": 3, "Subject": None}}, False),
    ],
)
def test_headers_say_so(metadata: dict[str, Any], *, automatic: bool) -> None:
    """By RFC 3834 and those of lists, where the server gives them."""
    assert bool(why(metadata)) is automatic


@pytest.mark.parametrize(
    ("text", "automatic"),
    [
        ("This is an automated message. Do not reply.", True),
        ("\n Dies ist eine automatische Antwort.\nGruß", True),
        ("Ceci est un message automatique.", True),
        ("This is an automatic watch, isn't it?", False),
        ("I am away on Monday. Do you ship?\nThis is an automated message.", True),
        ("This is an automated watch. Is it waterproof?", False),
    ],
)
def test_the_first_sentence_says_so(text: str, *, automatic: bool) -> None:
    """Or one soon after it, whatever is asked besides."""
    assert bool(why(text=text)) is automatic


def test_headers_have_one_name_each() -> None:
    """By whatever way the mail has come."""
    metadata = {"gmail_in_reply_to": "<1>", "ses_subject": "Tea", "headers": {"Reply-To": "a@b.c"}}
    found = headers_of(metadata)
    assert (found["in_reply_to"], found["subject"], found["reply_to"]) == ("<1>", "Tea", "a@b.c")
    assert header(metadata, "subject") == "Tea"
    assert header({"subject": 3}, "subject") == ""
