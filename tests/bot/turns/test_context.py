"""From a conversation as the server has it to the turn that is decided on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agentbot.bot.proof import Identity
from agentbot.bot.turns.context import build_turn
from agentbot.papercups.models import Conversation, Message
from agentbot.pipeline.turn import Account, Author, Turn
from agentbot.state.store import ConversationMemory

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
BOT, OTHER_BOT, ANN = 1, 9, 2


def message(id_: str, *, second: int = 0, **fields: Any) -> Message:
    """Return a message of ``second`` seconds past noon."""
    at = NOON + timedelta(seconds=second)
    return Message(**{"id": id_, "conversation_id": "c", "created_at": at, **fields})


def turn_of(conversation: Conversation, *ids: str) -> Turn:
    """Return the turn of the messages with these ids."""
    return build_turn(
        conversation,
        ids,
        identity=Identity(frozenset({OTHER_BOT})),
        account=Account(),
        memory=ConversationMemory(),
        agents_online=0,
        now=NOON,
        waited=None,
        user_id=BOT,
        bot_tracked=True,
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


@pytest.mark.parametrize(
    ("assignee", "seen"), [(None, None), (BOT, None), (OTHER_BOT, None), (ANN, ANN)]
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
