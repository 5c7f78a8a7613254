"""Who is present on a topic, kept from ``presence_state`` and ``presence_diff``.

The rules are those of phoenix.js (``presence.js``): a state is a full reset, may come again at
any time, and diffs that come before the first state of a join wait for it. One key (a user) holds
one meta for each of its sockets, told apart by ``phx_ref``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from agentbot.errors import RemoteProtocolError

Metas = list[dict[str, Any]]
Roster = dict[str, Metas]

_WAITING_DIFFS = 1000
"""Diffs that may wait for a state: far more than come in the moment until it does. A server that
never sends one must not fill our memory."""


class Presence:
    """The roster of one topic."""

    __slots__ = ("_synced", "_waiting", "roster")

    def __init__(self) -> None:
        self.roster: Roster = {}
        self._synced = False
        self._waiting: deque[tuple[Roster, Roster]] = deque(maxlen=_WAITING_DIFFS)

    def rejoined(self) -> None:
        """Wait for a new state: what happened while we were away is not known."""
        self._synced = False
        self._waiting.clear()

    def state(self, payload: object) -> tuple[Roster, Roster]:
        """Take a ``presence_state`` and return who joined and who left by it.

        Raises :class:`RemoteProtocolError` where the payload is none.
        """
        fresh = _roster(payload)
        joins, leaves = {}, {}
        for key, metas in fresh.items():
            if came := _without(metas, self.roster.get(key, [])):
                joins[key] = came
        for key, metas in self.roster.items():
            if went := _without(metas, fresh.get(key, [])):
                leaves[key] = went
        self.roster = fresh
        self._synced = True
        while self._waiting:
            came_later, went_later = self._apply(*self._waiting.popleft())
            joins |= came_later
            leaves |= went_later
        return joins, leaves

    def diff(self, payload: object) -> tuple[Roster, Roster] | None:
        """Take a ``presence_diff``; return who joined and who left, ``None`` while it must wait.

        Raises :class:`RemoteProtocolError` where the payload is none.
        """
        if not isinstance(payload, dict):
            raise RemoteProtocolError("presence diff is no object", repr(payload)[:200])
        joins, leaves = _roster(payload.get("joins", {})), _roster(payload.get("leaves", {}))
        if not self._synced:
            self._waiting.append((joins, leaves))
            return None
        return self._apply(joins, leaves)

    def _apply(self, joins: Roster, leaves: Roster) -> tuple[Roster, Roster]:
        """Change the roster; return what was news in it."""
        joined, left = {}, {}
        for key, metas in joins.items():
            known = self.roster.get(key, [])
            if came := _without(metas, known):
                joined[key] = came
            self.roster[key] = _without(known, metas) + metas
        for key, metas in leaves.items():
            known = self.roster.get(key, [])
            staying = _without(known, metas)
            if len(staying) < len(known):
                left[key] = metas
            if staying:
                self.roster[key] = staying
            else:
                self.roster.pop(key, None)
        return joined, left


def _without(metas: Metas, others: Metas) -> Metas:
    """Return the metas whose ``phx_ref`` none of the others has."""
    refs = [other["phx_ref"] for other in others]
    return [meta for meta in metas if meta["phx_ref"] not in refs]


def _roster(payload: object) -> Roster:
    """Check ``{key: {"metas": [{"phx_ref": ...}]}}`` and return ``{key: metas}``."""
    if not isinstance(payload, Mapping):
        raise RemoteProtocolError("presences are no object", repr(payload)[:200])
    roster: Roster = {}
    for key, entry in payload.items():
        metas = entry.get("metas") if isinstance(entry, dict) else None
        if not isinstance(metas, list) or not all(
            isinstance(meta, dict) and isinstance(meta.get("phx_ref"), str) for meta in metas
        ):
            raise RemoteProtocolError("presence without metas", repr(entry)[:200])
        if metas:
            roster[key] = metas
    return roster
