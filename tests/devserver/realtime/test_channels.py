"""The channels do what no transcript shows, or shows only to within a second."""

from __future__ import annotations

from typing import Any

import pytest

from agentbot.devserver.store.records import Upload
from tests.support.devserver import Desk, SocketClient


def updates(client: SocketClient, topic: str) -> list[dict[str, Any]]:
    """Return what conversation:updated said on ``topic``."""
    return [payload["updates"] for _, payload in client.heard(topic, "conversation:updated")]


def test_an_update_after_a_shout_on_the_conversation_shows_the_activity_before() -> None:
    """The stamp comes too late for it [T: receipts]; on notification: it does not."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    agent.join(desk.topic)
    desk.shout(visitor, "question")
    desk.clock.advance(20)
    agent.frames.clear()
    agent.push(desk.topic, "shout", {"body": "answer", "user_id": desk.bot.id})
    assert [one["last_activity_at"] for one in updates(agent, desk.agents)] == [
        "2026-11-23T09:00:00Z"
    ]
    desk.clock.advance(20)
    desk.shout(visitor, "thanks")
    agent.frames.clear()
    desk.clock.advance(20)
    agent.push(desk.agents, "shout", {"body": "bye", "conversation_id": desk.conversation.id})
    assert [one["last_activity_at"] for one in updates(agent, desk.agents)] == [
        "2026-11-23T09:01:00Z"
    ]


def test_an_update_is_sent_only_where_the_message_changed_the_conversation() -> None:
    """A bot's message on an unread conversation changes nothing."""
    desk = Desk()
    agent = desk.agent()
    agent.join(desk.topic)
    agent.frames.clear()
    agent.push(desk.topic, "shout", {"body": "answer", "type": "bot"})
    assert [event for event, _ in agent.heard(desk.agents)] == ["shout"]
    assert desk.conversation.read is False
    assert desk.conversation.assignee_id is None


def test_a_note_on_notification_never_reaches_the_customer() -> None:
    """It is stored, agents hear it, and the customer's listing leaves it out."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    note = {
        "body": "psst",
        "private": True,
        "type": "note",
        "conversation_id": desk.conversation.id,
    }
    agent.push(desk.agents, "shout", note)
    assert visitor.bodies(desk.topic) == []
    assert agent.bodies(desk.agents) == ["psst"]


def test_a_private_shout_on_the_conversation_itself_reaches_it() -> None:
    """The real server broadcasts whatever was stored there; a bot must not send notes so."""
    desk = Desk()
    agent, visitor = desk.agent(), desk.visitor()
    agent.join(desk.topic)
    agent.push(desk.topic, "shout", {"body": "psst", "private": True, "type": "note"})
    assert visitor.bodies(desk.topic) == ["psst"]


@pytest.mark.parametrize(
    "payload",
    [
        {"body": "no conversation"},
        {"body": "unknown type", "type": "nonsense"},
        {"body": "unknown conversation", "conversation_id": "1b671a64-40d5-491e-99b0-da01ff1f3341"},
        ["no object"],
    ],
)
def test_a_bad_shout_on_notification_crashes_the_channel(payload: object) -> None:
    """The socket stays, and the topic can be joined again."""
    desk = Desk()
    agent = desk.agent()
    if isinstance(payload, dict) and "nonsense" in payload.values():
        payload = {**payload, "conversation_id": desk.conversation.id}
    agent.push(desk.agents, "shout", payload)
    assert agent.heard(desk.agents)[-1] == ("phx_error", {})
    agent.join(desk.agents)
    assert agent.heard(desk.agents)[0][0] == "phx_reply"


def test_a_shout_of_an_unknown_user_crashes_the_conversation_channel() -> None:
    """What only the foreign key refuses is no changeset error."""
    desk = Desk()
    agent = desk.agent()
    agent.join(desk.topic)
    agent.push(desk.topic, "shout", {"body": "x", "user_id": 999})
    assert agent.heard(desk.topic)[-1] == ("phx_error", {})
    assert desk.conversation.messages == []


def test_a_read_receipt_is_announced_even_if_it_was_read_already() -> None:
    """Twice read, twice said, twice confirmed."""
    desk = Desk()
    agent = desk.agent()
    for _ in range(2):
        agent.push(desk.agents, "read", {"conversation_id": desk.conversation.id})
        assert [one for one, _ in agent.heard(desk.agents)] == ["conversation:updated", "phx_reply"]


def test_attachments_are_shown_where_their_files_are_known() -> None:
    """An unknown file is left out."""
    desk = Desk()
    visitor = desk.visitor()
    desk.server.store.uploads["f"] = Upload("f", desk.account.id, "a.png", "image/png", b"")
    shout = {"body": "see", "customer_id": desk.customer.id, "file_ids": ["f", "nothing"]}
    visitor.push(desk.topic, "shout", shout)
    ((_, heard),) = visitor.heard(desk.topic, "shout")
    assert [one["file_url"] for one in heard["attachments"]] == ["/uploads/f/a.png"]


@pytest.mark.parametrize("event", ["shout", "ping"])
def test_a_room_takes_nothing(event: str) -> None:
    """It only shows who is there."""
    desk = Desk()
    client = SocketClient(desk.server, {"vsn": "2.0.0"})
    client.join(desk.room)
    client.push(desk.room, event, {})
    assert client.heard(desk.room)[-1] == ("phx_error", {})


def test_a_shout_in_a_lobby_is_passed_on_as_it_came() -> None:
    """Nothing is stored."""
    desk = Desk()
    topic = f"conversation:lobby:{desk.customer.id}"
    client = SocketClient(desk.server, {"vsn": "2.0.0"})
    client.join(topic)
    client.push(topic, "shout", {"body": "anyone?"})
    assert client.heard(topic, "shout") == [("shout", {"body": "anyone?"})]
    assert desk.server.store.messages == {}
    client.push(topic, "typing")
    assert client.heard(topic)[-1] == ("phx_error", {})


def test_a_customers_receipt_in_the_lobby_does_nothing() -> None:
    """No crash either."""
    desk = Desk()
    topic = f"conversation:lobby:{desk.customer.id}"
    client = SocketClient(desk.server, {"vsn": "2.0.0"})
    client.join(topic)
    client.frames.clear()
    client.push(topic, "messages:seen")
    assert client.frames == []


def test_a_topic_without_a_colon_matches_nothing() -> None:
    """Neither does an unknown kind."""
    desk = Desk()
    client = SocketClient(desk.server, {"vsn": "2.0.0"})
    for topic in ("room", "elsewhere:1"):
        client.join(topic)
        assert client.heard(topic)[0][1]["response"] == {"reason": "unmatched topic"}


def test_a_deleted_conversation_is_found_out_by_whoever_shouts_there() -> None:
    """The channel crashes, with what it was working on, and cannot be joined again [S]."""
    desk = Desk()
    visitor, late = desk.visitor(), desk.visitor()
    desk.server.faults.slow_shout(settle=1.0, times=1)
    desk.shout(late, "hello")
    desk.server.store.delete_conversation(desk.conversation)
    desk.clock.advance(1)
    assert "phx_error" in [event for event, _ in late.heard(desk.topic)]
    visitor.push(desk.topic, "messages:seen")
    visitor.frames.clear()
    desk.shout(visitor, "anybody?")
    assert [event for event, _ in visitor.heard(desk.topic)] == ["phx_error"]
    visitor.join(desk.topic)
    [(_, reply)] = visitor.heard(desk.topic)
    assert reply["response"]["reason"] == "unauthorized"
    assert desk.server.store.messages == {}


def test_activity_is_stamped_by_a_job_that_may_find_the_conversation_gone() -> None:
    """Nothing waits for it, and nothing comes of it."""
    desk = Desk()
    desk.shout(desk.visitor(), "hello")
    (message,) = desk.conversation.messages
    desk.server.store.delete_conversation(desk.conversation)
    desk.server.store.stamp_activity(message)
