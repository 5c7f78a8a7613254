"""How frames are written (`dialects.py`): each dialect says the same."""

from __future__ import annotations

import orjson
import pytest

from tests.bench.speed.dialects import ARRAYS, ENVELOPED, OBJECTS, Dialect, dialect_of

_SENT = {"topic": "t", "event": "shout", "payload": {"a": 1}, "ref": "4", "join_ref": "3"}


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        (ARRAYS, ["3", "4", "t", "shout", {"a": 1}]),
        (OBJECTS, _SENT),
        (ENVELOPED, {**_SENT, "topic": "realtime:t"}),
    ],
)
def test_what_is_sent_is_read_the_same(dialect: Dialect, data: object) -> None:
    """Whatever it is written in."""
    assert dialect.read(orjson.dumps(data)) == ["3", "4", "t", "shout", {"a": 1}]


def test_a_broadcast_says_the_same_in_each() -> None:
    """In Supabase's it stands in an envelope of its own."""
    told = [orjson.loads(one.broadcast("t", "shout", b'{"a":1}')) for one in (ARRAYS, OBJECTS)]
    enveloped = orjson.loads(ENVELOPED.broadcast("t", "shout", b'{"a":1}'))

    assert told[0] == [None, None, "t", "shout", {"a": 1}]
    assert told[1] == {"event": "shout", "payload": {"a": 1}, "ref": None, "topic": "t"}
    assert (enveloped["topic"], enveloped["event"]) == ("realtime:t", "broadcast")
    assert enveloped["payload"] == {"event": "shout", "payload": {"a": 1}, "type": "broadcast"}


def test_an_address_says_which_it_wants() -> None:
    """By ``vsn``, as Papercups has it; without one it is the older form."""
    assert dialect_of({"vsn": ["2.0.0"]}) is ARRAYS
    assert dialect_of({}) is OBJECTS
    assert dialect_of({"vsn": ["1.0.0"], "enveloped": ["1"]}) is ENVELOPED
