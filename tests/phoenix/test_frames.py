"""The wire format."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.errors import LocalProtocolError, RemoteProtocolError
from agentbot.phoenix.frames import VSN, Frame, decode, encode

refs = st.none() | st.text()
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.builds(Frame, refs, refs, st.text(), st.text(), json))
def test_what_is_encoded_can_be_decoded(frame: Frame) -> None:
    """A frame survives the wire unchanged, as text and as bytes."""
    assert decode(encode(frame)) == frame
    assert decode(encode(frame).encode()) == frame


@pytest.mark.parametrize(
    "data",
    ["", "not json", "[1,2]", '{"topic":"phoenix"}', '[1,null,"t","e",{}]', b"\xff\x00", "\ud800"],
)
def test_what_is_no_frame_is_the_peers_fault(data: str | bytes) -> None:
    """Anything but an array of five raises an error that shows how the data began."""
    with pytest.raises(RemoteProtocolError) as caught:
        decode(data)
    assert len(caught.value.excerpt) <= 200


def test_a_payload_that_is_no_json_is_our_fault() -> None:
    """A payload that JSON cannot hold is refused before it is sent, and named by its event."""
    with pytest.raises(LocalProtocolError, match="shout on room:1"):
        encode(Frame("1", "2", "room:1", "shout", object()))


def test_half_of_a_pair_of_surrogates_is_no_frame() -> None:
    """Neither as text nor in a string of the JSON."""
    for data in ("\ud800", '["\ud800"]', b'["\xed\xa0\x80"]'):
        with pytest.raises(RemoteProtocolError):
            decode(data)


def test_an_error_shows_the_beginning_of_what_broke_the_protocol() -> None:
    """Enough to know it by, and no more: a peer must not fill the log."""
    with pytest.raises(RemoteProtocolError) as caught:
        decode("x" * 10_000)
    assert "x" * 200 in str(caught.value)
    assert "x" * 201 not in str(caught.value)


def test_the_serializer_is_the_second() -> None:
    """The server is asked for it by this name; without, it speaks the first."""
    assert VSN == "2.0.0"
