"""Journal records and memories as JSON, for ``state export`` and for the tables."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from agentbot.state.store import JsonObject, TurnRecord

_TIMES = frozenset({"received_at", "settled_at", "seen_at"})


def aware(at: datetime) -> datetime:
    """Return ``at`` in UTC. A naive time is taken as UTC, as Papercups' ``created_at`` is."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def to_json(value: object) -> str:
    """Return ``value`` as JSON in ASCII.

    What JSON has no word for is written as text: a strange object in a trace must not keep a turn
    from being settled after its reply has left.
    """
    return _ENCODER.encode(value)


def plain(value: object) -> object:
    """Return what JSON has a word for, in place of something that it has none for."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return aware(value).isoformat()
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    return str(value)


def record_to_data(record: TurnRecord) -> dict[str, Any]:
    """Return the record's fields by their names."""
    return {name: getattr(record, name) for name in _FIELDS}


def record_to_json(record: TurnRecord) -> str:
    """Return the record as one line of JSON; times are ISO 8601 in UTC."""
    return to_json(record_to_data(record))


def record_from_data(data: Mapping[str, Any]) -> TurnRecord:
    """Return the record of these fields as JSON has them. Those of a later version are left out."""
    known: dict[str, Any] = {
        name: _time(data[name]) if name in _TIMES else data[name] for name in _FIELDS
    }
    known["message_ids"] = tuple(known["message_ids"])
    return TurnRecord(**known)


def _time(value: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def record_from_json(line: str) -> TurnRecord:
    """Return the record that ``record_to_json`` wrote. Keys of a later version are left out."""
    return record_from_data(json.loads(line))


async def json_lines(records: AsyncIterator[TurnRecord]) -> AsyncIterator[str]:
    """Yield each record as one line of JSON with its newline; holds one record at a time."""
    async for record in records:
        yield record_to_json(record) + "\n"


def fired_to_json(fired: Mapping[str, datetime]) -> str | None:
    """Return the times at which limited rules fired, as JSON; None where there are none."""
    return to_json({rule: aware(at) for rule, at in fired.items()}) if fired else None


def fired_from_json(text: str | None) -> dict[str, datetime]:
    """Return what ``fired_to_json`` wrote."""
    if not text:
        return {}
    return {rule: datetime.fromisoformat(at) for rule, at in json.loads(text).items()}


def plan_from_json(text: str | None) -> JsonObject | None:
    """Return a checkpointed plan, or None where there is none."""
    if text is None:
        return None
    plan: JsonObject = json.loads(text)
    return plan


_ENCODER = json.JSONEncoder(default=plain, separators=(",", ":"))
_FIELDS = tuple(one.name for one in fields(TurnRecord))
