"""Proves ``agentbot/state/export.py``: records, memories and plans as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentbot.state.export import (
    aware,
    fired_from_json,
    fired_to_json,
    json_lines,
    plan_from_json,
    record_from_json,
    record_to_json,
    to_json,
)
from agentbot.state.store import TurnRecord
from tests.support.states import START

_TEXT = st.text(st.characters())
_JSON = st.dictionaries(
    _TEXT, st.recursive(st.none() | st.booleans() | st.integers() | _TEXT, st.lists, max_leaves=5)
)
_TIMES = st.datetimes(timezones=st.just(UTC))
RECORDS = st.builds(
    TurnRecord,
    conversation_id=_TEXT,
    message_ids=st.lists(_TEXT).map(tuple),
    question=_TEXT,
    answer=st.none() | _TEXT,
    received_at=_TIMES,
    settled_at=_TIMES,
    turn=_JSON,
    decision=_JSON,
    cost=st.dictionaries(_TEXT, st.floats(allow_nan=False)),
)


@given(RECORDS)
def test_a_record_survives_json(record: TurnRecord) -> None:
    """One line, ASCII, whatever a customer wrote."""
    line = record_to_json(record)
    assert line.isascii()
    assert "\n" not in line
    assert "\x00" not in line
    assert record_from_json(line) == record


@given(RECORDS)
def test_keys_of_a_later_version_are_left_out(record: TurnRecord) -> None:
    """A journal written by the next version is read all the same."""
    line = json.dumps({**json.loads(record_to_json(record)), "mood": "sunny"})
    assert record_from_json(line) == record


@given(RECORDS)
async def test_an_export_is_json_lines(record: TurnRecord) -> None:
    """Each record is one line."""

    async def records() -> AsyncIterator[TurnRecord]:
        yield record
        yield record

    lines = [line async for line in json_lines(records())]
    assert lines == [record_to_json(record) + "\n"] * 2


def test_a_naive_time_is_utc() -> None:
    """As Papercups' ``created_at`` is."""
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the case
    record = TurnRecord(
        conversation_id="c", customer_id=None, message_ids=(), outcome="silent",
        reason_code="", reason="", by=None, source=None, question="", answer=None,
        reply_id=None, received_at=naive, settled_at=START, turn={"at": naive},
    )  # fmt: skip
    kept = json.loads(record_to_json(record))
    assert kept["received_at"] == kept["turn"]["at"] == "2026-01-01T00:00:00+00:00"


class _Strange:
    """What no JSON has a word for."""

    def __str__(self) -> str:
        return "strange"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, 2.5, None, True]}, '{"a":[1,2.5,null,true]}'),
        (MappingProxyType({"a": 1}), '{"a":1}'),
        ((1, 2), "[1,2]"),
        ({"one"}, '["one"]'),
        (iter("ab"), '["a","b"]'),
        (datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), f'"{START.isoformat()}"'),
        (b"ab", "\"b'ab'\""),
        (bytearray(b"ab"), "\"bytearray(b'ab')\""),
        (_Strange(), '"strange"'),
        ("ü\x00\ud83d", '"\\u00fc\\u0000\\ud83d"'),
    ],
)
def test_anything_can_be_written(value: object, text: str) -> None:
    """In ASCII, without blanks; what JSON has no word for, as what comes nearest, or as text."""
    assert to_json(value) == text


def test_a_view_of_memory_is_text() -> None:
    """Not a list of numbers."""
    assert to_json(memoryview(b"ab")).startswith('"<memory at ')


def test_times_are_brought_to_utc() -> None:
    """Whatever zone they are in; none is Papercups' own."""
    moved = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert aware(moved).isoformat() == START.isoformat()
    assert aware(START.replace(tzinfo=None)) == START


def test_fired_rules_come_back() -> None:
    """To the microsecond; none at all is no text."""
    fired = {"greeting": START, "hours": START + timedelta(microseconds=1)}
    assert fired_from_json(fired_to_json(fired)) == fired
    assert fired_to_json({}) is None
    assert fired_from_json(None) == {}
    assert fired_from_json("") == {}


def test_a_plan_comes_back() -> None:
    """An empty one is one; none is none."""
    assert plan_from_json(to_json({"sent": True})) == {"sent": True}
    assert plan_from_json("{}") == {}
    assert plan_from_json(None) is None
