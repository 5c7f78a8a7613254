"""What can speak against an answer, and what follows from each: one table.

An answer is thought out and sent while the world goes on. Everything that may come between is one
of these objections. Who finds one does not decide what to do about it: the table does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from agentbot.pipeline.decision import Reason, Silence


class Consequence(Enum):
    """What becomes of a turn to whose answer something objects."""

    TAKE_ANEW = auto()
    """Read the conversation again, and decide again."""
    HAND_BACK = auto()
    """Give the claim back unsettled: another replica, or the next start, takes the turn."""
    KEEP_SILENT = auto()
    """Settle the turn without a word, for this reason."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a turn may not be answered now, and what follows from it."""

    reason: Reason
    consequence: Consequence


def _objection(code: str, text: str, consequence: Consequence) -> Objection:
    return Objection(Reason(code, text), consequence)


LEASE_LOST = _objection(
    "lease_lost", "the claim has run out, or another replica has it", Consequence.HAND_BACK
)
DRAINING = _objection("draining", "the bot stops, and no time is left", Consequence.HAND_BACK)
PERSON = _objection("person", "a person has written meanwhile", Consequence.KEEP_SILENT)
CLOSED = _objection("closed", "the conversation was closed meanwhile", Consequence.KEEP_SILENT)
# Whether an assignment keeps the bot out is the policy's to say, once all of it has been read.
ASSIGNED = _objection(
    "assigned", "the conversation was assigned to a person meanwhile", Consequence.TAKE_ANEW
)
SUPERSEDED = _objection("superseded", "the customer has written more", Consequence.TAKE_ANEW)
RECONNECTED = _objection(
    "reconnected", "what was read is older than the connection", Consequence.TAKE_ANEW
)
CHANGED = _objection(
    "changed", "the conversation is another's, closed or gone by now", Consequence.TAKE_ANEW
)


def of_guard(silence: Silence) -> Objection:
    """Return a guard's reason to keep out as an objection."""
    return Objection(silence.reason, Consequence.KEEP_SILENT)
