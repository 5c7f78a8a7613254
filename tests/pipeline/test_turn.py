"""A turn: what it tells of itself beside what it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from agentbot.pipeline.decision import Reason
from agentbot.pipeline.turn import (
    MAX_TEXT,
    Account,
    Author,
    Conversation,
    Customer,
    Meant,
    Memory,
    Message,
    Turn,
)
from tests.support.turns import MONDAY_NOON, history, message, turn

BOT, PERSON, CUSTOMER = Author.BOT, Author.PERSON, Author.CUSTOMER


def test_the_text_is_one_message_a_line() -> None:
    """In the order in which they were written."""
    assert turn("Hello", "Do you ship?").text == "Hello\nDo you ship?"


MAIL = "Thanks!\n\n-----Original Message-----\nDo you need a person?"


@pytest.mark.parametrize(
    ("conversation", "message_source", "text"),
    [
        ("email", "", "Thanks!"),
        ("chat", "", MAIL),
        ("chat", "email", "Thanks!"),
        ("email", "chat", MAIL),
    ],
)
def test_of_a_mail_only_its_senders_own_words_count(
    conversation: str, message_source: str, text: str
) -> None:
    """A chat's lines are all the customer's; a message's own source counts before all."""
    asked = turn(
        messages=(replace(message(MAIL), source=message_source),),
        conversation=Conversation(id="c", source=conversation),
    )
    assert asked.text == text
    people = replace(message(MAIL, author=PERSON), source=message_source)
    assert asked.said(people) == MAIL


@pytest.mark.parametrize("source", ["chat", "email"])
def test_no_more_is_judged_than_anybody_asks(source: str) -> None:
    """Of one message, and of all together."""
    long = "x" * (MAX_TEXT + 1)
    for texts in ((long,), (long, long), ("x" * MAX_TEXT, "y")):
        asked = turn(*texts, conversation=Conversation(id="c", source=source))
        assert asked.text.startswith("xxx")
        assert len(asked.text) == MAX_TEXT
    assert turn("x" * MAX_TEXT).text == "x" * MAX_TEXT


@pytest.mark.parametrize("source", ["chat", "email"])
def test_the_end_of_a_long_text_is_judged_too(source: str) -> None:
    """People tell first, and ask then."""
    asked = turn(
        f"Hello! {'I like tea. ' * 2_000}Where is my order?",
        conversation=Conversation(id="c", source=source),
    )
    assert asked.text.startswith("Hello! I like tea.")
    assert asked.text.endswith("I like tea. Where is my order?")


def test_what_a_mail_says_is_looked_for_in_front_and_not_for_ever() -> None:
    """Quotations are longer than what is written above or below them, but have an end too."""
    mail = Conversation(id="c", source="email")
    quoted = "> why?\n" * 1_000  # 7,000 characters
    assert turn(quoted * 7 + "Because.", conversation=mail).text == "Because."
    assert turn(quoted * 8 + "Because.", conversation=mail).text == ""


def test_it_is_blank_where_nothing_can_be_seen() -> None:
    """A file without a word, say."""
    assert turn("", " \u200b").is_blank
    assert not turn("", "?").is_blank


def test_what_was_said_last_is_a_bots_or_a_persons() -> None:
    """The newest; what the customer wrote since does not count."""
    said = history((BOT, 9.0), (PERSON, 5.0), (CUSTOMER, 1.0))
    assert turn("x", history=said).last_said == said[1]
    assert turn("x", history=said[:1]).last_said == said[0]
    assert turn("x", history=said[2:]).last_said is None


@pytest.mark.parametrize(
    ("authors", "is_first"),
    [
        ((), True),
        ((BOT,), True),
        ((PERSON, BOT), True),
        ((CUSTOMER,), False),
        ((BOT, CUSTOMER, BOT), False),
    ],
)
def test_it_is_the_first_where_the_customer_has_not_written_before(
    authors: tuple[Author, ...], *, is_first: bool
) -> None:
    """Whoever else has."""
    earlier = history(*((author, 5.0) for author in authors))
    assert turn("x", history=earlier).is_first is is_first


def test_the_servers_time_is_what_it_stamped_and_what_has_passed_since() -> None:
    """Our own clock counts only where the turn was not heard as it was written."""
    ours = MONDAY_NOON + timedelta(hours=3)
    earlier = [message("a", at=MONDAY_NOON - timedelta(hours=hours)) for hours in (2, 1)]
    asked = (*earlier, message("b", at=MONDAY_NOON))
    found = turn(now=ours, messages=asked)
    assert found.waited is None
    assert found.server_now == ours
    heard = replace(found, waited=timedelta(seconds=7))
    assert heard.server_now == MONDAY_NOON + timedelta(seconds=7)
    assert replace(found, waited=timedelta(0)).server_now == MONDAY_NOON


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ((), None),
        (((BOT, 3.0), (CUSTOMER, 2.0)), None),
        (((PERSON, 9.0), (PERSON, 4.0), (BOT, 1.0)), MONDAY_NOON - timedelta(minutes=4)),
    ],
)
def test_the_last_person_counts_and_no_bot(
    said: tuple[tuple[Author, float], ...], at: datetime | None
) -> None:
    """What was said is in the order of its times."""
    assert turn("x", history=history(*said)).last_person_at == at


def test_what_is_not_told_is_as_plain_as_can_be() -> None:
    """An open chat that is nobody's, a customer without claims, an account without hours."""
    plain = Turn(
        conversation=Conversation(id="c"),
        customer=Customer(id="k"),
        messages=(Message(id="m", text="x", author=CUSTOMER, at=MONDAY_NOON),),
        history=(),
        now=MONDAY_NOON,
    )
    assert plain.conversation.source == "chat"
    assert plain.conversation.status == "open"
    assert plain.conversation.priority == "not_priority"
    assert plain.conversation.assignee_id is None
    assert not plain.conversation.read
    assert plain.agents_online == 0
    assert plain.bot_tracked
    assert plain.memory == Memory(fired={}, snoozed_until=None, handed_off_at=None)
    assert plain.account == Account(id="", time_zone=None, working_hours=(), away_message=None)
    (only,) = plain.messages
    assert (only.private, only.attachments, only.metadata) == (False, 0, {})


def test_authors_are_told_apart_by_name() -> None:
    """The names stand in logs and traces."""
    assert [*Author] == ["customer", "person", "bot"]


def test_what_was_said_so_far_begins_after_a_close_a_person_or_a_pause() -> None:
    """The last of them counts; in mails a pause ends nothing."""
    past = history((CUSTOMER, 600), (BOT, 599), (CUSTOMER, 9), (PERSON, 8), (CUSTOMER, 7), (BOT, 6))
    asked = turn("And?", history=past)
    assert asked.so_far == past[4:]
    assert turn("And?", history=(*past[:3], *past[4:])).so_far == past[2:3] + past[4:]
    closed = replace(asked, memory=Memory(closed_at=past[4].at))
    assert closed.so_far == past[5:]
    mail = replace(asked, history=past[:2], conversation=Conversation("c", source="email"))
    assert mail.so_far == past[:2]
    assert turn("And?").so_far == ()


def test_the_question_is_the_text_where_nothing_else_is_meant() -> None:
    """Else what the pipeline has found out."""
    asked = turn("How much?")
    assert asked.question == "How much?"
    found = Meant(question="How much is shipping?", why=Reason("follow_up", "shipping"))
    assert replace(asked, meant=found).question == "How much is shipping?"
