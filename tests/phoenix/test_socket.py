"""What a socket is besides its topics: heartbeats, presence, malformed payloads, and its size."""

from __future__ import annotations

import tracemalloc

import pytest

from agentbot.errors import PushNotSent, RemoteProtocolError
from agentbot.phoenix import events
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import Frame, encode
from tests.support.socket_peer import TOPIC, Peer


def test_heartbeats_go_without_join_ref(peer: Peer) -> None:
    """Every 30 seconds, on the topic phoenix."""
    assert peer.socket.next_deadline() == 30
    peer.tick(30)
    [beat] = peer.sent()
    assert beat == Frame(None, "1", "phoenix", "heartbeat", {})
    assert peer.reply("1", topic="phoenix") == []
    assert peer.tick(59) == []
    assert peer.tick(60) == []
    assert len(peer.sent()) == 1


def test_an_unanswered_heartbeat_is_told(peer: Peer) -> None:
    """The driver must cut the connection then."""
    peer.tick(30)
    assert peer.tick(45) == [events.HeartbeatTimedOut()]


def test_presence_is_kept_by_topic(peer: Peer) -> None:
    """Diffs wait for the state; after a rejoin they wait again."""
    join_ref = peer.join()
    assert peer.socket.presence(TOPIC) == {}
    meta = {"phx_ref": "x"}
    assert peer.tell("presence_diff", {"joins": {"user:1": {"metas": [meta]}}}) == []
    assert peer.tell("presence_state", {}) == [events.PresenceSynced(TOPIC, {"user:1": [meta]}, {})]
    assert peer.socket.presence(TOPIC) == {"user:1": [meta]}
    peer.tell("phx_error", join_ref=join_ref)
    peer.tick(1)
    [join] = peer.sent()
    peer.reply(join.ref or "", join_ref=join.ref)
    assert peer.tell("presence_diff", {"leaves": {"user:1": {"metas": [meta]}}}) == []


@pytest.mark.parametrize(
    ("event", "payload"),
    [("phx_reply", {}), ("phx_reply", {"status": 1, "response": {}}), ("presence_state", [])],
)
def test_a_malformed_payload_is_the_peers_fault_and_breaks_nothing(
    peer: Peer, event: str, payload: object
) -> None:
    """The next frame is taken as if nothing had been."""
    peer.join()
    text = encode(Frame(None, "1", TOPIC, event, payload))
    with pytest.raises(RemoteProtocolError):
        peer.socket.receive(text, 0)
    assert peer.tell("shout") == [events.MessageReceived(TOPIC, "shout", {})]


def test_ten_thousand_channels_are_small() -> None:
    """At most a kilobyte each, joined."""
    peer = Peer(join_rate=1e9, join_burst=10_000)
    peer.socket.opened(0)
    tracemalloc.start()
    try:
        for number in range(10_000):
            topic = f"conversation:{number:036}"
            peer.socket.join(topic, {}, 0)
            [join] = peer.sent()
            peer.reply(join.ref or "", join_ref=join.ref, topic=topic)
        assert peer.tick(11) == []
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < 10_000 * 1_000


def test_what_a_socket_does_by_default() -> None:
    """Four joins at once, and two more with each quick answer; ten thousand frames may wait."""
    peer = Peer()
    peer.socket.opened(0)
    for number in range(100):
        peer.socket.join(f"room:{number}", {}, 0)
    joins = peer.sent()
    assert len(joins) == 4
    topic, unanswered, most = joins[0].topic, list(joins), 4
    while unanswered:
        join = unanswered.pop(0)
        peer.reply(join.ref or "", join_ref=join.ref, topic=join.topic)
        unanswered += (more := peer.sent())
        joins += more
        most = max(most, len(unanswered))
    assert (len(joins), most) == (100, 52)
    for number in range(10_000):
        peer.socket.push(topic, "shout", {"n": number}, now=0)
    with pytest.raises(PushNotSent, match="10000 frames wait"):
        peer.socket.push(topic, "shout", {}, now=0)


def test_a_channel_that_joins_again_says_so(peer: Peer) -> None:
    """From the moment that its join is on its way."""
    peer.join()
    peer.tell("phx_error", join_ref="1")
    assert peer.socket.state(TOPIC) is ChannelState.ERRORED
    when = peer.socket.next_deadline()
    assert when is not None
    peer.tick(when)
    assert peer.socket.state(TOPIC) is ChannelState.JOINING


def test_a_lost_connection_is_an_abnormal_end_unless_the_peer_said_more(peer: Peer) -> None:
    """By the close codes of WebSockets."""
    assert peer.socket.lost() == [events.SocketLost(1006, "")]


def test_joins_that_waited_for_their_turn_are_not_asked_for_twice() -> None:
    """A new connection queues all of them again, in their order."""
    peer = Peer(join_burst=1, join_rate=10)
    peer.socket.opened(0)
    for number in range(3):
        peer.socket.join(f"room:{number}", {}, 0)
    assert len(peer.sent()) == 1
    peer.socket.lost()
    assert peer.socket.next_deadline() is None
    peer.socket.opened(1)
    peer.tick(1.1001)
    peer.tick(1.2001)
    peer.tick(5)
    assert [frame.topic for frame in peer.sent()] == ["room:0", "room:1", "room:2"]


def test_joins_that_an_earlier_connection_left_unanswered_hold_up_none() -> None:
    """Nobody will answer them any more."""
    peer = Peer(joins_first=1, joins_most=1)
    peer.socket.opened(0)
    for number in range(2):
        peer.socket.join(f"room:{number}", {}, 0)
    assert [frame.topic for frame in peer.sent()] == ["room:0"]
    peer.socket.lost()
    peer.socket.opened(1)
    assert [frame.topic for frame in peer.sent()] == ["room:0"]


def test_a_leave_has_as_long_as_a_join_to_be_answered(peer: Peer) -> None:
    """Then it counts as done."""
    peer.join()
    peer.socket.leave(TOPIC, 0)
    assert peer.tick(9.9) == []
    assert peer.tick(10) == [events.ChannelClosed(TOPIC)]


def refusals_until_given_up(peer: Peer) -> int:
    """Refuse joins until the socket gives up; return how many that were."""
    count = 0
    while peer.socket.topics:
        when = peer.socket.next_deadline()
        assert when is not None
        joins = [frame for frame in peer.sent() if frame.event == "phx_join"]
        if joins:
            count += 1
            ref = joins[-1].ref
            assert ref is not None
            peer.refuse(ref, "later", join_ref=ref)
        else:
            peer.tick(when)
    return count


def test_refusals_on_an_earlier_connection_are_not_counted(peer: Peer) -> None:
    """What was wrong there need not be wrong any more."""
    peer.socket.join(TOPIC, {}, 0)
    most = refusals_until_given_up(peer)
    assert most > 2
    peer.socket.join(TOPIC, {}, peer.now)
    [join] = [frame for frame in peer.sent() if frame.event == "phx_join"]
    assert join.ref is not None
    peer.refuse(join.ref, "later", join_ref=join.ref)
    peer.socket.lost()
    peer.socket.opened(peer.now)
    assert refusals_until_given_up(peer) == most


def test_whatever_comes_shows_that_the_peer_lives(peer: Peer) -> None:
    """A busy connection has until the next beat to answer the last one."""
    peer.join()
    peer.tick(30)
    peer.now = 31
    peer.tell("shout", {})
    assert peer.tick(46) == []
    assert peer.tick(60) == [events.HeartbeatTimedOut()]


def refuse_joins(peer: Peer) -> list[Frame]:
    """Refuse what has been sent to join; return all that was sent."""
    sent = peer.sent()
    for frame in sent:
        if frame.event == "phx_join" and frame.ref is not None:
            peer.refuse(frame.ref, "later", join_ref=frame.ref)
    return sent


def join_times(peer: Peer) -> list[float]:
    """Refuse joins for a minute; return when each was sent, in seconds from now."""
    began, times = peer.now, []
    for step in range(600):
        peer.tick(began + step / 10)
        times += [step / 10 for frame in refuse_joins(peer) if frame.event == "phx_join"]
    return times


def test_what_was_to_be_joined_again_on_an_earlier_connection_is_not_joined_sooner() -> None:
    """Its deadlines are there yet, and mean nothing any more."""
    usual = Peer()
    usual.socket.opened(0)
    usual.socket.join(TOPIC, {}, 0)
    times = join_times(usual)
    for count in range(1, len(times)):
        peer = Peer()
        peer.socket.opened(0)
        peer.socket.join(TOPIC, {}, 0)
        left = count
        while left:  # the last of these refusals leaves a deadline behind
            left -= sum(frame.event == "phx_join" for frame in refuse_joins(peer))
            if left:
                peer.tick(peer.now + 0.1)
        peer.socket.lost()
        peer.socket.opened(peer.now)
        assert join_times(peer) == times
