"""How a socket joins topics, and joins them again unless it was refused for good, all at a pace."""

from __future__ import annotations

import pytest

from agentbot.errors import LocalProtocolError
from agentbot.phoenix import events
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import Frame
from agentbot.phoenix.socket import Socket
from tests.support.socket_peer import TOPIC, Peer


def test_a_join_waits_for_the_connection() -> None:
    """A topic may be wanted before there is a connection."""
    peer = Peer()
    peer.socket.join(TOPIC, {"a": 1}, 0)
    assert peer.sent() == []
    assert peer.socket.next_deadline() is None
    assert peer.socket.opened(0) == [events.SocketOpened()]
    assert peer.sent() == [Frame("1", "1", TOPIC, "phx_join", {"a": 1})]
    assert peer.socket.state(TOPIC) is ChannelState.JOINING
    assert peer.reply("1", {"b": 2}, join_ref="1") == [
        events.ChannelJoined(TOPIC, {"b": 2}, rejoined=False)
    ]
    assert peer.socket.topics == [TOPIC]


def test_a_payload_can_be_made_afresh_for_every_join() -> None:
    """As a token in it would have to be."""
    peer = Peer()
    made = iter(range(10))
    peer.socket.join(TOPIC, lambda: {"n": next(made)}, 0)
    for expected in (0, 1):
        peer.socket.opened(0)
        assert [frame.payload for frame in peer.sent()] == [{"n": expected}]
        peer.socket.lost()


def test_joining_a_wanted_topic_again_is_our_mistake(peer: Peer) -> None:
    """It would silently end the first channel on the server."""
    peer.join()
    with pytest.raises(LocalProtocolError, match="already joined"):
        peer.socket.join(TOPIC, {}, 0)


@pytest.mark.parametrize(("event", "reason"), [("phx_error", "crashed"), ("phx_close", "closed")])
def test_a_channel_that_ends_unasked_is_joined_again(peer: Peer, event: str, reason: str) -> None:
    """Its pushes are lost, not replayed; those of other channels are not."""
    join_ref = peer.join()
    peer.socket.join("room:2", {}, 0)
    [other_join] = peer.sent()
    peer.reply(other_join.ref or "", join_ref=other_join.ref, topic="room:2")
    ref = peer.socket.push(TOPIC, "shout", {"body": "once"}, now=0, timeout=50)
    peer.socket.push("room:2", "ping", {}, now=0, timeout=50)
    peer.sent()
    assert peer.tell(event, join_ref=join_ref) == [
        events.ChannelErrored(TOPIC, reason),
        events.ReplyLost(TOPIC, "shout", ref),
    ]
    assert peer.socket.state(TOPIC) is ChannelState.ERRORED
    assert peer.tell(event) == [events.FrameDropped(TOPIC, event, "unjoined")]
    assert peer.socket.next_deadline() == 1
    assert peer.tick(1) == []
    [join] = peer.sent()
    assert (join.event, join.ref) == ("phx_join", join.join_ref)
    assert peer.reply(join.ref or "", join_ref=join.ref) == [
        events.ChannelJoined(TOPIC, None, rejoined=True)
    ]
    assert peer.sent() == []


def test_rejoins_back_off_and_start_anew_after_a_good_join(peer: Peer) -> None:
    """1, 2, 5, 10 and 10 seconds, as phoenix.js does."""
    peer.join()
    join_ref, waits = "1", []
    for _ in range(5):
        peer.tell("phx_error", join_ref=join_ref)
        before = peer.now
        while not (joins := [f for f in peer.sent() if f.event == "phx_join"]):
            deadline = peer.socket.next_deadline()
            assert deadline is not None
            peer.tick(deadline)
            peer.tell("x")  # something is heard: the connection lives
            peer.reply("", topic="phoenix")
        waits.append(peer.now - before)
        join_ref = joins[0].ref or ""
    assert waits == [1, 2, 5, 10, 10]
    peer.reply(join_ref, join_ref=join_ref)
    peer.tell("phx_error", join_ref=join_ref)
    assert peer.socket.next_deadline() == pytest.approx(peer.now + 1)


def test_a_rejoin_from_before_the_connection_was_lost_joins_no_second_time() -> None:
    """It is due while the topic is being joined again, after as many tries as then."""
    chances = iter((0.9, 0.1))  # the first delay is the longer one
    peer = Peer()
    peer.socket = Socket(random=lambda: next(chances))
    join_ref = peer.join()
    peer.tell("phx_error", join_ref=join_ref)
    peer.socket.lost()
    peer.socket.opened(0.1)
    [again] = peer.sent()
    peer.now = 0.1
    peer.refuse(again.ref or "", "join crashed", join_ref=again.ref)
    peer.tick(1.0)
    assert [frame.event for frame in peer.sent()] == ["phx_join"]
    peer.tick(1.5)
    assert peer.sent() == []
    assert peer.socket.state(TOPIC) is ChannelState.JOINING


@pytest.mark.parametrize("reason", ["Unauthorized", "unauthorized", "unmatched topic"])
def test_a_refusal_that_time_does_not_mend_is_final(peer: Peer, reason: str) -> None:
    """The topic is given up, and may be joined anew."""
    peer.socket.join(TOPIC, {}, 0)
    assert peer.refuse("1", reason) == [events.JoinRefused(TOPIC, reason, final=True)]
    assert peer.socket.state(TOPIC) is ChannelState.CLOSED
    peer.socket.join(TOPIC, {}, 0)


def test_a_crashed_join_is_tried_again_for_a_minute(peer: Peer) -> None:
    """It may have been a bad moment, or a bad id."""
    peer.socket.join(TOPIC, {}, 0)
    refused: list[events.Event] = []
    for _ in range(10):
        [join] = [frame for frame in peer.sent() if frame.event == "phx_join"]
        refused += peer.refuse(join.ref or "", "join crashed", join_ref=join.ref)
        peer.tick(peer.now + 13)
        peer.reply("", topic="phoenix")
    assert [event.final for event in refused if isinstance(event, events.JoinRefused)] == [
        *[False] * 9,
        True,
    ]
    assert peer.socket.topics == []


def test_a_refusal_may_come_without_a_reason(peer: Peer) -> None:
    """Then it is tried again."""
    peer.socket.join(TOPIC, {}, 0)
    assert peer.reply("1", None, status="error") == [
        events.JoinRefused(TOPIC, "no reason given", final=False)
    ]


def test_an_unanswered_join_is_taken_back_and_tried_again(peer: Peer) -> None:
    """A server that takes it up late must not be left with a channel that we do not know of."""
    peer.socket.join(TOPIC, {}, 0)
    peer.sent()
    assert peer.tick(10) == [events.JoinTimedOut(TOPIC)]
    assert [(frame.event, frame.join_ref) for frame in peer.sent()] == [("phx_leave", "1")]
    assert peer.reply("1", join_ref="1") == [events.FrameDropped(TOPIC, "phx_reply", "stale")]
    peer.tick(11)
    [join] = peer.sent()
    assert join.event == "phx_join"


def test_a_join_that_is_waited_for_passes_all_others() -> None:
    """Also after the connection was lost; once it is joined nothing is hurried any more."""
    peer = Peer(joins_first=1)
    for number in range(3):
        peer.socket.join(f"room:{number}", {}, 0)
    peer.socket.hurry("room:2", 0)
    peer.socket.hurry("room:9", 0)  # nobody wants it
    assert peer.sent() == []
    for _ in range(2):
        peer.socket.opened(0)
        [join] = peer.sent()
        assert join.topic == "room:2"
        peer.socket.lost()
    peer.socket.opened(0)
    [join] = peer.sent()
    peer.reply(join.ref or "", join_ref=join.ref, topic="room:2")
    assert [frame.topic for frame in peer.sent()] == ["room:0", "room:1"]
    peer.socket.hurry("room:2", 0)
    peer.socket.lost()
    peer.socket.opened(0)
    assert [frame.topic for frame in peer.sent()] == ["room:0"]
    peer.socket.hurry("room:1", 0)
    assert [frame.topic for frame in peer.sent()] == ["room:1"]


def test_joins_are_paced_where_a_rate_is_asked_for() -> None:
    """A burst at once, then a rate; one that is left meanwhile costs nothing."""
    peer = Peer(join_rate=10, join_burst=2)
    for number in range(5):
        peer.socket.join(f"room:{number}", {}, 0)
    peer.socket.opened(0)
    assert [frame.topic for frame in peer.sent()] == ["room:0", "room:1"]
    peer.socket.leave("room:2", 0)
    seen: dict[str, float] = {}
    while len(seen) < 2:
        now = peer.socket.next_deadline()
        assert now is not None
        peer.tick(now)
        seen |= {frame.topic: round(now, 3) for frame in peer.sent()}
    assert seen == {"room:3": 0.1, "room:4": 0.2}
