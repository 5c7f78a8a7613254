"""From a conversation as the server has it to the turn that is decided on, field by field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentbot.bot.proof import Identity
from agentbot.bot.turns.context import build_account, build_turn, is_closed_by_us
from agentbot.papercups import models
from agentbot.papercups.models import Conversation, Customer, Message, Tag
from agentbot.pipeline import turn as pipeline
from agentbot.pipeline.turn import Account, Author, Memory, Turn, WorkingSpan
from agentbot.state.store import ConversationMemory

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
BOT, OTHER_BOT, ANN, GONE = 1, 9, 2, 7


def message(id_: str, *, second: int = 0, **fields: Any) -> Message:
    """Return a message of ``second`` seconds past noon."""
    at = NOON + timedelta(seconds=second)
    return Message(**{"id": id_, "conversation_id": "c", "created_at": at, **fields})


def turn_of(
    conversation: Conversation, *ids: str, memory: ConversationMemory | None = None
) -> Turn:
    """Return the turn of the messages with these ids."""
    return build_turn(
        conversation,
        ids,
        identity=Identity(frozenset({OTHER_BOT}), frozenset({GONE})),
        account=Account(),
        memory=memory or ConversationMemory(),
        agents_online=0,
        now=NOON,
        waited=None,
        user_id=BOT,
        bot_tracked=True,
    )


def test_a_turn_has_all_that_the_server_says() -> None:
    """Of the conversation, the customer and the messages, each in its place."""
    vera = Customer(
        id="v",
        name="Vera",
        email="vera@example.com",
        current_url="https://shop.example.com",
        time_zone="Europe/Oslo",
        metadata={"plan": "pro"},
    )
    asked = message(
        "m",
        customer_id="v",
        body="Hi?",
        attachments=({}, {}),
        metadata={"quick_reply": "yes"},
        source="sms",
    )
    conversation = Conversation(
        id="c",
        source="email",
        priority="priority",
        inbox_id="inbox",
        tags=(Tag(id="t1", name="vip"), Tag(id="t2", name="late")),
        read=True,
        metadata={"order": 7},
        subject="Tea",
        customer=vera,
        messages=(asked,),
    )
    memory = ConversationMemory({"rule": NOON}, NOON, NOON + timedelta(seconds=1))
    account = Account(id="a")
    turn = build_turn(
        conversation,
        ["m"],
        identity=Identity(),
        account=account,
        memory=memory,
        agents_online=3,
        now=NOON + timedelta(seconds=5),
        waited=timedelta(seconds=4),
        user_id=BOT,
        bot_tracked=False,
    )
    assert turn == Turn(
        conversation=pipeline.Conversation(
            id="c",
            source="email",
            subject="Tea",
            status="open",
            priority="priority",
            inbox_id="inbox",
            assignee_id=None,
            tags=("vip", "late"),
            read=True,
            metadata={"order": 7},
        ),
        customer=pipeline.Customer(
            id="v",
            name="Vera",
            email="vera@example.com",
            page="https://shop.example.com",
            time_zone="Europe/Oslo",
            metadata={"plan": "pro"},
        ),
        messages=(
            pipeline.Message(
                id="m",
                text="Hi?",
                author=Author.CUSTOMER,
                at=NOON,
                attachments=2,
                metadata={"quick_reply": "yes"},
                source="sms",
            ),
        ),
        history=(),
        now=NOON + timedelta(seconds=5),
        waited=timedelta(seconds=4),
        agents_online=3,
        bot_tracked=False,
        account=account,
        memory=Memory({"rule": NOON}, NOON, NOON + timedelta(seconds=1)),
    )


def test_what_the_server_leaves_out_is_as_plain_as_can_be() -> None:
    """Old rows and short forms have no source, no priority, no metadata and no text."""
    asked = message("m", customer_id="v")
    turn = turn_of(Conversation(id="c", customer_id="v", messages=(asked,)), "m")
    assert turn.conversation == pipeline.Conversation(id="c")
    assert turn.customer == pipeline.Customer(id="v")
    assert (turn.messages[0].text, turn.messages[0].metadata) == ("", {})


def test_a_customer_is_known_by_the_conversation_or_else_by_their_message() -> None:
    """A shout brings the customer with it; their metadata may be none."""
    asked = message("m", customer_id="v", customer=Customer(id="v", name="By message"))
    own = Customer(id="v", name="By conversation")
    bare = Conversation(id="c", messages=(message("first", customer_id="v"), asked))
    turn = turn_of(bare, "first", "m")
    assert (turn.customer.name, turn.customer.metadata) == ("By message", {})
    full = bare.model_copy(update={"customer": own})
    assert turn_of(full, "first", "m").customer.name == "By conversation"
    nobody = Conversation(id="c", messages=(message("m", customer_id="v"),))
    assert turn_of(nobody, "m").customer == pipeline.Customer(id="")


def test_an_account_has_its_hours_and_what_its_window_says() -> None:
    """As the pipeline goes by them."""
    account = models.Account(
        id="a",
        company_name="Fjord & Fern",
        time_zone="Europe/Oslo",
        working_hours=(models.WorkingHours(day="weekdays", start_minute=540, end_minute=1020),),
    )
    assert build_account(account, away_message="We are asleep.") == Account(
        id="a",
        name="Fjord & Fern",
        time_zone="Europe/Oslo",
        working_hours=(WorkingSpan("weekdays", 540, 1020),),
        away_message="We are asleep.",
    )


@pytest.mark.parametrize(
    ("closed_after", "status"), [(-5, "open"), (0, "open"), (3, "closed"), (None, "closed")]
)
def test_a_customers_message_opens_what_was_closed_before_it(
    closed_after: int | None, status: str
) -> None:
    """The server opens it a moment after the broadcast; whoever reads at once must know."""
    closed_at = None if closed_after is None else NOON + timedelta(seconds=closed_after)
    asked = message("m", customer_id="v")
    conversation = Conversation(id="c", status="closed", closed_at=closed_at, messages=(asked,))
    expected = "open" if status == "open" else "closed"
    assert turn_of(conversation, "m").conversation.status == expected


@pytest.mark.parametrize(("remembered", "status"), [(3, "open"), (2, "closed"), (None, "closed")])
def test_what_we_have_closed_over_a_message_is_open_to_it(
    remembered: int | None, status: str
) -> None:
    """Our own closing is known by its time; every other one is a person's."""
    asked = message("m", customer_id="v")
    closed_at = NOON + timedelta(seconds=3)
    conversation = Conversation(id="c", status="closed", closed_at=closed_at, messages=(asked,))
    ours = None if remembered is None else NOON + timedelta(seconds=remembered)
    memory = ConversationMemory(closed_at=ours)
    assert turn_of(conversation, "m", memory=memory).conversation.status == status
    assert is_closed_by_us(conversation, memory) is (status == "open")


@pytest.mark.parametrize(
    ("server", "ours", "heard", "last"),
    [(None, None, None, None), (1, None, None, 1), (1, 2, None, 2), (None, 2, 3, 3), (4, 2, 3, 4)],
)
def test_the_last_closing_is_known_from_whoever_knows_of_it(
    server: int | None, ours: int | None, heard: int | None, last: int | None
) -> None:
    """The server until it is open again, the memory of our own, and what was heard."""
    at = [None if one is None else NOON + timedelta(seconds=one) for one in (server, ours, heard)]
    conversation = Conversation(
        id="c", closed_at=at[0], messages=(message("m", second=9, customer_id="v"),)
    )
    turn = build_turn(
        conversation,
        ["m"],
        identity=Identity(),
        account=Account(),
        memory=ConversationMemory(closed_at=at[1]),
        agents_online=0,
        now=NOON,
        waited=None,
        user_id=BOT,
        bot_tracked=True,
        heard_closed_at=at[2],
    )
    assert turn.memory.closed_at == (None if last is None else NOON + timedelta(seconds=last))


@pytest.mark.parametrize("status", ["open", "closed"])
def test_what_is_open_or_has_no_time_of_closing_was_not_closed_by_us(status: str) -> None:
    """A time that is not there is no time that is the same."""
    closed_at = NOON if status == "open" else None
    conversation = Conversation(id="c", status=status, closed_at=closed_at)
    assert not is_closed_by_us(conversation, ConversationMemory(closed_at=closed_at))


@pytest.mark.parametrize(
    ("assignee", "seen"),
    [(None, None), (BOT, None), (OTHER_BOT, None), (GONE, None), (ANN, ANN)],
)
def test_only_an_assignment_to_a_person_counts(assignee: int | None, seen: int | None) -> None:
    """What is assigned to a bot is nobody's."""
    asked = message("m", customer_id="v")
    conversation = Conversation(id="c", assignee_id=assignee, messages=(asked,))
    assert turn_of(conversation, "m").conversation.assignee_id == seen


def test_history_is_what_was_said_before_in_order_without_notes() -> None:
    """Private notes stay private; authors are told apart."""
    conversation = Conversation(
        id="c",
        messages=(
            message("m", second=9, customer_id="v", body="and now?"),
            message("p", second=3, user_id=ANN, body="Hi"),
            message("n", second=4, user_id=ANN, private=True, type="note", body="secret"),
            message("b", second=2, type="bot", body="beep"),
            message("o", second=1, customer_id="v", body="hello"),
        ),
    )
    turn = turn_of(conversation, "m")
    assert turn.text == "and now?"
    assert [(one.id, one.author) for one in turn.history] == [
        ("o", Author.CUSTOMER),
        ("b", Author.BOT),
        ("p", Author.PERSON),
    ]
