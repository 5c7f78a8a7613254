"""Cursor pages of conversations, with the flaw of the real ones.

Conversations without a message sort first, and a cursor taken from one of them compares ids
alone, so the pages after it leave out conversations that ``total`` counts
[T: paging_with_empty_conversations].
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from agentbot.devserver.store.records import Conversation

MAX_LIMIT = 50
"""Conversations on one page at most, whatever is asked for [S]."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``next`` and ``previous`` are cursors."""

    conversations: list[Conversation]
    next: str | None
    previous: str | None
    limit: int
    total: int


def page_of(found: Sequence[Conversation], *, limit: int | None, after: str | None) -> Page:
    """Return the page of ``found`` after the cursor. Raises :class:`ValueError` for a bad one."""
    size = MAX_LIMIT if limit is None else max(1, min(limit, MAX_LIMIT))
    rows = sorted(found, key=lambda one: one.id, reverse=True)
    rows.sort(key=lambda one: _seconds(one.last_activity_at), reverse=True)
    if after is not None:
        activity, cursor_id = _read(after)
        rows = [one for one in rows if _follows(one, activity, cursor_id)]
    shown = rows[:size]
    return Page(
        conversations=shown,
        next=_cursor(shown[-1]) if len(rows) > size else None,
        previous=_cursor(shown[0]) if after is not None and shown else None,
        limit=size,
        total=len(found),
    )


def _seconds(moment: datetime | None) -> float:
    return float("inf") if moment is None else moment.timestamp()


def _follows(one: Conversation, activity: float | None, cursor_id: str) -> bool:
    if activity is None:
        return one.id < cursor_id
    if one.last_activity_at is None:
        return False
    mine = one.last_activity_at.timestamp()
    return mine < activity or (mine == activity and one.id < cursor_id)


def _cursor(one: Conversation) -> str:
    activity = None if one.last_activity_at is None else one.last_activity_at.timestamp()
    return urlsafe_b64encode(orjson.dumps([activity, one.id])).decode()


def _read(cursor: str) -> tuple[float | None, str]:
    match orjson.loads(urlsafe_b64decode(cursor)):
        case [None | float() as activity, str() as cursor_id]:
            return activity, cursor_id
    msg = "not a cursor of ours"
    raise ValueError(msg)
