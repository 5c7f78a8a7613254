"""What was shouted lately, by which a second copy is known before it is read.

Papercups broadcasts each message on `conversation:` and on `notification:`, once each and with the
same content, and whoever has joined both gets both. To read a shout costs several times what it
costs to look at its id.
"""

from __future__ import annotations

from typing import Any

import orjson

from agentbot.latest import Latest

_REMEMBERED = 2_000
"""Messages remembered. Two copies lie some milliseconds apart, in which no account has as many; a
copy that comes later is read like any other."""


class Heard:
    """The messages that were read from shouts, the last ``remembered`` of them.

    A copy is left out only where nothing would be lost by it: one like it has been read. What came
    first and could not be read is not noted, and a copy that says something else is no copy.
    """

    def __init__(self, *, remembered: int = _REMEMBERED) -> None:
        self._said: Latest[str, int] = Latest(remembered)

    def has(self, shout: object) -> bool:
        """Say whether a shout that says the same was noted."""
        if not isinstance(shout, dict):
            return False
        id_ = shout.get("id")
        return isinstance(id_, str) and id_ in self._said and self._said[id_] == _digest(shout)

    def note(self, shout: dict[str, Any]) -> None:
        """Note a shout that was read: it has an id."""
        id_, digest = shout["id"], _digest(shout)
        if digest is not None:
            self._said[id_] = digest


def _digest(shout: dict[str, Any]) -> int | None:
    """Return a number for all that a message says, None where that is too strange to compare.

    Who wrote it is told by ids; what else is known of them is not the message's.
    """
    get = shout.get
    metadata, attachments = get("metadata"), get("attachments")
    try:
        return hash(
            (
                get("conversation_id"),
                get("body"),
                get("type"),
                get("private"),
                get("user_id"),
                get("customer_id"),
                get("created_at"),
                get("seen_at"),
                orjson.dumps((metadata, attachments)) if metadata or attachments else None,
            )
        )
    except TypeError:
        return None
