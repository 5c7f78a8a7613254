"""The models, on everything that the real server was seen to send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.papercups import events
from agentbot.papercups.models import Conversation, Customer, Inbox, Message, Model, Tokens
from agentbot.papercups.translate import read_shout, translate
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
    message = Message.model_validate({**MINIMAL, "seen_at": "2026-11-22T12:00:00+02:00"})
    assert message.created_at == datetime(2026, 11, 22, 17, 43, 35, tzinfo=UTC)
    assert message.seen_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.parametrize("metadata", [None, "text", 1, ["list"], {"a": {"b": 1}}])
def test_metadata_is_an_object_or_nothing(metadata: object) -> None:
    """Customers may write any JSON there: it must not hide their message."""
    message = Message.model_validate({**MINIMAL, "metadata": metadata, "attachments": None})
    assert message.metadata == (metadata if isinstance(metadata, dict) else None)
    assert message.attachments == ()


STRANGE_TIMES = [
    "0001-01-01T00:00:00+02:00",
    "9999-12-31T23:59:59-02:00",
    "-0100-01-01T00:00:00Z",
    "10000-01-01T00:00:00Z",
    "soon",
    1e300,
    [],
]


@pytest.mark.parametrize("time", STRANGE_TIMES)
def test_a_time_that_a_customer_made_up_does_not_hide_what_he_wrote(time: object) -> None:
    """The database keeps years before our era; one such message must not spoil a whole page."""
    message = Message.model_validate({**MINIMAL, "seen_at": time})
    assert message.seen_at is None
    conversation = Conversation.model_validate({"id": "c", "closed_at": time})
    assert conversation.closed_at is None


@pytest.mark.parametrize("time", STRANGE_TIMES)
def test_a_broadcast_of_no_time_is_told_and_dropped(time: object) -> None:
    """What the database refuses is broadcast as its sender made it up: it must not end the bot."""
    told = read_shout("conversation:c", {**MINIMAL, "created_at": time, "type": "made up"})
    assert isinstance(told, events.Unreadable)


def test_a_customers_receipt_is_of_its_conversation() -> None:
    """Papercups tells nobody; the dev server may."""
    told = translate("conversation:c", "messages:seen", {})
    assert told == events.MessagesSeen("c")


def test_what_is_said_elsewhere_means_nothing() -> None:
    """Messages come on the agents' topic, or on their conversation's own."""
    assert translate("room:a", "shout", {**MINIMAL, "customer_id": "v"}) is None
    assert translate("conversation:c", "conversation:created", {"id": "d"}) is None


def test_a_broadcast_is_of_the_conversation_on_whose_topic_it_comes() -> None:
    """Who knows one conversation's id cannot make the bot speak in another."""
    told = read_shout("conversation:other", {**MINIMAL, "customer_id": "v"})
    assert isinstance(told, events.Unreadable)
    assert isinstance(read_shout("notification:a", MINIMAL), events.MessageReceived)


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
scalars |= st.datetimes(timezones=st.none() | st.timezones()).map(datetime.isoformat)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
fields = st.sampled_from(sorted({*Message.model_fields, "id", "updates"}))


@given(
    st.sampled_from(["shout", "conversation:created", "conversation:updated"]),
    anything | st.dictionaries(fields, anything).map(lambda made_up: {**MINIMAL, **made_up}),
)
def test_whatever_is_broadcast_is_read_or_told(name: str, payload: object) -> None:
    """Nothing that a sender makes up raises: that would end the bot."""
    for topic in ("conversation:c", "notification:a", "room:a"):
        translate(topic, name, payload)


def test_an_id_is_no_longer_than_an_id() -> None:
    """Ids are remembered, and anyone may make one up."""
    assert isinstance(read_shout("conversation:c", {**MINIMAL, "id": "m" * 101}), events.Unreadable)


def test_columns_that_are_null_in_old_rows_have_their_defaults() -> None:
    """They came later."""
    message = Message.model_validate({**MINIMAL, "type": None, "private": None, "source": None})
    assert (message.type, message.private) == ("reply", False)
    assert Conversation.model_validate({"id": "c", "read": None, "messages": None}).read is False


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
    session = Tokens(user_id=1, account_id="a", email="e", token="secret", renew_token="secret")
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


def test_what_cannot_be_read_is_named_by_where_it_stands() -> None:
    """As in JSON's own paths; what stands there is not shown."""
    told = read_shout("conversation:c", {**MINIMAL, "customer": {"id": ["secret"]}})
    assert isinstance(told, events.Unreadable)
    assert told.reason == "shout"
    assert told.problem.startswith("customer.id: ")
    assert "secret" not in told.problem
    other = read_shout("conversation:other", MINIMAL)
    assert other == events.Unreadable("shout", "conversation_id: is not the topic's")


def test_what_is_left_out_is_as_the_server_has_it_by_itself() -> None:
    """A message is a reply, in public; a conversation open, and nobody has read it."""
    message = Message.model_validate(MINIMAL)
    assert (message.type, message.is_private, message.is_bot) == ("reply", False, False)
    conversation = Conversation.model_validate({"id": "c", "created_at": "2026-11-22T17:43:35"})
    assert (conversation.status, conversation.read) == ("open", False)
    assert not Inbox.model_validate({"id": "i", "name": "Support"}).is_primary
