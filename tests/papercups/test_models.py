"""The models, on everything that the real server was seen to send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agentbot.papercups import events
from agentbot.papercups.models import Conversation, Customer, Message, Model, Session
from agentbot.papercups.translate import read_shout, translate, users_in
from tests.support.transcripts import FOLDER

MINIMAL = {"id": "m", "conversation_id": "c", "created_at": "2026-11-22T17:43:35"}


def recorded(direction: str) -> Iterator[dict[str, Any]]:
    """Yield the recorded events of one direction."""
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            event = json.loads(line)
            if event.get("dir") == direction:
                yield event


def test_every_recorded_frame_means_something_or_nothing() -> None:
    """Only the raw broadcasts, without an id, cannot be read."""
    seen: dict[str, int] = {}
    for event in recorded("recv"):
        _, _, topic, name, payload = event["frame"]
        meant = translate(topic, name, payload)
        kind = meant.reason if isinstance(meant, events.Unreadable) else type(meant).__name__
        seen[kind] = seen.get(kind, 0) + 1
        if isinstance(meant, events.MessageReceived):
            assert meant.via == topic.partition(":")[0]
            assert meant.message.created_at.tzinfo is UTC
            assert meant.message.is_from_customer == (payload.get("customer_id") is not None)
    assert seen.keys() <= {
        "MessageReceived",
        "ConversationCreated",
        "ConversationUpdated",
        "NoneType",
        "raw_shout",
    }
    assert min(seen[kind] for kind in ("MessageReceived", "ConversationUpdated")) > 10


def test_every_recorded_object_can_be_read() -> None:
    """Whatever REST call it came from."""
    models: dict[object, type[Model]] = {
        "message": Message,
        "conversation": Conversation,
        "customer": Customer,
    }
    read = 0
    for event in recorded("response"):
        data = event["body"].get("data") if isinstance(event["body"], dict) else None
        for item in data if isinstance(data, list) else [data]:
            model = models.get(item.get("object")) if isinstance(item, dict) else None
            if model is not None:
                model.model_validate(item)
                read += 1
    assert read > 100


def test_times_without_a_zone_are_utc() -> None:
    """And those with one are brought to it."""
    message = Message.model_validate({**MINIMAL, "sent_at": "2026-11-22T12:00:00+02:00"})
    assert message.created_at == datetime(2026, 11, 22, 17, 43, 35, tzinfo=UTC)
    assert message.sent_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize("metadata", [None, "text", 1, ["list"], {"a": {"b": 1}}])
def test_metadata_is_an_object_or_nothing(metadata: object) -> None:
    """Customers may write any JSON there: it must not hide their message."""
    message = Message.model_validate({**MINIMAL, "metadata": metadata, "attachments": None})
    assert message.metadata == (metadata if isinstance(metadata, dict) else None)
    assert message.attachments == ()


def test_who_wrote_is_told_by_ids_alone() -> None:
    """An agents' message has no customer key at all."""
    customer = Message.model_validate({**MINIMAL, "customer_id": "v"})
    assert (customer.is_from_customer, customer.is_bot, customer.is_private) == (True, False, False)
    bot = Message.model_validate({**MINIMAL, "type": "bot", "user_id": None})
    assert (bot.is_from_customer, bot.is_bot) == (False, True)
    assert Message.model_validate({**MINIMAL, "type": "note"}).is_private
    assert Message.model_validate({**MINIMAL, "private": True}).is_private


def test_tokens_are_not_shown() -> None:
    """Not even where a session is printed."""
    session = Session(user_id=1, account_id="a", email="e", token="secret", renew_token="secret")
    assert "secret" not in repr(session)


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        ("shout", {"body": "x"}, "raw_shout"),
        ("shout", [], "shout"),
        ("shout", {**MINIMAL, "created_at": "soon"}, "shout"),
        ("conversation:created", {}, "created"),
        ("conversation:updated", {"id": "c", "updates": {"read": "perhaps"}}, "updated"),
    ],
)
def test_what_is_malformed_is_told_with_its_place(name: str, payload: object, reason: str) -> None:
    """Without showing what stood there."""
    told = translate("notification:a", name, payload)
    assert isinstance(told, events.Unreadable)
    assert told.reason == reason
    assert isinstance(read_shout("conversation:c", MINIMAL), events.MessageReceived)


def test_presence_keys_that_are_no_user_ids_are_nobody() -> None:
    """However long."""
    assert users_in(["user:12", "user:x", "customer:3", "user:" + "9" * 5000]) == {12}
