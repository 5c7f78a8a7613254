"""The table of all facts: what rules and templates may ask for, its type, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its name, its type (as CEL calls it), what it means, and a sample value."""

    name: str
    type: str
    about: str
    sample: Any


FACTS: tuple[Fact, ...] = (
    Fact("text", "string", "What the customer wrote, one message a line.", sample="Do you ship?"),
    Fact(
        "denied",
        "string",
        "What a negation denies, in small letters: ' call me ' of \"don't call me\"; or ''.",
        sample=" call me ",
    ),
    Fact("first_message", "bool", "The customer's first turn in this conversation.", sample=True),
    Fact("turns", "int", "How many turns the customer has had, this one included.", sample=1),
    Fact("attachments", "int", "How many files came with it.", sample=0),
    Fact(
        "reply_action",
        "string",
        "The action of the quick reply that was clicked, or ''.",
        sample="",
    ),
    Fact(
        "minutes_since_person",
        "double",
        "Since a person last wrote; infinite if never.",
        sample=5.5,
    ),
    Fact("minutes_since_bot", "double", "Since a bot last wrote; infinite if never.", sample=5.5),
    Fact("agents_online", "int", "How many people are online.", sample=0),
    Fact("nobody_online", "bool", "No person is online.", sample=True),
    Fact("inside_hours", "bool", "The shop is open now.", sample=False),
    Fact("outside_hours", "bool", "The shop is closed now.", sample=True),
    Fact(
        "away",
        "bool",
        "The bot must say that nobody is there; the chat window does not.",
        sample=True,
    ),
    Fact("minutes_until_open", "double", "Until it opens; 0 while open.", sample=90.5),
    Fact(
        "opening_hours",
        "string",
        "The usual week's hours, in words; '' where it is always open.",
        sample="Monday\N{EN DASH}Friday 9:00\N{EN DASH}17:00",
    ),
    Fact(
        "hours_on_day",
        "string",
        "The hours of the day that the question names, holidays and exceptions included; or ''.",
        sample="Friday, 25 December: closed",
    ),
    Fact(
        "day_unclear",
        "bool",
        "The question names a day of which the hours are not known.",
        sample=False,
    ),
    Fact(
        "reopens_at", "string", "When it opens, in words; '' if not for a year.", sample="tomorrow"
    ),
    Fact("weekday", "string", "The day at the shop, such as monday.", sample="monday"),
    Fact("hour", "int", "The hour at the shop, 0 to 23.", sample=22),
    Fact("date", "string", "The date at the shop, such as 2026-12-24.", sample="2026-12-24"),
    Fact("conversation.source", "string", "chat, email, sms …", sample="chat"),
    Fact("conversation.status", "string", "open or closed.", sample="open"),
    Fact("conversation.inbox", "string", "The inbox's id, or ''.", sample=""),
    Fact("conversation.priority", "bool", "Marked as a priority.", sample=False),
    Fact("conversation.tags", "list", "Names of its tags.", sample=["vip"]),
    Fact("conversation.assigned", "bool", "Assigned to somebody.", sample=False),
    Fact("conversation.assignee", "int", "The user id it is assigned to, or 0.", sample=0),
    Fact("conversation.metadata", "map", "The conversation's metadata.", sample={}),
    Fact("customer.name", "string", "The customer's name, or ''.", sample="Vera Visitor"),
    Fact(
        "customer.first_name", "string", "The first name, or '' where none is plain.", sample="Vera"
    ),
    Fact("customer.email", "string", "The e-mail address, or ''.", sample="vera@example.com"),
    Fact("customer.page", "string", "The page the customer is on, or ''.", sample="/checkout"),
    Fact("customer.time_zone", "string", "Such as Europe/Oslo, or ''.", sample="Europe/Oslo"),
    Fact("customer.language", "string", "The language the page names, or ''.", sample="en"),
    Fact("customer.metadata", "map", "What the page tells about the customer.", sample={}),
    Fact("mail.subject", "string", "The e-mail's subject, or ''.", sample="Your order"),
    Fact("mail.sender", "string", "Whom it says to be from, or ''.", sample="vera@example.com"),
    Fact("mail.to", "string", "Whom it was sent to, or ''.", sample="shop@example.com"),
    Fact("mail.headers", "map", "What the server keeps of its headers: in_reply_to …", sample={}),
    Fact("account.name", "string", "The company's name, or ''.", sample="Fjord & Fern"),
    Fact(
        "company.name",
        "string",
        "The name in company.yaml, else the account's. Texts may also use its facts.",
        sample="Fjord & Fern",
    ),
    Fact("faq.id", "string", "The FAQ entry nearest to the text, or ''.", sample="shipping"),
    Fact("faq.score", "double", "How surely it is the right one, 0 to 1.", sample=0.5),
    Fact("faq.answered", "bool", "Sure enough for the FAQ to answer.", sample=False),
    Fact("passage.id", "string", "The nearest FAQ entry or piece of a page, or ''.", sample="a"),
    Fact("passage.title", "string", "Its question, or the page's title and headings.", sample="A"),
    Fact("passage.link", "string", "Its address, or ''.", sample="https://shop.example/care"),
    Fact("passage.score", "double", "How near it is to what is asked, 0 to 1.", sample=0.5),
)


def _roots() -> dict[str, frozenset[str] | None]:
    fields: dict[str, set[str]] = {}
    for fact in FACTS:
        root, _, rest = fact.name.partition(".")
        fields.setdefault(root, set()).update({rest} if rest else ())
    return {root: frozenset(names) if names else None for root, names in fields.items()}


ROOTS: Mapping[str, frozenset[str] | None] = _roots()
"""Each fact's root and its fields; None where the root is the fact itself."""


def text_roots(company: Mapping[str, str]) -> Mapping[str, frozenset[str] | None]:
    """Return what texts may use: all facts, and those of company.yaml."""
    fields = ROOTS["company"] or frozenset()
    return {**ROOTS, "company": fields | company.keys()}


def sample_facts(company: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return facts of the right types, to try conditions and templates on."""
    sample: dict[str, Any] = {}
    for fact in FACTS:
        root, _, rest = fact.name.partition(".")
        if rest:
            sample.setdefault(root, {})[rest] = fact.sample
        else:
            sample[root] = fact.sample
    sample["company"].update(company or {})
    return sample
