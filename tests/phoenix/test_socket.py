"""The socket: what it sends and says, step by step."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import pytest

from agentbot.errors import LocalProtocolError, PushNotSent, RemoteProtocolError
from agentbot.phoenix import events
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import Frame, decode, encode
from agentbot.phoenix.options import SocketOptions
from agentbot.phoenix.socket import Socket

TOPIC = "room:1"


class Peer:
    """A socket and the other end of its connection."""

    def __init__(self, **options: float) -> None:
        self.now = 0.0
        self.socket = Socket(random=lambda: 0.5, options=SocketOptions(**options))  # type: ignore[arg-type]  # whole ones

    def sent(self) -> list[Frame]:
        """Return what has been sent since the last look."""
        return [decode(text) for text in self.socket.data_to_send()]

    def tell(
        self,
        event: str,
        payload: object = None,
        *,
        ref: str | None = None,
        join_ref: str | None = None,
        topic: str = TOPIC,
    ) -> list[events.Event]:
        """Let a frame come."""
        frame = Frame(join_ref, ref, topic, event, payload or {})
        return self.socket.receive(encode(frame), self.now)

    def reply(
        self,
        ref: str,
        response: object = None,
        *,
        status: str = "ok",
        join_ref: str | None = None,
        topic: str = TOPIC,
    ) -> list[events.Event]:
        """Let an answer come."""
        payload = {"status": status, "response": response}
        return self.tell("phx_reply", payload, ref=ref, join_ref=join_ref, topic=topic)

    def refuse(self, ref: str, reason: str, *, join_ref: str | None = None) -> list[events.Event]:
        """Let a refusal come."""
        return self.reply(ref, {"reason": reason}, status="error", join_ref=join_ref)

    def tick(self, now: float) -> list[events.Event]:
        """Let time pass to ``now``."""
        self.now = now
        return self.socket.tick(now)

    def join(self) -> str:
        """Join, be let in, and return the ref of the join."""
        self.socket.join(TOPIC, {}, self.now)
        if not self.socket.is_open:
            self.socket.opened(self.now)
        [join] = self.sent()
        assert join.ref is not None
        joined = self.reply(join.ref, join_ref=join.ref)
        assert joined == [events.ChannelJoined(TOPIC, None, rejoined=False)]
        return join.ref


@pytest.fixture
def peer() -> Peer:
    """A socket on an open connection."""
    peer = Peer()
    peer.socket.opened(0)
    return peer


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


@pytest.mark.parametrize("reason", ["Unauthorized", "unauthorized", "unmatched topic"])
def test_a_refusal_that_time_does_not_mend_is_final(peer: Peer, reason: str) -> None:
    """The topic is given up, and may be joined anew."""
    peer.socket.join(TOPIC, {}, 0)
    assert peer.refuse("1", reason) == [events.JoinRefused(TOPIC, reason, final=True)]
    assert peer.socket.state(TOPIC) is ChannelState.CLOSED
    peer.socket.join(TOPIC, {}, 0)


def test_a_crashed_join_is_tried_again_a_few_times(peer: Peer) -> None:
    """It may have been a bad moment, or a bad id."""
    peer.socket.join(TOPIC, {}, 0)
    refused: list[events.Event] = []
    for _ in range(5):
        [join] = [frame for frame in peer.sent() if frame.event == "phx_join"]
        refused += peer.refuse(join.ref or "", "join crashed", join_ref=join.ref)
        peer.tick(peer.now + 13)
        peer.reply("", topic="phoenix")
    assert [event.final for event in refused if isinstance(event, events.JoinRefused)] == [
        *[False] * 4,
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


def test_joins_are_paced() -> None:
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


def test_who_leaves_before_his_turn_to_join_leaves_nothing_behind() -> None:
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
