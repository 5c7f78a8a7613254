"""From bytes to values: every framing that servers use, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.pipeline.llm.wire import MAX_BYTES, Done, Malformed, Reader


def come(*pieces: bytes) -> list[object]:
    """What these pieces amount to."""
    reader = Reader()
    return [*chain.from_iterable(map(reader.feed, pieces)), *reader.end()]


ONE, TWO = {"a": 1}, {"b": "ä"}


@pytest.mark.parametrize(
    "sent",
    [
        'data: {"a": 1}\n\ndata: {"b": "ä"}\n\ndata: [DONE]\n\n',
        'data:{"a": 1}\r\n\r\n: KEEP-ALIVE\r\n\r\ndata:{"b": "ä"}\r\n\r\ndata:[DONE]\r\n\r\n',
        'data: {"a": 1}\rdata: {"b": "ä"}\rdata: [DONE]\r',
        'data: {"a":\ndata: 1}\n\ndata: {"b": "ä"}\n\ndata: "[DONE]"\n\n',
        '\ufeffid: 1\nevent: message\nretry: 3\ndata: {"a": 1}\n\n\ndata: {"b": "ä"}\ndata: [DONE]',
        '{"a": 1}\n{"b": "ä"}\n',
    ],
    ids=["usual", "CRLF", "CR, no blanks", "two lines", "all fields", "lines of JSON"],
)
def test_all_framings_hold_the_same(sent: str) -> None:
    """Whatever stands around the values, and wherever the network cuts."""
    data = sent.encode()
    for cut in range(len(data)):
        assert come(data[:cut], data[cut:]) == [ONE, TWO, Done()]


def test_one_body_is_whole() -> None:
    """A server that ignores the wish for a stream has answered."""
    assert come(b'\xef\xbb\xbf {\n  "a":', b" 1\n}\n") == [ONE, Done()]
    assert come(b"") == []


def test_an_error_by_its_events_name() -> None:
    """It comes as other errors do, also without the field's name before it."""
    sent = b'event: error\ndata: {"message": "no"}\n\n'
    assert come(sent) == [{"error": {"message": "no"}}]
    sent = b'event: error\ndata: {"error": "no"}\n\n'
    assert come(sent) == [{"error": "no"}]
    sent = b'data: {"a": 1}\n\n{"error": "no"}\n'
    assert come(sent) == [ONE, {"error": "no"}]


def test_what_came_before_nonsense_is_there() -> None:
    """One event that cannot be read takes none of the others with it."""

    reading = Reader().feed(b'data: {"a": 1}\n\ndata: {oops\n\n')
    assert next(reading) == ONE
    with pytest.raises(Malformed, match="oops"):
        next(reading)


def test_what_follows_the_end_is_dropped() -> None:
    """The server has said that nothing does."""
    assert come(b"data: [DONE]\n\ndata: {oops\n\n", b"data: 1\n") == [Done()]


def test_what_only_one_reader_of_json_takes_is_taken() -> None:
    """Half of a sign, whose other half comes with the next token; and what is no number."""
    assert come(b'data: "\\ud83d"\n', b"data: [NaN]\n")[0] == "\ud83d"


def test_a_web_page_is_named() -> None:
    """It is what a proxy shows."""
    with pytest.raises(Malformed, match="<html>Sign in"):
        come(b"<html>Sign in")


@pytest.mark.parametrize("piece", [b": still loading\n", b"x" * 100, b'data: "' + b"x" * 100])
def test_an_endless_answer_is_bounded(piece: bytes) -> None:
    """A server that never stops does not fill the memory."""
    with pytest.raises(Malformed, match="bytes"):
        come(*[piece] * (MAX_BYTES // len(piece) + 1))


@given(st.lists(st.binary(), max_size=5))
def test_any_bytes_are_values_or_malformed(pieces: list[bytes]) -> None:
    """No other error."""
    with suppress(Malformed):
        assert isinstance(come(*pieces), list)
