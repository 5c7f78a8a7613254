"""Who is on which topic, as Phoenix Presence shows it: one meta for each tracking process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agentbot.devserver.store.ids import Ids
from agentbot.phoenix.frames import PRESENCE_DIFF

State = dict[str, dict[str, list[dict[str, Any]]]]


@dataclass(slots=True)
class _Entry:
    """One meta of one owner."""

    owner: object
    key: str
    meta: dict[str, Any]


@dataclass(slots=True)
class PresenceTracker:
    """Who is tracked where: owners (channel processes) under keys. Broadcasts each change."""

    ids: Ids
    broadcast: Callable[[str, str, Any], None]
    _topics: dict[str, list[_Entry]] = field(default_factory=dict)

    def track(self, owner: object, topic: str, key: str, meta: dict[str, Any]) -> None:
        """Add ``owner`` under ``key`` on ``topic`` and tell everyone there."""
        entry = _Entry(owner, key, {**meta, "phx_ref": self.ids.phx_ref()})
        self._topics.setdefault(topic, []).append(entry)
        self.broadcast(topic, PRESENCE_DIFF, {"joins": _state([entry]), "leaves": {}})

    def untrack(self, owner: object, topics: list[str]) -> None:
        """Remove all that ``owner`` tracked on ``topics`` and tell everyone who is left there."""
        for topic in topics:
            entries = self._topics.get(topic, [])
            gone = [entry for entry in entries if entry.owner is owner]
            if not gone:
                continue
            rest = [entry for entry in entries if entry.owner is not owner]
            if rest:
                self._topics[topic] = rest
            else:
                del self._topics[topic]
            self.broadcast(topic, PRESENCE_DIFF, {"joins": {}, "leaves": _state(gone)})

    def state(self, topic: str) -> State:
        """Return the whole presence of ``topic``, the oldest meta of a key first."""
        return _state(self._topics.get(topic, []))


def _state(entries: list[_Entry]) -> State:
    state: State = {}
    for entry in entries:
        state.setdefault(entry.key, {"metas": []})["metas"].append(entry.meta)
    return state
