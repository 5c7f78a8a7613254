"""Journal records and memories as JSON, for the tables and for ``state export``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from agentbot.state.store import JsonObject, TurnRecord

_TIMES = frozenset({"received_at", "settled_at", "seen_at"})
_UNSEEN = '"seen_at":null}'
"""How a record ends that was not seen yet: what the databases know it by, and replace."""


def aware(at: datetime) -> datetime:
    """Return ``at`` in UTC. A naive time is taken as UTC, as Papercups' ``created_at`` is."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def to_json(value: object) -> str:
    """Return ``value`` as JSON in ASCII.

    What JSON has no word for is written as text: a strange object in a trace must not keep a turn
    from being settled after its reply has left.
    """
    return _ENCODER.encode(value)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, datetime):
        return aware(value).isoformat()
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    return str(value)


def record_to_json(record: TurnRecord) -> str:
    """Return the record as one line of JSON; times are ISO 8601 in UTC.

    ``seen_at``, which alone may be set later, stands last: see :func:`seen_in_json`.
    """
    line = to_json({name: getattr(record, name) for name in _FIELDS})
    assert record.seen_at is not None or line.endswith(_UNSEEN)  # noqa: S101 - the fields' order
    return line


def seen_in_json(seen_at: datetime) -> tuple[str, str]:
    """Return the end of a record's JSON while it was not seen, and the end that takes its place."""
    return _UNSEEN, f'"seen_at":{to_json(aware(seen_at).isoformat())}}}'


def replies_from_json(records: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the replies of these records of the journal, with the messages that each settled."""
    read = (record_from_json(record) for record in records)
    return {one.reply_id: one.message_ids for one in read if one.reply_id is not None}


def record_from_json(line: str) -> TurnRecord:
    """Return the record that ``record_to_json`` wrote. Keys of a later version are left out."""
    data: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in _TIMES and value else value
        for name, value in json.loads(line).items()
        if name in _FIELDS
    }
    data["message_ids"] = tuple(data["message_ids"])
    return TurnRecord(**data)


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


_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"))
_FIELDS = tuple(one.name for one in fields(TurnRecord))
