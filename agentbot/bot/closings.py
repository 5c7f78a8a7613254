"""When conversations were last closed, as far as it was heard.

The server forgets it as soon as a conversation is open again, and what was said before is no longer
what is spoken of. Our own closings outlive the process in the memory; a person's are lost with it.
"""

from __future__ import annotations

from datetime import datetime

from agentbot.latest import Latest
from agentbot.papercups.models import ConversationUpdates

MOST_REMEMBERED = 10_000
"""Conversations whose closing is remembered: far more than are closed and opened again within the
hours in which what was said before would still count."""


class Closings:
    """The times at which conversations were last closed, by the server's clock."""

    def __init__(self, *, most_remembered: int = MOST_REMEMBERED) -> None:
        self._closed_at: Latest[str, datetime] = Latest(most_remembered)

    def heard(self, conversation_id: str, updates: ConversationUpdates) -> None:
        """Take note of what has changed in a conversation."""
        if updates.status == "closed" and updates.closed_at is not None:
            self._closed_at[conversation_id] = updates.closed_at

    def last(self, conversation_id: str) -> datetime | None:
        """Return when the conversation was last closed; None where nobody was heard to do it."""
        return self._closed_at.get(conversation_id)
