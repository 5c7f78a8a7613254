"""How a socket leaves topics: heard or not, joined again meanwhile, or with the connection lost."""

from __future__ import annotations

import gc
import weakref

from agentbot.phoenix import events
from tests.support.socket_peer import TOPIC, Peer


def test_leaving_ends_with_the_servers_word(peer: Peer) -> None:
    """On the reply to the leave; its close comes after that and is not missed."""
    join_ref = peer.join()
    ref = peer.socket.push(TOPIC, "ping", {}, now=0, timeout=5)
    peer.sent()
    assert peer.socket.leave(TOPIC, 0) == [events.ReplyLost(TOPIC, "ping", ref)]
    [leave] = peer.sent()
    assert (leave.event, leave.join_ref) == ("phx_leave", join_ref)
    assert peer.socket.leave(TOPIC, 0) == []
    assert peer.reply(ref, join_ref=join_ref) == []
    assert peer.reply(join_ref, join_ref=join_ref) == []
    assert peer.reply(leave.ref or "", join_ref=join_ref) == [events.ChannelClosed(TOPIC)]
    assert peer.tell("phx_close", join_ref=join_ref) == [
        events.FrameDropped(TOPIC, "phx_close", "unjoined")
    ]


def test_a_close_ends_a_leave_too(peer: Peer) -> None:
    """Whichever comes first."""
    join_ref = peer.join()
    peer.socket.leave(TOPIC, 0)
    assert peer.tell("phx_close", join_ref=join_ref) == [events.ChannelClosed(TOPIC)]


def test_a_leave_that_nobody_answers_ends_in_time(peer: Peer) -> None:
    """The topic is not held for ever."""
    peer.join()
    peer.socket.leave(TOPIC, 0)
    assert peer.tick(10) == [events.ChannelClosed(TOPIC)]


def test_leaving_what_is_not_joined_needs_no_word(peer: Peer) -> None:
    """Neither where the join waits for the connection nor where it waits for its next attempt."""
    assert peer.socket.leave(TOPIC, 0) == []
    join_ref = peer.join()
    peer.tell("phx_error", join_ref=join_ref)
    assert peer.socket.leave(TOPIC, 0) == [events.ChannelClosed(TOPIC)]
    assert peer.tick(5) == []
    assert peer.sent() == []


def test_a_topic_can_be_joined_while_it_is_being_left(peer: Peer) -> None:
    """As the chat window does; what the old channel still says is stale."""
    old = peer.join()
    peer.socket.leave(TOPIC, 0)
    peer.socket.join(TOPIC, {}, 0)
    leave, join = peer.sent()
    assert (leave.event, join.event) == ("phx_leave", "phx_join")
    assert peer.reply(leave.ref or "", join_ref=old) == [
        events.FrameDropped(TOPIC, "phx_reply", "stale")
    ]
    assert peer.reply(join.ref or "", join_ref=join.ref) == [
        events.ChannelJoined(TOPIC, None, rejoined=False)
    ]


def test_a_lost_connection_loses_pushes_and_rejoins_all_but_what_was_being_left() -> None:
    """Nothing is sent again; unsent frames are gone."""
    peer = Peer()
    peer.join()
    peer.socket.join("room:2", {}, 0)
    [join] = peer.sent()
    peer.reply(join.ref or "", join_ref=join.ref, topic="room:2")
    peer.socket.leave("room:2", 0)
    ref = peer.socket.push(TOPIC, "shout", {}, now=0, timeout=5)
    assert peer.socket.lost(1000, "idle") == [
        events.ReplyLost(TOPIC, "shout", ref),
        events.ChannelClosed("room:2"),
        events.SocketLost(1000, "idle"),
    ]
    assert not peer.socket.is_open
    assert peer.sent() == []
    assert peer.tick(100) == []
    peer.socket.opened(100)
    [join] = peer.sent()
    assert (join.event, join.topic) == ("phx_join", TOPIC)
    assert peer.reply(join.ref or "", join_ref=join.ref) == [
        events.ChannelJoined(TOPIC, None, rejoined=True)
    ]


def test_who_leaves_before_their_turn_to_join_leaves_nothing_behind() -> None:
    """In a rush topics come and go faster than joins are paced: only who still waits is kept."""

    class Payload:
        def __call__(self) -> dict[str, object]:
            return {}

    peer = Peer(join_rate=10, join_burst=1)
    peer.socket.opened(0)
    peer.socket.join("room:first", {}, 0)
    peer.socket.join("room:waits", {}, 0)
    payload = Payload()
    kept = weakref.ref(payload)
    peer.socket.join("room:leaves", payload, 0)
    peer.socket.leave("room:leaves", 0)
    del payload
    gc.collect()
    assert kept() is None
    peer.tick(0.1)
    assert [frame.topic for frame in peer.sent()] == ["room:first", "room:waits"]
