"""One topic on one socket: its state, its current join, its presence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from agentbot.phoenix.frames import PRESENCE_STATE, Frame
from agentbot.phoenix.presence import Presence, Roster
from agentbot.phoenix.push import Deadline, Waiting

Payload = Mapping[str, Any]
PayloadFactory = Callable[[], Payload]

MAX_REFUSALS = 10
"""Refusals in a row after which a topic is given up. Any other reason (`join crashed`, say) may be
a bad moment, or a bad id; ten attempts take more than a minute, as long as a server without free
database connections may need to come round."""

# phoenix.js, `rejoinAfterMs`: seconds before the first, second, ... attempt to join again.
_REJOIN_AFTER = (1.0, 2.0, 5.0, 10.0)

# Reasons of a refused join that no second attempt changes: `unmatched topic` comes from Phoenix
# itself, `unauthorized` is what its generated channels say.
_FINAL_REASONS = frozenset({"unauthorized", "unmatched topic"})


class ChannelState(Enum):
    """The states of phoenix.js (``channel.js``)."""

    CLOSED = "closed"
    JOINING = "joining"
    JOINED = "joined"
    LEAVING = "leaving"
    ERRORED = "errored"


class Channel:
    """A topic that we want to be on. Small, because there may be ten thousand.

    ``join_ref`` is the ref of the join now under way or in force, ``None`` while a join waits
    for its turn or for the connection. ``is_hurried``: somebody waits for it. ``tries`` counts the
    joins that failed since the last good one.
    """

    __slots__ = (
        "_payload",
        "is_hurried",
        "join_ref",
        "joined_before",
        "leave_ref",
        "presence",
        "state",
        "topic",
        "tries",
    )

    def __init__(self, topic: str, payload: Payload | PayloadFactory) -> None:
        self.topic = topic
        self._payload = payload
        self.state = ChannelState.CLOSED
        self.join_ref: str | None = None
        self.leave_ref: str | None = None
        self.joined_before = False
        self.is_hurried = False
        self.tries = 0
        self.presence: Presence | None = None

    @property
    def payload(self) -> Payload:
        """The join's payload, made afresh where it was given as a callable."""
        return self._payload() if callable(self._payload) else self._payload

    def is_stale(self, frame: Frame) -> bool:
        """Say whether the frame belongs to an earlier join. Broadcasts have none and pass."""
        return frame.join_ref is not None and frame.join_ref != self.join_ref

    def queued(self) -> None:
        """Wait for a join to be sent."""
        self.state = ChannelState.JOINING
        self.join_ref = None

    def joining(self, ref: str) -> None:
        """Take note that a join with this ref has been sent."""
        self.state = ChannelState.JOINING
        self.join_ref = ref
        if self.presence is not None:
            self.presence.rejoined()

    def joined(self) -> bool:
        """Take note that the join was accepted; return whether it was joined before."""
        before, self.joined_before = self.joined_before, True
        self.is_hurried = False
        self.state = ChannelState.JOINED
        self.tries = 0
        return before

    def leaving(self, ref: str) -> None:
        """Take note that a leave with this ref has been sent."""
        self.state = ChannelState.LEAVING
        self.leave_ref = ref

    def errored(self) -> None:
        """Take note that the channel is gone on the server, or was never there."""
        self.state = ChannelState.ERRORED
        self.join_ref = None
        self.tries += 1

    def waits_for(self, deadline: Deadline) -> bool:
        """Say whether what the deadline is for is still waited for."""
        if deadline.kind is Waiting.REJOIN:
            return self.state is ChannelState.ERRORED and self.tries == deadline.token
        waiting = ChannelState.JOINING if deadline.kind is Waiting.JOIN else ChannelState.LEAVING
        return self.state is waiting and self.join_ref == deadline.token

    def take_presence(self, frame: Frame) -> tuple[Roster, Roster] | None:
        """Take who is present, or has come and gone; return joins and leaves, if any are known yet.

        Raises :class:`RemoteProtocolError` where the payload is neither.
        """
        if self.presence is None:
            self.presence = Presence()
        if frame.event == PRESENCE_STATE:
            return self.presence.state(frame.payload)
        return self.presence.diff(frame.payload)

    def gives_up(self, reason: str) -> bool:
        """Say whether a join refused for this reason should not be tried again."""
        return reason.lower() in _FINAL_REASONS or self.tries + 1 >= MAX_REFUSALS

    def rejoin_delay(self, random: float) -> float:
        """Return the seconds to wait before the next join.

        ``random`` in [0, 1) spreads the delay over three quarters to five quarters, so that
        channels that broke together do not all come back in one moment.
        """
        base = _REJOIN_AFTER[min(self.tries, len(_REJOIN_AFTER)) - 1]
        return base * (0.75 + random / 2)
