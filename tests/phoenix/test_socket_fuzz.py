"""Whatever the peer sends."""

from __future__ import annotations

from contextlib import suppress

import orjson
from hypothesis import given
from hypothesis import strategies as st

from agentbot.errors import RemoteProtocolError
from agentbot.phoenix.channel import ChannelState
from agentbot.phoenix.frames import decode
from agentbot.phoenix.socket import Socket

json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
metas = st.lists(st.fixed_dictionaries({"phx_ref": st.sampled_from("xyz")}) | json, max_size=3)
roster = st.dictionaries(
    st.sampled_from(["user:1", "user:2"]), st.fixed_dictionaries({"metas": metas})
)
payloads = st.one_of(
    json,
    roster,
    st.fixed_dictionaries({"joins": roster | json, "leaves": roster | json}),
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(["ok", "error"]) | json,
            "response": st.fixed_dictionaries({"reason": st.just("unmatched topic") | json}) | json,
        }
    ),
)
refs = st.none() | st.sampled_from(["1", "2", "3", "4", "5"]) | st.text(max_size=3)
events = st.sampled_from(
    ["phx_reply", "phx_error", "phx_close", "presence_state", "presence_diff", "shout"]
)
topics = st.sampled_from(["joined", "joining", "leaving", "other", "phoenix"])
near_frames = st.tuples(refs, refs, topics, events, payloads).map(orjson.dumps)


def busy_socket() -> Socket:
    """Return a socket with channels in several states and a push under way."""
    socket = Socket(random=lambda: 0.5)
    socket.opened(0)
    for topic in ("joined", "leaving", "joining"):
        socket.join(topic, {}, 0)
    for text in socket.data_to_send()[:2]:
        join = decode(text)
        reply = (join.join_ref, join.ref, join.topic, "phx_reply", {"status": "ok", "response": {}})
        socket.receive(orjson.dumps(reply), 0)
    socket.push("joined", "ping", {}, now=0, timeout=5)
    socket.leave("leaving", 0)
    return socket


@given(st.lists(near_frames | st.binary() | st.text(), max_size=12))
def test_no_bytes_raise_anything_but_a_protocol_error(peer_says: list[str | bytes]) -> None:
    """And after them the socket still keeps time and can be lost and opened."""
    socket = busy_socket()
    for now, data in enumerate(peer_says):
        with suppress(RemoteProtocolError):
            socket.receive(data, now)
    for _ in range(50):
        when = socket.next_deadline()
        assert when is not None
        socket.tick(when)
    socket.lost()
    socket.opened(1000)
    for text in socket.data_to_send():
        assert decode(text).event == "phx_join"
    assert all(socket.state(topic) is ChannelState.JOINING for topic in socket.topics)
