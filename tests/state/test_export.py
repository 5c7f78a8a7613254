"""Journal records as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from agentbot.state.export import json_lines, record_from_json, record_to_json
from agentbot.state.store import TurnRecord
from tests.support.states import START

_TEXT = st.text(st.characters())
_JSON = st.dictionaries(
    _TEXT, st.recursive(st.none() | st.booleans() | st.integers() | _TEXT, st.lists, max_leaves=5)
)
_TIMES = st.datetimes(timezones=st.just(UTC))
_RECORDS = st.builds(
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


@given(_RECORDS)
def test_a_record_survives_json(record: TurnRecord) -> None:
    """One line, ASCII, whatever a customer wrote."""
    line = record_to_json(record)
    assert line.isascii()
    assert "\n" not in line
    assert "\x00" not in line
    assert record_from_json(line) == record


@given(_RECORDS)
def test_keys_of_a_later_version_are_left_out(record: TurnRecord) -> None:
    """A journal written by the next version is read all the same."""
    line = json.dumps({**json.loads(record_to_json(record)), "mood": "sunny"})
    assert record_from_json(line) == record


@given(_RECORDS)
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
