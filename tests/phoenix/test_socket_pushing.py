"""What a socket pushes and hears on a topic: what gets an answer, and what is turned away."""

from __future__ import annotations

import pytest

from agentbot.errors import PushNotSent
from agentbot.phoenix import events
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import Frame
from tests.support.socket_peer import TOPIC, Peer


def test_messages_pass_with_a_null_join_ref_and_are_dropped_with_a_stale_one(peer: Peer) -> None:
    """The server's broadcasts have none; what an earlier join left over has another."""
    ref = peer.join()
    assert peer.tell("shout", {"a": 1}) == [events.MessageReceived(TOPIC, "shout", {"a": 1})]
    assert peer.tell("shout", {}, join_ref=ref) == [events.MessageReceived(TOPIC, "shout", {})]
    assert peer.tell("shout", join_ref="99") == [events.FrameDropped(TOPIC, "shout", "stale")]
    assert peer.tell("shout", topic="room:2") == [
        events.FrameDropped("room:2", "shout", "unjoined")
    ]


def test_messages_before_the_join_is_answered_are_dropped(peer: Peer) -> None:
    """Nobody has let us in yet."""
    peer.socket.join(TOPIC, {}, 0)
    assert peer.tell("shout") == [events.FrameDropped(TOPIC, "shout", "unjoined")]
    assert peer.tell("phx_error") != []


def test_a_push_carries_the_join_ref_and_gets_its_reply(peer: Peer) -> None:
    """And after the reply its deadline is of no interest."""
    join_ref = peer.join()
    ref = peer.socket.push(TOPIC, "ping", {"n": 1}, now=0, timeout=5)
    assert peer.sent() == [Frame(join_ref, ref, TOPIC, "ping", {"n": 1})]
    assert peer.reply(ref, {"n": 1}, join_ref=join_ref) == [
        events.ReplyReceived(TOPIC, "ping", ref, ok=True, response={"n": 1})
    ]
    assert peer.tick(6) == []
    assert peer.reply(ref, join_ref=join_ref) == []


def test_a_refused_push_says_so(peer: Peer) -> None:
    """The channel stays."""
    peer.join()
    ref = peer.socket.push(TOPIC, "ping", {}, now=0, timeout=5)
    assert peer.refuse(ref, "no") == [
        events.ReplyReceived(TOPIC, "ping", ref, ok=False, response={"reason": "no"})
    ]
    assert peer.socket.state(TOPIC) is ChannelState.JOINED


def test_a_push_without_timeout_waits_for_nothing(peer: Peer) -> None:
    """Its answer, if one comes, is ignored."""
    peer.join()
    ref = peer.socket.push(TOPIC, "shout", {}, now=0)
    assert peer.reply(ref) == []
    assert peer.reply("77") == []
    assert peer.tell("phx_reply", {"status": "ok", "response": {}}) == []


def test_a_push_times_out_once_unless_forgotten(peer: Peer) -> None:
    """The time-out is the caller's."""
    peer.join()
    ref = peer.socket.push(TOPIC, "ping", {}, now=0, timeout=5)
    forgotten = peer.socket.push(TOPIC, "ping", {}, now=0, timeout=5)
    peer.socket.forget(forgotten)
    assert peer.tick(4.9) == []
    assert peer.socket.next_deadline() == 5
    assert peer.tick(5) == [events.ReplyTimedOut(TOPIC, "ping", ref, 5)]
    assert peer.tick(6) == []


@pytest.mark.parametrize("state", ["closed", "joining"])
def test_a_push_on_a_channel_that_is_not_joined_is_turned_away(peer: Peer, state: str) -> None:
    """It is not kept for later: whoever pushed decides anew."""
    if state == "joining":
        peer.socket.join(TOPIC, {}, 0)
        peer.sent()
    with pytest.raises(PushNotSent, match=f"the channel is {state}"):
        peer.socket.push(TOPIC, "shout", {}, now=0)
    assert peer.sent() == []


def test_a_slow_connection_turns_pushes_away() -> None:
    """What waits for the connection is bounded."""
    peer = Peer(max_unsent=2)
    peer.join()
    for _ in range(2):
        peer.socket.push(TOPIC, "shout", {}, now=0)
    with pytest.raises(PushNotSent, match="2 frames wait"):
        peer.socket.push(TOPIC, "shout", {}, now=0)


def test_an_unmatched_push_on_a_joined_channel_means_it_is_gone(peer: Peer) -> None:
    """A second join elsewhere, say, has ended it without a word."""
    peer.join()
    tracked = peer.socket.push(TOPIC, "ping", {}, now=0, timeout=5)
    assert peer.refuse(tracked, "unmatched topic") == [
        events.ReplyReceived(
            TOPIC, "ping", tracked, ok=False, response={"reason": "unmatched topic"}
        ),
        events.ChannelErrored(TOPIC, "unmatched", tracked),
    ]
    assert peer.refuse(tracked, "unmatched topic") == []
    assert peer.socket.state(TOPIC) is ChannelState.ERRORED
